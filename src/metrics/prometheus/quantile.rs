//! Quantiles of a classic histogram's observations over a window, as `histogram_quantile` reckons them.

use super::Reading;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Remembers the scrapes of a window; `share` lies between 0 and 1.
#[derive(Debug)]
pub struct Quantile {
    share: f64,
    window: Duration,
    readings: VecDeque<(Instant, Reading)>,
}

impl Quantile {
    #[must_use]
    pub fn new(share: f64, window: Duration) -> Self {
        Self { share, window, readings: VecDeque::new() }
    }

    /// Takes a scrape of the `_bucket` series, and gives the quantile of what was observed within the window.
    ///
    /// # Errors
    /// Why there is none: a single scrape, no observation, buckets without `le`.
    pub(in crate::metrics) fn push(&mut self, at: Instant, reading: Reading) -> Result<f64, String> {
        let reading = reading.remembering(self.readings.back().map(|(_, before)| before));
        self.readings.push_back((at, reading));
        // The last one before the window is where its increase begins.
        while self.readings.get(1).is_some_and(|(second, _)| at.saturating_duration_since(*second) >= self.window) {
            self.readings.pop_front();
        }
        if self.readings.len() < 2 {
            return Err("waiting for a second sample".to_owned());
        }
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for (before, after) in self.readings.iter().zip(self.readings.iter().skip(1)) {
            for (labels, amount) in after.1.each_since(&before.1) {
                let bound = labels.iter().find(|(name, _)| name == "le").and_then(|(_, value)| value.parse().ok());
                let bound: f64 = bound.ok_or("the histogram's buckets have no `le`")?;
                match buckets.iter_mut().find(|(known, _)| known.total_cmp(&bound).is_eq()) {
                    Some((_, sum)) => *sum += amount,
                    None => buckets.push((bound, amount)),
                }
            }
        }
        reckon(self.share, buckets)
    }
}

/// `buckets`: upper bounds with how many observations lie at or below them.
fn reckon(quantile: f64, mut buckets: Vec<(f64, f64)>) -> Result<f64, String> {
    buckets.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    // Counters of one scrape need not be of one moment: a bucket never holds less than the one before.
    let mut least = 0.0_f64;
    for (_, count) in &mut buckets {
        least = least.max(*count);
        *count = least;
    }
    let Some((bound, total)) = buckets.last().copied() else { return Err("the histogram has no buckets".to_owned()) };
    if !(bound.is_infinite() && bound > 0.0) {
        return Err("the histogram has no bucket `le=\"+Inf\"`".to_owned());
    }
    if total <= 0.0 {
        return Err("nothing was observed in the window".to_owned());
    }
    let rank = quantile * total;
    let at = buckets.iter().position(|(_, count)| *count >= rank).unwrap_or(buckets.len() - 1);
    if at == buckets.len() - 1 {
        // Above the last finite bound nothing is known but that.
        let below = buckets.len().checked_sub(2).and_then(|at| buckets.get(at));
        return below.map(|(bound, _)| *bound).ok_or_else(|| "the histogram has one bucket alone".to_owned());
    }
    let (end, count) = buckets[at];
    let (start, below) = if at == 0 { (0.0, 0.0) } else { buckets[at - 1] };
    if at == 0 && end <= 0.0 {
        return Ok(end);
    }
    let share = if count > below { (rank - below) / (count - below) } else { 1.0 };
    Ok(start + (end - start) * share)
}

#[cfg(test)]
mod tests {
    use super::super::{Selector, parse};
    use super::*;

    fn reading(counts: [u32; 4]) -> Reading {
        let [a, b, c, all] = counts;
        let text = format!(
            "h_bucket{{le=\"0.1\"}} {a}\nh_bucket{{le=\"0.5\"}} {b}\nh_bucket{{le=\"1\"}} {c}\nh_bucket{{le=\"+Inf\"}} {all}\n"
        );
        Reading::take(&parse(text.as_bytes()).unwrap(), &Selector::parse("h_bucket").unwrap()).unwrap()
    }

    fn near(is: Result<f64, String>, should: f64) {
        let is = is.unwrap();
        assert!((is - should).abs() < 1e-9, "{is} {should}");
    }

    #[test]
    fn what_was_observed_in_the_window_counts_and_nothing_before() {
        let began = Instant::now();
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        let mut median = Quantile::new(0.5, Duration::from_mins(1));
        assert_eq!(
            median.push(at(0), reading([1_000, 1_000, 1_000, 1_000])).unwrap_err(),
            "waiting for a second sample"
        );
        near(median.push(at(30), reading([1_000, 1_010, 1_010, 1_010])), 0.3);
        let idle = median.push(at(100), reading([1_000, 1_010, 1_010, 1_010]));
        assert_eq!(idle.unwrap_err(), "nothing was observed in the window");
        // The service began anew: what it counts since is new.
        near(median.push(at(130), reading([4, 4, 4, 4])), 0.05);
    }

    #[test]
    fn a_quantile_above_all_bounds_is_the_last_of_them() {
        let inf = f64::INFINITY;
        near(reckon(0.95, vec![(0.1, 1.0), (1.0, 2.0), (inf, 100.0)]), 1.0);
        near(reckon(0.95, vec![(0.1, 90.0), (inf, 100.0), (1.0, 100.0)]), 0.55);
        near(reckon(0.5, vec![(0.1, 8.0), (0.2, 6.0), (inf, 10.0)]), 0.0625);
        assert!(reckon(0.5, vec![(0.1, 8.0)]).unwrap_err().contains("+Inf"));
        assert!(reckon(0.5, Vec::new()).is_err());
        assert!(reckon(0.5, vec![(inf, 4.0)]).is_err());
    }
}
