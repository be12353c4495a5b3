//! Ending a command by steps: asked, told, killed, with time between to put things in order.

use super::console::Console;
use rustix::process::{Pid, Signal};
use std::time::{Duration, Instant};

/// How long a command has after each signal, unless a test says otherwise.
pub const GRACE: Duration = Duration::from_secs(5);

const STEPS: [(Signal, &str); 3] = [(Signal::INT, "SIGINT"), (Signal::TERM, "SIGTERM"), (Signal::KILL, "SIGKILL")];

/// The signals sent so far to one process group.
#[derive(Debug)]
pub struct Ladder {
    group: Pid,
    grace: Duration,
    sent: usize,
    next: Instant,
}

impl Ladder {
    #[must_use]
    pub fn new(group: Pid, grace: Duration) -> Self {
        Self { group, grace, sent: 0, next: Instant::now() }
    }

    /// Sends the next signal when its time has come and somebody is left to take it.
    pub fn climb(&mut self, console: &dyn Console) {
        if Instant::now() < self.next || self.is_group_gone() {
            return;
        }
        if let Some((signal, word)) = STEPS.get(self.sent) {
            console.line(&format!("ending the command: {word} sent"));
            // A group that ended in between is what was wanted.
            let _ = rustix::process::kill_process_group(self.group, *signal);
            self.sent += 1;
            self.next = Instant::now() + self.grace;
        }
    }

    /// Nobody is left, or nothing more can be done.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_group_gone() || (self.sent == STEPS.len() && Instant::now() >= self.next)
    }

    fn is_group_gone(&self) -> bool {
        rustix::process::test_kill_process_group(self.group).is_err()
    }
}
