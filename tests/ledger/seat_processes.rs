//! The captain's seat between processes: many reach for it at once and one has it; who is killed is followed; a poll is
//! answered from elsewhere.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;
use crate::common::named;
use crate::flight;

use common::program::gonogo;
use common::small;
use common::terminal::{GONOGO, Terminal};
use flight::{Flight, captain, reopen};
use gonogo::deployment::seat::Seat;
use gonogo::deployment::{Fact, Intent, Operator, Refusal};
use gonogo::ledger::{AppendError, Ledger};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const LEDGER: &str = "GONOGO_TEST_LEDGER";
const NAME: &str = "GONOGO_TEST_NAME";

fn person(name: &str) -> Operator {
    Operator { says: name.into(), ..captain() }
}

/// A process that reaches for the seat when it is asked to, says how that went, and sits until its input ends.
#[test]
fn child_that_reaches_for_the_seat() {
    let Some(path) = std::env::var_os(LEDGER) else { return };
    let mut ledger = reopen(Path::new(&path)).unwrap();
    let name = std::env::var(NAME).unwrap();
    println!("ready");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    match ledger.sit(&person(&name)) {
        Ok(_) => println!("sat {}", ledger.session()),
        Err(error) => println!("refused {error}"),
    }
    while std::io::stdin().read_line(&mut line).unwrap() > 0 {}
}

struct Reaching {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Reaching {
    fn start(path: &Path, name: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &named(module_path!(), "child_that_reaches_for_the_seat"), "--nocapture"])
            .env(LEDGER, path)
            .env(NAME, name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut reaching = Self { child, said };
        reaching.hear("ready");
        reaching
    }

    /// The next line that begins so; what the test harness says in between is passed over.
    fn hear(&mut self, beginning: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "no line begins with {beginning}");
            // The harness writes the test's name without ending its line.
            if let Some((_, rest)) = line.split_once(beginning) {
                return rest.trim().to_owned();
            }
            if line.contains("refused ") {
                return line;
            }
        }
    }

    fn reach(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"now\n").unwrap();
    }

    fn kill(self) {
        drop(self);
    }
}

impl Drop for Reaching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn seat(ledger: &Ledger) -> Option<(String, String)> {
    let holder = ledger.state().seats.holder()?;
    Some((holder.stamp.by.says.clone(), holder.session.to_string()))
}

#[test]
fn of_many_that_reach_at_once_one_sits_and_a_killed_one_is_followed() {
    let (flight, mut ledger) = Flight::open();
    let names = ["Ada", "Ben", "Cleo", "Dana", "Eve", "Finn"];
    let mut all: Vec<Reaching> = names.iter().map(|name| Reaching::start(&flight.path(), name)).collect();
    all.iter_mut().for_each(Reaching::reach);
    let answers: Vec<String> = all.iter_mut().map(|one| one.hear("sat ")).collect();
    let sat: Vec<usize> = (0..all.len()).filter(|at| !answers[*at].contains("refused")).collect();
    assert_eq!(sat.len(), 1, "{answers:?}");
    let winner = sat[0];
    ledger.follow().unwrap();
    assert_eq!(seat(&ledger), Some((names[winner].to_owned(), answers[winner].clone())));
    let taken = ledger.records().iter().filter(|record| matches!(record.fact, Fact::SeatTaken { .. })).count();
    assert_eq!(taken, 1);
    for (at, answer) in answers.iter().enumerate().filter(|(at, _)| *at != winner) {
        assert!(answer.contains(&format!("the captain's seat is {} (captain)'s", names[winner])), "{at}: {answer}");
    }

    // While it lives nobody gets past it, not even its own person from another session.
    let same = person(names[winner]);
    assert!(matches!(ledger.sit(&same), Err(AppendError::Refused(Refusal::NotYourSeat { .. }))));
    let over = Intent::TakeOverSeat { reason: "impatient".into() };
    assert!(matches!(
        ledger.append(&person("Zoe"), over.clone()),
        Err(AppendError::Refused(Refusal::NotYourSeat { .. }))
    ));
    assert!(ledger.append(&person("Zoe"), Intent::ReportSeatEmpty).unwrap().is_empty());

    // Killed without a word: another person has to wait, its own sits down at once.
    all.remove(winner).kill();
    let Err(AppendError::Refused(Refusal::SeatAbandoned { wait_s, .. })) = ledger.sit(&person("Zoe")) else {
        panic!("the seat of somebody else was taken")
    };
    assert!(wait_s > 0);
    assert!(ledger.state().seats.holder().unwrap().gone.is_some(), "from now on the time counts");
    assert!(matches!(ledger.append(&person("Zoe"), over), Err(AppendError::Refused(Refusal::SeatAbandoned { .. }))));
    ledger.sit(&same).unwrap();
    assert!(ledger.is_captain());
    assert!(ledger.state().seats.holder().unwrap().gone.is_none());

    // Given back, it is free for whoever comes; handed over, for the one it was handed to.
    let mut other = flight.reopen().unwrap();
    ledger.append(&same, Intent::HandOverSeat { to: "Zoe".into(), word: "yours".into() }).unwrap();
    assert!(!ledger.is_captain());
    assert!(matches!(other.sit(&person("Yan")), Err(AppendError::Refused(Refusal::SeatOnItsWay { .. }))));
    other.sit(&person("Zoe")).unwrap();
    other.leave_seat(&person("Zoe")).unwrap();
    assert!(ledger.append(&same, Intent::CheckItem { item: "before/look/eyes".into(), note: None }).is_err());
    ledger.sit(&person("Yan")).unwrap();
    // Reviewers and watchers need no lock.
    other.append(&person("Rita"), Intent::TakeSeat { seat: Seat::Reviewer }).unwrap();
    assert!(ledger.is_captain());
}

const CHECKLIST: &str = r#"[[phase.section.item]]
id = "first"
title = "The first line"
[[phase.section.item]]
id = "fine"
title = "A command that passes"
check = { kind = "command", run = "true" }
[[phase]]
id = "two"
title = "Two"
slot = "here"
gate = ["one", "signoff:all"]
[[phase.section]]
id = "go"
title = "Go"
[[phase.section.item]]
id = "last"
title = "The last line"
[[signoff]]
id = "all"
title = "All of it"
phases = ["one"]
[[signoff.role]]
id = "lead"
title = "Lead"
[[signoff.role]]
id = "tester"
title = "Tester"
[window]
duration = "30m"
"#;

fn granted(folder: &Path, arguments: &[&str]) -> String {
    let (status, said) = gonogo(folder, arguments);
    assert_eq!(status, 0, "{arguments:?}: {said}");
    said
}

fn refused(folder: &Path, arguments: &[&str], part: &str) {
    let (status, said) = gonogo(folder, arguments);
    assert_eq!(status, 4, "{arguments:?}: {said}");
    assert!(said.contains(part), "{arguments:?}: {said}");
}

fn status(folder: &Path) -> Value {
    serde_json::from_str(&granted(folder, &["status", "small.ledger.toml", "--json"])).unwrap()
}

fn folder() -> tempfile::TempDir {
    small::folder(CHECKLIST)
}

#[test]
fn an_open_cockpit_keeps_the_seat_and_a_killed_one_gives_it_to_its_own_person() {
    let folder = folder();
    let place = folder.path();
    let mut cockpit = Terminal::start(place, 120, 36, &["open", "small.toml", "--as", "Kim"]);
    cockpit.until_text("The first line", 30);
    assert_eq!(status(place)["seat"]["captain"]["name"], "Kim");
    let run = |name: &'static str| ["run", "small.ledger.toml", "one/look/fine", "--as", name];
    refused(place, &run("Ben"), "the captain's seat is Kim (");
    refused(place, &run("Kim"), "the captain's seat is Kim (");
    refused(place, &["window", "small.ledger.toml", "--zero", "2030-01-01T00:00:00Z"], "the captain's seat is Kim (");
    // Another cockpit says so too, and signing goes on from anywhere.
    let mut second = Terminal::start(place, 120, 36, &["open", "small.ledger.toml", "--as", "Ben"]);
    second.until_text("the captain's seat is Kim", 30);
    second.keys("q");
    assert_eq!(second.wait(30), 0);
    granted(place, &["sign", "small.ledger.toml", "tester", "--as", "Tess"]);

    cockpit.signal(rustix::process::Signal::KILL);
    cockpit.wait(30);
    refused(place, &run("Ben"), "who is gone; take it over in");
    refused(
        place,
        &["run", "small.ledger.toml", "--as", "Ben", "--take-over", "Kim's line is down"],
        "take it over in",
    );
    assert!(status(place)["seat"]["captain"]["gone"].is_string());
    granted(place, &run("Kim"));
    let after = status(place);
    assert_eq!(after["seat"]["captain"], Value::Null, "it was given back");
    assert_eq!(after["attempts"][0]["verdict"], "pass");
    // Left in peace, the seat is anybody's.
    granted(place, &run("Ben"));
}

#[test]
fn a_poll_is_answered_from_a_second_process_and_its_no_go_holds_the_clock() {
    let folder = folder();
    let place = folder.path();
    granted(place, &["open", "--no-screen", "small.toml", "--as", "Kim"]);
    let ledger = "small.ledger.toml";
    refused(place, &["poll", ledger, "lead", "--go"], "no poll is open");
    granted(place, &["window", ledger, "--start", "T-10m", "--as", "Kim"]);
    granted(place, &["role", ledger, "lead", "--to", "Lea", "--as", "Kim"]);
    granted(place, &["poll", ledger, "--open", "--as", "Kim"]);
    refused(place, &["poll", ledger, "tester", "--go", "--as", "Tess"], "Tester answers after Lead");
    refused(place, &["poll", ledger, "lead", "--go", "--as", "Tess"], "Lead is Lea");
    granted(place, &["poll", ledger, "lead", "--go", "--as", "Lea"]);
    granted(place, &["poll", ledger, "tester", "--no-go", "--reason", "the tests are red", "--as", "Tess"]);
    let held = status(place);
    assert_eq!(held["clock"]["state"], "held");
    assert_eq!(held["holds"][0]["reason"], "Tester says NO-GO: the tests are red");
    assert_eq!(held["poll"]["stations"][1]["answer"], "no-go");
    assert_eq!(gonogo(place, &["poll", ledger]).0, 6);
    granted(place, &["poll", ledger, "tester", "--go", "--as", "Tess"]);
    let resumed = granted(place, &["resume", ledger, "--reason", "they are green", "--as", "Kim"]);
    assert!(resumed.contains("counting"), "{resumed}");
    granted(place, &["abort", ledger, "--reason", "no window tonight", "--as", "Kim"]);
    assert_eq!(status(place)["outcome"], "aborted");
    refused(place, &["run", ledger, "one/look/fine", "--as", "Kim"], "this deployment was aborted");
    granted(place, &["close", ledger, "--as", "Kim"]);
    assert_eq!(status(place)["outcome"], "closed");
    let (verified, said) = gonogo(place, &["verify", ledger]);
    assert_eq!(verified, 0, "{said}");
}

const WAITING: &str = r#"[[phase.section.item]]
id = "wait"
title = "Waits to be let go"
check = { kind = "command", run = "until test -e go; do sleep 0.05; done" }
"#;

#[test]
fn of_two_runs_that_start_together_one_flies_and_the_other_says_who_does() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    small::put(place, WAITING);
    granted(place, &["open", "--no-screen", "small.toml"]);
    // The same person twice, and another: nobody has a right to a second seat.
    let start = |name: &str| {
        let mut command = Command::new(GONOGO);
        command.current_dir(place).args(["run", "small.ledger.toml", "--as", name]);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut runs: Vec<(Child, &str)> = ["Kim", "Kim", "Ben"].into_iter().map(|name| (start(name), name)).collect();
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    let mut refused = Vec::new();
    // Nobody is let go before all but one have ended.
    while runs.len() > 1 {
        assert!(std::time::Instant::now() < deadline, "{} runs go on at once", runs.len());
        let ended = runs.iter_mut().position(|(run, _)| run.try_wait().unwrap().is_some());
        match ended {
            Some(at) => refused.push(runs.remove(at).0.wait_with_output().unwrap()),
            None => std::thread::yield_now(),
        }
    }
    std::fs::write(place.join("go"), "").unwrap();
    let (flying, name) = runs.pop().unwrap();
    assert_eq!(flying.wait_with_output().unwrap().status.code(), Some(0));
    for output in refused {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{said}");
        assert!(said.contains(&format!("the captain's seat is {name} (")), "{said}");
    }
    assert_eq!(status(place)["attempts"].as_array().unwrap().len(), 1);
}
