//! The program that moves the schema: how it is started, and how it speaks.

mod book;

pub(crate) use book::{Book, known_by_stamp};

use super::check::Direction;
use super::offset::Span;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Migrator {
    pub kind: MigratorKind,
    /// The revisions from the first to the head, with a title each; what the chain is expected to be.
    pub revisions: Vec<Revision>,
    /// How it is started; what is put behind it depends on the kind, see [`Migrator::command_for`].
    pub command: String,
    /// The whole command that goes down, of a migrator of kind `command`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downgrade: Option<String>,
    /// The whole command whose last line begins with the revision the database stands at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// What its lines look like, where they differ from those of its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patterns: Option<Patterns>,
    /// How long a statement may wait for a table on PostgreSQL; [`Migrator::LOCK_TIMEOUT`] unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock_timeout: Option<Span>,
    /// The table it keeps its revisions in, `TABLE` or `SCHEMA.TABLE`; unless given, that of its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_table: Option<String>,
    /// A person vouches that it means the environment's database, where that cannot be measured.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attested: bool,
}

/// How the migrator speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MigratorKind {
    /// `COMMAND upgrade REVISION`, `COMMAND downgrade REVISION`, `COMMAND current`.
    Alembic,
    /// As Alembic; sqlx's own program, reported by `sqlx migrate` in its command, by its own words.
    Sqlx,
    Dbmate,
    Flyway,
    /// Anything else; it finds what is asked of it in `$GONOGO_REVISION`.
    Command,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revision {
    pub id: String,
    pub title: String,
}

/// Regular expressions that find what a line says in named groups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Patterns {
    /// A revision begins: `revision` or `from` and `to`, `way`, `words`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<String>,
    /// A revision is complete: `revision`, `rows`, `locked`, `took`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<String>,
    /// A count: `done`, `total`, `revision`, `words`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<String>,
    /// What went wrong: `text`, or all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Migrator {
    /// In milliseconds; long enough that a captain who sees who is in the way has ten seconds to end it.
    pub const LOCK_TIMEOUT: u64 = 12_000;

    #[must_use]
    pub fn new(kind: MigratorKind, command: impl Into<String>, revisions: Vec<Revision>) -> Self {
        let command = command.into();
        Self {
            kind,
            revisions,
            command,
            downgrade: None,
            current: None,
            patterns: None,
            lock_timeout: None,
            version_table: None,
            attested: false,
        }
    }

    /// In milliseconds.
    pub fn lock_timeout_ms(&self) -> u64 {
        let given = self.lock_timeout.map(|span| u64::try_from(span.duration().as_millis()).unwrap_or(u64::MAX));
        given.unwrap_or(Self::LOCK_TIMEOUT)
    }

    /// Every command it may be started with, for looking for variables and secrets.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        [Some(self.command.as_str()), self.downgrade.as_deref(), self.current.as_deref()].into_iter().flatten()
    }

    /// Whether it is sqlx's own program rather than one that speaks as Alembic does.
    pub fn is_sqlx_program(&self) -> bool {
        self.kind == MigratorKind::Sqlx && self.command.contains("sqlx migrate")
    }

    /// The command that goes up or down to a revision.
    ///
    /// # Errors
    /// When this migrator cannot go there.
    pub fn command_for(&self, direction: Direction, to: &str) -> Result<String, NoCommand> {
        let command = &self.command;
        // Only Alembic has several.
        let to = if to == "heads" && self.kind != MigratorKind::Alembic { "head" } else { to };
        let revision = word(to);
        if direction == Direction::Current {
            return self.asking().ok_or(NoCommand::ThatShows);
        }
        let down = direction == Direction::Downgrade;
        let cannot = |migrator| Err(NoCommand::To { migrator, down, to: to.to_owned() });
        match self.kind {
            MigratorKind::Sqlx if self.is_sqlx_program() => Ok(match (down, to) {
                (false, "head") => format!("{command} run"),
                (false, _) => format!("{command} run --target-version {revision}"),
                (true, "-1") => format!("{command} revert"),
                (true, "base") => format!("{command} revert --target-version 0"),
                (true, _) => format!("{command} revert --target-version {revision}"),
            }),
            MigratorKind::Alembic | MigratorKind::Sqlx => {
                Ok(format!("{command} {} {revision}", if down { "downgrade" } else { "upgrade" }))
            }
            // `up` would make a database that is not there.
            MigratorKind::Dbmate => match (down, to) {
                (false, "head") => Ok(format!("{command} migrate")),
                (true, "-1") => Ok(format!("{command} rollback")),
                _ => cannot("dbmate"),
            },
            MigratorKind::Flyway => match (down, to) {
                (false, "head") => Ok(format!("{command} migrate")),
                (true, "-1") => Ok(format!("{command} undo")),
                (_, step) if step.starts_with(['-', '+']) || step == "base" => cannot("Flyway"),
                (false, _) => Ok(format!("{command} -target={revision} migrate")),
                (true, _) => Ok(format!("{command} -target={revision} undo")),
            },
            MigratorKind::Command if !down => Ok(command.clone()),
            MigratorKind::Command => self.downgrade.clone().ok_or(NoCommand::Down),
        }
    }

    /// The command that shows where the database stands, if there is one.
    pub fn asking(&self) -> Option<String> {
        let command = &self.command;
        self.current.clone().or_else(|| match self.kind {
            MigratorKind::Sqlx if self.is_sqlx_program() => Some(format!("{command} info")),
            MigratorKind::Alembic | MigratorKind::Sqlx => Some(format!("{command} current")),
            MigratorKind::Dbmate => Some(format!("{command} status")),
            MigratorKind::Flyway => Some(format!("{command} info")),
            MigratorKind::Command => None,
        })
    }
}

/// A revision as a word of the shell; plain ones stay readable.
fn word(revision: &str) -> String {
    let plain = revision.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-+.@".contains(&byte));
    if plain { revision.to_owned() } else { format!("'{}'", revision.replace('\'', r"'\''")) }
}

/// Why there is no command that goes to a revision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCommand {
    #[error("the migrator has no command that shows its revision")]
    ThatShows,
    #[error("the migrator has no command that goes down; give it a `downgrade`")]
    Down,
    #[error("{migrator} cannot go {} to {to}", if *.down { "down" } else { "up" })]
    To { migrator: &'static str, down: bool, to: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_started_by_its_own_words() {
        let of = |kind, command: &str| Migrator::new(kind, command, Vec::new());
        let up = |migrator: &Migrator, to| migrator.command_for(Direction::Upgrade, to);
        let down = |migrator: &Migrator, to| migrator.command_for(Direction::Downgrade, to);
        let alembic = of(MigratorKind::Alembic, "alembic");
        assert_eq!(up(&alembic, "head"), Ok("alembic upgrade head".into()));
        assert_eq!(down(&alembic, "it's"), Ok(r"alembic downgrade 'it'\''s'".into()));
        assert_eq!(alembic.asking().as_deref(), Some("alembic current"));
        let sqlx = of(MigratorKind::Sqlx, "cargo sqlx migrate");
        assert_eq!(up(&sqlx, "head"), Ok("cargo sqlx migrate run".into()));
        assert_eq!(down(&sqlx, "base"), Ok("cargo sqlx migrate revert --target-version 0".into()));
        let ours = of(MigratorKind::Sqlx, "gonogo rehearsal migrate");
        assert_eq!(down(&ours, "-1"), Ok("gonogo rehearsal migrate downgrade -1".into()));
        let dbmate = of(MigratorKind::Dbmate, "dbmate");
        assert_eq!(up(&dbmate, "head"), Ok("dbmate migrate".into()));
        assert_eq!(down(&dbmate, "base"), Err(NoCommand::To { migrator: "dbmate", down: true, to: "base".into() }));
        let flyway = of(MigratorKind::Flyway, "flyway");
        assert_eq!(up(&flyway, "1.2"), Ok("flyway -target=1.2 migrate".into()));
        assert!(down(&flyway, "-2").is_err());
        let mut other = of(MigratorKind::Command, "make migrate");
        assert_eq!(up(&other, "7"), Ok("make migrate".into()));
        assert!(down(&other, "-1").is_err() && other.asking().is_none());
        other.downgrade = Some("make undo".into());
        assert_eq!(down(&other, "-1"), Ok("make undo".into()));
    }
}
