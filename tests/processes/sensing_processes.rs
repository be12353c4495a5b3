//! What is measured again by itself: by `gonogo run --sense` and by an open cockpit, each a process of its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use common::small;
use common::terminal::{GONOGO, Terminal};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

const CHECKLIST: &str = r#"[[phase.section.item]]
id = "there"
title = "The flag is there"
check = { kind = "command", run = "cat flag" }
sense = { every = "100ms", until = "two" }
[[phase.section.item]]
id = "eyes"
title = "Somebody looked"
[[phase]]
id = "two"
title = "Two"
slot = "here"
gate = ["one"]
[[phase.section]]
id = "go"
title = "Go"
[[phase.section.item]]
id = "last"
title = "The last line"
"#;

const LEDGER: &str = "small.ledger.toml";
const PATIENCE: Duration = Duration::from_mins(1);

fn gonogo(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(GONOGO).current_dir(folder).args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn folder() -> tempfile::TempDir {
    let folder = small::folder(CHECKLIST);
    std::fs::write(folder.path().join("flag"), "up").unwrap();
    assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml"]).0, Some(0));
    folder
}

/// Waits until the ledger holds so many records of a kind, and gives the last of them.
fn record(folder: &Path, kind: &str, count: usize) -> toml::Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(folder.join(LEDGER)).unwrap();
        // The end of a record that is being written is not there yet.
        if let Ok(parsed) = text.parse::<toml::Table>() {
            let records = parsed["record"].as_array().unwrap();
            let found: Vec<_> = records.iter().filter(|r| r["kind"].as_str() == Some(kind)).collect();
            if found.len() >= count {
                return found[count - 1].clone();
            }
        }
        assert!(Instant::now() < deadline, "there were no {count} records {kind} in\n{text}");
        std::thread::yield_now();
    }
}

fn kinds(folder: &Path) -> Vec<String> {
    let parsed: toml::Table = std::fs::read_to_string(folder.join(LEDGER)).unwrap().parse().unwrap();
    let kind = |record: &toml::Value| record["kind"].as_str().unwrap().to_owned();
    parsed["record"].as_array().unwrap().iter().map(kind).collect()
}

fn status(folder: &Path) -> Value {
    serde_json::from_str(&gonogo(folder, &["status", LEDGER, "--json"]).1).unwrap()
}

fn gate_of_two(folder: &Path) -> Value {
    status(folder)["phases"][1]["gate"].clone()
}

struct Sensing {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Sensing {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(GONOGO);
        command.current_dir(folder).args(["run", LEDGER, "--sense"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    fn hear(&mut self, part: &str) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "nothing says `{part}`: {all}");
            if line.contains(part) {
                return line;
            }
            all += &line;
        }
    }

    fn interrupt(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Sensing {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_regresses_closes_its_gate_and_what_recovers_opens_it() {
    let folder = folder();
    let place = folder.path();
    let mut sensing = Sensing::start(place);
    sensing.hear("measuring again");
    std::fs::remove_file(place.join("flag")).unwrap();
    let said = sensing.hear("lost");
    assert!(said.contains("The flag is there: exit 1 instead of 0"), "{said}");
    let regressed = record(place, "item-regressed", 1);
    assert_eq!(regressed["item"].as_str(), Some("one/look/there"));
    assert_eq!(regressed["failures"].as_integer(), Some(3));
    assert!(regressed["reason"].as_str().unwrap().contains("No such file"), "{regressed}");
    let gate = gate_of_two(place);
    assert_eq!(gate["open"], false);
    assert!(gate["missing"][0].as_str().unwrap().contains("The flag is there"), "{gate}");

    std::fs::write(place.join("flag"), "up").unwrap();
    sensing.hear("recovered");
    let gate = gate_of_two(place);
    assert!(gate["missing"][0].as_str().unwrap().contains("Somebody looked"), "{gate}");
    assert_eq!(sensing.interrupt(), Some(0), "what was lost has come back");
    let kinds = kinds(place);
    // A change of verdict is recorded, a measurement is not; and no tick was set for a person.
    assert_eq!(kinds.iter().filter(|kind| *kind == "attempt-started").count(), 1, "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| kind.starts_with("item-")).count(), 2, "{kinds:?}");
    assert_eq!(kinds.last().map(String::as_str), Some("seat-left"));
}

#[test]
fn one_that_stays_lost_is_an_exit_status_of_1() {
    let folder = folder();
    let place = folder.path();
    let mut sensing = Sensing::start(place);
    sensing.hear("measuring again");
    std::fs::remove_file(place.join("flag")).unwrap();
    sensing.hear("lost");
    assert_eq!(sensing.interrupt(), Some(1));
}

#[test]
fn an_open_cockpit_measures_again_and_one_that_watches_does_not() {
    let folder = folder();
    let place = folder.path();
    assert_eq!(gonogo(place, &["run", LEDGER, "one/look/there"]).0, Some(0));
    let mut watching = Terminal::start(place, 120, 36, &["watch", LEDGER]);
    watching.until_text("The flag is there", 60);
    let mut cockpit = Terminal::start(place, 120, 36, &["open", LEDGER]);
    cockpit.until_text("The flag is there", 60);
    std::fs::remove_file(place.join("flag")).unwrap();
    record(place, "item-regressed", 1);
    cockpit.until_text("The flag is there failed", 60);
    std::fs::write(place.join("flag"), "up").unwrap();
    record(place, "item-recovered", 1);
    cockpit.keys("q");
    assert_eq!(cockpit.wait(60), 0);
    let before = kinds(place);
    std::fs::remove_file(place.join("flag")).unwrap();
    // The one that watches is open for many intervals, and writes nothing.
    (0..10).for_each(|_| drop(status(place)));
    watching.keys("q");
    assert_eq!(watching.wait(60), 0);
    assert_eq!(kinds(place), before);
}

#[test]
fn one_that_hangs_keeps_nobody_else_from_being_measured_and_loses_its_own_tick() {
    const TWO: &str = r#"[[phase.section.item]]
id = "mount"
title = "The file reads ok"
timeout = "300ms"
check = { kind = "file", path = "probe.txt", contains = "ok" }
sense = { every = "100ms" }
[[phase.section.item]]
id = "there"
title = "The flag is there"
check = { kind = "command", run = "cat flag" }
sense = { every = "100ms" }
"#;
    let folder = small::folder(TWO);
    let place = folder.path();
    let probe = place.join("probe.txt");
    std::fs::write(place.join("flag"), "up").unwrap();
    std::fs::write(&probe, "ok").unwrap();
    assert_eq!(gonogo(place, &["open", "--no-screen", "small.toml"]).0, Some(0));
    let mut sensing = Sensing::start(place);
    sensing.hear("measuring again");
    // A pipe that nobody writes to is as silent as a mount whose server is gone.
    std::fs::remove_file(&probe).unwrap();
    assert!(Command::new("mkfifo").arg(&probe).status().unwrap().success());
    std::fs::remove_file(place.join("flag")).unwrap();
    let lost = [record(place, "item-regressed", 1), record(place, "item-regressed", 2)];
    let mut items: Vec<_> = lost.iter().map(|record| record["item"].as_str().unwrap()).collect();
    items.sort_unstable();
    assert_eq!(items, ["one/look/mount", "one/look/there"]);
}
