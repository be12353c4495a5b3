//! Taking another checklist over while the deployment is open.

use super::reason;
use crate::checklist::{Digest, Item, ItemId};
use crate::deployment::amendment::{self, Amended, Changed, Difference};
use crate::deployment::attempt::AttemptPhase;
use crate::deployment::fact::Fact;
use crate::deployment::intent::Amendment;
use crate::deployment::plan::Plan;
use crate::deployment::refusal::{NamedItem, Refusal};
use crate::deployment::state::State;

pub(super) fn amend(plan: &Plan, state: &State, asked: Amendment) -> Result<Vec<Fact>, Refusal> {
    let Amendment { checklist, file, reason: why, text } = asked;
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
    let difference = Difference::between(plan, &new);
    let changed: Vec<ItemId> = difference.changed.iter().map(|changed| changed.item.clone()).collect();
    let ids = |named: &[(ItemId, String)]| named.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    let (added, removed) = (ids(&difference.added), ids(&difference.removed));
    // What is running ends under the checklist it began under; what nobody can tell of has to be looked at first.
    for id in changed.iter().chain(&removed) {
        if let Some(attempt) = state.latest(id)
            && matches!(attempt.phase, AttemptPhase::Lost { resolution: None, .. })
        {
            return Err(Refusal::Unresolved { item: NamedItem::item(plan, id), attempt: attempt.number });
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
    let after_failure = changed.iter().filter(|id| amendment::failure(state, id).is_some()).cloned().collect();
    let targets = difference.changed.iter().flat_map(Changed::targets).cloned().collect();
    let loosened = difference.loosened(state);
    let snapshot = format!("checklist-{}-{}.toml", state.amendments.len() + 2, new.digest().short());
    Ok(vec![Fact::ChecklistAmended(
        Amended {
            checklist: file,
            before: plan.digest().clone(),
            digest: new.digest().clone(),
            snapshot,
            snapshot_sha256: Some(Digest::of(text.as_bytes())),
            reason: why,
            added,
            removed,
            changed,
            after_failure,
            targets,
            loosened,
            relaxed: amendment::relaxed(plan.written(), new.written()),
        }
        .into(),
    )])
}
