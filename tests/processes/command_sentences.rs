//! What commands say when something is not as it should be: what, where, and what to do next.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use assert_cmd::cargo::cargo_bin;
use common::program::{gonogo, said};
use common::small;
use gonogo::rehearsal::Sandbox;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

const SMALL: &str = r#"[[phase.section.item]]
id = "first"
title = "The first line"
[[phase.section.item]]
id = "remove"
title = "Remove the program"
check = { kind = "command", run = 'rm "$PROGRAM_FILE"' }
[[phase.section.item]]
id = "again"
title = "Go on"
check = { kind = "command", run = '"$GONOGO" --version', contains = "gonogo" }
[[signoff]]
id = "all"
title = "All of it"
phases = ["one"]
[[signoff.role]]
id = "lead"
title = "Release Lead"
[[signoff.role]]
id = "qa"
title = "QA"
[[signoff]]
id = "half"
title = "Half of it"
phases = ["one"]
[[signoff.role]]
id = "qa"
title = "QA"
"#;

fn folder() -> TempDir {
    small::folder(SMALL)
}

#[test]
fn a_folder_is_said_to_be_one_and_what_is_in_it_is_named() {
    let folder = folder();
    let empty = tempfile::tempdir().unwrap();
    let (status, words) = gonogo(empty.path(), &["open", "--no-screen", "."]);
    assert_eq!(status, 2);
    assert_eq!(
        words,
        "error: . is a folder; name a checklist or a ledger; there is none in it, and `gonogo open CHECKLIST` takes a \
         TOML or Markdown file\nhint: `gonogo COMMAND --help` shows what can be asked\n"
    );
    let (_, words) = gonogo(empty.path(), &["status", "."]);
    assert!(words.contains("name a ledger; there is none in it, and `gonogo open CHECKLIST` makes one\n"), "{words}");
    assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml"]).0, 0);
    fs::write(folder.path().join("release.md"), "- [ ] a\n").unwrap();
    fs::write(folder.path().join("prose.md"), "nothing\n").unwrap();
    for command in ["open", "lint"] {
        let (status, words) = gonogo(folder.path(), &[command, "."]);
        assert_eq!(status, 2);
        assert!(words.contains(". is a folder; name a checklist"), "{words}");
        assert!(words.contains("the ledger small.ledger.toml, and the checklists release.md, small.toml\n"), "{words}");
    }
    for command in ["verify", "status", "watch", "run"] {
        let (status, words) = gonogo(folder.path(), &[command, "."]);
        assert_eq!(status, 2, "{command}: {words}");
        let first = words.lines().next();
        assert_eq!(first, Some("error: . is a folder; name a ledger; in it there is the ledger small.ledger.toml"));
    }
}

#[test]
fn a_file_that_is_no_ledger_is_distinguished_from_a_damaged_one() {
    let folder = folder();
    let name = "; name a NAME.ledger.toml that `gonogo open CHECKLIST` made\n";
    for (text, why) in [
        ("format = \n", "it does not begin with `format = 1`"),
        ("format = one\n", "it does not begin with `format = 1`"),
        ("hello\n", "it does not begin with `format = 1`"),
        ("", "it is empty"),
        ("format = 1\ntitle = \"x\"\n", "no record is in it"),
        (&small::checklist(SMALL), "it is a checklist; `gonogo open` runs it"),
    ] {
        fs::write(folder.path().join("odd"), text).unwrap();
        for command in ["status", "verify"] {
            let (status, words) = gonogo(folder.path(), &[command, "odd"]);
            assert_eq!(status, 2, "{words}");
            assert!(words.contains(&format!("odd is no ledger: {why}{name}")), "{text:?}: {words}");
        }
    }
    fs::write(folder.path().join("odd"), "format = 2\n").unwrap();
    let (status, words) = gonogo(folder.path(), &["status", "odd"]);
    assert_eq!(
        (status, words.lines().next()),
        (1, Some("error: odd is of format 2, and this gonogo reads format 1; use a newer gonogo"))
    );
}

#[test]
fn a_role_that_is_none_is_answered_with_those_there_are() {
    let folder = folder();
    assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml"]).0, 0);
    let list = "\n  all/lead  Release Lead, All of it\n  all/qa  QA, All of it\n  half/qa  QA, Half of it\n";
    for (role, why) in [
        ("qa", "2 groups have a role `qa`; say which with GROUP/ROLE:"),
        ("boss", "the checklist has no sign-off `boss`; its roles are:"),
    ] {
        let (status, words) = gonogo(folder.path(), &["sign", "small.ledger.toml", role]);
        assert_eq!(status, 2);
        assert!(words.starts_with(&format!("error: {why}{list}")), "{words}");
        assert!(words.contains("--note TEXT adds a comment, which --no-go needs"), "{words}");
    }
    let (status, words) = gonogo(folder.path(), &["sign", "small.ledger.toml"]);
    assert_eq!((status, words.lines().count()), (0, 3), "{words}");
    assert!(words.contains("half/qa  QA, Half of it: unsigned"), "{words}");
    let (status, words) =
        gonogo(folder.path(), &["sign", "small.ledger.toml", "half/qa", "--as", "Kim", "--note", "fine"]);
    let user = gonogo::ledger::operator::current(None).user;
    assert_eq!((status, words), (0, format!("Kim ({user}) signed Half of it as QA: GO\n")));
}

#[test]
fn refusals_name_items_by_their_titles() {
    let folder = folder();
    assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml"]).0, 0);
    let (status, words) = gonogo(folder.path(), &["run", "small.ledger.toml", "one/look/first"]);
    assert_eq!(status, 4);
    assert!(words.contains("`The first line` (one/look/first) is manual: look for yourself and tick it"), "{words}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_removed_in_mid_flight_goes_on() {
    let folder = folder();
    let program = folder.path().join("gonogo-here");
    if fs::hard_link(cargo_bin("gonogo"), &program).is_err() {
        fs::copy(cargo_bin("gonogo"), &program).unwrap();
    }
    assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml"]).0, 0);
    let items = ["one/look/remove", "one/look/again"];
    let mut command = Command::new(&program);
    command.current_dir(folder.path()).env("PROGRAM_FILE", &program).args(["run", "small.ledger.toml"]).args(items);
    let (status, words) = said(&mut command);
    assert!(!program.exists(), "{words}");
    assert_eq!(status, 0, "{words}");
    assert!(words.contains("Go on"), "{words}");
}

const RESTING: &str = r#"
format = 1
id = "small"
title = "A small rehearsal"
[[slot]]
id = "staging"
title = "Staging"
[environments.rehearsal-staging]
slot = "staging"
kind = "rehearsal"
url = "${REHEARSAL_STAGING_URL}"
[[phase]]
id = "one"
title = "One"
slot = "staging"
[[phase.section]]
id = "look"
title = "Look"
[[phase.section.item]]
id = "up"
title = "It answers"
check = { kind = "http", path = "/health" }
"#;

#[tokio::test]
async fn services_that_a_run_woke_are_put_to_rest_by_it() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("flight");
    let sandbox = Sandbox::build(&folder, 1_000, &[], |_| {}).await.unwrap();
    fs::write(folder.join("small.toml"), RESTING).unwrap();
    // As a flight leaves them.
    fs::write(folder.join("services.resting"), "staging").unwrap();
    assert_eq!(gonogo(&folder, &["open", "--no-screen", "small.toml"]).0, 0);
    let (status, words) = gonogo(&folder, &["run", "small.ledger.toml", "one/look/up"]);
    assert_eq!(status, 0, "{words}");
    let running = || gonogo(&folder, &["rehearsal", "service", "status", "staging"]).0 == 0;
    assert!(!running(), "the run left its service running");
    assert_eq!(fs::read_to_string(folder.join("services.resting")).unwrap(), "staging");
    // One that somebody else started is left alone.
    fs::remove_file(folder.join("services.resting")).unwrap();
    assert_eq!(gonogo(&folder, &["rehearsal", "service", "start", "staging"]).0, 0);
    let (status, words) = gonogo(&folder, &["run", "small.ledger.toml", "one/look/up"]);
    assert_eq!(status, 0, "{words}");
    let stays = running();
    sandbox.stop_services().await.unwrap();
    assert!(stays, "{words}");
}

#[test]
fn what_is_no_regular_file_is_refused_with_a_sentence_and_never_waited_for() {
    let folder = folder();
    for name in ["pipe.toml", "pipe.md", "pipe.ledger.toml"] {
        assert!(Command::new("mkfifo").arg(folder.path().join(name)).status().unwrap().success());
    }
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero.ledger.toml")).unwrap();
    for (words, what) in [
        (["lint", "pipe.toml"], "a named pipe"),
        (["import", "pipe.md"], "a named pipe"),
        (["open", "pipe.toml"], "a named pipe"),
        (["open", "pipe.ledger.toml"], "a named pipe"),
        (["status", "pipe.ledger.toml"], "a named pipe"),
        (["verify", "pipe.ledger.toml"], "a named pipe"),
        (["status", "zero.ledger.toml"], "a device"),
        (["verify", "/dev/zero"], "a device"),
        (["lint", "/dev/zero"], "a device"),
        (["import", "/dev/zero"], "a device"),
    ] {
        let mut arguments = words.to_vec();
        if words[0] == "open" {
            arguments.push("--no-screen");
        }
        let (status, said) = gonogo(folder.path(), &arguments);
        assert_ne!(status, 0, "{words:?}: {said}");
        assert!(said.contains(&format!("it is {what}; name a regular file")), "{words:?}: {said}");
    }
}

#[test]
fn what_was_recorded_is_reported_although_the_output_failed() {
    let folder = folder();
    let (status, said) = gonogo(folder.path(), &["open", "--no-screen", "small.toml"]);
    assert_eq!(status, 0, "{said}");
    let full = |words: &[&str]| {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
        let output = command.current_dir(folder.path()).args(words).stdout(full).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let ledger = || std::fs::read_to_string(folder.path().join("small.ledger.toml")).unwrap();
    let before = ledger().len();
    let (status, said) = full(&["window", "small.ledger.toml", "--start", "T-10m"]);
    assert_eq!(status, Some(7), "{said}");
    assert!(said.contains("the output could not be written: No space left on device"), "{said}");
    assert!(said.contains("done and is recorded in small.ledger.toml"), "{said}");
    assert!(ledger().len() > before && ledger().contains("kind = \"clock-started\""));
    for words in [&["status", "small.ledger.toml"][..], &["completions", "bash"], &["man"], &["lint", "small.toml"]] {
        let (status, said) = full(words);
        assert_eq!(status, Some(7), "{words:?}: {said}");
        assert!(said.contains("could not be written") && !said.contains("recorded"), "{words:?}: {said}");
    }
    // What is refused stays refused.
    let (status, said) = full(&["hold", "small.ledger.toml", "--reason", ""]);
    assert!(status == Some(2) && said.contains("a reason is needed"), "{said}");
}

#[test]
fn a_ledger_in_a_repository_keeps_its_line_ends() {
    let folder = small::folder("");
    let attributes = folder.path().join(".gitattributes");
    assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml", "--ledger", "first.ledger.toml"]).0, 0);
    assert!(!attributes.exists(), "here is no repository");
    fs::create_dir(folder.path().join(".git")).unwrap();
    fs::write(&attributes, "*.png binary").unwrap();
    for ledger in ["second.ledger.toml", "third.ledger.toml"] {
        assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml", "--ledger", ledger]).0, 0);
    }
    assert_eq!(fs::read_to_string(&attributes).unwrap(), "*.png binary\n*.ledger.toml -text\n");
}

#[test]
fn every_error_has_a_hint_and_colours_are_asked_for() {
    let folder = folder();
    let run = |words: &[&str], set: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
        command.current_dir(folder.path()).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").args(words);
        let output = command.envs(set.iter().copied()).output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for words in [&["lint", "gone.toml"][..], &["status", "gone"], &["poll"], &["no-such"], &["status", "--no-such"]] {
        let said = run(words, &[]);
        assert!(said.starts_with("error: ") && said.contains("\nhint: "), "{words:?}: {said}");
        assert!(!said.contains('\u{1b}'), "{words:?}: {said}");
    }
    let gone = ["lint", "gone.toml"];
    let coloured = |said: &str| said.starts_with("\u{1b}[1;31merror\u{1b}[0m: ") && said.contains("hint\u{1b}[0m: ");
    for (words, set, has) in [
        (&["--color", "always", "lint", "gone.toml"][..], &[("NO_COLOR", "1")][..], true),
        (&["lint", "gone.toml", "--color=never"], &[("CLICOLOR_FORCE", "1")], false),
        (&gone, &[("CLICOLOR_FORCE", "1")], true),
        (&gone, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&gone, &[], false),
    ] {
        let said = run(words, set);
        assert_eq!(coloured(&said), has, "{words:?} {set:?}: {said:?}");
    }
}

#[test]
fn poll_and_roles_speak_json_and_take_their_ledger_behind_the_subcommand() {
    let folder = folder();
    assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml"]).0, 0);
    let (status, _) = gonogo(folder.path(), &["role", "assign", "small.ledger.toml", "lead", "Ada"]);
    assert_eq!(status, 0);
    let read = |words: &[&str]| {
        let output = Command::new(cargo_bin("gonogo")).current_dir(folder.path()).args(words).output().unwrap();
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let roles = read(&["role", "--json"]);
    assert_eq!((roles["format"].as_i64(), roles["roles"][0]["person"].as_str()), (Some(1), Some("Ada")), "{roles}");
    let poll = read(&["poll", "show", "--json"]);
    assert_eq!((poll["format"].as_i64(), poll["open"].as_bool()), (Some(1), Some(false)), "{poll}");
}
