//! The 24 hours and the 7 days after the decision, in minutes: a clean week raises nothing, and each late fault is caught by
//! the watch that is there for it, for the right reason. They pass side by side: how long answers take is the model's word
//! there, so that a busy machine changes nothing.

use crate::common::program::{output, text};
use crate::{beside, common};

use common::terminal::GONOGO;
use rstest::rstest;
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const LEDGER: &str = "flight/neurohub.ledger.toml";

/// A day by the clock on the wall, in seconds: long enough for thirty samples of what is asked every two.
const DAY: i64 = 60;

/// Long enough for a loaded machine; nothing waits for it when things go well.
const SOON: Duration = Duration::from_mins(15);

fn rehearse(folder: &Path, fault: Option<&str>) -> Command {
    let mut command = Command::new(GONOGO);
    let day = format!("{DAY}s");
    command.current_dir(folder).args(["rehearse", "--headless", "--days", &day, "--dir", "flight"]);
    command.args(fault.iter().flat_map(|fault| ["--fault", fault]));
    command
}

/// The records written so far; none while the last one is on its way.
fn records(folder: &Path) -> Vec<toml::Value> {
    let text = std::fs::read_to_string(folder.join(LEDGER)).unwrap_or_default();
    let parsed = text.parse::<toml::Table>().unwrap_or_default();
    parsed.get("record").and_then(toml::Value::as_array).cloned().unwrap_or_default()
}

fn word<'a>(record: &'a toml::Value, key: &str) -> &'a str {
    record.get(key).and_then(toml::Value::as_str).unwrap_or_default()
}

/// From the line `Watched` on.
fn end(flown: &Output) -> String {
    let said = text(&flown.stdout);
    let from = said.find("\nWatched").unwrap_or_else(|| said.len().saturating_sub(3_000));
    format!("exit status {:?}\n{}\n{}", flown.status.code(), &said[from..], text(&flown.stderr))
}

/// The verdicts of watches, as the collector recorded them: item, verdict and sentence.
fn verdicts(records: &[toml::Value]) -> Vec<(String, String, String)> {
    let text = |record: &toml::Value, key: &str| word(record, key).to_owned();
    let watched = |record: &&toml::Value| {
        word(record, "kind") == "attempt-finished"
            && record.get("by").is_some_and(|by| by.to_string().contains("collector"))
    };
    records.iter().filter(watched).map(|r| (text(r, "item"), text(r, "verdict"), text(r, "detail"))).collect()
}

/// Alerts that no step of the checklist explains: metric, verdict and sentence.
fn alerts(records: &[toml::Value]) -> Vec<(&str, &str, &str)> {
    let raised = records.iter().filter(|record| word(record, "kind") == "alert-raised");
    let unexpected = raised.filter(|record| word(record, "expected").is_empty());
    unexpected.map(|record| (word(record, "pane"), word(record, "verdict"), word(record, "sentence"))).collect()
}

#[test]
#[ignore = "takes minutes, and a machine that is busy with something else raises alerts"]
fn a_clean_week_passes_in_minutes_and_raises_nothing() {
    let _beside = beside();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let flown = rehearse(place, None).output().unwrap();
    let records = records(place);
    assert_eq!(alerts(&records), [], "{}", end(&flown));
    assert_eq!(flown.status.code(), Some(0), "{}", end(&flown));
    let verdicts = verdicts(&records);
    assert!(verdicts.len() >= 8, "{verdicts:?}");
    assert!(verdicts.iter().all(|(_, verdict, _)| verdict == "pass"), "{verdicts:?}");
    assert!(verdicts.iter().all(|(.., detail)| detail.contains("(rehearsal: ")), "every one says that it is shorter");
    let paces: Vec<i64> =
        records.iter().filter(|r| word(r, "kind") == "clock-paced").filter_map(|r| r["pace"].as_integer()).collect();
    assert_eq!(paces, [1_440, 8_640]);
    let status = output(place, &["status", LEDGER, "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!((&status["due"], &status["watches"]), (&Value::Array(Vec::new()), &Value::Array(Vec::new())));
    let shown = text(&output(place, &["handover", LEDGER, "--print"]).stdout);
    assert!(shown.contains("\nMetrics, worst first\n"), "{shown}");
    let handed = output(place, &["handover", LEDGER, "--to", "Kim", "--note", "all quiet"]);
    assert_eq!(handed.status.code(), Some(0), "{}", text(&handed.stderr));
    let last = self::records(place).pop().unwrap();
    assert_eq!((word(&last, "kind"), word(&last, "to")), ("handover-recorded", "Kim"));
    assert!(word(&last, "text").contains("Metrics, worst first"));
}

/// A rehearsal under way. Its services and its collector end with its folder.
struct Flight(Child);

impl Drop for Flight {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The watch that catches it, what it says, and after how many of the rehearsal's days at most.
#[rstest]
#[case("error-burst", "watch/day/errors", "fail", "max is", 1.0)]
#[case("memory-leak", "watch/day/memory", "fail", "growth", 1.5)]
#[case("latency-creep", "watch/day/latency/lots-all-day", "fail", "samples do not meet p95 < 200 ms", 1.0)]
#[case("exporter-down", "watch/day/memory", "inconclusive", "95 % are needed", 1.5)]
#[case("pool-exhausted", "watch/day/pool", "fail", "median", 1.5)]
#[ignore = "takes minutes, and a machine that is busy with something else raises alerts"]
fn a_fault_after_the_decision_is_caught_by_its_watch(
    #[case] fault: &str,
    #[case] watch: &str,
    #[case] verdict: &str,
    #[case] reason: &str,
    #[case] within_days: f64,
) {
    let _beside = beside();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let log = std::fs::File::create(place.join("said")).unwrap();
    let mut flight = Flight(rehearse(place, Some(fault)).stdout(log).stderr(Stdio::null()).spawn().unwrap());
    let said = || std::fs::read_to_string(place.join("said")).unwrap_or_default();
    let deadline = Instant::now() + SOON;
    let is_it = |record: &toml::Value| word(record, "kind") == "attempt-finished" && word(record, "item") == watch;
    let records = loop {
        let over = flight.0.try_wait().unwrap().is_some();
        let records = records(place);
        if records.iter().any(is_it) {
            break records;
        }
        assert!(!over && Instant::now() < deadline, "{:?}\n{}", verdicts(&records), said());
        std::thread::park_timeout(Duration::from_millis(500));
    };
    let caught = records.iter().find(|record| is_it(record)).unwrap();
    assert_eq!(word(caught, "verdict"), verdict, "{caught:?}");
    assert!(word(caught, "detail").contains(reason), "{caught:?}");
    let at = |record: &toml::Value| {
        let at = record["at"].as_datetime().unwrap().to_string();
        at.parse::<chrono::DateTime<chrono::Utc>>().unwrap()
    };
    let begun = records.iter().find(|record| word(record, "kind") == "clock-paced").map(at).unwrap();
    let passed = (at(caught) - begun).num_milliseconds() as f64 / 1_000.0 / DAY as f64;
    assert!(passed <= within_days, "caught after {passed:.2} days: {caught:?}");
}
