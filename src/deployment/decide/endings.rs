//! Abort, rollback and closing.

use super::rules::{Until, rules};
use super::{Context, reason, tidy};
use crate::deployment::criteria::left_open;
use crate::deployment::fact::{Fact, RolledBack};
use crate::deployment::intent::Intent;
use crate::deployment::plan::Plan;
use crate::deployment::refusal::{NamedItem, Refusal};
use crate::deployment::rollback::{self, Ending};
use crate::deployment::state::State;
use crate::deployment::status::Board;

/// Refuses what comes after the end.
pub(super) fn refuse_too_late(state: &State, intent: &Intent) -> Result<(), Refusal> {
    match rules(intent).1 {
        Until::Closed | Until::Ended if state.closed.is_some() => Err(Refusal::Closed),
        Until::Closed | Until::Ever => Ok(()),
        Until::Ended => refuse_ended(state),
    }
}

/// What is only for a deployment that goes on.
pub(super) fn refuse_ended(state: &State) -> Result<(), Refusal> {
    match &state.ending {
        Some(ended) if ended.ending == Ending::Failed => Err(Refusal::Ended("has failed")),
        Some(_) => Err(Refusal::Ended("was aborted")),
        None => Ok(()),
    }
}

/// Whatever runs is asked to stop; what it leaves is for the rollback to deal with.
pub(super) fn abort(state: &State, ending: Ending, why: &str) -> Result<Vec<Fact>, Refusal> {
    let reason = reason(why)?;
    refuse_ended(state)?;
    let word = ending.word();
    let running = state
        .running()
        .filter(|attempt| matches!(&attempt.phase, crate::deployment::attempt::AttemptPhase::Running { cancel: None }));
    let stop: Vec<Fact> = running
        .map(|attempt| Fact::CancelRequested {
            item: attempt.item.clone(),
            attempt: attempt.number,
            reason: format!("{word}: {reason}"),
        })
        .collect();
    let end = match ending {
        Ending::Aborted => Fact::Aborted { reason },
        Ending::Failed => Fact::Failed { reason },
    };
    let counts = state.clock.count.is_some() && state.clock.hold().is_none();
    let hold = counts.then(|| Fact::ClockHeld { reason: word.to_owned() });
    Ok(std::iter::once(end).chain(hold).chain(stop).collect())
}

/// The end is recorded with it when nobody has said it yet.
pub(super) fn begin_rollback(plan: &Plan, state: &State, ending: Ending, why: &str) -> Result<Vec<Fact>, Refusal> {
    let why = reason(why)?;
    if state.rollback.is_some() {
        return Err(Refusal::RollbackBegun);
    }
    if rollback::phases(plan).next().is_none() {
        return Err(Refusal::NoRollback);
    }
    let mut facts = if state.ending.is_none() { abort(state, ending, &why)? } else { Vec::new() };
    facts.push(Fact::RollbackBegun { reason: why });
    Ok(facts)
}

/// Ends in a verified old state, or says what is not verified and why that is left so.
pub(super) fn end_rollback(
    plan: &Plan,
    state: &State,
    context: &Context,
    note: Option<String>,
) -> Result<Vec<Fact>, Refusal> {
    let rollback = state.rollback.as_ref().filter(|rollback| rollback.over.is_none()).ok_or(Refusal::NoRollback)?;
    if let Some(running) = state.running().next() {
        return Err(Refusal::StillRunning { item: NamedItem::item(plan, &running.item), attempt: running.number });
    }
    let unverified = rollback::unverified(plan, state, &Board::at(plan, state, context.at));
    let note = tidy(note);
    if !unverified.is_empty() && note.is_none() {
        return Err(Refusal::ReasonMissing);
    }
    let took_ms = u64::try_from((context.at - rollback.begun.at).num_milliseconds()).unwrap_or(0);
    Ok(vec![Fact::RolledBack(RolledBack { took_ms, unverified, note }.into())])
}

pub(super) fn close(plan: &Plan, state: &State, context: &Context, note: Option<String>) -> Result<Vec<Fact>, Refusal> {
    if state.is_going_back() {
        return Err(Refusal::RollbackUnderWay);
    }
    if state.decision().is_none() && state.ending.is_none() {
        return Err(Refusal::NotOver);
    }
    if let Some(running) = state.running().next() {
        return Err(Refusal::StillRunning { item: NamedItem::item(plan, &running.item), attempt: running.number });
    }
    let note = tidy(note);
    let open = left_open(plan, state, &mut Board::at(plan, state, context.at));
    if note.is_none() && !open.is_empty() {
        return Err(Refusal::LeftOpen { open });
    }
    Ok(vec![Fact::Closed { note }])
}
