//! Whether each phase that waits for sign-offs was worked on only while they stood.

use crate::checklist::evidence::Reference;
use crate::checklist::{GroupId, Phase, PhaseId};
use crate::deployment::about::About;
use crate::deployment::{Board, Fact, Plan, Record, State, signoff};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Looks at each piece of work on the state before it.
#[derive(Debug, Default)]
pub(super) struct Gates {
    /// Phases worked on without their sign-offs, one sentence each.
    pub(super) passed: Vec<String>,
    /// How often something was recorded of the items of each phase.
    touched: BTreeMap<PhaseId, usize>,
    /// Each sign-off that a phase waits for or once waited for, with the last checklist that said so.
    asked: BTreeMap<(PhaseId, GroupId), Arc<Plan>>,
    /// What each gate was last looked at with: as long as it is the same, so is the answer.
    looked: BTreeMap<PhaseId, Bearing>,
}

/// What a gate's sign-offs depend on: the sign-offs themselves, the checklist, and the phases signed for.
type Bearing = [usize; 5];

impl Gates {
    pub(super) fn look(&mut self, plan: &Plan, state: &State, record: &Record) {
        let Some(item) = About::of(&record.fact).item else { return };
        let Some(phase) = plan.phase_of(item) else { return };
        // A value that is corrected was there before.
        let works = match &record.fact {
            Fact::ItemChecked { .. } | Fact::AttemptStarted { .. } => true,
            Fact::ValueFilled { .. } => state.history(item).is_none_or(|history| history.value.is_none()),
            _ => false,
        };
        if works {
            self.work(state, phase, record);
        }
        *self.touched.entry(phase.id.clone()).or_default() += 1;
    }

    /// The checklist that is followed from here on. A sign-off that a phase waited for once is asked for as it was asked
    /// for then, also when an amendment takes it out of the gate.
    pub(super) fn follow(&mut self, plan: &Arc<Plan>) {
        for phase in &plan.checklist().phases {
            for requirement in &phase.gate {
                if let Reference::Signoff(group) = requirement
                    && plan.checklist().signoff(group).is_some()
                {
                    self.asked.insert((phase.id.clone(), group.clone()), Arc::clone(plan));
                }
            }
        }
    }

    fn work(&mut self, state: &State, phase: &Phase, record: &Record) {
        let asked = self.asked.iter().filter(|((id, group), _)| {
            *id == phase.id && !state.is_overridden(phase, &Reference::Signoff(group.clone()))
        });
        let asked: Vec<_> = asked.map(|((_, group), plan)| (group.clone(), Arc::clone(plan))).collect();
        if asked.is_empty() {
            return;
        }
        let groups = asked.iter().filter_map(|(group, plan)| plan.checklist().signoff(group));
        let covered = groups.flat_map(|group| &group.phases);
        let touched = covered.filter_map(|phase| self.touched.get(phase)).sum();
        let bearing: Bearing =
            [state.signed.len(), state.withdrawn.len(), state.amendments.len(), state.overrides.len(), touched];
        if self.looked.get(&phase.id) == Some(&bearing) {
            return;
        }
        let lacks = asked.iter().find_map(|(group, plan)| {
            let plan = plan.active(state);
            let mut board = Board::at(&plan, state, record.at);
            signoff::lacking(&plan, state, &mut board, group).into_iter().next()
        });
        if let Some(lacks) = lacks {
            self.passed.push(format!("{} was worked on in record {} although {lacks}", phase.title, record.seq));
        }
        self.looked.insert(phase.id.clone(), bearing);
    }
}
