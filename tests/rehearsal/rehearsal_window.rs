//! The rehearsal flies the whole window: by the clock with a no-go and a hold, to the migration and all the rollback, and
//! back from the middle of a migration that was aborted from elsewhere.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::program::{output, text};
use crate::{alone, common};

use chrono::{DateTime, TimeDelta, Utc};
use common::terminal::GONOGO;
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

const LEDGER: &str = "flight/neurohub.ledger.toml";
const PATIENCE: Duration = Duration::from_mins(15);

/// The end of what a flight said, which is where it went wrong.
fn end(flown: &Output) -> String {
    let said = text(&flown.stdout);
    let lines: Vec<&str> = said.lines().collect();
    let last = lines[lines.len().saturating_sub(40)..].join("\n");
    format!("exit status {:?}\n{last}\n{}", flown.status.code(), text(&flown.stderr))
}

fn status(folder: &Path, ledger: &str) -> Value {
    let output = output(folder, &["status", ledger, "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

struct Records(Vec<toml::Value>);

impl Records {
    fn read(folder: &Path) -> Self {
        let parsed: toml::Table = std::fs::read_to_string(folder.join(LEDGER)).unwrap().parse().unwrap();
        Self(parsed["record"].as_array().unwrap().clone())
    }

    fn of<'a>(&'a self, kind: &'static str) -> impl Iterator<Item = &'a toml::Value> + use<'a> {
        self.0.iter().filter(move |record| record["kind"].as_str() == Some(kind))
    }

    fn one(&self, kind: &'static str) -> &toml::Value {
        let mut found = self.of(kind);
        let one = found.next().unwrap_or_else(|| panic!("there is no record {kind}"));
        assert!(found.next().is_none(), "there are several records {kind}");
        one
    }

    fn place(&self, kind: &str) -> usize {
        self.0.iter().position(|record| record["kind"].as_str() == Some(kind)).unwrap()
    }

    fn started(&self, item: &str) -> DateTime<Utc> {
        let found = self.of("attempt-started").find(|record| record["item"].as_str() == Some(item));
        at(found.unwrap_or_else(|| panic!("{item} was not carried out")))
    }
}

fn at(record: &toml::Value) -> DateTime<Utc> {
    record["at"].as_datetime().unwrap().to_string().parse().unwrap()
}

fn assert_rolled_back(folder: &Path) {
    let status = status(folder, LEDGER);
    assert_eq!(status["outcome"], "rolled-back");
    assert_eq!(status["rollback"]["over"], true);
    assert_eq!(status["rollback"]["unverified"], Value::Array(Vec::new()));
    assert_eq!(status["migration"]["current"], "0001", "{}", status["migration"]);
    let attempts = status["attempts"].as_array().unwrap();
    for item in ["rollback/restore/database", "rollback/verify/rows", "rollback/release/answers"] {
        let last = attempts.iter().rev().find(|attempt| attempt["item"] == item).unwrap();
        assert_eq!(last["verdict"], "pass", "{last}");
    }
    let verified = output(folder, &["verify", LEDGER]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stderr));
}

#[test]
fn the_rollback_drill_ends_where_it_began_and_its_time_is_reckoned_with() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let flown = output(place, &["rehearse", "--drill", "rollback", "--dir", "flight"]);
    assert_eq!(flown.status.code(), Some(0), "{}", end(&flown));
    assert!(text(&flown.stdout).contains("the old state is verified"), "{}", end(&flown));
    assert_rolled_back(place);

    let records = Records::read(place);
    let order = ["failed", "rollback-begun", "rolled-back", "estimates-adopted"].map(|kind| records.place(kind));
    assert!(order.is_sorted(), "{order:?}");
    // Production was migrated before it was brought back.
    let upgraded = records.of("attempt-finished").find(|r| r["item"].as_str() == Some("p10/migrate/upgrade")).unwrap();
    assert_eq!(upgraded["revision"].as_str(), Some("0003"), "{upgraded}");
    let took = records.one("rolled-back")["took_ms"].as_integer().unwrap();
    assert_eq!(records.one("estimates-adopted")["rollback_ms"].as_integer(), Some(took));
    assert!(took > 0 && took < 900_000, "{took}");

    // Another window reckons with what was measured, not with what is promised.
    let other = "other.ledger.toml";
    let environments = ["--env", "staging=rehearsal-staging", "--env", "production=rehearsal-production"];
    let open = [&["open", "--no-screen", "neurohub", "--ledger", other], environments.as_slice()].concat();
    let opened = output(place, &open);
    assert_eq!(opened.status.code(), Some(0), "{}", text(&opened.stderr));
    let planned = output(place, &["window", other, "--zero", "2040-01-01T02:00:00Z", "--estimates", LEDGER]);
    assert_eq!(planned.status.code(), Some(0), "{}", text(&planned.stderr));
    let abort_by = status(place, other)["window"]["abort_by"].clone();
    assert_eq!(abort_by["rollback_ms"].as_i64(), Some(took), "{abort_by}");
    assert_eq!(abort_by["basis"], "measured in the rehearsal", "{abort_by}");

    // A deployment that was rolled back is over.
    let again = output(place, &["rehearse", "--drill", "rollback", "--dir", "flight"]);
    assert_eq!(again.status.code(), Some(4), "{}", end(&again));
}

#[test]
fn a_no_go_and_a_hold_move_the_window_by_as_long_as_they_last() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let asked = ["rehearse", "--headless", "--dir", "flight", "--pace", "20", "--fault", "no-go", "--fault", "hold"];
    let flown = output(place, &asked);
    assert_eq!(flown.status.code(), Some(0), "{}", end(&flown));
    assert!(text(&flown.stdout).contains("\nGO, "), "{}", end(&flown));

    let records = Records::read(place);
    let started = records.one("clock-started");
    assert_eq!((started["from"].as_str(), started["pace"].as_integer()), (Some("T−10m"), Some(20)));
    // One whose milliseconds end in a nought stands in quotes: TOML's own would be written shorter.
    let zero = records.one("window-planned")["zero"].to_string().replace('"', "");
    let planned = zero.parse::<DateTime<Utc>>().unwrap() - at(started);
    assert!((planned - TimeDelta::seconds(30)).abs() < TimeDelta::seconds(5), "T-0 was planned {planned} ahead");

    // Both holds, each until it was over; a second round of the poll after the no-go.
    let held: Vec<_> = records.of("clock-held").collect();
    let resumed: Vec<_> = records.of("clock-resumed").collect();
    assert_eq!((held.len(), resumed.len()), (2, 2));
    assert!(held[0]["reason"].as_str().unwrap().starts_with("Operations Lead says NO-GO: "), "{}", held[0]);
    assert_eq!(records.of("poll-opened").count(), 2);
    let lasted: TimeDelta = held.iter().zip(&resumed).map(|(held, resumed)| at(resumed) - at(held)).sum();
    assert!(lasted >= TimeDelta::seconds(6), "the hold lasts two minutes of a clock 20 times as fast: {lasted}");

    // By the wall each step came when the clock that stood meanwhile read its offset, and never before.
    let offsets =
        [("p10/before/stop", -60), ("p10/migrate/host", 0), ("p10/code/deploy", 60), ("p10/check/health", 300)];
    for (item, offset) in offsets {
        let due = at(started) + lasted + TimeDelta::milliseconds((600 + offset) * 1_000 / 20);
        let begun = records.started(item);
        assert!(begun >= due - TimeDelta::milliseconds(5), "{item} began at {begun}, planned at {due}");
    }
    // The decision binds what the stations said in the end.
    let answers = records.one("decided")["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 6);
    assert!(answers.iter().all(|answer| answer["answer"].as_str() == Some("go")), "{answers:?}");
}

struct Flying(Child);

impl Drop for Flying {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_abort_in_the_middle_of_the_migration_is_rolled_back() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let mut command = Command::new(GONOGO);
    command.args(["rehearse", "--headless", "--dir", "flight"]).current_dir(place);
    let log = place.join("flight.log");
    let mut flying = Flying(command.stdout(std::fs::File::create(&log).unwrap()).spawn().unwrap());
    let so_far = || std::fs::read_to_string(&log).unwrap();
    let (_never, pause) = std::sync::mpsc::channel::<()>();
    let deadline = Instant::now() + PATIENCE;
    let attempt = loop {
        let ledger = std::fs::read_to_string(place.join(LEDGER)).unwrap_or_default();
        let started = ledger.parse::<toml::Table>().ok().and_then(|parsed| {
            let records = parsed.get("record")?.as_array()?.clone();
            let last = records.into_iter().rfind(|record| record["kind"].as_str() == Some("attempt-started"))?;
            let is_upgrade = last["item"].as_str() == Some("p10/migrate/upgrade");
            is_upgrade.then(|| last["attempt"].as_integer()).flatten()
        });
        let log = started.map(|number| place.join(format!("flight/neurohub.ledger.d/attempts/{number:04}.log")));
        let said = log.and_then(|log| std::fs::read_to_string(log).ok()).unwrap_or_default();
        if said.contains("Running upgrade 0001 -> 0002") {
            break started.unwrap();
        }
        assert!(flying.0.try_wait().unwrap().is_none(), "the flight ended before the migration: {}", so_far());
        assert!(Instant::now() < deadline, "the migration never began: {}", so_far());
        // Whoever looks all the time takes the processor from what it waits for.
        let _ = pause.recv_timeout(Duration::from_millis(50));
    };
    let aborted = output(
        place,
        &[
            "abort",
            LEDGER,
            "--failed",
            "--reason",
            "replication is too far behind",
            "--confirm",
            "rehearsal-production",
        ],
    );
    assert_eq!(aborted.status.code(), Some(0), "{}", text(&aborted.stderr));
    assert!(text(&aborted.stdout).contains("1 attempt was asked to stop"), "{}", text(&aborted.stdout));
    assert_eq!(flying.0.wait().unwrap().code(), Some(1), "a deployment that failed is not fine");

    let records = Records::read(place);
    let failed = records.place("failed");
    assert_eq!(records.0[failed + 1]["kind"].as_str(), Some("cancel-requested"));
    let ended = records.of("attempt-finished").find(|r| r["attempt"].as_integer() == Some(attempt)).unwrap();
    assert_eq!((ended["end"].as_str(), ended["verdict"].as_str()), (Some("cancelled"), Some("inconclusive")));
    let detail = ended["detail"].as_str().unwrap();
    assert!(detail.contains("replication is too far behind") && detail.contains("0001"), "{detail}");
    assert_eq!(status(place, LEDGER)["outcome"], "failed");

    // The way forward is closed; the rollback leads to the old state.
    let forward = output(place, &["run", LEDGER, "p10/migrate/upgrade", "--confirm", "rehearsal-production"]);
    assert_eq!(forward.status.code(), Some(4), "{}", text(&forward.stdout));
    let back = output(place, &["rehearse", "--drill", "rollback", "--dir", "flight"]);
    assert_eq!(back.status.code(), Some(0), "{}", end(&back));
    assert_rolled_back(place);
    assert_eq!(Records::read(place).of("failed").count(), 1, "it fails once");
}

#[test]
fn a_pace_out_of_range_is_a_sentence_and_builds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for pace in ["0", "21", "fast"] {
        let refused = output(folder.path(), &["rehearse", "--headless", "--pace", pace]);
        assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains("--pace <N>"), "{}", text(&refused.stderr));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
