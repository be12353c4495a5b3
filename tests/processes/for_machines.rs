//! What programs read: `lint --format`, `run --json` and `run --junit`; and the end of a run for people.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::program::{output, text};
use crate::common::small;
use serde_json::Value;
use std::fs;

use tempfile::TempDir;

const ITEMS: &str = r#"[[phase.section.item]]
id = "good"
title = "Good <one> & \"more\""
check = { kind = "command", run = "echo fine" }
[[phase.section.item]]
id = "bad"
title = "Bad one"
check = { kind = "command", run = "echo first; printf 'second \\033[31mred\\n'; exit 3" }
[[phase.section.item]]
id = "asks"
title = "Ask somebody"
"#;

fn opened() -> TempDir {
    let folder = small::folder(ITEMS);
    let opened = output(folder.path(), &["open", "--no-screen", "small.toml"]);
    assert!(opened.status.success(), "{opened:?}");
    folder
}

#[test]
fn a_run_ends_with_what_did_not_pass_and_the_end_of_its_output() {
    let folder = opened();
    let run = output(folder.path(), &["run", "small.ledger.toml", "good", "bad", "--junit", "run.xml"]);
    let said = text(&run.stdout);
    assert_eq!(run.status.code(), Some(1), "{said}");
    let (_, end) = said.split_once("Not passed: 1 of 2\n").unwrap();
    assert!(end.starts_with("\n  failed  Bad one\n    exit 3 instead of 0"), "{end}");
    assert!(end.contains("    | first\n    | second red\n"), "{end}");
    assert!(end.ends_with("    all of it: gonogo logs small.ledger.toml one/look/bad\n"), "{end}");
    let junit = fs::read_to_string(folder.path().join("run.xml")).unwrap();
    for wanted in [
        r#"tests="2" skipped="0" failures="1" errors="0""#,
        r#"<testcase name="Good &lt;one&gt; &amp; &quot;more&quot;" classname="one/look/good""#,
        r#"<failure message="exit 3 instead of 0"#,
        "<system-out>first\nsecond red</system-out>",
    ] {
        assert!(junit.contains(wanted), "{wanted} is missing:\n{junit}");
    }
}

#[test]
fn a_run_is_reported_in_events_of_json_alone() {
    let folder = opened();
    let run = output(folder.path(), &["run", "small.ledger.toml", "bad", "--json"]);
    assert_eq!(run.status.code(), Some(1));
    let events: Vec<Value> = text(&run.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    let place = |kind| kinds.iter().position(|found| *found == kind).unwrap_or_else(|| panic!("{kind}: {kinds:?}"));
    assert!(place("attempt-started") < place("attempt-finished"));
    assert_eq!(events[place("attempt-finished")]["fact"]["verdict"], "fail");
    let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seqs:?}");
}

#[test]
fn a_file_that_cannot_be_written_is_reported_before_anything_runs() {
    let folder = opened();
    let run = output(folder.path(), &["run", "small.ledger.toml", "good", "--junit", "no/such/run.xml"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stderr).contains("no/such/run.xml cannot be written"), "{run:?}");
    assert!(!fs::read_to_string(folder.path().join("small.ledger.toml")).unwrap().contains("attempt-started"));
}

#[test]
fn problems_are_annotations_and_json() {
    let folder = small::folder("[[phase.section.item]]\nid = \"a\"\ntitel = \"50 % of: it\"\n");
    let lint = |format| output(folder.path(), &["lint", "small.toml", "--format", format]);
    let github = lint("github");
    assert_eq!(github.status.code(), Some(1));
    let first = text(&github.stdout).lines().next().unwrap().to_owned();
    let reported: Value = serde_json::from_slice(&lint("json").stdout).unwrap();
    let problem = &reported["problems"][0];
    assert_eq!(
        (&reported["format"], &reported["usable"], &problem["file"]),
        (&1.into(), &false.into(), &"small.toml".into())
    );
    let (line, column) = (&problem["line"], &problem["column"]);
    assert!(first.starts_with(&format!("::error file=small.toml,line={line},col={column}::")), "{first}");
    let fine = small::folder(ITEMS);
    let fine = output(fine.path(), &["lint", "small.toml", "--format", "github"]);
    assert_eq!((fine.status.code(), text(&fine.stdout).as_str()), (Some(0), ""));
}
