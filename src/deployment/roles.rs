//! Roles and the people they were given to.

use super::operator::Operator;
use super::plan::Plan;
use super::seat::is_named;
use super::signoff::policy::withdrawn;
use super::state::{Stamp, State};
use crate::checklist::model::{SameUser, SignoffRole};
use crate::checklist::{GroupId, RoleId};
use std::collections::BTreeMap;

/// Who holds which role, by group and role.
pub type Roles = BTreeMap<(GroupId, RoleId), Assignment>;

#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    pub stamp: Stamp,
    pub person: String,
}

/// Something about the roles that should be mended before T-0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    Vacant {
        role: String,
    },
    /// One person in two roles that the checklist wants apart.
    SamePerson {
        person: String,
        roles: [String; 2],
    },
    /// One user of the operating system signed in both, under whatever names.
    SameUser {
        user: String,
        roles: [String; 2],
        /// The checklist lets them share a user, and no two keys show that they are two people.
        allowed: bool,
    },
}

impl std::fmt::Display for Concern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Concern::Vacant { role } => write!(f, "nobody is {role}"),
            Concern::SameUser { user, roles: [a, b], allowed: false } => {
                write!(f, "{a} and {b} must be two people, and the same user, {user}, signed both")
            }
            Concern::SameUser { user, roles: [a, b], allowed: true } => {
                write!(f, "the same user, {user}, signed {a} and {b}, as the checklist allows, without two keys")
            }
            Concern::SamePerson { person, roles: [a, b] } => {
                write!(f, "{person} is both {a} and {b}, which must be two people")
            }
        }
    }
}

/// What is wrong with the roles, those without a person first. Silent as long as no role was ever given to anybody.
pub fn concerns(plan: &Plan, state: &State) -> Vec<Concern> {
    let mut concerns = same_users(plan, state);
    if state.roles.is_empty() {
        return concerns;
    }
    let mut clashes = Vec::new();
    for group in &plan.checklist().signoffs {
        for role in &group.roles {
            let title = format!("{}, {}", role.title, group.title);
            let Some(own) = state.roles.get(&(group.id.clone(), role.id.clone())) else {
                concerns.push(Concern::Vacant { role: title });
                continue;
            };
            for other in &role.differs_from {
                let Some((other_group, other_role)) = other.split_once('/') else { continue };
                let key = (GroupId::new(other_group), RoleId::new(other_role));
                let clash = state.roles.get(&key).filter(|them| same_name(&them.person, &own.person));
                if clash.is_some() {
                    let roles = [title.clone(), title_of(plan, &key)];
                    clashes.push(Concern::SamePerson { person: own.person.clone(), roles });
                }
            }
        }
    }
    concerns.extend(clashes);
    concerns
}

/// Roles that must differ and that one user signed. Where the checklist lets them share a user, two keys are two people, as
/// for a gate, for `sign` and for `verify`.
fn same_users(plan: &Plan, state: &State) -> Vec<Concern> {
    let roles =
        plan.checklist().signoffs.iter().flat_map(|group| group.roles.iter().map(move |role| (&group.id, role)));
    let clash = |(group, role): (&GroupId, &SignoffRole)| {
        let by = last_signed(state, group, &role.id)?;
        let (other, them) = same_user(plan, state, (group, role), &by.by, |_| true)?;
        let refused = refused_same_user(plan, state, (group, role), &by.by);
        let key = |seq| state.signed.iter().find(|(stamp, _)| stamp.seq == seq)?.1.signature.as_ref();
        let keys = key(by.seq).zip(key(them.seq));
        let apart = keys.is_some_and(|(own, other)| own.fingerprint != other.fingerprint);
        if refused.is_none() && apart {
            return None;
        }
        let own = title_of(plan, &(group.clone(), role.id.clone()));
        let (user, allowed) = (by.by.user.clone(), refused.is_none());
        // Each pair once.
        (own < other).then(|| Concern::SameUser { user, roles: [own, other], allowed })
    };
    roles.filter_map(clash).collect()
}

/// A role that another person than this one must hold, and that was signed with the same key.
pub fn signed_with_same_key(
    plan: &Plan,
    state: &State,
    (group, role): (&GroupId, &SignoffRole),
    fingerprint: &str,
) -> Option<String> {
    let own = format!("{group}/{}", role.id);
    let known =
        plan.checklist().signoffs.iter().flat_map(|group| group.roles.iter().map(move |role| (&group.id, role)));
    let mut apart = known.filter(|(group, other)| {
        let path = format!("{group}/{}", other.id);
        path != own && (role.differs_from.contains(&path) || other.differs_from.contains(&own))
    });
    apart.find_map(|(group, other)| {
        let mut signed = state.signed.iter().rev();
        let (stamp, signed) = signed.find(|(_, signed)| signed.group == *group && signed.role == other.id)?;
        if withdrawn(state, stamp, group, &other.id) {
            return None;
        }
        let same = signed.signature.as_ref().is_some_and(|signature| signature.fingerprint == fingerprint);
        same.then(|| title_of(plan, &(group.clone(), other.id.clone())))
    })
}

fn last_signed<'a>(state: &'a State, group: &GroupId, role: &RoleId) -> Option<&'a Stamp> {
    let mut signed = state.signed.iter().rev();
    let last = signed.find(|(_, signed)| signed.group == *group && signed.role == *role).map(|(stamp, _)| stamp);
    last.filter(|stamp| !withdrawn(state, stamp, group, role))
}

/// A role that another person than this one must hold, and that was signed by the user `by` acts as; with that sign-off.
/// Nobody where one of the roles says `same_user = "allowed"`; simulated people are nobody.
pub(crate) fn refused_same_user<'a>(
    plan: &Plan,
    state: &'a State,
    (group, role): (&GroupId, &SignoffRole),
    by: &Operator,
) -> Option<(String, &'a Stamp)> {
    if role.same_user == SameUser::Allowed {
        return None;
    }
    same_user(plan, state, (group, role), by, |other| other.same_user == SameUser::Refused)
}

fn same_user<'a>(
    plan: &Plan,
    state: &'a State,
    (group, role): (&GroupId, &SignoffRole),
    by: &Operator,
    counts: impl Fn(&SignoffRole) -> bool,
) -> Option<(String, &'a Stamp)> {
    let own = format!("{group}/{}", role.id);
    let known =
        plan.checklist().signoffs.iter().flat_map(|group| group.roles.iter().map(move |role| (&group.id, role)));
    let mut apart = known.filter(|(group, other)| {
        let path = format!("{group}/{}", other.id);
        path != own && counts(other) && (role.differs_from.contains(&path) || other.differs_from.contains(&own))
    });
    apart.find_map(|(group, other)| {
        let signed = last_signed(state, group, &other.id)?;
        let same = signed.by.user == by.user && signed.by.simulated.is_none() && by.simulated.is_none();
        same.then(|| (title_of(plan, &(group.clone(), other.id.clone())), signed))
    })
}

fn same_name(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// A role's title with its group's, as people know it.
pub fn title_of(plan: &Plan, (group, role): &(GroupId, RoleId)) -> String {
    let known = plan.checklist().signoff(group);
    let title = known.and_then(|known| known.roles.iter().find(|known| known.id == *role));
    match (known, title) {
        (Some(group), Some(role)) => format!("{}, {}", role.title, group.title),
        _ => format!("{group}/{role}"),
    }
}

/// The person that a role was given to, if it is somebody else than `by`. A simulated answer acts for anybody.
pub fn held_by_another<'a>(state: &'a State, group: &GroupId, role: &RoleId, by: &Operator) -> Option<&'a str> {
    let held = state.roles.get(&(group.clone(), role.clone()))?;
    let other = by.simulated.is_none() && !is_named(&held.person, by);
    other.then_some(held.person.as_str())
}
