//! References to other parts of the checklist, and verdicts drawn from them.

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

/// Passes when all of `of` hold and, where a reading is given, every target of the item does. Written
/// `check = { kind = "evidence", of = ["…"] }`, `of = "children"`, or
/// `check = { kind = "evidence", item = "…", measure = "duration", against = "…", compute = "reduction" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    pub of: EvidenceOf,
    pub reading: Option<Reading>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceOf {
    /// The items nested in this one.
    Children,
    These(Vec<Reference>),
}

/// A number that an item's latest finished attempt measured, alone or held against another item's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    pub item: ItemId,
    pub measure: String,
    pub against: Option<Against>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Against {
    pub item: ItemId,
    pub compute: Compute,
}

/// How two readings become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compute {
    /// By how many percent `item` is below `against`; measured as `reduction` in `%`.
    Reduction,
    /// `item` minus `against`, in their unit; measured as `difference`.
    Difference,
}
