//! Which code carries out which check.

use super::assignment::Assignment;
use super::console::Console;
use super::databases::Databases;
use super::outcome::not_started;
use super::{command_check, migration_check};
use crate::checklist::Check;
use crate::deployment::attempt::Outcome;
use std::time::Duration;

/// Carries an assignment out to its outcome. `grace` is the time between the signals that end a command.
pub async fn carry_out(
    assignment: &Assignment,
    console: &dyn Console,
    grace: Duration,
    databases: &dyn Databases,
) -> Outcome {
    match &assignment.item.check {
        Check::Command(check) => command_check::carry_out(assignment, check, console, grace).await,
        Check::Migration(check) => migration_check::carry_out(assignment, check, console, grace, databases).await,
        other => not_started(format!("a `{}` check is not carried out by a supervisor", other.word())),
    }
}

/// Whether carrying a check out starts commands, which are ended by steps.
#[must_use]
pub fn runs_commands(check: &Check) -> bool {
    matches!(check, Check::Command(_) | Check::Migration(_) | Check::Backup(_))
}

/// Whether a check looks at the environment's database.
#[must_use]
pub fn reaches_database(check: &Check) -> bool {
    matches!(check, Check::Sql(_) | Check::Schema(_) | Check::Rows(_) | Check::Backup(_) | Check::Migration(_))
}
