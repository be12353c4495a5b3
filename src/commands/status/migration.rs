//! Where the schema of the production slot stands, as far as the ledger knows.

use crate::checklist::check::{Direction, MigrationTarget};
use crate::checklist::{Check, EnvironmentName, SlotId};
use crate::deployment::attempt::{Attempt, AttemptPhase};
use crate::deployment::{Plan, State, Verdict};
use serde::Serialize;

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct MigrationState {
    /// The revision that was seen last.
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
pub fn migration(plan: &Plan, state: &State) -> MigrationState {
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
            AttemptPhase::Finished(_) => match (&current, &expected) {
                (Some(current), Some(expected)) if is_same(current, expected) => Standing::AtHead,
                (Some(_), Some(_)) => Standing::Behind,
                _ => Standing::Unknown,
            },
        },
    };
    // One spelling for both, so that a script may compare them.
    let expected = match (&current, expected) {
        (Some(current), Some(expected)) if is_same(current, &expected) => Some(current.clone()),
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

/// What an attempt does to where the database stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    Migrated,
    /// Asked only, or a restored backup in its place, which stands as a whole or not at all.
    Told,
}

fn moved_by(plan: &Plan, attempt: &Attempt) -> Option<Moved> {
    match &plan.item(&attempt.item)?.check {
        Check::Migration(migration) if migration.on == MigrationTarget::Environment => {
            Some(if migration.direction == Direction::Current { Moved::Told } else { Moved::Migrated })
        }
        check => check.kind().swaps_database().then_some(Moved::Told),
    }
}

/// Migrators print a revision with or without its title: `0003`, `0003_add_wip_unique_index`.
fn is_same(current: &str, expected: &str) -> bool {
    let longer = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', ' ']))
    };
    longer(current, expected) || longer(expected, current)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_revision_is_the_same_with_and_without_its_title() {
        assert!(is_same("0003_add_wip_unique_index", "0003"));
        assert!(is_same("0003", "0003"));
        assert!(!is_same("00031", "0003"));
        assert!(!is_same("0002", "0003"));
    }
}
