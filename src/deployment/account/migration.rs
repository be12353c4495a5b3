//! Where the schema of the production slot stands, as far as the ledger knows.

use crate::checklist::check::{Direction, MigrationTarget};
use crate::checklist::{Check, EnvironmentName, SlotId};
use crate::deployment::attempt::{Attempt, AttemptPhase};
use crate::deployment::standing;
use crate::deployment::{Plan, State, Verdict};
use serde::Serialize;

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct MigrationState {
    /// Where it was seen last: a revision, several with commas between, or `base`.
    pub current: Option<String>,
    /// The last revision of the migrator.
    pub expected: Option<String>,
    pub state: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Running,
    AtHead,
    Behind,
    Failed,
    Unknown,
}

impl Standing {
    pub fn word(self) -> &'static str {
        match self {
            Standing::Running => "running",
            Standing::AtHead => "at head",
            Standing::Behind => "behind",
            Standing::Failed => "failed",
            Standing::Unknown => "unknown",
        }
    }
}

/// Looks at the migrations carried out on the production slot's own database and at backups swapped in there; those on scratch copies say nothing of it.
pub(crate) fn migration(plan: &Plan, state: &State) -> MigrationState {
    let Some((name, expected)) = production(plan) else {
        return MigrationState { current: None, expected: None, state: Standing::Unknown };
    };
    let attempts = state.attempts.iter().rev().filter(|attempt| attempt.environment == name);
    let attempts: Vec<(&Attempt, Moved)> =
        attempts.filter_map(|attempt| Some((attempt, moved_by(plan, attempt)?))).collect();
    let current = attempts.iter().find_map(|(attempt, _)| attempt.outcome()?.revision.clone());
    let standing = match attempts.first() {
        None => Standing::Unknown,
        Some((attempt, moved)) => match &attempt.phase {
            AttemptPhase::Running { .. } => Standing::Running,
            AttemptPhase::Lost { .. } => Standing::Unknown,
            AttemptPhase::Finished(outcome) if outcome.verdict == Verdict::Fail && *moved == Moved::Migrated => {
                Standing::Failed
            }
            AttemptPhase::Finished(outcome) if outcome.verdict == Verdict::Pass && asked_for_head(plan, attempt) => {
                Standing::AtHead
            }
            AttemptPhase::Finished(_) => match (&current, &expected) {
                (Some(current), Some(expected)) if is_at(current, expected) => Standing::AtHead,
                (Some(_), Some(_)) => Standing::Behind,
                _ => Standing::Unknown,
            },
        },
    };
    // One spelling for both, so that a script may compare them.
    let expected = match (&current, expected) {
        (Some(current), Some(expected)) if is_at(current, &expected) => Some(current.clone()),
        (_, expected) => expected,
    };
    MigrationState { current, expected, state: standing }
}

/// The environment of the slot `production`, or of the last slot of a checklist that names none so.
fn production(plan: &Plan) -> Option<(EnvironmentName, Option<String>)> {
    let slots = &plan.checklist().slots;
    let slot = slots.iter().find(|slot| slot.id == SlotId::from("production")).or(slots.last())?;
    let (name, environment) = plan.environment_in(&slot.id)?;
    let head = environment.migrator.as_ref().and_then(|migrator| migrator.revisions.last());
    Some((name.clone(), head.map(|revision| revision.id.clone())))
}

/// Whether an attempt's passing says that the migrator has nothing left: it compared the heads itself.
fn asked_for_head(plan: &Plan, attempt: &Attempt) -> bool {
    let check = plan.item(&attempt.item).map(|item| &item.check);
    matches!(check, Some(Check::Migration(migration))
        if migration.direction != Direction::Downgrade && matches!(migration.to.as_str(), "head" | "heads"))
}

/// Whether a database is where it should be, and on no other branch.
fn is_at(current: &str, expected: &str) -> bool {
    standing::Standing::parse(current).is_same(&standing::Standing::at([expected]))
}

/// What an attempt does to where the database stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    Migrated,
    /// Asked only, or a restored backup in its place, which stands as a whole or not at all.
    Reported,
}

fn moved_by(plan: &Plan, attempt: &Attempt) -> Option<Moved> {
    match &plan.item(&attempt.item)?.check {
        Check::Migration(migration) if migration.on == MigrationTarget::Environment => {
            Some(if migration.direction == Direction::Current { Moved::Reported } else { Moved::Migrated })
        }
        check => check.kind().swaps_database().then_some(Moved::Reported),
    }
}
