//! A metric as whoever watches it holds it: its numbers so far, the newest of them, and what it is compared with.

use super::evaluate::evaluate;
use super::reference::Reference;
use super::series::{Bucket, Series};
use super::verdict::Assessment;
use crate::checklist::EnvironmentName;
use crate::checklist::pane::Pane;
use crate::deployment::{Plan, State};
use chrono::{DateTime, TimeDelta, Utc};

/// A metric with what was measured of it.
#[derive(Debug, Clone)]
pub struct Watched {
    pub pane: Pane,
    pub environment: EnvironmentName,
    pub series: Series,
    /// Why there is no number now.
    pub gap: Option<String>,
    pub last_at: Option<DateTime<Utc>>,
    last: Option<f64>,
    /// When the newest number came.
    number_at: Option<DateTime<Utc>>,
    reference: Reference,
}

impl Watched {
    #[must_use]
    pub fn new(pane: Pane, environment: EnvironmentName) -> Self {
        let every = i64::try_from(pane.interval().duration().as_millis()).unwrap_or(i64::MAX);
        let series = Series::new(every);
        let (gap, last_at, last, number_at) = (None, None, None, None);
        Self { pane, environment, series, gap, last_at, last, number_at, reference: Reference::default() }
    }

    /// The newest number; none while there is a gap.
    pub fn last(&self) -> Option<f64> {
        self.last
    }

    pub fn push(&mut self, at: DateTime<Utc>, value: Result<f64, String>) {
        let value = match value {
            Ok(number) if !number.is_finite() => Err("not a finite number".to_owned()),
            other => other,
        };
        self.heard(at, &value);
        self.series.push(at.timestamp_millis(), value);
    }

    /// Takes note of the newest sample where the series holds it already.
    pub fn heard(&mut self, at: DateTime<Utc>, value: &Result<f64, String>) {
        if value.is_ok() {
            self.number_at = self.number_at.max(Some(at));
        }
        // What comes late fills the chart in and is not the newest.
        if self.last_at.is_none_or(|last| at >= last) {
            self.last_at = Some(at);
            self.last = value.as_ref().ok().copied();
            self.gap = value.as_ref().err().cloned();
        }
    }

    /// Forgets when the newest number came where that is still to come: the clock was set back, and what comes now is newer.
    pub fn set_back(&mut self, now: DateTime<Utc>) {
        if self.last_at.is_some_and(|last| last > now + TimeDelta::seconds(1)) {
            (self.last_at, self.last, self.gap, self.number_at) = (None, None, None, None);
        }
    }

    /// When the newest number came, also one of before this watcher; of long ago to the minute.
    pub fn number_at(&self) -> Option<DateTime<Utc>> {
        self.number_at.or_else(|| {
            let numbers = self.series.pieces(i64::MIN..i64::MAX).filter(|piece| piece.count() > 0);
            DateTime::from_timestamp_millis(numbers.last()?.end_ms())
        })
    }

    /// Takes in what others have kept of the time before.
    pub fn fill(&mut self, buckets: Vec<Bucket>) {
        self.series.fill(buckets);
        self.reference = Reference::default();
    }

    /// How old the newest number is, where that is older than a number of this metric may be.
    pub fn overdue(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let age = now - self.last_at?;
        (age.num_milliseconds() > self.series.patience().max(10_000)).then_some(age)
    }

    /// What it is compared with, as far as that is known by now.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// How it stands. The one answer for screens, alerts, reports and scripts.
    pub fn assess(&mut self, plan: &Plan, state: &State, now: DateTime<Utc>) -> Assessment {
        self.reference.renew(&self.pane, &self.environment, &self.series, plan, state, now);
        evaluate(self, now)
    }

    /// Compared with this, as if it had been worked out.
    #[cfg(test)]
    pub(super) fn compared_with(&mut self, reference: Reference) {
        self.reference = reference;
    }
}
