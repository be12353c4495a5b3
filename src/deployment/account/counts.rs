//! Every number that stands on more than one screen, counted here and nowhere else: home, cockpit, go/no-go, `status` and
//! the report read it.

use crate::checklist::model::Due;
use crate::deployment::coverage::Coverage;
use crate::deployment::criteria::{self, Call, Criterion, Outlook};
use crate::deployment::poll;
use crate::deployment::status::Tally;
use crate::deployment::{Board, Plan, State};
use serde::Serialize;

/// How far a deployment is, as of one board.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    pub items: Tally,
    pub criteria: CriteriaCounts,
    pub poll: Round,
    /// What the decision would be now; `None` of nothing.
    pub outlook: Option<Outlook>,
}

/// How many go/no-go criteria say what, of those due at the decision; and how many are due later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CriteriaCounts {
    pub go: usize,
    pub no_go: usize,
    pub pending: usize,
    #[serde(rename = "not_applicable")]
    pub inapplicable: usize,
    #[serde(rename = "due_later")]
    pub later: usize,
}

/// The go/no-go round: of how many roles how many have answered. The last one where none is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    pub roles: usize,
    pub answered: usize,
    pub taken: bool,
    /// Every role answered, and none with NO-GO; also where no role is asked.
    pub complete: bool,
}

impl Counts {
    pub fn of(plan: &Plan, state: &State, board: &Board) -> Self {
        let criteria = criteria::criteria(plan, state, board);
        Self {
            items: board.tally(plan.checklist().items()),
            criteria: CriteriaCounts::of(&criteria),
            poll: Round::of(plan, state),
            outlook: Some(criteria::outlook_of(plan, state, board, &criteria)),
        }
    }

    pub fn coverage(&self) -> Coverage {
        self.outlook.as_ref().map(|outlook| outlook.coverage).unwrap_or_default()
    }
}

impl CriteriaCounts {
    pub fn of(criteria: &[Criterion<'_>]) -> Self {
        let mut counts = Self::default();
        for criterion in criteria {
            let count = match (criterion.due, criterion.call) {
                (Due::Day | Due::Week, _) => &mut counts.later,
                (Due::Decision, Call::Go) => &mut counts.go,
                (Due::Decision, Call::NoGo) => &mut counts.no_go,
                (Due::Decision, Call::Inconclusive) => &mut counts.pending,
                (Due::Decision, Call::DoesNotApply) => &mut counts.inapplicable,
            };
            *count += 1;
        }
        counts
    }

    /// Those due at the decision: what "of" means wherever criteria are counted.
    pub fn due(&self) -> usize {
        self.go + self.no_go + self.pending + self.inapplicable
    }

    /// Those that speak for GO, or do not apply.
    pub fn met(&self) -> usize {
        self.go + self.inapplicable
    }

    /// `13 go · 0 no-go · 1 pending · 1 n/a · 7 due later`.
    pub fn words(&self) -> String {
        let first = format!("{} go · {} no-go · {} pending", self.go, self.no_go, self.pending);
        let others =
            [(self.inapplicable, "n/a"), (self.later, "due later")].into_iter().filter(|(count, _)| *count > 0);
        others.fold(first, |words, (count, what)| format!("{words} · {count} {what}"))
    }
}

impl Round {
    pub fn of(plan: &Plan, state: &State) -> Self {
        let round = state.poll().or(state.polls.last());
        let roles = round.map_or_else(|| poll::stations(plan).len(), |round| round.stations.len());
        Self {
            roles,
            answered: round.map_or(0, |round| round.answers.len()),
            taken: round.is_some(),
            complete: roles == 0 || round.is_some_and(|round| round.against(plan).is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_say_what_is_nothing_only_where_it_matters() {
        let counts = CriteriaCounts { go: 1, pending: 13, later: 7, ..CriteriaCounts::default() };
        assert_eq!(counts.words(), "1 go · 0 no-go · 13 pending · 7 due later");
        assert_eq!(counts.due(), 14);
    }
}
