//! Blocking work on files in a thread of its own, given up when nothing comes of it any more.

use super::super::account::Trouble;
use crate::attempts::Console;
use crate::database::Interrupt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// A file system that has not stirred for this long is taken for dead.
pub(super) const STALL: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(100);

/// Held by the work: it shows that it moves, what it says, and hears when to stop.
#[derive(Clone)]
pub(super) struct Beat {
    moves: Arc<AtomicU64>,
    interrupt: Interrupt,
    says: mpsc::UnboundedSender<String>,
}

impl Beat {
    /// Shows that the work moves; an error when it is to stop.
    pub(super) fn pass(&self) -> Result<(), Trouble> {
        self.moves.fetch_add(1, Ordering::Relaxed);
        if self.interrupt.is_set() { Err(Trouble::Interrupted) } else { Ok(()) }
    }

    pub(super) fn say(&self, line: String) {
        let _ = self.says.send(line);
    }
}

/// Runs `work` in a thread. One that does not move for `stall` is left behind, and `what` is named.
pub(super) async fn run<T: Send + 'static>(
    console: &dyn Console,
    interrupt: &Interrupt,
    stall: Duration,
    what: &str,
    work: impl FnOnce(&Beat) -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    let (says, mut lines) = mpsc::unbounded_channel();
    let (outcome_to, mut ended) = oneshot::channel();
    let beat = Beat { moves: Arc::default(), interrupt: interrupt.clone(), says };
    let moves = Arc::clone(&beat.moves);
    let thread = std::thread::Builder::new().name("file check".to_owned());
    let started = thread.spawn(move || {
        let outcome = work(&beat);
        drop(beat);
        let _ = outcome_to.send(outcome);
    });
    started.map_err(|error| Trouble::Open(format!("no thread could be started: {error}")))?;
    let (mut last, mut stirred) = (0, Instant::now());
    let mut ticks = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            Some(line) = lines.recv() => console.line(&line),
            outcome = &mut ended => {
                while let Ok(line) = lines.try_recv() {
                    console.line(&line);
                }
                return outcome.unwrap_or_else(|_| Err(Trouble::Open("the search broke off inside the program".to_owned())));
            }
            _ = ticks.tick() => {
                let now = moves.load(Ordering::Relaxed);
                if now != last {
                    (last, stirred) = (now, Instant::now());
                } else if stirred.elapsed() >= stall {
                    let seconds = stall.as_secs_f64();
                    return Err(Trouble::Open(format!("{what}: no answer in {seconds} s; is the disk or mount alive?")));
                } else if interrupt.is_set() && stirred.elapsed() >= Duration::from_secs(1) {
                    return Err(Trouble::Interrupted);
                }
            }
        }
    }
}
