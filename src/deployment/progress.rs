//! How far a running attempt has come, as its supervisor shows it. Not part of the ledger.

use super::live::{Live, Statement};
use serde::{Deserialize, Serialize};

/// A running attempt's own account, replaced as it goes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done: `0002 → 0003 add wip unique index`, `fingerprints before`, `requests`.
    pub stage: String,
    /// Which stage of how many (revision 2 of 3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<(u32, u32)>,
    pub done: u64,
    /// Absent when nobody can know: the screen then shows elapsed time only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// What `done` counts: `rows`, `requests`, `bytes`.
    pub unit: String,
    /// What it is at just now: `building idx_process_data_wip`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// Milliseconds since the attempt began when this was written.
    pub elapsed_ms: u64,
    /// Milliseconds since the attempt began when this stage began.
    pub stage_began_ms: u64,
    /// Stages finished so far, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finished: Vec<StageTook>,
    /// Milliseconds since the attempt began when its command last said anything; absent while it speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_since_ms: Option<u64>,
    /// What the database server shows meanwhile; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Box<Live>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageTook {
    pub stage: String,
    pub took_ms: u64,
    pub done: u64,
}

impl Progress {
    /// Whether it shows how far the attempt has come, and not only of a silence.
    pub fn has_stage(&self) -> bool {
        !self.stage.is_empty() || self.total.is_some() || self.live.is_some()
    }

    /// The share of this stage that is done, never above 1; `None` when the total is not known.
    pub fn share(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some((self.done as f64 / total as f64).min(1.0))
    }

    /// The statement in hand on the server, if one is seen.
    pub fn statement(&self) -> Option<&Statement> {
        self.live.as_ref()?.statement.as_ref()
    }
}
