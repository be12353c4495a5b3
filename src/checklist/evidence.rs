//! References to other parts of the checklist; the verdicts drawn from them are [`check::evidence`](super::check::evidence).

pub use super::check::evidence::{Against, Compute, Evidence, EvidenceOf, Reading};

use super::ids::{GroupId, ItemId, PhaseId, SectionId};
use serde::Serialize;
use std::fmt;

/// Something a gate, a prerequisite or an evidence check rests on. Written as a path: `phase`, `phase/section`,
/// `phase/section/item`, or `signoff:group`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    Phase(PhaseId),
    Section(SectionId),
    Item(ItemId),
    Signoff(GroupId),
}

impl Reference {
    /// Reads the written form; the reader checks later that what it names exists.
    #[must_use]
    pub fn parse(text: &str) -> Reference {
        if let Some(group) = text.strip_prefix("signoff:") {
            return Reference::Signoff(GroupId::new(group.trim()));
        }
        match text.matches('/').count() {
            0 => Reference::Phase(PhaseId::new(text)),
            1 => Reference::Section(SectionId::new(text)),
            _ => Reference::Item(ItemId::new(text)),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Phase(id) => f.pad(id.as_str()),
            Reference::Section(id) => f.pad(id.as_str()),
            Reference::Item(id) => f.pad(id.as_str()),
            Reference::Signoff(id) => write!(f, "signoff:{id}"),
        }
    }
}
