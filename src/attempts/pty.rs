//! Runs one command on a terminal of its own and hands its output on as it comes.
//!
//! The kernel hangs up on a terminal's foreground group when the process that leads its session ends. So a shell that only
//! waits leads it, and gives each command a group of its own: when the command ends, the foreground is the waiting shell's
//! again, and what the command left in the background goes on as it would from cron.

use super::cancel::Ladder;
use super::command_line::CommandLine;
use super::console::Console;
use super::descendants::{self, Family};
use super::terminal_keeper;
use crate::deployment::attempt::End;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::Pid;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

const SIZE: PtySize = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
/// Chunks of output waiting to be spooled; a command that writes faster than the disk takes is slowed down.
const WAITING_CHUNKS: usize = 16;
/// After the command has ended, its terminal is read until it has been silent for this long …
const QUIET: Duration = Duration::from_millis(200);
/// … but not longer than this, because a process it left behind may write forever.
const LONGEST_DRAIN: Duration = Duration::from_secs(2);
/// A command that has said nothing for this long may be waiting for somebody: its output says so.
pub(crate) const SILENT: Duration = Duration::from_secs(30);
/// The cockpit counts a silence from here on.
const COUNTED: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(50);
/// The shell that leads the session. What it complains of goes to the file it is given, and it complains only of commands
/// that a signal ended: so an exit status above 128 is distinguished from a signal. One that was stopped is continued.
const LEAD: &str = "exec 3>&2 2>\"$1\"; shift; sh -c 'exec \"$@\" 2>&3 3>&-' gonogo \"$@\"; s=$?; \
                    while [ $s -gt 146 ] && [ $s -lt 151 ] && jobs %1 >/dev/null; do sleep 1; fg %1 >/dev/null; s=$?; done; \
                    exit $s";
/// A status above this may be a signal.
const SIGNALLED: i32 = 128;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub exit: Option<i32>,
    pub signal: Option<i32>,
    pub end: End,
    /// From its start to its exit.
    pub took: Duration,
    /// How long nothing had come from it when it ended, or when it was made to.
    pub silent: Duration,
    /// What it started and what lives on, each with its number.
    pub left: Vec<String>,
    /// What it had started apart from itself and what was ended with it.
    pub ended_too: Vec<String>,
}

/// Runs a command to its end; `observe` sees its output as it came, before masking. When `stop` is ready, the command's
/// process group is ended by steps with `grace` between them.
///
/// # Errors
/// A sentence when the command could not be started.
pub(in crate::attempts) async fn run(
    command: &CommandLine,
    stop: impl Future<Output = End> + Send,
    grace: Duration,
    console: &dyn Console,
    observe: &mut (dyn FnMut(&[u8]) + Send),
) -> Result<Ended, String> {
    let started = Instant::now();
    let before = descendants::children();
    let complaints = Complaints::new();
    let Started { child, reader, master } = start(command, complaints.path())?;
    let leader = child.process_id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    let leader = leader.ok_or("the command has no process id")?;
    let family = Family::of(leader.as_raw_nonzero().get(), before);
    let (chunks, mut output) = mpsc::channel(WAITING_CHUNKS);
    let (exit, mut exited) = oneshot::channel();
    // Threads of our own, not the runtime's: a process left behind may keep the terminal open, and a runtime waits for
    // its blocking threads when it ends.
    std::thread::spawn(move || read(reader, &chunks));
    std::thread::spawn(move || exit.send(wait(child)));

    let mut ladder: Option<Ladder> = None;
    let mut end = End::Completed;
    let mut status: Option<(Status, Instant)> = None;
    let mut heard = Instant::now();
    let mut silent = Duration::ZERO;
    let mut silences = [COUNTED, SILENT].into_iter().peekable();
    let mut open = true;
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(stop);
    loop {
        if let Some((_, at)) = status {
            let drained = !open || heard.max(at).elapsed() >= QUIET || at.elapsed() >= LONGEST_DRAIN;
            if drained && ladder.as_ref().is_none_or(|ladder| ladder.is_over(&family)) {
                break;
            }
        }
        tokio::select! {
            chunk = output.recv(), if open => match chunk {
                Some(chunk) => {
                    if silences.peek() != Some(&COUNTED) {
                        console.silent(None);
                        silences = [COUNTED, SILENT].into_iter().peekable();
                    }
                    heard = Instant::now();
                    console.output(&chunk);
                    observe(&chunk);
                }
                None => open = false,
            },
            ended = &mut exited, if status.is_none() => {
                status = Some((ended.unwrap_or((None, None)), Instant::now()));
            }
            reason = &mut stop, if ladder.is_none() && status.is_none() => {
                end = reason;
                silent = heard.elapsed();
                let group = master.process_group_leader().and_then(Pid::from_raw).unwrap_or(leader);
                ladder = Some(Ladder::new(group, grace));
            }
            () = tokio::time::sleep_until((heard + silences.peek().copied().unwrap_or(SILENT)).into()),
                if silences.peek().is_some() && status.is_none() && ladder.is_none() =>
            {
                if silences.next() == Some(SILENT) {
                    let seconds = SILENT.as_secs();
                    console.line(&format!("silent for {seconds} s; if it waits for input: nobody can type here"));
                } else {
                    console.silent(Some(heard));
                }
            }
            _ = ticks.tick(), if status.is_some() || ladder.is_some() => {
                if let Some(ladder) = &mut ladder {
                    ladder.climb(&family, console);
                }
            }
        }
    }
    let ((exit, signal), at) = status.unwrap_or(((None, None), Instant::now()));
    let (exit, signal) = match exit {
        Some(status) if status > SIGNALLED && complaints.are_there() => (None, Some(status - SIGNALLED)),
        exit => (exit, signal),
    };
    console.output_ends();
    let living = family.living();
    let left = descendants::named(&living);
    if !left.is_empty() {
        console.line(&format!("left running: {}; its output is not kept from here on", left.join(", ")));
        if open && let Err(error) = terminal_keeper::hand_over(master.as_ref()) {
            console.line(&format!("its terminal closes, so that writing to it fails: {error}"));
        }
    }
    console.silent(None);
    let ended_too = ladder.map(|ladder| ladder.ended(&living)).unwrap_or_default();
    Ok(Ended { exit, signal, end, took: at.duration_since(started), silent, left, ended_too })
}

/// Exit status and signal.
type Status = (Option<i32>, Option<i32>);

struct Started {
    child: Box<dyn Child>,
    reader: Box<dyn Read + Send>,
    master: Box<dyn MasterPty + Send>,
}

/// Where the leading shell complains; gone with this.
struct Complaints(Option<PathBuf>);

impl Complaints {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("gonogo-{}-{number}.end", std::process::id()));
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        Self(made.is_ok().then_some(path))
    }

    /// Without a file, a signal is reported as the exit status that a shell gives it.
    fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new("/dev/null"))
    }

    fn are_there(&self) -> bool {
        self.0.as_ref().is_some_and(|path| std::fs::metadata(path).is_ok_and(|about| about.len() > 0))
    }
}

impl Drop for Complaints {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn start(command: &CommandLine, complaints: &Path) -> Result<Started, String> {
    let folder = command.folder();
    if !folder.is_dir() {
        return Err(format!("the folder {} does not exist, so nothing can run there", folder.display()));
    }
    let failed = |error: String| format!("no terminal could be opened for the command: {error}");
    let pair = native_pty_system().openpty(SIZE).map_err(|error| failed(format!("{error:#}")))?;
    let lead = ["sh", "-mc", LEAD, "gonogo"].map(OsString::from).into_iter();
    let words = lead.chain([complaints.as_os_str().to_owned()]).chain(command.words()).collect();
    let mut builder = CommandBuilder::from_argv(words);
    builder.cwd(&folder);
    for (name, value) in command.variables() {
        builder.env(name, value);
    }
    let reader = pair.master.try_clone_reader().map_err(|error| failed(format!("{error:#}")))?;
    // The child leads a session of its own on the terminal.
    let child = pair.slave.spawn_command(builder);
    let child = child.map_err(|error| format!("the command could not be started: {error:#}"))?;
    Ok(Started { child, reader, master: pair.master })
}

fn read(mut reader: Box<dyn Read + Send>, chunks: &mpsc::Sender<Vec<u8>>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut buffer) {
            // Linux says EIO when the last holder of the terminal's other side is gone.
            Ok(0) => return,
            Ok(count) => {
                if chunks.blocking_send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Exit status and signal, whichever it was.
fn wait(child: Box<dyn Child>) -> Status {
    match child.downcast::<std::process::Child>() {
        Ok(mut child) => child.wait().map_or((None, None), |status| (status.code(), status.signal())),
        Err(mut child) => (child.wait().ok().and_then(|status| i32::try_from(status.exit_code()).ok()), None),
    }
}
