//! Carrying a check out, and whether its pass counts.

use super::assignment::Assignment;
use super::checks;
use super::console::Console;
use super::databases::Databases;
use crate::deployment::attempt::Outcome;
use crate::deployment::measurement::Verdict;
use crate::deployment::precondition;
use std::time::Duration;

/// Carries an assignment out to its outcome. `grace` is the time between the signals that end a command. A pass counts
/// where the kind's precondition holds.
pub(crate) async fn carry_out(
    assignment: &Assignment,
    console: &dyn Console,
    grace: Duration,
    databases: &dyn Databases,
) -> Outcome {
    let mut outcome = checks::carry_out(assignment, console, grace, databases).await;
    let Assignment { plan, state, item, environment_name, .. } = assignment;
    if outcome.verdict == Verdict::Pass
        && let Err(why) = precondition::holds(plan, state, item, environment_name)
    {
        console.line(&why.to_string());
        outcome.verdict = Verdict::Inconclusive;
        outcome.detail = format!("{why} ({})", outcome.detail);
    }
    outcome
}
