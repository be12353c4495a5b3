//! When steps are planned, and when they were taken.

use super::attempt::Outcome;
use super::plan::Plan;
use super::state::State;
use crate::checklist::offset::Offset;
use crate::checklist::{Check, Item, ItemId};
use chrono::{DateTime, Utc};

/// When an item was first begun and last complete, by the wall and, when the clock read anything, by T.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Times {
    pub begun: Option<Moment>,
    pub completed: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub at: DateTime<Utc>,
    /// Milliseconds since T-0.
    pub t: Option<i64>,
}

impl State {
    pub(super) fn note_begin(&mut self, item: &ItemId, at: DateTime<Utc>) {
        let moment = self.moment(at);
        let times = self.times.entry(item.clone()).or_default();
        times.begun = times.begun.or(Some(moment));
        times.completed = None;
    }

    pub(super) fn note_completed(&mut self, item: &ItemId, at: DateTime<Utc>) {
        let moment = self.moment(at);
        let times = self.times.entry(item.clone()).or_default();
        times.begun = times.begun.or(Some(moment));
        times.completed = Some(moment);
    }

    fn moment(&self, at: DateTime<Utc>) -> Moment {
        Moment { at, t: self.clock.read(at).map(|reading| reading.t) }
    }
}

/// The offset active for an item: its own, that of the item it is nested in, or its section's.
pub(crate) fn offset(plan: &Plan, item: &Item) -> Option<Offset> {
    let mut own = item.offset;
    let mut id = item.id.clone();
    while own.is_none() {
        let Some(parent) = id.parent() else { break };
        own = plan.item(&parent).and_then(|item| item.offset);
        id = parent;
    }
    own.or_else(|| plan.section_of(&item.id)?.offset)
}

/// The steps of the window in the order they are taken: items with an offset active that apply here.
pub(crate) fn steps(plan: &Plan) -> Vec<(&Item, Offset)> {
    let items = plan.order().iter().filter_map(|id| plan.item(id));
    let forward = items.filter(|item| plan.phase_of(&item.id).is_some_and(|phase| phase.way.is_forward()));
    let applying = forward.filter(|item| plan.inapplicable(item).is_none());
    applying.filter_map(|item| Some((item, offset(plan, item)?))).collect()
}

/// How long an item is expected to take, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    pub ms: u64,
    pub basis: Basis,
}

/// What an estimate rests on, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// This item, here, earlier.
    Earlier,
    /// This item in a rehearsal.
    Rehearsal,
    /// The same check in another environment of this deployment.
    Elsewhere,
    /// What the checklist promises.
    Promise,
    /// It takes no time that counts: verdicts drawn from the ledger.
    Nothing,
}

impl Basis {
    pub fn word(self) -> &'static str {
        match self {
            Basis::Earlier => "measured here",
            Basis::Rehearsal => "measured in the rehearsal",
            Basis::Elsewhere => "measured in another environment",
            Basis::Promise => "budget",
            Basis::Nothing => "takes no time",
        }
    }
}

/// What is known of an item's duration; nothing where only hope would answer.
pub(crate) fn estimate(plan: &Plan, state: &State, item: &Item) -> Option<Estimate> {
    if matches!(item.check, Check::Evidence(_)) {
        return Some(Estimate { ms: 0, basis: Basis::Nothing });
    }
    let own = state.latest_passed(&item.id).and_then(|attempt| attempt.outcome()).map(|outcome| outcome.took_ms);
    if let Some(ms) = own {
        return Some(Estimate { ms, basis: Basis::Earlier });
    }
    let rehearsed = state.estimates.as_ref().and_then(|(_, estimates)| estimates.durations.get(&item.id));
    if let Some(ms) = rehearsed {
        return Some(Estimate { ms: *ms, basis: Basis::Rehearsal });
    }
    let elsewhere = longest_elsewhere(plan, state, item);
    if let Some(ms) = elsewhere {
        return Some(Estimate { ms, basis: Basis::Elsewhere });
    }
    promise(item).map(|ms| Estimate { ms, basis: Basis::Promise })
}

/// The longest pass of an item that does the same in another slot.
fn longest_elsewhere(plan: &Plan, state: &State, item: &Item) -> Option<u64> {
    if !item.check.is_attempted() {
        return None;
    }
    let same = |other: &&Item| other.slot != item.slot && other.check == item.check;
    let passed = |other: &Item| Some(state.latest_passed(&other.id)?.outcome()?.took_ms);
    plan.checklist().items().filter(same).filter_map(passed).max()
}

/// The upper bound on its duration that the checklist sets.
fn promise(item: &Item) -> Option<u64> {
    use crate::checklist::target::Bound;
    let target = item.targets.iter().find(|target| target.measure == "duration" && target.unit == "s")?;
    match target.bound {
        Bound::Below(seconds) | Bound::AtMost(seconds) if seconds.is_finite() && seconds >= 0.0 => {
            Some(std::time::Duration::try_from_secs_f64(seconds).ok()?.as_millis().try_into().ok()?)
        }
        _ => None,
    }
}

/// Milliseconds that each passed item took, to be adopted as estimates elsewhere.
pub(crate) fn durations(state: &State) -> std::collections::BTreeMap<ItemId, u64> {
    let took = |outcome: &Outcome| outcome.took_ms;
    let items = state.items.keys();
    items.filter_map(|id| Some((id.clone(), took(state.latest_passed(id)?.outcome()?)))).collect()
}
