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
use crate::deployment::standing::Standing;
use crate::migration::current::{self, Reported};
use crate::migration::lineage::{self, Lineage};
use std::time::Duration;

/// Asking takes no longer than this; it is asked after a cancelled run too.
const ASKING: Duration = Duration::from_mins(1);
/// How long a lock is waited for when the observer is gone, in milliseconds.
const UNWATCHED: u64 = 600_000;
pub(super) const LONGEST_ANSWER: usize = 64 * 1024;

/// Where a database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stands {
    At(Standing),
    /// The migrator has no way to tell.
    Unknown,
}

/// What asking found.
pub(super) struct Asked {
    pub now: Stands,
    /// The migrator's revisions; empty where nobody can tell.
    pub lineage: Lineage,
    /// What the migrator itself will refuse to go on with.
    pub refused: Vec<String>,
}

impl Stands {
    /// As it is recorded.
    pub(super) fn known(&self) -> Option<String> {
        match self {
            Stands::At(standing) => Some(standing.to_string()),
            Stands::Unknown => None,
        }
    }

    pub(super) fn name(&self) -> String {
        self.known().unwrap_or_else(|| "an unknown revision".to_owned())
    }

    pub(super) fn is_at(&self, wanted: &Stands) -> bool {
        match (self, wanted) {
            (Stands::At(stands), Stands::At(wanted)) => stands.is_same(wanted),
            (_, Stands::Unknown) => true,
            (Stands::Unknown, Stands::At(_)) => false,
        }
    }
}

impl Run<'_> {
    /// The revisions that the migrator has: Alembic shows them by itself, of the others they are listed or come with
    /// [`Run::ask`].
    ///
    /// # Errors
    /// Why nothing may run on them.
    pub(super) async fn lineage(&self) -> Result<Lineage, String> {
        let listed = Lineage::listed(&self.migrator.revisions);
        if self.migrator.kind != MigratorKind::Alembic {
            return Ok(listed);
        }
        let history = format!("{} history", self.migrator.command);
        let answer = match self.answer(&history, "`history` of the migrator").await {
            Ok(answer) => answer,
            Err(why) => {
                self.console.line(&format!("the revisions were not compared: {why}"));
                return Ok(listed);
            }
        };
        let Some(found) = Lineage::of_history(&answer) else {
            self.console
                .line("the revisions were not compared: `history` of the migrator prints none that follow each other");
            return Ok(listed);
        };
        if listed.is_empty() || self.check.direction == Direction::Current {
            return Ok(found);
        }
        current::difference(&self.migrator.revisions, &found).map_or(Ok(found), |difference| {
            Err(format!("the chain is not the one this checklist was written for: {difference}"))
        })
    }

    /// More than one head where `head` is asked for, by the migrator's own account of them.
    pub(super) async fn heads_trouble(&self) -> Option<String> {
        let asks = self.migrator.kind == MigratorKind::Alembic
            && self.check.direction == Direction::Upgrade
            && self.check.to == "head";
        if !asks {
            return None;
        }
        let command = format!("{} heads", self.migrator.command);
        let heads = match self.answer(&command, "`heads` of the migrator").await {
            Ok(answer) => current::heads(&answer),
            Err(why) => return Some(format!("nobody can tell the head: {why}")),
        };
        let names: Vec<&str> = heads.iter().map(String::as_str).collect();
        (names.len() > 1).then(|| lineage::several_heads(&names))
    }

    /// Asks the migrator where the database stands.
    pub(super) async fn ask(&self, lineage: &Lineage) -> Result<Asked, String> {
        let unknown = || Asked { now: Stands::Unknown, lineage: lineage.clone(), refused: Vec::new() };
        let Some(text) = self.migrator.asking() else { return Ok(unknown()) };
        let what = if self.migrator.current.is_some() {
            "the command that shows the revision"
        } else {
            "`current` of the migrator"
        };
        let answer = self.answer(&text, what).await?;
        let Some(Reported { standing, lineage: own, refused }) = current::read(self.migrator, lineage, &answer) else {
            return Err(format!("{what} gave an answer that names no known revision: {}", last(&answer)));
        };
        let lineage = if own.is_empty() { lineage.clone() } else { own };
        Ok(Asked { now: Stands::At(lineage.plain(&standing)), lineage, refused })
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
            return Err(failed(what, &ending(&ended), &answer));
        }
        Ok(answer)
    }

    /// A command of the migrator on the database it is to run on.
    pub(super) fn command(&self, text: &str) -> CommandLine {
        self.waiting(text, self.migrator.lock_timeout_ms())
    }

    /// The command that migrates. The server counts every kind of wait against `lock_timeout`, those of CONCURRENTLY for old
    /// transactions too; so the observer gives up for it, and the server only where nobody watches any more.
    pub(super) fn migrating(&self, text: &str) -> CommandLine {
        self.waiting(text, UNWATCHED.max(self.migrator.lock_timeout_ms()))
    }

    fn waiting(&self, text: &str, lock_timeout: u64) -> CommandLine {
        self.console.line(&format!("$ {text}"));
        let command = CommandLine::new(self.assignment, text).with("GONOGO_REVISION", &self.check.to);
        let Some(url) = &self.url else { return command };
        let command = command.with("GONOGO_DATABASE_URL", url);
        if observer::can_watch(url) { self.marked(command, lock_timeout) } else { command }
    }

    /// Tags the sessions of a command on PostgreSQL and bounds how long they wait and how long they outlive it. What is set
    /// already stays active.
    fn marked(&self, command: CommandLine, lock_timeout: u64) -> CommandLine {
        let set = command.variables().get("PGOPTIONS").cloned().or_else(|| std::env::var("PGOPTIONS").ok());
        let ours = format!("-c lock_timeout={lock_timeout} -c client_connection_check_interval=1000");
        let options = format!("{ours} {}", set.unwrap_or_default());
        command
            .with("PGAPPNAME", live::tag(&self.assignment.state, self.assignment.attempt))
            .with("PGOPTIONS", options.trim())
    }
}

/// Why an asking command failed, and what to do where that is known.
fn failed(what: &str, ending: &str, answer: &str) -> String {
    let said = last(answer);
    let unknown = answer.contains("Can't locate revision");
    let next = "; the version table names a revision that this copy of the migrations does not have: deploy the code that has it";
    format!("{what} failed with {ending}: {said}{}", if unknown { next } else { "" })
}

fn last(answer: &str) -> &str {
    answer.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it said nothing")
}
