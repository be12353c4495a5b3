//! Where a ledger may not be opened or written: it is there already, the disk is full, the folder is another's, or
//! another host or program was meant.

#![expect(clippy::unwrap_used, reason = "whatever goes wrong here ends the run and is seen")]

use crate::common::named;
use crate::flight;

use flight::{Flight, captain, create, opening, reopen};
use gonogo::checklist::Digest;
use gonogo::deployment::{Fact, Intent, Operator, Seq};
use gonogo::ledger::error::Left;
use gonogo::ledger::verify::{Finding, examine};
use gonogo::ledger::{AppendError, Layout, Ledger, LedgerError, LedgerOpening};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Barrier;

fn note(text: &str) -> Intent {
    Intent::AddNote { item: None, text: text.into() }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn seal(body: &str) -> String {
    format!("\n{body}sum = \"{}\"\n", Digest::of(body.as_bytes()))
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
fn a_ledger_for_a_group_stays_the_groups() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ledger.toml");
    let group = rustix::process::getgid().as_raw().to_string();
    let mut ledger = Ledger::create(&path, &LedgerOpening { group: Some(group), ..opening() }, &captain()).unwrap();
    ledger.append(&captain(), note("one")).unwrap();
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole + "\n[[rec").unwrap();
    ledger.append(&captain(), note("two")).unwrap();
    let layout = ledger.layout();
    let (torn, snapshot) = (layout.evidence().join("torn-3-1"), layout.snapshot("checklist.toml"));
    for file in [layout.ledger(), &layout.lock(), &layout.head(), &torn, &snapshot] {
        assert_eq!(mode(file), 0o660, "{}", file.display());
    }
    for folder in [layout.evidence(), &layout.attempts()] {
        assert_eq!(mode(folder), 0o2770, "{}", folder.display());
    }
    let nobody = LedgerOpening { group: Some("no such group".into()), ..opening() };
    let error = Ledger::create(folder.path().join("b.ledger.toml"), &nobody, &captain()).unwrap_err();
    assert!(matches!(error, LedgerError::NoSuchGroup(_)), "{error}");
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

    let last = whole.rfind("\n[[record]]\n").unwrap();
    let newer = whole[last..].replace("lesson-added", "clock-wound");
    let body = &newer[1..newer.rfind("sum = ").unwrap()];
    fs::write(flight.path(), [&whole[..last], &seal(body)].concat()).unwrap();
    fs::remove_file(Layout::new(flight.path()).head()).unwrap();
    let error = flight.reopen().unwrap_err();
    assert!(matches!(&error, LedgerError::Newer { seq: Seq(2), kind, .. } if kind == "clock-wound"), "{error}");
    let examination = examine(&flight.path()).unwrap();
    assert_eq!(examination.finding, Finding::Intact, "its sum and place are right all the same");
    assert_eq!(examination.unknown, [(Seq(2), "clock-wound".to_owned())]);
}

/// The path that a child of this test works on; unset when the tests run as they are.
const CHILD: &str = "GONOGO_TEST_LEDGER";

/// Runs one test of this file alone, as a process of its own that `through` starts.
fn run_child(mut through: Command, test: &str, path: &Path) -> Output {
    let output = through
        .args([
            std::env::current_exe().unwrap().to_str().unwrap(),
            "--exact",
            &named(module_path!(), test),
            "--nocapture",
        ])
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
