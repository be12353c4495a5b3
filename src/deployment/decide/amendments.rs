//! Taking another checklist over while the deployment is open.

use super::reason;
use crate::checklist::Item;
use crate::deployment::amendment::{self, Amended, Difference};
use crate::deployment::attempt::AttemptPhase;
use crate::deployment::fact::Fact;
use crate::deployment::intent::Amendment;
use crate::deployment::plan::Plan;
use crate::deployment::refusal::{NamedItem, Refusal};
use crate::deployment::state::State;

pub fn amend(plan: &Plan, state: &State, asked: Amendment) -> Result<Vec<Fact>, Refusal> {
    let Amendment { checklist, file, reason: why, text_sha256 } = asked;
    let why = reason(&why)?;
    let new = Plan::new(checklist, plan.bindings().clone());
    if new.digest() == plan.digest() {
        return Err(Refusal::NothingAmended);
    }
    for slot in &new.written().slots {
        let bound = new.environment_in(&slot.id);
        if bound.is_none_or(|(_, environment)| environment.slot != slot.id) {
            let environment = plan.bindings().get(&slot.id).map(ToString::to_string).unwrap_or_default();
            return Err(Refusal::AmendedUnbound { slot: slot.id.clone(), environment });
        }
    }
    let Difference { added, removed, changed, .. } = Difference::between(plan, &new);
    for id in changed.iter().chain(&removed) {
        let named = || NamedItem::item(plan, id);
        if let Some(attempt) = state.latest(id) {
            match &attempt.phase {
                AttemptPhase::Running { .. } => {
                    return Err(Refusal::StillRunning { item: named(), attempt: attempt.number });
                }
                AttemptPhase::Lost { resolution: None, .. } => {
                    return Err(Refusal::Unresolved { item: named(), attempt: attempt.number });
                }
                AttemptPhase::Lost { resolution: Some(_), .. } | AttemptPhase::Finished(_) => {}
            }
        }
    }
    // What was carried out, and where, stays part of the story.
    let attempted = |item: &&Item| state.attempts.iter().any(|attempt| attempt.item == item.id);
    for before in plan.written().items().filter(attempted) {
        let after = new.written().item(&before.id);
        let kept = after
            .is_some_and(|after| (&after.slot, after.access, after.risk) == (&before.slot, before.access, before.risk));
        if !kept {
            return Err(Refusal::AmendsCarriedOut { item: NamedItem::item(plan, &before.id) });
        }
    }
    let after_failure: Vec<_> = changed.iter().filter(|id| amendment::failure(state, id).is_some()).cloned().collect();
    let mut loosened = Vec::new();
    for id in &after_failure {
        let (Some(before), Some(after)) = (plan.written().item(id), new.written().item(id)) else { continue };
        let failed = amendment::failure(state, id).unwrap_or_default();
        let easier = amendment::loosened(before, after);
        loosened.extend(easier.into_iter().map(|what| format!("{id}: {what}, after {failed} failed")));
    }
    Ok(vec![Fact::ChecklistAmended(Amended {
        checklist: file,
        before: plan.digest().clone(),
        digest: new.digest().clone(),
        snapshot: format!("checklist-{}.toml", state.amendments.len() + 2),
        snapshot_sha256: text_sha256,
        reason: why,
        added,
        removed,
        changed,
        after_failure,
        loosened,
    })])
}
