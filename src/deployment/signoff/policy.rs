//! What a checklist asks of a group's sign-offs: signatures, how many people, and that nobody approves their own work.

use super::{Line, Proof, Standing};
use crate::checklist::model::{OwnWork, Signatures, SignoffGroup};
use crate::checklist::{GroupId, RoleId};
use crate::deployment::operator::Operator;
use crate::deployment::plan::Plan;
use crate::deployment::state::{Stamp, State};
use std::collections::BTreeSet;

/// Whether a GO counts for its group: it is signed where the checklist asks for it. Simulated people have no keys.
#[must_use]
pub(crate) fn counts(line: &Line<'_>) -> bool {
    let (Standing::Go, Some((stamp, signed))) = (line.standing, line.signed) else { return false };
    match line.group.signed {
        Signatures::Optional => true,
        Signatures::Required => Proof::of(signed) == Proof::Signed || stamp.by.simulated.is_some(),
    }
}

/// How many people gave a GO that counts: one key or user in two roles is one person.
#[must_use]
pub(crate) fn people(lines: &[Line<'_>]) -> u32 {
    let counted = lines.iter().filter(|line| counts(line)).filter_map(|line| line.signed);
    let people: BTreeSet<String> = counted
        .map(|(stamp, signed)| match (&signed.signature, &stamp.by.simulated) {
            (_, Some(role)) => format!("simulated {role}"),
            (Some(signature), None) => signature.fingerprint.clone(),
            (None, None) => stamp.by.user.clone(),
        })
        .collect();
    u32::try_from(people.len()).unwrap_or(u32::MAX)
}

/// Whether the sign-off of that record was taken back.
#[must_use]
pub(crate) fn withdrawn(state: &State, signed: &Stamp, group: &GroupId, role: &RoleId) -> bool {
    let mut all = state.withdrawn.iter();
    all.any(|withdrawn| withdrawn.stamp.seq > signed.seq && withdrawn.group == *group && withdrawn.role == *role)
}

/// The first item of a group's phases that this person carried out, ticked, filled in or waived, where the checklist
/// wants others to approve that.
#[must_use]
pub(crate) fn own_work<'a>(plan: &'a Plan, state: &State, group: &SignoffGroup, by: &Operator) -> Option<&'a str> {
    if group.own_work == OwnWork::Allowed || by.simulated.is_some() {
        return None;
    }
    let same = |other: &Operator| other.user == by.user && other.simulated.is_none();
    let phases = group.phases.iter().filter_map(|phase| plan.checklist().phase(phase));
    let mut items = phases.flat_map(crate::checklist::Phase::items);
    let own = items.find(|item| {
        let Some(history) = state.history(&item.id) else { return false };
        let stamps = [
            history.checked.as_ref(),
            history.waived.as_ref().map(|waived| &waived.stamp),
            history.value.as_ref().map(|(stamp, _)| stamp),
        ];
        let ran = history.attempts.iter().filter_map(|number| state.attempt(*number));
        stamps.into_iter().flatten().any(|stamp| same(&stamp.by)) || ran.into_iter().any(|attempt| same(&attempt.by))
    });
    own.map(|item| item.title.as_str())
}
