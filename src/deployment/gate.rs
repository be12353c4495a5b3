//! What must hold before a phase or an item may start.

use super::outdated;
use super::plan::Plan;
use super::refusal::{NamedItem, NamedPhase, Refusal};
use super::rollback::Ending;
use super::signoff;
use super::state::State;
use super::status::{Board, ItemStatus};
use super::watching;
use crate::checklist::evidence::Reference;
use crate::checklist::model::Freshness;
use crate::checklist::offset::Span;
use crate::checklist::{Check, Item, Phase};
use crate::harmless::one_line;
use chrono::TimeDelta;

/// One requirement of a gate that does not hold, and who can give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub requirement: Reference,
    /// What is missing, as a sentence.
    pub missing: String,
    /// Who can give it.
    pub who: String,
}

/// What a phase's gate still lacks, one sentence each; empty when it is open.
pub fn missing(plan: &Plan, state: &State, board: &mut Board, phase: &Phase) -> Vec<String> {
    needs(plan, state, board, phase).into_iter().map(|need| need.missing).collect()
}

/// What a phase's gate still lacks and who can give it; empty when it is open. Requirements that two people agreed to go
/// without are left out.
pub fn needs(plan: &Plan, state: &State, board: &mut Board, phase: &Phase) -> Vec<Need> {
    let mut needs = Vec::new();
    for requirement in phase.gate.iter().filter(|requirement| !state.is_overridden(phase, requirement)) {
        let mut lacking = lacks(plan, state, board, requirement);
        let within = phase.gate_within.iter().filter(|fresh| Reference::Item(fresh.item.clone()) == *requirement);
        if lacking.is_empty() {
            lacking.extend(within.filter_map(|fresh| too_old(plan, state, board, fresh)));
        }
        let all = lacking.into_iter().map(|missing| {
            let who = giver(plan, state, board, requirement, &missing);
            Need { requirement: requirement.clone(), missing, who }
        });
        needs.extend(all);
    }
    needs
}

/// Why an item that passed does not count any more: it passed too long ago, or was waived and never passed.
fn too_old(plan: &Plan, state: &State, board: &Board, fresh: &Freshness) -> Option<String> {
    let title = plan.item(&fresh.item).map_or_else(|| fresh.item.to_string(), |item| item.in_sentence().to_owned());
    let passed = state.times.get(&fresh.item).and_then(|times| times.completed);
    let done = *board.status(&fresh.item) == ItemStatus::Done;
    let Some(passed) = passed.filter(|_| done) else {
        return Some(format!("`{title}` has not passed within {}", fresh.within));
    };
    let within = TimeDelta::from_std(fresh.within.duration()).unwrap_or(TimeDelta::MAX);
    let age = board.now().map_or(TimeDelta::zero(), |now| now - passed.at);
    // Between the clocks of two hosts a minute is nothing; a pass that is still to come is no pass.
    if age < TimeDelta::minutes(-1) {
        let at = passed.at.format("%Y-%m-%d %H:%M:%S UTC");
        return Some(format!("`{title}` is recorded as passed at {at}, which is still to come: a clock was wrong"));
    }
    let span = Span::from_millis(u64::try_from(age.num_seconds()).unwrap_or(0).saturating_mul(1_000));
    (age > within).then(|| format!("`{title}` passed {span} ago, and counts for {}", fresh.within))
}

/// Who can give what is missing.
fn giver(plan: &Plan, state: &State, board: &Board, requirement: &Reference, missing: &str) -> String {
    if let Reference::Signoff(group) = requirement {
        let roles = plan.checklist().signoff(group).map(|group| group.roles.as_slice()).unwrap_or_default();
        // Of two titles that begin alike, as QA and QA lead, the longer one is meant.
        let named = roles.iter().filter(|role| missing.starts_with(&role.title));
        let role = named.max_by_key(|role| role.title.len());
        let held = role.and_then(|role| state.roles.get(&(group.clone(), role.id.clone())));
        return match (role, held) {
            (Some(role), Some(held)) => format!("{}, as {}", held.person, role.title),
            (Some(role), None) => format!("whoever is {}", role.title),
            (None, _) => "the checklist's author".to_owned(),
        };
    }
    let items = plan.referenced(requirement);
    let by_hand = items
        .iter()
        .any(|item| matches!(item.check, Check::Manual | Check::Value(_)) && !board.status(&item.id).is_complete());
    let captain = state.seats.holder().map_or_else(|| "the captain".to_owned(), |holder| holder.stamp.by.to_string());
    if by_hand { format!("{captain}, by hand") } else { format!("{captain}, by carrying it out") }
}

/// What a reference lacks to hold.
pub fn lacks(plan: &Plan, state: &State, board: &mut Board, reference: &Reference) -> Vec<String> {
    if let Reference::Signoff(group) = reference {
        return signoff::lacking(plan, state, board, group);
    }
    let items = plan.referenced(reference);
    let incomplete: Vec<(&Item, ItemStatus)> = items
        .iter()
        .map(|item| (*item, board.resolve(plan, state, &item.id)))
        .filter(|(_, status)| !status.is_complete())
        .collect();
    let Some((first, status)) =
        incomplete.iter().find(|(_, s)| matches!(s, ItemStatus::Failed(_))).or(incomplete.first())
    else {
        return not_opened(plan, state, board, reference);
    };
    let name = match reference {
        Reference::Item(_) => {
            return vec![match status {
                ItemStatus::Outdated(why) => format!("`{}` was {why}", one_line(&first.title)),
                // "open" said of a step would read as said of the gate.
                ItemStatus::Open => format!("`{}` is not done yet", one_line(&first.title)),
                status => format!("`{}` is {}", one_line(&first.title), status.word()),
            }];
        }
        Reference::Phase(id) => plan.checklist().phase(id).map_or_else(|| id.to_string(), |p| p.title.clone()),
        other => plan.section_of(&first.id).map_or_else(|| other.to_string(), |s| s.title.clone()),
    };
    // Of those that apply, as the phase counts itself.
    let of = board.tally(items.iter().copied()).applicable();
    let (left, next) = (incomplete.len(), one_line(&first.title));
    let state = if *status == ItemStatus::Open { String::new() } else { format!(" ({})", status.word()) };
    vec![format!("{name} has {left} of {of} steps left, next `{next}`{state}")]
}

/// A phase whose own gate is shut satisfies nobody, even when nothing in it is left to do.
fn not_opened(plan: &Plan, state: &State, board: &mut Board, reference: &Reference) -> Vec<String> {
    let Reference::Phase(id) = reference else { return Vec::new() };
    let Some(phase) = plan.checklist().phase(id) else { return Vec::new() };
    match missing(plan, state, board, phase).first() {
        Some(first) => vec![format!("{} has not opened: {first}", phase.title)],
        None => Vec::new(),
    }
}

/// Why an attempt may not begin now. A watch whose period has begun reads what was measured, whatever failed before it: that it
/// can no longer hold is recorded at once.
pub fn obstacle_of_attempt(plan: &Plan, state: &State, board: &mut Board, item: &Item) -> Option<Refusal> {
    if let Check::Watch(watch) = &item.check
        && let Ok(period) = watching::period(plan, state, watch)
        && board.now().is_some_and(|now| period.has_begun(now))
    {
        return off_the_way(plan, state, item);
    }
    obstacle(plan, state, board, item)
}

/// Why an item may not start now, apart from what it is itself.
pub fn obstacle(plan: &Plan, state: &State, board: &mut Board, item: &Item) -> Option<Refusal> {
    let phase = plan.phase_of(&item.id)?;
    if let Some(refusal) = off_the_way(plan, state, item) {
        return Some(refusal);
    }
    let missing = missing(plan, state, board, phase);
    if !missing.is_empty() {
        return Some(Refusal::GateClosed { phase: NamedPhase::phase(phase), missing });
    }
    let section_after = plan.section_of(&item.id).map(|section| section.after.as_slice()).unwrap_or_default();
    let mut waits: Vec<Reference> = section_after.iter().chain(&item.after).cloned().collect();
    let mut level = Some(item.id.clone());
    while let Some(id) = level {
        // Every step before this one, not only the last: one that was waived or makes no sense here must not hide a
        // failed one behind it.
        let mut before = plan.predecessor(&id);
        while let Some(step) = before {
            waits.push(Reference::Item(step.clone()));
            before = plan.predecessor(step);
        }
        level = id.parent();
    }
    let named = NamedItem::item(plan, &item.id);
    if let Some(waits_for) = waits.iter().flat_map(|reference| lacks(plan, state, board, reference)).next() {
        return Some(Refusal::NotYet { item: named, waits_for });
    }
    let step = outdated::too_late(plan, state, item)?;
    Some(Refusal::BaselineTooLate { item: named, step: NamedItem::item(plan, &step.id) })
}

/// Why an item is not part of where the deployment is going now.
fn off_the_way(plan: &Plan, state: &State, item: &Item) -> Option<Refusal> {
    if state.closed.is_some() {
        return Some(Refusal::Closed);
    }
    if state.leads(plan, &item.id) {
        return None;
    }
    let back = plan.phase_of(&item.id).is_some_and(|phase| !phase.way.is_forward());
    if back && state.rollback.is_none() {
        return Some(Refusal::NoRollbackBegun(NamedItem::item(plan, &item.id)));
    }
    Some(if state.is_going_back() { Refusal::RollbackUnderWay } else { Refusal::Ended(ended_word(state)) })
}

fn ended_word(state: &State) -> &'static str {
    match (&state.rollback, &state.ending) {
        (Some(_), _) => "was rolled back",
        (None, Some(ended)) if ended.ending == Ending::Failed => "has failed",
        _ => "was aborted",
    }
}
