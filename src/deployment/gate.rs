//! What must hold before a phase or an item may start.

use super::plan::Plan;
use super::refusal::{NamedItem, NamedPhase, Refusal};
use super::signoff;
use super::state::State;
use super::status::{Board, ItemStatus};
use crate::checklist::evidence::Reference;
use crate::checklist::{Item, Phase};

/// What a phase's gate still lacks, one sentence each; empty when it is open.
pub fn missing(plan: &Plan, state: &State, board: &mut Board, phase: &Phase) -> Vec<String> {
    let references = phase.gate.iter();
    references.flat_map(|reference| lacks(plan, state, board, reference)).collect()
}

/// What a reference lacks to hold.
pub fn lacks(plan: &Plan, state: &State, board: &mut Board, reference: &Reference) -> Vec<String> {
    if let Reference::Signoff(group) = reference {
        return signoff::lacking(plan, state, board, group);
    }
    let items = plan.referenced(reference);
    let unsettled: Vec<(&Item, ItemStatus)> = items
        .iter()
        .map(|item| (*item, board.resolve(plan, state, &item.id)))
        .filter(|(_, status)| !status.is_settled())
        .collect();
    let Some((first, status)) =
        unsettled.iter().find(|(_, s)| matches!(s, ItemStatus::Failed(_))).or(unsettled.first())
    else {
        return not_opened(plan, state, board, reference);
    };
    let name = match reference {
        Reference::Item(_) => return vec![format!("`{}` is {}", first.title, status.word())],
        Reference::Phase(id) => plan.checklist().phase(id).map_or_else(|| id.to_string(), |p| p.title.clone()),
        other => plan.section_of(&first.id).map_or_else(|| other.to_string(), |s| s.title.clone()),
    };
    vec![format!(
        "{name} has {} of {} to settle, first `{}` ({})",
        unsettled.len(),
        items.len(),
        first.title,
        status.word()
    )]
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

/// Why an item may not start now, apart from what it is itself.
pub fn obstacle(plan: &Plan, state: &State, board: &mut Board, item: &Item) -> Option<Refusal> {
    let phase = plan.phase_of(&item.id)?;
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
    let waits_for = waits.iter().flat_map(|reference| lacks(plan, state, board, reference)).next()?;
    Some(Refusal::NotYet { item: NamedItem::item(plan, &item.id), waits_for })
}
