//! One entry of the ledger.

use super::fact::Fact;
use super::operator::Operator;
use crate::checklist::Digest;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The place of a record in its ledger, from 1 without gaps. The fold goes by this, never by time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A fact with its place, time, author and link in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub seq: Seq,
    pub at: DateTime<Utc>,
    /// Shared by the records of one person.
    pub by: Arc<Operator>,
    pub fact: Fact,
    pub sum: Digest,
}

impl AsRef<Record> for Record {
    fn as_ref(&self) -> &Record {
        self
    }
}
