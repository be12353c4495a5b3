//! Faults put into a ledger for real: torn, altered, cut, forged, refused by the disk or by the folder's owner.

#[path = "support/flight.rs"]
mod flight;

use chrono::{TimeDelta, TimeZone as _, Utc};
use flight::{Flight, captain, create, plan, reopen};
use gonogo::checklist::Digest;
use gonogo::deployment::{Fact, Intent, Operator, Plan, Refusal, Seq};
use gonogo::ledger::error::Left;
use gonogo::ledger::verify::{Finding, examine};
use gonogo::ledger::{AppendError, Layout, Ledger, LedgerError};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Barrier};

fn note(text: &str) -> Intent {
    Intent::AddNote { item: None, text: text.into() }
}

fn notes(ledger: &Ledger) -> Vec<&str> {
    ledger.state().notes.iter().map(|(_, _, text)| text.as_str()).collect()
}

/// Where each record begins in the ledger's bytes, with the end of the last one.
fn boundaries(bytes: &[u8]) -> Vec<usize> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.match_indices("\n[[record]]\n").map(|(at, _)| at).chain([bytes.len()]).collect()
}

fn seal(body: &str) -> String {
    format!("\n{body}sum = \"{}\"\n", Digest::of(body.as_bytes()))
}

#[test]
fn a_record_torn_at_any_byte_is_never_read_and_is_kept_aside() {
    let (flight, mut ledger) = Flight::open();
    ledger.append(&captain(), note("acknowledged")).unwrap();
    let layout = Layout::new(flight.path());
    let (before, head) = (fs::read(flight.path()).unwrap(), fs::read(layout.head()).unwrap());
    ledger.append(&captain(), note("[[record]]\nsum = \"torn\" 🛫")).unwrap();
    let after = fs::read(flight.path()).unwrap();
    drop(ledger);
    for cut in before.len() + 1..after.len() {
        // Killed in the middle of the write: nobody was told of the record, so the anchor has not moved either.
        fs::write(flight.path(), &after[..cut]).unwrap();
        fs::write(layout.head(), &head).unwrap();
        let torn = &after[before.len()..cut];
        let finding = examine(&flight.path()).unwrap().finding;
        let (offset, bytes) = (before.len() as u64, torn.len() as u64);
        assert_eq!(finding, Finding::Torn { seq: Seq(3), offset, bytes }, "cut at {cut}");
        assert_eq!(finding.exit_status(), 10);

        let mut ledger = flight.reopen().unwrap();
        assert_eq!(notes(&ledger), ["acknowledged"], "cut at {cut}");
        assert!(ledger.follow().unwrap().is_empty(), "a torn tail is not there yet");
        assert_eq!(fs::read(flight.path()).unwrap(), &after[..cut], "reading repairs nothing");

        ledger.append(&captain(), note("next")).unwrap();
        let (_, kept, length) = ledger.state().repairs.last().unwrap().clone();
        assert_eq!(length, bytes);
        assert_eq!(fs::read(ledger.evidence().join(&kept)).unwrap(), torn, "cut at {cut}");
        let reopened = flight.reopen().unwrap();
        assert_eq!(reopened.records(), ledger.records());
        assert_eq!(notes(&reopened), ["acknowledged", "next"]);
        assert_eq!(examine(&flight.path()).unwrap().finding, Finding::Intact);
    }
}

#[test]
fn an_acknowledged_record_that_is_cut_is_missed_and_never_papered_over() {
    let (flight, mut ledger) = Flight::open();
    for text in ["one", "two", "three"] {
        ledger.append(&captain(), note(text)).unwrap();
    }
    let whole = fs::read(flight.path()).unwrap();
    let ends = boundaries(&whole);
    for cut in [ends[2], ends[3], ends[3] + 40, whole.len() - 1] {
        fs::write(flight.path(), &whole[..cut]).unwrap();
        let finding = examine(&flight.path()).unwrap().finding;
        let Finding::Truncated { anchored, found, .. } = finding else { panic!("{finding:?} at {cut}") };
        assert_eq!(anchored, Seq(4));
        assert_eq!(found, Seq(if cut == ends[2] { 2 } else { 3 }));
        assert_eq!(finding.exit_status(), 12);
        let opened = flight.reopen().unwrap_err();
        assert!(matches!(opened, LedgerError::Truncated { .. }), "{opened}");
        assert_eq!(opened.exit_status(), 3);
        // Whoever has it open already notices too, and writes nothing over it.
        let refused = ledger.append(&captain(), note("four")).unwrap_err();
        assert!(matches!(refused, AppendError::Ledger(LedgerError::Truncated { .. })), "{refused}");
        assert_eq!(fs::read(flight.path()).unwrap(), &whole[..cut]);
    }
}

#[test]
fn any_byte_changed_in_a_record_is_found_with_its_place() {
    let (flight, mut ledger) = Flight::open();
    ledger.append(&captain(), note("to be altered")).unwrap();
    ledger.append(&captain(), note("after it")).unwrap();
    let whole = fs::read(flight.path()).unwrap();
    let ends = boundaries(&whole);
    for at in ends[1]..ends[2] {
        let mut altered = whole.clone();
        altered[at] ^= 0x02;
        fs::write(flight.path(), &altered).unwrap();
        let finding = examine(&flight.path()).unwrap().finding;
        let Finding::Altered { seq, offset, .. } = finding else { panic!("{finding:?} with byte {at} changed") };
        assert_eq!((seq, offset), (Seq(2), ends[1] as u64), "byte {at}");
        let error = flight.reopen().unwrap_err();
        assert!(matches!(&error, LedgerError::Altered { seq: Seq(2), offset, .. } if *offset == ends[1] as u64));
        assert_eq!(error.exit_status(), 3);
        assert_eq!(fs::read(flight.path()).unwrap(), altered, "nothing is rewritten");
    }
}

#[test]
fn records_removed_moved_doubled_or_forged_are_found_where_they_are() {
    let (flight, mut ledger) = Flight::open();
    for text in ["two", "three", "four"] {
        ledger.append(&captain(), note(text)).unwrap();
    }
    let whole = fs::read_to_string(flight.path()).unwrap();
    let ends = boundaries(whole.as_bytes());
    let part = |index: usize| &whole[ends[index]..ends[index + 1]];
    let top = &whole[..ends[1]];
    let forged = part(1).replace("\"two\"", "\"forged\"");
    let body = &forged[1..forged.rfind("sum = ").unwrap()];
    let by_hand = "\n[[record]]\nseq = 5\nkind = \"note-added\"\ntext = \"by hand\"\n".to_owned();
    let cases = [
        ("removed", [top, part(2), part(3)].concat(), 2, ends[1]),
        ("moved", [top, part(2), part(1), part(3)].concat(), 2, ends[1]),
        ("doubled", [top, part(1), part(1), part(2), part(3)].concat(), 3, ends[2]),
        ("summed anew", [top, &seal(body), part(2), part(3)].concat(), 3, ends[2] + 3),
        ("a comment by hand", [&whole, "# all fine\n"].concat(), 5, whole.len()),
        ("a record by hand", [whole.clone(), format!("{by_hand}sum = \"0\"\n")].concat(), 5, whole.len()),
        ("a summed record by hand", [whole.clone(), seal(&by_hand[1..])].concat(), 5, whole.len()),
        ("its sum line taken away", [top, &part(1)[..part(1).rfind("sum").unwrap()], part(2)].concat(), 2, ends[1]),
    ];
    for (what, text, seq, offset) in cases {
        fs::write(flight.path(), &text).unwrap();
        let finding = examine(&flight.path()).unwrap().finding;
        let Finding::Altered { seq: found, offset: at, .. } = &finding else { panic!("{what}: {finding:?}") };
        assert_eq!((found.0, *at), (seq, offset as u64), "{what}: {finding:?}");
        assert_eq!(finding.exit_status(), 11);
        let error = flight.reopen().unwrap_err();
        assert!(error.to_string().contains(&format!("record #{seq} at byte {offset}")), "{what}: {error}");
        assert_eq!(error.exit_status(), 3, "{what}");
        if offset >= ends[3] {
            let refused = ledger.append(&captain(), note("five")).unwrap_err();
            assert!(matches!(refused, AppendError::Ledger(LedgerError::Altered { .. })), "{what}: {refused}");
        }
        assert_eq!(fs::read_to_string(flight.path()).unwrap(), text, "{what}: nothing is rewritten");
    }
}

#[test]
fn a_last_record_rewritten_with_a_right_chain_is_not_the_acknowledged_one() {
    let (flight, mut ledger) = Flight::open();
    ledger.append(&captain(), note("no-go")).unwrap();
    let whole = fs::read_to_string(flight.path()).unwrap();
    let ends = boundaries(whole.as_bytes());
    let forged = whole[ends[1]..].replace("no-go", "go");
    let body = &forged[1..forged.rfind("sum = ").unwrap()];
    fs::write(flight.path(), [&whole[..ends[1]], &seal(body)].concat()).unwrap();
    let finding = examine(&flight.path()).unwrap().finding;
    assert!(matches!(finding, Finding::Altered { seq: Seq(2), .. }), "{finding:?}");
    assert!(matches!(flight.reopen(), Err(LedgerError::Altered { seq: Seq(2), .. })));
}

#[test]
fn a_note_may_hold_every_trick_of_the_syntax() {
    let tricks = "[[record]]\nseq = 9\nsum = \"0\"\n\"\"\"\n'''\\u0000\\\u{0}\u{85}\u{2028}\u{202e}\r\n# {a = 1} 🛫 \u{feff}end";
    let (flight, mut ledger) = Flight::open();
    ledger.append(&captain(), note(tricks)).unwrap();
    ledger.append(&captain(), Intent::OpenIssue { title: tricks.into(), account: Default::default() }).unwrap();
    let reopened = flight.reopen().unwrap();
    assert_eq!(notes(&reopened), [tricks]);
    assert_eq!(reopened.state().issues[0].title, tricks);
    assert_eq!(examine(&flight.path()).unwrap().finding, Finding::Intact);
    let document: toml::Table = fs::read_to_string(flight.path()).unwrap().parse().unwrap();
    let records = document["record"].as_array().unwrap();
    assert_eq!(records.len(), 3);
    assert_eq!(records[1]["text"].as_str(), Some(tricks));
    assert!(records.iter().all(|record| record["at"].is_datetime() && record["by"].is_table()));
}

#[test]
fn a_clock_that_runs_backwards_disturbs_nothing() {
    let (flight, ledger) = Flight::open();
    let start = Utc.with_ymd_and_hms(2026, 11, 22, 14, 0, 0).unwrap();
    let ticks = std::sync::atomic::AtomicI32::new(0);
    let clock = Arc::new(move || {
        let ticks = ticks.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        start - TimeDelta::hours(i64::from(ticks))
    });
    let mut ledger = ledger.with_clock(clock);
    for text in ["one", "two", "three"] {
        ledger.append(&captain(), note(text)).unwrap();
    }
    let times: Vec<_> = ledger.records()[1..].iter().map(|record| record.at).collect();
    assert!(times.is_sorted_by(|a, b| a > b), "the test's clock runs backwards: {times:?}");
    let reopened = flight.reopen().unwrap();
    assert_eq!(notes(&reopened), ["one", "two", "three"]);
    assert_eq!(reopened.state(), ledger.state());
    assert_eq!(examine(&flight.path()).unwrap().finding, Finding::Intact);
}

#[test]
fn of_two_who_want_the_same_exactly_one_wins() {
    let wanted = [
        Intent::StartAttempt { item: "before/look/tests".into(), confirmation: None },
        Intent::CheckItem { item: "before/look/eyes".into(), note: None },
    ];
    for intent in wanted {
        for _ in 0..10 {
            let (flight, _ledger) = Flight::open();
            let (path, start) = (flight.path(), Barrier::new(2));
            let race = || {
                let mut ledger = reopen(&path).unwrap();
                start.wait();
                ledger.append(&captain(), intent.clone())
            };
            let results = std::thread::scope(|scope| {
                let racers = [scope.spawn(race), scope.spawn(race)];
                racers.map(|racer| racer.join().unwrap())
            });
            let won = results.iter().filter(|result| result.is_ok()).count();
            assert_eq!(won, 1, "{results:?}");
            let lost = results.into_iter().find_map(Result::err).unwrap();
            let expected = matches!(
                lost,
                AppendError::Refused(Refusal::Running { .. } | Refusal::Settled { .. })
            );
            assert!(expected, "the loser is told why: {lost}");
            assert_eq!(flight.reopen().unwrap().records().len(), 2);
        }
    }
}

#[test]
fn what_must_come_first_happens_under_the_lock_and_its_failure_records_nothing() {
    let (flight, mut ledger) = Flight::open();
    let lock = Layout::new(flight.path()).lock();
    let start = || Intent::StartAttempt { item: "before/look/tests".into(), confirmation: None };
    let length = fs::metadata(flight.path()).unwrap().len();
    let failed = ledger.append_with(&captain(), start(), |facts| {
        assert!(matches!(facts, [Fact::AttemptStarted { .. }]));
        assert!(File::open(&lock).unwrap().try_lock().is_err(), "somebody else could append meanwhile");
        assert_eq!(fs::metadata(flight.path()).unwrap().len(), length, "it was written too early");
        Err(std::io::Error::other("no room for the output"))
    });
    let failed = failed.unwrap_err();
    assert!(matches!(failed, AppendError::Ledger(LedgerError::NotPrepared(_))), "{failed}");
    assert_eq!(ledger.state().attempts.len(), 0);
    assert_eq!(flight.reopen().unwrap().records().len(), 1);
    File::open(&lock).unwrap().try_lock().expect("the lock is let go");
}

#[test]
fn an_existing_ledger_is_never_overwritten_and_one_that_vanished_is_missed() {
    let (flight, _ledger) = Flight::open();
    let before = fs::read(flight.path()).unwrap();
    assert!(matches!(create(&flight.path()), Err(LedgerError::Exists(_))));
    assert_eq!(fs::read(flight.path()).unwrap(), before);
    let layout = Layout::new(flight.path());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    for file in [layout.ledger(), &layout.lock(), &layout.head(), &layout.snapshot("checklist.toml")] {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    for folder in [layout.evidence(), &layout.attempts()] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    fs::remove_file(flight.path()).unwrap();
    assert!(matches!(create(&flight.path()), Err(LedgerError::EvidenceLeft(_))));
    assert!(matches!(flight.reopen(), Err(LedgerError::NotFound(_))));
}

#[test]
fn of_two_who_open_the_same_checklist_exactly_one_wins() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let (path, start) = (folder.path().join("a.ledger.toml"), Barrier::new(2));
        let race = || {
            start.wait();
            create(&path).map(|ledger| ledger.records().len())
        };
        let results = std::thread::scope(|scope| [scope.spawn(race), scope.spawn(race)].map(|r| r.join().unwrap()));
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert_eq!(reopen(&path).unwrap().records().len(), 1);
    }
}

#[test]
fn an_interrupted_opening_leaves_nothing_that_hinders_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ledger.toml");
    fs::create_dir(folder.path().join("a.ledger.d")).unwrap();
    fs::write(folder.path().join("a.ledger.d/checklist.toml"), "half a check").unwrap();
    fs::write(folder.path().join("a.ledger.toml.new"), "# gonogo led").unwrap();
    create(&path).unwrap();
    assert_eq!(reopen(&path).unwrap().records().len(), 1);
    assert!(!folder.path().join("a.ledger.toml.new").exists());
}

#[test]
fn another_host_reads_but_does_not_write() {
    let (flight, mut ledger) = Flight::open();
    let elsewhere = Operator { host: "laptop".into(), ..captain() };
    let error = ledger.append(&elsewhere, note("from afar")).unwrap_err();
    assert_eq!(error.exit_status(), 4);
    let text = error.to_string();
    assert!(text.contains("bastion-1") && text.contains("laptop"), "{text}");
    assert_eq!(flight.reopen().unwrap().records().len(), 1);
}

#[test]
fn another_format_and_another_kind_ask_for_a_newer_gonogo() {
    let (flight, mut ledger) = Flight::open();
    ledger.append(&captain(), Intent::AddLesson { text: "rehearse".into() }).unwrap();
    let whole = fs::read_to_string(flight.path()).unwrap();
    fs::write(flight.path(), whole.replace("\nformat = 1\n", "\nformat = 2\n")).unwrap();
    let error = flight.reopen().unwrap_err();
    assert!(matches!(&error, LedgerError::Format { format, .. } if format == "2"), "{error}");
    assert!(error.to_string().contains("newer gonogo"), "{error}");

    let last = boundaries(whole.as_bytes())[1];
    let newer = whole[last..].replace("lesson-added", "clock-held");
    let body = &newer[1..newer.rfind("sum = ").unwrap()];
    fs::write(flight.path(), [&whole[..last], &seal(body)].concat()).unwrap();
    fs::remove_file(Layout::new(flight.path()).head()).unwrap();
    let error = flight.reopen().unwrap_err();
    assert!(matches!(&error, LedgerError::Newer { seq: Seq(2), kind, .. } if kind == "clock-held"), "{error}");
    let examination = examine(&flight.path()).unwrap();
    assert_eq!(examination.finding, Finding::Intact, "its sum and place are right all the same");
    assert_eq!(examination.unknown, [(Seq(2), "clock-held".to_owned())]);
}

#[test]
fn a_copy_put_in_place_is_followed_and_another_history_is_not() {
    let (flight, mut ledger) = Flight::open();
    let mut other = flight.reopen().unwrap();
    ledger.append(&captain(), note("one")).unwrap();
    let replace = |text: &str| {
        let copy = flight.path().with_extension("copy");
        fs::write(&copy, text).unwrap();
        fs::rename(&copy, flight.path()).unwrap();
    };
    let whole = fs::read_to_string(flight.path()).unwrap();
    replace(&whole);
    assert_eq!(other.follow().unwrap().len(), 1);
    ledger.append(&captain(), note("two")).unwrap();
    assert_eq!(other.follow().unwrap().len(), 1, "the file that is there now is followed");

    let (elsewhere, mut stranger) = Flight::open();
    for text in ["a", "b", "c"] {
        stranger.append(&captain(), note(text)).unwrap();
    }
    replace(&fs::read_to_string(elsewhere.path()).unwrap());
    let error = other.follow().unwrap_err();
    assert!(matches!(error, LedgerError::Altered { seq: Seq(1 | 2), .. }), "{error}");
    assert_eq!(notes(&other), ["one", "two"], "what was read before stands");
}

#[test]
fn a_snapshot_that_means_something_else_is_not_followed() {
    let (flight, _ledger) = Flight::open();
    let error = Ledger::open_with(flight.path(), |_, opened| {
        let mut checklist = plan().checklist().as_ref().clone();
        checklist.phases[1].gate.clear();
        Ok::<_, String>(Plan::new(Arc::new(checklist), opened.environments.clone()))
    });
    let error = error.unwrap_err();
    assert!(matches!(error, LedgerError::SnapshotAltered { .. }), "{error}");
    assert_eq!(error.exit_status(), 3);
    fs::remove_file(Layout::new(flight.path()).snapshot("checklist.toml")).unwrap();
    assert!(matches!(flight.reopen(), Err(LedgerError::Snapshot { .. })));
}

/// The path that a child of this test works on; unset when the tests run as they are.
const CHILD: &str = "GONOGO_TEST_LEDGER";

/// Runs one test of this file alone, as a process of its own that `through` starts.
fn run_child(mut through: Command, test: &str, path: &Path) -> Output {
    let output = through
        .args([std::env::current_exe().unwrap().to_str().unwrap(), "--exact", test, "--nocapture"])
        .env(CHILD, path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("child was here"), "the child did not run: {said}");
    output
}

/// The work of a child process whose files may not grow beyond some kilobytes.
#[test]
fn child_on_a_full_disk() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let mut ledger = reopen(Path::new(&path)).unwrap();
    let error = loop {
        let (records, length) = (ledger.records().to_vec(), fs::metadata(&path).unwrap().len());
        let state = ledger.state().clone();
        match ledger.append(&captain(), note(&"as long as it gets ".repeat(20))) {
            Ok(_) => assert!(ledger.records().len() < 1_000, "the disk never got full"),
            Err(error) => {
                assert_eq!(ledger.records(), records, "nothing is acknowledged");
                assert_eq!(ledger.state(), &state, "nothing shows as done");
                assert_eq!(fs::metadata(&path).unwrap().len(), length, "the half-written record is cut off");
                break error;
            }
        }
    };
    let expected = matches!(error, AppendError::Ledger(LedgerError::NotWritten { left: Left::Nothing, .. }));
    assert!(expected, "{error}");
    assert!(ledger.records().len() > 2, "some records fitted");
    println!("child was here: {error}");
}

#[test]
fn a_full_disk_is_said_and_nothing_shows_as_done() {
    let (flight, _ledger) = Flight::open();
    let mut shell = Command::new("sh");
    // The limit counts blocks of 512 bytes; its signal is ignored, so that the write fails as on a full disk.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 9; exec \"$@\"", "sh"]);
    run_child(shell, "child_on_a_full_disk", &flight.path());
    assert_eq!(examine(&flight.path()).unwrap().finding, Finding::Intact);
    let mut ledger = flight.reopen().unwrap();
    ledger.append(&captain(), note("there is room again")).unwrap();
    assert!(ledger.state().repairs.is_empty());
}

/// The work of a child process that may not write the folder.
#[test]
fn child_in_a_folder_of_somebody_else() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let path = Path::new(&path);
    let mut ledger = reopen(path).unwrap();
    let error = ledger.append(&captain(), note("not mine")).unwrap_err();
    assert!(matches!(error, AppendError::Ledger(LedgerError::NotWritable { .. })), "{error}");
    assert_eq!(error.exit_status(), 4);
    assert_eq!(ledger.records().len(), 1, "nothing shows as done");
    let another = create(&path.with_file_name("another.ledger.toml")).unwrap_err();
    assert!(matches!(another, LedgerError::NotWritable { .. }), "{another}");
    println!("child was here: {error}");
}

#[test]
fn a_folder_that_somebody_else_owns_is_said_and_nothing_shows_as_done() {
    let (flight, _ledger) = Flight::open();
    let path = flight.path();
    let layout = Layout::new(&path);
    let allow = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    for file in [layout.ledger(), &layout.lock(), &layout.head(), &layout.snapshot("checklist.toml")] {
        allow(file, 0o444);
    }
    allow(layout.evidence(), 0o555);
    allow(layout.home(), 0o555);
    let through = if rustix::process::getuid().is_root() {
        // Permissions do not bind the superuser, so the child is nobody.
        let mut nobody = Command::new("setpriv");
        nobody.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]);
        nobody
    } else {
        Command::new("env")
    };
    let output = run_child(through, "child_in_a_folder_of_somebody_else", &path);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("it belongs to") && said.contains("--group"), "{said}");
    allow(layout.home(), 0o755);
    allow(layout.evidence(), 0o755);
    assert_eq!(flight.reopen().unwrap().records().len(), 1);
}
