//! What a command's help says of its exit status is what it exits with; and what is refused leaves nothing behind.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::program::gonogo;
use crate::common::small;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const LEDGER: &str = "small.ledger.toml";
const ITEMS: &str = r#"[[phase.section.item]]
id = "good"
title = "Good one"
check = { kind = "command", run = "true" }
[[phase.section.item]]
id = "asks"
title = "Ask\nsomebody"
after = ["one/look/good"]
[[phase.section.item]]
id = "last"
title = "Last one"
after = ["one/look/asks"]
check = { kind = "command", run = "test ! -e broken" }
"#;

fn opened() -> TempDir {
    let folder = small::folder(ITEMS);
    assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml"]).0, 0);
    folder
}

fn kinds(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join(LEDGER)).unwrap();
    text.lines().filter_map(|line| Some(line.strip_prefix("kind = ")?.trim_matches('"').to_owned())).collect()
}

/// Whether the help of a command, or that of the program for what is alike everywhere, speaks of a status.
fn help_says(folder: &Path, command: &str, status: i32) -> bool {
    let speaks = |arguments: &[&str]| {
        let (_, help) = gonogo(folder, arguments);
        let (_, statuses) = help.rsplit_once("Exit status: ").unwrap_or_default();
        statuses.split(|c: char| !c.is_ascii_digit()).any(|number| number == status.to_string())
    };
    let general = matches!(status, 0 | 2 | 3 | 4 | 5);
    speaks(&[command, "--help"]) || (general && speaks(&["--help"]))
}

#[test]
fn every_command_exits_as_its_help_says() {
    let folder = opened();
    let at = folder.path();
    let broken = at.join("broken");
    fs::write(at.join("wrong.toml"), "format = 1\ntitel = 1\n").unwrap();
    let table: &[(&[&str], i32)] = &[
        (&["status", LEDGER], 0),
        (&["status", LEDGER, "--json"], 0),
        (&["status", "--nonsense"], 2),
        (&["run", LEDGER, "nothing-like-it"], 2),
        (&["run", LEDGER, "last"], 4),
        // The step that a person ticks is open: INCONCLUSIVE.
        (&["run", LEDGER], 6),
        (&["run", LEDGER, "good"], 0),
        (&["decide", LEDGER, "go"], 4),
        (&["tick", LEDGER, "last"], 4),
        (&["tick", LEDGER, "ask"], 0),
        (&["mark", "broken"], 0),
        (&["run", LEDGER, "last"], 1),
        // A step has failed: NO-GO.
        (&["run", LEDGER], 6),
        (&["mend", "broken"], 0),
        (&["run", LEDGER, "3"], 0),
        (&["run", LEDGER], 0),
        (&["poll", LEDGER], 0),
        (&["poll", LEDGER, "open"], 4),
        (&["signers", LEDGER], 1),
        (&["signers", LEDGER, "--json"], 1),
        (&["alerts", LEDGER], 0),
        (&["diff", LEDGER, "--since", "1"], 2),
        (&["lint", "small.toml"], 0),
        (&["lint", "wrong.toml"], 1),
        (&["logs", LEDGER, "last", "--json"], 0),
        (&["review", LEDGER, "--json"], 0),
        (&["sign", LEDGER, "--json"], 0),
        (&["handover", LEDGER, "--print", "--json"], 0),
        (&["window", LEDGER, "show", "--json"], 0),
        (&["window", LEDGER, "plan", "--zero", "soon"], 2),
        (&["window", LEDGER, "plan", "--zero", "tomorrow 02:00", "--end", "+2h"], 0),
        (&["window", LEDGER, "--zero", "+30m", "--end", "+2h"], 0),
        (&["decide", LEDGER, "no-go", "--note", "not today"], 6),
        (&["decide", LEDGER, "reopen", "--reason", "today after all"], 0),
        (&["decide", LEDGER, "go"], 0),
        (&["rollback", LEDGER, "finish"], 4),
    ];
    for (arguments, wanted) in table {
        match arguments[0] {
            "mark" => fs::write(&broken, "").unwrap(),
            "mend" => fs::remove_file(&broken).unwrap(),
            command => {
                let (status, said) = gonogo(at, arguments);
                assert_eq!(status, *wanted, "{arguments:?}: {said}");
                assert!(help_says(at, command, status), "`{command} --help` does not speak of exit status {status}");
                if arguments.contains(&"--json") {
                    let document: Value = serde_json::from_str(&said).unwrap();
                    assert_eq!(document["format"], 1, "{arguments:?}: {said}");
                }
            }
        }
    }
}

#[test]
fn what_is_refused_leaves_no_seat_in_the_ledger() {
    let folder = opened();
    let at = folder.path();
    let before = kinds(at);
    for arguments in [
        &["tick", LEDGER, "good"][..],
        &["tick", LEDGER, "no-such"],
        &["fill", LEDGER, "asks", "1"],
        &["waive", LEDGER, "asks", "--note", " "],
        &["run", LEDGER, "last"],
        &["decide", LEDGER, "go"],
        &["poll", LEDGER, "open"],
        &["resume", LEDGER],
        &["hold", LEDGER, "--note", "nothing counts yet"],
        &["role", LEDGER, "assign", "nobody", "Kim"],
        &["rollback", LEDGER, "start", "--note", "nothing to undo"],
        &["window", LEDGER, "plan", "--zero", "+30m", "--end", "2020-01-01T00:00Z"],
    ] {
        let (status, said) = gonogo(at, arguments);
        assert!(status != 0, "{arguments:?}: {said}");
        assert_eq!(kinds(at), before, "{arguments:?}: {said}");
    }
    assert_eq!(gonogo(at, &["tick", LEDGER, "asks"]).0, 4, "the step before it is open");
    assert_eq!(gonogo(at, &["run", LEDGER, "good"]).0, 0);
    assert_eq!(&kinds(at)[before.len()..], ["seat-taken", "attempt-started", "attempt-finished", "seat-left"]);
}

#[test]
fn a_title_of_two_lines_is_printed_on_one() {
    let folder = opened();
    let at = folder.path();
    for arguments in [
        &["run", LEDGER][..],
        &["tick", LEDGER, "asks"],
        &["run", LEDGER, "asks"],
        &["status", LEDGER],
        &["waive", LEDGER, "somebody", "--note", "x"],
    ] {
        let said = gonogo(at, arguments).1;
        assert!(!said.lines().any(|line| line.starts_with("somebody")), "{arguments:?}: {said}");
        assert!(!said.contains("Ask\\nsomebody"), "{arguments:?}: {said}");
        if said.contains("Ask") {
            assert!(said.contains("Ask␊somebody"), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn of_two_ledgers_in_a_folder_one_is_to_be_named() {
    let folder = opened();
    let at = folder.path();
    assert_eq!(gonogo(at, &["status"]).0, 0);
    fs::write(at.join("other.toml"), small::checklist(ITEMS).replace("A small deployment", "Another one")).unwrap();
    assert_eq!(gonogo(at, &["open", "--no-screen", "other.toml"]).0, 0);
    for arguments in [&["status"][..], &["tick", "asks"], &["window"]] {
        let (status, said) = gonogo(at, arguments);
        assert_eq!(status, 2, "{said}");
        for wanted in [
            "this folder has 2 ledgers; which one is meant?",
            "small.ledger.toml  open, 0/3 done, ",
            " ago  Another one",
            "hint: name it after the command, or `export GONOGO_LEDGER=FILE`",
        ] {
            assert!(said.contains(wanted), "{arguments:?}: {wanted} is not in {said}");
        }
    }
    assert_eq!(gonogo(at, &["status", LEDGER]).0, 0);
}

#[test]
fn the_counts_of_status_are_those_of_its_document() {
    let folder = opened();
    let at = folder.path();
    assert_eq!(gonogo(at, &["run", LEDGER, "good"]).0, 0);
    let said = gonogo(at, &["status", LEDGER]).1;
    let document: Value = serde_json::from_str(&gonogo(at, &["status", LEDGER, "--json"]).1).unwrap();
    let counts = &document["criteria"]["counts"];
    let words = format!("{} go · {} no-go · {} pending", counts["go"], counts["no_go"], counts["pending"]);
    assert_eq!(words, "1 go · 0 no-go · 2 pending");
    assert!(said.contains(&words), "{said}");
    assert!(said.contains("1/3 done"), "{said}");
}
