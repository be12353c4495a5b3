//! The rehearsal flown by the program itself, as a stranger's first command does, with and without faults.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::alone;
use crate::common::program::{output, text};

use rstest::rstest;
use serde_json::Value;
use std::path::Path;
use std::process::Output;

/// What a flight that went otherwise than expected has to say: the lines that failed, why it was no GO, and its end.
/// The whole of it would be cut where it is read.
fn in_short(flown: &Output) -> String {
    const LAST: usize = 30;
    let said = text(&flown.stdout);
    let lines: Vec<&str> = said.lines().collect();
    let failed = lines.iter().filter(|line| {
        let word = line.split_whitespace().next().unwrap_or_default();
        ["failed", "refused", "inconclusive", "unknown"].contains(&word)
    });
    let verdict = lines.iter().position(|line| line.starts_with("NO-GO")).unwrap_or(lines.len());
    let failed: Vec<&str> = failed.copied().collect();
    let end = &lines[lines.len().saturating_sub(LAST)..];
    format!(
        "exit status {:?}\n-- failed\n{}\n-- verdict\n{}\n-- the last {LAST} lines\n{}\n-- standard error\n{}",
        flown.status.code(),
        failed.join("\n"),
        lines[verdict..].join("\n"),
        end.join("\n"),
        text(&flown.stderr)
    )
}

fn status(folder: &Path) -> Value {
    let output = output(folder, &["status", "flight/neurohub.ledger.toml", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A line that passes whatever is done to it measures nothing.
#[test]
fn every_measured_line_fails_once_what_it_measures_is_sabotaged() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    // Named by its whole path, as a relative one is tried by the other tests here.
    let place = folder.path().join("flight");
    let proved = output(folder.path(), &["rehearse", "--prove", "--dir", &place.display().to_string()]);
    let said = text(&proved.stdout);
    assert_eq!(proved.status.code(), Some(0), "{}", in_short(&proved));
    let reported = said.lines().find_map(|line| line.strip_suffix(" measured lines can fail")).unwrap();
    let (can, all) = reported.split_once(" of ").unwrap();
    let (can, all): (usize, usize) = (can.parse().unwrap(), all.parse().unwrap());
    // A notice that arrives can only be seen by whoever gets it: nothing else is left out.
    let left_out: Vec<&str> = said.lines().filter(|line| line.trim_start().starts_with("not tried")).collect();
    assert!(left_out.iter().all(|line| line.ends_with("no sabotage is known for a notify check")), "{left_out:?}");
    assert!(can + left_out.len() == all && can >= 205, "{reported}: {left_out:?}");
    // What is taken away is missed: a check that only cannot reach its database proves nothing.
    let tables = said.lines().find(|line| line.contains("All 17 tables present") && line.contains(" renamed"));
    assert!(tables.is_some_and(|line| line.trim_start().starts_with("fail")), "{tables:?}");
}

#[test]
fn it_flies_to_go_and_the_ledger_says_so() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let flown = output(folder.path(), &["rehearse", "--headless", "--dir", "flight"]);
    let said = text(&flown.stdout);
    assert_eq!(flown.status.code(), Some(0), "{}", in_short(&flown));
    assert!(said.contains("\nGO, "), "{}", in_short(&flown));

    let status = status(folder.path());
    assert_eq!(status["format"], 1);
    assert_eq!(status["outcome"], "go");
    assert_eq!(status["ledger"]["intact"], true);
    assert_eq!(status["environments"]["production"], "rehearsal-production");
    assert_eq!(status["items"]["failed"], 0);
    assert!(status["items"]["measured"].as_u64().unwrap() >= 90, "{}", status["items"]);
    assert_eq!(status["migration"]["state"], "at-head");
    let phases = status["phases"].as_array().unwrap();
    let production = phases.iter().find(|phase| phase["id"] == "p10").unwrap();
    assert_eq!(production["done"], production["total"], "{production}");
    let queries: Vec<&Value> =
        status["metrics"].as_array().unwrap().iter().filter(|m| m["name"] == "lots-queries").collect();
    assert_eq!(queries[0]["baseline"], 201.0);
    assert!(queries[0]["value"].as_f64().unwrap() <= 4.0, "{}", queries[0]);

    // A person can read it, and any TOML parser too.
    let ledger = std::fs::read_to_string(folder.path().join("flight/neurohub.ledger.toml")).unwrap();
    let parsed: toml::Table = ledger.parse().unwrap();
    let records = parsed["record"].as_array().unwrap().len();
    assert_eq!(status["ledger"]["records"].as_u64().unwrap(), records as u64);
    // Whoever answered for a person is marked as a simulation.
    let ticks = parsed["record"].as_array().unwrap().iter().filter(|r| r["kind"].as_str() == Some("item-checked"));
    for tick in ticks {
        assert!(tick["by"].get("simulated").is_some(), "{tick}");
    }
    let verified = output(folder.path(), &["verify", "flight/neurohub.ledger.toml"]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stderr));
    // Nothing is left running.
    for slot in ["staging", "production"] {
        let running = output(&folder.path().join("flight"), &["rehearsal", "service", "status", slot]);
        assert_eq!(running.status.code(), Some(1), "{slot}: {}", text(&running.stdout));
    }

    // Flying it again goes on where it stands: there is nothing left to carry out, and the answer is the same.
    let again = output(folder.path(), &["rehearse", "--headless", "--dir", "flight"]);
    assert_eq!(again.status.code(), Some(0), "{}", in_short(&again));
}

#[rstest]
#[case::null_lot("null-lot", "Migrate production to head", "NOT NULL constraint failed: new_process_data.lot_id")]
#[case::slow_endpoint("slow-endpoint", "GET lots p95", "target < 500 ms")]
#[case::orphans("orphans", "No orphaned records", "orphans serials.lot_id → lots: 7")]
#[case::bad_backup("bad-backup", "Verify backup integrity", "the backup cannot be read")]
#[case::service_down("service-down", "Start the service", "production did not start")]
fn each_fault_is_a_no_go_with_its_reason(#[case] fault: &str, #[case] item: &str, #[case] reason: &str) {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let flown = output(folder.path(), &["rehearse", "--headless", "--dir", "flight", "--fault", fault]);
    let said = text(&flown.stdout);
    assert_eq!(flown.status.code(), Some(6), "{}", in_short(&flown));
    let verdict = said.split("\nNO-GO, ").nth(1).unwrap_or_else(|| panic!("no NO-GO in: {}", in_short(&flown)));
    // The first reason is the item that failed, not what failed after it.
    let (rests_on, first) = verdict.split_once('\n').unwrap();
    let first = first.lines().next().unwrap();
    assert!(rests_on.contains("criteria measured"), "{rests_on}");
    assert!(first.contains(item) && first.contains(reason), "{first}");
    let status = status(folder.path());
    assert_eq!(status["outcome"], "no-go");
    if fault == "null-lot" {
        assert_eq!(status["migration"]["current"], "0001", "{}", status["migration"]);
    }
}

#[test]
fn faults_are_listed_and_a_wrong_name_is_answered_with_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let listed = output(folder.path(), &["rehearse", "--fault", "list"]);
    assert_eq!(listed.status.code(), Some(0));
    assert_eq!(text(&listed.stdout).lines().count(), 12);
    let wrong = output(folder.path(), &["rehearse", "--headless", "--fault", "nul-lot"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stderr));
    assert!(text(&wrong.stderr).contains("null-lot"), "{}", text(&wrong.stderr));
    assert!(!folder.path().join("neurohub-rehearsal").exists());
}
