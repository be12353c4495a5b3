//! One run of an item's check, as the ledger shows it.

use super::measurement::{Measurement, Verdict};
use super::operator::Operator;
use crate::checklist::{Digest, EnvironmentName, ItemId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Counts attempts through the whole ledger, from 1. Names the files `attempts/0001.*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptNumber(pub u32);

impl fmt::Display for AttemptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

/// The spooled output of an attempt, relative to the ledger's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    pub file: String,
    pub bytes: u64,
    pub sha256: Digest,
}

/// What a table held at a moment: exact count, and an order-free fingerprint of its contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableProof {
    pub table: String,
    pub when: Moment,
    pub rows: i64,
    /// Over the columns named in `columns`; absent when only rows were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The columns the fingerprint covers, comma-separated, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    Before,
    After,
    /// In the restored copy of a backup.
    Restored,
    /// When nothing was changed in between.
    Now,
}

/// How a run ended, as its supervisor recorded it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Exit status of the command; absent for checks made by the program and for commands ended by a signal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// The signal that ended the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Monotonic time from start to end, in milliseconds; in the ledger `took = "18.204s"`.
    #[serde(rename = "took", with = "took")]
    pub took_ms: u64,
    pub end: End,
    pub verdict: Verdict,
    /// One sentence that says why the verdict is what it is.
    pub detail: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<Measurement>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableProof>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
    /// A file this attempt made (a backup), with its size and checksum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Output>,
    /// The revision the database stands at afterwards, when the check knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Databases and files that the attempt made or renamed and that are there still; `gonogo clean` drops them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Left>,
    /// Why it was not measured that the migrator means the environment's database, where somebody vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attested: Option<String>,
}

/// Something that an attempt left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Of a database, or the path of a file.
    pub name: String,
    pub on: LeftOn,
    /// Of a database, so that another one of the same name is not taken for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oid: Option<u32>,
    pub why: LeftWhy,
}

/// Where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOn {
    /// The server of the environment's database.
    Database,
    /// The server of its scratch database.
    Scratch,
    File,
}

/// Why it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftWhy {
    /// It holds what was in use before a restore.
    KeptAside,
    /// It could not be removed.
    Unneeded,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    Completed,
    Cancelled,
    TimedOut,
    /// Could not be carried out at all: the program is not there, a variable is not set.
    NotStarted,
}

/// An attempt as the fold knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    pub number: AttemptNumber,
    pub item: ItemId,
    pub environment: EnvironmentName,
    pub by: Arc<Operator>,
    pub started: DateTime<Utc>,
    pub phase: AttemptPhase,
}

#[derive(Debug, Clone, PartialEq)]
pub enum AttemptPhase {
    Running {
        cancel: Option<CancelRequest>,
    },
    /// Shared with the record.
    Finished(Arc<Outcome>),
    /// Its supervisor is gone without a word: what it did is unknown.
    Lost {
        why: String,
        resolution: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelRequest {
    pub by: Arc<Operator>,
    pub at: DateTime<Utc>,
    pub why: String,
}

impl Attempt {
    pub fn is_running(&self) -> bool {
        matches!(self.phase, AttemptPhase::Running { .. })
    }

    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.phase {
            AttemptPhase::Finished(outcome) => Some(outcome),
            _ => None,
        }
    }
}

/// Writes milliseconds as seconds with three decimals, the way the ledger shows durations.
mod took {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    pub(super) fn serialize<S: Serializer>(millis: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}.{:03}s", millis / 1_000, millis % 1_000))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        let refuse = || D::Error::custom(format!("`{text}` is no duration such as 18.204s"));
        let (whole, thousandths) = text.strip_suffix('s').and_then(|t| t.split_once('.')).ok_or_else(refuse)?;
        let whole: u64 = whole.parse().map_err(|_| refuse())?;
        let thousandths: u64 = thousandths.parse().map_err(|_| refuse())?;
        whole.checked_mul(1_000).and_then(|w| w.checked_add(thousandths)).ok_or_else(refuse)
    }
}
