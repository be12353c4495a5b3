//! A Markdown checklist on the screen: its command is looked at, filled in, armed, run; nothing of it before.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;
use crate::common::program::{output, text};

use common::terminal::Terminal;

const RELEASE: &str = "# Release

- [ ] Say hello
  ```sh
  greeting=he''llo
  echo \"$greeting <name>\" > said.txt
  cat said.txt
  ```
- [ ] Clean up: `rm -rf <folder>`
- [ ] Tell the users
";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("release.md"), RELEASE).unwrap();
    folder
}

#[test]
fn an_unarmed_command_is_refused_with_the_reason() {
    let folder = folder();
    assert_eq!(output(folder.path(), &["open", "--no-screen", "release.md"]).status.code(), Some(0));
    let refused = output(folder.path(), &["run", "release.ledger.toml", "_start/_items/say-hello"]);
    assert_eq!(refused.status.code(), Some(4), "{}", text(&refused.stderr));
    let said = text(&refused.stdout);
    assert!(
        said.contains("`Say hello` (_start/_items/say-hello) proposes a command and nobody has enabled it yet"),
        "{said}"
    );
    // Nor does everything that can go on by itself include it.
    let flown = output(folder.path(), &["run", "release.ledger.toml"]);
    assert!(text(&flown.stdout).contains("Say hello is open; a person is needed"), "{}", text(&flown.stdout));
    assert!(!folder.path().join("said.txt").exists());
}

#[test]
fn a_command_is_shown_filled_in_armed_and_run() {
    let folder = folder();
    let mut terminal = Terminal::start(folder.path(), 100, 30, &["open", "release.md", "--as", "Kim"]);
    terminal.until_text("Say hello", 30);
    terminal.keys("E");
    terminal.until_text("A proposed command", 30);
    // As written, on its own lines, with what is to be filled in and where it would run.
    terminal.until_text("cat said.txt", 30);
    terminal.until_text("<name>\" > said.txt", 30);
    terminal.until_text("to fill in", 30);
    terminal.keys("\r");
    terminal.until_text("Enable command", 30);
    // With the field empty it is refused.
    terminal.keys("\r");
    terminal.until_text("<name> is required", 30);
    terminal.keys("\tKim & crew\r\r");
    terminal.until("the form to close", 30, |screen| !screen.contains("Enable command"));
    terminal.until_text("enabled   by", 30);
    assert!(!folder.path().join("said.txt").exists(), "arming runs nothing");
    terminal.keys("\r");
    // What an armed command does nobody knows: nothing else is asked here, as the place is not protected.
    terminal.until_text("hello Kim & crew", 60);
    terminal.until_text("1/3", 60);
    terminal.keys("q");
    assert_eq!(terminal.wait(30), 0);
    let ledger = std::fs::read_to_string(folder.path().join("release.ledger.toml")).unwrap();
    assert!(ledger.contains("kind = \"command-armed\"") && ledger.contains("says = \"Kim\""), "{ledger}");
    assert_eq!(std::fs::read_to_string(folder.path().join("said.txt")).unwrap(), "hello Kim & crew\n");
    assert_eq!(output(folder.path(), &["verify", "release.ledger.toml"]).status.code(), Some(0));
}

#[test]
fn what_destroys_is_typed_and_arming_is_taken_back() {
    let folder = folder();
    let mut terminal = Terminal::start(folder.path(), 100, 30, &["open", "release.md"]);
    terminal.until_text("Say hello", 30);
    terminal.keys("jE");
    terminal.until_text("it removes files", 30);
    terminal.keys("\r");
    terminal.until_text("type: removes files", 30);
    terminal.keys("build\t\r");
    terminal.until_text("type `removes files` to enable it", 30);
    terminal.keys("removes files\r");
    terminal.until_text("enabled   by", 30);
    terminal.keys("u");
    terminal.until_text("Disable command", 30);
    terminal.keys("not today\r");
    terminal.until_text("review command", 30);
    terminal.keys("q");
    assert_eq!(terminal.wait(30), 0);
    let refused = output(folder.path(), &["run", "release.ledger.toml", "_start/_items/clean-up-rm-rf-folder"]);
    assert_eq!(refused.status.code(), Some(4), "{}", text(&refused.stdout));
}

#[test]
fn a_first_line_that_fails_is_no_pass() {
    let folder = tempfile::tempdir().unwrap();
    let document = "# Move\n\n- [ ] Move it\n  ```sh\n  false\n  echo moved > moved.txt\n  ```\n";
    std::fs::write(folder.path().join("move.md"), document).unwrap();
    let mut terminal = Terminal::start(folder.path(), 100, 30, &["open", "move.md"]);
    terminal.until_text("Move it", 30);
    terminal.keys("E");
    // The line that is added is shown before anything is armed, and is in a field of its own.
    terminal.until_text("set -e", 30);
    terminal.keys("\r");
    terminal.until_text("first line", 30);
    terminal.until_text("$ set -e", 30);
    terminal.keys("\r");
    terminal.until_text("enabled   by", 30);
    terminal.keys("\r");
    terminal.until_text("exit 1", 60);
    assert!(!folder.path().join("moved.txt").exists());
    terminal.keys("q");
    assert_eq!(terminal.wait(30), 0);
    let ledger = std::fs::read_to_string(folder.path().join("move.ledger.toml")).unwrap();
    assert!(ledger.contains("set -e"), "{ledger}");
}
