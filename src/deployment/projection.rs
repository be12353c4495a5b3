//! Where the window is in time: the current step, what is late, and when it will be over if nothing else is held up.

use super::plan::Plan;
use super::state::State;
use super::status::{Board, ItemStatus};
use super::timing::{self, Basis, Estimate, Moment};
use crate::checklist::offset::Offset;
use crate::checklist::{Item, ItemId};
use chrono::{DateTime, Utc};

/// One step of the window, planned against actual.
#[derive(Debug, Clone, PartialEq)]
pub struct StepTime {
    pub item: ItemId,
    pub planned: Offset,
    /// When the next step with a later offset is planned; the last steps have none.
    pub due_by: Option<Offset>,
    pub begun: Option<Moment>,
    pub completed: Option<Moment>,
    pub estimate: Option<Estimate>,
    /// T in milliseconds when it is expected to be over: only for steps not complete yet.
    pub expected: Option<i64>,
    /// Milliseconds behind the plan; none when it is in time or nothing counts.
    pub late: Option<i64>,
}

/// When the window's steps will be over.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// The first step that is not complete; none when all are.
    pub current: Option<ItemId>,
    /// Milliseconds since T-0.
    pub finish: i64,
    /// By the wall, if the clock goes on now.
    pub finish_at: DateTime<Utc>,
    /// Steps to come of which nobody knows how long they take; each counts as no time at all.
    pub unknown: Vec<ItemId>,
    /// The weakest ground that the sum stands on.
    pub basis: Basis,
}

/// Every step of the window with its times.
pub fn timetable(plan: &Plan, state: &State, board: &Board, now: DateTime<Utc>) -> Vec<StepTime> {
    let steps = timing::steps(plan);
    let reading = state.clock.read(now);
    let mut cursor = reading.map_or(i64::MIN, |reading| reading.t);
    let mut table = Vec::with_capacity(steps.len());
    for (at, (item, planned)) in steps.iter().enumerate() {
        let due_by = steps[at + 1..].iter().map(|(_, offset)| *offset).find(|offset| offset > planned);
        let is_first = at == 0 || steps[at - 1].1 != *planned;
        let times = state.times.get(&item.id).cloned().unwrap_or_default();
        let estimate = timing::estimate(plan, state, item);
        let over = board.status(&item.id).is_complete();
        let expected = reading.filter(|_| !over).map(|reading| {
            let ms = in_t(state, estimate);
            cursor = expected(item, *planned, ms, times.begun, cursor.max(reading.t), board);
            cursor
        });
        // Where others share the offset, only the first is planned at it; the others are planned before the next one.
        let bound = if is_first { Some(*planned) } else { due_by };
        let measured = match (over, is_first) {
            (_, true) => times.begun.and_then(|moment| moment.t).or_else(|| unless(over, reading.map(|r| r.t))),
            (true, false) => times.completed.and_then(|moment| moment.t),
            (false, false) => reading.map(|reading| reading.t),
        };
        let late = bound.zip(measured).map(|(bound, t)| t.saturating_sub(bound.millis())).filter(|late| *late > 0);
        table.push(StepTime {
            item: item.id.clone(),
            planned: *planned,
            due_by,
            begun: times.begun,
            completed: times.completed.filter(|_| over),
            estimate,
            expected,
            late,
        });
    }
    table
}

fn unless<T>(not: bool, value: Option<T>) -> Option<T> {
    value.filter(|_| !not)
}

/// When a step is over that follows what ends at `cursor`: not begun before its offset, and never before now.
fn expected(item: &Item, planned: Offset, ms: i64, begun: Option<Moment>, cursor: i64, board: &Board) -> i64 {
    let is_running = matches!(board.status(&item.id), ItemStatus::Running(_));
    match begun.and_then(|moment| moment.t).filter(|_| is_running) {
        Some(begun) => begun.saturating_add(ms).max(cursor),
        None => cursor.max(planned.millis()).saturating_add(ms),
    }
}

/// Work goes no faster because a rehearsal's clock does.
fn in_t(state: &State, estimate: Option<Estimate>) -> i64 {
    let ms = estimate.map_or(0, |estimate| i64::try_from(estimate.ms).unwrap_or(i64::MAX));
    ms.saturating_mul(i64::from(state.clock.pace()))
}

/// The projection, once the clock reads anything and the checklist has steps with offsets.
pub fn project(plan: &Plan, state: &State, board: &Board, now: DateTime<Utc>) -> Option<Projection> {
    let table = timetable(plan, state, board, now);
    let reading = state.clock.read(now)?;
    let open: Vec<&StepTime> = table.iter().filter(|step| step.expected.is_some()).collect();
    if table.is_empty() {
        return None;
    }
    let over = || table.iter().filter_map(|step| step.completed?.t).max().unwrap_or(reading.t);
    let finish = open.iter().filter_map(|step| step.expected).max().unwrap_or_else(over);
    let unknown = open.iter().filter(|step| step.estimate.is_none()).map(|step| step.item.clone()).collect();
    let grounds = open.iter().filter_map(|step| step.estimate).map(|estimate| estimate.basis);
    let basis = grounds.filter(|basis| *basis != Basis::Nothing).max().unwrap_or(Basis::Nothing);
    Some(Projection {
        current: open.first().map(|step| step.item.clone()),
        finish,
        finish_at: state.clock.wall(finish, now)?,
        unknown,
        basis,
    })
}
