//! `GONOGO_LOG`: what the program does, in a file, and nowhere else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::small;
use assert_cmd::cargo::cargo_bin;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

const ITEMS: &str = "[[phase.section.item]]\nid = \"first\"\ntitle = \"Read the guide\"\n";

fn logged(folder: &Path, log: &str, level: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(cargo_bin("gonogo"));
    command.current_dir(folder).args(arguments).env("GONOGO_LOG", log).env("GONOGO_LOG_LEVEL", level);
    command.env("API_TOKEN", "s3cret-of-the-house").output().unwrap()
}

#[test]
fn what_is_done_and_refused_is_in_the_file_without_secrets() {
    let folder = small::folder(ITEMS);
    let at = folder.path();
    let said = |arguments: &[&str]| logged(at, "log.txt", "info", arguments);
    assert!(said(&["open", "--no-screen", "small.toml"]).status.success());
    let ticked = said(&["tick", "small.ledger.toml", "first", "--note", "with s3cret-of-the-house"]);
    assert_eq!(String::from_utf8_lossy(&ticked.stdout), "ticked Read the guide (one/look/first)\n");
    assert!(ticked.stderr.is_empty(), "the log is nowhere but in its file");
    assert_eq!(said(&["tick", "small.ledger.toml", "first"]).status.code(), Some(4));
    let log = fs::read_to_string(at.join("log.txt")).unwrap();
    for wanted in ["began: ", "seq=1 kind=\"ledger-opened\"", "kind=\"item-checked\"", "refused: ", "ended status=0"] {
        assert!(log.contains(wanted), "{wanted} is missing:\n{log}");
    }
    assert!(!log.contains("s3cret"), "{log}");
    assert!(log.lines().all(|line| line.contains(" gonogo")), "only this program's own lines:\n{log}");
    assert_eq!(fs::metadata(at.join("log.txt")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_cannot_be_logged_to_is_refused_before_anything_is_done() {
    let folder = small::folder(ITEMS);
    let at = folder.path();
    for (log, level, says) in [
        ("/dev/stderr", "info", "the log file /dev/stderr (GONOGO_LOG) cannot be written"),
        ("/dev/null", "info", "it is no regular file"),
        ("no/such/folder", "info", "the log file no/such/folder (GONOGO_LOG) cannot be written"),
        ("log.txt", "loud", "GONOGO_LOG_LEVEL=loud is no level; use error, warn, info, debug or trace"),
    ] {
        let output = logged(at, log, level, &["open", "--no-screen", "small.toml"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(says), "{output:?}");
        assert!(!at.join("small.ledger.toml").exists());
    }
}
