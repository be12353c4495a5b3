//! One look at a metric: its number against its target, its slope over hours, and its samples against its baseline.

use super::availability::{self, availability};
use super::compare;
use super::estimate::{LEAST, SURE, Sample, difference};
use super::reference::{Known, samples};
use super::series::Series;
use super::trend;
use super::verdict::{Assessment, PaneVerdict};
use super::watched::Watched;
use crate::checklist::Target;
use crate::checklist::pane::{Objective, Pane, Source, Stable};
use crate::deployment::measurement::digits;
use crate::deployment::numbers::{quantity, quantity_beside};
use chrono::{DateTime, Utc};

/// Samples after the change that are compared, the newest.
const COMPARED: u32 = 200;

/// Samples that a 95th percentile is made from, where there are as many, by the time they take.
const WINDOW: i64 = 45;

/// What is known of a number against one thing, with its sentence.
type Found = (PaneVerdict, String);

pub(super) fn evaluate(watched: &Watched, now: DateTime<Utc>) -> Assessment {
    let pane = &watched.pane;
    let mut seen = match (number(watched, now), &pane.source) {
        (Ok(_), Source::Availability { objective, .. }) => over_a_period(watched, *objective, now),
        (Ok(number), _) => look(watched, &number, now),
        // One gap does not make a period unknown: how much of it is known is part of the verdict.
        (Err(_), Source::Availability { objective, .. }) if was_known_lately(watched, now) => {
            over_a_period(watched, *objective, now)
        }
        (Err(why), _) => Assessment::no_data(&pane.unit, why),
    };
    seen.target = pane.expected();
    seen.evaluated = seen.target.is_some() || pane.baseline.is_some();
    seen.baseline = watched.reference().known.as_ref().map(|known| known.value);
    seen
}

/// The number of a moment.
struct Read {
    value: f64,
    /// Of how many it is the 95th percentile, with their median; none for the newest number by itself.
    of: Option<(usize, f64)>,
}

/// The number to evaluate, or why there is none.
fn number(watched: &Watched, now: DateTime<Utc>) -> Result<Read, String> {
    let Some(at) = watched.last_at else { return Err("nothing measured yet".to_owned()) };
    let Some(last) = watched.last() else {
        return Err(watched.gap.clone().unwrap_or_else(|| "no sample".to_owned()));
    };
    if watched.overdue(now).is_some() {
        return Err(format!("no sample for {} s", (now - at).num_seconds()));
    }
    if !watched.pane.source.is_latency() {
        return Ok(Read { value: last, of: None });
    }
    let every = i64::try_from(watched.pane.interval().duration().as_millis()).unwrap_or(i64::MAX);
    let end = at.timestamp_millis().saturating_add(1);
    // What the release before took says nothing of the one that is there.
    let from =
        end.saturating_sub(every.saturating_mul(WINDOW)).max(watched.reference().released_ms.unwrap_or(i64::MIN));
    let mut values = samples(&watched.series, from.min(end)..end);
    values.sort_unstable_by(f64::total_cmp);
    let count = values.len();
    // Nearest rank, in whole numbers: the ceiling of 95 % of the count.
    let p95 = values.get((count * 95).div_ceil(100).saturating_sub(1)).copied().unwrap_or(last);
    let median = values.get(count / 2).copied().unwrap_or(last);
    Ok(Read { value: p95, of: Some((count, median)) })
}

fn look(watched: &Watched, read: &Read, now: DateTime<Utc>) -> Assessment {
    let pane = &watched.pane;
    let mut seen = Assessment::new(PaneVerdict::Inconclusive, &pane.unit, String::new());
    seen.value = Some(read.value);
    let target = pane.target.as_ref().map(|target| against_target(read, target));
    let slope = pane.stable.map(|stable| against_slope(&watched.series, stable, pane, now));
    let baseline = pane.baseline.as_ref().map(|_| {
        if let Some(known) = &watched.reference().known {
            against_baseline(watched, known, &mut seen)
        } else {
            let why = watched.reference().lacking.clone();
            (PaneVerdict::Inconclusive, why.unwrap_or_else(|| "the baseline is not known yet".to_owned()))
        }
    });
    if target.is_none() && slope.is_none() && baseline.is_none() {
        seen.sentence = format!("{}, no target", quantity(read.value, &pane.unit));
        return seen;
    }
    // A target that holds is enough: what cannot be compared yet is reported beside it.
    let decided: Vec<&Found> = [&target, &slope].into_iter().flatten().collect();
    let decided = if decided.is_empty() { baseline.iter().collect() } else { decided };
    let worst = decided.into_iter().chain(baseline.iter().filter(|found| found.0.is_bad())).map(|found| found.0);
    seen.verdict = worst.min_by_key(|verdict| verdict.rank()).unwrap_or(PaneVerdict::Inconclusive);
    let parts: Vec<String> = [target, slope, baseline].into_iter().flatten().map(|found| found.1).collect();
    seen.sentence = parts.join("; ");
    seen
}

/// Whether it is sampled, and some of the last minutes is known.
fn was_known_lately(watched: &Watched, now: DateTime<Utc>) -> bool {
    let end = now.timestamp_millis().saturating_add(1);
    let lately = end.saturating_sub(availability::SHORTEST)..end;
    watched.overdue(now).is_none() && watched.series.pieces(lately).any(|piece| piece.count() > 0)
}

fn over_a_period(watched: &Watched, objective: Objective, now: DateTime<Utc>) -> Assessment {
    let unit = &watched.pane.unit;
    let Some(found) = availability(&watched.series, objective, now.timestamp_millis()) else {
        return Assessment::no_data(unit, "nothing measured yet");
    };
    let seen = Assessment::new(found.verdict(), unit, found.sentence(objective));
    Assessment { value: Some(found.percent), availability: Some(Box::new(found)), ..seen }
}

fn against_target(read: &Read, target: &Target) -> Found {
    let bound = target.bound;
    let shown = quantity_beside(read.value, &target.unit, Some(bound));
    let Some((count, median)) = read.of else {
        let holds = bound.holds(read.value);
        let verdict = if holds { PaneVerdict::Ok } else { PaneVerdict::OverTarget };
        return (verdict, if holds { format!("{shown} ({target})") } else { format!("{shown}, target {target}") });
    };
    let (verdict, what) = match (count >= LEAST, bound.holds(read.value)) {
        (true, true) => (PaneVerdict::Ok, format!("p95 {shown} ({target})")),
        (true, false) => (PaneVerdict::OverTarget, format!("p95 {shown}, target {target}")),
        // Half of them beyond it is more than one in twenty, however few they are.
        (false, false) if count >= 3 && !bound.holds(median) => (
            PaneVerdict::OverTarget,
            format!("median {}, target {target}", quantity_beside(median, &target.unit, Some(bound))),
        ),
        (false, _) => {
            return (PaneVerdict::Inconclusive, format!("{count} of {LEAST} samples for a p95 ({target})"));
        }
    };
    (verdict, format!("{what}, of {count} samples"))
}

fn against_slope(series: &Series, stable: Stable, pane: &Pane, now: DateTime<Utc>) -> Found {
    let over = i64::try_from(stable.over.duration().as_millis()).unwrap_or(i64::MAX);
    let end = now.timestamp_millis().saturating_add(1);
    let numbers = levels(series, end.saturating_sub(over), end);
    let covered = match (numbers.first(), numbers.last()) {
        (Some(first), Some(last)) => last.0.saturating_sub(first.0),
        _ => 0,
    };
    // The times are the middles of their parts, so that the ends reach a little further.
    let enough = covered >= over / 10 * 9 && numbers.len() * 2 >= PARTS;
    let span = |ms: i64| crate::checklist::offset::Span::from_millis(u64::try_from(ms / 60_000 * 60_000).unwrap_or(0));
    if !enough {
        let why = if covered >= over / 10 * 9 { "with gaps" } else { "so far" };
        return (PaneVerdict::Inconclusive, format!("stability: {} of {} {why}", span(covered), stable.over));
    }
    let Some(trend) = trend::trend(&numbers) else {
        return (PaneVerdict::Inconclusive, "stability: no slope can be reported around zero".to_owned());
    };
    let sign = pane.worse().sign();
    let (low, high) = if sign > 0.0 { (trend.low, trend.high) } else { (-trend.high, -trend.low) };
    let verdict = if trend.slope * sign > stable.percent && low > 0.0 {
        PaneVerdict::OverTarget
    } else if high <= stable.percent {
        PaneVerdict::Ok
    } else {
        PaneVerdict::Inconclusive
    };
    // Each as far as it takes to see on which side of the limit it lies.
    let round = |share: f64| {
        let text = digits(share + 0.0, 1, &[stable.percent, -stable.percent]);
        let text = text.strip_suffix(".0").map(ToOwned::to_owned).unwrap_or(text);
        if text == "-0" { "0".to_owned() } else { text }
    };
    let slope = format!("{} %/h [{}, {}]", round(trend.slope), round(trend.low), round(trend.high));
    (verdict, format!("slope {slope} ({stable}), Theil-Sen {SURE} %"))
}

/// Parts that hours are cut into for a slope.
const PARTS: usize = 60;

/// The medians of equal parts of a span, each at its middle; a part without a number has none.
fn levels(series: &Series, from: i64, to: i64) -> Vec<(i64, f64)> {
    let parts = i64::try_from(PARTS).unwrap_or(i64::MAX);
    let width = (to.saturating_sub(from) / parts).max(1);
    let part = |at: i64| {
        let start = from.saturating_add(width.saturating_mul(at));
        let mut values = samples(series, start..start.saturating_add(width));
        values.sort_unstable_by(f64::total_cmp);
        Some((start.saturating_add(width / 2), *values.get(values.len() / 2)?))
    };
    (0..parts).filter_map(part).collect()
}

fn against_baseline(watched: &Watched, known: &Known, seen: &mut Assessment) -> Found {
    let pane = &watched.pane;
    let base = format!("baseline {}", quantity(known.value, &pane.unit));
    // What lies further back speaks of then, and a week of it would be read for every look.
    let newest = watched.last_at.map_or(i64::MAX, |at| at.timestamp_millis());
    let reach = watched.series.every_ms().saturating_mul(2 * i64::from(COMPARED));
    let reference = watched.reference();
    let changed = reference.zero_ms.unwrap_or(i64::MIN).max(reference.released_ms.unwrap_or(i64::MIN));
    let from = changed.max(newest.saturating_sub(reach)).min(newest);
    let values = samples(&watched.series, from..newest.saturating_add(1));
    let after = Sample::of(&values[values.len().saturating_sub(COMPARED as usize)..]);
    let lacking = (LEAST as u64).saturating_sub(after.count());
    if lacking > 0 {
        let samples = if lacking == 1 { "sample" } else { "samples" };
        return (PaneVerdict::Inconclusive, format!("{base}: {lacking} more {samples} needed"));
    }
    let Some(found) = difference(&known.sample, &after, known.statistic) else {
        return (PaneVerdict::Inconclusive, format!("{base}: nothing to compare"));
    };
    seen.change = found.change;
    let words = compare::words(&found, &known.sample, &after, known.statistic, &pane.unit);
    (compare::verdict(&found, pane.worse().sign()), format!("{base}: {words}"))
}

#[cfg(test)]
mod tests;
