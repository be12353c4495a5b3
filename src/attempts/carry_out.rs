//! Which code carries out which check.

use super::assignment::Assignment;
use super::checks::backup::{CommandEnd, CommandRunner};
use super::checks::{backup, consistency, file, http, notify, rows, schema, sql};
use super::command_line::CommandLine;
use super::console::Console;
use super::databases::Databases;
use super::outcome::not_started;
use super::{command_check, migration_check, pty};
use crate::checklist::Check;
use crate::deployment::attempt::Outcome;
use crate::deployment::measurement::Verdict;
use crate::deployment::precondition;
use futures_util::future::BoxFuture;
use std::time::Duration;

/// Carries an assignment out to its outcome. `grace` is the time between the signals that end a command. A pass counts
/// where the kind's precondition holds.
pub async fn carry_out(
    assignment: &Assignment,
    console: &dyn Console,
    grace: Duration,
    databases: &dyn Databases,
) -> Outcome {
    let mut outcome = look(assignment, console, grace, databases).await;
    let Assignment { plan, state, item, environment_name, .. } = assignment;
    if outcome.verdict == Verdict::Pass
        && let Err(why) = precondition::holds(plan, state, item, environment_name)
    {
        console.line(&why);
        outcome.verdict = Verdict::Inconclusive;
        outcome.detail = format!("{why} ({})", outcome.detail);
    }
    outcome
}

async fn look(assignment: &Assignment, console: &dyn Console, grace: Duration, databases: &dyn Databases) -> Outcome {
    match &assignment.item.check {
        Check::Command(check) => command_check::carry_out(assignment, check, console, grace).await,
        Check::Migration(check) => migration_check::carry_out(assignment, check, console, grace, databases).await,
        Check::Sql(check) => sql::carry_out(assignment, check, console).await,
        Check::Http(check) => http::carry_out(assignment, check, console).await,
        Check::Schema(check) => schema::carry_out(assignment, check, console).await,
        Check::Consistency(check) => consistency::carry_out(assignment, check, console).await,
        Check::Rows(check) => rows::carry_out(assignment, check, console).await,
        Check::File(check) => file::carry_out(assignment, check, console).await,
        Check::Notify(check) => Box::pin(notify::carry_out(assignment, check, console)).await,
        Check::Backup(check) => {
            let commands = Commands { assignment, console, grace };
            backup::carry_out(assignment, check, console, &commands).await
        }
        other @ (Check::Manual | Check::Value(_) | Check::Evidence(_)) => {
            not_started(format!("a `{}` check is not carried out by a supervisor", other.word()))
        }
    }
}

/// Runs a check's commands the way command checks run theirs.
struct Commands<'a> {
    assignment: &'a Assignment,
    console: &'a dyn Console,
    grace: Duration,
}

impl CommandRunner for Commands<'_> {
    fn run<'a>(
        &'a self,
        command: &'a str,
        exports: &'a [(&'static str, String)],
    ) -> BoxFuture<'a, Result<CommandEnd, String>> {
        Box::pin(async move {
            self.console.line(&format!("$ {command}"));
            let line = CommandLine::new(self.assignment, command);
            let line = exports.iter().fold(line, |line, (name, value)| line.with(name, value));
            let stop = self.assignment.stopped();
            let ended = pty::run(&line, stop, self.grace, self.console, &mut |_| {}).await?;
            Ok(CommandEnd { exit: ended.exit, signal: ended.signal })
        })
    }
}
