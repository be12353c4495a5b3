//! `gonogo collect`: samples every metric of a ledger until it is asked to end.

use super::Failure;
use crate::cli::collecting::Collect;
use crate::collector::lease::{self, Lease, Standing};
use crate::collector::{self, CollectError, Ended, unit};
use crate::ledger::Ledger;
use rustix::process::{Pid, Signal, kill_process};
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep};

/// How often one that stands by looks whether it is its turn.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// A collector that was asked to end has written everything within much less.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// How much it gives way to what else runs on the host.
const NICE: i32 = 5;

pub(crate) async fn collect(asked: &Collect, out: &mut dyn Write) -> Result<u8, Failure> {
    if asked.unit {
        let program = std::env::current_exe()?;
        out.write_all(unit::text(&program, &std::path::absolute(&asked.ledger)?).as_bytes())?;
        return Ok(0);
    }
    let ledger = Ledger::open(&asked.ledger)?;
    if asked.stop {
        return match stop(ledger.evidence()).await? {
            Some(pid) => writeln!(out, "collector stopped (pid {pid})").map(|()| 0).map_err(Failure::from),
            None => Err(Failure::refused("no collector runs for this ledger on this host")),
        };
    }
    if ledger.plan().checklist().panes.is_empty() {
        return Err(Failure::refused("the checklist has no metrics to collect; add [[pane]] tables and amend"));
    }
    if ledger.state().closed.is_some() {
        return Err(Failure::refused("the deployment is closed; gonogo metrics shows what was collected"));
    }
    if asked.detached {
        // Started by hand it may lead a process group already; then it stays in the session it is in.
        let _ = rustix::process::setsid();
    }
    let _ = rustix::process::nice(NICE);
    let Some(lease) = turn(ledger.evidence(), asked.wait).await? else { return Ok(0) };
    if !asked.detached {
        let panes = ledger.plan().checklist().panes.len();
        writeln!(out, "collecting {panes} metrics of {}; Ctrl-C stops", ledger.path().display())?;
        out.flush()?;
    }
    let ended = collector::collect(ledger, lease, asked.detached).await.map_err(|error| match error {
        CollectError::Store(error) => Failure::not_fine(error.to_string()),
        CollectError::Signals(error) => error.into(),
    })?;
    if !asked.detached {
        let why = match ended {
            Ended::Reported => "stopped",
            Ended::Closed => "stopped: the deployment is closed",
            Ended::Gone => "stopped: the ledger is gone",
            Ended::Left => "stopped: no cockpit drives the rehearsal",
        };
        writeln!(out, "{why}")?;
    }
    Ok(0)
}

/// The right to collect; `None` when it was asked to end while it stood by.
async fn turn(evidence: &Path, wait: bool) -> Result<Option<Lease>, Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    loop {
        if let Some(lease) = Lease::take(evidence).await? {
            return Ok(Some(lease));
        }
        if !wait {
            let who = match lease::look(evidence) {
                Standing::Held(Some(says)) => format!(" (pid {})", says.pid),
                Standing::Held(None) | Standing::Free => String::new(),
            };
            return Err(Failure::refused(format!(
                "a collector already runs for this ledger{who}; `gonogo collect LEDGER stop` stops it, --wait stands by"
            )));
        }
        tokio::select! {
            _ = terminate.recv() => return Ok(None),
            _ = interrupt.recv() => return Ok(None),
            () = sleep(BETWEEN_LOOKS) => {}
        }
    }
}

/// Ends the collector of a ledger and waits until it has written everything; its process, when there was one.
///
/// # Errors
/// When it is not this person's to end, or does not end.
pub(crate) async fn stop(evidence: &Path) -> Result<Option<u32>, Failure> {
    let Standing::Held(Some(says)) = lease::look(evidence) else { return Ok(None) };
    let pid = i32::try_from(says.pid).ok().and_then(Pid::from_raw).filter(|_| is_collector(says.pid));
    let Some(pid) = pid else {
        return Err(Failure::refused("the collector of this ledger runs on another host; stop it there"));
    };
    match kill_process(pid, Signal::TERM) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => {}
        Err(error) => {
            return Err(Failure::refused(format!("the collector (pid {}) cannot be stopped: {error}", says.pid)));
        }
    }
    let until = Instant::now() + ENDS_WITHIN;
    while lease::look(evidence) != Standing::Free {
        if Instant::now() >= until {
            let seconds = ENDS_WITHIN.as_secs();
            return Err(Failure::not_fine(format!("the collector (pid {}) did not stop within {seconds} s", says.pid)));
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(Some(says.pid))
}

/// A process id of another host, or one given away since, may be anybody's.
fn is_collector(pid: u32) -> bool {
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    command.split(|byte| *byte == 0).any(|word| word == b"collect")
}
