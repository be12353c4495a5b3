//! Where a pane's numbers come from.

use crate::checklist::check::Query;
use crate::checklist::ids::PaneId;
use crate::checklist::offset::Span;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

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
    Sql { query: Query },
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
    /// Whether the service that another pane asks works: 100, or 0 where it does not.
    Availability {
        of: PaneId,
        #[serde(flatten)]
        objective: Objective,
    },
}

/// How much of a period a service has to work.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Objective {
    #[serde(rename = "objective")]
    pub percent: f64,
    pub over: Span,
}

impl Objective {
    /// The period unless the checklist says otherwise: as long as a deployment is watched.
    pub const OVER: Span = Span::from_millis(7 * 24 * 3_600_000);

    /// The share of a time that may be down, above 0.
    pub fn allowed(self) -> f64 {
        (1.0 - self.percent / 100.0).max(f64::EPSILON)
    }
}

impl std::fmt::Display for Objective {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "≥ {} % over {}", self.percent, self.over)
    }
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
    /// The process whose number is in this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid_file: Option<String>,
    /// Of a disk: any path on its file system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// `processor` in percent of one; `memory` and disks in bytes; `load` of the last minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
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

/// What a server is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
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

/// What a source asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    Service,
    Database,
    Host,
    /// A server that the source names itself.
    Elsewhere,
    /// What another pane asks.
    Pane,
}

impl Source {
    pub fn asks(&self) -> Asks {
        match self {
            Source::Latency { .. } | Source::Header { .. } | Source::Http(_) | Source::Prometheus(_) => Asks::Service,
            Source::Sql { .. } | Source::DatabaseSize | Source::Postgres { .. } => Asks::Database,
            Source::Command { .. } | Source::Log { .. } | Source::Host(_) => Asks::Host,
            Source::Promql { .. } => Asks::Elsewhere,
            Source::Availability { .. } => Asks::Pane,
        }
    }

    /// Whether it asks over HTTP, and so perhaps over TLS.
    pub fn may_use_tls(&self) -> bool {
        matches!(self.asks(), Asks::Service | Asks::Elsewhere)
    }

    /// Whether its numbers are times of requests, which are read as their 95th percentile.
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
            | Source::Host(_)
            | Source::Availability { .. } => false,
        }
    }

    /// Whether its number counts kinds of trouble and never falls: each further one is news.
    pub fn counts_kinds(&self) -> bool {
        matches!(self, Source::Log { number: LogNumber::NewErrors { .. }, .. })
    }

    /// Whether it has a number just as long as the service works: a status is a number also of an error.
    pub fn shows_whether_it_works(&self) -> bool {
        let is_status = matches!(self, Source::Http(http) if http.number == HttpNumber::Status);
        self.asks() == Asks::Service && !is_status
    }

    /// The texts of it that may hold `${VAR}`s whose values are put in place before it is asked.
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
            | Source::Postgres { .. }
            | Source::Availability { .. } => Vec::new(),
        }
    }
}
