//! Targets, panes and sign-offs.

use super::checks::Query;
use super::words::{Id, ItemPath, Line, OneOrMany, Path, Time};
use crate::checklist::model::{OwnWork, SameUser, Signatures};
use crate::checklist::pane::{HostNumber, PostgresNumber, Statistic, Worse};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// A bound on one measurement, in the unit the measurement carries: exactly one of `below`, `at_most`, `at_least`, `equals`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["below"] }, { "required": ["at_most"] }, { "required": ["at_least"] }, { "required": ["equals"] }]))]
pub(crate) struct Target {
    /// The name of what the check measures: `duration`, `latency-p95`, `queries` …
    pub measure: String,
    pub below: Option<f64>,
    pub at_most: Option<f64>,
    pub at_least: Option<f64>,
    pub equals: Option<f64>,
    pub unit: String,
}

/// A bound on a pane's number, in its unit: one of `below`, `at_most`, `at_least`, `equals`; or `stable`; or both.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [{ "required": ["below"] }, { "required": ["at_most"] }, { "required": ["at_least"] }, { "required": ["equals"] }, { "required": ["stable"] }]))]
pub(crate) struct PaneTarget {
    pub below: Option<f64>,
    pub at_most: Option<f64>,
    pub at_least: Option<f64>,
    pub equals: Option<f64>,
    /// How much worse it may get an hour or a day, of its median: `5 %/h`, `20 %/d`.
    #[schemars(regex(pattern = r"^ *[0-9.]+ *% */ *[hd] *$"))]
    pub stable: Option<String>,
    /// Over which time `stable` is looked for; `2h` unless given.
    pub over: Option<Time>,
}

/// A metric that is watched while the deployment flies.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pane {
    pub id: Id,
    pub title: String,
    pub slot: String,
    pub source: Source,
    pub unit: String,
    /// How often to look; `2s` unless given.
    pub every: Option<Time>,
    pub target: Option<PaneTarget>,
    pub baseline: Option<Baseline>,
    /// Which way the number gets worse; `higher` unless given, or as the target and the source have it.
    pub worse: Option<Worse>,
    /// How many bad samples in a row raise an alert; 3 unless given.
    #[schemars(range(min = 1, max = 1000))]
    pub raise_after: Option<u32>,
    /// A file of PEM certificates that the target is trusted by; the environment's `ca` unless given.
    pub ca: Option<String>,
    /// How many good samples in a row clear it; 5 unless given.
    #[schemars(range(min = 1, max = 1000))]
    pub clear_after: Option<u32>,
}

/// Where a pane's numbers come from. Every source only reads.
#[derive(JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Source {
    /// One request; the number is its time in milliseconds.
    Latency { path: Path },
    /// One request; the number is what the header says.
    Header { path: Path, header: String },
    /// One request; the number is drawn from the answer: one of `number`, `contains`, `pattern` and `json`.
    Http {
        path: Path,
        /// `GET` unless given.
        method: Option<PaneMethod>,
        body: Option<String>,
        /// Values may hold `${VAR}`.
        headers: Option<BTreeMap<String, String>>,
        /// `latency` (milliseconds) unless another number is asked for.
        number: Option<HttpNumber>,
        /// 1 where the body holds this text, else 0.
        contains: Option<String>,
        /// A regular expression over the body; its first group is the number.
        pattern: Option<String>,
        /// A JSON pointer into the body: `/pool/free`.
        json: Option<String>,
    },
    /// Samples of the service's Prometheus text.
    Prometheus {
        /// A name with conditions on its labels: `http_requests_total{status=~"5.."}`.
        metric: String,
        reading: Option<PrometheusReading>,
        /// Between 0 and 1, of a histogram by its name without `_bucket`.
        quantile: Option<f64>,
        /// `/metrics` unless given.
        path: Option<Path>,
        /// What several series come to; `sum` unless given.
        over_series: Option<Aggregate>,
    },
    /// An expression that a Prometheus server evaluates.
    Promql {
        /// The server's URL; may hold `${VAR}`.
        server: String,
        query: String,
    },
    /// One value of a query on the environment's database.
    Sql { query: Query },
    /// Size of the database in bytes.
    DatabaseSize {},
    /// What a PostgreSQL server knows of itself.
    Postgres {
        number: PostgresNumber,
        /// The table of `dead-tuples`.
        table: Option<String>,
    },
    /// What a shell command prints, on the environment's host.
    Command {
        run: String,
        /// A regular expression over what it prints; its first group is the number. Without it all of it is.
        pattern: Option<String>,
        /// `1.5s` unless given.
        timeout: Option<Time>,
    },
    /// Lines of a log, followed over rotation.
    Log {
        /// The environment's `log` unless given; may hold `${VAR}`.
        path: Option<String>,
        /// `lines` unless given.
        number: Option<LogNumber>,
        /// Which lines count or begin an error; those with ERROR, FATAL, Traceback and the like unless given.
        pattern: Option<String>,
    },
    /// Processor, memory, disk or load of the environment's host.
    Host {
        number: HostNumber,
        /// All processes of this name.
        process: Option<String>,
        /// The process whose number is in this file.
        pid_file: Option<String>,
        /// Of a disk: any path on its file system.
        path: Option<String>,
    },
    /// Whether the service that another pane asks works: 100, or 0 where it does not; evaluated by its error budget.
    Availability {
        /// The id of a pane that asks a service.
        of: Id,
        /// Percent of the period: `99.9`.
        objective: f64,
        /// The period; `7d` unless given.
        over: Option<Time>,
    },
}

/// `lines` that match, a minute; `new-errors` are shapes of errors that were not in the log before.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogNumber {
    Lines,
    NewErrors,
}

#[derive(JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum PaneMethod {
    Get,
    Head,
    Post,
    Put,
    Options,
}

/// `latency` in milliseconds; `status` as it is.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HttpNumber {
    Latency,
    Status,
}

/// `value` unless given; `rate` is the increase a second; `quantile` is of a histogram's last minute.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PrometheusReading {
    Value,
    Rate,
    Quantile,
}

#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Aggregate {
    Sum,
    Avg,
    Max,
}

/// What a pane was before the change: what an item measured, or the pane's own samples before T-0.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["item", "measure"] }, { "required": ["before"] }]))]
pub(crate) struct Baseline {
    pub item: Option<ItemPath>,
    pub measure: Option<String>,
    /// How long before T-0: `1h`.
    pub before: Option<Time>,
    /// What of the samples is compared; `median` unless given.
    pub of: Option<Statistic>,
}

/// People who must sign together, and what they sign for.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignoffGroup {
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

/// Somebody who signs.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    pub id: Id,
    pub title: String,
    pub seed_line: Option<OneOrMany<Line>>,
    /// Roles that another person must hold: `role` of the same group, or `group/role`.
    pub differs_from: Option<Vec<String>>,
    pub same_user: Option<SameUser>,
    /// What the holder's key has to be allowed as in `allowed_signers`; `ROLE@CHECKLIST` unless given.
    pub principal: Option<String>,
}
