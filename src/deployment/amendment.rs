//! Another checklist in the place of the one that a ledger was opened with: what differs, and what that means for what
//! was done already.
//!
//! Ticks, values, verdicts and attempts stay with an item as long as its meaning does: title, slot, check, targets, what
//! it writes and changes, and for what is running also the environment. Otherwise the item is open again. What is running meanwhile
//! ends under the checklist that it began under, and counts for that one alone.

mod bounds;
mod change;
mod difference;
mod relaxed;

pub use bounds::{Ease, Retarget};
pub use change::{Change, Changed};
pub use difference::Difference;
pub(crate) use relaxed::{of_group as relaxed_group, relaxed};

use super::state::State;
use crate::checklist::{Digest, ItemId};
use serde::{Deserialize, Serialize};

/// An amendment as it is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amended {
    /// File name of the checklist that was taken over.
    pub checklist: String,
    /// Over the meaning before and after.
    pub before: Digest,
    pub digest: Digest,
    /// The snapshot in the ledger's folder that the deployment follows from here on.
    pub snapshot: String,
    /// Over the snapshot's bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_sha256: Option<Digest>,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<ItemId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<ItemId>,
    /// Items that mean something else now, and are open again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<ItemId>,
    /// Those of them that had failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_failure: Vec<ItemId>,
    /// Targets that differ, tightened and loosened ones distinguished.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Retarget>,
    /// What is easier to meet than before, after a failure: one sentence each, `ITEM: what`. It stays a mark of the item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loosened: Vec<String>,
    /// Gates, sign-offs, protections and metrics that ask for less than before, whatever had happened: one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relaxed: Vec<String>,
}

/// The record behind the last verdict on an item where that was a failure: `attempt 0001`, `record 12`. An amendment does
/// not make it forgotten, only a later pass does.
pub fn failure<'a>(state: &'a State, item: &ItemId) -> Option<&'a str> {
    state.failed.get(item).map(String::as_str)
}

/// Everything that was made easier after a failure, oldest first.
pub fn loosened(state: &State) -> impl Iterator<Item = &str> {
    state.amendments.iter().flat_map(|(_, amended)| amended.loosened.iter().map(String::as_str))
}

/// Gates, sign-offs and protections that ever asked for less than before, each with the amendment's record.
pub(crate) fn relaxations(state: &State) -> Vec<String> {
    let all = state.amendments.iter();
    let marks =
        all.flat_map(|(stamp, own)| own.relaxed.iter().map(move |mark| format!("{mark} (amendment {})", stamp.seq)));
    marks.collect()
}

/// What of that concerns one item, without its id.
pub fn loosened_of<'a>(state: &'a State, item: &'a ItemId) -> impl Iterator<Item = &'a str> {
    loosened(state).filter_map(|mark| mark.strip_prefix(item.as_str())?.strip_prefix(": "))
}
