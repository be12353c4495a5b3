//! Where the parts of a checklist stand in its source, for problems that show only when all of it is read.

use crate::checklist::ids::{EnvironmentName, ItemId, PhaseId, SectionId};
use crate::checklist::model::Checklist;
use crate::checklist::span::Span;
use std::collections::BTreeMap;

/// Stands for an id that is missing; no id may hold it.
pub(crate) const UNNAMED: &str = "?";

/// A checklist as far as it could be read, and where its parts stand.
#[derive(Debug)]
pub(crate) struct Draft {
    pub checklist: Checklist,
    pub marks: Marks,
}

#[derive(Debug, Default)]
pub(crate) struct Marks {
    pub names: Vec<Name>,
    pub mentions: Vec<Mention>,
    /// One for every item, in the order of [`Checklist::items`].
    pub items: Vec<ItemMarks>,
    /// One for every pane, in order.
    pub panes: Vec<PaneMarks>,
    pub environments: BTreeMap<EnvironmentName, Span>,
}

/// An id given to something.
#[derive(Debug)]
pub(crate) struct Name {
    /// `phase`, `item`, …; ids of different kinds may be the same.
    pub kind: &'static str,
    /// The whole path where there is one.
    pub id: String,
    pub at: Span,
}

/// A key that names another part of the checklist.
#[derive(Debug)]
pub(crate) struct Mention {
    pub holder: Holder,
    /// The key it stands under: `gate`, `after`, `of` …
    pub key: &'static str,
    pub wanted: Wanted,
    pub target: String,
    pub at: Span,
}

/// What names something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    Phase(PhaseId),
    Section(SectionId),
    Item(ItemId),
    /// Something that nothing waits for: a pane, an environment.
    Aside,
}

/// What may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A phase, section, item or sign-off.
    Reference,
    Item,
    Phase,
    Slot,
    /// A pane that asks a service.
    Service,
    /// `group/role`.
    Role,
}

#[derive(Debug, Clone)]
pub(crate) struct ItemMarks {
    pub at: Span,
    /// The check's table; none when it could not be read, and nothing can be said of it.
    pub check: Option<CheckMarks>,
    /// One for every target, in order.
    pub targets: Vec<TargetMarks>,
    /// One for every proposal, in order.
    pub proposals: Vec<Span>,
    /// The offset active, the item's own or its section's.
    pub offset: Option<Span>,
    pub seed_line: Option<Span>,
    pub ours: Option<Span>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CheckMarks {
    /// The table, or the item when a check is left to its default.
    pub at: Span,
    /// The value that a problem of the check is best shown at: the named command, the reading's measure.
    pub detail: Option<Span>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct TargetMarks {
    pub measure: Span,
    pub unit: Span,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct PaneMarks {
    pub source: Span,
    pub measure: Option<Span>,
}

impl Marks {
    /// Keeps an id, unless part of its path is missing.
    pub(crate) fn name(&mut self, kind: &'static str, id: &str, at: Span) {
        if !id.contains(UNNAMED) {
            self.names.push(Name { kind, id: id.to_owned(), at });
        }
    }

    pub(crate) fn mention(&mut self, holder: &Holder, key: &'static str, wanted: Wanted, target: &str, at: Span) {
        self.mentions.push(Mention { holder: holder.clone(), key, wanted, target: target.to_owned(), at });
    }
}
