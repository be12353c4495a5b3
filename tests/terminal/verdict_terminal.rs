//! Poll, override and the rollback in the real program, on a terminal, with a second process beside it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use common::terminal::{GONOGO, Terminal};
use std::path::Path;
use std::process::Command;

const LEDGER: &str = "window.ledger.toml";
const PATIENCE: u64 = 60;

/// The window of the scenario files, with commands that can be run here.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = include_str!("../pure/window/scenarios/checklist.toml");
    let text = ["dump", "upgrade", "restore"].iter().fold(text.to_owned(), |text, name| {
        text.replace(&format!("run = \"{name}\""), &format!("run = \"echo {name}\""))
    });
    std::fs::write(folder.path().join("window.toml"), text).unwrap();
    gonogo(
        folder.path(),
        &["open", "--no-screen", "window.toml", "--env", "staging=staging", "--env", "production=production"],
        0,
    );
    folder
}

fn gonogo(folder: &Path, arguments: &[&str], status: i32) -> String {
    let mut command = Command::new(GONOGO);
    command.current_dir(folder).args(arguments).env("XDG_STATE_HOME", folder.join(".state"));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
    said
}

#[test]
fn a_poll_answered_from_another_process_shows_and_rings() {
    let folder = folder();
    let mut terminal = Terminal::start(folder.path(), 120, 36, &["open", LEDGER, "--as", "Ada"]);
    terminal.until_text("checklist", PATIENCE);
    terminal.keys("p");
    terminal.until_text("Order: QA, DBA.", PATIENCE);
    terminal.keys("\r");
    terminal.until_text("0 of 2 answered", PATIENCE);
    gonogo(folder.path(), &["poll", LEDGER, "qa", "--go", "--as", "Kim Minsu"], 0);
    terminal.until_text("1 of 2 answered", PATIENCE);
    terminal.until("Kim's answer", PATIENCE, |screen| screen.contains("✔ go") && screen.contains("Kim Minsu"));
    gonogo(folder.path(), &["poll", LEDGER, "dba", "--no-go", "--reason", "the replica lags", "--as", "Ana"], 0);
    terminal.until_text("DBA says NO-GO: the replica lags", PATIENCE);
    // Somebody else's no is worth the bell, which nothing before was.
    terminal.until_written("\x07", PATIENCE);
    terminal.keys("q");
    assert_eq!(terminal.wait(PATIENCE), 0);
    assert!(terminal.given_back());
}

#[test]
fn the_bell_stays_quiet_where_it_is_turned_off() {
    let folder = folder();
    gonogo(folder.path(), &["poll", LEDGER, "--open"], 0);
    let arguments = ["open", LEDGER, "--as", "Ada"];
    let variables = [("GONOGO_BELL", "off"), ("TERM", "xterm-ghostty")];
    let mut terminal = Terminal::start_with(folder.path(), 120, 36, &arguments, &variables);
    terminal.until_text("the poll asks QA", PATIENCE);
    gonogo(folder.path(), &["poll", LEDGER, "qa", "--no-go", "--reason", "not yet", "--as", "Kim"], 0);
    terminal.until_text("QA says NO-GO: not yet", PATIENCE);
    terminal.keys("q");
    assert_eq!(terminal.wait(PATIENCE), 0);
    assert!(!terminal.raw.contains(&0x07) && !terminal.raw.windows(4).any(|bytes| bytes == b"\x1b]9;"));
}

#[test]
fn an_abort_and_the_rollback_are_flown_to_a_verified_old_state() {
    let folder = folder();
    let mut terminal = Terminal::start(folder.path(), 120, 36, &["open", LEDGER, "--as", "Ada"]);
    terminal.until_text("checklist", PATIENCE);
    terminal.keys("!a");
    terminal.until_text("aborted: not approved.", PATIENCE);
    terminal.keys("\tnot tonight\tproduction\r");
    terminal.until_text("ABORTED by Ada", PATIENCE);
    terminal.keys("!r");
    terminal.until_text("2 steps lead back to the old state.", PATIENCE);
    terminal.keys("back to the old release\tproduction\r");
    terminal.until_text("step 1 of 2: Restore the backup", PATIENCE);
    terminal.until_text("of 15:00", PATIENCE);
    // The rollback was begun by the environment's name; its steps do not ask for it again.
    terminal.keys("\r");
    terminal.until_text("step 2 of 2: Everything is as before", PATIENCE);
    terminal.keys("o");
    terminal.until("the tick's key", PATIENCE, |screen| screen.contains("space tick"));
    terminal.keys(" ");
    terminal.until_text("rollback steps complete: !r finishes it", PATIENCE);
    terminal.keys("!r");
    terminal.until_text("the old state is restored", PATIENCE);
    terminal.keys("\r");
    terminal.until_text("The old state is verified.", PATIENCE);
    terminal.keys("\x1b");
    terminal.until("no dialog", PATIENCE, |screen| !screen.contains("esc closes"));
    terminal.until_text("ROLLED BACK in", PATIENCE);
    terminal.keys("!c");
    terminal.until_text("Close the deployment", PATIENCE);
    terminal.keys("\tproduction\r");
    terminal.until_text("CLOSED by Ada", PATIENCE);
    terminal.keys("q");
    assert_eq!(terminal.wait(PATIENCE), 0);
    let status = gonogo(folder.path(), &["status", LEDGER, "--json"], 0);
    assert!(status.contains("\"closed\""), "{status}");
    gonogo(folder.path(), &["verify", LEDGER], 0);
}

#[test]
fn a_decision_on_the_command_line_asks_for_a_poll_and_for_the_name() {
    let folder = folder();
    let no_go = ["decide", LEDGER, "--no-go", "--reason", "not tonight"];
    let said = gonogo(folder.path(), &no_go, 4);
    assert!(said.contains("No poll was taken: QA, DBA not asked."), "{said}");
    let without = [&no_go[..], &["--without-poll"]].concat();
    let said = gonogo(folder.path(), &without, 4);
    assert!(said.contains("add --confirm production"), "{said}");
    let said = gonogo(folder.path(), &[&without[..], &["--confirm", "staging"]].concat(), 4);
    assert!(said.contains("nothing was recorded"), "{said}");
    let said = gonogo(folder.path(), &[&without[..], &["--confirm", "production"]].concat(), 6);
    assert!(said.contains("decided NO-GO"), "{said}");
    gonogo(folder.path(), &["decide", LEDGER, "--reopen", "--reason", "looked again"], 0);
}
