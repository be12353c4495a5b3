//! Sign-offs: who has signed, for what, and whether it still stands.

pub mod evidence;
pub(crate) mod policy;
pub(crate) mod statement;

use super::fact::{Approval, Signed};
use super::flight;
use super::plan::Plan;
use super::state::{Stamp, State};
use super::status::Board;
use crate::checklist::model::{SignoffGroup, SignoffRole};
use crate::checklist::{Digest, GroupId, RoleId};

/// A role of a group with what its holder has said last.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'a> {
    pub group: &'a SignoffGroup,
    pub role: &'a SignoffRole,
    pub signed: Option<(&'a Stamp, &'a Signed)>,
    pub standing: Standing,
}

/// So far a signer's clock may be ahead of the one that records.
pub(crate) const AHEAD: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Standing {
    Unsigned,
    Go,
    NoGo,
    /// The checklist or the evidence has changed since it was signed.
    Stale,
    /// Taken back by its signer.
    Withdrawn,
}

/// What stands behind a sign-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A signature of the text, by a key that may sign for the role.
    Signed,
    /// The user that the operating system knows, and no signature.
    Attested,
}

impl Proof {
    #[must_use]
    pub fn of(signed: &Signed) -> Self {
        if signed.signature.is_some() { Self::Signed } else { Self::Attested }
    }

    pub fn word(self) -> &'static str {
        match self {
            Proof::Signed => "signed",
            Proof::Attested => "attested, not signed",
        }
    }
}

impl Standing {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// Every sign-off line of the checklist, in its order.
pub fn lines<'a>(plan: &'a Plan, state: &'a State, board: &mut Board) -> Vec<Line<'a>> {
    let groups = &plan.checklist().signoffs;
    groups.iter().flat_map(|group| group_lines(plan, state, board, group)).collect()
}

/// What a group still lacks, one sentence a role; empty when enough have signed GO and it still stands.
pub fn lacking(plan: &Plan, state: &State, board: &mut Board, group: &GroupId) -> Vec<String> {
    let Some(group) = plan.checklist().signoff(group) else {
        return vec![format!("no sign-off group {group}")];
    };
    lacking_in(plan, state, board, group)
}

/// The same of a group as it is given, which an earlier checklist may have asked for.
pub(crate) fn lacking_in(plan: &Plan, state: &State, board: &mut Board, group: &SignoffGroup) -> Vec<String> {
    let lines = group_lines(plan, state, board, group);
    let enough = group.at_least.is_some_and(|needed| policy::people(&lines) >= needed);
    let lacking = lines.iter().filter_map(|line| {
        let (role, group) = (&line.role.title, &line.group.title);
        let missing = match line.standing {
            // One that objects is not outvoted.
            Standing::NoGo => return Some(format!("{role} said NO-GO for {group}")),
            _ if enough => return None,
            Standing::Go if policy::counts(line) => return None,
            Standing::Go => format!("{role}'s sign-off for {group} is attested, and has to be signed with a key"),
            Standing::Stale => format!("{role}'s sign-off for {group} is stale"),
            Standing::Withdrawn => format!("{role}'s sign-off for {group} was withdrawn"),
            Standing::Unsigned => format!("{role} has not signed {group}"),
        };
        Some(missing)
    });
    let mut lacking: Vec<String> = lacking.collect();
    if let (Some(needed), true, true) = (group.at_least, lacking.is_empty(), !enough) {
        lacking.push(format!("{} needs {needed} people, and {} signed", group.title, policy::people(&lines)));
    }
    lacking
}

/// How one group's roles stand.
pub fn group_lines<'a>(plan: &'a Plan, state: &'a State, board: &mut Board, group: &'a SignoffGroup) -> Vec<Line<'a>> {
    // By the form in which the evidence was digested.
    let mut evidence: Option<(u32, Digest)> = None;
    let mut lines = Vec::with_capacity(group.roles.len());
    for role in &group.roles {
        let signed = latest(state, &group.id, &role.id);
        let standing = match signed {
            None => Standing::Unsigned,
            Some((stamp, _)) if policy::withdrawn(state, stamp, &group.id, &role.id) => Standing::Withdrawn,
            Some((_, signed)) => {
                let form = signed.evidence_form;
                let known = evidence.take().filter(|(known, _)| *known == form);
                let (_, now) =
                    evidence.insert(known.unwrap_or_else(|| (form, evidence::digest(plan, state, board, group, form))));
                if signed.checklist != *plan.digest() || signed.evidence != *now {
                    Standing::Stale
                } else {
                    match signed.decision {
                        Approval::Go => Standing::Go,
                        Approval::NoGo => Standing::NoGo,
                    }
                }
            }
        };
        lines.push(Line { group, role, signed, standing });
    }
    lines
}

/// Who said NO-GO and has not taken it back, where the group covers something before the decision: each with its group and
/// a sentence. A NO-GO is not gone because the evidence changed since; who gave it looks again.
pub fn objections<'a>(plan: &'a Plan, state: &'a State) -> Vec<(&'a SignoffGroup, String)> {
    let before: Vec<_> = flight::phases_to_decision(plan).map(|phase| &phase.id).collect();
    let covers =
        |group: &&SignoffGroup| group.phases.is_empty() || group.phases.iter().any(|own| before.contains(&own));
    let mut objections = Vec::new();
    for group in plan.checklist().signoffs.iter().filter(covers) {
        for role in &group.roles {
            let Some((stamp, signed)) = latest(state, &group.id, &role.id) else { continue };
            if signed.decision == Approval::NoGo && !policy::withdrawn(state, stamp, &group.id, &role.id) {
                let why = signed.comment.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                objections.push((group, format!("{} signed NO-GO for {}{why}", role.title, group.title)));
            }
        }
    }
    objections
}

fn latest<'a>(state: &'a State, group: &GroupId, role: &RoleId) -> Option<(&'a Stamp, &'a Signed)> {
    let found = state.signed.iter().rev().find(|(_, signed)| signed.group == *group && signed.role == *role);
    found.map(|(stamp, signed)| (stamp, signed))
}
