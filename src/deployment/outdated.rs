//! What was measured before its environment was changed again: it says nothing of what is there now.

use super::attempt::Attempt;
use super::plan::Plan;
use super::state::State;
use crate::checklist::model::Risk;
use crate::checklist::{Item, ItemId};
use std::collections::HashMap;

/// The steps that change something, each with its place in the checklist and its latest attempt.
pub struct Changes<'a> {
    places: HashMap<&'a ItemId, usize>,
    steps: Vec<(usize, &'a Item, &'a Attempt)>,
}

impl<'a> Changes<'a> {
    #[must_use]
    pub fn of(plan: &'a Plan, state: &'a State) -> Self {
        let places: HashMap<&ItemId, usize> = plan.order().iter().enumerate().map(|(at, id)| (id, at)).collect();
        let forward = |id: &ItemId| plan.phase_of(id).is_some_and(|phase| phase.way.is_forward());
        let step = |(at, id): (usize, &'a ItemId)| {
            let item = plan.item(id).filter(|item| item.risk == Risk::Changes && forward(id))?;
            Some((at, item, state.latest(id)?))
        };
        let steps = plan.order().iter().enumerate().filter_map(step).collect();
        Self { places, steps }
    }

    /// The step before a measured one that was carried out again after this attempt of it, in the same environment.
    ///
    /// What a changing step measured of itself, as how long it took, stays true of that run.
    #[must_use]
    pub fn since(&self, plan: &Plan, attempt: &Attempt) -> Option<&'a Item> {
        if plan.item(&attempt.item).is_none_or(|item| item.risk == Risk::Changes) {
            return None;
        }
        let at = *self.places.get(&attempt.item)?;
        let again = |(place, _, latest): &&(usize, &Item, &Attempt)| {
            *place < at && latest.environment == attempt.environment && latest.number > attempt.number
        };
        self.steps.iter().rfind(again).map(|(_, item, _)| *item)
    }
}
