//! Two cockpits on one ledger: who drives, who only reviews, and how the captain's seat goes from one to the other.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use common::small;
use common::terminal::Terminal;
use std::path::Path;
use std::time::Duration;

/// Long enough for a loaded machine; nothing waits for it when things go well.
const SOON: u64 = 60;

const CHECKLIST: &str = r#"[[phase.section.item]]
id = "first"
title = "The first line"
[[phase.section.item]]
id = "second"
title = "The second line"
offset = "T-5m"
[window]
duration = "30m"
rollback = "15m"
"#;

fn folder() -> tempfile::TempDir {
    small::folder(CHECKLIST)
}

fn cockpit(folder: &Path, name: &str) -> Terminal {
    let known = folder.join("small.ledger.toml").exists();
    let file = if known { "small.ledger.toml" } else { "small.toml" };
    let mut terminal = Terminal::start(folder, 100, 30, &["open", file, "--as", name]);
    terminal.until_text("The first line", SOON);
    terminal
}

fn kinds(folder: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(folder.join("small.ledger.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let record = |record: &toml::Value| {
        (record["kind"].as_str().unwrap().to_owned(), record["by"]["says"].as_str().unwrap().to_owned())
    };
    table["record"].as_array().unwrap().iter().map(record).collect()
}

fn has(folder: &Path, kind: &str, by: &str) -> bool {
    kinds(folder).iter().any(|(known, says)| known == kind && says == by)
}

#[test]
fn the_second_is_reported_who_sits_and_drives_once_the_seat_was_handed_over() {
    let folder = folder();
    let mut ada = cockpit(folder.path(), "Ada");
    ada.until_text("captain: you", SOON);
    let mut ben = cockpit(folder.path(), "Ben");
    ben.until("who sits", SOON, |screen| {
        screen.contains("captain: Ada") && screen.contains("the captain's seat is Ada's; S shows the seat")
    });
    // What drives is refused with the reason, on the screen and nowhere else.
    ben.keys("m ");
    ben.until_text("the captain's seat is Ada's; S shows the seat", SOON);
    assert!(!has(folder.path(), "item-checked", "Ben"));
    ben.keys("S");
    ben.until("that she lives", SOON, |screen| screen.contains("Ada sits here") && screen.contains("✔ connected"));
    ben.keys("\r");
    ben.until("the dialog to close", SOON, |screen| !screen.contains("Ada sits here"));
    assert!(!has(folder.path(), "seat-taken", "Ben"));

    ada.keys("S\r");
    ada.until_text("Hand the captain's seat over", SOON);
    ada.keys("Ben\r");
    ada.keys("the second line is yours\r");
    ada.until("the hand-over", SOON, |screen| {
        screen.contains("seat empty, S takes it") && !screen.contains("Hand the captain's seat over")
    });
    ben.until_text("Ada hands you the captain's seat: the second line is yours", SOON);
    ben.keys("S");
    ben.until_text("take the seat", SOON);
    ben.keys("\r");
    ben.until_text("captain: you", SOON);
    ada.until_text("captain: Ben", SOON);
    ada.keys(" ");
    ada.until_text("the captain's seat is Ben's; S shows the seat", SOON);
    ben.keys(" ");
    ben.until_text("1/2", SOON);
    ada.until_text("1/2", SOON);
    assert!(has(folder.path(), "item-checked", "Ben") && !has(folder.path(), "item-checked", "Ada"));

    // Who leaves gives the seat back; the other is reported and may take it.
    ben.keys("q");
    assert_eq!(ben.wait(SOON), 0);
    ada.until_text("seat empty", SOON);
    ada.keys("S\r");
    ada.until_text("captain: you", SOON);
}

#[test]
fn the_clock_is_planned_held_and_let_go_on_and_the_other_cockpit_shows_it() {
    let folder = folder();
    let mut ada = cockpit(folder.path(), "Ada");
    let mut ben = cockpit(folder.path(), "Ben");
    ben.until_text("captain: Ada", SOON);
    assert!(!ada.text().contains("T-00:"));
    ada.keys("T");
    ada.until_text("say when T-0 is", SOON);
    ada.keys("+5m\t\t\x1b[C\r");
    ada.until("the clock", SOON, |screen| screen.contains("T-00:04:") && !screen.contains("Plan the window"));
    ben.until("the clock", SOON, |screen| screen.contains("T-00:0") && screen.contains("ABORT "));
    // It goes on by itself, and costs little.
    let before = ada.text();
    ada.until("another second", SOON, |screen| screen != before);
    assert!(ada.bytes_within(Duration::from_secs(3)) < 3_000);
    ben.keys("H");
    ben.until_text("the captain's seat is Ada's; S shows the seat", SOON);
    ada.keys("Hwaiting for the vendor\r");
    for terminal in [&mut ada, &mut ben] {
        terminal.until("the hold", SOON, |screen| {
            screen.contains("HOLD at T-00:0") && screen.contains("by Ada") && screen.contains("waiting for the vendor")
        });
    }
    // A form that waits for the ledger takes no other key.
    ada.until("the form to close", SOON, |screen| !screen.contains("Hold the clock"));
    ada.keys("H");
    ada.until_text("Resume clock", SOON);
    ada.keys("\r");
    ada.until("the form to close", SOON, |screen| !screen.contains("Resume clock"));
    ben.until("the hold to end", SOON, |screen| !screen.contains("HOLD at"));
    // The same from outside.
    ada.keys("6");
    ada.until("the steps", SOON, |screen| {
        screen.contains("Steps of the window") && screen.contains("Projected finish") && screen.contains("T-5m")
    });
    let mut watch = Terminal::start(folder.path(), 100, 30, &["watch", "small.ledger.toml"]);
    watch.until("the clock", SOON, |screen| screen.contains("T-00:0") && screen.contains("captain: Ada"));
}

#[test]
fn who_was_killed_takes_the_own_seat_again_at_once() {
    let folder = folder();
    let mut ada = cockpit(folder.path(), "Ada");
    ada.until_text("captain: you", SOON);
    ada.signal(rustix::process::Signal::KILL);
    ada.child.wait().unwrap();
    let mut ben = cockpit(folder.path(), "Ben");
    // That she is gone is seen, and that it takes a while until she is followed.
    ben.until_text("Ada (disconnected)", SOON);
    ben.keys("S");
    ben.until("the wait", SOON, |screen| screen.contains("✗ gone") && screen.contains("with a reason"));
    let mut ada = cockpit(folder.path(), "Ada");
    ada.until_text("captain: you", SOON);
    ben.until_text("captain: Ada", SOON);
    assert!(!has(folder.path(), "seat-taken-over", "Ben"));
}
