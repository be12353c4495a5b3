//! Metrics that are watched while the deployment flies.

use super::ids::{ItemId, PaneId, SlotId};
use super::offset::Span;
use super::target::Target;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pane {
    pub id: PaneId,
    pub title: String,
    pub slot: SlotId,
    pub source: Source,
    pub unit: String,
    pub every: Span,
    pub target: Option<Target>,
    pub baseline: Option<Baseline>,
}

/// Where a pane's numbers come from. Every source reads only and is limited in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Source {
    /// One request; the number is its time in milliseconds.
    Latency { path: String },
    /// One request; the number is what the header says.
    Header { path: String, header: String },
    /// A sample of the service's Prometheus text; `rate` gives the increase a second.
    Prometheus { metric: String, reading: PrometheusReading },
    /// One value of a query on the environment's database.
    Sql { query: super::check::Query },
    /// Size of the database in bytes.
    DatabaseSize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrometheusReading {
    #[default]
    Value,
    Rate,
}

/// The measurement that an item took before the change, shown beside the live number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Baseline {
    pub item: ItemId,
    pub measure: String,
}
