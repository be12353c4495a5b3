//! Standard output that may fail: what a command did stands all the same, and is distinguished from what it could not say.

use super::Failure;
use crate::cli::Command;
use crate::printed::{self, Harmless};
use std::fs;
use std::io::{self, Stdout, Write};
use std::path::{Path, PathBuf};

/// Done, and only the output failed.
const STATUS: u8 = 7;

/// Standard output with the first of its errors.
pub(super) struct Printed {
    out: Harmless<Stdout>,
    trouble: Option<io::Error>,
}

impl Printed {
    pub(super) fn new() -> Self {
        Self { out: printed::out(), trouble: None }
    }

    pub(super) fn trouble(self) -> Option<io::Error> {
        self.trouble
    }

    fn noted<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        done.inspect_err(|error| {
            if self.trouble.is_none() && error.kind() != io::ErrorKind::Interrupted {
                self.trouble = Some(again(error));
            }
        })
    }
}

fn again(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| io::Error::new(error.kind(), error.to_string()), io::Error::from_raw_os_error)
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.out.write(bytes);
        self.noted(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.out.flush();
        self.noted(done)
    }
}

/// A ledger as it was before a command that records.
pub(super) struct Recorded {
    path: PathBuf,
    bytes: u64,
}

impl Recorded {
    /// None for a command that only reads.
    pub(super) fn of(command: &Command) -> Option<Self> {
        let path = match command {
            Command::Record(recording) => &recording.on().ledger,
            Command::Run(asked) => &asked.on.ledger,
            Command::Clean(asked) => &asked.on.ledger,
            Command::Handover(asked) => &asked.on.ledger,
            Command::Rehearse(_)
            | Command::Open(_)
            | Command::Watch { .. }
            | Command::Replay(_)
            | Command::Lint { .. }
            | Command::Schema { .. }
            | Command::Import(_)
            | Command::Status(_)
            | Command::Logs(_)
            | Command::Doctor(_)
            | Command::Init(_)
            | Command::Report(_)
            | Command::Review(_)
            | Command::Export(_)
            | Command::Preflight(_)
            | Command::Fingerprint(_)
            | Command::Load(_)
            | Command::Collect(_)
            | Command::Alerts(_)
            | Command::Metrics(_)
            | Command::Verify(_)
            | Command::Anchor(_)
            | Command::Diff(_)
            | Command::Completions { .. }
            | Command::Man
            | Command::Supervise(_)
            | Command::Rehearsal(_) => return None,
        };
        Some(Self { path: path.clone(), bytes: length(path) })
    }

    fn has_grown(&self) -> bool {
        length(&self.path) > self.bytes
    }
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |about| about.len())
}

/// What to say when the output failed. A failure that has nothing to do with it goes first.
pub(super) fn failure(trouble: &io::Error, before: Option<&Recorded>, status: Result<u8, Failure>) -> Failure {
    let recorded = before.filter(|before| before.has_grown());
    let own = Failure::from(again(trouble)).message;
    if let Err(failure) = status
        && failure.message != own
    {
        return failure;
    }
    match recorded {
        Some(before) => Failure {
            status: STATUS,
            message: format!(
                "the output could not be written: {trouble}; what was asked for was done and is recorded in {0}, see: gonogo \
                 status {0}",
                before.path.display()
            ),
        },
        // A reader that has seen enough (`| head`) is no failure worth a sentence.
        None if trouble.kind() == io::ErrorKind::BrokenPipe => Failure { status: 1, message: String::new() },
        None => Failure { status: STATUS, message: format!("the output could not be written: {trouble}") },
    }
}
