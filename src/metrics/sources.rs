//! Taking one number from a pane's source: one file a kind. What goes to a service or a database is here, what is running on a
//! host in the collector.

mod http;
mod postgres;
mod prometheus;
mod promql;
pub mod query;
mod service;
mod sql;

pub use query::Query;
pub use service::Service;

use crate::checklist::auth::Auth;
use crate::checklist::pane::{Pane, Source};
use crate::checklist::{Environment, EnvironmentName, PaneId};
use crate::metrics::probe::{Failure, FailureKind, Probe, Session};
use crate::metrics::series::{Gap, Point};
use query::QueryFailure;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Why there is no number now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The target did not answer; it is asked less often until it does.
    Down(String),
    /// Nobody came as far as the target: its name was not found, the network is away. Asked less often too.
    Unreached(String),
    /// It answered that it does not work.
    Failing(String),
    /// It answered, and nothing can be made of that.
    Unusable(String),
}

impl Missing {
    pub fn gap(self) -> Gap {
        match self {
            Self::Down(why) | Self::Failing(why) => Gap::down(why),
            Self::Unreached(why) | Self::Unusable(why) => Gap::new(why),
        }
    }

    /// Whether the target is better asked less often for a while.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Down(_) | Self::Unreached(_) => true,
            Self::Failing(_) | Self::Unusable(_) => false,
        }
    }
}

/// A number that is on its way. Dropping it must end the work at the target too.
pub type Taking<'a> = Pin<Box<dyn Future<Output = Result<f64, Missing>> + Send + 'a>>;

/// What a source knows of a time before it was watched.
pub type Past<'a> = Pin<Box<dyn Future<Output = Result<Vec<Point>, Missing>> + Send + 'a>>;

/// A source, ready to be asked, with what it must remember in between.
pub trait Take: Send {
    fn take(&mut self) -> Taking<'_>;

    /// Its numbers over a span, one each `step`; `None` for a source that knows the present alone.
    fn past(&mut self, _span_ms: Range<i64>, _step: Duration) -> Option<Past<'_>> {
        None
    }
}

/// Why a source can never be asked. No sentence holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("{0} has no url")]
    NoUrl(EnvironmentName),
    #[error("the database of {0} is not open")]
    NoDatabase(EnvironmentName),
    #[error("the environment's url with {path} is no address: {why}")]
    Address { path: String, why: String },
    #[error("the environment's url must begin with http:// or https:// and a host")]
    NotHttp,
    #[error("`server` is no address of a Prometheus server; write http://HOST:PORT")]
    Server,
    #[error("`auth`: {0}")]
    Auth(&'static str),
    #[error("the CA file {path} {why}")]
    Authority { path: String, why: String },
    #[error("`{text}` selects no metric: {why}")]
    Selector { text: String, why: String },
    #[error("{} {} not set where the collector was started", .0.join(", "), if .0.len() == 1 { "is" } else { "are" })]
    Unset(Vec<String>),
    #[error("no metric `{pane}` is watched in {environment}")]
    Unwatched { pane: PaneId, environment: EnvironmentName },
    /// What is written makes no question.
    #[error("{0}")]
    Written(String),
}

/// A source that can never be asked says why, each time.
pub struct Never(pub String);

impl Take for Never {
    fn take(&mut self) -> Taking<'_> {
        let why = self.0.clone();
        Box::pin(async move { Err(Missing::Unusable(why)) })
    }
}

/// Gives the session of a login at an address, or why there is none.
pub type Login<'a> = dyn Fn(&Auth, &str) -> Result<Arc<Session>, SourceError> + 'a;

/// What a source may need of its environment.
pub struct Reach<'a> {
    pub name: &'a EnvironmentName,
    /// With every `${VAR}` in place.
    pub environment: &'a Environment,
    /// Reads the environment's database, where there is one.
    pub query: Option<Arc<dyn Query>>,
    pub probe: Probe,
    /// The login that all panes of the environment share.
    pub session: &'a Login<'a>,
    /// Puts the `${VAR}`s of a text of the source in place; an error names those that are not set.
    pub expand: &'a dyn Fn(&str) -> Result<String, SourceError>,
}

impl Reach<'_> {
    fn database(&self) -> Result<Arc<dyn Query>, SourceError> {
        self.query.clone().ok_or_else(|| SourceError::NoDatabase(self.name.clone()))
    }
}

/// What takes the numbers of a pane; `None` for what is running on a host.
///
/// # Errors
/// Why it can never be asked.
pub fn of(pane: &Pane, reach: &Reach<'_>) -> Result<Option<Box<dyn Take>>, SourceError> {
    Ok(Some(match &pane.source {
        Source::Latency { path } => Box::new(http::Latency::new(Service::of(reach, path)?)),
        Source::Header { path, header } => Box::new(http::Header::new(Service::of(reach, path)?, header.clone())),
        Source::Http(source) => Box::new(http::Http::new(source, reach)?),
        Source::Prometheus(source) => Box::new(prometheus::Scrape::new(source, reach, pane.every.duration())?),
        Source::Promql { server, query } => Box::new(promql::Promql::new(server, query, reach)?),
        Source::Sql { query } => Box::new(sql::Scalar::new(reach.database()?, query.clone())),
        Source::DatabaseSize => Box::new(sql::Size::new(reach.database()?)),
        Source::Postgres { number, table } => {
            Box::new(postgres::Builtin::new(reach.database()?, *number, table.as_deref()))
        }
        Source::Command { .. } | Source::Log { .. } | Source::Host(_) | Source::Availability { .. } => return Ok(None),
    }))
}

impl From<Failure> for Missing {
    fn from(failure: Failure) -> Self {
        match failure.kind {
            FailureKind::Refused | FailureKind::TimedOut | FailureKind::Broken => Missing::Down(failure.reason),
            FailureKind::Unreachable | FailureKind::NoLogin => Missing::Unreached(failure.reason),
            FailureKind::TooLong => Missing::Unusable(failure.reason),
        }
    }
}

impl From<QueryFailure> for Missing {
    fn from(failure: QueryFailure) -> Self {
        match failure {
            QueryFailure::Unreachable(why) => Missing::Down(why),
            QueryFailure::NoNumber(why) => Missing::Unusable(why),
        }
    }
}

/// The number in the first group of a pattern.
///
/// # Errors
/// When `what` does not match it, or the group holds no number.
pub fn first_group(pattern: &regex::Regex, text: &str, what: &str) -> Result<f64, Missing> {
    let captures = pattern.captures(text);
    let captures = captures.ok_or_else(|| Missing::Unusable(format!("{what} does not match `{pattern}`")))?;
    let group = captures.get(1).map_or("", |group| group.as_str());
    group.trim().parse().map_err(|_| Missing::Unusable(format!("{what} holds no number where `{pattern}` wants one")))
}
