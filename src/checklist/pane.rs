//! Metrics that are watched while the deployment flies.

use super::ids::{ItemId, PaneId, SlotId};
use super::offset::Span;
use super::target::{Bound, Target};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pane {
    pub id: PaneId,
    pub title: String,
    pub slot: SlotId,
    pub source: Source,
    pub unit: String,
    pub every: Span,
    pub target: Option<Target>,
    /// How much it may grow an hour, where that is a target too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stable: Option<Stable>,
    pub baseline: Option<Baseline>,
    /// Which way is worse, where the source does not say it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worse: Option<Worse>,
    #[serde(flatten, skip_serializing_if = "Patience::is_usual")]
    pub patience: Patience,
}

impl Pane {
    /// One that nothing is expected of, looked at every two seconds.
    pub fn new(id: impl Into<PaneId>, slot: impl Into<SlotId>, source: Source, unit: impl Into<String>) -> Self {
        let id = id.into();
        Self {
            title: id.to_string(),
            id,
            slot: slot.into(),
            source,
            unit: unit.into(),
            every: Span::from_millis(2_000),
            target: None,
            stable: None,
            baseline: None,
            worse: None,
            patience: Patience::default(),
        }
    }

    /// Which way this number gets worse.
    #[must_use]
    pub fn worse(&self) -> Worse {
        let by_target = self.target.as_ref().map(|target| match target.bound {
            Bound::AtLeast(_) => Worse::Lower,
            Bound::Below(_) | Bound::AtMost(_) | Bound::Equals(_) => Worse::Higher,
        });
        self.worse.or(by_target).unwrap_or(match &self.source {
            Source::Postgres { number: PostgresNumber::CacheHitRatio, .. }
            | Source::Host(Host { number: HostNumber::DiskFree, .. }) => Worse::Lower,
            _ => Worse::Higher,
        })
    }
}

/// Which way a number gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Worse {
    Higher,
    Lower,
}

impl Worse {
    /// 1 where more is worse, -1 where less is.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Worse::Higher => 1.0,
            Worse::Lower => -1.0,
        }
    }
}

/// `stable = "5 %/h"`: worse by no more than so much of its median an hour, over hours.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stable {
    /// Percent an hour.
    pub percent: f64,
    pub over: Span,
}

impl Stable {
    /// Over which time a slope is looked for unless the checklist says otherwise.
    pub const OVER: Span = Span::from_millis(2 * 3_600_000);

    /// Reads `5 %/h` and `20 %/d`.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(text: &str) -> Result<f64, String> {
        let refuse = || format!("`{text}` is no limit of growth; write for example 5 %/h or 20 %/d");
        let (number, per) = text.split_once('%').ok_or_else(refuse)?;
        let percent: f64 = number.trim().parse().map_err(|_| refuse())?;
        let hours = match per.trim().strip_prefix('/').map(str::trim) {
            Some("h") => 1.0,
            Some("d") => 24.0,
            _ => return Err(refuse()),
        };
        if percent.is_finite() && percent > 0.0 { Ok(percent / hours) } else { Err(refuse()) }
    }
}

impl std::fmt::Display for Stable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "≤ {} %/h over {}", (self.percent * 100.0).round() / 100.0, self.over)
    }
}

/// How many samples in a row it takes before a verdict is told as a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Patience {
    /// Bad ones.
    pub raise_after: u32,
    /// Good ones.
    pub clear_after: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { raise_after: 3, clear_after: 5 }
    }
}

impl Patience {
    /// Checklists that do not speak of it mean what they meant before there was any.
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Where a pane's numbers come from. Every source reads only and is limited in time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Source {
    /// One request; the number is its time in milliseconds.
    Latency { path: String },
    /// One request; the number is what the header says.
    Header { path: String, header: String },
    /// One request; the number is drawn from the answer.
    Http(Http),
    /// Samples of the service's Prometheus text.
    Prometheus(Prometheus),
    /// An expression that a Prometheus server evaluates. `server` may hold `${VAR}`.
    Promql { server: String, query: String },
    /// One value of a query on the environment's database.
    Sql { query: super::check::Query },
    /// Size of the database in bytes.
    DatabaseSize,
    /// What a PostgreSQL server knows of itself. `table` for `dead-tuples`.
    Postgres {
        number: PostgresNumber,
        #[serde(skip_serializing_if = "Option::is_none")]
        table: Option<String>,
    },
    /// What a shell command prints, on the environment's host: the first group of the pattern, or all of it.
    Command {
        run: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        timeout: Option<Span>,
    },
    /// Lines of a log; the environment's unless a file is named.
    Log {
        #[serde(skip_serializing_if = "Option::is_none")]
        path: Option<String>,
        number: LogNumber,
    },
    /// Processor, memory, disk or load of the environment's host.
    Host(Host),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogNumber {
    /// Lines that match, a minute; those that tell of errors unless the pattern says otherwise.
    Lines {
        #[serde(skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
    },
    /// Shapes of errors that were not in the log before it was watched. The pattern says what an error is.
    NewErrors {
        #[serde(skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Host {
    pub number: HostNumber,
    /// All processes of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// The process whose number stands in this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid_file: Option<String>,
    /// Of a disk: any path on its file system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostNumber {
    /// Percent of one processor.
    Processor,
    /// Resident bytes.
    Memory,
    /// Bytes.
    DiskFree,
    /// Bytes.
    DiskUsed,
    /// Of the last minute.
    Load,
}

/// A request and what of its answer is the number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Http {
    pub path: String,
    pub method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Values may hold `${VAR}`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    pub number: HttpNumber,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HttpNumber {
    /// Milliseconds from the first byte to the last; an answer other than 2xx gives none.
    Latency,
    /// The status, whatever it is.
    Status,
    /// 1 where the body holds the text, else 0.
    Contains(String),
    /// The first group of a regular expression over the body.
    Pattern(String),
    /// What a JSON pointer shows: a number, a text that is one, or true and false as 1 and 0.
    Json(String),
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prometheus {
    /// A name with conditions on its labels: `http_requests_total{status=~"5.."}`.
    pub metric: String,
    pub reading: PrometheusReading,
    /// Below the environment's URL.
    pub path: String,
    #[serde(skip_serializing_if = "Aggregate::is_sum")]
    pub over_series: Aggregate,
}

impl Prometheus {
    /// The sum over the chosen series of `/metrics`.
    pub fn of(metric: impl Into<String>, reading: PrometheusReading) -> Self {
        Self { metric: metric.into(), reading, path: "/metrics".to_owned(), over_series: Aggregate::Sum }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrometheusReading {
    #[default]
    Value,
    /// The increase a second since the scrape before.
    Rate,
    /// The quantile of a histogram's observations of the last minute, or of the last interval where that is longer.
    Quantile(f64),
}

/// What several series come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aggregate {
    #[default]
    Sum,
    Average,
    Max,
}

impl Aggregate {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_sum(&self) -> bool {
        *self == Self::Sum
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PostgresNumber {
    /// Client connections in percent of those that are not reserved.
    ConnectionsUsed,
    IdleInTransaction,
    /// Seconds.
    OldestTransaction,
    /// Percent of blocks found in the server's memory since the sample before.
    CacheHitRatio,
    /// A second.
    Deadlocks,
    /// Bytes a second written to temporary files.
    TemporaryBytes,
    /// Statements a second.
    Calls,
    /// Milliseconds a statement since the sample before.
    MeanTime,
    /// Statements that take more than 100 ms on average.
    SlowStatements,
    /// Seconds.
    ReplicationLag,
    /// Bytes a second.
    WalRate,
    /// Of one table.
    DeadTuples,
}

impl PostgresNumber {
    /// As checklists write them.
    pub const NAMES: [(&str, Self); 12] = [
        ("connections-used", Self::ConnectionsUsed),
        ("idle-in-transaction", Self::IdleInTransaction),
        ("oldest-transaction", Self::OldestTransaction),
        ("cache-hit-ratio", Self::CacheHitRatio),
        ("deadlocks", Self::Deadlocks),
        ("temporary-bytes", Self::TemporaryBytes),
        ("calls", Self::Calls),
        ("mean-time", Self::MeanTime),
        ("slow-statements", Self::SlowStatements),
        ("replication-lag", Self::ReplicationLag),
        ("wal-rate", Self::WalRate),
        ("dead-tuples", Self::DeadTuples),
    ];
}

/// What a source asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    Service,
    Database,
    Host,
    /// A server that the source names itself.
    Elsewhere,
}

impl Source {
    #[must_use]
    pub fn asks(&self) -> Asks {
        match self {
            Source::Latency { .. } | Source::Header { .. } | Source::Http(_) | Source::Prometheus(_) => Asks::Service,
            Source::Sql { .. } | Source::DatabaseSize | Source::Postgres { .. } => Asks::Database,
            Source::Command { .. } | Source::Log { .. } | Source::Host(_) => Asks::Host,
            Source::Promql { .. } => Asks::Elsewhere,
        }
    }

    /// Whether its numbers are times of requests, which are read as their 95th percentile.
    #[must_use]
    pub fn is_latency(&self) -> bool {
        match self {
            Source::Latency { .. } => true,
            Source::Http(http) => http.number == HttpNumber::Latency,
            Source::Header { .. }
            | Source::Prometheus(_)
            | Source::Promql { .. }
            | Source::Sql { .. }
            | Source::DatabaseSize
            | Source::Postgres { .. }
            | Source::Command { .. }
            | Source::Log { .. }
            | Source::Host(_) => false,
        }
    }

    /// The texts of it that may hold `${VAR}`s whose values are put in place before it is asked.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Source::Http(http) => http.headers.values().chain(&http.body).map(String::as_str).collect(),
            Source::Promql { server, .. } => vec![server],
            Source::Command { run, .. } => vec![run],
            Source::Log { path, .. } => path.iter().map(String::as_str).collect(),
            Source::Host(host) => [&host.pid_file, &host.path].into_iter().flatten().map(String::as_str).collect(),
            Source::Latency { .. }
            | Source::Header { .. }
            | Source::Prometheus(_)
            | Source::Sql { .. }
            | Source::DatabaseSize
            | Source::Postgres { .. } => Vec::new(),
        }
    }
}

/// What a pane was before the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Baseline {
    /// What an item measured.
    Item { item: ItemId, measure: String },
    /// The pane's own samples, over so long before T-0.
    Before {
        before: Span,
        #[serde(skip_serializing_if = "Option::is_none")]
        of: Option<Statistic>,
    },
}

/// By what number of a set of samples two sets are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statistic {
    #[default]
    Median,
    P95,
}

impl Baseline {
    /// The item that measures it, and what of it.
    #[must_use]
    pub fn item(&self) -> Option<(&ItemId, &str)> {
        match self {
            Baseline::Item { item, measure } => Some((item, measure)),
            Baseline::Before { .. } => None,
        }
    }

    #[must_use]
    pub fn statistic(&self) -> Statistic {
        match self {
            Baseline::Item { measure, .. } if measure == "latency-p95" => Statistic::P95,
            Baseline::Item { .. } => Statistic::Median,
            Baseline::Before { of, .. } => of.unwrap_or_default(),
        }
    }
}
