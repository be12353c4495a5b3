//! Sign-offs: who has signed, for what, and whether it still stands.

use super::fact::{Approval, Signed};
use super::plan::Plan;
use super::state::{Stamp, State};
use super::status::Board;
use crate::checklist::model::{SignoffGroup, SignoffRole};
use crate::checklist::{Digest, GroupId, RoleId};
use std::fmt::Write as _;

/// A role of a group with what its holder has said last.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'a> {
    pub group: &'a SignoffGroup,
    pub role: &'a SignoffRole,
    pub signed: Option<(&'a Stamp, &'a Signed)>,
    pub standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Unsigned,
    Go,
    NoGo,
    /// The checklist or the evidence has changed since it was signed.
    Stale,
}

impl Standing {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Standing::Unsigned => "unsigned",
            Standing::Go => "go",
            Standing::NoGo => "no-go",
            Standing::Stale => "stale",
        }
    }
}

/// Every sign-off line of the checklist, in its order.
pub fn lines<'a>(plan: &'a Plan, state: &'a State, board: &mut Board) -> Vec<Line<'a>> {
    let groups = &plan.checklist().signoffs;
    groups.iter().flat_map(|group| group_lines(plan, state, board, group)).collect()
}

/// What a group still lacks, one sentence a role; empty when all have signed GO and it still stands.
pub fn lacking(plan: &Plan, state: &State, board: &mut Board, group: &GroupId) -> Vec<String> {
    let Some(group) = plan.checklist().signoff(group) else {
        return vec![format!("no sign-off group {group}")];
    };
    let lines = group_lines(plan, state, board, group);
    let lacking = lines.iter().filter(|line| line.standing != Standing::Go).map(|line| {
        let role = &line.role.title;
        match line.standing {
            Standing::NoGo => format!("{role} said NO-GO for {}", group.title),
            Standing::Stale => format!("{role}'s sign-off for {} is stale", group.title),
            _ => format!("{role} has not signed {}", group.title),
        }
    });
    lacking.collect()
}

fn group_lines<'a>(plan: &'a Plan, state: &'a State, board: &mut Board, group: &'a SignoffGroup) -> Vec<Line<'a>> {
    let mut evidence = None;
    let mut lines = Vec::with_capacity(group.roles.len());
    for role in &group.roles {
        let signed = latest(state, &group.id, &role.id);
        let standing = match signed {
            None => Standing::Unsigned,
            Some((_, signed)) => {
                let evidence = evidence.get_or_insert_with(|| evidence_digest(plan, state, board, group));
                if signed.checklist != *plan.digest() || signed.evidence != *evidence {
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

fn latest<'a>(state: &'a State, group: &GroupId, role: &RoleId) -> Option<(&'a Stamp, &'a Signed)> {
    let found = state.signed.iter().rev().find(|(_, signed)| signed.group == *group && signed.role == *role);
    found.map(|(stamp, signed)| (stamp, signed))
}

/// The digest of where every item of the group's phases stands, with the attempt behind it.
pub fn evidence_digest(plan: &Plan, state: &State, board: &mut Board, group: &SignoffGroup) -> Digest {
    let mut text = String::from("gonogo-evidence-1\n");
    for phase in &group.phases {
        for item in plan.checklist().phase(phase).into_iter().flat_map(super::super::checklist::model::Phase::items) {
            let status = board.resolve(plan, state, &item.id);
            let history = state.history(&item.id);
            let attempt = history.and_then(|h| h.attempts.last()).map_or(0, |number| number.0);
            let value = history.and_then(|h| h.value.as_ref()).map_or("", |(_, value)| value);
            let _ = writeln!(text, "{}\t{}\t{attempt}\t{value:?}", item.id, status.word());
        }
    }
    Digest::of(text.as_bytes())
}
