//! The screen on a real pseudo-terminal: the start, finding things, themes, sizes, the editor, the mouse and the way out.
//!
//! Longer than 400 lines because each meeting with the terminal reads on its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use common::small;
use common::terminal::{GONOGO, Terminal};
use rustix::process::Signal;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Long enough for a loaded machine; nothing waits for it when things go well.
const SOON: u64 = 30;

const CHECKLIST: &str = r#"[[phase.section.item]]
id = "first"
title = "The first line"
note = "see https://tickets.example/4711 for more"
[[phase.section.item]]
id = "counts"
title = "A command that counts"
check = { kind = "command", run = "seq -f 'counted %g' 1 300" }
[[phase.section.item]]
id = "last"
title = "The last line"

[[signoff]]
id = "all"
title = "All of it"
phases = ["one"]
[[signoff.role]]
id = "release-captain"
title = "Release Captain"
"#;

fn folder() -> tempfile::TempDir {
    small::folder(CHECKLIST)
}

fn open_with(folder: &Path, columns: u16, rows: u16, variables: &[(&str, &str)]) -> Terminal {
    let arguments = ["open", "small.toml", "--as", "Release Captain"];
    let mut terminal = Terminal::start_with(folder, columns, rows, &arguments, variables);
    terminal.until_text("The first line", SOON);
    terminal
}

fn open(folder: &Path, columns: u16, rows: u16) -> Terminal {
    open_with(folder, columns, rows, &[])
}

fn ledger(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("small.ledger.toml")).unwrap()
}

/// Opens a deployment without a screen.
fn opened(folder: &Path, arguments: &[&str]) {
    let output =
        Command::new(GONOGO).current_dir(folder).args(["open", "--no-screen"]).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Whether what was written since the beginning holds a text.
fn wrote(terminal: &Terminal, text: &str) -> bool {
    terminal.raw.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn alone_in_an_empty_folder_it_says_what_to_do_and_opens_what_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 80, 24, &[]);
    terminal.until_text("This folder has no deployment. Rehearse one", SOON);
    assert!(terminal.text().contains("Rehearsal"), "{}", terminal.text());
    terminal.keys("W");
    terminal.until_text("W does nothing here", SOON);
    // Down to the last checklist that is built in.
    terminal.keys("jjj");
    terminal.until_text("Create service-release.ledger.toml", SOON);
    terminal.keys("t\r");
    terminal.until_text("Phase 1/", SOON);
    terminal.keys("q");
    // After leaving what was opened the program ends.
    assert_eq!(terminal.wait(SOON), 0);
    assert!(terminal.given_back());
    assert!(folder.path().join("service-release.ledger.toml").is_file());
}

#[test]
fn the_start_screen_reports_how_far_each_deployment_has_come_and_remembers_others() {
    let folder = folder();
    opened(folder.path(), &["small.toml"]);
    opened(folder.path(), &["small.toml", "--ledger", "other.ledger.toml"]);
    std::fs::write(folder.path().join("broken.ledger.toml"), "no ledger").unwrap();
    let mut terminal = Terminal::start(folder.path(), 100, 30, &[]);
    terminal.until("both", SOON, |screen| screen.matches("open 0/3").count() == 2 && screen.contains("cannot be used"));
    terminal.keys("2");
    terminal.until_text("The first line", SOON);
    terminal.keys("q");
    assert_eq!(terminal.wait(SOON), 0);
    // From another folder, with the same home.
    let elsewhere = tempfile::tempdir().unwrap();
    let state = folder.path().join(".state");
    let variables = [("XDG_STATE_HOME", state.to_str().unwrap())];
    let mut terminal = Terminal::start_with(elsewhere.path(), 100, 30, &[], &variables);
    terminal.until("the one flown", SOON, |screen| {
        screen.contains("Waiting for you")
            && screen.contains("A small deployment")
            && screen.contains("This folder has no deployment")
    });
    terminal.keys("1");
    terminal.until_text("The first line", SOON);
    terminal.keys("q");
    terminal.wait(SOON);
}

#[test]
fn what_cannot_be_opened_is_said_where_another_choice_can_be_made() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("broken.toml"), "format = 1\n[[phase]]\ntitel = \"no\"\n").unwrap();
    let mut terminal = Terminal::start(folder.path(), 100, 30, &[]);
    terminal.until_text("Checklists in this folder", SOON);
    terminal.keys("2");
    terminal.until_text("broken.toml:", SOON);
    assert!(terminal.screen().alternate_screen());
    terminal.keys("q");
    assert_eq!(terminal.wait(SOON), 0);
    assert!(terminal.given_back());
}

#[test]
fn with_one_deployment_here_it_is_opened_and_without_a_terminal_a_list_is_printed() {
    let folder = folder();
    let list = Command::new(GONOGO).current_dir(folder.path()).output().unwrap();
    assert_eq!(list.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&list.stdout).contains("gonogo rehearse"));
    opened(folder.path(), &["small.toml"]);
    let mut terminal = Terminal::start(folder.path(), 80, 24, &[]);
    terminal.until_text("The first line", SOON);
}

#[test]
fn output_scrolls_back_and_follows_again() {
    let folder = folder();
    let mut terminal = open(folder.path(), 80, 24);
    terminal.keys("gj\r");
    terminal.until_text("counted 300", SOON);
    terminal.keys("[");
    terminal.until("an earlier line", SOON, |screen| screen.contains("below") && !screen.contains("counted 300"));
    // With the keys in the output they scroll it, to its very beginning.
    terminal.keys("\t\x1b[H");
    terminal.until("the first line", SOON, |screen| screen.contains("counted 1\n") || screen.contains("counted 1 "));
    terminal.keys("\x1b[F");
    terminal.until("the end", SOON, |screen| screen.contains("counted 300") && !screen.contains("below"));
}

#[test]
fn a_search_the_palette_and_a_theme_do_as_they_say() {
    let folder = folder();
    let mut terminal = open(folder.path(), 100, 30);
    terminal.keys("g/line");
    terminal.until_text("1 of 2", SOON);
    terminal.keys("\r.");
    terminal.until_text("/line 2 of 2", SOON);
    // Sent together they would be one key with alt.
    terminal.keys("\x1b");
    terminal.until("the search to end", SOON, |screen| !screen.contains("2 of 2"));
    terminal.keys(":timel\r");
    terminal.until_text("records, times in UTC", SOON);
    terminal.keys("t");
    terminal.until_text("theme light, 2 of 5", SOON);
    // The answer goes by itself, and what comes next is reported again.
    terminal.until("the answer to go", SOON, |screen| !screen.contains("theme light"));
    terminal.bytes_within(Duration::from_millis(700));
    assert_eq!(terminal.bytes_within(Duration::from_secs(2)), 0, "it writes although nothing moves");
}

#[test]
fn one_letter_does_not_start_the_autopilot() {
    let folder = folder();
    let mut terminal = open(folder.path(), 80, 24);
    terminal.keys("a");
    terminal.until_text("Runs every step", SOON);
    terminal.keys("b");
    terminal.until_text("autopilot not started", SOON);
    assert!(!ledger(folder.path()).contains("attempt-started"));
    terminal.keys("aa");
    terminal.until_text("1/3", SOON);
    assert!(ledger(folder.path()).contains("attempt-started"));
}

#[test]
fn the_next_line_that_waits_for_me_is_found_and_so_is_my_signature() {
    let folder = folder();
    let mut terminal = open(folder.path(), 80, 24);
    terminal.keys("my");
    terminal.until_text("Copied the title: The last line", SOON);
    terminal.keys("m");
    terminal.until_text("Issues, lessons and notes", SOON);
    terminal.keys("\r");
    terminal.until_text("Release Captain, All of it", SOON);
}

#[test]
fn the_clipboard_is_handed_what_is_in_hand() {
    let folder = folder();
    let mut terminal = open(folder.path(), 80, 24);
    terminal.keys("gjy");
    terminal.until_text("Copied the command", SOON);
    let command = data_encoding::BASE64.encode(b"seq -f 'counted %g' 1 300");
    terminal.until_written(&format!("\x1b]52;c;{command}\x1b\\"), SOON);
    terminal.keys("Y");
    terminal.until_text("Copied the ledger's path", SOON);
    let path = std::fs::canonicalize(folder.path()).unwrap().join("small.ledger.toml");
    let path = data_encoding::BASE64.encode(path.to_str().unwrap().as_bytes());
    terminal.until_written(&format!("\x1b]52;c;{path}\x1b\\"), SOON);
}

#[test]
fn an_address_is_a_link_where_the_terminal_has_such_and_nowhere_else() {
    let folder = folder();
    let link = "\x1b]8;;https://tickets.example/4711\x1b\\";
    let mut plain = open_with(folder.path(), 80, 24, &[("GONOGO_LINKS", "never")]);
    plain.keys("g");
    plain.until_text("https://tickets.example/4711", SOON);
    assert!(!wrote(&plain, link));
    drop(plain);
    let mut linked = open_with(folder.path(), 80, 24, &[("GONOGO_LINKS", "always")]);
    linked.keys("g");
    linked.until_text("see https://tickets.example/4711 for more", SOON);
    linked.until_written(link, SOON);
}

#[test]
fn the_mouse_is_the_terminals_until_it_is_asked_for_and_given_back() {
    let folder = folder();
    let mut terminal = open(folder.path(), 120, 36);
    assert!(!wrote(&terminal, "\x1b[?1000h"));
    terminal.keys("M");
    terminal.until_text("mouse on", SOON);
    terminal.until_written("\x1b[?1000h", SOON);
    // The tab of the timeline, then that of the cockpit.
    let click = |column: usize, row: usize| format!("\x1b[<0;{};{}M\x1b[<0;{0};{1}m", column + 1, row + 1);
    let column = terminal.text().lines().nth(2).unwrap().find("6 timeline").unwrap();
    terminal.keys(&click(column + 3, 2));
    terminal.until_text("records, times in UTC", SOON);
    terminal.keys(&click(2, 2));
    terminal.until_text("The last line", SOON);
    let row = terminal.text().lines().position(|line| line.contains("The last line")).unwrap();
    terminal.keys(&click(45, row));
    terminal.keys("y");
    terminal.until_text(": The last line", SOON);
    terminal.keys("q");
    assert_eq!(terminal.wait(SOON), 0);
    assert!(terminal.given_back());
    assert!(wrote(&terminal, "\x1b[?1000l"));
    assert_eq!(terminal.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
}

/// A program that answers for an editor.
fn editor(folder: &Path, script: &str) -> String {
    let path = folder.join("editor.sh");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_long_note_is_written_in_the_persons_editor() {
    let folder = folder();
    let script = "stat -c %a \"$1\" > mode; cp \"$1\" before; echo 'in the editor'; read key\n\
        printf 'one line\\nand a second, \"quoted\"\\n' >> \"$1\"";
    let editor = editor(folder.path(), script);
    let mut terminal = open_with(folder.path(), 80, 24, &[("VISUAL", &editor), ("EDITOR", "false")]);
    terminal.keys("ebegun\x0f");
    terminal.until_text("in the editor", SOON);
    // The terminal is the editor's: what is typed goes there and not to the cockpit.
    assert!(!terminal.screen().alternate_screen());
    terminal.keys("q\r");
    terminal.until("the text in the field", SOON, |screen| screen.contains("3 lines") && screen.contains("Add note"));
    terminal.keys("\r");
    terminal.until("the note", SOON, |screen| screen.contains("and a second") && !screen.contains("Add note"));
    assert_eq!(std::fs::read_to_string(folder.path().join("mode")).unwrap().trim(), "600");
    assert_eq!(std::fs::read_to_string(folder.path().join("before")).unwrap(), "begun\n");
    let table: toml::Table = ledger(folder.path()).parse().unwrap();
    let note = table["record"].as_array().unwrap().iter().find(|r| r["kind"].as_str() == Some("note-added")).unwrap();
    assert_eq!(note["text"].as_str().unwrap(), "begun\none line\nand a second, \"quoted\"");
}

#[test]
fn an_editor_that_fails_or_is_missing_is_a_sentence_and_the_text_stays() {
    let folder = folder();
    for (variable, said) in [
        ("false", "ended with status 1; the text is as it was"),
        ("no-such-editor-anywhere", "was not found"),
        ("", "no editor is set"),
    ] {
        let mut terminal = open_with(folder.path(), 80, 24, &[("VISUAL", ""), ("EDITOR", variable)]);
        terminal.keys("ekept words\x0f");
        terminal.until(said, SOON, |screen| screen.contains(said) && screen.contains("kept words"));
        terminal.keys("\x1b");
        terminal.until("the form to close", SOON, |screen| !screen.contains("Add note"));
    }
}

#[test]
fn sizes_in_a_storm_leave_a_whole_start_screen_and_a_whole_cockpit() {
    let storm = [(80, 24), (1, 1), (300, 90), (59, 15), (20, 60), (100, 30), (2, 200), (60, 16), (100, 30)];
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 120, 36, &[]);
    terminal.until_text("Rehearsal", SOON);
    for (columns, rows) in storm {
        terminal.resize(columns, rows);
    }
    terminal.keys("W");
    terminal.until("the whole list", SOON, |screen| {
        screen.contains("This folder has no deployment")
            && screen.contains("Rehearsal")
            && screen.contains("W does nothing here")
    });
    terminal.keys("4");
    terminal.until_text("Release content", SOON);
    for (columns, rows) in storm {
        terminal.resize(columns, rows);
    }
    terminal.keys("6");
    terminal.until("the whole timeline", SOON, |screen| {
        screen.contains("records, times in UTC") && screen.contains("sign-offs")
    });
}

#[test]
fn the_shell_gets_the_terminal_from_the_start_screen_too() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--norc", "--noprofile", "-i"];
    let mut terminal = Terminal::start_program(folder.path(), 100, 30, "bash", &arguments);
    terminal.keys(&format!("PS1='shell> '; {GONOGO}\r"));
    terminal.until_text("This folder has no deployment", SOON);
    terminal.keys("\x1a");
    terminal.until("the shell", SOON, |screen| {
        screen.contains("Stopped") && !screen.contains("This folder has no deployment")
    });
    terminal.keys("fg\r");
    terminal.until_text("This folder has no deployment", SOON);
    // With the mouse taken, it is given to the shell and taken again.
    terminal.keys("4");
    terminal.until_text("Release content", SOON);
    terminal.keys("M");
    terminal.until_text("mouse on", SOON);
    terminal.keys("\x1a");
    terminal.until("the shell again", SOON, |screen| {
        screen.matches("Stopped").count() == 2 && !screen.contains("Release content")
    });
    assert_eq!(terminal.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    terminal.keys("fg\r");
    terminal.until_text("Release content", SOON);
    assert_eq!(terminal.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::PressRelease);
    terminal.keys("q");
    terminal.until("the shell at last", SOON, |screen| !screen.contains("Release content"));
    terminal.keys("exit\r");
    terminal.wait(SOON);
}

#[test]
fn a_line_that_goes_down_ends_the_start_screen_and_the_editors_cockpit() {
    let empty = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(empty.path(), 80, 24, &[]);
    terminal.until_text("This folder has no deployment", SOON);
    terminal.signal(Signal::HUP);
    terminal.wait(SOON);
    assert!(terminal.given_back());

    let folder = folder();
    let editor = editor(folder.path(), "echo 'in the editor'; read key");
    let mut terminal = open_with(folder.path(), 80, 24, &[("VISUAL", &editor)]);
    terminal.keys("e\x0f");
    terminal.until_text("in the editor", SOON);
    terminal.signal(Signal::TERM);
    terminal.keys("\r");
    terminal.wait(SOON);
    assert!(terminal.given_back());
}
