//! Sensed items: what is measured again by itself, and when it no longer holds.
//!
//! Measuring again is no attempt and leaves no record; only a change of verdict does. Three failures in a row lose the
//! tick, one pass gives it back, and what could not be measured counts neither way.

use super::measurement::Verdict;
use super::plan::Plan;
use super::state::{Stamp, State};
use super::status::{Board, ItemStatus};
use crate::checklist::evidence::Reference;
use crate::checklist::{Item, ItemId};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// So many failures in a row lose the tick.
pub const FAILURES: u32 = 3;

/// A sensed item that does not hold any more.
#[derive(Debug, Clone, PartialEq)]
pub struct Regressed {
    pub stamp: Stamp,
    pub reason: String,
}

/// Failures in a row, kept by whoever measures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run(u32);

impl Run {
    /// Takes a verdict in and gives how many failures in a row there are now.
    pub fn take(&mut self, verdict: Verdict) -> u32 {
        match verdict {
            Verdict::Pass => self.0 = 0,
            Verdict::Fail => self.0 = self.0.saturating_add(1),
            Verdict::Inconclusive => {}
        }
        self.0
    }
}

/// The items to measure now. `measured` shows when each was measured last by this session; one it has not measured yet is
/// due when its interval has passed since its attempt.
pub fn due(
    plan: &Plan,
    state: &State,
    board: &Board,
    now: DateTime<Utc>,
    measured: &BTreeMap<ItemId, DateTime<Utc>>,
) -> Vec<ItemId> {
    let times = times(plan, state, board, now, measured);
    times.into_iter().filter(|(_, at)| *at <= now).map(|(item, _)| item.clone()).collect()
}

/// Every item that is measured again as things stand, and when.
pub fn times<'a>(
    plan: &'a Plan,
    state: &State,
    board: &Board,
    now: DateTime<Utc>,
    measured: &BTreeMap<ItemId, DateTime<Utc>>,
) -> Vec<(&'a ItemId, DateTime<Utc>)> {
    if state.ending.is_some() || state.closed.is_some() {
        return Vec::new();
    }
    let sensed = plan.checklist().items().filter(|item| is_sensed(plan, state, board, item));
    let time = |item: &'a Item| {
        let every = TimeDelta::from_std(item.sense.as_ref()?.every.duration()).ok()?;
        let completed = || state.times.get(&item.id)?.completed.map(|moment| moment.at);
        // A new attempt is a measurement too.
        let last = measured.get(&item.id).copied().max(completed());
        Some((&item.id, last.map_or(Some(now), |last| last.checked_add_signed(every))?))
    };
    sensed.filter_map(time).collect()
}

/// Measured once by an attempt, and what it is measured until is not complete yet.
fn is_sensed(plan: &Plan, state: &State, board: &Board, item: &Item) -> bool {
    let Some(sense) = item.sense.as_ref().filter(|_| item.only_looks()) else { return false };
    let regressed = state.history(&item.id).is_some_and(|history| history.regressed.is_some());
    let holds = *board.status(&item.id) == ItemStatus::Done || regressed;
    let until = sense.until.as_ref().is_some_and(|reference| match reference {
        Reference::Signoff(_) => false,
        other => plan.referenced(other).iter().all(|item| board.status(&item.id).is_complete()),
    });
    holds && !until
}
