//! Arming: a person makes a proposed command runnable, one by one.

use super::{Context, known, reason};
use crate::checklist::lint::secrets;
use crate::checklist::proposal::{self, Proposal, ProposalLanguage};
use crate::checklist::{Item, ItemId};
use crate::deployment::fact::Fact;
use crate::deployment::plan::Plan;
use crate::deployment::refusal::{NamedItem, Refusal};
use crate::deployment::state::State;
use crate::deployment::status::{Board, ItemStatus};
use std::collections::BTreeMap;

/// What a person typed to arm a command.
pub(super) struct Typed {
    pub values: BTreeMap<String, String>,
    pub destroys: Option<String>,
    pub confirmation: Option<String>,
}

pub(super) fn arm(
    plan: &Plan,
    state: &State,
    context: &Context,
    id: ItemId,
    number: u32,
    typed: &Typed,
) -> Result<Vec<Fact>, Refusal> {
    let item = known(plan, &id)?;
    let named = || NamedItem::item(plan, &id);
    if context.by.simulated.is_some() {
        return Err(Refusal::SimulatedMayNotEnable(named()));
    }
    let proposal = runnable(item, number).map_err(|why| Refusal::NothingToArm { item: named(), why })?;
    if let Some(reason) = plan.inapplicable(item) {
        return Err(Refusal::Inapplicable { item: named(), reason });
    }
    let Some((environment, _)) = plan.environment_of(item) else {
        let slot = item.slot.clone().unwrap_or_else(|| "none".into());
        return Err(Refusal::SlotEmpty { slot, item: named() });
    };
    refuse_complete(plan, state, context, item)?;
    let command = filled(proposal, &typed.values, &named)?;
    // Asked of what will run: a value may bring in what the text as written did not do.
    if let Some(destroys) = proposal::destructive(&command)
        && typed.destroys.as_deref().map(str::trim) != Some(destroys)
    {
        return Err(Refusal::DestructionUnconfirmed { item: named(), destroys });
    }
    if plan.is_protected(item) && typed.confirmation.as_deref().map(str::trim) != Some(environment.as_str()) {
        return Err(Refusal::ConfirmationNeeded { item: named(), environment: environment.clone() });
    }
    let history = state.history(&id);
    let same = history.is_some_and(|history| {
        let unused = history.current_attempts().is_empty();
        unused && history.armed().is_some_and(|armed| armed.proposal == number && armed.command == command)
    });
    if same {
        return Err(Refusal::Completion { item: named(), state: "enabled with this command".to_owned() });
    }
    Ok(vec![Fact::CommandArmed { item: id, proposal: number, command }])
}

/// What was armed by mistake is taken back, until it ran: after that the ledger says what ran.
pub(super) fn disarm(plan: &Plan, state: &State, id: ItemId, why: &str) -> Result<Vec<Fact>, Refusal> {
    let named = || NamedItem::item(plan, &id);
    let Some(history) = state.history(&id).filter(|history| history.armed().is_some()) else {
        return Err(Refusal::NothingToTakeBack { item: named(), wanted: "enabled" });
    };
    if let Some(attempt) = history.current_attempts().last() {
        return Err(Refusal::HasRun { item: named(), attempt: *attempt });
    }
    Ok(vec![Fact::CommandDisarmed { reason: reason(why)?, item: id }])
}

/// The proposal of a number, or why it could never run.
fn runnable(item: &Item, number: u32) -> Result<&Proposal, Option<String>> {
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let count = item.proposals.len();
    if count == 0 {
        return Err(None);
    }
    let proposal = index.and_then(|index| item.proposals.get(index));
    let proposal = proposal.ok_or_else(|| Some(format!("it has {count}, and {number} is none of them")))?;
    match proposal.language {
        ProposalLanguage::Shell => Ok(proposal),
        ProposalLanguage::Sql => {
            Err(Some("SQL is run by hand, or as an `sql` check of a checklist with a database".to_owned()))
        }
    }
}

/// An item that is complete by a person, or whose last attempt is under way or unknown, takes no command. One that an
/// earlier command of its own complete takes the next.
fn refuse_complete(plan: &Plan, state: &State, context: &Context, item: &Item) -> Result<(), Refusal> {
    let named = || NamedItem::item(plan, &item.id);
    let ran = state.history(&item.id).is_some_and(|history| history.armed().is_some());
    match Board::at(plan, state, context.at).status(&item.id) {
        ItemStatus::Running(attempt) => Err(Refusal::Running { item: named(), attempt: *attempt }),
        ItemStatus::Lost(attempt) => Err(Refusal::Unresolved { item: named(), attempt: *attempt }),
        ItemStatus::Done if ran => Ok(()),
        status if status.is_complete() => Err(Refusal::Completion { item: named(), state: status.word().to_owned() }),
        _ => Ok(()),
    }
}

fn filled(
    proposal: &Proposal,
    values: &BTreeMap<String, String>,
    named: &dyn Fn() -> NamedItem,
) -> Result<String, Refusal> {
    if let Some((placeholder, _)) = values.iter().find(|(_, value)| value.trim().chars().any(char::is_control)) {
        return Err(Refusal::ValueNotPlain { placeholder: placeholder.clone() });
    }
    let command = proposal.armed(values).map_err(|missing| Refusal::PlaceholdersUnfilled { item: named(), missing })?;
    if secrets::find(&command).is_empty() { Ok(command) } else { Err(Refusal::PasswordInCommand { item: named() }) }
}
