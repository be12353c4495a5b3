//! Attempts: starting, ending, cancelling, and what to do about one that was lost.

use super::{Context, known, reason};
use crate::checklist::check::Completion;
use crate::checklist::model::Risk;
use crate::checklist::{Item, ItemId};
use crate::deployment::attempt::{AttemptNumber, AttemptPhase, Outcome};
use crate::deployment::destruction;
use crate::deployment::fact::Fact;
use crate::deployment::gate;
use crate::deployment::plan::Plan;
use crate::deployment::refusal::{NamedItem, Refusal};
use crate::deployment::state::State;
use crate::deployment::status::{Board, ItemStatus};

pub(crate) fn start(
    plan: &Plan,
    state: &State,
    context: &Context,
    id: ItemId,
    confirmation: Option<&str>,
) -> Result<Vec<Fact>, Refusal> {
    let item = known(plan, &id)?;
    let named = || NamedItem::item(plan, &id);
    if item.check.kind().completion() == Completion::Ticked && !item.proposals.is_empty() {
        return Err(Refusal::NotArmed { item: named(), proposals: item.proposals.len() });
    }
    if !item.check.is_attempted() {
        let instead = match item.check.kind().completion() {
            Completion::Ticked => "look for yourself and tick it",
            Completion::Filled => "fill its value in",
            Completion::Evaluated | Completion::Run => "evaluate it",
        };
        return Err(Refusal::WrongKind { item: named(), kind: item.check.word(), instead });
    }
    if let Some(reason) = plan.inapplicable(item) {
        return Err(Refusal::Inapplicable { item: named(), reason });
    }
    let Some((name, environment)) = plan.environment_of(item) else {
        let slot = item.slot.clone().unwrap_or_else(|| "none".into());
        return Err(Refusal::SlotEmpty { slot, item: named() });
    };
    let mut board = Board::at(plan, state, context.at);
    match board.status(&id) {
        ItemStatus::Running(attempt) => return Err(Refusal::Running { item: named(), attempt: *attempt }),
        ItemStatus::Lost(attempt) => return Err(Refusal::Unresolved { item: named(), attempt: *attempt }),
        _ => {}
    }
    // One that began under an earlier checklist is no part of its item's history any more, and runs all the same.
    if let Some(busy) = state.running().find(|attempt| attempt.item == id) {
        return Err(Refusal::Running { item: named(), attempt: busy.number });
    }
    // Two things that change the same environment at once would leave neither outcome explainable.
    let alone = |item: &Item| item.risk == Risk::Changes || item.check.kind().runs_alone();
    let busy = state
        .running()
        .find(|attempt| attempt.environment == *name && (alone(item) || plan.item(&attempt.item).is_some_and(alone)));
    if let Some(busy) = busy {
        let (attempt, item) = (busy.number, NamedItem::item(plan, &busy.item));
        return Err(Refusal::EnvironmentBusy { environment: name.clone(), attempt, item });
    }
    if let Some(refusal) = gate::obstacle_of_attempt(plan, state, &mut board, item) {
        return Err(refusal);
    }
    if let Some(refusal) = destruction::obstacle(plan, state, context, item, confirmation) {
        return Err(refusal);
    }
    // A simulated answer is nobody whose fingers could slip.
    let asks = plan.still_asks_for_name(state, item).is_some() && destruction::of(plan, item).is_none();
    if asks && context.by.simulated.is_none() && confirmation.map(str::trim) != Some(name.as_str()) {
        return Err(Refusal::ConfirmationNeeded { item: named(), environment: name.clone() });
    }
    let number = u32::try_from(state.attempts.len()).unwrap_or(u32::MAX).saturating_add(1);
    Ok(vec![Fact::AttemptStarted {
        environment: name.clone(),
        item: id,
        attempt: AttemptNumber(number),
        check: item.check.word().into(),
        command: item.check.kind().command(environment),
    }])
}

pub(crate) fn finish(state: &State, number: AttemptNumber, outcome: Outcome) -> Result<Vec<Fact>, Refusal> {
    let attempt = state.attempt(number).ok_or(Refusal::NoSuchAttempt(number))?;
    // A supervisor that was thought lost may still come back with the truth, which is better than not knowing.
    if attempt.outcome().is_some() {
        return Err(Refusal::AlreadyRecorded(number));
    }
    let (environment, item) = (attempt.environment.clone(), attempt.item.clone());
    Ok(vec![Fact::AttemptFinished { environment, item, attempt: number, outcome: outcome.into() }])
}

pub(crate) fn lose(state: &State, number: AttemptNumber, why: &str) -> Result<Vec<Fact>, Refusal> {
    let attempt = state.attempt(number).ok_or(Refusal::NoSuchAttempt(number))?;
    if !attempt.is_running() {
        return Err(Refusal::NotRunning(number));
    }
    Ok(vec![Fact::AttemptLost { item: attempt.item.clone(), attempt: number, reason: reason(why)? }])
}

pub(crate) fn resolve(plan: &Plan, state: &State, number: AttemptNumber, why: &str) -> Result<Vec<Fact>, Refusal> {
    let attempt = state.attempt(number).ok_or(Refusal::NoSuchAttempt(number))?;
    if !matches!(attempt.phase, AttemptPhase::Lost { resolution: None, .. }) {
        return Err(Refusal::NothingToTakeBack { item: NamedItem::item(plan, &attempt.item), wanted: "lost" });
    }
    Ok(vec![Fact::AttemptResolved { item: attempt.item.clone(), attempt: number, reason: reason(why)? }])
}

pub(crate) fn cancel(state: &State, number: AttemptNumber, why: &str) -> Result<Vec<Fact>, Refusal> {
    let attempt = state.attempt(number).ok_or(Refusal::NoSuchAttempt(number))?;
    if !attempt.is_running() {
        return Err(Refusal::NotRunning(number));
    }
    Ok(vec![Fact::CancelRequested { item: attempt.item.clone(), attempt: number, reason: reason(why)? }])
}
