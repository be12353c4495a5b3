//! Which lines of the lists are shown: a filter on the checklist, and what nobody has to look at yet.

use super::model::Model;
use super::tree::{self, Folds, Row, Sieve};
use super::update::mine;
use crate::checklist::check::Check;
use crate::checklist::{Item, ItemId, Phase};
use crate::deployment::ItemStatus;
use crate::deployment::fact::Waiver;
use crate::deployment::rollback;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which items the checklist shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Filter {
    #[default]
    All,
    Open,
    Failed,
    /// What waits for the person at the keys.
    Mine,
    NotApplicable,
}

impl Filter {
    pub const ALL: [Filter; 5] = [Filter::All, Filter::Open, Filter::Failed, Filter::Mine, Filter::NotApplicable];

    pub fn word(self) -> &'static str {
        match self {
            Filter::All => "all",
            Filter::Open => "open",
            Filter::Failed => "failed",
            Filter::Mine => "mine",
            Filter::NotApplicable => "n/a",
        }
    }

    /// The one after it, round the end.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|filter| *filter == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

impl Model {
    /// Whether an item has a line in the lists that are not filtered. What a person waived always has one.
    fn is_in_sight(&self, item: &Item) -> bool {
        self.shows_all || !matches!(self.board.status(&item.id), ItemStatus::Inapplicable(_))
    }

    /// Whether a phase is shown: the rollback is not, until it is needed or asked for.
    pub fn shows_phase(&self, phase: &Phase) -> bool {
        let needed = self.shows_all || self.state.rollback.is_some() || self.state.ending.is_some();
        let in_hand = self.selected.as_ref().is_some_and(|item| item.phase() == phase.id);
        needed || in_hand || !rollback::phases(&self.plan).any(|back| back.id == phase.id)
    }

    /// How many phases stand before the first one that is kept for later.
    pub fn phases_shown(&self) -> usize {
        let phases = &self.plan.checklist().phases;
        phases.iter().rposition(|phase| self.shows_phase(phase)).map_or(0, |last| last + 1)
    }

    /// Makes the lists anew after folding, filtering, or after another phase was chosen; cursors stay on their lines.
    pub fn lay_rows(&mut self) {
        let plan = Arc::clone(&self.plan);
        let in_tree = self.tree_rows.get(self.tree_cursor.at).cloned();
        let in_list = self.item_rows.get(self.item_cursor.at).cloned();
        let mine: BTreeSet<ItemId> =
            if self.filter == Filter::Mine { mine::items(self).into_iter().collect() } else { BTreeSet::new() };
        let in_sight = |item: &Item| self.is_in_sight(item);
        let collapsed = |item: &Item| !self.is_in_sight(item);
        let none = |_: &Item| false;
        let phase = |phase: &Phase| self.shows_phase(phase);
        let filtered = |item: &Item| {
            let status = self.board.status(&item.id);
            match self.filter {
                Filter::All => true,
                Filter::Open => !status.is_complete(),
                Filter::Failed => {
                    // A watch with too little data has not failed.
                    let unclear =
                        matches!(status, ItemStatus::Inconclusive(_)) && matches!(item.check, Check::Watch(_));
                    !unclear
                        && matches!(status, ItemStatus::Failed(_) | ItemStatus::Inconclusive(_) | ItemStatus::Lost(_))
                }
                Filter::Mine => mine.contains(&item.id),
                Filter::NotApplicable => {
                    matches!(status, ItemStatus::Inapplicable(_) | ItemStatus::Waived(Waiver::Inapplicable))
                }
            }
        };
        let whole = Sieve { folds: &self.folds, shows: &in_sight, counts: &collapsed, phase: &phase, filters: false };
        let tree = match self.filter {
            Filter::All => tree::rows(plan.checklist(), &whole),
            _ => tree::rows(plan.checklist(), &Sieve { shows: &filtered, counts: &none, filters: true, ..whole }),
        };
        // The overview's list shows its phase whole: only the full checklist folds.
        let unfolded = Folds::default();
        let list = Sieve { folds: &unfolded, shows: &in_sight, counts: &collapsed, phase: &phase, filters: false };
        let list = self.phase().map(|phase| tree::phase_rows(plan.checklist(), &phase, &list)).unwrap_or_default();
        (self.tree_rows, self.item_rows) = (tree, list);
        let place = |rows: &[Row], row: Option<Row>| row.and_then(|row| rows.iter().position(|other| *other == row));
        if let Some(at) = place(&self.tree_rows, in_tree) {
            self.tree_cursor.at = at;
        }
        if let Some(at) = place(&self.item_rows, in_list) {
            self.item_cursor.at = at;
        }
        self.tree_cursor.clamp(self.tree_rows.len());
        self.item_cursor.clamp(self.item_rows.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_go_round() {
        let mut filter = Filter::All;
        for _ in Filter::ALL {
            filter = filter.next();
        }
        assert_eq!(filter, Filter::All);
    }
}
