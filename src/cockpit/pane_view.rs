//! A metric pane as the cockpit has it: what was measured, how it stands, and its chart.

pub mod board;
pub(crate) mod chart;

pub use crate::deployment::metrics::series;

use crate::checklist::EnvironmentName;
use crate::checklist::pane::Pane;
use crate::deployment::metrics::{Assessment, PaneVerdict, Watched};
use crate::deployment::{Plan, State};
use chrono::{DateTime, TimeDelta, Utc};
use series::Bucket;
use std::ops::Deref;

/// A pane with what was measured of it.
#[derive(Debug, Clone)]
pub struct PaneView {
    watched: Watched,
    seen: Assessment,
    /// When it was looked at last.
    looked: Option<DateTime<Utc>>,
    /// Something was added since its chart was prepared.
    pub(super) changed: bool,
    /// The buckets asked for so far: their width, and from when on.
    pub(super) asked: Option<(i64, i64)>,
}

/// How long a look holds while nothing new comes.
const HOLDS: TimeDelta = TimeDelta::seconds(1);

impl Deref for PaneView {
    type Target = Watched;

    fn deref(&self) -> &Watched {
        &self.watched
    }
}

impl PaneView {
    #[must_use]
    pub fn new(pane: Pane, environment: EnvironmentName) -> Self {
        let seen = Assessment::no_data(&pane.unit, "nothing measured yet");
        Self { watched: Watched::new(pane, environment), seen, looked: None, changed: true, asked: None }
    }

    pub fn push(&mut self, at: DateTime<Utc>, value: Result<f64, String>) {
        (self.changed, self.looked) = (true, None);
        self.watched.push(at, value);
    }

    /// Takes in what others have kept of the time before.
    pub fn fill(&mut self, buckets: Vec<Bucket>) {
        (self.changed, self.looked) = (true, None);
        self.watched.fill(buckets);
    }

    /// Holds from here on as if it had been sampled into this series.
    pub fn hold(&mut self, series: series::Series) {
        (self.changed, self.looked) = (true, None);
        self.watched.series = series;
    }

    /// Looks at it, unless nothing can have changed since.
    pub(super) fn look(&mut self, plan: &Plan, state: &State, now: DateTime<Utc>) {
        let fresh = self.looked.is_some_and(|looked| looked <= now && now - looked < HOLDS);
        if !fresh {
            self.watched.set_back(now);
            self.seen = self.watched.assess(plan, state, now);
            self.looked = Some(now);
        }
    }

    /// How it stands, as it was looked at last.
    pub fn seen(&self) -> &Assessment {
        &self.seen
    }

    /// The place in a list that shows the worst first.
    pub(super) fn rank(&self) -> u8 {
        let evaluated = self.seen.evaluated || self.seen.verdict == PaneVerdict::NoData;
        if evaluated { self.seen.verdict.rank() } else { u8::MAX }
    }

    /// By how many doublings the number is beyond its target, so that small changes do not change the order.
    pub(super) fn doublings(&self) -> i32 {
        let (Some(value), Some(target)) = (self.seen.value, &self.pane.target) else { return 0 };
        let number = target.bound.number();
        let ratio = if value.abs() > number.abs() { value / number } else { number / value };
        let size = ratio.abs().log2().floor();
        (0..=60).rev().find(|step| size >= f64::from(*step)).unwrap_or(0)
    }

    /// What the baseline comes to, and how far it may be off.
    pub fn baseline(&self) -> Option<(f64, Option<(f64, f64)>)> {
        self.reference().known.as_ref().map(|known| (known.value, known.band))
    }
}
