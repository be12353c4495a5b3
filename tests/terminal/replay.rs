//! A whole rehearsal looked at again on a pseudo-terminal, and written down as a recording and a picture.

use crate::common::small;
use crate::common::terminal::{GONOGO, Terminal};
use std::path::Path;
use std::process::{Command, Output};

const SOON: u64 = 60;

const CHECKLIST: &str = r#"[[phase.section.item]]
id = "first"
title = "The first line"
[[phase.section.item]]
id = "loud"
title = "The loud line"
check = { kind = "command", run = "echo 'was'-said-then" }
"#;

fn gonogo(folder: &Path, arguments: &[&str]) -> Output {
    let run = Command::new(GONOGO).args(arguments).current_dir(folder).env_remove("NO_COLOR").output().unwrap();
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    run
}

/// Everything in a folder with its bytes, to see that a replay leaves all of it as it is.
fn contents(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn flown() -> tempfile::TempDir {
    let folder = small::folder(CHECKLIST);
    gonogo(folder.path(), &["open", "small.toml", "--no-screen"]);
    gonogo(folder.path(), &["tick", "small.ledger.toml", "one/look/first", "--note", "seen"]);
    gonogo(folder.path(), &["run", "small.ledger.toml", "one/look/loud"]);
    folder
}

#[test]
fn a_ledger_is_gone_through_on_the_screen_and_stays_as_it_is() {
    let folder = flown();
    let before = contents(folder.path());
    let mut terminal = Terminal::start(folder.path(), 100, 30, &["replay", "small.ledger.toml"]);
    terminal.until("the beginning", SOON, |screen| {
        screen.contains("REPLAY") && screen.contains("paused 1×") && screen.contains("#1 of")
    });
    assert!(!terminal.text().contains("was-said-then"));
    // To the end: what was said then is there, then back to before it.
    terminal.keys("$");
    terminal.until("the end with the output", SOON, |screen| screen.contains("was-said-then"));
    terminal.keys("^");
    terminal.until("the beginning again", SOON, |screen| screen.contains("#1 of") && !screen.contains("was-said-then"));
    // A key that acts is refused, and records nothing.
    terminal.keys("w");
    terminal.until_text("Replay is read-only", SOON);
    // It plays by itself to the end and stops there.
    terminal.keys("+++ ");
    terminal.until("the end after playing", SOON, |screen| {
        screen.contains("was-said-then") && screen.contains("paused 10×")
    });
    terminal.keys("q");
    assert_eq!(terminal.wait(SOON), 0);
    assert!(terminal.given_back());
    assert_eq!(contents(folder.path()), before, "looking back changes nothing");
}

#[test]
fn a_recording_and_a_picture_are_made_without_a_terminal() {
    let folder = flown();
    let before = contents(folder.path());
    let said = gonogo(folder.path(), &["replay", "small.ledger.toml", "--cast", "out.cast", "--size", "90x24"]);
    assert!(String::from_utf8_lossy(&said.stdout).starts_with("wrote out.cast: "));
    let text = std::fs::read_to_string(folder.path().join("out.cast")).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let header = lines.next().unwrap();
    assert_eq!((&header["version"], &header["width"], &header["height"]), (&2.into(), &90.into(), &24.into()));
    let mut screen = vt100::Parser::new(24, 90, 0);
    let mut seen = Vec::new();
    for event in lines {
        screen.process(event[2].as_str().unwrap().as_bytes());
        seen.push(screen.screen().contents());
    }
    assert!(seen[0].contains("#1 of") && !seen[0].contains("was-said-then"), "{}", seen[0]);
    assert!(seen.last().unwrap().contains("was-said-then"), "{}", seen.last().unwrap());
    gonogo(folder.path(), &["replay", "small.ledger.toml", "--seq", "2", "--picture", "out.svg"]);
    let svg = std::fs::read_to_string(folder.path().join("out.svg")).unwrap();
    assert!(
        svg.starts_with("<svg ") && svg.contains("The first line") && svg.contains("#2<") | svg.contains("#2 "),
        "{svg}"
    );
    // What is there is never written over, and a moment that never was is named.
    let refused = |arguments: &[&str]| {
        let run = Command::new(GONOGO).args(arguments).current_dir(folder.path()).output().unwrap();
        (run.status.code(), String::from_utf8_lossy(&run.stderr).into_owned())
    };
    let (status, why) = refused(&["replay", "small.ledger.toml", "--cast", "out.cast"]);
    assert!(status == Some(2) && why.contains("out.cast is there already"), "{why}");
    let (status, why) = refused(&["replay", "small.ledger.toml", "--seq", "99", "--picture", "no.svg"]);
    assert!(status == Some(2) && why.contains("there is no record #99; the ledger goes from #1 to #"), "{why}");
    std::fs::remove_file(folder.path().join("out.cast")).unwrap();
    std::fs::remove_file(folder.path().join("out.svg")).unwrap();
    assert_eq!(contents(folder.path()), before);
}
