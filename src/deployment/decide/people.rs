//! Roles, and gates opened by two people.

use super::{Context, reason, text};
use crate::checklist::{GroupId, Phase, PhaseId, RoleId};
use crate::deployment::fact::{Fact, OverrideRequested};
use crate::deployment::gate;
use crate::deployment::plan::Plan;
use crate::deployment::record::Seq;
use crate::deployment::refusal::{NamedPhase, Refusal};
use crate::deployment::roles;
use crate::deployment::state::State;
use crate::deployment::status::Board;

pub(super) fn assign(
    plan: &Plan,
    state: &State,
    group: GroupId,
    role: RoleId,
    person: &str,
) -> Result<Vec<Fact>, Refusal> {
    let known = plan.checklist().signoff(&group).is_some_and(|known| known.roles.iter().any(|r| r.id == role));
    if !known {
        return Err(Refusal::NoSuchRole(format!("{group}/{role}")));
    }
    let person = text(person)?;
    let same = state.roles.get(&(group.clone(), role.clone())).is_some_and(|held| held.person == person);
    Ok(if same { Vec::new() } else { vec![Fact::RoleAssigned { group, role, person }] })
}

pub(super) fn release(
    plan: &Plan,
    state: &State,
    group: GroupId,
    role: RoleId,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    let key = (group, role);
    if !state.roles.contains_key(&key) {
        return Err(Refusal::RoleVacant(roles::title_of(plan, &key)));
    }
    let (group, role) = key;
    Ok(vec![Fact::RoleReleased { group, role, reason: reason(why)? }])
}

fn phase<'a>(plan: &'a Plan, id: &PhaseId) -> Result<&'a Phase, Refusal> {
    plan.checklist().phase(id).ok_or_else(|| Refusal::NoSuchPhase(id.clone()))
}

/// What is passed over is what is missing now and nothing that comes to be missing later.
pub(super) fn request_override(
    plan: &Plan,
    state: &State,
    context: &Context,
    id: PhaseId,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    let phase = phase(plan, &id)?;
    let reason = reason(why)?;
    let mut board = Board::at(plan, state, context.at);
    let needs = gate::needs(plan, state, &mut board, phase);
    if needs.is_empty() {
        return Err(Refusal::GateOpen(NamedPhase::phase(phase)));
    }
    let mut requirements: Vec<String> = needs.iter().map(|need| need.requirement.to_string()).collect();
    requirements.dedup();
    let missing = needs.into_iter().map(|need| need.missing).collect();
    Ok(vec![Fact::OverrideRequested(OverrideRequested { phase: id, reason, requirements, missing }.into())])
}

/// The second person differs from the first by user and by name, so that nobody agrees with themselves.
pub(super) fn confirm_override(
    plan: &Plan,
    state: &State,
    context: &Context,
    id: PhaseId,
    word: &str,
) -> Result<Vec<Fact>, Refusal> {
    let known = phase(plan, &id)?;
    let word = text(word)?;
    let asked = state.override_requested(&id).ok_or_else(|| Refusal::NoOverrideRequested(NamedPhase::phase(known)))?;
    let first = &asked.requested.by;
    let alike = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    if alike(&first.user, &context.by.user) || alike(&first.says, &context.by.says) {
        return Err(Refusal::SecondPersonNeeded((**first).clone()));
    }
    let request: Seq = asked.requested.seq;
    Ok(vec![Fact::OverrideConfirmed { phase: id, request, word }])
}
