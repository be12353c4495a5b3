//! What a metric is compared with: the samples that an item took before the change, or the metric's own before T-0.

use super::estimate::{LEAST, Sample};
use super::series::{Piece, Series};
use crate::checklist::check::{Check, Direction, MigrationTarget};
use crate::checklist::pane::{Baseline, Pane, Statistic};
use crate::checklist::{EnvironmentName, Item};
use crate::deployment::alerts::downtime;
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::{Measurement, Plan, State};
use chrono::{DateTime, Utc};
use std::ops::Range;

/// The baseline of a metric as far as it is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reference {
    /// Since when samples are those of the changed system: T-0, else the migration's start.
    pub zero_ms: Option<i64>,
    /// Since when they are those of the release that is there; what lies before says nothing of it.
    pub released_ms: Option<i64>,
    /// Why there is none; without both the checklist names no baseline.
    pub lacking: Option<String>,
    pub known: Option<Known>,
    pub(super) of: Option<Rests>,
}

/// A baseline that can be compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub sample: Sample,
    pub statistic: Statistic,
    pub value: f64,
    /// How far the value may be off, by its own samples; none for one number.
    pub band: Option<(f64, f64)>,
}

/// What a baseline was worked out from; it is worked out again when that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rests {
    Attempt(AttemptNumber),
    Before(i64),
}

impl Known {
    pub(super) fn of(sample: Sample, statistic: Statistic) -> Self {
        let value = sample.at(statistic);
        let band = (!sample.is_single()).then(|| sample.interval(statistic));
        Self { sample, statistic, value, band }
    }
}

impl Reference {
    pub(super) fn renew(
        &mut self,
        pane: &Pane,
        environment: &EnvironmentName,
        series: &Series,
        plan: &Plan,
        state: &State,
        now: DateTime<Utc>,
    ) {
        self.zero_ms = zero_ms(plan, state, environment, now);
        self.released_ms = downtime::released(plan, state, environment).map(|since| since.timestamp_millis());
        let Some(baseline) = &pane.baseline else { return };
        let found = match baseline {
            Baseline::Item { item, measure } => self.measured(pane, environment, item, measure, state),
            Baseline::Before { before, .. } => {
                let length = i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX);
                self.sampled(series, length, baseline.statistic())
            }
        };
        // Nothing new to work out.
        let Some(found) = found else { return };
        (self.known, self.lacking) = match found {
            Ok(known) => (Some(known), None),
            Err(why) => (None, Some(why)),
        };
    }

    fn measured(
        &mut self,
        pane: &Pane,
        environment: &EnvironmentName,
        item: &crate::checklist::ItemId,
        measure: &str,
        state: &State,
    ) -> Option<Result<Known, String>> {
        let latest = state.latest(item).and_then(|attempt| Some((attempt, attempt.outcome()?)));
        let Some((attempt, outcome)) = latest else {
            self.of = None;
            return Some(Err(format!("{item} has not measured the baseline yet")));
        };
        let rests = Some(Rests::Attempt(attempt.number));
        if std::mem::replace(&mut self.of, rests) == rests {
            return None;
        }
        if attempt.environment != *environment {
            return Some(Err(format!("the baseline is from {}, which cannot be compared", attempt.environment)));
        }
        let Some(found) = outcome.measured.iter().find(|one| one.name == measure && one.value.is_finite()) else {
            return Some(Err(format!("{item} did not measure {measure}")));
        };
        if found.unit != pane.unit {
            return Some(Err(format!("the baseline is in {}, which cannot be compared", found.unit)));
        }
        let statistic = if measure == "latency-p95" { Statistic::P95 } else { Statistic::Median };
        // Request times are kept once, beside their p95.
        let kept = |one: &&Measurement| one.name == measure || (one.name == "latency-p95" && measure == "latency-p50");
        let samples =
            outcome.measured.iter().filter(kept).map(|one| &one.samples).find(|samples| samples.len() >= LEAST);
        let sample = samples.map_or_else(|| Sample::single(found.value), |samples| Sample::sorted(samples));
        Some(Ok(Known { value: found.value, ..Known::of(sample, statistic) }))
    }

    fn sampled(&mut self, series: &Series, length_ms: i64, statistic: Statistic) -> Option<Result<Known, String>> {
        let Some(zero) = self.zero_ms else {
            self.of = None;
            return Some(Err("the baseline ends at T-0, which has not come".to_owned()));
        };
        let rests = Some(Rests::Before(zero));
        if std::mem::replace(&mut self.of, rests) == rests {
            return None;
        }
        let sample = Sample::of(&samples(series, zero.saturating_sub(length_ms)..zero));
        if sample.count() < LEAST as u64 {
            // Samples of before may still be read from the store.
            let count = sample.count();
            self.of = None;
            return Some(Err(format!("the baseline has {count} of {LEAST} samples before T-0")));
        }
        Some(Ok(Known::of(sample, statistic)))
    }
}

/// The samples of a span in their order. Of what is kept by the minute only, as many as stand for its distribution.
pub(super) fn samples(series: &Series, span_ms: Range<i64>) -> Vec<f64> {
    let mut values = Vec::new();
    for piece in series.pieces(span_ms) {
        match piece {
            Piece::Point(point) => values.extend(point.value.as_ref().ok()),
            Piece::Bucket(bucket) if bucket.count == 1 => values.push(bucket.min),
            Piece::Bucket(bucket) => values.extend(bucket.spread()),
        }
    }
    values
}

/// When before ended and after began, where it has: T-0, or where nobody started a clock the migration of the environment.
pub(crate) fn zero_ms(plan: &Plan, state: &State, environment: &EnvironmentName, now: DateTime<Utc>) -> Option<i64> {
    let zero = state.clock.zero().or_else(|| {
        let here = state.attempts.iter().filter(|attempt| attempt.environment == *environment);
        here.filter(|attempt| plan.item(&attempt.item).is_some_and(upgrades)).map(|attempt| attempt.started).next()
    });
    zero.filter(|zero| *zero <= now).map(|zero| zero.timestamp_millis())
}

fn upgrades(item: &Item) -> bool {
    matches!(&item.check, Check::Migration(check)
        if check.direction == Direction::Upgrade && check.on == MigrationTarget::Environment)
}
