//! Window and clock.

use super::{Context, reason, text};
use crate::checklist::offset::Offset;
use crate::deployment::clock::Going;
use crate::deployment::fact::{EstimatesAdopted, Fact};
use crate::deployment::plan::Plan;
use crate::deployment::refusal::Refusal;
use crate::deployment::state::State;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

pub(super) fn plan_window(
    plan: &Plan,
    state: &State,
    context: &Context,
    zero: DateTime<Utc>,
    end: Option<DateTime<Utc>>,
) -> Result<Vec<Fact>, Refusal> {
    if state.clock.read(context.at).is_some_and(|reading| reading.going == Going::Counting) {
        return Err(Refusal::ClockCounting);
    }
    let promised = || {
        let length = TimeDelta::from_std(plan.checklist().window.duration?.duration()).ok()?;
        zero.checked_add_signed(length)
    };
    let end = end.or_else(promised).ok_or(Refusal::WindowEndMissing)?;
    if end <= zero {
        return Err(Refusal::WindowBackwards);
    }
    // The ledger keeps times to the millisecond.
    Ok(vec![Fact::WindowPlanned { zero: zero.trunc_subsecs(3), end: end.trunc_subsecs(3) }])
}

pub(super) fn start(
    plan: &Plan,
    state: &State,
    context: &Context,
    from: Option<Offset>,
    pace: u32,
) -> Result<Vec<Fact>, Refusal> {
    if state.clock.count.is_some() {
        return Err(Refusal::ClockCounting);
    }
    if pace != 1 && (pace == 0 || !plan.is_rehearsal()) {
        return Err(Refusal::PaceForbidden);
    }
    let planned = || state.clock.read(context.at).map(|reading| Offset::from_millis(reading.t));
    let from = from.or_else(planned).ok_or(Refusal::NoWindow)?;
    Ok(vec![Fact::ClockStarted { from, pace }])
}

pub(super) fn pace(plan: &Plan, state: &State, pace: u32) -> Result<Vec<Fact>, Refusal> {
    let Some(count) = &state.clock.count else { return Err(Refusal::ClockNotStarted) };
    if pace == 0 || !plan.is_rehearsal() {
        return Err(Refusal::PaceForbidden);
    }
    Ok(if count.pace == pace { Vec::new() } else { vec![Fact::ClockPaced { pace }] })
}

pub(super) fn hold(state: &State, why: &str) -> Result<Vec<Fact>, Refusal> {
    let why = reason(why)?;
    if state.clock.count.is_none() {
        return Err(Refusal::ClockNotStarted);
    }
    match state.clock.hold() {
        Some(hold) => Err(Refusal::ClockHeld(hold.reason.clone())),
        None => Ok(vec![Fact::ClockHeld { reason: why }]),
    }
}

pub(super) fn resume(state: &State, why: Option<String>) -> Result<Vec<Fact>, Refusal> {
    if state.clock.hold().is_none() {
        return Err(Refusal::ClockNotHeld);
    }
    Ok(vec![Fact::ClockResumed { reason: super::tidy(why) }])
}

/// Items that this checklist does not have are left out; what is left must be something.
pub(super) fn adopt(plan: &Plan, estimates: EstimatesAdopted) -> Result<Vec<Fact>, Refusal> {
    let source = text(&estimates.source)?;
    let durations = estimates.durations.into_iter().filter(|(item, _)| plan.item(item).is_some()).collect();
    let estimates = EstimatesAdopted { source, durations, rollback_ms: estimates.rollback_ms };
    if estimates.durations.is_empty() && estimates.rollback_ms.is_none() {
        return Err(Refusal::TextMissing);
    }
    Ok(vec![Fact::EstimatesAdopted(estimates.into())])
}
