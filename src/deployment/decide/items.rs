//! Ticks, waivers, values and evaluation.

use super::{Context, known, reason, text};
use crate::checklist::check::{Completion, ValueForm};
use crate::checklist::{Check, Item, ItemId};
use crate::deployment::evidence;
use crate::deployment::fact::{Fact, Waiver};
use crate::deployment::gate;
use crate::deployment::plan::Plan;
use crate::deployment::refusal::{NamedItem, Refusal};
use crate::deployment::state::State;
use crate::deployment::status::{Board, ItemStatus};
use crate::deployment::{clock, window};
use chrono::{DateTime, Utc};

/// A person's tick. Only manual items take one; what the program measures is measured.
pub(super) fn check(
    plan: &Plan,
    state: &State,
    context: &Context,
    id: ItemId,
    note: Option<String>,
) -> Result<Vec<Fact>, Refusal> {
    let item = known(plan, &id)?;
    let instead = match item.check.kind().completion() {
        Completion::Ticked => None,
        Completion::Filled => Some("fill its value in"),
        Completion::Evaluated => Some("evaluate it, or waive it with a reason"),
        Completion::Run if !item.proposals.is_empty() => Some("run the command that was enabled, or disable it"),
        Completion::Run => Some("run it, or waive it with a reason"),
    };
    if let Some(instead) = instead {
        return Err(Refusal::WrongKind { item: NamedItem::item(plan, &id), kind: item.check.word(), instead });
    }
    refuse_complete_or_early(plan, state, context, item)?;
    refuse_late(plan, state, context, item)?;
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    Ok(vec![Fact::ItemChecked { item: id, note }])
}

pub(super) fn uncheck(plan: &Plan, state: &State, id: ItemId, why: &str) -> Result<Vec<Fact>, Refusal> {
    if state.history(&id).is_none_or(|history| history.checked.is_none()) {
        return Err(Refusal::NothingToTakeBack { item: NamedItem::item(plan, &id), wanted: "ticked" });
    }
    Ok(vec![Fact::ItemUnchecked { item: id, reason: reason(why)? }])
}

pub(super) fn waive(
    plan: &Plan,
    state: &State,
    context: &Context,
    id: ItemId,
    how: Waiver,
    why: &str,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<Fact>, Refusal> {
    let item = known(plan, &id)?;
    let why = reason(why)?;
    if let Some(attempt) = state.latest(&id).filter(|attempt| attempt.is_running()) {
        return Err(Refusal::Running { item: NamedItem::item(plan, &id), attempt: attempt.number });
    }
    match Board::at(plan, state, context.at).status(&id) {
        status @ (ItemStatus::Done | ItemStatus::Inapplicable(_)) => {
            return Err(Refusal::Completion { item: NamedItem::item(plan, &id), state: status.word().to_owned() });
        }
        ItemStatus::Lost(attempt) => {
            return Err(Refusal::Unresolved { item: NamedItem::item(plan, &item.id), attempt: *attempt });
        }
        _ => {}
    }
    let until = until.filter(|_| how == Waiver::Deferred);
    Ok(vec![Fact::ItemWaived { item: id, how, reason: why, until }])
}

pub(super) fn withdraw(plan: &Plan, state: &State, id: ItemId, why: &str) -> Result<Vec<Fact>, Refusal> {
    if state.history(&id).is_none_or(|history| history.waived.is_none()) {
        return Err(Refusal::NothingToTakeBack { item: NamedItem::item(plan, &id), wanted: "waived" });
    }
    Ok(vec![Fact::WaiverWithdrawn { item: id, reason: reason(why)? }])
}

/// A value may be corrected: the last one stands, and all of them stay in the ledger.
pub(super) fn fill(
    plan: &Plan,
    state: &State,
    context: &Context,
    id: ItemId,
    value: &str,
) -> Result<Vec<Fact>, Refusal> {
    let item = known(plan, &id)?;
    let Check::Value(field) = &item.check else {
        return Err(Refusal::WrongKind {
            item: NamedItem::item(plan, &id),
            kind: item.check.word(),
            instead: "it takes no value",
        });
    };
    let value = text(value)?;
    if field.form == ValueForm::Number && !value.replace(',', ".").parse::<f64>().is_ok_and(f64::is_finite) {
        return Err(Refusal::NotANumber { value, unit: field.unit.clone() });
    }
    let Some(value) = field.answer(&value).map(ToOwned::to_owned) else {
        return Err(Refusal::NotAChoice { value, choices: field.choices.clone() });
    };
    if state.history(&id).is_none_or(|history| history.value.is_none()) {
        refuse_complete_or_early(plan, state, context, item)?;
        refuse_late(plan, state, context, item)?;
    }
    Ok(vec![Fact::ValueFilled { item: id, value, unit: field.unit.clone() }])
}

pub(super) fn evaluate(plan: &Plan, state: &State, context: &Context, id: ItemId) -> Result<Vec<Fact>, Refusal> {
    let item = known(plan, &id)?;
    let Check::Evidence(wanted) = &item.check else {
        return Err(Refusal::WrongKind {
            item: NamedItem::item(plan, &id),
            kind: item.check.word(),
            instead: "run it or tick it",
        });
    };
    if let Some(reason) = plan.inapplicable(item) {
        return Err(Refusal::Inapplicable { item: NamedItem::item(plan, &id), reason });
    }
    let mut board = Board::at(plan, state, context.at);
    if let Some(refusal) = gate::obstacle(plan, state, &mut board, item) {
        return Err(refusal);
    }
    let weight = evidence::weigh(plan, state, &mut board, item, wanted);
    let evidence::Weight { verdict, detail, measured, attempts } = weight;
    Ok(vec![Fact::ItemEvaluated { item: id, verdict, detail, measured, attempts }])
}

/// What had to be done by a time cannot be said to have been done when that has passed.
fn refuse_late(plan: &Plan, state: &State, context: &Context, item: &Item) -> Result<(), Refusal> {
    let (Some(latest), Some(by)) = (item.latest, window::latest(state, item)) else { return Ok(()) };
    if context.at <= by {
        return Ok(());
    }
    let zero = state.clock.window.as_ref().map_or(context.at, |window| window.zero);
    let now = clock::text((context.at - zero).num_milliseconds());
    Err(Refusal::TooLate { item: NamedItem::item(plan, &item.id), latest: latest.to_string(), now })
}

fn refuse_complete_or_early(plan: &Plan, state: &State, context: &Context, item: &Item) -> Result<(), Refusal> {
    let mut board = Board::at(plan, state, context.at);
    match board.status(&item.id).clone() {
        ItemStatus::Inapplicable(reason) => {
            return Err(Refusal::Inapplicable { item: NamedItem::item(plan, &item.id), reason });
        }
        status if status.is_complete() => {
            return Err(Refusal::Completion { item: NamedItem::item(plan, &item.id), state: status.word().to_owned() });
        }
        _ => {}
    }
    gate::obstacle(plan, state, &mut board, item).map_or(Ok(()), Err)
}
