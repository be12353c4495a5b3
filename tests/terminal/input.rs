//! Input that is too much, that never ends, and a terminal that nobody reads.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::small;
use crate::common::terminal::{GONOGO, Terminal};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Write};
use std::process::Command;
use std::time::{Duration, Instant};

const SOON: u64 = 30;
const PATIENCE: Duration = Duration::from_mins(1);
const ITEMS: &str = "[[phase.section.item]]\nid = \"first\"\ntitle = \"The first line\"\n";

#[test]
fn a_paste_of_megabytes_is_refused_and_a_shorter_one_is_a_text() {
    let folder = small::folder(ITEMS);
    let mut terminal = Terminal::start(folder.path(), 100, 30, &["open", "small.toml"]);
    terminal.until_text("The first line", SOON);
    terminal.keys("e");
    terminal.until_text("Add note", SOON);
    terminal.keys(&format!("\x1b[200~{}\x1b[201~", "q\r".repeat(5_000_000)));
    terminal.until_text("paste of 10 MB refused", SOON);
    terminal.keys("\x1b[200~kept words\x1b[201~");
    terminal.until_text("kept words", SOON);
    terminal.keys("\r");
    terminal.until("the form to close", SOON, |screen| !screen.contains("Add note"));
    terminal.keys("q");
    assert_eq!(terminal.wait(SOON), 0);
}

#[test]
fn a_paste_whose_end_never_comes_does_not_swallow_the_keys() {
    let folder = small::folder(ITEMS);
    let mut terminal = Terminal::start(folder.path(), 100, 30, &["open", "small.toml"]);
    terminal.until_text("The first line", SOON);
    terminal.keys("e");
    terminal.until_text("Add note", SOON);
    terminal.keys("\x1b[200~cut off in the middle");
    // A part is not taken for the whole; keys work from then on.
    terminal.until_text("broke off after 21 bytes", SOON);
    terminal.keys("\x1b");
    terminal.until("no form", SOON, |screen| !screen.contains("Add note"));
    terminal.keys("q");
    assert_eq!(terminal.wait(SOON), 0);
}

#[test]
fn a_signal_is_heard_in_the_middle_of_a_paste() {
    let folder = small::folder(ITEMS);
    let mut terminal = Terminal::start(folder.path(), 100, 30, &["open", "small.toml"]);
    terminal.until_text("The first line", SOON);
    terminal.keys("e");
    terminal.until_text("Add note", SOON);
    terminal.keys(&format!("\x1b[200~{}", "words without an end ".repeat(20_000)));
    terminal.signal(Signal::TERM);
    terminal.wait(SOON);
    assert!(terminal.given_back());
}

#[test]
fn a_terminal_that_is_not_read_keeps_neither_the_process_nor_the_seat() {
    let folder = small::folder(ITEMS);
    let pair = native_pty_system().openpty(PtySize { rows: 60, cols: 200, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut command = CommandBuilder::new(GONOGO);
    command.args(["open", "small.toml"]);
    command.cwd(folder.path());
    command.env("TERM", "xterm-256color");
    command.env("XDG_STATE_HOME", folder.path().join(".state"));
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let (mut reader, mut keys) = (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
    let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&seen).contains("The first line") {
        let read = reader.read(&mut buffer).unwrap();
        seen.extend_from_slice(&buffer[..read]);
    }
    // More frames than any terminal's buffer holds, and nobody reads them.
    for _ in 0..200 {
        keys.write_all(b"10").unwrap();
    }
    kill_process(Pid::from_raw(child.process_id().unwrap().cast_signed()).unwrap(), Signal::TERM).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "the signal was not heard");
        std::thread::yield_now();
    }
    let status = Command::new(GONOGO).current_dir(folder.path()).args(["status", "--json"]).output().unwrap();
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["seat"]["captain"], serde_json::Value::Null, "{status:#}");
}

#[test]
fn a_size_beyond_reason_is_drawn_as_far_as_it_makes_sense() {
    let folder = small::folder(ITEMS);
    let mut terminal = Terminal::start(folder.path(), 100, 30, &["open", "small.toml"]);
    terminal.until_text("The first line", SOON);
    terminal.claim(u16::MAX, u16::MAX);
    terminal.keys("6");
    terminal.resize(100, 30);
    terminal.until_text("records, times in UTC", SOON);
    terminal.keys("q");
    assert_eq!(terminal.wait(SOON), 0);
}

#[test]
fn a_terminal_without_a_cursor_to_move_is_refused_with_a_sentence() {
    let folder = small::folder(ITEMS);
    for term in ["dumb", ""] {
        let variables = [("TERM", term)];
        let mut terminal = Terminal::start_with(folder.path(), 100, 30, &["open", "small.toml"], &variables);
        terminal.until_text("the cockpit needs a terminal with a cursor to move", SOON);
        assert_eq!(terminal.wait(SOON), 2);
    }
    assert!(!folder.path().join("small.ledger.toml").exists());
}

#[test]
fn a_command_that_waits_for_input_is_seen_to_be_silent() {
    let folder = small::folder(
        "[[phase.section.item]]\nid = \"first\"\ntitle = \"The first line\"\n\
         check = { kind = \"command\", run = \"printf 'Password: '; read word; echo got it\" }\n",
    );
    let mut terminal = Terminal::start(folder.path(), 120, 36, &["open", "small.toml", "--name", "Release Captain"]);
    terminal.until_text("The first line", SOON);
    terminal.keys("\r");
    terminal.until_text("Password:", SOON);
    // Counted, and not once for all.
    terminal.until_text("output · silent for 11 s", SOON);
    terminal.until_text("output · silent for 13 s", SOON);
    terminal.keys("q");
}
