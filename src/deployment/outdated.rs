//! What was measured before its environment was changed again: it says nothing of what is there now.

use super::attempt::Attempt;
use super::plan::Plan;
use super::state::State;
use crate::checklist::Item;
use crate::checklist::model::Risk;

/// The steps that change something, in the order of the plan, each with its latest attempt.
pub(crate) struct Changes<'a> {
    plan: &'a Plan,
    steps: Vec<(&'a Item, &'a Attempt)>,
}

impl<'a> Changes<'a> {
    #[must_use]
    pub(crate) fn of(plan: &'a Plan, state: &'a State) -> Self {
        let items = plan.order().iter().filter_map(|id| plan.item(id)).filter(|item| plan.changes_forward(item));
        Self { plan, steps: items.filter_map(|item| Some((item, state.latest(&item.id)?))).collect() }
    }

    /// The step before a measured one that was carried out again after this attempt of it, in the same environment.
    ///
    /// What a changing step measured of itself, as how long it lasted, stays true of that run.
    #[must_use]
    pub(crate) fn since(&self, attempt: &Attempt) -> Option<&'a Item> {
        if self.plan.item(&attempt.item).is_none_or(|item| item.risk == Risk::Changes) {
            return None;
        }
        let at = self.plan.position(&attempt.item)?;
        let again = |(step, latest): &&(&Item, &Attempt)| {
            self.plan.position(&step.id).is_some_and(|place| place < at)
                && latest.environment == attempt.environment
                && latest.number > attempt.number
        };
        self.steps.iter().rfind(again).map(|(step, _)| *step)
    }
}
