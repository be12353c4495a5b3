//! Watching over a running check: its time, requests to cancel it, and signals to the supervisor.

use crate::attempts::book::Book;
use crate::attempts::outcome::ended_early;
use crate::attempts::spool::Spool;
use crate::checklist::offset::Span;
use crate::deployment::attempt::{AttemptNumber, AttemptPhase, End, Outcome};
use std::io;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

const TICK: Duration = Duration::from_millis(100);
/// The ledger is looked at this often for requests to cancel.
const LOOK: Duration = Duration::from_millis(200);
/// How much longer than its signals a command's check may take to end: its terminal is drained, its migrator asked.
const PATIENCE: Duration = Duration::from_secs(75);

/// The signals that a supervisor takes instead of dying of them.
pub(super) struct Signals {
    hang_up: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub(super) fn install() -> io::Result<Self> {
        Ok(Self {
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The next signal that asks for an end. A hang-up asks for nothing: the person is gone, the work is not.
    async fn next(&mut self) -> &'static str {
        loop {
            tokio::select! {
                _ = self.hang_up.recv() => {}
                _ = self.interrupt.recv() => return "SIGINT",
                _ = self.terminate.recv() => return "SIGTERM",
            }
        }
    }
}

/// What is watched over.
pub(super) struct Watched {
    pub number: AttemptNumber,
    pub timeout: Option<Duration>,
    pub grace: Duration,
    /// Whether the check ends commands by steps.
    pub commands: bool,
}

/// Waits for the check's outcome and stops it when its time is up or somebody asks. Gives no outcome when the check broke
/// off, and why it was stopped when it was.
pub(super) async fn attend(
    book: &mut dyn Book,
    watched: &Watched,
    stop: &watch::Sender<Option<End>>,
    spool: &Spool,
    mut signals: Signals,
    mut task: JoinHandle<Outcome>,
) -> (Option<Outcome>, Option<String>) {
    let started = Instant::now();
    let deadline = watched.timeout.and_then(|timeout| started.checked_add(timeout));
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looked = started;
    let mut why: Option<(String, Instant)> = None;
    loop {
        let mut request: Option<(End, String)> = None;
        tokio::select! {
            outcome = &mut task => return (outcome.ok(), reason(why, outcome_end(stop))),
            word = signals.next() => {
                request = Some((End::Cancelled, format!("cancelled: the supervisor was sent {word}")));
            }
            _ = ticks.tick() => {
                spool.tick();
                if looked.elapsed() >= LOOK {
                    looked = Instant::now();
                    request = cancel_request(book, watched.number).map(|sentence| (End::Cancelled, sentence));
                }
                if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    let limit = watched.timeout.unwrap_or_default();
                    let limit = Span::from_millis(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
                    request = Some((End::TimedOut, format!("not done within {limit}")));
                }
            }
        }
        if let Some((end, sentence)) = request.filter(|_| why.is_none()) {
            why = Some((sentence, Instant::now()));
            stop.send_replace(Some(end));
        }
        let patience = if watched.commands { watched.grace * 3 + PATIENCE } else { watched.grace };
        if let Some((sentence, at)) = &why
            && at.elapsed() >= patience
        {
            task.abort();
            let end = outcome_end(stop).unwrap_or(End::Cancelled);
            return (Some(ended_early(end, "it did not end by itself and was given up")), Some(sentence.clone()));
        }
    }
}

fn outcome_end(stop: &watch::Sender<Option<End>>) -> Option<End> {
    *stop.borrow()
}

fn reason(why: Option<(String, Instant)>, end: Option<End>) -> Option<String> {
    why.filter(|_| end.is_some()).map(|(sentence, _)| sentence)
}

/// Who asked for an end and why. A ledger that cannot be read just now is looked at again.
fn cancel_request(book: &mut dyn Book, number: AttemptNumber) -> Option<String> {
    book.refresh().ok()?;
    match &book.state().attempt(number)?.phase {
        AttemptPhase::Running { cancel: Some(request) } => {
            Some(format!("cancelled by {}: {}", request.by, request.why))
        }
        _ => None,
    }
}
