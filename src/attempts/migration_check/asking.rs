//! Asking the migrator: where the database stands, and what its chain is.

use super::Run;
use crate::attempts::command_line::CommandLine;
use crate::attempts::observer;
use crate::attempts::outcome::ending;
use crate::attempts::{pty, sanitize};
use crate::checklist::check::Direction;
use crate::checklist::environment::MigratorKind;
use crate::deployment::attempt::End;
use crate::deployment::live;
use crate::migration::{chain, current};
use std::time::Duration;

/// Asking takes no longer than this; it is asked after a cancelled run too.
const ASKING: Duration = Duration::from_mins(1);
pub const LONGEST_ANSWER: usize = 64 * 1024;

/// Where a database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// At a revision, or at the base.
    At(Option<String>),
    /// The migrator has no way to tell.
    Unknown,
}

impl Stands {
    pub fn known(&self) -> Option<String> {
        match self {
            Stands::At(revision) => revision.clone(),
            Stands::Unknown => None,
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Stands::At(Some(revision)) => revision,
            Stands::At(None) => "base",
            Stands::Unknown => "an unknown revision",
        }
    }

    pub fn is_at(&self, wanted: &Stands) -> bool {
        match (self, wanted) {
            (Stands::At(Some(stands)), Stands::At(Some(wanted))) => chain::same(stands, wanted),
            (_, Stands::Unknown) | (Stands::At(None), Stands::At(None)) => true,
            _ => false,
        }
    }
}

impl Run<'_> {
    /// Asks the migrator where the database stands.
    pub(super) async fn ask(&self) -> Result<Stands, String> {
        let Some(text) = self.migrator.asking() else { return Ok(Stands::Unknown) };
        let what = if self.migrator.current.is_some() {
            "the command that tells the revision"
        } else {
            "`current` of the migrator"
        };
        let answer = self.answer(&text, what).await?;
        let read = current::read(self.migrator, &answer).map(Stands::At);
        read.ok_or_else(|| format!("{what} gave an answer that names no known revision: {}", last(&answer)))
    }

    /// What is wrong with the migrator's own chain, before anything runs. A chain that cannot be asked for is no trouble.
    pub(super) async fn chain_trouble(&self) -> Option<String> {
        if self.migrator.kind != MigratorKind::Alembic {
            return None;
        }
        let answer = match self.answer(&format!("{} history", self.migrator.command), "`history` of the migrator").await
        {
            Ok(answer) => answer,
            Err(why) => {
                self.console.line(&format!("the chain was not compared: {why}"));
                return None;
            }
        };
        let heads = current::heads(&answer);
        if heads.len() > 1 && self.check.direction == Direction::Upgrade && self.check.to == "head" {
            return Some(format!(
                "the chain has {} heads ({}), so nobody can tell which one is meant; merge them with `alembic merge` or \
                 name the revision to go to",
                heads.len(),
                heads.join(", ")
            ));
        }
        let found = current::history(&answer)?;
        if self.migrator.revisions.is_empty() {
            return None;
        }
        current::difference(&self.migrator.revisions, &found)
            .map(|difference| format!("the chain is not the one this checklist was written for: {difference}"))
    }

    /// Runs one asking command to its end and gives what it said.
    pub(super) async fn answer(&self, text: &str, what: &str) -> Result<String, String> {
        let command = self.command(text);
        let mut answer = Vec::new();
        let late = async {
            tokio::time::sleep(ASKING).await;
            End::TimedOut
        };
        let mut keep = |bytes: &[u8]| {
            let room = LONGEST_ANSWER.saturating_sub(answer.len());
            answer.extend_from_slice(&bytes[..bytes.len().min(room)]);
        };
        let ended = pty::run(&command, late, self.grace, self.console, &mut keep).await?;
        let answer = sanitize::plain(&answer).replace('\r', "");
        if ended.end == End::TimedOut {
            return Err(format!("{what} did not answer within {} s", ASKING.as_secs()));
        }
        if ended.exit != Some(0) {
            return Err(format!("{what} failed with {}: {}", ending(&ended), last(&answer)));
        }
        Ok(answer)
    }

    /// A command of the migrator on the database it is to run on.
    pub(super) fn command(&self, text: &str) -> CommandLine {
        self.console.line(&format!("$ {text}"));
        let command = CommandLine::new(self.assignment, text).with("GONOGO_REVISION", &self.check.to);
        let Some(url) = &self.url else { return command };
        let command = command.with("GONOGO_DATABASE_URL", url);
        if observer::can_watch(url) { self.marked(command) } else { command }
    }

    /// Tags the sessions of a command on PostgreSQL and bounds how long they wait and how long they outlive it. What is set
    /// already stays in force.
    fn marked(&self, command: CommandLine) -> CommandLine {
        let set = command.variables().get("PGOPTIONS").cloned().or_else(|| std::env::var("PGOPTIONS").ok());
        let ours =
            format!("-c lock_timeout={} -c client_connection_check_interval=1000", self.migrator.lock_timeout_ms());
        let options = format!("{ours} {}", set.unwrap_or_default());
        command
            .with("PGAPPNAME", live::tag(&self.assignment.state, self.assignment.attempt))
            .with("PGOPTIONS", options.trim())
    }
}

fn last(answer: &str) -> &str {
    answer.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it said nothing")
}
