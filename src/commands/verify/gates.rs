//! Whether each phase that waits for sign-offs was worked on only while they stood.

use crate::checklist::evidence::Reference;
use crate::checklist::{Phase, PhaseId};
use crate::cockpit::subject::item_of;
use crate::deployment::{Board, Fact, Plan, Record, State, signoff};
use std::collections::BTreeMap;

/// Looks at each piece of work on the state before it.
#[derive(Debug, Default)]
pub(super) struct Gates {
    /// Phases worked on without their sign-offs, one sentence each.
    pub(super) passed: Vec<String>,
    /// How often something was recorded of the items of each phase.
    touched: BTreeMap<PhaseId, usize>,
    /// What each gate was last looked at with: as long as it is the same, so is the answer.
    looked: BTreeMap<PhaseId, Bearing>,
}

/// What a gate's sign-offs depend on: the sign-offs themselves, the checklist, and the phases signed for.
type Bearing = [usize; 5];

impl Gates {
    pub(super) fn look(&mut self, plan: &Plan, state: &State, record: &Record) {
        let Some(item) = item_of(&record.fact) else { return };
        let Some(phase) = plan.phase_of(item) else { return };
        // A value that is corrected was there before.
        let works = match &record.fact {
            Fact::ItemChecked { .. } | Fact::AttemptStarted { .. } => true,
            Fact::ValueFilled { .. } => state.history(item).is_none_or(|history| history.value.is_none()),
            _ => false,
        };
        if works {
            self.work(plan, state, phase, record);
        }
        *self.touched.entry(phase.id.clone()).or_default() += 1;
    }

    fn work(&mut self, plan: &Plan, state: &State, phase: &Phase, record: &Record) {
        let groups = phase.gate.iter().filter(|requirement| !state.is_overridden(phase, requirement));
        let groups = groups.filter_map(|requirement| match requirement {
            Reference::Signoff(group) => Some(group),
            Reference::Phase(_) | Reference::Section(_) | Reference::Item(_) => None,
        });
        let groups: Vec<_> = groups.collect();
        if groups.is_empty() {
            return;
        }
        let covered = groups.iter().filter_map(|group| plan.checklist().signoff(group)).flat_map(|group| &group.phases);
        let touched = covered.filter_map(|phase| self.touched.get(phase)).sum();
        let bearing: Bearing =
            [state.signed.len(), state.withdrawn.len(), state.amendments.len(), state.overrides.len(), touched];
        if self.looked.get(&phase.id) == Some(&bearing) {
            return;
        }
        let plan = plan.active(state);
        let mut board = Board::at(&plan, state, record.at);
        let lacks =
            groups.into_iter().find_map(|group| signoff::lacking(&plan, state, &mut board, group).into_iter().next());
        if let Some(lacks) = lacks {
            self.passed.push(format!("{} was worked on in record {} although {lacks}", phase.title, record.seq));
        }
        self.looked.insert(phase.id.clone(), bearing);
    }
}
