//! What can go wrong in the rehearsal, each with what to do next.

use super::slot::Slot;
use std::path::{Path, PathBuf};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum RehearsalError {
    #[error("cannot {doing} {}: {source}", .path.display())]
    File { doing: &'static str, path: PathBuf, source: std::io::Error },
    #[error("cannot {doing}: {source}")]
    System { doing: &'static str, source: std::io::Error },
    #[error("cannot {doing}: {source}")]
    Database { doing: String, source: sqlx::Error },
    #[error("there is no database at {}; build the rehearsal first or check the path", .0.display())]
    NoDatabase(PathBuf),
    #[error("`{0}` is no SQLite database; write it as sqlite:PATH")]
    NotSqlite(String),
    #[error("{} holds no rehearsal (rehearsal.toml is missing); start one with `gonogo rehearse`", .0.display())]
    NoRehearsal(PathBuf),
    #[error("{} holds something already; choose an empty folder", .0.display())]
    FolderTaken(PathBuf),
    #[error("{} cannot be understood: {why}; build the rehearsal again", .path.display())]
    Settings { path: PathBuf, why: String },
    #[error("there is no fault `{name}`{}; --fault list shows them all", suggest(*.nearest))]
    UnknownFault { name: String, nearest: Option<&'static str> },
    #[error("there is no revision `{0}`; `history` shows the chain, and head, base, +N and -N are understood too")]
    UnknownRevision(String),
    #[error("name the revision to go down to: a revision, -1 or base")]
    RevisionMissing,
    #[error("{revision} failed{step}, and the database stays at {stays}: {why}; repair the data, then run it again", step = during(.step))]
    Revision { revision: String, step: String, stays: String, why: String },
    #[error("the database's record of its migrations does not fit this program: {0}; restore it from a backup")]
    Chain(String),
    #[error("{slot} is running already (pid {pid}, {url}); stop it first")]
    AlreadyRunning { slot: Slot, pid: u32, url: String },
    #[error(
        "{url} is taken by another program, so {slot} cannot start there; stop that program or change rehearsal.toml"
    )]
    PortTaken { slot: Slot, url: String },
    #[error("{slot} did not start: {why}; see {}", .log.display())]
    NotStarted { slot: Slot, why: String, log: PathBuf },
    #[error("{slot} (pid {pid}) still answers {seconds} s after it was asked to stop; look at it before going on")]
    NotStopped { slot: Slot, pid: u32, seconds: u64 },
    #[error("{0} is not set; this command is run by an item of the checklist, which sets it")]
    VariableMissing(&'static str),
}

impl RehearsalError {
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { doing, path, source }
    }

    pub(crate) fn database(doing: impl Into<String>) -> impl FnOnce(sqlx::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Database { doing, source }
    }

    /// The exit status of a hidden command that failed so: 255 for an unknown revision, 2 for wrong usage, else 1.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::UnknownRevision(_) => 255,
            Self::UnknownFault { .. } | Self::RevisionMissing | Self::NotSqlite(_) => 2,
            _ => 1,
        }
    }
}

fn suggest(nearest: Option<&'static str>) -> String {
    nearest.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

fn during(step: &str) -> String {
    if step.is_empty() { String::new() } else { format!(" while {step}") }
}
