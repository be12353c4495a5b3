//! Runs one command on a terminal of its own and hands its output on as it comes.

use super::cancel::Ladder;
use super::command_line::CommandLine;
use super::console::Console;
use crate::deployment::attempt::End;
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use rustix::process::Pid;
use std::io::Read;
use std::os::unix::process::ExitStatusExt as _;
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
const TICK: Duration = Duration::from_millis(50);

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub exit: Option<i32>,
    pub signal: Option<i32>,
    pub end: End,
    /// From its start to its exit.
    pub took: Duration,
}

/// Runs a command to its end; `observe` sees its output as it came, before masking. When `stop` is ready, the command's
/// process group is ended by steps with `grace` between them.
///
/// # Errors
/// A sentence when the command could not be started.
pub async fn run(
    command: &CommandLine,
    stop: impl Future<Output = End> + Send,
    grace: Duration,
    console: &dyn Console,
    observe: &mut (dyn FnMut(&[u8]) + Send),
) -> Result<Ended, String> {
    let started = Instant::now();
    let (child, reader) = start(command)?;
    let group = child.process_id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    let group = group.ok_or("the command has no process id")?;
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
    let mut open = true;
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(stop);
    loop {
        if let Some((_, at)) = status {
            let drained = !open || heard.max(at).elapsed() >= QUIET || at.elapsed() >= LONGEST_DRAIN;
            if drained && ladder.as_ref().is_none_or(Ladder::is_over) {
                break;
            }
        }
        tokio::select! {
            chunk = output.recv(), if open => match chunk {
                Some(chunk) => {
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
                ladder = Some(Ladder::new(group, grace));
            }
            _ = ticks.tick(), if status.is_some() || ladder.is_some() => {
                if let Some(ladder) = &mut ladder {
                    ladder.climb(console);
                }
            }
        }
    }
    let ((exit, signal), at) = status.unwrap_or(((None, None), Instant::now()));
    Ok(Ended { exit, signal, end, took: at.duration_since(started) })
}

/// Exit status and signal.
type Status = (Option<i32>, Option<i32>);
type Started = (Box<dyn Child>, Box<dyn Read + Send>);

fn start(command: &CommandLine) -> Result<Started, String> {
    let folder = command.folder();
    if !folder.is_dir() {
        return Err(format!("the folder {} does not exist, so nothing can run there", folder.display()));
    }
    let failed = |error: String| format!("no terminal could be opened for the command: {error}");
    let pair = native_pty_system().openpty(SIZE).map_err(|error| failed(format!("{error:#}")))?;
    let mut builder = CommandBuilder::from_argv(command.words());
    builder.cwd(&folder);
    for (name, value) in command.variables() {
        builder.env(name, value);
    }
    let reader = pair.master.try_clone_reader().map_err(|error| failed(format!("{error:#}")))?;
    // The child leads a session and a process group of its own on the terminal.
    let child = pair.slave.spawn_command(builder);
    let child = child.map_err(|error| format!("the command could not be started: {error:#}"))?;
    Ok((child, reader))
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
