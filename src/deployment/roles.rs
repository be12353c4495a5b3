//! Roles and the people they were given to.

use super::operator::Operator;
use super::plan::Plan;
use super::seat::is_named;
use super::state::{Stamp, State};
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
}

impl std::fmt::Display for Concern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Concern::Vacant { role } => write!(f, "nobody is {role}"),
            Concern::SamePerson { person, roles: [a, b] } => {
                write!(f, "{person} is both {a} and {b}, which must be two people")
            }
        }
    }
}

/// What is wrong with the roles, those without a person first. Silent as long as no role was ever given to anybody.
#[must_use]
pub fn concerns(plan: &Plan, state: &State) -> Vec<Concern> {
    if state.roles.is_empty() {
        return Vec::new();
    }
    let mut concerns = Vec::new();
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

fn same_name(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// A role's title with its group's, as people know it.
#[must_use]
pub fn title_of(plan: &Plan, (group, role): &(GroupId, RoleId)) -> String {
    let known = plan.checklist().signoff(group);
    let title = known.and_then(|known| known.roles.iter().find(|known| known.id == *role));
    match (known, title) {
        (Some(group), Some(role)) => format!("{}, {}", role.title, group.title),
        _ => format!("{group}/{role}"),
    }
}

/// The person that a role was given to, if it is somebody else than `by`. A rehearsal's stand-in acts for anybody.
#[must_use]
pub fn held_by_another<'a>(state: &'a State, group: &GroupId, role: &RoleId, by: &Operator) -> Option<&'a str> {
    let held = state.roles.get(&(group.clone(), role.clone()))?;
    let other = by.stand_in.is_none() && !is_named(&held.person, by);
    other.then_some(held.person.as_str())
}
