//! Nothing from outside reaches a terminal raw, and no secret reaches the files of an attempt, whatever bytes surround it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use assert_cmd::cargo::cargo_bin;
use common::program::said;
use common::small;
use std::fs;
use std::path::Path;
use std::process::Command;

const LINES: &str = r#"[[phase.section.item]]
id = "blob"
title = "No error in the output"
check = { kind = "command", run = "printf 'blob: \\377\\376\\n'; echo \"ERROR $API_TOKEN $DOOR_CODE\"", lacks = "ERROR" }
[[phase.section.item]]
id = "title"
title = "Title \u001b]0;x\u0007 \u202e with more"
check = { kind = "command", run = "true" }
"#;

fn gonogo(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(cargo_bin("gonogo"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("API_TOKEN", "tok-ABCDEFGH")
        .env("DOOR_CODE", "48213077")
        .env("PIN", "12");
    said(&mut command)
}

fn folder() -> tempfile::TempDir {
    let folder = small::folder(LINES);
    let path = folder.path().join("small.toml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replacen("id = \"small\"\n", "id = \"small\"\nsecrets = [\"DOOR_CODE\"]\n", 1);
    let text = text.replacen("slot = \"here\"\n", "slot = \"here\"\nsecrets = [\"PIN\"]\n", 1);
    let text = text.replacen("A small deployment", "A small \\u202e deployment", 1);
    fs::write(&path, text).unwrap();
    folder
}

#[test]
fn two_bytes_of_another_encoding_hide_neither_a_forbidden_text_nor_a_secret() {
    let folder = folder();
    assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml"]).0, 0);
    let (status, words) = gonogo(folder.path(), &["run", "small.ledger.toml", "one/look/blob"]);
    assert_eq!(status, 1, "{words}");
    assert!(words.contains("the output contains `ERROR`"), "{words}");
    let log = fs::read_to_string(folder.path().join("small.ledger.d/attempts/0001.log")).unwrap();
    assert!(log.contains("blob: \u{fffd}\u{fffd}"), "{log:?}");
    assert!(log.contains("ERROR **** ****"), "{log:?}");
    assert!(log.contains("not masked: PIN: the value is shorter than 4 characters"), "{log:?}");
    let (_, words) = gonogo(folder.path(), &["lint", "small.toml"]);
    assert!(words.contains("not masked: PIN"), "{words}");
}

#[test]
fn what_is_printed_is_text_whoever_wrote_it() {
    let folder = folder();
    assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml"]).0, 0);
    let evil = "a\u{1b}]0;x\u{7}\u{9b}\u{202e}\u{e0041}\u{200b}b";
    let mut heard = String::new();
    for arguments in [
        &["run", "small.ledger.toml", "one/look/title", "--as", evil][..],
        &["status", "small.ledger.toml"],
        &["verify", "small.ledger.toml"],
        &["lint", "small.toml"],
        &["hold", "small.ledger.toml", "--reason", evil, "--as", evil],
        &["sign", "small.ledger.toml", "--role", evil],
        &["open", "--no-screen", evil],
        &["status", evil],
        &[evil],
        &["run", "small.ledger.toml", evil],
        &["import", evil],
    ] {
        heard += &gonogo(folder.path(), arguments).1;
    }
    assert!(heard.contains("\\u001b]0;x\\u0007"), "{heard:?}");
    let raw = heard.chars().find(|c| gonogo::harmless::is_hidden(*c) && !matches!(c, '\n' | '\t'));
    assert_eq!(raw, None, "{heard:?}");
    let (_, json) = gonogo(folder.path(), &["status", "small.ledger.toml", "--json"]);
    assert!(
        !json.contains(gonogo::harmless::is_hidden) || json.chars().all(|c| !c.is_control() || c == '\n'),
        "{json}"
    );
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(json.to_string().contains('\u{202e}'), "the value itself is kept");
}
