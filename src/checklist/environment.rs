//! Where a slot's items are carried out. Values keep their `${VAR}` unexpanded: the edges expand them when they need
//! them, so that no secret reaches the ledger, the snapshot or the digest.

use super::auth::Auth;
use super::ids::SlotId;
pub use super::migrator::{Migrator, MigratorKind, Patterns, Revision};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Environment {
    pub slot: SlotId,
    pub kind: EnvironmentKind,
    pub protection: Protection,
    /// Whether checks may write test rows here.
    pub writes: Writes,
    /// `sqlite:PATH` or `postgresql://…`.
    pub database: Option<String>,
    /// A role without rights of its own that checks on PostgreSQL take before they read (`SET ROLE`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observer_role: Option<String>,
    /// Where restores and full downgrades are tried: a folder for SQLite, a database URL for PostgreSQL.
    pub scratch: Option<String>,
    /// Base URL of the service.
    pub url: Option<String>,
    /// A file of PEM certificates, from the ledger's folder on; the service is trusted by them alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// The folder that commands run in and that file paths are relative to.
    pub folder: Option<String>,
    /// The folder that backups go to.
    pub backups: Option<String>,
    /// The application's log file.
    pub log: Option<String>,
    /// The path whose free space matters.
    pub disk: Option<String>,
    /// A prefix that runs a command on the environment's host: `ssh db-1`.
    pub shell: Option<String>,
    /// How requests to the service prove who sends them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    pub migrator: Option<Migrator>,
    /// Named commands: `stop`, `deploy`, `start`, `previous`, `backup`, `test` …
    pub commands: BTreeMap<String, String>,
    /// What this environment does not have, by the name items use in `needs`, each with the reason to show.
    pub lacks: BTreeMap<String, String>,
    /// Variables whose values are masked whatever they are called; those of the whole checklist among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
}

/// `real` unless given. `rehearsal` is the built-in simulation: only there may answers of people be simulated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EnvironmentKind {
    #[default]
    Real,
    /// The built-in simulation. Only here are simulated answers allowed. Its variables come from `rehearsal.toml`
    /// beside the ledger and from nowhere else.
    Rehearsal,
}

/// `open` unless given. In a `protected` environment its name is typed before anything that changes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Protection {
    #[default]
    Open,
    /// The environment's name is typed before anything that changes it.
    Protected,
}

/// Whether checks may write test rows here; `forbidden` unless given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Writes {
    #[default]
    Forbidden,
    Allowed,
}
