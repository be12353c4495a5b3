//! The 24 hours and the 7 days after the decision, in minutes: a clean week raises nothing, and each late fault is caught by
//! the watch that is there for it, for the right reason.

use crate::{alone, common};

use common::terminal::GONOGO;
use rstest::rstest;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const LEDGER: &str = "flight/neurohub.ledger.toml";

fn gonogo(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(GONOGO).current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn records(folder: &Path) -> Vec<toml::Value> {
    let parsed: toml::Table = std::fs::read_to_string(folder.join(LEDGER)).unwrap().parse().unwrap();
    parsed["record"].as_array().unwrap().clone()
}

/// From the line `Watched` on.
fn end(flown: &Output) -> String {
    let said = text(&flown.stdout);
    let from = said.find("\nWatched").unwrap_or_else(|| said.len().saturating_sub(3_000));
    format!("exit status {:?}\n{}\n{}", flown.status.code(), &said[from..], text(&flown.stderr))
}

/// The verdicts of watches, as the collector recorded them: item, verdict and sentence.
fn verdicts(records: &[toml::Value]) -> Vec<(String, String, String)> {
    let text = |record: &toml::Value, key: &str| record[key].as_str().unwrap_or_default().to_owned();
    let watched = |record: &&toml::Value| {
        record["kind"].as_str() == Some("attempt-finished")
            && record.get("by").is_some_and(|by| by.to_string().contains("collector"))
    };
    records.iter().filter(watched).map(|r| (text(r, "item"), text(r, "verdict"), text(r, "detail"))).collect()
}

#[test]
#[ignore = "takes three minutes by the clock; run by hand on an idle machine: cargo test --test rehearsal rehearsal_days -- --ignored"]
fn a_clean_week_passes_in_minutes_and_raises_nothing() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let flown = gonogo(place, &["rehearse", "--headless", "--days", "60s", "--dir", "flight"]);
    assert_eq!(flown.status.code(), Some(0), "{}", end(&flown));
    let records = records(place);
    let verdicts = verdicts(&records);
    assert!(verdicts.len() >= 8, "{verdicts:?}");
    assert!(verdicts.iter().all(|(_, verdict, _)| verdict == "pass"), "{verdicts:?}");
    assert!(verdicts.iter().all(|(.., detail)| detail.contains("(rehearsal: ")), "every one says that it is shorter");
    let paces: Vec<i64> = records
        .iter()
        .filter(|r| r["kind"].as_str() == Some("clock-paced"))
        .filter_map(|r| r["pace"].as_integer())
        .collect();
    assert_eq!(paces, [1_440, 8_640]);
    let status = gonogo(place, &["status", LEDGER, "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!((&status["due"], &status["watches"]), (&Value::Array(Vec::new()), &Value::Array(Vec::new())));
    let shown = text(&gonogo(place, &["handover", LEDGER, "--print"]).stdout);
    assert!(shown.contains("\nMetrics, worst first\n"), "{shown}");
    let handed = gonogo(place, &["handover", LEDGER, "--to", "Kim", "--note", "all quiet"]);
    assert_eq!(handed.status.code(), Some(0), "{}", text(&handed.stderr));
    let last = self::records(place).pop().unwrap();
    assert_eq!((last["kind"].as_str(), last["to"].as_str()), (Some("handover-recorded"), Some("Kim")));
    assert!(last["text"].as_str().unwrap().contains("Metrics, worst first"));
}

/// The watch that catches it, what it says, and after how many seconds at most.
#[rstest]
#[case("error-burst", "watch/day/errors", "fail", "max is", 30)]
#[case("memory-leak", "watch/day/memory", "fail", "growth", 90)]
#[case("latency-creep", "watch/day/latency/lots-all-day", "fail", "samples do not meet p95 < 200 ms", 60)]
#[case("exporter-down", "watch/day/memory", "inconclusive", "95 % are needed", 90)]
#[case("pool-exhausted", "watch/day/pool", "fail", "median", 90)]
#[ignore = "takes three minutes each by the clock; run by hand on an idle machine"]
fn a_fault_after_the_decision_is_caught_by_its_watch(
    #[case] fault: &str,
    #[case] watch: &str,
    #[case] verdict: &str,
    #[case] reason: &str,
    #[case] within_s: i64,
) {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let flown = gonogo(place, &["rehearse", "--headless", "--days", "60s", "--dir", "flight", "--fault", fault]);
    assert_ne!(flown.status.code(), Some(0), "{}", end(&flown));
    let records = records(place);
    let verdicts = verdicts(&records);
    let caught =
        verdicts.iter().find(|(item, ..)| item == watch).unwrap_or_else(|| panic!("{verdicts:?}\n{}", end(&flown)));
    assert_eq!(caught.1, verdict, "{caught:?}");
    assert!(caught.2.contains(reason), "{caught:?}");
    let at = |record: &toml::Value| {
        let at = record["at"].as_datetime().unwrap().to_string();
        at.parse::<chrono::DateTime<chrono::Utc>>().unwrap()
    };
    let begun = records.iter().find(|r| r["kind"].as_str() == Some("clock-paced")).map(at).unwrap();
    let found =
        records.iter().find(|r| r["kind"].as_str() == Some("attempt-finished") && r["item"].as_str() == Some(watch));
    let took = at(found.unwrap()) - begun;
    // By the rehearsal's own day, which is a minute long; a loaded machine makes none of it longer.
    assert!(took.num_seconds() <= within_s, "caught after {took}");
}
