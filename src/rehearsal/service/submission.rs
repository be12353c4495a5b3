//! A result that a station reports: read, and held against the rules of manufacturing.

use crate::rehearsal::slot::Release;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::Value;

const LEVELS: [&str; 3] = ["LOT", "WIP", "SERIAL"];
const RESULTS: [&str; 3] = ["PASS", "FAIL", "REWORK"];

/// A row of process data as it will be kept: times are UTC text, JSON is text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Submission {
    pub lot_id: Option<i64>,
    pub serial_id: Option<i64>,
    pub wip_id: Option<i64>,
    pub process_id: i64,
    pub equipment_id: Option<i64>,
    pub operator_id: Option<i64>,
    pub data_level: &'static str,
    pub result: &'static str,
    pub measurements: Option<String>,
    pub defects: Option<String>,
    pub started_at: String,
    pub completed_at: Option<String>,
    pub duration_seconds: Option<i64>,
    pub notes: Option<String>,
}

impl Submission {
    /// Reads a request's body. The error names everything that is wrong with it and what would be right.
    pub(super) fn read(body: &[u8], release: Release, now: DateTime<Utc>) -> Result<Self, Vec<String>> {
        let body: Value =
            serde_json::from_slice(body).map_err(|error| vec![format!("the body is no JSON: {error}")])?;
        if !body.is_object() {
            return Err(vec!["the body must be a JSON object".to_owned()]);
        }
        let mut reader = Reader { body: &body, release, problems: Vec::new() };
        let submission = reader.submission(now);
        match (submission, reader.problems) {
            (Some(submission), problems) if problems.is_empty() => Ok(submission),
            (_, problems) => Err(problems),
        }
    }
}

struct Reader<'a> {
    body: &'a Value,
    release: Release,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn submission(&mut self, now: DateTime<Utc>) -> Option<Submission> {
        let data_level = self.one_of("data_level", &LEVELS);
        let result = self.one_of("result", &RESULTS);
        let process_id = self.number("process_id");
        if process_id.is_none() && self.body["process_id"].is_null() {
            self.problems.push("process_id is missing: name the process, 1 to 8".to_owned());
        }
        let (lot_id, serial_id) = (self.number("lot_id"), self.number("serial_id"));
        let wip_id = if self.release == Release::New { self.number("wip_id") } else { None };
        if let Some(level) = data_level {
            self.links(level, lot_id, serial_id, wip_id);
        }
        let defects = self.defects(result);
        let measurements = self.measurements();
        let known = self.problems.len();
        let started_at = self.time("started_at").unwrap_or(now);
        let occurred_at = self.problems.len() == known;
        let completed_at = self.time("completed_at");
        if occurred_at && completed_at.is_some_and(|completed| completed < started_at) {
            self.problems.push("completed_at is before started_at: a process ends after it began".to_owned());
        }
        let duration_seconds = self.number("duration_seconds");
        if duration_seconds.is_some_and(|seconds| seconds < 0) {
            self.problems.push("duration_seconds is negative: give 0 or more".to_owned());
        }
        let duration_seconds =
            duration_seconds.or_else(|| completed_at.map(|completed| (completed - started_at).num_seconds()));
        Some(Submission {
            lot_id,
            serial_id,
            wip_id,
            process_id: process_id?,
            equipment_id: self.number("equipment_id"),
            operator_id: self.number("operator_id"),
            data_level: data_level?,
            result: result?,
            measurements,
            defects,
            started_at: kept(started_at),
            completed_at: completed_at.map(kept),
            duration_seconds,
            notes: self.text("notes"),
        })
    }

    fn one_of(&mut self, name: &str, known: &[&'static str]) -> Option<&'static str> {
        let given = &self.body[name];
        let found = given.as_str().and_then(|text| known.iter().find(|word| **word == text).copied());
        if found.is_none() {
            let what = if given.is_null() { "missing".to_owned() } else { format!("{given}, which is unknown") };
            self.problems.push(format!("{name} is {what}: give {}", known.join(", ")));
        }
        found
    }

    fn number(&mut self, name: &str) -> Option<i64> {
        let given = &self.body[name];
        if !given.is_null() && given.as_i64().is_none() {
            self.problems.push(format!("{name} is {given}: give a whole number"));
        }
        given.as_i64()
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let given = &self.body[name];
        if !given.is_null() && !given.is_string() {
            self.problems.push(format!("{name} is {given}: give text"));
        }
        given.as_str().map(str::to_owned)
    }

    /// Each level hangs on something else.
    fn links(&mut self, level: &str, lot: Option<i64>, serial: Option<i64>, wip: Option<i64>) {
        let problem = match level {
            "LOT" if lot.is_none() => "data_level LOT needs lot_id",
            "LOT" if serial.is_some() || wip.is_some() => "data_level LOT takes neither serial_id nor wip_id",
            "WIP" if serial.is_none() && wip.is_none() => "data_level WIP needs wip_id or serial_id",
            "SERIAL" if serial.is_none() => "data_level SERIAL needs serial_id",
            "SERIAL" if wip.is_some() => "data_level SERIAL takes no wip_id",
            _ => return,
        };
        self.problems.push(problem.to_owned());
    }

    fn defects(&mut self, result: Option<&str>) -> Option<String> {
        let given = &self.body["defects"];
        if !given.is_null() && !given.is_array() {
            self.problems.push("defects must be a list of objects such as {\"type\": \"scratch\"}".to_owned());
            return None;
        }
        let defects = given.as_array().filter(|defects| !defects.is_empty());
        if defects.is_some_and(|defects| defects.iter().any(|defect| !defect.is_object())) {
            self.problems.push("defects must hold objects such as {\"type\": \"scratch\"}".to_owned());
        }
        match (result, defects) {
            (Some("FAIL"), None) => {
                self.problems.push("result FAIL needs defects: name at least one in `defects`".to_owned());
            }
            (Some("PASS"), Some(_)) => self
                .problems
                .push("result PASS takes no defects: leave `defects` out or report FAIL or REWORK".to_owned()),
            _ => {}
        }
        defects.map(|_| given.to_string())
    }

    fn measurements(&mut self) -> Option<String> {
        let given = &self.body["measurements"];
        if !given.is_null() && !given.is_object() {
            self.problems.push("measurements must be an object such as {\"temperature\": 36.5}".to_owned());
        }
        given.as_object().map(|_| given.to_string())
    }

    /// A time with its zone. The old release takes one without, and reads it as UTC.
    fn time(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let given = &self.body[name];
        if given.is_null() {
            return None;
        }
        let text = given.as_str().unwrap_or_default();
        let zoned = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
        let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|time| time.and_utc());
        match (zoned, naive, self.release) {
            (Some(time), _, _) | (None, Some(time), Release::Old) => Some(time),
            (None, Some(_), Release::New) => {
                self.problems.push(format!("{name} has no time zone: write it as {text}Z or with its offset"));
                None
            }
            (None, None, _) => {
                self.problems.push(format!("{name} is {given}: give a time such as 2026-11-22T14:00:07Z"));
                None
            }
        }
    }
}

/// The text that a time is kept as: UTC, to the second, in the form of `SQLite`'s own clock.
fn kept(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use serde_json::json;

    fn read(change: &Value, release: Release) -> Result<Submission, Vec<String>> {
        let mut body = json!({
            "lot_id": 1, "serial_id": 1, "process_id": 7, "equipment_id": 100, "operator_id": 9, "data_level": "SERIAL",
            "result": "PASS", "measurements": {"temperature": 21.5}, "started_at": "2026-11-22T14:00:00+02:00",
            "completed_at": "2026-11-22T12:01:30Z"
        });
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 15, 0, 0).unwrap();
        Submission::read(body.to_string().as_bytes(), release, now)
    }

    #[test]
    fn a_right_one_is_kept_in_utc_with_its_duration() {
        let submission = read(&json!({}), Release::New).unwrap();
        assert_eq!(submission.started_at, "2026-11-22 12:00:00");
        assert_eq!(submission.completed_at.as_deref(), Some("2026-11-22 12:01:30"));
        assert_eq!(submission.duration_seconds, Some(90));
        assert_eq!(submission.measurements.as_deref(), Some(r#"{"temperature":21.5}"#));
        assert_eq!(submission.defects, None);
        let scratched = json!({"result": "FAIL", "defects": [{"type": "scratch"}]});
        assert_eq!(read(&scratched, Release::New).unwrap().defects.as_deref(), Some(r#"[{"type":"scratch"}]"#));
    }

    #[test]
    fn each_rule_is_reported_with_what_would_be_right() {
        let cases = [
            (json!({"result": "FAIL"}), "result FAIL needs defects"),
            (json!({"result": "FAIL", "defects": []}), "result FAIL needs defects"),
            (json!({"defects": [{"type": "scratch"}]}), "result PASS takes no defects"),
            (json!({"result": "MAYBE"}), "result is \"MAYBE\", which is unknown: give PASS, FAIL, REWORK"),
            (json!({"result": null}), "result is missing"),
            (json!({"data_level": "UNIT"}), "data_level is \"UNIT\", which is unknown: give LOT, WIP, SERIAL"),
            (json!({"duration_seconds": -1}), "duration_seconds is negative"),
            (json!({"completed_at": "2026-11-22T11:59:59Z"}), "completed_at is before started_at"),
            (json!({"started_at": "yesterday"}), "started_at is \"yesterday\""),
            (json!({"process_id": null}), "process_id is missing"),
            (json!({"process_id": "7; DROP TABLE lots"}), "give a whole number"),
            (json!({"serial_id": null}), "data_level SERIAL needs serial_id"),
            (json!({"data_level": "LOT"}), "data_level LOT takes neither"),
            (json!({"data_level": "WIP", "serial_id": null}), "data_level WIP needs"),
            (json!({"defects": "scratch"}), "defects must be a list"),
            (json!({"measurements": 5}), "measurements must be an object"),
        ];
        for (change, expected) in cases {
            for release in [Release::Old, Release::New] {
                let problems = read(&change, release).unwrap_err();
                assert!(problems.iter().any(|problem| problem.contains(expected)), "{change}: {problems:?}");
            }
        }
    }

    #[test]
    fn only_the_new_release_asks_for_the_zone() {
        let naive = json!({"started_at": "2026-11-22T12:00:00"});
        assert_eq!(read(&naive, Release::Old).unwrap().started_at, "2026-11-22 12:00:00");
        let problems = read(&naive, Release::New).unwrap_err();
        assert_eq!(problems, ["started_at has no time zone: write it as 2026-11-22T12:00:00Z or with its offset"]);
    }

    #[test]
    fn several_problems_are_reported_at_once_and_no_body_panics() {
        assert_eq!(read(&json!({"result": "FAIL", "duration_seconds": -5}), Release::New).unwrap_err().len(), 2);
        for body in ["", "[]", "null", "{", "{\"result\": {}}", "5"] {
            assert!(Submission::read(body.as_bytes(), Release::New, Utc::now()).is_err(), "{body}");
        }
    }
}
