//! A metric pane as the cockpit has it: what was measured, when, and how it stands against its target.

pub mod board;
pub mod chart;
pub mod series;

use crate::checklist::EnvironmentName;
use crate::checklist::pane::Pane;
use crate::deployment::State;
use crate::deployment::measurement::Measurement;
use chrono::{DateTime, TimeDelta, Utc};
use series::{Bucket, Series};

/// A pane with what was measured of it.
#[derive(Debug, Clone)]
pub struct PaneView {
    pub pane: Pane,
    pub environment: EnvironmentName,
    pub series: Series,
    /// Why there is no number now.
    pub gap: Option<String>,
    pub last_at: Option<DateTime<Utc>>,
    last: Option<f64>,
    /// Something was added since its chart was prepared.
    pub(super) changed: bool,
    /// The buckets asked for so far: their width, and from when on.
    pub(super) asked: Option<(i64, i64)>,
}

/// How a pane stands against its target, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Beyond its target.
    Over,
    /// Nothing is known now: nothing measured yet, a gap, or a number that is too old.
    NoData,
    Ok,
    NoTarget,
}

impl PaneView {
    #[must_use]
    pub fn new(pane: Pane, environment: EnvironmentName) -> Self {
        let every = i64::try_from(pane.every.duration().as_millis()).unwrap_or(i64::MAX);
        let series = Series::new(every);
        Self { pane, environment, series, gap: None, last_at: None, last: None, changed: true, asked: None }
    }

    /// The newest number; none while there is a gap.
    #[must_use]
    pub fn last(&self) -> Option<f64> {
        self.last
    }

    pub fn push(&mut self, at: DateTime<Utc>, value: Result<f64, String>) {
        let value = match value {
            Ok(number) if !number.is_finite() => Err("not a finite number".to_owned()),
            other => other,
        };
        self.changed = true;
        // What comes late fills the chart in and is not the newest.
        if self.last_at.is_none_or(|last| at >= last) {
            self.last_at = Some(at);
            self.last = value.as_ref().ok().copied();
            self.gap = value.as_ref().err().cloned();
        }
        self.series.push(at.timestamp_millis(), value);
    }

    /// Takes in what others have kept of the time before.
    pub fn fill(&mut self, buckets: Vec<Bucket>) {
        self.changed = true;
        self.series.fill(buckets);
    }

    /// How old the newest number is, where that is older than a number of this pane may be.
    #[must_use]
    pub fn overdue(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let age = now - self.last_at?;
        (age.num_milliseconds() > self.series.patience().max(10_000)).then_some(age)
    }

    #[must_use]
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        match (self.last.filter(|_| self.overdue(now).is_none()), &self.pane.target) {
            (None, _) => Standing::NoData,
            (Some(_), None) => Standing::NoTarget,
            (Some(value), Some(target)) if target.bound.holds(value) => Standing::Ok,
            (Some(_), Some(_)) => Standing::Over,
        }
    }

    /// By how many doublings the newest number is beyond its target, so that small changes do not change the order.
    pub(super) fn doublings(&self) -> i32 {
        let (Some(value), Some(target)) = (self.last, &self.pane.target) else { return 0 };
        let number = target.bound.number();
        let ratio = if value.abs() > number.abs() { value / number } else { number / value };
        let size = ratio.abs().log2().floor();
        (0..=60).rev().find(|step| size >= f64::from(*step)).unwrap_or(0)
    }

    /// What the pane's baseline item measured, if it did.
    #[must_use]
    pub fn baseline(&self, state: &State) -> Option<Measurement> {
        let baseline = self.pane.baseline.as_ref()?;
        let outcome = state.latest(&baseline.item)?.outcome()?;
        outcome.measured.iter().find(|measured| measured.name == baseline.measure).cloned()
    }
}
