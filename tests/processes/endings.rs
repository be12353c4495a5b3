//! What cannot be taken back is confirmed on the command line as on the screen, and nothing is recorded before that.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::program::gonogo;
use assert_cmd::cargo::cargo_bin;
use std::fs;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const LEDGER: &str = "window.ledger.toml";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("window.toml"), include_str!("../pure/window/scenarios/checklist.toml")).unwrap();
    let slots = ["--env", "staging=staging", "--env", "production=production"];
    let opened = gonogo(folder.path(), &[&["open", "--no-screen", "window.toml"], slots.as_slice()].concat());
    assert_eq!(opened.0, 0, "{}", opened.1);
    folder
}

#[test]
fn an_ending_wants_the_protected_environments_name() {
    let folder = folder();
    let ledger = || fs::read(folder.path().join(LEDGER)).unwrap();
    let before = ledger();
    for (command, what) in [
        (vec!["abort", "--reason", "x"], "abort the deployment"),
        (vec!["rollback", "--reason", "x"], "roll back; this cannot be cancelled"),
        (vec!["close"], "close the deployment for good"),
    ] {
        let (status, said) = gonogo(folder.path(), &command);
        let why = format!("error: not confirmed: to {what}, add --confirm production");
        assert_eq!((status, said.lines().next()), (4, Some(why.as_str())));
        assert!(said.contains("\nhint: "), "{said}");
        let wrong = [command.as_slice(), &["--confirm", "staging"]].concat();
        let (status, said) = gonogo(folder.path(), &wrong);
        assert_eq!(
            (status, said.lines().next()),
            (4, Some("error: not confirmed: `staging` is not production; nothing was recorded"))
        );
    }
    assert_eq!(ledger(), before, "a refusal takes no seat and leaves no record");
    let (status, said) = gonogo(folder.path(), &["abort", "--reason", "x", "--confirm", "production"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("the deployment is aborted"), "{said}");
}

#[test]
fn open_writes_no_ledger_for_a_pipe_unless_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let (status, said) = gonogo(folder.path(), &["open", "service-release", "--env", "x=y"]);
    assert_eq!(status, 2);
    assert!(said.contains("gonogo open --no-screen"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // Scripts that send what it says into a file have always made a ledger so.
    fs::write(folder.path().join("window.toml"), include_str!("../pure/window/scenarios/checklist.toml")).unwrap();
    let mut script = Command::new(cargo_bin("gonogo"));
    script.current_dir(folder.path()).args(["open", "window.toml", "--env", "production=production"]);
    let done = script.stdout(Stdio::null()).status().unwrap();
    assert!(done.success());
    assert!(folder.path().join(LEDGER).exists());
}

#[test]
fn a_database_that_is_protected_under_another_name_is_not_changed_without_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"format = 1
id = "two"
title = "Two"
[[slot]]
id = "staging"
title = "Staging"
[[slot]]
id = "production"
title = "Production"
[environments.staging]
slot = "staging"
database = "sqlite:shop.db"
writes = "allowed"
[environments.production]
slot = "production"
database = "sqlite:./shop.db"
writes = "allowed"
protection = "protected"
[[phase]]
id = "p"
title = "P"
slot = "staging"
[[phase.section]]
id = "s"
title = "S"
[[phase.section.item]]
id = "write"
title = "Count"
check = { kind = "sql", query = "SELECT count(*) FROM a", equals = "0" }
"#;
    fs::write(folder.path().join("two.toml"), text).unwrap();
    let made = Command::new("sqlite3").current_dir(folder.path()).args(["shop.db", "CREATE TABLE a (i int)"]).status();
    if !made.is_ok_and(|status| status.success()) {
        // Any file will do: what it holds is asked only where it is reached.
        fs::write(folder.path().join("shop.db"), b"").unwrap();
    }
    let (status, said) = gonogo(folder.path(), &["open", "--no-screen", "two.toml"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = gonogo(folder.path(), &["run", "p/s/write"]);
    assert_eq!(status, 4, "{said}");
    assert!(said.contains("staging and production turn out to be the same database"), "{said}");
}
