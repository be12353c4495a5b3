//! Watches: when the period of each begins and ends, and which are due to be evaluated.
//!
//! A period begins at T-0, or when what `from` names is complete, and lasts as long as the checklist says by the wall. In
//! a rehearsal whose clock runs faster it lasts as much shorter; samples are taken at their usual pace, so there are fewer,
//! and those of the minutes before the clock began to hurry are left out.

use super::attempt::Attempt;
use super::gate;
use super::measurement::Verdict;
use super::plan::Plan;
use super::state::State;
use super::status::{Board, ItemStatus};
use crate::checklist::check::Watch;
use crate::checklist::evidence::Reference;
use crate::checklist::{Check, Item, ItemId};
use chrono::{DateTime, TimeDelta, Utc};

/// The share of a period, in percent, that must have samples.
pub const ENOUGH: f64 = 95.0;

/// The time that a watch looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// How long the checklist says it is.
    pub over: crate::checklist::offset::Span,
}

impl Period {
    /// By the wall.
    pub fn length(&self) -> TimeDelta {
        self.until - self.from
    }

    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now >= self.until
    }

    pub fn has_begun(&self, now: DateTime<Utc>) -> bool {
        now >= self.from
    }

    /// Whether a rehearsal's clock makes it shorter than the checklist says.
    pub fn is_shortened(&self) -> bool {
        self.length().to_std().is_ok_and(|length| length + std::time::Duration::from_millis(1) < self.over.duration())
    }

    /// How much of the period has passed, from 0 to 1.
    pub fn share(&self, now: DateTime<Utc>) -> f64 {
        let length = self.length().num_milliseconds().max(1) as f64;
        ((now - self.from).num_milliseconds() as f64 / length).clamp(0.0, 1.0)
    }
}

/// The period of a watch.
///
/// # Errors
/// Why it has not begun and nobody knows when it will.
pub fn period(plan: &Plan, state: &State, watch: &Watch) -> Result<Period, NotBegun> {
    let from = match &watch.from {
        None => state.clock.zero().ok_or(NotBegun::NoZero)?,
        Some(reference) => completed(plan, state, reference)?,
    };
    let ms = i64::try_from(watch.over.duration().as_millis()).unwrap_or(i64::MAX);
    let until = state.clock.after(from, ms).ok_or(NotBegun::TooFar)?;
    Ok(Period { from: state.clock.watched_from(from, until), until, over: watch.over })
}

/// When all that a reference names was complete.
fn completed(plan: &Plan, state: &State, reference: &Reference) -> Result<DateTime<Utc>, NotBegun> {
    let mut latest = None;
    for item in plan.referenced(reference).into_iter().filter(|item| plan.inapplicable(item).is_none()) {
        let completed = state.times.get(&item.id).and_then(|times| times.completed);
        let completed = completed.filter(|_| !state.failed.contains_key(&item.id));
        let at = completed.ok_or_else(|| NotBegun::Incomplete { item: item.in_sentence().to_owned() })?.at;
        latest = latest.max(Some(at));
    }
    latest.ok_or_else(|| NotBegun::NothingApplies { of: reference.to_string() })
}

/// Why the period of a watch has no beginning, or no end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotBegun {
    #[error("T-0 is not known: plan the window and start the clock")]
    NoZero,
    #[error("its end is beyond every calendar")]
    TooFar,
    #[error("{item} is not complete")]
    Incomplete { item: String },
    #[error("nothing of {of} applies here")]
    NothingApplies { of: String },
}

/// Whether what an attempt found counts for the period as it is now: one that only looked in between does not, nor one of
/// an earlier period. A failure counts at once.
pub fn counts(plan: &Plan, state: &State, watch: &Watch, attempt: &Attempt) -> bool {
    let (Ok(period), Some(outcome)) = (period(plan, state, watch), attempt.outcome()) else { return false };
    let since = if outcome.verdict == Verdict::Fail { period.from } else { period.until };
    attempt.started >= since
}

/// How long whoever drives leaves a watch that is over to the collector, before it is evaluated from there.
const LEFT_TO_THE_COLLECTOR: TimeDelta = TimeDelta::seconds(30);

/// When whoever drives evaluates a watch, if nobody has by then.
pub fn due(plan: &Plan, state: &State, watch: &Watch) -> Option<DateTime<Utc>> {
    period(plan, state, watch).ok()?.until.checked_add_signed(LEFT_TO_THE_COLLECTOR)
}

/// A watch whose period has begun and which has no verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watching<'a> {
    pub item: &'a Item,
    pub watch: &'a Watch,
    pub period: Period,
}

/// Every watch under way at `now`, in the order of the checklist.
pub fn under_way<'a>(plan: &'a Plan, state: &State, board: &Board, now: DateTime<Utc>) -> Vec<Watching<'a>> {
    if state.ending.is_some() || state.closed.is_some() {
        return Vec::new();
    }
    let items = plan.order().iter().filter_map(|id| plan.item(id));
    let watching = |item: &'a Item| {
        let Check::Watch(watch) = &item.check else { return None };
        let period = period(plan, state, watch).ok().filter(|period| period.has_begun(now))?;
        (*board.status(&item.id) == ItemStatus::Open).then_some(Watching { item, watch, period })
    };
    items.filter_map(watching).collect()
}

/// Whether an attempt at a watch may begin.
#[must_use]
pub fn may_begin(plan: &Plan, state: &State, board: &mut Board, item: &ItemId) -> bool {
    plan.item(item).is_some_and(|item| gate::obstacle_of_attempt(plan, state, board, item).is_none())
}
