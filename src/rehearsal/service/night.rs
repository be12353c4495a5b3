//! Faults that come after the decision, in the hours when nobody looks: the service begins them when the rehearsal's days
//! begin to pass.

use super::journal::Journal;
use crate::rehearsal::error::RehearsalError;
use crate::rehearsal::fault::Fault;
use sqlx::SqlitePool;
use sqlx::pool::PoolConnection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// There from when the days begin to pass.
const FILE: &str = "days.passing";

const LOOKS: Duration = Duration::from_millis(500);

/// Fault `latency-creep`: milliseconds that an answer for lots takes longer with every second.
const CREEPS: u64 = 10;
const CREEPS_TO: u64 = 1_500;

/// Fault `memory-leak`: bytes a look, and at most so many altogether.
const LEAKS: usize = 2 << 20;
const LEAKS_TO: usize = 256 << 20;

/// Fault `error-burst`: one of so many requests fails.
const FAILS: u64 = 5;

/// Lets the days begin for the services of a folder.
pub(crate) fn begin(folder: &Path) -> Result<(), RehearsalError> {
    let path = folder.join(FILE);
    std::fs::write(&path, "").map_err(RehearsalError::file("write", &path))
}

/// What goes wrong in the days of one service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Night {
    faults: Arc<[Fault]>,
    since: Arc<OnceLock<Instant>>,
    asked: Arc<AtomicU64>,
    /// Fault `memory-leak`: bytes so far.
    leaked: Arc<AtomicU64>,
}

impl Night {
    pub(crate) fn of(faults: &[Fault]) -> Self {
        let late = faults.iter().copied().filter(|fault| fault.is_late());
        Self { faults: late.collect(), ..Self::default() }
    }

    /// Since when a fault is there.
    fn since(&self, fault: Fault) -> Option<Duration> {
        if self.faults.contains(&fault) { self.since.get().map(Instant::elapsed) } else { None }
    }

    /// How much longer an answer for lots takes.
    pub(crate) fn creep(&self) -> Option<Duration> {
        let since = self.since(Fault::LatencyCreep)?;
        Some(Duration::from_millis(since.as_secs().saturating_mul(CREEPS).min(CREEPS_TO)))
    }

    /// Whether this request is one that fails.
    pub(crate) fn fails(&self) -> bool {
        self.since(Fault::ErrorBurst).is_some() && self.asked.fetch_add(1, Ordering::Relaxed) % FAILS == FAILS - 1
    }

    /// Bytes that fault `memory-leak` has taken so far.
    pub(super) fn leaked(&self) -> u64 {
        self.leaked.load(Ordering::Relaxed)
    }

    /// Whether the service still shows its metrics.
    pub(crate) fn reports_metrics(&self) -> bool {
        self.since(Fault::ExporterDown).is_none()
    }

    /// Waits for the days to begin, and then does what takes something away: memory, connections.
    pub(crate) async fn pass(self, folder: PathBuf, pool: SqlitePool, journal: Arc<Journal>) {
        if self.faults.is_empty() {
            return;
        }
        while !folder.join(FILE).exists() {
            tokio::time::sleep(LOOKS).await;
        }
        let _ = self.since.set(Instant::now());
        journal.info(format_args!("the days begin to pass"));
        let mut leaked: Vec<Vec<u8>> = Vec::new();
        let mut held: Vec<PoolConnection<sqlx::Sqlite>> = Vec::new();
        loop {
            if self.since(Fault::MemoryLeak).is_some() && leaked.len() * LEAKS < LEAKS_TO {
                // Written to, so that it is really taken.
                leaked.push(vec![1; LEAKS]);
                self.leaked.fetch_add(LEAKS as u64, Ordering::Relaxed);
            }
            if self.since(Fault::PoolExhausted).is_some()
                && let Some(connection) = pool.try_acquire()
            {
                held.push(connection);
            } else {
                tokio::time::sleep(LOOKS).await;
            }
        }
    }
}
