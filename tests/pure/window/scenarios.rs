//! The rules of the window as scenario files: given people, sessions and times, what happens, what is refused and how it
//! stands. Each file in `scenarios/` is one flight on the checklist beside it; its steps read from top to bottom.
//!
//! ```toml
//! [[step]]
//! after = "30s"                    # time that passes first; "back 1h" sets the clock back
//! by = "Ada"                       # the person, and the session they sit in
//! session = "a"
//! ask = "hold-clock"               # an intent, with its fields in `with`
//! with = { reason = "…" }
//! refused = "part of the sentence" # otherwise it must be granted
//! stands = { clock = "…" }         # afterwards
//! ```

use super::flight::{self, Flight};
use gonogo::checklist::offset::{Offset, Span};
use gonogo::deployment::fact::{Approval, Waiver};
use gonogo::deployment::poll::Answer;
use gonogo::deployment::rollback::Ending;
use gonogo::deployment::seat::Seat;
use gonogo::deployment::{Intent, Refusal, Seq, Verdict};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What the file is about.
    #[expect(dead_code, reason = "for those who read the file")]
    about: String,
    step: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default)]
    after: Option<String>,
    #[serde(default = "ada")]
    by: String,
    #[serde(default = "session_a")]
    session: String,
    #[serde(default)]
    ask: Option<String>,
    #[serde(default)]
    with: toml::Table,
    #[serde(default)]
    refused: Option<String>,
    #[serde(default)]
    stands: BTreeMap<String, String>,
}

fn ada() -> String {
    "Ada".into()
}

fn session_a() -> String {
    "a".into()
}

impl Step {
    fn text(&self, key: &str) -> String {
        self.some(key).unwrap_or_default()
    }

    fn some(&self, key: &str) -> Option<String> {
        self.with.get(key).map(|value| value.as_str().unwrap().to_owned())
    }

    fn number(&self, key: &str) -> Option<u64> {
        self.with.get(key).map(|value| value.as_integer().unwrap().unsigned_abs())
    }

    fn verdict(&self) -> Verdict {
        match self.text("verdict").as_str() {
            "fail" => Verdict::Fail,
            "inconclusive" => Verdict::Inconclusive,
            _ => Verdict::Pass,
        }
    }

    fn carry_out(&self, flight: &mut Flight) -> Result<usize, Refusal> {
        let Some(ask) = &self.ask else { return Ok(0) };
        let intent = match ask.as_str() {
            // Not intents, but what happens around them.
            "prepare" => {
                flight.prepare(&self.by, &self.session);
                return Ok(0);
            }
            "die" => {
                flight.lock = None;
                return Ok(0);
            }
            "attempt" => {
                let took = self.number("took").unwrap_or(1_000);
                return flight.attempt(&self.by, &self.session, &self.text("item"), self.verdict(), took).map(|()| 1);
            }
            "start-attempt" => return flight.start(&self.by, &self.session, &self.text("item")),
            "finish-attempt" => Intent::FinishAttempt {
                attempt: flight.state.attempts.last().unwrap().number,
                outcome: flight::outcome(self.verdict(), self.number("took").unwrap_or(1_000)),
            },
            other => self.intent(other, flight.state.asking.last().copied().unwrap_or_default()),
        };
        flight.ask(&self.by, &self.session, intent)
    }

    fn intent(&self, ask: &str, last_alert: Seq) -> Intent {
        let reason = || self.text("reason");
        let ending = || if self.some("failed").is_some() { Ending::Failed } else { Ending::Aborted };
        let time = |key: &str| self.some(key).map(|text| text.parse().unwrap());
        let offset = |key: &str| self.some(key).map(|text| Offset::parse(&text).unwrap());
        match ask {
            "take-seat" => Intent::TakeSeat {
                seat: match self.text("seat").as_str() {
                    "observer" => Seat::Observer,
                    "reviewer" => Seat::Reviewer,
                    "on-call" => Seat::OnCall,
                    _ => Seat::Captain,
                },
            },
            "take-over" => Intent::TakeOverSeat { reason: reason() },
            "hand-over" => Intent::HandOverSeat { to: self.text("to"), word: self.text("word") },
            "leave-seat" => Intent::LeaveSeat,
            "report-empty" => Intent::ReportSeatEmpty,
            "plan-window" => Intent::PlanWindow { zero: time("zero").unwrap(), end: time("end") },
            "start-clock" => {
                Intent::StartClock { from: offset("from"), pace: self.number("pace").unwrap_or(1).try_into().unwrap() }
            }
            "hold-clock" => Intent::HoldClock { reason: reason() },
            "resume-clock" => Intent::ResumeClock { reason: self.some("reason") },
            "assign-role" => Intent::AssignRole {
                group: "crew".into(),
                role: self.text("role").as_str().into(),
                person: self.text("to"),
            },
            "release-role" => {
                Intent::ReleaseRole { group: "crew".into(), role: self.text("role").as_str().into(), reason: reason() }
            }
            "request-override" => {
                Intent::RequestOverride { phase: self.text("phase").as_str().into(), reason: reason() }
            }
            "confirm-override" => {
                Intent::ConfirmOverride { phase: self.text("phase").as_str().into(), word: self.text("word") }
            }
            "open-poll" => Intent::OpenPoll { reason: self.some("reason") },
            "answer" => Intent::AnswerPoll {
                station: self.text("station"),
                answer: match self.text("answer").as_str() {
                    "go" => Answer::Go,
                    "no-go" => Answer::NoGo,
                    _ => Answer::Abstain,
                },
                reason: self.some("reason"),
            },
            "decide" => {
                let decision = if self.text("decision") == "go" { Approval::Go } else { Approval::NoGo };
                Intent::Decide { decision, reason: reason() }
            }
            "reopen" => Intent::ReopenDecision { reason: reason() },
            "sense" => Intent::ReportSensed {
                item: self.text("item").as_str().into(),
                verdict: self.verdict(),
                detail: reason(),
                measured: Vec::new(),
                failures: self.number("failures").unwrap_or(0).try_into().unwrap(),
            },
            "acknowledge" => {
                Intent::Acknowledge { record: self.number("record").map_or(last_alert, Seq), note: self.some("note") }
            }
            "abort" => Intent::Abort { ending: ending(), reason: reason() },
            "begin-rollback" => Intent::BeginRollback { ending: ending(), reason: reason() },
            "end-rollback" => Intent::EndRollback { note: self.some("note") },
            "close" => Intent::Close { note: self.some("note") },
            "tick" => Intent::CheckItem { item: self.text("item").as_str().into(), note: None },
            "evaluate" => Intent::EvaluateItem { item: self.text("item").as_str().into() },
            "waive" => Intent::WaiveItem {
                item: self.text("item").as_str().into(),
                how: Waiver::Overridden,
                reason: reason(),
                until: None,
            },
            "note" => Intent::AddNote { item: None, text: reason() },
            "sign" => Intent::Sign {
                group: "crew".into(),
                role: self.text("role").as_str().into(),
                name: self.by.clone(),
                decision: Approval::Go,
                comment: None,
            },
            unknown => panic!("no intent is called `{unknown}`"),
        }
    }
}

fn fly(path: &Path) -> usize {
    let scenario: Scenario = toml::from_str(&std::fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut flight = Flight::open();
    let mut reported = 0;
    for (number, step) in scenario.step.iter().enumerate() {
        let place = format!("{} step {}", path.display(), number + 1);
        if let Some(after) = &step.after {
            let (sign, text) = after.strip_prefix("back ").map_or((1, after.as_str()), |text| (-1, text));
            let millis = i64::try_from(Span::parse(text).unwrap().duration().as_millis()).unwrap();
            flight.now += chrono::TimeDelta::milliseconds(sign * millis);
        }
        let before = flight.records.len();
        match (step.carry_out(&mut flight), &step.refused) {
            (Ok(_), None) => {}
            (Err(refusal), Some(part)) => {
                assert!(refusal.to_string().contains(part.as_str()), "{place}: refused with `{refusal}`");
                assert_eq!(flight.records.len(), before, "{place}: a refusal leaves no record");
            }
            (Ok(_), Some(part)) => panic!("{place}: granted, although `{part}`"),
            (Err(refusal), None) => panic!("{place}: refused: {refusal}"),
        }
        for (what, wanted) in &step.stands {
            assert_eq!(flight.tell(what), *wanted, "{place}: {what}");
            reported += 1;
        }
    }
    // Whoever folds the records stands where those who made them stand.
    assert_eq!(gonogo::deployment::State::replay(&flight.records), flight.state, "{}", path.display());
    reported
}

#[test]
fn every_scenario_flies_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pure/window/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().is_some_and(|name| name != "checklist.toml"));
    files.sort();
    assert!(files.len() >= 8, "a scenario is missing");
    for path in files {
        assert!(fly(&path) > 0, "{} expects nothing", path.display());
    }
}
