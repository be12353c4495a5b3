//! The outermost table and everything in it but the phases.

use super::evaluated::{Pane, SignoffGroup};
use super::phases::Phase;
use super::words::{Id, Line, OneOrMany, Time};
use crate::checklist::environment::{EnvironmentKind, MigratorKind, Protection, Writes};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// A deployment as its author means it: phases of sections of items, the environments they are carried out in, what is
/// watched meanwhile, and who signs.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "gonogo checklist")]
pub(crate) struct Checklist {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    pub format: u32,
    pub id: Id,
    pub title: String,
    pub summary: Option<String>,
    /// The document that `seed_line` counts lines of. With it, every item says which line it carries or why it is `ours`.
    pub source: Option<String>,
    pub window: Option<Window>,
    pub journal: Option<Journal>,
    /// Places that environments fill when the deployment is opened.
    pub slot: Option<Vec<Slot>>,
    /// What the checklist expects, written once and used as `${facts.NAME}` in any string: strings, numbers, flags and
    /// lists of them.
    pub facts: Option<BTreeMap<String, Fact>>,
    /// Where items are carried out, by name. Values may hold `${VARIABLES}`; passwords may stand nowhere else.
    pub environments: Option<BTreeMap<String, Environment>>,
    /// Variables whose values are masked in every environment, besides those whose names say that they are secret.
    pub secrets: Option<Vec<String>>,
    pub phase: Vec<Phase>,
    pub pane: Option<Vec<Pane>>,
    pub signoff: Option<Vec<SignoffGroup>>,
    /// An OpenSSH `allowed_signers` file, relative to the checklist: whose keys may sign as which principal.
    pub allowed_signers: Option<String>,
}

/// What the deployment window promises. Every part may be left open.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Window {
    /// Planned length of the window.
    pub duration: Option<Time>,
    /// How long users may be without the service. Offsets of stop and start are held against it.
    pub downtime: Option<Time>,
    /// How long going back may take.
    pub rollback: Option<Time>,
    /// How long before the window users are notified.
    pub notice: Option<Time>,
}

/// Lines of the source that are forms for issues and lessons rather than items.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journal {
    pub issues: Option<OneOrMany<Line>>,
    pub lessons: Option<OneOrMany<Line>>,
}

/// A place that an environment fills when the deployment is opened: `staging`, `production`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Slot {
    pub id: Id,
    pub title: String,
}

/// Where a slot's items are carried out.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Environment {
    /// The slot that this environment may fill.
    pub slot: String,
    pub kind: Option<EnvironmentKind>,
    pub protection: Option<Protection>,
    pub writes: Option<Writes>,
    /// `sqlite:PATH` or `postgresql://…`.
    pub database: Option<String>,
    /// A role without rights of its own that checks on PostgreSQL take before they read.
    pub observer_role: Option<String>,
    /// Where restores and full downgrades are tried: a folder for SQLite, a database URL for PostgreSQL. What it holds is
    /// lost.
    pub scratch: Option<String>,
    /// Base URL of the service.
    pub url: Option<String>,
    /// A file of PEM certificates, relative to the ledger's folder: the service is trusted by them and by nothing else.
    pub ca: Option<String>,
    /// The folder that commands run in and that file paths are relative to.
    pub folder: Option<String>,
    /// The folder that backups go to.
    pub backups: Option<String>,
    /// The application's log file.
    pub log: Option<String>,
    /// A path on the disk whose free space matters.
    pub disk: Option<String>,
    /// A prefix that runs a command on the environment's host: `ssh db-1`.
    pub shell: Option<String>,
    pub auth: Option<super::auth::Auth>,
    pub migrator: Option<Migrator>,
    /// Commands by name, for `check = { kind = "command", use = "NAME" }`; `backup` is used by backup checks.
    pub commands: Option<BTreeMap<String, String>>,
    /// What this environment does not have, by the name items use in `needs`, each with the reason to show.
    pub lacks: Option<BTreeMap<String, String>>,
    /// Variables whose values are masked here whatever they are called.
    pub secrets: Option<Vec<String>>,
    /// Its own values of facts, for itself and for everything of the slot that it fills.
    pub facts: Option<BTreeMap<String, Fact>>,
}

/// The value of a fact.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum Fact {
    One(Plain),
    Many(Vec<Plain>),
}

/// One value of a fact.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum Plain {
    Text(String),
    Number(f64),
    Flag(bool),
}

/// The program that moves the schema.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Migrator {
    pub kind: MigratorKind,
    /// `alembic` and `sqlx`: run as `COMMAND upgrade REVISION`, `COMMAND downgrade REVISION`, `COMMAND current`, or with
    /// sqlx's own words when it is `sqlx migrate`. `dbmate`, `flyway`: with their own words. `command`: as it is now, with
    /// the revision in `$GONOGO_REVISION`.
    pub command: String,
    /// The whole command that goes down, for the kind `command`.
    pub downgrade: Option<String>,
    /// The whole command whose last line begins with the revision the database stands at.
    pub current: Option<String>,
    /// What its lines look like, where they differ from those of its kind.
    pub patterns: Option<Patterns>,
    /// How long a statement may wait for a table that somebody else holds on PostgreSQL; 12s unless given. Waiting for old
    /// transactions, as CONCURRENTLY and VALIDATE do, is bounded by the item's own time limit.
    pub lock_timeout: Option<Time>,
    /// The table in which it keeps what is applied, `table` or `schema.table`, where that is not the one of its kind.
    pub version_table: Option<String>,
    /// `attested` when a person vouches that it means the environment's database and that cannot be measured; `measured`
    /// unless given: a run is refused when it cannot be reported.
    pub database: Option<Vouched>,
    /// The revisions from the first to the head: what the chain is expected to be.
    pub revisions: Option<Vec<Revision>>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Vouched {
    Measured,
    Attested,
}

/// Regular expressions with named groups. Whatever a line says, the exit status decides.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Patterns {
    /// A revision begins: groups `revision`, or `from` and `to`; `way`, `words`.
    pub running: Option<String>,
    /// A revision is complete: groups `revision`, `rows`, `locked`, `took`.
    pub done: Option<String>,
    /// A count within the revision that runs: groups `done` and `total`; `revision`, `words`.
    pub progress: Option<String>,
    /// What went wrong: group `text`, or all of it.
    pub error: Option<String>,
}

/// One revision of the schema.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revision {
    pub id: String,
    pub title: String,
}
