//! The collector as a process: it outlives the cockpit, one runs at a time, a killed one is followed, holes are gaps.

use crate::common;

use common::terminal::{GONOGO, Terminal};
use gonogo::collector::lease::{self, Standing};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const LEDGER: &str = "watched.ledger.toml";

/// Long enough for a loaded machine; nothing waits for it when things go well.
const SOON: Duration = Duration::from_mins(1);

/// A service that answers everything with 200 for as long as the test lives.
fn service() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while let Some(Ok(line)) = lines.next() {
                    if line.is_empty() && stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

struct Watched {
    folder: tempfile::TempDir,
}

impl Watched {
    /// An opened ledger with one pane that is sampled five times a second.
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let checklist = format!(
            r#"format = 1
id = "watched"
title = "A watched deployment"

[[slot]]
id = "target"
title = "What is deployed"

[environments.here]
slot = "target"
url = "{}"

[[phase]]
id = "one"
title = "Phase one"
slot = "target"
[[phase.section]]
id = "look"
title = "Look at it"
[[phase.section.item]]
id = "first"
title = "The first line"

[[pane]]
id = "front"
title = "GET / p95"
slot = "target"
source = {{ kind = "latency", path = "/" }}
unit = "ms"
every = "200ms"
"#,
            service()
        );
        std::fs::write(folder.path().join("watched.toml"), checklist).unwrap();
        let watched = Self { folder };
        let opened = watched.gonogo(&["open", "watched.toml", "--no-screen"]);
        assert!(opened.status.success(), "{opened:?}");
        watched
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn evidence(&self) -> PathBuf {
        self.path().join("watched.ledger.d")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(GONOGO);
        command.args(arguments).current_dir(self.path()).env("XDG_STATE_HOME", self.path().join(".state"));
        command
    }

    fn gonogo(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn collect(&self) -> Collecting {
        let child = self.command(&["collect", LEDGER]).stdout(Stdio::piped()).spawn().unwrap();
        Collecting(child)
    }

    fn cockpit(&self) -> Terminal {
        let mut terminal = Terminal::start(self.path(), 120, 36, &["open", LEDGER]);
        terminal.until_text("The first line", SOON.as_secs());
        terminal
    }

    /// The lines of samples and gaps, oldest first.
    fn lines(&self) -> Vec<String> {
        let printed = self.gonogo(&["metrics", LEDGER, "front", "--format", "csv"]);
        String::from_utf8_lossy(&printed.stdout).lines().skip(1).map(str::to_owned).collect()
    }

    fn numbers(&self) -> usize {
        self.lines().iter().filter(|line| line.contains(",ms,0,1,")).count()
    }

    /// The process of the collector, once there is one other than this.
    fn collector_but(&self, known: Option<u32>) -> u32 {
        until("a collector", || match lease::look(&self.evidence()) {
            Standing::Held(Some(says)) if Some(says.pid) != known => Some(says.pid),
            _ => None,
        })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Standing::Held(Some(says)) = lease::look(&self.evidence()) {
            signal(says.pid, rustix::process::Signal::KILL);
        }
    }
}

struct Collecting(Child);

impl Drop for Collecting {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let deadline = Instant::now() + SOON;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come in time");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

#[test]
fn one_collects_a_killed_one_is_followed_and_the_hole_is_a_gap() {
    let watched = Watched::open();
    let early = watched.gonogo(&["metrics", LEDGER]);
    assert_eq!(early.status.code(), Some(4), "{early:?}");
    let mut first = watched.collect();
    until("three samples", || (watched.numbers() >= 3).then_some(()));
    let second = watched.gonogo(&["collect", LEDGER]);
    assert_eq!(second.status.code(), Some(4));
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains(&format!("a collector already runs for this ledger (pid {})", first.0.id())), "{said}");

    // Who stands by takes over from one that was killed.
    let mut standby =
        Collecting(watched.command(&["collect", "--wait", LEDGER]).stdout(Stdio::null()).spawn().unwrap());
    let before = watched.numbers();
    first.0.kill().unwrap();
    first.0.wait().unwrap();
    assert_eq!(watched.collector_but(Some(first.0.id())), standby.0.id());
    until("samples of the second", || (watched.numbers() > before + 2).then_some(()));
    let hole = watched.lines().into_iter().find(|line| line.contains("no collector ran for"));
    assert!(hole.is_some_and(|line| line.contains(",ms,0,0,,,,,,")), "{:?}", watched.lines());

    // Asked to end it writes everything, and says that it ended.
    signal(standby.0.id(), rustix::process::Signal::TERM);
    assert_eq!(standby.0.wait().unwrap().code(), Some(0));
    let lines = watched.lines();
    assert!(lines.last().unwrap().ends_with("the collector was stopped"), "{lines:?}");
    assert_eq!(lease::look(&watched.evidence()), Standing::Free);
    let stop = watched.gonogo(&["collect", "--stop", LEDGER]);
    assert_eq!(stop.status.code(), Some(4), "{stop:?}");
}

#[test]
fn the_cockpit_may_die_and_the_watch_goes_on() {
    let watched = Watched::open();
    let mut cockpit = watched.cockpit();
    let collector = watched.collector_but(None);
    cockpit.signal(rustix::process::Signal::KILL);
    cockpit.child.wait().unwrap();
    let before = watched.numbers();
    until("further samples", || (watched.numbers() > before + 5).then_some(()));
    assert_eq!(watched.collector_but(None), collector, "the same one goes on");

    // The next cockpit reads what was collected, and follows a collector that is killed.
    let mut cockpit = watched.cockpit();
    cockpit.until("the metric", SOON.as_secs(), |screen| screen.contains("GET / p95") && screen.contains(" ms"));
    signal(collector, rustix::process::Signal::KILL);
    let next = watched.collector_but(Some(collector));
    until("the hole as a gap", || {
        watched.lines().iter().any(|line| line.contains("no collector ran for")).then_some(())
    });

    // Nobody but the cockpit's own person ends it: it stays when the cockpit is left.
    cockpit.keys("q");
    assert_eq!(cockpit.wait(SOON.as_secs()), 0);
    assert_eq!(watched.collector_but(None), next);
    let stopped = watched.gonogo(&["collect", "--stop", LEDGER]);
    assert_eq!(String::from_utf8_lossy(&stopped.stdout), format!("collector stopped (pid {next})\n"));
}

#[test]
fn who_only_watches_starts_nothing() {
    let watched = Watched::open();
    let mut cockpit = Terminal::start(watched.path(), 120, 36, &["watch", LEDGER]);
    cockpit.keys("3");
    cockpit.until_text("no collector is running", SOON.as_secs());
    assert_eq!(lease::look(&watched.evidence()), Standing::Free);
    let unit = watched.gonogo(&["collect", "--unit", LEDGER]);
    let text = String::from_utf8_lossy(&unit.stdout);
    let ledger = watched.path().canonicalize().unwrap().join(LEDGER);
    assert!(text.contains(&format!("collect --wait \"{}\"", ledger.display())), "{text}");
}
