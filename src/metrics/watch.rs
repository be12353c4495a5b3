//! What the samples of a period come to, for a `watch` check. Pure: samples and times are handed in.
//!
//! A gap is never a number and never a pass: a period with samples for less than [`ENOUGH`] of it is inconclusive,
//! whatever they say. What is certain before the end is said before the end: more bad samples than the rest of the period
//! could make up for.

mod sentence;
mod trend;

use super::series::bucket::Part;
use super::series::sketch::{ERROR, LEAST_ERROR, Sketch};
use super::store::Parts;
use crate::checklist::Target;
use crate::checklist::target::Bound;
use crate::deployment::measurement::{self, Measurement, Verdict, beside};
use crate::deployment::metrics::stands_for;
use crate::deployment::watching::{ENOUGH, Period};
use chrono::{DateTime, Utc};

/// What is stored of a period, put together.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Since the period began, at most all of it.
    pub elapsed_ms: i64,
    /// With samples.
    pub covered_ms: i64,
    /// It is known that the source did not work.
    pub down_ms: i64,
    pub count: u64,
    pub every_ms: i64,
    min: f64,
    max: f64,
    sum: f64,
    sketch: Sketch,
    /// In percent, and how far it may be off.
    trend: Option<(f64, f64)>,
}

/// What a watch comes to at a moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    /// None while it is under way and may still come out either way.
    pub verdict: Option<Verdict>,
    pub detail: String,
    pub measured: Vec<Measurement>,
    /// Percent of the time so far that has samples, or in which the source was asked where only that counts.
    pub coverage: f64,
    /// Why it can not hold any more, where that is so.
    pub lost: Option<String>,
}

impl Seen {
    /// Of the period up to `now`. What lies across an edge of the period is left out.
    #[must_use]
    pub(crate) fn of(stored: &Parts, period: &Period, now: DateTime<Utc>) -> Self {
        let from = period.from.timestamp_millis();
        let until = period.until.timestamp_millis();
        let end = now.timestamp_millis().min(until);
        let every_ms = stored.every_ms.max(1);
        let mut seen = Self {
            elapsed_ms: (end - from).max(0),
            covered_ms: 0,
            down_ms: 0,
            count: 0,
            every_ms,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sum: 0.0,
            sketch: Sketch::new(),
            trend: None,
        };
        let mut parts: Vec<&Part> = stored.parts.iter().filter(|part| is_within(part, from, until)).collect();
        parts.sort_by_key(|part| part.start_ms());
        // The first sample is due one interval after the period began.
        if let Some(first) = parts.first() {
            let lead = first.start_ms() - from;
            seen.covered_ms += if stands_for(lead, every_ms) == lead { lead } else { 0 };
        }
        for (at, part) in parts.iter().enumerate() {
            let next = parts.get(at + 1).map_or(end, |next| next.start_ms()).min(end);
            seen.add(part, next);
        }
        seen.covered_ms = seen.covered_ms.clamp(0, seen.elapsed_ms);
        seen.down_ms = seen.down_ms.clamp(0, seen.elapsed_ms - seen.covered_ms);
        seen.trend = trend::growth(&parts, seen.count, from, end);
        seen
    }

    fn add(&mut self, part: &Part, next: i64) {
        match part {
            Part::Number { at_ms, value } => {
                self.numbers(1, *value, *value, *value);
                self.sketch.record(*value);
                self.covered_ms += stands_for(next - at_ms, self.every_ms);
            }
            Part::Gap { at_ms, down, .. } => {
                if *down {
                    self.down_ms += stands_for(next - at_ms, self.every_ms);
                }
            }
            Part::Many(many) => {
                self.numbers(many.count, many.min, many.max, many.sum);
                self.sketch.merge(&many.sketch);
                let width = many.width_ms.min(next.max(many.start_ms) - many.start_ms).max(0);
                let sampled = i64::try_from(many.count).unwrap_or(i64::MAX).saturating_mul(self.every_ms).min(width);
                // An interval that does not divide a bucket has one sample more or less in it.
                let whole = many.gap.is_none() && many.count > 0 && sampled.saturating_add(self.every_ms) >= width;
                let covered = if whole { width } else { sampled };
                self.covered_ms += covered;
                if many.down {
                    self.down_ms += width - covered;
                }
            }
        }
    }

    fn numbers(&mut self, count: u64, min: f64, max: f64, sum: f64) {
        if count > 0 {
            self.count += count;
            self.min = self.min.min(min);
            self.max = self.max.max(max);
            self.sum += sum;
        }
    }

    /// Percent of the time so far that has samples.
    pub(crate) fn coverage(&self) -> f64 {
        share(self.covered_ms, self.elapsed_ms)
    }

    /// Percent of the time so far in which it is known whether the source worked.
    pub(crate) fn asked(&self) -> f64 {
        share(self.covered_ms + self.down_ms, self.elapsed_ms)
    }

    fn quantile(&self, quantile: f64) -> Option<(f64, f64)> {
        let value = self.sketch.quantile(quantile)?.clamp(self.min, self.max);
        let margin = if self.min < self.max { (value * ERROR).max(LEAST_ERROR) } else { 0.0 };
        Some((value, margin))
    }

    /// Every measure there is a number for.
    fn measure(&self, unit: &str, wanted: Option<Bound>) -> Vec<Measurement> {
        let mut measured = Vec::new();
        if self.count > 0 {
            for (name, quantile) in [("median", 0.5), ("p95", 0.95)] {
                let found = self.quantile(quantile);
                measured.extend(found.map(|(value, margin)| Measurement::new(name, value, unit).within(margin)));
            }
            let mean = self.sum / self.count as f64;
            for (name, value) in [("max", self.max), ("min", self.min), ("mean", mean)] {
                measured.push(Measurement::new(name, value, unit));
            }
            if let Some((good, bad)) = wanted.map(|bound| self.sketch.sides(|value| bound.holds(value))) {
                let (least, most) = (percent(good, self.count), percent(self.count - bad.min(self.count), self.count));
                measured.push(Measurement::new("within", f64::midpoint(least, most), "%").within((most - least) / 2.0));
            }
        }
        let growth = |(growth, margin)| Measurement::new("growth", growth, "%").within(margin);
        measured.extend(self.trend.map(growth));
        if self.covered_ms + self.down_ms > 0 {
            let available = share(self.covered_ms, self.covered_ms + self.down_ms);
            measured.push(Measurement::new("availability", available, "%"));
        }
        measured.push(Measurement::new("coverage", self.coverage(), "%"));
        measured.push(Measurement::new("samples", self.count as f64, "samples"));
        measured
    }

    /// Why a target can not hold any more, whatever is still to come in `left_ms`.
    fn lost(&self, target: &Target, wanted: Option<Bound>, left_ms: i64) -> Option<String> {
        let coming = u64::try_from(left_ms / self.every_ms).unwrap_or(0).saturating_add(u64::from(left_ms > 0));
        let all = self.count.saturating_add(coming);
        let bad_of = |bound: Bound| self.sketch.sides(|value| bound.holds(value)).1;
        let number = target.bound.number();
        match (target.measure.as_str(), target.bound) {
            ("max", Bound::Below(_) | Bound::AtMost(_) | Bound::Equals(_)) => {
                let over = self.count > 0 && self.max >= number && !target.bound.holds(self.max);
                over.then(|| format!("max is {} ({target})", beside(self.max, target.bound)))
            }
            ("min", Bound::AtLeast(_) | Bound::Equals(_)) => (self.count > 0 && self.min < number)
                .then(|| format!("min is {} ({target})", beside(self.min, target.bound))),
            ("median" | "p95", Bound::Below(_) | Bound::AtMost(_)) => {
                let quantile: u64 = if target.measure == "p95" { 95 } else { 50 };
                let rank = (u128::from(all) * u128::from(quantile)).div_ceil(100);
                let bad = bad_of(target.bound);
                (u128::from(all - bad.min(all)) < rank).then(|| {
                    format!(
                        "{bad} samples do not meet {} {target}: too many for the rest of the period",
                        target.measure
                    )
                })
            }
            ("within", Bound::AtLeast(_)) => {
                let bad = bad_of(wanted?);
                (all > 0 && 100.0 - percent(bad, all) < number)
                    .then(|| format!("{bad} samples miss the metric's target: too many for within {target}"))
            }
            ("availability", Bound::AtLeast(_)) => {
                let total = self.elapsed_ms.saturating_add(left_ms);
                (100.0 - share(self.down_ms, total) < number).then(|| {
                    let down = sentence::length(self.down_ms);
                    format!("down for {down}: too long for availability {target}")
                })
            }
            _ => None,
        }
    }
}

/// What a watch comes to at `now`. `unit` and `wanted` are the metric's unit and its own target.
pub(crate) fn evaluate(
    seen: &Seen,
    targets: &[Target],
    (unit, wanted): (&str, Option<Bound>),
    period: &Period,
    now: DateTime<Utc>,
) -> Reading {
    let measured = seen.measure(unit, wanted);
    let over = period.is_over(now);
    let left_ms = (period.until - now).num_milliseconds().max(0);
    let lost = targets.iter().find_map(|target| seen.lost(target, wanted, left_ms));
    // Whoever asks only whether the source responds knows it from the times when it did not, too.
    let availability = targets.iter().all(|target| target.measure == "availability");
    let coverage = if availability { seen.asked() } else { seen.coverage() };
    let (verdict, words) = measurement::evaluate(targets, &measured);
    let enough = coverage >= ENOUGH;
    let verdict = match (&lost, over) {
        (Some(_), _) => Some(Verdict::Fail),
        (None, false) => None,
        (None, true) if enough => Some(verdict),
        (None, true) => Some(Verdict::Inconclusive),
    };
    let detail =
        sentence::of(&sentence::Reported { period, now, coverage, enough, words: &words, lost: lost.as_deref() });
    Reading { verdict, detail, measured, coverage, lost }
}

/// Nothing is stored of the metric at all.
pub(crate) fn nothing(period: &Period, now: DateTime<Utc>) -> Reading {
    let verdict = period.is_over(now).then_some(Verdict::Inconclusive);
    let reported =
        sentence::Reported { period, now, coverage: 0.0, enough: false, words: "nothing was collected", lost: None };
    Reading { verdict, detail: sentence::of(&reported), measured: Vec::new(), coverage: 0.0, lost: None }
}

fn is_within(part: &Part, from: i64, until: i64) -> bool {
    match part {
        Part::Number { at_ms, .. } | Part::Gap { at_ms, .. } => (from..until).contains(at_ms),
        Part::Many(many) => many.start_ms >= from && many.start_ms.saturating_add(many.width_ms) <= until,
    }
}

fn share(part: i64, whole: i64) -> f64 {
    if whole > 0 { part as f64 / whole as f64 * 100.0 } else { 0.0 }
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole > 0 { part as f64 / whole as f64 * 100.0 } else { 0.0 }
}

#[cfg(test)]
mod tests;
