//! Another checklist in the place of the one that a ledger was opened with: what differs, and what that means for what
//! was done already.
//!
//! Ticks, values, verdicts and attempts stay with an item as long as its meaning does: title, slot, check, targets, what
//! it writes and changes, and for what runs also the environment. Otherwise the item is open again.

use super::attempt::AttemptPhase;
use super::measurement::Verdict;
use super::plan::Plan;
use super::state::State;
use crate::checklist::target::Bound;
use crate::checklist::{Digest, Item, ItemId, Target};
use serde::{Deserialize, Serialize};

/// An amendment as it stands in the ledger.
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
    /// Targets that are easier to meet than before, after a failure: one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loosened: Vec<String>,
}

/// What differs between two checklists, by item, in the order of the newer one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    pub added: Vec<ItemId>,
    pub removed: Vec<ItemId>,
    pub changed: Vec<ItemId>,
    /// Those of the changed whose targets differ.
    pub targets: Vec<ItemId>,
}

impl Difference {
    #[must_use]
    pub fn between(old: &Plan, new: &Plan) -> Self {
        let mut difference = Self::default();
        for item in new.written().items() {
            match old.written().item(&item.id) {
                None => difference.added.push(item.id.clone()),
                Some(before) if means_the_same(old, before, new, item) => {}
                Some(before) => {
                    difference.changed.push(item.id.clone());
                    if before.targets != item.targets {
                        difference.targets.push(item.id.clone());
                    }
                }
            }
        }
        let gone = old.written().items().filter(|item| new.written().item(&item.id).is_none());
        difference.removed = gone.map(|item| item.id.clone()).collect();
        difference
    }

    /// In a few words: `2 items added, 1 changed (p1/schema/tables)`.
    #[must_use]
    pub fn words(&self) -> String {
        let counted = |ids: &[ItemId], word: &str| {
            let names: Vec<&str> = ids.iter().take(3).map(ItemId::as_str).collect();
            let more = if ids.len() > names.len() { ", …" } else { "" };
            (!ids.is_empty()).then(|| format!("{} {word} ({}{more})", ids.len(), names.join(", ")))
        };
        let parts = [
            counted(&self.added, "added"),
            counted(&self.removed, "removed"),
            counted(&self.changed, "changed"),
            counted(&self.targets, "with other targets"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "no item means anything else".to_owned() } else { format!("items: {}", parts.join(", ")) }
    }
}

/// Whether what was done for an item still counts for it.
fn means_the_same(old: &Plan, before: &Item, new: &Plan, after: &Item) -> bool {
    let same = before.title == after.title
        && before.slot == after.slot
        && before.check == after.check
        && before.proposals == after.proposals
        && before.targets == after.targets
        && before.access == after.access
        && before.risk == after.risk;
    let runs = after.check.is_attempted() || !after.proposals.is_empty();
    same && (!runs || old.environment_of(before) == new.environment_of(after))
}

/// Whether the last verdict on an item was a failure, and how it is named.
pub fn failure(state: &State, item: &ItemId) -> Option<String> {
    if let Some(attempt) = state.latest(item) {
        let failed = match &attempt.phase {
            AttemptPhase::Finished(outcome) => outcome.verdict == Verdict::Fail,
            AttemptPhase::Running { .. } | AttemptPhase::Lost { .. } => false,
        };
        return failed.then(|| format!("attempt {}", attempt.number));
    }
    let judged = state.history(item)?.judged.as_ref()?;
    (judged.verdict == Verdict::Fail).then(|| format!("record {}", judged.stamp.seq))
}

/// Targets of an item that are easier to meet than before, each in words.
pub fn loosened(before: &Item, after: &Item) -> Vec<String> {
    let of = |targets: &[Target], measure: &str| -> Vec<Target> {
        targets.iter().filter(|target| target.measure == measure).cloned().collect()
    };
    let mut measures: Vec<&str> = before.targets.iter().map(|target| target.measure.as_str()).collect();
    measures.dedup();
    let easier = measures.into_iter().filter_map(|measure| {
        let (old, new) = (of(&before.targets, measure), of(&after.targets, measure));
        // As hard as before where every old bound is still implied by a new one.
        let kept = old.iter().all(|old| new.iter().any(|new| new.unit == old.unit && implies(new.bound, old.bound)));
        let shown = |targets: &[Target]| {
            let shown: Vec<String> = targets.iter().map(ToString::to_string).collect();
            if shown.is_empty() { "no target".to_owned() } else { shown.join(" and ") }
        };
        (!kept).then(|| format!("{measure}: {} → {}", shown(&old), shown(&new)))
    });
    easier.collect()
}

/// Whether what meets `new` always meets `old`.
fn implies(new: Bound, old: Bound) -> bool {
    let (n, o) = (new.number(), old.number());
    match (new, old) {
        (Bound::Equals(_), old) => old.holds(n),
        (Bound::Below(_), Bound::Below(_) | Bound::AtMost(_)) | (Bound::AtMost(_), Bound::AtMost(_)) => n <= o,
        (Bound::AtMost(_), Bound::Below(_)) => n < o,
        (Bound::AtLeast(_), Bound::AtLeast(_)) => n >= o,
        (Bound::Below(_) | Bound::AtMost(_), Bound::AtLeast(_) | Bound::Equals(_))
        | (Bound::AtLeast(_), Bound::Below(_) | Bound::AtMost(_) | Bound::Equals(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_looser_when_something_new_would_meet_it() {
        assert!(implies(Bound::Below(10.0), Bound::Below(10.0)));
        assert!(implies(Bound::Below(9.0), Bound::AtMost(10.0)));
        assert!(implies(Bound::Equals(3.0), Bound::AtMost(4.0)));
        assert!(implies(Bound::AtLeast(8.0), Bound::AtLeast(7.0)));
        assert!(!implies(Bound::AtMost(10.0), Bound::Below(10.0)));
        assert!(!implies(Bound::Below(11.0), Bound::Below(10.0)));
        assert!(!implies(Bound::AtLeast(6.0), Bound::AtLeast(7.0)));
        assert!(!implies(Bound::AtMost(4.0), Bound::Equals(4.0)));
        assert!(!implies(Bound::Equals(5.0), Bound::Below(5.0)));
    }
}
