//! What a go/no-go verdict rests on: how many of its criteria were measured, and what became of the others.

use super::attempt::AttemptNumber;
use super::criteria::Call;
use super::fact::Waiver;
use super::measurement::Verdict;
use super::plan::Plan;
use super::state::State;
use super::status::{Board, ItemStatus};
use crate::checklist::{EnvironmentName, Item, ItemId};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// How many criteria there are and how they stand. A criterion that was waived or does not apply blocks nothing, and is
/// never silent for that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    pub total: usize,
    /// The program measured them, well or badly.
    pub measured: usize,
    /// A person ticked them or filled them in.
    pub by_people: usize,
    pub waived: usize,
    pub inapplicable: usize,
    /// No verdict, or one that is too old.
    pub no_data: usize,
    /// Environments with a migration of which somebody vouches for the database, and nobody measured it.
    pub attested_databases: usize,
}

/// A migration that ran in a database that somebody vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attested {
    pub environment: EnvironmentName,
    pub item: ItemId,
    pub attempt: AttemptNumber,
    /// Why it could not be measured.
    pub why: String,
}

/// The latest attempts of each item whose verdict rests on a database that was attested and not measured.
pub(crate) fn attested(plan: &Plan, state: &State) -> Vec<Attested> {
    let latest = plan.order().iter().filter_map(|id| state.latest(id));
    let attested = latest.filter_map(|attempt| {
        let outcome = attempt.outcome().filter(|outcome| outcome.verdict == Verdict::Pass)?;
        Some(Attested {
            environment: attempt.environment.clone(),
            item: attempt.item.clone(),
            attempt: attempt.number,
            why: outcome.attested.clone()?,
        })
    });
    attested.collect()
}

impl Coverage {
    pub(super) fn attest(&mut self, plan: &Plan, state: &State) {
        let environments: BTreeSet<_> =
            attested(plan, state).into_iter().map(|attested| attested.environment).collect();
        self.attested_databases = environments.len();
    }

    pub(super) fn add(&mut self, state: &State, board: &Board, item: &Item, call: Call) {
        self.total += 1;
        let waived = state.history(&item.id).and_then(|history| history.waived.as_ref()).map(|waived| waived.how);
        let count = match (board.status(&item.id), waived) {
            (ItemStatus::Inapplicable(_), _) | (_, Some(Waiver::Inapplicable)) => &mut self.inapplicable,
            (_, Some(Waiver::Overridden | Waiver::Skipped | Waiver::Deferred)) => &mut self.waived,
            _ if call == Call::Inconclusive => &mut self.no_data,
            _ if item.check.is_measured() => &mut self.measured,
            _ => &mut self.by_people,
        };
        *count += 1;
    }

    /// The word of a verdict with what it rests on: "GO, 11 of 21 criteria measured, 10 not applicable".
    pub fn after(&self, word: &str) -> String {
        if self.total == 0 { word.to_owned() } else { format!("{word}, {self}") }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let criteria = if self.total == 1 { "criterion" } else { "criteria" };
        write!(f, "{} of {} {criteria} measured", self.measured, self.total)?;
        let others = [
            (self.by_people, "answered by people"),
            (self.waived, "waived"),
            (self.inapplicable, "not applicable"),
            (self.no_data, "without data"),
            (
                self.attested_databases,
                if self.attested_databases == 1 {
                    "database attested, not measured"
                } else {
                    "databases attested, not measured"
                },
            ),
        ];
        others.iter().filter(|(count, _)| *count > 0).try_for_each(|(count, words)| write!(f, ", {count} {words}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_go_reports_what_was_not_measured() {
        let some = Coverage { total: 21, measured: 11, inapplicable: 10, ..Coverage::default() };
        assert_eq!(some.after("GO"), "GO, 11 of 21 criteria measured, 10 not applicable");
        let all = Coverage { total: 1, waived: 1, ..Coverage::default() };
        assert_eq!(all.after("GO"), "GO, 0 of 1 criterion measured, 1 waived");
        assert_eq!(Coverage::default().after("INCONCLUSIVE"), "INCONCLUSIVE");
        let vouched = Coverage { total: 2, measured: 2, attested_databases: 1, ..Coverage::default() };
        assert_eq!(vouched.after("GO"), "GO, 2 of 2 criteria measured, 1 database attested, not measured");
    }
}
