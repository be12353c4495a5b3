//! Whether a number is stable over hours: a slope with its interval, not a glance.
//!
//! Theil and Sen's slope (the median of the slopes between all pairs) with the interval that goes with Mann and Kendall's
//! test for a trend. Neither minds outliers, steps or how numbers are scattered; a step that lies in the past has no slope.

use super::estimate::inertia;

/// Numbers that a slope is made from at most, and at least.
pub(crate) const MOST: usize = 120;
pub(crate) const LEAST: usize = 12;

const HOUR_MS: f64 = 3_600_000.0;

/// The normal quantile of a 99 % interval.
const Z: f64 = 2.576;

/// In percent of the median of the numbers, an hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trend {
    pub slope: f64,
    pub low: f64,
    pub high: f64,
    pub count: usize,
}

/// Of numbers with their times in milliseconds, in their order; none of fewer than [`LEAST`], around zero, or of one
/// moment.
pub(crate) fn trend(numbers: &[(i64, f64)]) -> Option<Trend> {
    let step = numbers.len().div_ceil(MOST).max(1);
    let numbers: Vec<(f64, f64)> =
        numbers.iter().step_by(step).map(|(at, value)| (*at as f64 / HOUR_MS, *value)).collect();
    let count = numbers.len();
    let level = middle(numbers.iter().map(|(_, value)| *value).collect())?.abs();
    if count < LEAST || level == 0.0 || !level.is_finite() {
        return None;
    }
    let mut slopes = Vec::with_capacity(count * (count - 1) / 2);
    for (at, (x, y)) in numbers.iter().enumerate() {
        slopes.extend(
            numbers[at + 1..].iter().filter(|(later, _)| later > x).map(|(later, value)| (value - y) / (later - x)),
        );
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let slope = middle(slopes.clone())?;
    let spread = Z * variance(&numbers, slope).sqrt();
    let all = slopes.len() as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the list")]
    let at = |place: f64| slopes[place.round().clamp(0.0, all - 1.0) as usize];
    let percent = |slope: f64| slope / level * 100.0;
    let (low, high) = (at((all - spread) / 2.0), at(f64::midpoint(all, spread)));
    Some(Trend { slope: percent(slope), low: percent(low), high: percent(high), count })
}

/// Of Mann and Kendall's sum, with ties taken off, and more where the numbers follow each other around the slope.
fn variance(numbers: &[(f64, f64)], slope: f64) -> f64 {
    let ranked = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut values: Vec<f64> = numbers.iter().map(|(_, value)| *value).collect();
    values.sort_unstable_by(f64::total_cmp);
    let ties: f64 =
        values.chunk_by(|one, other| one.total_cmp(other).is_eq()).map(|same| ranked(same.len() as f64)).sum();
    let rest: Vec<f64> = numbers.iter().map(|(x, y)| y - slope * x).collect();
    (ranked(numbers.len() as f64) - ties).max(0.0) / 18.0 * inertia(&rest)
}

fn middle(mut values: Vec<f64>) -> Option<f64> {
    let at = values.len().checked_sub(1)?;
    let (_, upper, _) = values.select_nth_unstable_by(at.div_ceil(2), f64::total_cmp);
    let upper = *upper;
    let (_, lower, _) = values.select_nth_unstable_by(at / 2, f64::total_cmp);
    Some(f64::midpoint(*lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scattered by up to 1 % without chance, the same each time.
    fn noise(at: usize) -> f64 {
        let wave = (at as f64 * 12.9898).sin() * 43_758.547;
        (wave - wave.floor() - 0.5) / 50.0
    }

    /// Two hours by the minute.
    fn hours(value: impl Fn(f64) -> f64) -> Vec<(i64, f64)> {
        (0..120_usize)
            .map(|at| (i64::try_from(at).unwrap() * 60_000, value(at as f64 / 60.0) * (1.0 + noise(at))))
            .collect()
    }

    #[test]
    fn a_leak_of_ten_percent_an_hour_is_measured() {
        let found = trend(&hours(|hour| 100.0 + 10.0 * hour)).unwrap();
        assert!((found.slope - 9.1).abs() < 0.3, "{found:?}: of the median, which is 110");
        assert!(found.low > 8.5 && found.high < 9.7, "{found:?}");
    }

    #[test]
    fn what_only_scatters_has_no_slope() {
        let found = trend(&hours(|_| 100.0)).unwrap();
        assert!(found.low < 0.0 && found.high > 0.0 && found.high < 1.0, "{found:?}");
    }

    #[test]
    fn a_step_in_the_past_and_an_outlier_are_no_slope() {
        let found = trend(&hours(|hour| if hour < 0.2 { 60.0 } else { 100.0 })).unwrap();
        assert!(found.slope.abs() < 1.0, "{found:?}");
        let mut numbers = hours(|_| 100.0);
        numbers[119].1 = 9_000.0;
        assert!(trend(&numbers).unwrap().slope.abs() < 0.5);
    }

    #[test]
    fn what_cannot_have_a_slope_has_none() {
        assert_eq!(trend(&[]), None);
        assert_eq!(trend(&[(0, 1.0); 50]), None, "one moment");
        assert_eq!(trend(&hours(|_| 0.0)), None);
        let same: Vec<(i64, f64)> = (0..60).map(|at| (at * 60_000, 7.0)).collect();
        let found = trend(&same).unwrap();
        assert_eq!((found.slope, found.low, found.high), (0.0, 0.0, 0.0));
    }
}
