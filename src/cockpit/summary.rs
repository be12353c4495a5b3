//! What is worked out once after each record, so that drawing only reads.

use super::advice::{self, Next};
use super::alerts::AlertList;
use super::calls::{self, Back, Call};
use super::model::Model;
use crate::checklist::PhaseId;
use crate::checklist::model::Due;
use crate::deployment::criteria::{self, Criterion, Outlook};
use crate::deployment::gate::{self, Need};
use crate::deployment::roles::{self, Concern};
use crate::deployment::signoff::{self, Standing};
use crate::deployment::status::Tally;
use std::sync::Arc;

#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub total: Tally,
    pub phases: Vec<PhaseSummary>,
    pub outlook: Option<Outlook>,
    /// How many criteria say what.
    pub counts: Counts,
    /// How each sign-off line of the checklist stands, in the order of [`signoff::lines`].
    pub standings: Vec<Standing>,
    /// The one next thing to do.
    pub next: Next,
    /// What asks for somebody's attention beside it, the most urgent first.
    pub calls: Vec<Call>,
    pub alerts: AlertList,
    /// What is wrong with the roles.
    pub concerns: Vec<Concern>,
    /// The rollback, once it was begun.
    pub back: Option<Back>,
}

#[derive(Debug, Clone)]
pub struct PhaseSummary {
    pub id: PhaseId,
    pub tally: Tally,
    /// What its gate lacks; empty when it is open.
    pub missing: Vec<String>,
    /// The same with who can give it.
    pub needs: Vec<Need>,
}

/// How many go/no-go criteria say what, of those due at the decision; and how many are due later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub go: usize,
    pub no_go: usize,
    pub pending: usize,
    pub inapplicable: usize,
    pub later: usize,
}

impl Counts {
    #[must_use]
    pub fn of(criteria: &[Criterion<'_>]) -> Self {
        let mut counts = Self::default();
        for criterion in criteria {
            let count = match (criterion.due, criterion.call) {
                (Due::Day | Due::Week, _) => &mut counts.later,
                (Due::Decision, criteria::Call::Go) => &mut counts.go,
                (Due::Decision, criteria::Call::NoGo) => &mut counts.no_go,
                (Due::Decision, criteria::Call::Inconclusive) => &mut counts.pending,
                (Due::Decision, criteria::Call::DoesNotApply) => &mut counts.inapplicable,
            };
            *count += 1;
        }
        counts
    }

    /// Those due at the decision.
    pub fn due(&self) -> usize {
        self.go + self.no_go + self.pending + self.inapplicable
    }

    /// `13 go · 0 no-go · 1 pending · 1 n/a · 7 due later`.
    pub fn words(&self) -> String {
        let first = format!("{} go · {} no-go · {} pending", self.go, self.no_go, self.pending);
        let others =
            [(self.inapplicable, "n/a"), (self.later, "due later")].into_iter().filter(|(count, _)| *count > 0);
        others.fold(first, |words, (count, what)| format!("{words} · {count} {what}"))
    }
}

impl Model {
    /// Works the summary out anew, from the board as it is now.
    pub(super) fn sum_up(&mut self) {
        let plan = Arc::clone(&self.plan);
        let phases = plan.checklist().phases.iter().map(|phase| {
            let needs = gate::needs(&plan, &self.state, &mut self.board, phase);
            PhaseSummary {
                id: phase.id.clone(),
                tally: self.board.tally(phase.items()),
                missing: needs.iter().map(|need| need.missing.clone()).collect(),
                needs,
            }
        });
        let phases: Vec<PhaseSummary> = phases.collect();
        let criteria = criteria::criteria(&plan, &self.state, &self.board);
        self.summary = Summary {
            total: self.board.tally(plan.checklist().items()),
            phases,
            counts: Counts::of(&criteria),
            outlook: Some(criteria::outlook_of(&plan, &self.state, &self.board, &criteria)),
            standings: signoff::lines(&plan, &self.state, &mut self.board).iter().map(|line| line.standing).collect(),
            next: Next::default(),
            calls: Vec::new(),
            alerts: AlertList::of(self),
            concerns: roles::concerns(&plan, &self.state),
            back: calls::back(&plan, &self.state, &self.board),
        };
        self.summary.next = advice::next(self);
        self.summary.calls = calls::calls(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_say_what_is_nothing_only_where_it_matters() {
        let counts = Counts { go: 1, pending: 13, later: 7, ..Counts::default() };
        assert_eq!(counts.words(), "1 go · 0 no-go · 13 pending · 7 due later");
        assert_eq!(counts.due(), 14);
    }
}
