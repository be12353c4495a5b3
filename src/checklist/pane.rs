//! Metrics that are watched while the deployment flies.

mod source;

pub use source::{
    Aggregate, Asks, Host, HostNumber, Http, HttpNumber, LogNumber, Objective, PostgresNumber, Prometheus,
    PrometheusReading, Source,
};

use super::ids::{ItemId, PaneId, SlotId};
use super::offset::Span;
use super::target::{Bound, Target};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pane {
    pub id: PaneId,
    pub title: String,
    pub slot: SlotId,
    pub source: Source,
    pub unit: String,
    /// As it is written; how often samples come is [`Pane::interval`].
    pub every: Span,
    /// Of availability: how often the pane is sampled whose samples it takes.
    #[serde(skip)]
    pub asked_every: Option<Span>,
    pub target: Option<Target>,
    /// How much it may grow an hour, where that is a target too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stable: Option<Stable>,
    pub baseline: Option<Baseline>,
    /// Which way is worse, where the source does not say it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worse: Option<Worse>,
    /// A file of certificates that the target is trusted by; the environment's `ca` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
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
            asked_every: None,
            target: None,
            stable: None,
            baseline: None,
            worse: None,
            ca: None,
            patience: Patience::default(),
        }
    }

    /// How often its samples come. Availability takes every sample of another pane, so that is how often that one is asked.
    pub fn interval(&self) -> Span {
        self.asked_every.unwrap_or(self.every)
    }

    /// What is expected of it: `< 200 ms`.
    pub fn expected(&self) -> Option<String> {
        let target = self.target.as_ref().map(ToString::to_string);
        let stable = self.stable.map(|stable| stable.to_string());
        target.or(stable).or(match &self.source {
            Source::Availability { objective, .. } => Some(format!("≥ {} %", objective.percent)),
            _ => None,
        })
    }

    /// The number that divides good from bad: of the target, or the objective of an availability.
    pub fn bound(&self) -> Option<Bound> {
        let own = self.target.as_ref().map(|target| target.bound);
        own.or(match &self.source {
            Source::Availability { objective, .. } => Some(Bound::AtLeast(objective.percent)),
            _ => None,
        })
    }

    /// Which way this number gets worse.
    pub fn worse(&self) -> Worse {
        let by_target = self.target.as_ref().map(|target| match target.bound {
            Bound::AtLeast(_) => Worse::Lower,
            Bound::Below(_) | Bound::AtMost(_) | Bound::Equals(_) => Worse::Higher,
        });
        self.worse.or(by_target).unwrap_or(match &self.source {
            Source::Postgres { number: PostgresNumber::CacheHitRatio, .. }
            | Source::Host(Host { number: HostNumber::DiskFree, .. })
            | Source::Availability { .. } => Worse::Lower,
            _ => Worse::Higher,
        })
    }
}

/// Which way a number gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Worse {
    Higher,
    Lower,
}

impl Worse {
    /// 1 where more is worse, -1 where less is.
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
    pub(in crate::checklist) fn parse(text: &str) -> Option<f64> {
        let (number, per) = text.split_once('%')?;
        let percent: f64 = number.trim().parse().ok()?;
        let hours = match per.trim().strip_prefix('/').map(str::trim) {
            Some("h") => 1.0,
            Some("d") => 24.0,
            _ => return None,
        };
        (percent.is_finite() && percent > 0.0).then_some(percent / hours)
    }
}

impl std::fmt::Display for Stable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "≤ {} %/h over {}", (self.percent * 100.0).round() / 100.0, self.over)
    }
}

/// How many samples in a row it takes before a verdict is reported as a change.
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
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_usual(&self) -> bool {
        *self == Self::default()
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Statistic {
    #[default]
    Median,
    P95,
}

impl Baseline {
    /// The item that measures it, and what of it.
    pub fn item(&self) -> Option<(&ItemId, &str)> {
        match self {
            Baseline::Item { item, measure } => Some((item, measure)),
            Baseline::Before { .. } => None,
        }
    }

    pub fn statistic(&self) -> Statistic {
        match self {
            Baseline::Item { measure, .. } if measure == "latency-p95" => Statistic::P95,
            Baseline::Item { .. } => Statistic::Median,
            Baseline::Before { of, .. } => of.unwrap_or_default(),
        }
    }
}
