//! Lines that fall due after T-0: from when each is to be done, until when, and which are overdue.
//!
//! A section says `within = ["T+24h", "T+72h"]` for its lines, a line may say `latest`; criteria for a day or a week are due
//! then, with a day for it. T-0 is the clock's, or the decision where no clock ran. What the program evaluates by itself is
//! nobody's duty.

use super::fact::{Approval, Waiver};
use super::plan::Plan;
use super::state::State;
use super::status::{Board, ItemStatus};
use crate::checklist::check::Completion;
use crate::checklist::model::{Due, Within};
use crate::checklist::offset::Offset;
use crate::checklist::{Check, Item, ItemId};
use chrono::{DateTime, Utc};

const HOUR: i64 = 3_600_000;

/// How long a criterion may wait once it is due.
const FOR_A_CRITERION: i64 = 24 * HOUR;

/// Between one reminder of a line and the next, in milliseconds of T.
const BETWEEN_REMINDERS: i64 = 24 * HOUR;

/// A line that is to be done between two moments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DueItem<'a> {
    pub item: &'a Item,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl DueItem<'_> {
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        now >= self.from
    }

    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        now >= self.until
    }
}

/// What is due at `now`, overdue lines first, the longest overdue of them at the front.
pub fn due<'a>(plan: &'a Plan, state: &State, board: &Board, now: DateTime<Utc>) -> Vec<DueItem<'a>> {
    let mut due: Vec<DueItem<'a>> = open(plan, state, board).into_iter().filter(|one| one.is_due(now)).collect();
    due.sort_by_key(|one| (!one.is_overdue(now), one.until));
    due
}

/// What falls due next, after `now`.
pub fn next<'a>(plan: &'a Plan, state: &State, board: &Board, now: DateTime<Utc>) -> Option<DueItem<'a>> {
    open(plan, state, board).into_iter().filter(|one| !one.is_due(now)).min_by_key(|one| one.from)
}

/// Those among what is due that nobody was reminded of within a day.
pub fn to_remind_of<'a>(plan: &'a Plan, state: &State, board: &Board, now: DateTime<Utc>) -> Vec<DueItem<'a>> {
    let fresh = |one: &DueItem<'_>| {
        let reminded = state.reminded.get(&one.item.id);
        reminded.is_none_or(|at| state.clock.after(*at, BETWEEN_REMINDERS).is_some_and(|again| again <= now))
    };
    due(plan, state, board, now).into_iter().filter(fresh).collect()
}

/// Every line that is not complete and has a time to be done in.
fn open<'a>(plan: &'a Plan, state: &State, board: &Board) -> Vec<DueItem<'a>> {
    if state.ending.is_some() || state.closed.is_some() {
        return Vec::new();
    }
    let zero = zero(state);
    let items = plan.order().iter().filter_map(|id| plan.item(id));
    let forward = items.filter(|item| plan.phase_of(&item.id).is_some_and(|phase| phase.way.is_forward()));
    forward.filter_map(|item| one(plan, state, board, item, zero)).collect()
}

fn one<'a>(
    plan: &'a Plan,
    state: &State,
    board: &Board,
    item: &'a Item,
    zero: Option<DateTime<Utc>>,
) -> Option<DueItem<'a>> {
    let by_itself = matches!(item.check, Check::Watch(_)) || item.check.kind().completion() == Completion::Evaluated;
    match board.status(&item.id) {
        ItemStatus::Open if by_itself => return None,
        ItemStatus::Open
        | ItemStatus::Failed(_)
        | ItemStatus::Inconclusive(_)
        | ItemStatus::Outdated(_)
        | ItemStatus::Lost(_) => {}
        // What was put off comes back when it was put off to.
        ItemStatus::Waived(Waiver::Deferred) => {
            let waived = state.history(&item.id)?.waived.as_ref()?;
            let until = waived.until?;
            return Some(DueItem { item, from: until, until });
        }
        ItemStatus::Done | ItemStatus::Running(_) | ItemStatus::Waived(_) | ItemStatus::Inapplicable(_) => return None,
    }
    let within = within(plan, item)?;
    let zero = zero?;
    let at = |offset: Offset| state.clock.after(zero, offset.millis());
    Some(DueItem { item, from: at(within.from)?, until: at(within.until)? })
}

/// From when on a line is to be done, where that lies behind T-0.
pub fn opens(plan: &Plan, state: &State, item: &ItemId) -> Option<DateTime<Utc>> {
    let within = within(plan, plan.item(item)?)?;
    state.clock.after(zero(state)?, within.from.millis())
}

/// When a line is to be done, counted from T-0; nothing for what belongs to the time before.
pub fn within(plan: &Plan, item: &Item) -> Option<Within> {
    let hours = |hours: i64| Offset::from_millis(hours * HOUR);
    let after = |from: Offset| Within { from, until: Offset::from_millis(from.millis() + FOR_A_CRITERION) };
    let of_section = plan.section_of(&item.id).and_then(|section| section.within);
    match (item.latest.filter(|latest| latest.millis() > 0), item.due) {
        (Some(until), _) => Some(Within { from: of_section.map_or(hours(0), |within| within.from), until }),
        (None, Some(Due::Day)) => Some(after(hours(24))),
        (None, Some(Due::Week)) => Some(after(hours(7 * 24))),
        (None, Some(Due::Decision) | None) => of_section,
    }
}

/// T-0 as the clock read it; where none ran, the decision.
fn zero(state: &State) -> Option<DateTime<Utc>> {
    let decided = || {
        let (stamp, decided) = state.decision()?;
        (decided.decision == Approval::Go).then_some(stamp.at)
    };
    state.clock.count.as_ref().and_then(|_| state.clock.zero()).or_else(decided)
}

/// `in 3 h`, `since 2 d`: how far away a moment is.
pub fn distance(now: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let away = super::numbers::age(now.max(at), now.min(at));
    if at > now { format!("in {away}") } else { format!("{away} ago") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone as _};

    #[test]
    fn distances_are_reported_in_both_directions() {
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 2, 0, 0).unwrap();
        assert_eq!(distance(now, now + TimeDelta::hours(3)), "in 3 h");
        assert_eq!(distance(now, now - TimeDelta::days(2)), "2 d ago");
    }
}
