//! Times in which nothing was collected: each becomes a gap of its own, so that nobody draws a line across it.

use crate::checklist::{EnvironmentName, PaneId};
use crate::metrics::sampler::{LONGEST_PAUSE, Sample};
use crate::metrics::series::Gap;
use crate::metrics::store::Described;
use chrono::TimeDelta;
use std::collections::HashMap;
use std::time::Duration;

/// When each series was sampled last.
#[derive(Debug, Default)]
pub(super) struct Holes {
    last: HashMap<(EnvironmentName, PaneId), Last>,
}

#[derive(Debug)]
struct Last {
    at_ms: i64,
    every: Duration,
    /// It was this collector.
    ours: bool,
}

impl Holes {
    /// What is in the store was collected by others.
    pub(super) fn after(stored: &[Described]) -> Self {
        let last = stored.iter().filter_map(|one| {
            let key = (one.environment.clone(), one.pane.clone());
            Some((key, Last { at_ms: one.last_ms?, every: one.every, ours: false }))
        });
        Self { last: last.collect() }
    }

    /// The gap between the sample before and this one, where there is one.
    pub(super) fn before(&mut self, sample: &Sample) -> Option<Sample> {
        let at_ms = sample.time.timestamp_millis();
        let key = (sample.environment.clone(), sample.pane.clone());
        let every = self.last.get(&key).map_or(Duration::ZERO, |last| last.every);
        let last = self.last.insert(key, Last { at_ms, every, ours: true })?;
        let silent_ms = at_ms.saturating_sub(last.at_ms);
        let every_ms = i64::try_from(every.as_millis()).unwrap_or(i64::MAX);
        // A target that is down is asked less often; a collector that has just begun has no such excuse.
        let longest_ms = i64::try_from(LONGEST_PAUSE.as_millis()).unwrap_or(i64::MAX).saturating_add(5_000);
        let expected =
            if last.ours { every_ms.saturating_mul(3).max(longest_ms) } else { every_ms.saturating_mul(3) / 2 };
        let seconds = silent_ms / 1_000;
        let why = match (silent_ms, last.ours) {
            (..0, _) => "the host's clock was set back".to_owned(),
            (silent, _) if silent <= expected => return None,
            (_, false) => format!("no collector ran for {seconds} s"),
            (_, true) => {
                format!("nothing was collected for {seconds} s (host asleep or overloaded, or its clock was set)")
            }
        };
        // It begins when the next sample was due, and never behind the one that ends it.
        let begins_ms = if silent_ms < 0 { at_ms } else { last.at_ms.saturating_add(every_ms).min(at_ms) };
        let time = sample.time - TimeDelta::milliseconds(at_ms - begins_ms);
        Some(Sample { time, value: Err(Gap::new(why)), ..sample.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use std::time::Instant;

    fn sample(at_ms: i64) -> Sample {
        let time = DateTime::from_timestamp_millis(at_ms).unwrap();
        Sample { pane: "lots".into(), environment: "production".into(), at: Instant::now(), time, value: Ok(1.0) }
    }

    fn reported(holes: &mut Holes, at_ms: i64) -> Option<(i64, String)> {
        let gap = holes.before(&sample(at_ms))?;
        Some((gap.time.timestamp_millis(), gap.value.unwrap_err().reason))
    }

    #[test]
    fn a_hole_becomes_a_gap_from_when_a_sample_was_due() {
        let every = Duration::from_secs(2);
        let described = Described {
            environment: "production".into(),
            pane: "lots".into(),
            unit: "ms".into(),
            every,
            last_ms: Some(10_000),
        };
        let mut holes = Holes::after(&[described]);
        assert_eq!(reported(&mut holes, 16_000), Some((12_000, "no collector ran for 6 s".into())));
        assert_eq!(reported(&mut holes, 18_000), None);
        assert_eq!(reported(&mut holes, 28_000), None, "the target was down and is asked less often");
        let (from, why) = reported(&mut holes, 3_628_000).unwrap();
        assert_eq!((from, why.contains("for 3600 s")), (30_000, true), "{why}");
        assert_eq!(reported(&mut holes, 3_000).unwrap(), (3_000, "the host's clock was set back".into()));
        assert_eq!(reported(&mut Holes::default(), 3_000), None, "nothing was before");
    }
}
