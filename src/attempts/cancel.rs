//! Ending a command by steps: asked, reported, killed, with time between to put things in order.

use super::console::Console;
use super::descendants::{Family, Process};
use rustix::process::{Pid, Signal};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a command has after each signal, unless a test says otherwise.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

const STEPS: [(Signal, &str); 3] = [(Signal::INT, "SIGINT"), (Signal::TERM, "SIGTERM"), (Signal::KILL, "SIGKILL")];

/// The signals sent so far to one process group, and to what left it.
#[derive(Debug)]
pub(crate) struct Ladder {
    group: Pid,
    grace: Duration,
    sent: usize,
    next: Instant,
    /// Processes outside the group that were sent a signal, by their number and start.
    strays: BTreeMap<(i32, u64), String>,
}

impl Ladder {
    #[must_use]
    pub(crate) fn new(group: Pid, grace: Duration) -> Self {
        Self { group, grace, sent: 0, next: Instant::now(), strays: BTreeMap::new() }
    }

    /// Sends the next signal when its time has come and somebody is left to take it.
    pub(crate) fn climb(&mut self, family: &Family, console: &dyn Console) {
        if Instant::now() < self.next {
            return;
        }
        let living = family.living();
        if self.is_gone(&living) {
            return;
        }
        if let Some((signal, word)) = STEPS.get(self.sent) {
            console.line(&format!("ending the command: {word} sent"));
            // A group that ended in between is what was wanted.
            let _ = rustix::process::kill_process_group(self.group, *signal);
            for stray in living.iter().filter(|process| process.group != self.group.as_raw_nonzero().get()) {
                if let Some(pid) = Pid::from_raw(stray.pid) {
                    let _ = rustix::process::kill_process(pid, *signal);
                }
                if self.strays.insert((stray.pid, stray.started), stray.named()).is_none() {
                    console.line(&format!("{word} sent to {}, which it started apart from itself", stray.named()));
                }
            }
            self.sent += 1;
            self.next = Instant::now() + self.grace;
        }
    }

    /// Nobody is left, or nothing more can be done.
    pub(crate) fn is_over(&self, family: &Family) -> bool {
        (self.sent == STEPS.len() && Instant::now() >= self.next) || self.is_gone(&family.living())
    }

    /// What was started apart from the command and is gone now.
    pub(crate) fn ended(&self, living: &[Process]) -> Vec<String> {
        let gone = |key: &(i32, u64)| !living.iter().any(|process| (process.pid, process.started) == *key);
        self.strays.iter().filter(|(key, _)| gone(key)).map(|(_, named)| named.clone()).collect()
    }

    fn is_gone(&self, living: &[Process]) -> bool {
        // Where processes cannot be listed, the group alone is asked.
        let listed = cfg!(target_os = "linux");
        living.is_empty() && (listed || rustix::process::test_kill_process_group(self.group).is_err())
    }
}
