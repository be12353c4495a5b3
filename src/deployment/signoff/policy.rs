//! What a checklist asks of a group's sign-offs: signatures, how many people, and that nobody approves their own work.

use super::{Line, Proof, Standing};
use crate::checklist::model::{OwnWork, SameUser, Signatures, SignoffGroup, SignoffRole};
use crate::checklist::{GroupId, RoleId};
use crate::deployment::fact::Signed;
use crate::deployment::operator::Operator;
use crate::deployment::plan::Plan;
use crate::deployment::record::Seq;
use crate::deployment::state::{Stamp, State};
use std::collections::BTreeSet;

/// Whether a GO counts for its group: it is signed where the checklist asks for it. Simulated people have no keys.
pub(crate) fn counts(line: &Line<'_>) -> bool {
    let (Standing::Go, Some((stamp, signed))) = (line.standing, line.signed) else { return false };
    match line.group.signed {
        Signatures::Optional => true,
        Signatures::Required => Proof::of(signed) == Proof::Signed || stamp.by.simulated.is_some(),
    }
}

/// How many people gave a GO that counts: one key, one user or one name in several roles is one person. Where a role says
/// `same_user = "allowed"`, several people share a user, and their keys alone tell them apart.
pub(crate) fn people(lines: &[Line<'_>]) -> u32 {
    let mut people: Vec<BTreeSet<String>> = Vec::new();
    for line in lines.iter().filter(|line| counts(line)) {
        let Some((stamp, signed)) = line.signed else { continue };
        let mut person = marks(line.role, &stamp.by, signed);
        people.retain(|other| {
            let same = !other.is_disjoint(&person);
            if same {
                person.extend(other.iter().cloned());
            }
            !same
        });
        people.push(person);
    }
    u32::try_from(people.len()).unwrap_or(u32::MAX)
}

/// What a person is known by in a sign-off.
fn marks(role: &SignoffRole, by: &Operator, signed: &Signed) -> BTreeSet<String> {
    if let Some(role) = &by.simulated {
        return BTreeSet::from([format!("simulated {role}")]);
    }
    let key = signed.signature.as_ref().map(|signature| format!("key {}", signature.fingerprint));
    if role.same_user == SameUser::Allowed
        && let Some(key) = key
    {
        return BTreeSet::from([key]);
    }
    let name = format!("name {}", signed.name.trim().to_lowercase());
    [format!("user {}", by.user), name].into_iter().chain(key).collect()
}

/// A signature that stands: the last one of its role, whatever was attested since, and not withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StandingSignature<'a> {
    pub record: Seq,
    pub name: &'a str,
    pub fingerprint: &'a str,
}

/// The signature of a role that another sign-off would replace.
pub(crate) fn standing_signature<'a>(
    state: &'a State,
    group: &GroupId,
    role: &RoleId,
) -> Option<StandingSignature<'a>> {
    let mut own = state.signed.iter().rev().filter(|(_, signed)| signed.group == *group && signed.role == *role);
    let (stamp, signed, signature) =
        own.find_map(|(stamp, signed)| Some((stamp, signed, signed.signature.as_ref()?)))?;
    (!withdrawn(state, stamp, group, role)).then_some(StandingSignature {
        record: stamp.seq,
        name: &signed.name,
        fingerprint: &signature.fingerprint,
    })
}

/// Each sign-off of a role that took the place of a signature by another key, or of one by any key without having one
/// itself, in the order in which they were given.
pub(crate) fn replacements<'a>(state: &'a State, group: &GroupId, role: &RoleId) -> Vec<Replacement<'a>> {
    let own = state.signed.iter().filter(|(_, signed)| signed.group == *group && signed.role == *role);
    let mut before: Option<(&Stamp, &Signed)> = None;
    let mut found = Vec::new();
    for (stamp, signed) in own {
        let between = |record: Seq| {
            let mut all = state.withdrawn.iter().filter(|known| known.group == *group && known.role == *role);
            all.any(|known| known.stamp.seq > record && known.stamp.seq < stamp.seq)
        };
        let key = signed.signature.as_ref().map(|signature| signature.fingerprint.as_str());
        let old = before.filter(|(old, _)| !between(old.seq));
        if let Some((old, replaced)) = old
            && let Some(signature) = &replaced.signature
            && key != Some(signature.fingerprint.as_str())
        {
            let fingerprint = signature.fingerprint.as_str();
            let replaced = StandingSignature { record: old.seq, name: &replaced.name, fingerprint };
            found.push(Replacement { replaced, by: (stamp, signed) });
        }
        // What was attested over a signature hides none.
        if key.is_some() || old.is_none() {
            before = Some((stamp, signed));
        }
    }
    found
}

/// A signature, and the sign-off that took its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Replacement<'a> {
    pub replaced: StandingSignature<'a>,
    pub by: (&'a Stamp, &'a Signed),
}

impl std::fmt::Display for Replacement<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (stamp, signed) = self.by;
        let StandingSignature { record, name, fingerprint } = self.replaced;
        let how = match &signed.signature {
            Some(signature) => format!("signed with {}", signature.fingerprint),
            None => "without a key".to_owned(),
        };
        write!(
            f,
            "record {}, {} {how}, replaces {name}'s signature with {fingerprint} (record {record})",
            stamp.seq, signed.name
        )
    }
}

/// Whether the sign-off of that record was taken back.
pub(crate) fn withdrawn(state: &State, signed: &Stamp, group: &GroupId, role: &RoleId) -> bool {
    let mut all = state.withdrawn.iter();
    all.any(|withdrawn| withdrawn.stamp.seq > signed.seq && withdrawn.group == *group && withdrawn.role == *role)
}

/// The first item of a group's phases that this person carried out, ticked, filled in or waived, where the checklist
/// wants others to approve that.
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
