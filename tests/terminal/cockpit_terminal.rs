//! The cockpit on a real pseudo-terminal, as a captain at 02:00 meets it.
//!
//! Longer than 400 lines because each meeting with the terminal reads on its own, against the checklists at the top.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use common::small;
use common::terminal::{GONOGO, Terminal};
use gonogo::rehearsal::Sandbox;
use rstest::rstest;
use rustix::process::Signal;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Two manual lines, a command that takes its time, and one that fails.
const SMALL: &str = r#"[[phase.section.item]]
id = "first"
title = "The first line"
[[phase.section.item]]
id = "second"
title = "The second line"
[[phase.section.item]]
id = "slow"
title = "A slow command"
check = { kind = "command", run = "echo be''gun; sleep 600" }
[[phase.section.item]]
id = "fails"
title = "A command that fails"
check = { kind = "command", run = "echo it is bro''ken; exit 3" }

[[signoff]]
id = "all"
title = "All of it"
phases = ["one"]
[[signoff.role]]
id = "lead"
title = "Lead"
"#;

const MIGRATION: &str = r#"
format = 1
id = "move"
title = "Only the migration"

[[slot]]
id = "production"
title = "Production"
[environments.rehearsal-production]
slot = "production"
kind = "rehearsal"
database = "sqlite:${REHEARSAL}/neurohub.db"
folder = "${REHEARSAL}"
[environments.rehearsal-production.migrator]
kind = "sqlx"
command = '"$GONOGO" rehearsal migrate --database "$GONOGO_DATABASE_URL"'
revisions = [{ id = "0001", title = "initial schema" }, { id = "0002", title = "link" }, { id = "0003", title = "index" }]

[[phase]]
id = "move"
title = "Move"
slot = "production"
[[phase.section]]
id = "up"
title = "Up"
[[phase.section.item]]
id = "upgrade"
title = "Migrate to head"
check = { kind = "migration", direction = "upgrade", to = "head", rewrites = ["process_data"] }
"#;

fn folder_with(checklist: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.toml"), checklist).unwrap();
    folder
}

fn open(folder: &Path, columns: u16, rows: u16) -> Terminal {
    let mut terminal = Terminal::start(folder, columns, rows, &["open", "small.toml", "--as", "Kim"]);
    terminal.until_text("The first line", 20);
    terminal
}

fn status(folder: &Path, ledger: &str) -> Value {
    let output = Command::new(GONOGO).current_dir(folder).args(["status", ledger, "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Asks for the status again and again until it is as wanted.
fn until_status(folder: &Path, ledger: &str, seconds: u64, wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        let status = status(folder, ledger);
        if wanted(&status) {
            return status;
        }
        assert!(Instant::now() < deadline, "still {status:#}");
    }
}

#[test]
fn a_tick_shows_when_it_is_on_disk_and_the_terminal_is_given_back() {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 120, 36);
    terminal.keys("g ");
    terminal.until_text("1/4", 5);
    assert_eq!(status(folder.path(), "small.ledger.toml")["items"]["done"], 1);
    // A wrong key says so and does nothing.
    terminal.keys("W");
    terminal.until_text("W does nothing here", 5);
    terminal.keys("?");
    terminal.until_text("Run or complete the selected step", 5);
    terminal.keys("\x1b");
    terminal.until("the help to close", 5, |screen| !screen.contains("Run or complete the selected step"));
    terminal.keys("q");
    assert_eq!(terminal.wait(10), 0);
    assert!(terminal.given_back());
}

#[test]
fn every_screen_has_its_key() {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 120, 36);
    for (key, text) in [
        ("1", "A slow command"),
        ("2", "No migration run yet"),
        ("3", "No metrics defined"),
        ("4", "PENDING"),
        ("5", "Lead"),
        ("6", "opened"),
        ("0", "The second line"),
    ] {
        terminal.keys(key);
        terminal.until_text(text, 5);
    }
}

#[test]
fn a_waiver_a_note_and_a_signature_are_filled_in_and_recorded() {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 80, 24);
    terminal.keys("w");
    terminal.until_text("Waive step", 5);
    // Without a reason it is refused in the form, and nothing is recorded.
    terminal.keys("\r\r");
    terminal.until_text("reason is needed", 5);
    // The cursor is in the field that is missing.
    terminal.keys("no time\r");
    terminal.until("the waiver", 5, |screen| screen.contains("skipped") && !screen.contains("Waive step"));
    terminal.keys("eseen by [[record]] \"two\"\r");
    terminal.until("the note", 5, |screen| screen.contains("noted") && !screen.contains("Add note"));
    terminal.keys("5s");
    crate::signing::read_to_the_end(&mut terminal);
    terminal.keys("Kim Lee\r\r\r\r");
    terminal.until("the signature to stand", 5, |screen| !screen.contains("Sign off") && screen.contains("Kim Lee"));
    let status = status(folder.path(), "small.ledger.toml");
    assert_eq!(status["items"]["waived"], 1);
    assert_eq!(status["signoffs"][0]["name"], "Kim Lee");
    let ledger = std::fs::read_to_string(folder.path().join("small.ledger.toml")).unwrap();
    let parsed: toml::Table = ledger.parse().unwrap();
    let note = parsed["record"].as_array().unwrap().iter().find(|r| r["kind"].as_str() == Some("note-added")).unwrap();
    assert_eq!(note["text"].as_str().unwrap(), "seen by [[record]] \"two\"");
}

#[test]
fn a_failed_command_says_why_and_its_output_is_there() {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 120, 36);
    terminal.keys("gjjj\r");
    terminal.until("the failure", 15, |screen| screen.contains("exit 3 instead") && screen.contains("it is broken"));
    assert_eq!(status(folder.path(), "small.ledger.toml")["attempts"][0]["exit"], 3);
}

#[test]
fn a_running_command_is_cancelled_with_a_reason() {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 120, 36);
    terminal.keys("gjj\r");
    terminal.until_text("begun", 15);
    terminal.keys("c");
    terminal.until_text("Stop running step", 5);
    terminal.keys("wrong host\r");
    let status = until_status(folder.path(), "small.ledger.toml", 30, |s| s["attempts"][0]["state"] == "cancelled");
    assert_ne!(status["attempts"][0]["verdict"], "pass");
}

#[rstest]
#[case::terminate(Signal::TERM)]
#[case::hang_up(Signal::HUP)]
fn a_signal_gives_the_terminal_back_and_leaves_the_attempt_running(#[case] signal: Signal) {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 120, 36);
    terminal.keys("gjj\r");
    terminal.until_text("begun", 15);
    terminal.signal(signal);
    terminal.wait(10);
    assert!(terminal.given_back());
    assert_eq!(status(folder.path(), "small.ledger.toml")["attempts"][0]["state"], "running");
    // The next cockpit finds it and can end it.
    let mut next = open(folder.path(), 120, 36);
    next.until_text("running", 10);
    next.keys("c");
    next.until_text("Stop running step", 5);
    next.keys("enough\r");
    until_status(folder.path(), "small.ledger.toml", 30, |s| s["attempts"][0]["state"] == "cancelled");
}

#[test]
fn what_another_process_records_shows_here() {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 120, 36);
    terminal.keys("5");
    terminal.until_text("Lead", 5);
    let signed = Command::new(GONOGO)
        .current_dir(folder.path())
        .args(["sign", "small.ledger.toml", "lead", "--as", "Robin"])
        .output()
        .unwrap();
    assert_eq!(signed.status.code(), Some(0), "{}", String::from_utf8_lossy(&signed.stderr));
    terminal.until_text("Robin", 5);
}

#[test]
fn a_full_disk_is_said_and_nothing_shows_as_done() {
    let folder = small::folder(SMALL);
    // Opened without the limit, so that only what is recorded later runs into it.
    let opened =
        Command::new(GONOGO).current_dir(folder.path()).args(["open", "--no-screen", "small.toml"]).output().unwrap();
    assert_eq!(opened.status.code(), Some(0));
    let ledger = folder.path().join("small.ledger.toml");
    let room = std::fs::metadata(&ledger).unwrap().len() / 1024 + 1;
    let command = format!("trap '' XFSZ; ulimit -f {room}; exec \"$0\" open small.ledger.toml");
    let mut terminal = Terminal::start_program(folder.path(), 120, 36, "bash", &["-c", &command, GONOGO]);
    terminal.until_text("The first line", 20);
    let note = "x".repeat(1_500);
    terminal.keys(&format!("n{note}\r"));
    terminal.until("the refusal", 10, |screen| screen.contains("not recorded") || screen.contains("was not written"));
    terminal.keys("\x1b");
    let verified = Command::new(GONOGO).args(["verify"]).arg(&ledger).output().unwrap();
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stderr));
    assert!(!std::fs::read_to_string(&ledger).unwrap().contains("xxx"));
}

#[test]
fn a_ledger_that_is_altered_under_the_cockpit_is_said_in_words() {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 120, 36);
    let ledger = folder.path().join("small.ledger.toml");
    let text = std::fs::read_to_string(&ledger).unwrap();
    std::fs::write(
        &ledger,
        format!("{text}\n[[record]]\nseq = 2\nkind = \"item-checked\"\nsum = \"{}\"\n", "0".repeat(64)),
    )
    .unwrap();
    terminal.until_text("damaged", 10);
    terminal.keys(" ");
    terminal.until_text("not recorded", 10);
    let status = Command::new(GONOGO).arg("status").arg(&ledger).output().unwrap();
    assert_eq!(status.status.code(), Some(3));
}

#[test]
fn without_colour_there_is_none() {
    let folder = small::folder(SMALL);
    let arguments = ["open", "small.toml"];
    let mut terminal = Terminal::start_with(folder.path(), 80, 24, &arguments, &[("NO_COLOR", "1")]);
    terminal.until_text("The first line", 20);
    terminal.keys("q");
    terminal.wait(10);
    let raw = String::from_utf8_lossy(&terminal.raw).into_owned();
    for colour in ["\x1b[38;", "\x1b[48;", "\x1b[31m", "\x1b[32m", "\x1b[34m"] {
        assert!(!raw.contains(colour), "{colour:?} was written");
    }
}

#[test]
fn a_search_goes_to_its_match_and_the_palette_leaves() {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 80, 24);
    terminal.keys("/COMMAND");
    terminal.until_text("1 of 2", 5);
    terminal.keys("\r.");
    terminal.until_text("/COMMAND 2 of 2", 5);
    terminal.keys("\x1b");
    terminal.until("the search to end", 5, |screen| !screen.contains("2 of 2"));
    terminal.keys(":quit\r");
    assert_eq!(terminal.wait(10), 0);
    assert!(terminal.given_back());
}

#[test]
fn own_themes_and_keys_are_found_in_the_folder_of_settings() {
    let folder = small::folder(SMALL);
    let own = folder.path().join("settings/gonogo");
    std::fs::create_dir_all(own.join("themes")).unwrap();
    std::fs::write(own.join("themes/night.toml"), "[roles]\ntext = \"#ff0000\"\n").unwrap();
    std::fs::write(own.join("keys.toml"), "[keys]\nW = \"next-theme\"\nt = \"none\"\n").unwrap();
    let settings = folder.path().join("settings");
    let variables = [("XDG_CONFIG_HOME", settings.to_str().unwrap())];
    let arguments = ["open", "small.toml", "--theme", "mono"];
    let mut terminal = Terminal::start_with(folder.path(), 120, 36, &arguments, &variables);
    terminal.until_text("The first line", 20);
    terminal.keys("t");
    terminal.until_text("t does nothing here", 5);
    terminal.keys("W");
    terminal.until_text("theme night, 6 of 6", 5);
    assert!(String::from_utf8_lossy(&terminal.raw).contains("38;2;255;0;0"));
    terminal.keys("q");
    terminal.wait(10);
    // A file that says something else than its owner means is reported before anything is flown.
    std::fs::write(own.join("keys.toml"), "[keys]\nZ = \"next-themes\"\n").unwrap();
    let mut terminal = Terminal::start_with(folder.path(), 120, 36, &arguments, &variables);
    assert_eq!(terminal.wait(10), 2);
    let reported = terminal.text();
    assert!(reported.contains("keys.toml:2:5: error: there is no action `next-themes`"), "{reported}");
}

#[test]
fn the_shell_gets_the_terminal_until_fg() {
    let folder = small::folder(SMALL);
    // Only a shell with job control can stop a program and bring it back.
    let mut terminal = Terminal::start_program(folder.path(), 100, 30, "bash", &["--norc", "--noprofile", "-i"]);
    terminal.until_text("bash-", 10);
    terminal.keys(&format!("{GONOGO} open small.toml\r"));
    terminal.until_text("The second line", 20);
    // In the middle of a text as well.
    terminal.keys("ehalf a no\x1a");
    terminal.until("the shell", 10, |screen| screen.contains("Stopped") && !screen.contains("The second line"));
    assert!(!terminal.screen().alternate_screen());
    terminal.keys("echo $((6 * 7)) still here\r");
    terminal.until_text("42 still here", 5);
    terminal.keys("fg\r");
    terminal.until("the cockpit with its form", 10, |screen| {
        screen.contains("half a no") && screen.contains("Add note") && screen.contains("A slow command")
    });
    assert!(terminal.screen().alternate_screen());
    terminal.keys("te\r");
    terminal.until("the note", 10, |screen| screen.contains("half a note") && !screen.contains("Add note"));
    terminal.keys("q");
    terminal.until("the shell again", 10, |screen| !screen.contains("The second line"));
    terminal.keys("exit\r");
    terminal.wait(10);
}

#[test]
fn a_storm_of_sizes_leaves_a_whole_screen() {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 120, 36);
    for (columns, rows) in [(80, 24), (1, 1), (300, 90), (59, 15), (20, 60), (100, 30), (2, 200), (120, 36)] {
        terminal.resize(columns, rows);
    }
    terminal.keys("1");
    terminal.until("the whole screen", 10, |screen| screen.contains("A slow command") && screen.contains("sign-offs"));
}

#[test]
fn nothing_is_written_when_nothing_moves() {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 120, 36);
    terminal.bytes_within(Duration::from_millis(700));
    assert_eq!(terminal.bytes_within(Duration::from_secs(3)), 0);
}

#[test]
fn the_cockpit_dies_in_mid_migration_and_the_migration_does_not() {
    let folder = folder_with(MIGRATION);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // The simulation's folder has to be empty when it is built, so the checklist goes in afterwards.
    let home = folder.path().join("home");
    runtime.block_on(Sandbox::build(&home, 250_000, &[], |_| {})).unwrap();
    std::fs::rename(folder.path().join("small.toml"), home.join("move.toml")).unwrap();
    let mut terminal = Terminal::start(&home, 120, 36, &["open", "move.toml"]);
    terminal.until_text("Migrate to head", 20);
    terminal.keys("\r");
    terminal.until("rows being moved", 60, |screen| screen.contains("PROGRESS 0002") && screen.contains('%'));
    terminal.child.kill().unwrap();
    terminal.child.wait().unwrap();
    let state = |s: &Value| s["attempts"][0]["state"].as_str().unwrap_or_default().to_owned();
    assert_eq!(state(&status(&home, "move.ledger.toml")), "running");
    // The next cockpit finds it at work, with its progress.
    let mut next = Terminal::start(&home, 120, 36, &["open", "move.ledger.toml"]);
    next.until("the migration running on", 20, |screen| screen.contains("revision") || screen.contains("done"));
    let finished = until_status(&home, "move.ledger.toml", 120, |s| state(s) == "finished");
    assert_eq!(finished["attempts"][0]["verdict"], "pass", "{finished:#}");
    assert_eq!(finished["migration"]["current"], "0003");
    next.until_text("0003", 20);
    let verified = Command::new(GONOGO).current_dir(&home).args(["verify", "move.ledger.toml"]).output().unwrap();
    assert_eq!(verified.status.code(), Some(0));
}

#[test]
fn the_rehearsal_flies_on_the_screen() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 80, 24, &["rehearse"]);
    terminal.until_text("Setup", 60);
    terminal.keys("A");
    terminal.until_text("AUTOPILOT", 10);
    terminal.keys("4");
    terminal.until_text("go/no-go", 10);
    terminal.keys("6");
    terminal.until_text("NEXT Poll", 120);
    terminal.keys("q");
    assert_eq!(terminal.wait(30), 0);
    assert!(terminal.given_back());
    let after = terminal.text();
    assert!(after.contains("still runs") || after.contains("services are stopped"), "{after}");
    for slot in ["staging", "production"] {
        Command::new(GONOGO)
            .current_dir(folder.path().join("neurohub-rehearsal"))
            .args(["rehearsal", "service", "stop", slot])
            .output()
            .unwrap();
    }
}

/// The processes that supervise an attempt of a ledger below this folder.
fn supervisors(folder: &Path) -> Vec<rustix::process::Pid> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(&words).into_owned();
        let ours = std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == folder);
        let pid = entry.file_name().to_string_lossy().parse().ok().and_then(rustix::process::Pid::from_raw);
        if ours && words.contains("\0supervise\0") {
            found.extend(pid);
        }
    }
    found
}

#[test]
fn a_supervisor_that_is_killed_is_noticed_and_resolved_in_the_open_cockpit() {
    let folder = small::folder(SMALL);
    let mut terminal = open(folder.path(), 120, 36);
    terminal.keys("gjj\r");
    terminal.until_text("begun", 15);
    let supervisors = supervisors(&folder.path().canonicalize().unwrap());
    assert_eq!(supervisors.len(), 1);
    rustix::process::kill_process(supervisors[0], Signal::KILL).unwrap();
    // Unknown, never success; and it does not run again until a person has looked.
    terminal.until("the loss", 10, |screen| screen.contains("unknown") && screen.contains("lost contact"));
    assert_eq!(status(folder.path(), "small.ledger.toml")["attempts"][0]["state"], "lost");
    terminal.keys("\r");
    terminal.until_text("inspect the aftermath", 10);
    terminal.keys("r");
    terminal.until_text("Record outcome", 5);
    terminal.keys("nothing was left behind\r");
    terminal.until("the item to be open again", 10, |screen| {
        !screen.contains("lost contact") && screen.contains("0/4 done")
    });
}

#[test]
fn run_says_what_stands_in_the_way_and_with_which_status() {
    let folder = small::folder(&format!(
        "{SMALL}\n{}",
        r#"
[[phase]]
id = "two"
title = "Two"
slot = "here"
gate = ["one"]
[[phase.section]]
id = "go"
title = "Go"
[[phase.section.item]]
id = "run"
title = "Run it"
check = { kind = "command", run = "true" }
"#
    ));
    let run = |arguments: &[&str]| {
        let output = Command::new(GONOGO).current_dir(folder.path()).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(run(&["open", "--no-screen", "small.toml"]).0, Some(0));
    let (status, said) = run(&["run", "small.ledger.toml", "--phase", "two"]);
    assert_eq!(status, Some(4), "{said}");
    assert!(said.contains("Two has not opened: One has 4 of 4 steps left"), "{said}");
    let (status, said) = run(&["run", "small.ledger.toml", "two/go/run"]);
    assert_eq!(status, Some(4), "{said}");
    let (status, said) = run(&["run", "small.ledger.toml", "one/look/fails"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("exit 3 instead of 0"), "{said}");
}
