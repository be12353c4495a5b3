//! Metrics before and after the migration.

use super::View;
use super::chart::{Band, Chart, Mark};
use super::words::{Time, Tone, tone};
use crate::checklist::check::{Direction, MigrationTarget};
use crate::checklist::pane::Pane;
use crate::checklist::target::Bound;
use crate::checklist::{Check, EnvironmentName, PaneId};
use crate::deployment::account;
use crate::deployment::metrics::reference::zero_ms;
use crate::deployment::metrics::{Assessment, Watched};
use crate::deployment::{numbers, window};
use crate::metrics::series::{Extreme, Point, Reading, Series};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// How many numbers a line is drawn from.
const COLUMNS: usize = 240;

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Metric {
    pub name: String,
    pub title: String,
    pub environment: Option<String>,
    pub unit: String,
    /// What a step measured last, and the baseline that an earlier step took.
    pub measured: Option<f64>,
    pub baseline: Option<f64>,
    /// As the checklist writes it: `< 200 ms`.
    pub target: Option<String>,
    /// Of what a step measured last against the target: `pass`, `fail` or `inconclusive`.
    pub verdict: Option<String>,
    /// How it stood at its last sample, with the reason: `ok`, `over target`, `worse than baseline`, `no data` or
    /// `inconclusive`; null where no samples were kept.
    pub stood: Option<String>,
    pub why: Option<String>,
    /// What the samples come to before and after the migration of this environment, without one before and after T-0; the
    /// whole where there was neither.
    pub before: Option<Summary>,
    pub after: Option<Summary>,
    pub whole: Option<Summary>,
    /// The samples over time; null where none were kept.
    pub chart: Option<Chart>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Summary {
    /// `p95` or `last`: which number `value` is.
    pub reading: String,
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub samples: usize,
    /// Samples without a number.
    pub gaps: usize,
}

impl Metric {
    pub fn tone(&self) -> Tone {
        self.verdict.as_deref().map_or(Tone::Plain, tone)
    }

    /// How it stood at its last sample, else the verdict of a step.
    pub fn word(&self) -> &str {
        self.stood.as_deref().or(self.verdict.as_deref()).unwrap_or("–")
    }

    /// A number in the metric's unit.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand references")]
    pub fn quantity(&self, value: &f64) -> String {
        numbers::quantity(*value, &self.unit)
    }

    /// A number in the metric's unit, or a dash.
    #[expect(clippy::ref_option, reason = "templates hand references")]
    pub fn maybe(&self, value: &Option<f64>) -> String {
        value.map_or_else(|| "–".to_owned(), |value| numbers::quantity(value, &self.unit))
    }

    /// What the samples of a span come to, in words.
    #[expect(clippy::ref_option, reason = "templates hand references")]
    pub fn summary(&self, summary: &Option<Summary>) -> String {
        let Some(summary) = summary else { return "no samples".to_owned() };
        let of = if summary.samples == 1 { "sample" } else { "samples" };
        let quantity = |value| numbers::quantity(value, &self.unit);
        let gaps = if summary.gaps > 0 { format!(", {} without data", summary.gaps) } else { String::new() };
        format!(
            "{} {} ({} to {}, {} {of}{gaps})",
            summary.reading,
            quantity(summary.value),
            quantity(summary.low),
            quantity(summary.high),
            summary.samples,
        )
    }
}

pub(super) fn metrics(at: &View<'_>, samples: &BTreeMap<(EnvironmentName, PaneId), Vec<Point>>) -> Vec<Metric> {
    let known = account::metrics::metrics(at.plan, at.state);
    let one = at.plan.checklist().panes.iter().zip(known).map(|(pane, known)| {
        let environment = known.environment.clone();
        let points = environment.as_ref().and_then(|name| samples.get(&(name.clone(), pane.id.clone())));
        // Without a migration T-0 divides before from after, as on the screen.
        let cut = environment.as_ref().and_then(|name| migrated(at, name).or_else(|| zero(at, name)));
        let reading = Reading::of(&pane.source);
        let series = points.map(|points| series(points));
        let all = i64::MIN..i64::MAX;
        let of = |range: Range<i64>| series.as_ref().and_then(|series| summary(series, range, reading));
        let stood = environment.as_ref().zip(points).and_then(|(name, points)| stood(at, pane, name, points));
        let split = cut.map(|(from, to)| (from.timestamp_millis(), to.timestamp_millis()));
        Metric {
            name: pane.id.to_string(),
            title: pane.title.clone(),
            environment: environment.as_ref().map(ToString::to_string),
            unit: pane.unit.clone(),
            measured: known.value.filter(|value| value.is_finite()),
            baseline: known.baseline.filter(|value| value.is_finite()),
            target: pane.target.as_ref().map(ToString::to_string),
            verdict: (known.value.is_some() && pane.target.is_some()).then(|| known.verdict.word().to_owned()),
            stood: stood.as_ref().map(|seen| seen.word().to_owned()),
            why: stood.map(|seen| seen.sentence),
            before: split.and_then(|(from, _)| of(i64::MIN..from)),
            after: split.and_then(|(_, to)| of(to..i64::MAX)),
            whole: if split.is_some() { None } else { of(all) },
            chart: series.as_ref().and_then(|series| chart(at, pane, environment.as_ref()?, series, known.baseline)),
        }
    });
    one.collect()
}

/// How a metric stood when it was sampled last.
fn stood(at: &View<'_>, pane: &Pane, environment: &EnvironmentName, points: &[Point]) -> Option<Assessment> {
    let mut watched = Watched::new(pane.clone(), environment.clone());
    let mut last = None;
    for point in points {
        let Some(time) = DateTime::from_timestamp_millis(point.at_ms) else { continue };
        watched.push(time, point.value.clone().map_err(|gap| gap.reason));
        last = last.max(Some(time));
    }
    Some(watched.assess(at.plan, at.state, last?))
}

fn series(points: &[Point]) -> Series {
    let mut series = Series::new(points.len());
    for point in points {
        series.push(point.clone());
    }
    series
}

fn summary(series: &Series, span: Range<i64>, reading: Reading) -> Option<Summary> {
    let of = series.summary(span)?;
    let word = match reading {
        Reading::Last => "last",
        Reading::P95 => "p95",
    };
    Some(Summary {
        reading: word.to_owned(),
        value: of.read(reading),
        low: of.min,
        high: of.max,
        samples: of.count,
        gaps: of.gaps,
    })
}

/// When the last upgrade of an environment's own database began and ended.
fn migrated(at: &View<'_>, environment: &EnvironmentName) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let upgrades = |item: &crate::checklist::Item| {
        matches!(&item.check, Check::Migration(check)
            if check.direction == Direction::Upgrade && check.on == MigrationTarget::Environment)
    };
    let here = at.state.attempts.iter().rev().filter(|attempt| attempt.environment == *environment);
    let mut moved = here.filter(|attempt| at.plan.item(&attempt.item).is_some_and(upgrades));
    let attempt = moved.next()?;
    let took = attempt.outcome().and_then(|outcome| i64::try_from(outcome.took_ms).ok()).unwrap_or(0);
    Some((attempt.started, attempt.started.checked_add_signed(TimeDelta::try_milliseconds(took)?)?))
}

fn zero(at: &View<'_>, environment: &EnvironmentName) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let zero = zero_ms(at.plan, at.state, environment, at.as_of).and_then(DateTime::from_timestamp_millis)?;
    Some((zero, zero))
}

fn chart(
    at: &View<'_>,
    pane: &Pane,
    environment: &EnvironmentName,
    series: &Series,
    baseline: Option<f64>,
) -> Option<Chart> {
    let time = |ms: i64| DateTime::<Utc>::from_timestamp_millis(ms);
    let first = series.points().map(|point| point.at_ms).min()?;
    let last = series.points().map(|point| point.at_ms).max()?;
    let (from, to) = (time(first)?, time(last.max(first.saturating_add(1)))?);
    let every = i64::try_from(pane.interval().duration().as_millis()).unwrap_or(i64::MAX);
    let show = match pane.target.as_ref().map(|target| target.bound) {
        Some(Bound::AtLeast(_)) => Extreme::Lowest,
        _ => Extreme::Highest,
    };
    let columns = series.columns(first..last.saturating_add(1), COLUMNS, every.saturating_mul(2), show);
    let target = pane.target.as_ref().map(|target| target.bound.number()).filter(|target| target.is_finite());
    let baseline = baseline.filter(|baseline| baseline.is_finite());
    let drawn = columns.iter().flatten().copied().chain(target).chain(baseline);
    let (low, high) = drawn.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let high = if high > low { high + (high - low) * 0.06 } else { low + 1.0 };
    let inside = |band: &Band| band.to.0 >= from && band.from.0 <= to;
    let mut bands: Vec<Band> = Vec::new();
    if let Some(downtime) = window::downtime(at.plan, at.state, at.as_of).filter(|own| own.environment == *environment)
    {
        bands.extend(downtime.spells.iter().map(|(from, to)| Band {
            from: Time(*from),
            to: Time(to.unwrap_or(at.as_of)),
            label: "service down".to_owned(),
            tone: Tone::Bad,
        }));
    }
    bands.extend(migrated(at, environment).map(|(from, to)| Band {
        from: Time(from),
        to: Time(to),
        label: "migration".to_owned(),
        tone: Tone::Plain,
    }));
    let decisions = at
        .state
        .decisions
        .iter()
        .map(|(stamp, decided)| Mark { at: Time(stamp.at), label: decided.decision.word().to_uppercase() });
    Some(Chart {
        from: Time(from),
        to: Time(to),
        low,
        high,
        columns,
        target,
        baseline,
        bands: bands.into_iter().filter(inside).collect(),
        marks: decisions.filter(|mark| (from..=to).contains(&mark.at.0)).collect(),
    })
}
