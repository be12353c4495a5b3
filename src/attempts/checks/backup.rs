//! A backup made, read back, restored and compared with what the source held when it was made.
//!
//! A backup is of its moment: it is held against the counts and fingerprints taken then, not against the source as it
//! stands now.

pub(crate) mod contents;
mod copy;
mod dump;
mod format;
mod make;
mod put_back;
mod refill;
mod restore;
mod swap;
mod swap_file;
mod swap_server;
mod tool;
mod verify;

use super::account::{Account, Trouble};
use super::stages::Stages;
use super::{place, rows, unless_stopped};
use crate::attempts::{Assignment, Console};
use crate::checklist::check::{Backup, BackupStage};
use crate::database::{Address, Database, Interrupt, proof};
use crate::deployment::attempt::{Moment, Outcome, Output, TableProof};
use crate::deployment::live;
use futures_util::future::BoxFuture;
use std::path::PathBuf;

/// Runs a command of the environment as command checks do: on a terminal of its own, output spooled, ended by the
/// attempt's `stop`. The variables of every command are exported, and `exports` besides.
pub trait CommandRunner: Send + Sync {
    /// Gives how the command ended, or a sentence when it could not be started.
    fn run<'a>(
        &'a self,
        command: &'a str,
        exports: &'a [(&'static str, String)],
    ) -> BoxFuture<'a, Result<CommandEnd, String>>;
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandEnd {
    pub exit: Option<i32>,
    pub signal: Option<i32>,
}

/// Goes as far as the check's stage says. Measures `bytes`, `duration` (s, of making it) and `restore` (s, copying it to
/// scratch, opening it and reading it whole; of putting it back, the command that does).
pub async fn carry_out(
    assignment: &Assignment,
    backup: &Backup,
    console: &dyn Console,
    run_command: &dyn CommandRunner,
) -> Outcome {
    let mut account = Account::open();
    let interrupt = Interrupt::new();
    let mut desk = Desk {
        assignment,
        console,
        interrupt: &interrupt,
        run_command,
        stages: Stages::new(console, account.began()),
        account: &mut account,
    };
    let worked = unless_stopped(assignment, &interrupt, Box::pin(desk.look(backup))).await;
    let revision = account.revision.take();
    Outcome { revision, ..account.conclude(&assignment.item.targets, worked) }
}

/// What every stage works with.
struct Desk<'a> {
    assignment: &'a Assignment,
    console: &'a dyn Console,
    interrupt: &'a Interrupt,
    run_command: &'a dyn CommandRunner,
    stages: Stages<'a>,
    account: &'a mut Account,
}

/// A backup and what was recorded of it when it was made.
struct Kept {
    path: PathBuf,
    output: Output,
    tables: Vec<TableProof>,
    /// Where the database stood, as far as the migrator's own table reported.
    revision: Option<String>,
}

impl Desk<'_> {
    async fn look(&mut self, backup: &Backup) -> Result<(), Trouble> {
        match backup.stage {
            BackupStage::Make => self.make().await.map(drop),
            BackupStage::Verify => {
                let kept = self.kept(backup)?;
                self.verify(&kept).await
            }
            BackupStage::Restore => {
                let kept = self.kept(backup)?;
                self.restore(&kept).await
            }
            BackupStage::Swap => {
                let kept = self.kept(backup)?;
                self.is_verified(backup)?;
                self.same_bytes(&kept).await?;
                if self.assignment.environment.commands.contains_key(put_back::COMMAND) {
                    self.put_back(&kept).await
                } else {
                    self.swap(&kept).await
                }
            }
            BackupStage::Full => {
                let kept = self.make().await?;
                self.verify(&kept).await?;
                self.restore(&kept).await
            }
        }
    }

    /// The backup that the latest passed attempt of the item named made, in the same environment.
    fn kept(&self, backup: &Backup) -> Result<Kept, Trouble> {
        let Some(item) = &backup.of else {
            return Err(Trouble::NotStarted(
                "the check does not name the item that makes the backup (`of`)".to_owned(),
            ));
        };
        let attempt = rows::latest_passed(self.assignment, item)?;
        let title = rows::title(self.assignment, item);
        let outcome = attempt.outcome().ok_or_else(|| Trouble::Open(format!("{title} has no outcome yet")))?;
        let output = outcome.made.clone().ok_or_else(|| Trouble::Open(format!("{title} made no backup")))?;
        let path = self.assignment.home.join(&output.file);
        let tables = outcome.tables.iter().filter(|table| table.when == Moment::Now).cloned().collect();
        Ok(Kept { path, output, tables, revision: outcome.revision.clone() })
    }

    /// Whether the environment's database is on a server, so that its backups are dumps.
    fn is_of_server(&self) -> bool {
        place::address(self.assignment).is_ok_and(|address| matches!(address, Address::Postgres(_)))
    }

    /// Of a database that this attempt makes for itself; no attempt of another ledger takes the same.
    fn database_name(&self, what: &str) -> String {
        let tag = live::tag(&self.assignment.state, self.assignment.attempt);
        format!("{}_{what}", tag.replace('-', "_"))
    }

    fn go_on(&self) -> Result<(), Trouble> {
        if self.interrupt.is_set() { Err(Trouble::Interrupted) } else { Ok(()) }
    }

    /// Reads a copy whole and holds it against what was recorded. `what` names it in sentences.
    async fn read_whole(&mut self, database: &mut Database, what: &str) -> Result<(), Trouble> {
        self.stages.begin("integrity", "pages", None);
        let wrong = database.integrity().await.map_err(|error| named(what, error.into()))?;
        for line in &wrong {
            self.console.line(line);
        }
        match wrong.as_slice() {
            [] => {
                self.console.line(&format!("{what}: integrity ok"));
                Ok(())
            }
            [first, rest @ ..] => {
                let more = if rest.is_empty() { String::new() } else { format!(" and {} more findings", rest.len()) };
                Err(Trouble::Wrong(format!("{what} is damaged: {first}{more}")))
            }
        }
    }

    /// Takes the fingerprints of a copy and compares them with those recorded; gives them.
    async fn hold_against(
        &mut self,
        database: &mut Database,
        kept: &Kept,
        what: &str,
    ) -> Result<Vec<TableProof>, Trouble> {
        if kept.tables.is_empty() {
            return Err(Trouble::Open("no row counts were recorded when the backup was made".to_owned()));
        }
        let wanted: Vec<_> = kept.tables.iter().map(proof::Wanted::like).collect();
        let depth = crate::checklist::check::Depth::Fingerprints;
        let stage = format!("fingerprints of {what}");
        let taken = rows::take(database, &wanted, depth, Moment::Restored, &stage, &mut self.stages).await;
        let proof::Proofs { tables, missing, .. } = taken.map_err(|error| named(what, error.into()))?;
        let present: Vec<_> =
            kept.tables.iter().filter(|old| tables.iter().any(|new| new.table == old.table)).cloned().collect();
        let differing = proof::compare(&present, &tables, &[]).err().unwrap_or_default();
        let wrong: Vec<_> = missing.into_iter().chain(differing).collect();
        for line in &wrong {
            self.console.line(line);
        }
        if wrong.is_empty() {
            let total: i64 = tables.iter().map(|table| table.rows).sum();
            self.console.line(&format!("{what}: {total} rows in {} tables as recorded", tables.len()));
            return Ok(tables);
        }
        Err(Trouble::Wrong(format!("{what} differs from what was recorded when it was made: {}", wrong.join("; "))))
    }
}

/// Says of a copy what went wrong with it. A copy that cannot be read as a database is bad, not unknown.
fn named(what: &str, trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Wrong(why) => Trouble::Wrong(format!("{what} cannot be read: {why}")),
        Trouble::Open(why) => Trouble::Open(format!("{what}: {why}")),
        other => other,
    }
}
