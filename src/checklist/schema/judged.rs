//! Targets, panes and sign-offs.

use super::checks::Query;
use super::words::{Id, ItemPath, Line, OneOrMany, Path, Time};
use schemars::JsonSchema;

/// A bound on one measurement, in the unit the measurement carries: exactly one of `below`, `at_most`, `at_least`, `equals`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["below"] }, { "required": ["at_most"] }, { "required": ["at_least"] }, { "required": ["equals"] }]))]
pub struct Target {
    /// The name of what the check measures: `duration`, `latency-p95`, `queries` …
    pub measure: String,
    pub below: Option<f64>,
    pub at_most: Option<f64>,
    pub at_least: Option<f64>,
    pub equals: Option<f64>,
    pub unit: String,
}

/// A bound on a pane's number, in its unit: exactly one of `below`, `at_most`, `at_least`, `equals`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["below"] }, { "required": ["at_most"] }, { "required": ["at_least"] }, { "required": ["equals"] }]))]
pub struct PaneTarget {
    pub below: Option<f64>,
    pub at_most: Option<f64>,
    pub at_least: Option<f64>,
    pub equals: Option<f64>,
}

/// A metric that is watched while the deployment flies.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pane {
    pub id: Id,
    pub title: String,
    pub slot: String,
    pub source: Source,
    pub unit: String,
    /// How often to look; `2s` unless given.
    pub every: Option<Time>,
    pub target: Option<PaneTarget>,
    pub baseline: Option<Baseline>,
}

/// Where a pane's numbers come from. Every source only reads.
#[derive(JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// One request; the number is its time in milliseconds.
    Latency { path: Path },
    /// One request; the number is what the header says.
    Header { path: Path, header: String },
    /// A sample of the service's Prometheus text.
    Prometheus { metric: String, reading: Option<PrometheusReading> },
    /// One value of a query on the environment's database.
    Sql { query: Query },
    /// Size of the database in bytes.
    DatabaseSize {},
}

/// `value` unless given; `rate` is the increase a second.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PrometheusReading {
    Value,
    Rate,
}

/// The measurement that an item took before the change, shown beside the live number.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    pub item: ItemPath,
    pub measure: String,
}

/// People who must sign together, and what they sign for.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignoffGroup {
    pub id: Id,
    pub title: String,
    /// The phases whose results are the evidence signed for.
    pub phases: Vec<String>,
    pub role: Vec<Role>,
    pub signed: Option<Signatures>,
    /// How many people have to say GO; every role has to unless given.
    #[schemars(range(min = 1))]
    pub at_least: Option<u32>,
    pub own_work: Option<OwnWork>,
}

/// Whether sign-offs of the group have to be signed with an SSH key. `optional` unless given: those that are not signed
/// are marked.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Signatures {
    Required,
    Optional,
}

/// Whether who carried out something in the phases may sign for them; `allowed` unless given.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OwnWork {
    Refused,
    Allowed,
}

/// Somebody who signs.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub id: Id,
    pub title: String,
    pub seed_line: Option<OneOrMany<Line>>,
    /// Roles that another person must hold: `role` of the same group, or `group/role`.
    pub differs_from: Option<Vec<String>>,
    pub same_user: Option<SameUser>,
    /// What the holder's key has to be allowed as in `allowed_signers`; `ROLE@CHECKLIST` unless given.
    pub principal: Option<String>,
}

/// Whether one user of the operating system may sign in this role and in one that it differs from, under two names.
/// `refused` unless given; where it is `allowed` it is marked.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SameUser {
    Refused,
    Allowed,
}
