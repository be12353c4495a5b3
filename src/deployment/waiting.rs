//! What keeps a step of the window waiting although nothing else is in its way: the clock.

use super::flight::Step;
use super::plan::Plan;
use super::state::State;
use super::{due, timing, watching};
use crate::checklist::{Check, ItemId};
use chrono::{DateTime, Utc};

/// Why a step is not begun yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The clock will read the step's offset then, if nobody holds it.
    Until(DateTime<Utc>),
    /// The clock is held; nothing of the window is begun by itself.
    Held,
}

/// What the next step waits for: a watch for its time to be over, a step of the window for its offset. Nothing while no clock was started, so that what has no window is flown without one.
pub fn wait(plan: &Plan, state: &State, step: &Step, now: DateTime<Utc>) -> Option<Wait> {
    let (Step::Run(item) | Step::Evaluate(item) | Step::Tick(item) | Step::Fill(item)) = step else { return None };
    wait_for(plan, state, item, now)
}

fn wait_for(plan: &Plan, state: &State, id: &ItemId, now: DateTime<Utc>) -> Option<Wait> {
    if let Some(Check::Watch(watch)) = plan.item(id).map(|item| &item.check) {
        return watching::due(plan, state, watch).filter(|due| now < *due).map(Wait::Until);
    }
    state.clock.count.as_ref()?;
    if let Some(from) = due::opens(plan, state, id).filter(|from| now < *from) {
        return Some(Wait::Until(from));
    }
    let forward = plan.phase_of(id).is_some_and(|phase| phase.way.is_forward());
    let offset = timing::offset(plan, plan.item(id)?).filter(|_| forward)?;
    if state.clock.hold().is_some() {
        return Some(Wait::Held);
    }
    let reading = state.clock.read(now)?;
    (reading.t < offset.millis()).then(|| state.clock.wall(offset.millis(), now).map(Wait::Until))?
}
