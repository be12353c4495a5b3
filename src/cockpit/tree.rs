//! The checklist as lines: phases, sections and items, folded or not.

use crate::checklist::{Checklist, Item, ItemId, PhaseId, SectionId};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    Phase(PhaseId),
    Section(SectionId),
    /// An item and how deep it is nested, 0 for one that stands in its section directly.
    Item(ItemId, usize),
}

impl Row {
    #[must_use]
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

    #[must_use]
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

/// The lines of the whole checklist that are not folded away.
#[must_use]
pub fn rows(checklist: &Checklist, folds: &Folds) -> Vec<Row> {
    let mut rows = Vec::new();
    for phase in &checklist.phases {
        let row = Row::Phase(phase.id.clone());
        let folded = folds.is_folded(&row);
        rows.push(row);
        if !folded {
            rows.extend(phase_rows(checklist, &phase.id, folds));
        }
    }
    rows
}

/// The sections and items of one phase.
#[must_use]
pub fn phase_rows(checklist: &Checklist, phase: &PhaseId, folds: &Folds) -> Vec<Row> {
    let mut rows = Vec::new();
    for section in checklist.phase(phase).into_iter().flat_map(|phase| &phase.sections) {
        let row = Row::Section(section.id.clone());
        let folded = folds.is_folded(&row);
        rows.push(row);
        if !folded {
            push_items(&mut rows, &section.items, 0, folds);
        }
    }
    rows
}

fn push_items(rows: &mut Vec<Row>, items: &[Item], depth: usize, folds: &Folds) {
    for item in items {
        let row = Row::Item(item.id.clone(), depth);
        let folded = folds.is_folded(&row);
        rows.push(row);
        if !folded {
            push_items(rows, &item.items, depth + 1, folds);
        }
    }
}
