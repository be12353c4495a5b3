//! What once passed for the wrong reason, flown with the program itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::program::gonogo;
use crate::common::small;
use std::fs;
use std::io::Write as _;
use std::path::Path;

const LEDGER: &str = "small.ledger.toml";

/// A step that is taken and a log that is asked what was written since.
const LOG: &str = r#"[[phase.section.item]]
id = "release"
title = "Release"
changes = true
check = { kind = "command", run = "true" }
[[phase.section.item]]
id = "clean"
title = "No errors since"
check = { kind = "file", path = "app.log", lacks = ["ERROR"], since = "one/look/release" }
"#;

fn line(minutes: i64, words: &str) -> String {
    let at = chrono::Utc::now() + chrono::TimeDelta::minutes(minutes);
    format!("{} {words}\n", at.format("%Y-%m-%dT%H:%M:%SZ"))
}

fn append(log: &Path, text: &str) {
    fs::OpenOptions::new().append(true).open(log).unwrap().write_all(text.as_bytes()).unwrap();
}

type Change<'a> = Box<dyn Fn(&Path) + 'a>;

#[test]
fn a_log_that_was_written_over_in_place_is_not_the_one_that_grew() {
    let old: String = line(-60, "INFO first") + &(0..50).map(|n| line(-30, &format!("INFO {n}"))).collect::<String>();
    let first = old.lines().next().unwrap().to_owned() + "\n";
    let over = "the log was emptied or written over since Release began";
    let cases: [(&str, Change<'_>, i32, &str); 5] = [
        ("grown", Box::new(|log| append(log, &line(0, "INFO on"))), 0, "found nowhere since then"),
        (
            "rotated",
            Box::new(|log| {
                append(log, &line(0, "INFO on"));
                fs::rename(log, log.with_file_name("app.log.1")).unwrap();
                fs::write(log, line(0, "INFO anew")).unwrap();
            }),
            0,
            "found nowhere since then",
        ),
        // The error was in what is gone.
        (
            "over, shorter",
            Box::new(|log| {
                append(log, &line(0, "ERROR lost"));
                fs::write(log, first.clone() + &line(0, "INFO on")).unwrap();
            }),
            6,
            over,
        ),
        (
            "over, longer",
            Box::new(|log| {
                append(log, &line(0, "ERROR lost"));
                fs::write(log, first.clone() + &line(-20, "INFO other").repeat(500) + &line(0, "INFO on")).unwrap();
            }),
            6,
            over,
        ),
        (
            "an error all the same",
            Box::new(|log| fs::write(log, first.clone() + &line(0, "ERROR seen")).unwrap()),
            1,
            "`ERROR` found once",
        ),
    ];
    for (what, change, status, words) in cases {
        let folder = small::folder(LOG);
        let at = folder.path();
        let log = at.join("app.log");
        fs::write(&log, &old).unwrap();
        assert_eq!(gonogo(at, &["open", "--no-screen", "small.toml"]).0, 0);
        assert_eq!(gonogo(at, &["run", LEDGER, "one/look/release"]).0, 0, "{what}");
        change(&log);
        let (ended, said) = gonogo(at, &["run", LEDGER, "one/look/clean"]);
        assert!(ended == status && said.contains(words), "{what}: {ended}\n{said}");
    }
}

/// A line without a zone that another process wrote hours ago, east of UTC: its time lies behind the step's, its place before.
#[test]
fn where_a_line_stands_counts_more_than_a_time_without_a_zone() {
    let steps = LOG.replace("lacks = [\"ERROR\"]", "contains = [\"ready\"], lacks = [\"ERROR\"]");
    let tokyo = |minutes: i64, words: &str| {
        let at = chrono::Utc::now() + chrono::TimeDelta::hours(9) + chrono::TimeDelta::minutes(minutes);
        format!("{} {words}\n", at.format("%Y-%m-%d %H:%M:%S,000"))
    };
    for (what, old, new, status, words) in [
        ("nothing written", tokyo(-180, "INFO ready"), String::new(), 1, "`ready` not found since then"),
        ("an old error", tokyo(-180, "ERROR old"), tokyo(0, "INFO ready"), 0, "`ready` found at app.log:2"),
        ("a new error", tokyo(-180, "INFO old"), tokyo(0, "INFO ready\nERROR"), 1, "`ERROR` found once"),
    ] {
        let folder = small::folder(&steps);
        let at = folder.path();
        let log = at.join("app.log");
        fs::write(&log, &old).unwrap();
        assert_eq!(gonogo(at, &["open", "--no-screen", "small.toml"]).0, 0);
        assert_eq!(gonogo(at, &["run", LEDGER, "one/look/release"]).0, 0, "{what}");
        append(&log, &new);
        let (ended, said) = gonogo(at, &["run", LEDGER, "one/look/clean"]);
        assert!(ended == status && said.contains(words), "{what}: {ended}\n{said}");
        // Where nobody noted what the log was like, the zone that is assumed proves nothing.
        for noted in fs::read_dir(at.join("small.ledger.d/attempts")).unwrap() {
            let noted = noted.unwrap().path();
            if noted.extension().is_some_and(|ending| ending == "logs") {
                fs::remove_file(noted).unwrap();
            }
        }
        if new.is_empty() {
            let (ended, said) = gonogo(at, &["run", LEDGER, "one/look/clean"]);
            assert!(ended != 0 && said.contains("assumed_zone"), "{what}: {ended}\n{said}");
        }
    }
}

/// A baseline, a step that changes something, and two lines behind it.
const STEPS: &str = r#"[[phase.section.item]]
id = "before"
title = "Count before"
check = { kind = "command", run = "echo before >> seen" }
[[phase.section.item]]
id = "release"
title = "Release"
changes = true
check = { kind = "command", run = "echo release >> seen" }
[[phase.section.item]]
id = "healthy"
title = "Healthy"
check = { kind = "command", run = "echo healthy >> seen" }
[[phase]]
id = "two"
title = "Two"
slot = "here"
gate = ["one"]
[[phase.section]]
id = "look"
title = "Look"
[[phase.section.item]]
id = "last"
title = "Last"
check = { kind = "command", run = "echo last >> seen" }
"#;

#[test]
fn what_was_measured_before_a_step_was_run_again_is_measured_again_and_nothing_else() {
    let folder = small::folder(STEPS);
    let at = folder.path();
    let seen = || fs::read_to_string(at.join("seen")).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(gonogo(at, &["open", "--no-screen", "small.toml"]).0, 0);
    assert_eq!(gonogo(at, &["run", LEDGER, "--phase", "one"]).0, 0);
    assert_eq!(gonogo(at, &["run", LEDGER, "one/look/release"]).0, 0);
    assert_eq!(seen(), "before release healthy release");
    let (_, said) = gonogo(at, &["status", LEDGER]);
    let words = "? Healthy (one/look/healthy) outdated: measured before Release was run again";
    assert!(
        said.contains(words) && said.contains("gate: One has 1 of 3 steps left, next `Healthy` (outdated)"),
        "{said}"
    );
    let (_, json) = gonogo(at, &["status", LEDGER, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["outdated"],
        serde_json::json!([{ "item": "one/look/healthy", "why": "measured before Release was run again" }])
    );
    assert_eq!((&json["items"]["done"], &json["items"]["open"]), (&2.into(), &2.into()));
    assert_eq!(gonogo(at, &["run", LEDGER, "--phase", "two"]).0, 4, "its gate is closed");
    assert_eq!(gonogo(at, &["run", LEDGER, "--phase", "one"]).0, 0);
    assert_eq!(seen(), "before release healthy release healthy");
    assert_eq!(gonogo(at, &["run", LEDGER, "--phase", "two"]).0, 0);
    assert_eq!(seen(), "before release healthy release healthy last");
}
