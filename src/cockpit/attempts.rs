//! Which attempt is shown where.

use super::model::Model;
use super::screens::Screen;
use crate::checklist::Check;
use crate::checklist::check::{Direction, MigrationTarget};
use crate::deployment::attempt::{Attempt, AttemptNumber};

impl Model {
    /// The attempt whose output belongs to the item in hand.
    pub fn shown_attempt(&self) -> Option<&Attempt> {
        self.state.latest(self.selected.as_ref()?)
    }

    /// The attempt whose output is on the screen in hand.
    pub fn output_attempt(&self) -> Option<AttemptNumber> {
        match self.screen {
            Screen::Cockpit => self.shown_attempt().map(|attempt| attempt.number),
            Screen::Migration => self.migration_attempt().map(|attempt| attempt.number),
            _ => None,
        }
    }

    /// The line after the last one to show of an attempt's output, when a person has scrolled there.
    pub fn scrolled_to(&self, attempt: AttemptNumber) -> Option<u64> {
        self.scroll.filter(|scroll| scroll.attempt == attempt).map(|scroll| scroll.end)
    }

    /// The migration attempt to show: one that runs, else the latest that moved something, else the latest that asked
    /// where the database stands.
    pub fn migration_attempt(&self) -> Option<&Attempt> {
        let migration = |attempt: &Attempt| match self.plan.item(&attempt.item).map(|item| &item.check) {
            Some(Check::Migration(migration)) => Some(migration),
            _ => None,
        };
        let direction = |attempt: &Attempt| migration(attempt).map(|migration| migration.direction);
        // What was tried on a copy says nothing of the environment.
        let on_copy = |attempt: &Attempt| migration(attempt).is_some_and(|m| m.on == MigrationTarget::Scratch);
        let moves = |attempt: &&Attempt| direction(attempt).is_some_and(|way| way != Direction::Current);
        let asks = |attempt: &&Attempt| direction(attempt) == Some(Direction::Current);
        let latest = || self.state.attempts.iter().rev();
        let in_place = |attempt: &&Attempt| moves(attempt) && !on_copy(attempt);
        self.state.running().find(moves).or_else(|| latest().find(in_place)).or_else(|| latest().find(asks))
    }
}
