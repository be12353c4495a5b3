//! Supervisors as real processes: this test binary starts itself again as supervisor, and as the program that starts one.
//!
//! Longer than 400 lines because each attempt reads on its own, under the one supervisor set up at the top.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "../attempts/background.rs"]
mod background;
use crate::book;
use crate::common::named;
use crate::spec;

use book::FileBook;
use futures_util::future::BoxFuture;
use gonogo::attempts::databases::Databases;
use gonogo::attempts::files::AttemptFiles;
use gonogo::attempts::spawn::{Heard, spawn_command};
use gonogo::attempts::{Book, Console, SuperviseArguments, lost, supervisor};
use gonogo::checklist::{Digest, EnvironmentKind};
use gonogo::deployment::attempt::{AttemptNumber, AttemptPhase, End, Moment, Outcome, TableProof};
use gonogo::deployment::fact::LedgerOpened;
use gonogo::deployment::{Intent, Operator, Verdict};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use spec::Spec;
use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const FOLDER: &str = "GONOGO_TEST_FOLDER";
const ITEM: &str = "GONOGO_TEST_ITEM";
const GRACE_MS: u64 = 300;
const FIRST: AttemptNumber = AttemptNumber(1);

/// The command checks of these tests look at no database.
struct NoDatabase;

impl Databases for NoDatabase {
    fn identity<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<String, String>> {
        Box::pin(async { Err("no database here".into()) })
    }

    fn prove<'a>(
        &'a self,
        _: &'a str,
        _: &'a [TableProof],
        _: Moment,
        _: &'a dyn Console,
    ) -> BoxFuture<'a, Result<Vec<TableProof>, String>> {
        Box::pin(async { Err("no database here".into()) })
    }

    fn copy<'a>(&'a self, _: &'a str, _: &'a Path) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Err("no database here".into()) })
    }
}

fn operator() -> Operator {
    Operator { user: "cap".into(), says: "captain".into(), host: "here".into(), simulated: None }
}

/// Not a test of its own: this binary as `gonogo supervise`, when the variables say so.
#[test]
#[expect(clippy::disallowed_methods, reason = "the harness would turn the supervisor's exit status into its own")]
fn reinvoked_as_supervisor() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let book = FileBook::new(&folder, Spec::read(&folder).plan());
    let item = std::env::var(ITEM).unwrap().as_str().into();
    let mut arguments = SuperviseArguments::new(book.path().to_owned(), &item, &operator(), None);
    arguments.grace = Some(GRACE_MS);
    std::process::exit(i32::from(supervisor::run(Box::new(book), &arguments, Arc::new(NoDatabase))));
}

/// Not a test of its own: this binary as the program that started a supervisor and waits for it.
#[test]
fn reinvoked_as_parent() {
    let Some(folder) = std::env::var_os("GONOGO_TEST_PARENT").map(PathBuf::from) else { return };
    let mut supervisor = spawn_command(supervise(&folder, "p/s/run")).unwrap();
    while supervisor.hear_blocking().is_some() {}
}

fn myself(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", &named(module_path!(), test), "--nocapture"])
        .env_remove(FOLDER)
        .env_remove("GONOGO_TEST_PARENT");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn supervise(folder: &Path, item: &str) -> Command {
    let mut command = myself("reinvoked_as_supervisor");
    command.env(FOLDER, folder).env(ITEM, item);
    command
}

/// A folder with an opened ledger that follows `spec`.
struct Stage {
    folder: tempfile::TempDir,
    book: FileBook,
}

impl Stage {
    fn new(spec: &Spec) -> Self {
        let folder = tempfile::tempdir().unwrap();
        spec.write(folder.path());
        let mut book = FileBook::new(folder.path(), spec.plan());
        std::fs::create_dir(book.evidence()).unwrap();
        let opened = LedgerOpened {
            title: "test".into(),
            checklist: "test.toml".into(),
            digest: Digest::of(b""),
            snapshot: "test.toml".into(),
            snapshot_sha256: None,
            environments: BTreeMap::from([("production".into(), "real-production".into())]),
            kinds: BTreeMap::from([("real-production".into(), EnvironmentKind::Real)]),
        };
        book.append(&operator(), Intent::OpenLedger(opened)).unwrap();
        Self { folder, book }
    }

    fn run(command: &str) -> (Self, Outcome, i32) {
        Self::run_spec(&Spec::of(command))
    }

    fn run_spec(spec: &Spec) -> (Self, Outcome, i32) {
        let mut stage = Self::new(spec);
        let status = stage.supervise().status().unwrap();
        let outcome = stage.outcome();
        (stage, outcome, status.code().unwrap())
    }

    fn supervise(&self) -> Command {
        supervise(self.folder.path(), "p/s/run")
    }

    fn files(&self) -> AttemptFiles {
        AttemptFiles::new(&self.book.evidence(), FIRST)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.files().log()).unwrap_or_default()
    }

    fn phase(&mut self) -> Option<AttemptPhase> {
        self.book.refresh().unwrap();
        self.book.state().attempt(FIRST).map(|attempt| attempt.phase.clone())
    }

    fn outcome(&mut self) -> Outcome {
        match self.phase() {
            Some(AttemptPhase::Finished(outcome)) => std::sync::Arc::unwrap_or_clone(outcome),
            other => panic!("{other:?}, log: {}", self.log()),
        }
    }

    fn start_and_wait_for(&mut self, text: &str) -> Child {
        let child = self.supervise().spawn().unwrap();
        self.wait_for(text);
        child
    }

    fn wait_for(&mut self, text: &str) {
        until(&format!("`{text}` in the log"), || self.log().contains(text));
    }

    fn cancel(&mut self, reason: &str) {
        let intent = Intent::RequestCancel { attempt: FIRST, reason: reason.into() };
        self.book.append(&operator(), intent).unwrap();
    }
}

/// Waits for something to hold, and fails loudly when it does not come.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let (_keep, pause) = std::sync::mpsc::channel::<()>();
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        let _ = pause.recv_timeout(Duration::from_millis(10));
    }
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap()
}

#[test]
fn a_command_that_does_as_it_should_passes_with_its_output_kept() {
    let spec = Spec {
        contains: Some("hello".into()),
        number: Some(r"(\d+) passed".into()),
        ..Spec::of("test -t 1 && echo \"hello on $TERM $(tput cols 2>/dev/null || echo 120)\"; echo '12 passed'")
    };
    let (stage, outcome, status) = Stage::run_spec(&spec);
    assert_eq!((status, outcome.exit, outcome.verdict, outcome.end), (0, Some(0), Verdict::Pass, End::Completed));
    assert_eq!(stage.log(), "hello on xterm-256color 120\r\n12 passed\r\n");
    assert!(outcome.detail.starts_with("exit 0 after "), "{}", outcome.detail);
    assert!(outcome.detail.ends_with("tests 12 tests (≥ 10 tests)"), "{}", outcome.detail);
    let names: Vec<&str> = outcome.measured.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["duration", "tests"]);
    let output = outcome.output.clone().unwrap();
    assert_eq!((output.file.as_str(), output.bytes), ("attempts/0001.log", stage.log().len() as u64));
    assert_eq!(output.sha256, Digest::of(stage.log().as_bytes()));
    assert_eq!(gonogo::attempts::follow::outcome(&stage.files()).unwrap(), Some(outcome));
}

#[test]
fn a_command_that_fails_says_how_and_its_last_line() {
    let (_, outcome, status) = Stage::run("echo fine; echo 'it broke' >&2; exit 3");
    assert_eq!((status, outcome.exit, outcome.verdict), (1, Some(3), Verdict::Fail));
    assert_eq!(outcome.detail, "exit 3 instead of 0; its last line: it broke");
    let spec = Spec { contains: Some("needle".into()), ..Spec::of("echo hay") };
    let (_, outcome, _) = Stage::run_spec(&spec);
    assert_eq!(outcome.detail, "the output does not contain `needle`; its last line: hay");
    let (_, outcome, _) = Stage::run("kill -9 $$");
    assert_eq!((outcome.exit, outcome.signal), (None, Some(9)));
    assert_eq!(outcome.detail, "ended by SIGKILL instead of 0");
    let spec = Spec { number: Some(r"(\d+) passed".into()), ..Spec::of("echo none") };
    let (_, outcome, _) = Stage::run_spec(&spec);
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
}

#[test]
fn a_command_that_takes_too_long_is_ended_and_failed() {
    let spec = Spec { timeout_ms: Some(400), ..Spec::of("echo begun; sleep 60") };
    let (_, outcome, status) = Stage::run_spec(&spec);
    assert_eq!((status, outcome.end, outcome.verdict), (1, End::TimedOut, Verdict::Fail));
    assert_eq!(outcome.detail, "not done within 400ms; ended by SIGINT");
    assert!(outcome.took_ms < 20_000);
}

#[test]
fn a_cancelled_command_is_asked_first_and_may_tidy_up() {
    let mut stage = Stage::new(&Spec::of("trap 'echo tidied; exit 7' INT; echo ready; while :; do sleep 0.05; done"));
    let mut child = stage.start_and_wait_for("ready");
    stage.cancel("wrong window");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let outcome = stage.outcome();
    assert_eq!((outcome.end, outcome.exit, outcome.verdict), (End::Cancelled, Some(7), Verdict::Inconclusive));
    assert_eq!(outcome.detail, "cancelled by captain (cap): wrong window; exit 7");
    assert!(stage.log().contains("tidied") && !stage.log().contains("SIGTERM"), "{}", stage.log());
}

#[test]
fn a_command_that_will_not_listen_is_killed_with_all_it_started() {
    let stubborn = "trap '' INT TERM; (trap '' INT TERM; while :; do sleep 0.05; done) & echo pid $!; echo ready; \
                    while :; do sleep 0.05; done";
    let mut stage = Stage::new(&Spec::of(stubborn));
    let mut child = stage.start_and_wait_for("ready");
    let asked = Instant::now();
    stage.cancel("it hangs");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(asked.elapsed() >= Duration::from_millis(2 * GRACE_MS), "{:?}", asked.elapsed());
    let outcome = stage.outcome();
    assert_eq!((outcome.end, outcome.signal), (End::Cancelled, Some(9)));
    let log = stage.log();
    let steps = ["SIGINT sent", "SIGTERM sent", "SIGKILL sent"].map(|step| log.find(step).unwrap());
    assert!(steps.is_sorted());
    let inner: i32 = log.split("pid ").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap();
    until("the inner process to be gone", || {
        let stat = std::fs::read_to_string(format!("/proc/{inner}/stat")).unwrap_or_default();
        stat.is_empty() || stat.contains(") Z ")
    });
}

#[test]
fn a_killed_supervisor_leaves_an_attempt_that_is_found_lost() {
    let mut stage = Stage::new(&Spec::of("echo ready; sleep 60"));
    let mut child = stage.start_and_wait_for("ready");
    assert!(lost::settle(&mut stage.book, &operator()).unwrap().is_empty(), "a living one was taken for lost");
    kill_process(pid(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    assert_eq!(lost::settle(&mut stage.book, &operator()).unwrap(), [FIRST]);
    let phase = stage.phase().unwrap();
    assert!(
        matches!(&phase, AttemptPhase::Lost { why, .. } if why.contains("without leaving an outcome")),
        "{phase:?}"
    );
    // Nothing starts again until a person has looked.
    let again = stage.supervise().status().unwrap();
    assert_eq!(again.code(), Some(4));
    let resolve = Intent::ResolveAttempt { attempt: FIRST, reason: "looked".into() };
    stage.book.append(&operator(), resolve).unwrap();
    assert!(lost::settle(&mut stage.book, &operator()).unwrap().is_empty());
}

#[test]
fn an_outcome_without_its_record_is_appended_by_whoever_finds_it() {
    let (mut stage, outcome, _) = Stage::run("echo done");
    let text = stage.book.text();
    let without_last = text.trim_end().rfind('\n').unwrap() + 1;
    std::fs::write(stage.book.path(), &text[..without_last]).unwrap();
    assert!(matches!(stage.phase(), Some(AttemptPhase::Running { .. })));
    assert_eq!(lost::settle(&mut stage.book, &operator()).unwrap(), [FIRST]);
    assert_eq!(stage.outcome(), outcome);
}

#[test]
fn the_attempt_outlives_the_program_that_started_it() {
    let mut stage = Stage::new(&Spec::of("echo ready; for i in 1 2 3 4 5 6; do sleep 0.1; echo step $i; done"));
    let mut parent =
        myself("reinvoked_as_parent").env("GONOGO_TEST_PARENT", stage.folder.path()).process_group(0).spawn().unwrap();
    stage.wait_for("ready");
    kill_process_group(pid(&parent), Signal::KILL).unwrap();
    parent.wait().unwrap();
    assert!(!stage.log().contains("step 6"), "too late to prove anything");
    until("the record", || matches!(stage.phase(), Some(AttemptPhase::Finished(_))));
    let outcome = stage.outcome();
    assert_eq!(outcome.verdict, Verdict::Pass);
    assert!(stage.log().ends_with("step 6\r\n"));
    assert_eq!(outcome.output.unwrap().sha256, Digest::of(stage.log().as_bytes()));
}

#[test]
fn a_hang_up_is_ignored_and_a_termination_is_a_recorded_cancel() {
    let mut stage = Stage::new(&Spec::of("echo ready; sleep 60"));
    let mut child = stage.start_and_wait_for("ready");
    kill_process(pid(&child), Signal::HUP).unwrap();
    kill_process(pid(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let outcome = stage.outcome();
    assert_eq!(outcome.detail, "cancelled: the supervisor was sent SIGTERM; ended by SIGINT");
}

#[test]
fn no_secret_reaches_any_file() {
    let mut stage = Stage::new(&Spec {
        database: Some("postgresql://app:${GONOGO_TEST_PASSWORD}@db/x".into()),
        ..Spec::of(
            "echo \"password $GONOGO_TEST_PASSWORD\"; echo \"url $GONOGO_DATABASE_URL\"; \
             printf 'split Sword'; sleep 0.3; printf 'fish-77\\n'; echo \"inherited $GONOGO_TEST_TOKEN\"; \
             echo redis://me:typed-in-the-command@host/0; echo last $GONOGO_TEST_PASSWORD; exit 1",
        )
    });
    let mut command = stage.supervise();
    command.env("GONOGO_TEST_PASSWORD", "Swordfish-77").env("GONOGO_TEST_TOKEN", "tok-abcdef");
    assert_eq!(command.status().unwrap().code(), Some(1));
    let log = stage.log();
    assert_eq!(
        log.lines().collect::<Vec<_>>(),
        [
            "password ****",
            "url postgresql://app:****@db/x",
            "split ****",
            "inherited ****",
            "redis://me:****@host/0",
            "last ****"
        ]
    );
    assert!(stage.outcome().detail.ends_with("its last line: last ****"));
    for entry in std::fs::read_dir(stage.book.evidence().join("attempts")).unwrap() {
        let path = entry.unwrap().path();
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains("Swordfish") && !text.contains("tok-abcdef"), "{}", path.display());
    }
    assert!(!stage.book.text().contains("Swordfish"));
}

#[test]
fn tricks_with_the_terminal_do_not_reach_the_log() {
    let (stage, outcome, _) = Stage::run(
        "printf '\\033]0;owned\\007a\\033[31mred\\033[0m\\033]52;c;ZXZpbA==\\033\\\\\\033[2J\\033[?1049h\\033[6nb\\377\\n'",
    );
    assert_eq!(stage.log(), "a\u{1b}[31mred\u{1b}[0mb\u{fffd}\r\n");
    assert_eq!(outcome.verdict, Verdict::Pass);
}

#[test]
fn twenty_megabytes_of_output_are_kept_whole_in_flat_memory() {
    let spec = Spec {
        contains: Some("needle".into()),
        ..Spec::of("echo needle; head -c 20000000 /dev/zero | tr '\\0' x; echo; echo end")
    };
    let mut stage = Stage::new(&spec);
    let mut child = stage.supervise().spawn().unwrap();
    let mut peak = 0;
    let mut status = None;
    until("the end", || {
        let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
        peak = peak.max(line.trim().trim_end_matches(" kB").parse::<u64>().unwrap());
        status = child.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.unwrap().code(), Some(0));
    let log = std::fs::read(stage.files().log()).unwrap();
    assert_eq!(log.len(), "needle\r\n".len() + 20_000_000 + "\r\nend\r\n".len());
    assert!(log.ends_with(b"x\r\nend\r\n"));
    let output = stage.outcome().output.unwrap();
    assert_eq!((output.bytes, output.sha256), (log.len() as u64, Digest::of(&log)));
    assert!((1..100_000).contains(&peak), "{peak} kB at the peak");
}

#[test]
fn what_may_not_start_is_refused_with_a_sentence() {
    let stage = Stage::new(&Spec { command: Some("from-variable".into()), ..Spec::default() });
    let hear = |command: Command| {
        let mut supervisor = spawn_command(command).unwrap();
        let first = supervisor.hear_blocking().unwrap();
        (first, supervisor)
    };
    let (heard, _) = hear(stage.supervise());
    let sentence = "GONOGO_TEST_COMMAND is not set, and the check needs it; export it and start again".to_owned();
    assert_eq!(heard, Heard::Refused { sentence, status: 4 });
    let (heard, _) = hear(supervise(stage.folder.path(), "p/s/look"));
    assert!(matches!(&heard, Heard::Refused { sentence, status: 4 } if sentence.contains("manual")), "{heard:?}");
    let (heard, _) = hear(supervise(stage.folder.path(), "p/s/other"));
    assert!(matches!(&heard, Heard::Refused { sentence, status: 2 } if sentence.contains("p/s/other")), "{heard:?}");
    assert!(!stage.book.evidence().join("attempts").exists());
    // With the variable set it is what is in it.
    let mut command = stage.supervise();
    command.env("GONOGO_TEST_COMMAND", "echo 'a  b' | tr a c");
    let (heard, mut supervisor) = hear(command);
    assert_eq!(heard, Heard::Started(FIRST));
    assert_eq!(supervisor.hear_blocking(), Some(Heard::Exited { status: Some(0) }));
    assert_eq!(stage.log(), "c  b\r\n");
}

#[test]
fn an_outcome_waits_until_the_ledger_can_take_it() {
    let mut stage = Stage::new(&Spec::of("echo ready; sleep 0.5"));
    let mut child = stage.start_and_wait_for("ready");
    let obstacle = FileBook::obstacle(stage.folder.path());
    std::fs::write(&obstacle, "").unwrap();
    let files = stage.files();
    until("the outcome", || files.outcome().exists());
    assert!(matches!(stage.phase(), Some(AttemptPhase::Running { .. })));
    assert!(lost::settle(&mut stage.book, &operator()).unwrap().is_empty());
    std::fs::remove_file(&obstacle).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(stage.outcome().verdict, Verdict::Pass);
}

#[test]
fn a_prefix_runs_the_command_elsewhere_with_its_quotes_intact() {
    // The second stands for ssh: it joins its words and has a shell read them again.
    let bin = tempfile::tempdir().unwrap();
    let ssh = bin.path().join("ssh");
    std::fs::write(&ssh, "#!/bin/sh\nshift\nexec env -i PATH=\"$PATH\" sh -c \"$*\"\n").unwrap();
    Command::new("chmod").arg("+x").arg(&ssh).status().unwrap();
    for prefix in ["env -u TERM".to_owned(), format!("{} host", ssh.display())] {
        let spec = Spec {
            shell: Some(prefix.clone()),
            database: Some("sqlite:a b'c".into()),
            ..Spec::of("echo \"it's  $((1+2))\" '$HOME' \"$GONOGO_DATABASE_URL\"")
        };
        let (stage, _, status) = Stage::run_spec(&spec);
        assert_eq!(stage.log(), "it's  3 $HOME sqlite:a b'c\r\n", "through {prefix}");
        assert_eq!(status, 0);
    }
}
