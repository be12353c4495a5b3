//! Times in which nothing was collected: each becomes a gap of its own, so that nobody draws a line across it.

use crate::checklist::{EnvironmentName, PaneId};
use crate::metrics::sampler::{Sample, longest_silence};
use crate::metrics::series::Gap;
use crate::metrics::store::Described;
use chrono::TimeDelta;
use std::collections::HashMap;
use std::time::Duration;

/// When each series was sampled last.
#[derive(Debug, Default)]
pub(super) struct Holes {
    last: HashMap<(EnvironmentName, PaneId), Last>,
    /// How long no collector ran before this one, as the newest sample of all series shows.
    none_ran_ms: i64,
}

#[derive(Debug)]
struct Last {
    at_ms: i64,
    every: Duration,
    /// It was this collector.
    ours: bool,
}

/// How long a series may be silent while its collector runs. A target that is down is asked less often; one whose availability
/// counts is not, and is slower only by the time that an answer may take.
pub(super) fn expected(every: Duration, backs_off: bool, limit: Duration) -> Duration {
    if backs_off { longest_silence(every) } else { (every * 3).max(every * 2 + limit) }
}

impl Holes {
    /// What is in the store was collected by others; this collector began at `began_ms`.
    pub(super) fn after(stored: &[Described], began_ms: i64) -> Self {
        let newest = stored.iter().filter_map(|one| one.last_ms).max();
        let last = stored.iter().filter_map(|one| {
            let key = (one.environment.clone(), one.pane.clone());
            Some((key, Last { at_ms: one.last_ms?, every: one.every, ours: false }))
        });
        let none_ran_ms = newest.map_or(0, |newest| began_ms.saturating_sub(newest).max(0));
        Self { last: last.collect(), none_ran_ms }
    }

    /// Whether it is for want of a collector that a series was silent, rather than because another one took over.
    fn is_why(&self, silent_ms: i64, every_ms: i64) -> bool {
        self.none_ran_ms.saturating_mul(2) >= silent_ms || self.none_ran_ms >= every_ms.min(30_000)
    }

    /// The gap between the sample before and this one, where there is one: `longest` is how long the series may be silent.
    pub(super) fn before(&mut self, sample: &Sample, longest: Duration) -> Option<Sample> {
        let at_ms = sample.time.timestamp_millis();
        let key = (sample.environment.clone(), sample.pane.clone());
        let every = self.last.get(&key).map_or(Duration::ZERO, |last| last.every);
        let last = self.last.insert(key, Last { at_ms, every, ours: true })?;
        let silent_ms = at_ms.saturating_sub(last.at_ms);
        let whole_ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let every_ms = whole_ms(every);
        // A collector that has just begun asks every pane when it is due.
        let expected = if last.ours { whole_ms(longest) } else { every_ms.saturating_mul(3) / 2 };
        let why = match (silent_ms, last.ours) {
            (..0, _) => "the host's clock was set back".to_owned(),
            (silent, _) if silent <= expected => return None,
            (_, false) if self.is_why(silent_ms, every_ms) => {
                format!("no collector ran for {}", length(self.none_ran_ms))
            }
            (_, false) => format!("the collector was replaced, no sample for {} s", silent_ms / 1_000),
            (_, true) => format!(
                "nothing was collected for {} s (host asleep or overloaded, or its clock was set)",
                silent_ms / 1_000
            ),
        };
        // It begins when the next sample was due, and never behind the one that ends it.
        let begins_ms = if silent_ms < 0 { at_ms } else { last.at_ms.saturating_add(every_ms).min(at_ms) };
        let time = sample.time - TimeDelta::milliseconds(at_ms - begins_ms);
        Some(Sample { time, value: Err(Gap::new(why)), ..sample.clone() })
    }
}

/// `0.7 s`, `48 s`.
fn length(ms: i64) -> String {
    if ms < 10_000 { format!("{}.{} s", ms / 1_000, ms % 1_000 / 100) } else { format!("{} s", ms / 1_000) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use std::time::Instant;

    fn sample(pane: &str, at_ms: i64) -> Sample {
        let time = DateTime::from_timestamp_millis(at_ms).unwrap();
        Sample { pane: pane.into(), environment: "production".into(), at: Instant::now(), time, value: Ok(1.0) }
    }

    fn described(pane: &str, every: u64, last_ms: i64) -> Described {
        let (every, last_ms) = (Duration::from_secs(every), Some(last_ms));
        Described { environment: "production".into(), pane: pane.into(), unit: "ms".into(), every, last_ms }
    }

    fn reported(holes: &mut Holes, pane: &str, at_ms: i64, longest: Duration) -> Option<(i64, String)> {
        let gap = holes.before(&sample(pane, at_ms), longest)?;
        Some((gap.time.timestamp_millis(), gap.value.unwrap_err().reason))
    }

    #[test]
    fn a_hole_becomes_a_gap_from_when_a_sample_was_due() {
        let every = Duration::from_secs(2);
        let longest = expected(every, true, Duration::from_secs(2));
        let mut holes = Holes::after(&[described("lots", 2, 10_000)], 15_500);
        let mut at = |ms| reported(&mut holes, "lots", ms, longest);
        assert_eq!(at(16_000), Some((12_000, "no collector ran for 5.5 s".into())));
        assert_eq!(at(18_000), None);
        assert_eq!(at(28_000), None, "the target was down and is asked less often");
        let (from, why) = at(3_628_000).unwrap();
        assert_eq!((from, why.contains("for 3600 s")), (30_000, true), "{why}");
        assert_eq!(at(3_000).unwrap(), (3_000, "the host's clock was set back".into()));
        assert_eq!(reported(&mut Holes::default(), "lots", 3_000, longest), None, "nothing was before");
    }

    #[test]
    fn a_target_whose_availability_counts_may_be_silent_for_three_intervals() {
        let longest = expected(Duration::from_secs(2), false, Duration::from_millis(1_500));
        let mut holes = Holes::after(&[described("lots", 2, 10_000)], 10_000);
        let mut at = |ms| reported(&mut holes, "lots", ms, longest).map(|(from, _)| from);
        assert_eq!((at(12_000), at(18_000), at(25_000)), (None, None, Some(20_000)));
    }

    #[test]
    fn every_series_says_of_one_outage_how_long_no_collector_ran() {
        let stored = [described("fast", 2, 40_000), described("slow", 10, 33_000)];
        let mut holes = Holes::after(&stored, 88_000);
        let mut at = |pane, ms| reported(&mut holes, pane, ms, Duration::from_secs(30));
        assert_eq!(at("fast", 88_500), Some((42_000, "no collector ran for 48 s".into())));
        assert_eq!(at("slow", 89_000), Some((43_000, "no collector ran for 48 s".into())));
        // One that took over at once ran all the time.
        let mut holes = Holes::after(&stored, 40_700);
        let why = "the collector was replaced, no sample for 18 s";
        assert_eq!(reported(&mut holes, "slow", 51_000, Duration::from_secs(30)), Some((43_000, why.into())));
    }
}
