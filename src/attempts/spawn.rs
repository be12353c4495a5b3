//! Starts supervisors that outlive the program that started them.

use super::arguments::SuperviseArguments;
use crate::deployment::attempt::AttemptNumber;
use crate::program;
use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What is heard of a supervisor by the program that started it. The ledger shows the same to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The start is in the ledger.
    Started(AttemptNumber),
    /// Nothing was started, for the reason said; `status` is the exit status to pass on.
    Refused { sentence: String, status: u8 },
    /// The supervisor of a started attempt ended: 0 when the verdict was a pass.
    Exited { status: Option<i32> },
}

/// The receiving end of a supervisor. Dropping it changes nothing for the attempt.
#[derive(Debug)]
pub struct Supervisor {
    heard: UnboundedReceiver<Heard>,
}

impl Supervisor {
    /// The next word; `None` after the last.
    pub async fn hear(&mut self) -> Option<Heard> {
        self.heard.recv().await
    }

    /// The same for code that runs outside a runtime.
    pub fn hear_blocking(&mut self) -> Option<Heard> {
        self.heard.blocking_recv()
    }
}

/// Starts a supervisor with this program's own binary.
///
/// # Errors
/// When the process cannot be started.
pub fn spawn(arguments: &SuperviseArguments) -> io::Result<Supervisor> {
    let words = [OsString::from("supervise")].into_iter().chain(arguments.words());
    let mut command = Command::new(program::to_start()?);
    // Whoever looks at the processes sees what was called, not how it was found.
    command.arg0("gonogo").args(words);
    spawn_command(command)
}

/// Starts a command that behaves as `supervise` does. It makes its own session first thing; its standard error is read
/// for as long as this program lives and may be closed after that.
///
/// # Errors
/// When the process cannot be started.
pub fn spawn_command(mut command: Command) -> io::Result<Supervisor> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn()?;
    let (send, heard) = unbounded_channel();
    std::thread::Builder::new().name("supervisor".into()).spawn(move || listen(child, &|word| _ = send.send(word)))?;
    Ok(Supervisor { heard })
}

fn listen(mut child: Child, say: &dyn Fn(Heard)) {
    let mut started = false;
    let mut sentence = String::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            match read_started(&line) {
                Some(attempt) => {
                    started = true;
                    say(Heard::Started(attempt));
                }
                None if !line.trim().is_empty() => {
                    sentence.push_str(if sentence.is_empty() { "" } else { " " });
                    sentence.push_str(line.trim());
                }
                None => {}
            }
        }
    }
    let status = child.wait().ok().and_then(|status| status.code());
    if started {
        say(Heard::Exited { status });
        return;
    }
    if sentence.is_empty() {
        sentence.push_str("the supervisor ended before it started anything");
    }
    let status = status.and_then(|status| u8::try_from(status).ok()).unwrap_or(1);
    say(Heard::Refused { sentence, status });
}

/// The line a supervisor writes when its start is in the ledger.
pub fn started_line(attempt: AttemptNumber) -> String {
    format!("started attempt {attempt}")
}

fn read_started(line: &str) -> Option<AttemptNumber> {
    line.strip_prefix("started attempt ")?.trim().parse().ok().map(AttemptNumber)
}
