//! Whether a pass means anything: what must have been so before, by what the ledger holds.

use super::attempt::Attempt;
use super::measurement::Verdict;
use super::plan::Plan;
use super::state::State;
use crate::checklist::check::kind::{Precondition, Thing};
use crate::checklist::check::{Check, MigrationTarget};
use crate::checklist::{EnvironmentName, Item, ItemId};

/// Whether the item's pass in this environment shows what it claims.
///
/// # Errors
/// Why it does not.
pub fn holds(plan: &Plan, state: &State, item: &Item, environment: &EnvironmentName) -> Result<(), Hollow> {
    match item.check.kind().precondition() {
        Precondition::None => Ok(()),
        Precondition::Lacking(why) => Err(Hollow::Lacking(why)),
        Precondition::PresentBefore { things, shown_by } => {
            things.iter().try_for_each(|thing| was_present(plan, state, environment, thing, shown_by))
        }
    }
}

/// That something is absent only counts where it was there before: seen by an earlier item of the same environment, or
/// made there by the item that the plan names. Before anything was migrated there, absence is where the deployment starts
/// from; it is enough then that another item will look for the same name.
fn was_present(
    plan: &Plan,
    state: &State,
    environment: &EnvironmentName,
    thing: &Thing,
    shown_by: Option<&ItemId>,
) -> Result<(), Hollow> {
    let finds = |item: &Item| item.check.kind().finds().contains(thing);
    let has_found = |attempt: &Attempt| passed(attempt) && plan.item(&attempt.item).is_some_and(finds);
    let mut here = state.attempts.iter().filter(|attempt| attempt.environment == *environment);
    if here.clone().any(has_found) {
        return Ok(());
    }
    let is_known = || state.attempts.iter().any(has_found);
    if let Some(shown_by) = shown_by {
        let mut ran = here.filter(|attempt| attempt.item == *shown_by && attempt.outcome().is_some());
        // A migration that failed may have made it or not; that the name is right was seen elsewhere then.
        if ran.any(|attempt| passed(attempt) || is_known()) {
            return Ok(());
        }
        let title = plan.item(shown_by).map_or_else(|| shown_by.to_string(), |item| item.title.clone());
        return Err(Hollow::NotMade { thing: thing.to_string(), title, environment: environment.clone() });
    }
    if !here.any(|attempt| migrates(plan, attempt)) && plan.checklist().items().any(finds) {
        return Ok(());
    }
    Err(Hollow::NeverFound { thing: thing.to_string(), environment: environment.clone() })
}

/// Why a pass shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Hollow {
    /// What the check lacks, in its kind's words.
    #[error("{0}")]
    Lacking(String),
    #[error("{thing} is absent, and \"{title}\", which would have made it, did not run in {environment}")]
    NotMade { thing: String, title: String, environment: EnvironmentName },
    #[error(
        "{thing} is absent, but nothing in this ledger found it in {environment} before, so that its absence shows \
         nothing; let an earlier schema check find it, or name the item that makes it with `present_before`"
    )]
    NeverFound { thing: String, environment: EnvironmentName },
}

fn passed(attempt: &Attempt) -> bool {
    attempt.outcome().is_some_and(|outcome| outcome.verdict == Verdict::Pass)
}

fn migrates(plan: &Plan, attempt: &Attempt) -> bool {
    let Some(Check::Migration(migration)) = plan.item(&attempt.item).map(|item| &item.check) else { return false };
    migration.on == MigrationTarget::Environment && migration.changes()
}
