//! What is worked out once after each record, so that drawing only reads.

use super::advice::{self, Next};
use super::alerts::AlertList;
use super::calls::{self, Back, Call};
use super::model::Model;
use crate::checklist::PhaseId;
use crate::deployment::account::counts::{Counts, CriteriaCounts, Round};
use crate::deployment::criteria::Outlook;
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
    pub counts: CriteriaCounts,
    /// How many roles have answered the poll.
    pub poll: Round,
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
        let Counts { items, criteria, poll, outlook } = Counts::of(&plan, &self.state, &self.board);
        self.summary = Summary {
            total: items,
            phases,
            counts: criteria,
            poll,
            outlook,
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
