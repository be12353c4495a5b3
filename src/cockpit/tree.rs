//! The checklist as lines: phases, sections and items, folded or not.

use crate::checklist::{Checklist, Item, ItemId, Phase, PhaseId, SectionId};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    Phase(PhaseId),
    Section(SectionId),
    /// An item and how deep it is nested, 0 for one that is in its section directly.
    Item(ItemId, usize),
    /// So many items of a section that are not applicable here, on one line.
    Collapsed(SectionId, usize),
}

impl Row {
    pub fn item(&self) -> Option<&ItemId> {
        match self {
            Row::Item(id, _) => Some(id),
            _ => None,
        }
    }

    fn key(&self) -> &str {
        match self {
            Row::Phase(id) => id.as_str(),
            Row::Section(id) => id.as_str(),
            Row::Item(id, _) => id.as_str(),
            // Never folded: it stands for what is left out.
            Row::Collapsed(..) => "",
        }
    }
}

/// Which headings are folded, by their id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folds(BTreeSet<String>);

impl Folds {
    /// Everything folded but the phases' own lines.
    #[must_use]
    pub fn all(checklist: &Checklist) -> Self {
        Self(checklist.phases.iter().map(|phase| phase.id.as_str().to_owned()).collect())
    }

    pub fn is_folded(&self, row: &Row) -> bool {
        self.0.contains(row.key())
    }

    pub fn fold(&mut self, row: &Row) {
        self.0.insert(row.key().to_owned());
    }

    pub fn unfold(&mut self, row: &Row) {
        self.0.remove(row.key());
    }

    /// Makes an item visible.
    pub fn reveal(&mut self, item: &ItemId) {
        self.0.remove(item.phase().as_str());
        self.0.remove(item.section().as_str());
        let mut parent = item.parent();
        while let Some(id) = parent {
            self.0.remove(id.as_str());
            parent = id.parent();
        }
    }
}

/// Which lines there are: what is folded away, which phases and items are left out.
pub struct Sieve<'a> {
    pub folds: &'a Folds,
    /// Whether an item has a line of its own.
    pub shows: &'a dyn Fn(&Item) -> bool,
    /// Whether a line shows how many of a section's items were left out because they are not applicable.
    pub counts: &'a dyn Fn(&Item) -> bool,
    pub phase: &'a dyn Fn(&Phase) -> bool,
    /// Headings without a line below them are left out, and nothing is folded.
    pub filters: bool,
}

impl Sieve<'_> {
    /// An item is shown for itself, or for one below it.
    fn passes(&self, item: &Item) -> bool {
        (self.shows)(item) || item.items.iter().any(|below| self.passes(below))
    }

    fn folded(&self, row: &Row) -> bool {
        !self.filters && self.folds.is_folded(row)
    }
}

/// The lines of the whole checklist.
pub fn rows(checklist: &Checklist, sieve: &Sieve<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for phase in checklist.phases.iter().filter(|phase| (sieve.phase)(phase)) {
        let row = Row::Phase(phase.id.clone());
        let folded = sieve.folded(&row);
        let below = if folded { Vec::new() } else { phase_rows(checklist, &phase.id, sieve) };
        if folded || !below.is_empty() || !sieve.filters {
            rows.push(row);
            rows.extend(below);
        }
    }
    rows
}

/// The sections and items of one phase.
pub fn phase_rows(checklist: &Checklist, phase: &PhaseId, sieve: &Sieve<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for section in checklist.phase(phase).into_iter().flat_map(|phase| &phase.sections) {
        let row = Row::Section(section.id.clone());
        let folded = sieve.folded(&row);
        if sieve.filters && !section.items.iter().any(|item| sieve.passes(item)) {
            continue;
        }
        rows.push(row);
        if folded {
            continue;
        }
        let before = rows.len();
        push_items(&mut rows, &section.items, 0, sieve);
        let left_out = section.items().filter(|item| (sieve.counts)(item)).count();
        // Where nothing else stands below it, the heading says the same already.
        if left_out > 0 && rows.len() > before {
            rows.push(Row::Collapsed(section.id.clone(), left_out));
        }
    }
    rows
}

fn push_items(rows: &mut Vec<Row>, items: &[Item], depth: usize, sieve: &Sieve<'_>) {
    for item in items.iter().filter(|item| sieve.passes(item)) {
        let row = Row::Item(item.id.clone(), depth);
        let folded = sieve.folded(&row);
        rows.push(row);
        if !folded {
            push_items(rows, &item.items, depth + 1, sieve);
        }
    }
}
