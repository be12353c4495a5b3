//! The checks that the program carries out itself, inside the supervisor.
//!
//! Each gives an [`Outcome`] whatever happens: what went wrong is a sentence in it, never a panic and never silence.
//! What can not be known is `inconclusive`; only what was seen to be wrong is a `fail`.

pub(crate) mod account;
pub mod backup;
pub mod consistency;
pub mod file;
pub mod http;
pub(crate) mod kept_ranges;
pub mod load;
pub(crate) mod notify;
pub(crate) mod place;
pub mod rows;
pub mod schema;
pub mod sql;
pub(crate) mod stages;
pub mod tcp;
pub(crate) mod watch;

use super::command_line::CommandLine;
use super::console::Console;
use super::databases::Databases;
use super::outcome::not_started;
use super::{Assignment, command_check, migration_check, pty};
use crate::checklist::Check;
use crate::database::Interrupt;
use crate::deployment::attempt::Outcome;
use account::Trouble;
use backup::{CommandEnd, CommandRunner};
use futures_util::future::BoxFuture;
use std::pin::pin;
use std::time::Duration;
use tokio::select;

/// Hands an assignment to the code of its kind. `grace` is the time between the signals that end a command.
pub async fn carry_out(
    assignment: &Assignment,
    console: &dyn Console,
    grace: Duration,
    databases: &dyn Databases,
) -> Outcome {
    match &assignment.item.check {
        Check::Command(check) => command_check::carry_out(assignment, check, console, grace).await,
        Check::Migration(check) => migration_check::carry_out(assignment, check, console, grace, databases).await,
        Check::Sql(check) => sql::carry_out(assignment, check, console).await,
        Check::Http(check) => http::carry_out(assignment, check, console).await,
        Check::Load(check) => Box::pin(load::carry_out(assignment, check, console)).await,
        Check::Tcp(check) => tcp::carry_out(assignment, check, console).await,
        Check::Schema(check) => schema::carry_out(assignment, check, console).await,
        Check::Consistency(check) => consistency::carry_out(assignment, check, console).await,
        Check::Rows(check) => rows::carry_out(assignment, check, console).await,
        Check::File(check) => file::carry_out(assignment, check, console).await,
        Check::Watch(check) => watch::carry_out(assignment, check, console).await,
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

/// Waits for the work of a check. When the attempt must end early, shows the work so through `interrupt` and waits until
/// it has let go of what it holds; work that was over in the same moment stands.
async fn unless_stopped(
    assignment: &Assignment,
    interrupt: &Interrupt,
    work: impl Future<Output = Result<(), Trouble>>,
) -> Result<(), Trouble> {
    let mut work = pin!(work);
    let end = select! {
        done = &mut work => return done,
        end = assignment.stopped() => end,
    };
    interrupt.set();
    match work.await {
        Err(Trouble::Interrupted) => Err(Trouble::Stopped(end)),
        done => done,
    }
}
