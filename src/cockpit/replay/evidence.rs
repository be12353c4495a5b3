//! What a ledger's folder holds beside the records, as a replay asks for it.

use crate::checklist::{EnvironmentName, PaneId};
use crate::deployment::Plan;
use crate::deployment::attempt::{Attempt, AttemptNumber};
use crate::deployment::progress::Progress;
use chrono::{DateTime, Utc};

/// So much of an attempt's log was there so long after its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub elapsed_ms: u64,
    /// From the log's beginning.
    pub bytes: u64,
}

/// One number of a pane as it was kept, or why there was none.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    pub at: DateTime<Utc>,
    pub value: Result<f64, String>,
}

/// Reads evidence, and changes none. What is gone or cannot be read is not there.
pub trait Evidence {
    /// In the order of time; none where nobody kept it.
    fn marks(&mut self, attempt: AttemptNumber) -> Vec<Mark>;

    /// Bytes of an attempt's log.
    fn length(&mut self, attempt: AttemptNumber) -> u64;

    /// What the log holds between two of its bytes.
    fn output(&mut self, attempt: AttemptNumber, from: u64, until: u64) -> Vec<u8>;

    /// The last account that an attempt gave of itself; while it ran, what the first so many bytes of its log tell.
    fn progress(&mut self, plan: &Plan, attempt: &Attempt, until: u64) -> Option<Progress>;

    /// Oldest first.
    fn samples(&self, environment: &EnvironmentName, pane: &PaneId) -> &[Sampled];
}

/// Records alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEvidence;

impl Evidence for NoEvidence {
    fn marks(&mut self, _: AttemptNumber) -> Vec<Mark> {
        Vec::new()
    }

    fn length(&mut self, _: AttemptNumber) -> u64 {
        0
    }

    fn output(&mut self, _: AttemptNumber, _: u64, _: u64) -> Vec<u8> {
        Vec::new()
    }

    fn progress(&mut self, _: &Plan, _: &Attempt, _: u64) -> Option<Progress> {
        None
    }

    fn samples(&self, _: &EnvironmentName, _: &PaneId) -> &[Sampled] {
        &[]
    }
}
