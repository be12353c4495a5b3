//! Whether a service works, as the samples of a pane that asks it show. A sample without a number may be the service's fault
//! (it refuses, it does not answer, it answers that it cannot) or not (nobody came as far): only the first is downtime.

use crate::checklist::pane::Pane;
use crate::checklist::{EnvironmentName, PaneId};
use crate::metrics::sampler::{LONGEST_PAUSE, Sample};
use crate::metrics::series::Gap;
use crate::metrics::sources::{Missing, Take, Taking};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Samples of a pane that are remembered: more than come in an interval of whoever counts them.
const REMEMBERED: usize = 1_024;

/// The last samples of every pane.
#[derive(Debug, Default)]
pub(super) struct Probes(Mutex<HashMap<(EnvironmentName, PaneId), VecDeque<Seen>>>);

#[derive(Debug, Clone)]
struct Seen {
    at: Instant,
    /// Since the sample before.
    since: Duration,
    gap: Option<Gap>,
}

impl Seen {
    /// Whether the service worked; none where the sample does not show it.
    fn works(&self) -> Option<bool> {
        match &self.gap {
            None => Some(true),
            Some(gap) => gap.down.then_some(false),
        }
    }
}

impl Probes {
    pub(super) fn saw(&self, sample: &Sample) {
        let mut samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let samples = samples.entry((sample.environment.clone(), sample.pane.clone())).or_default();
        let since = samples.back().map_or(Duration::ZERO, |last| sample.at.saturating_duration_since(last.at));
        samples.push_back(Seen { at: sample.at, since, gap: sample.value.as_ref().err().cloned() });
        if samples.len() > REMEMBERED {
            samples.pop_front();
        }
    }

    /// The samples after `counted`, with the one before them; at least the last one.
    fn after(&self, key: &(EnvironmentName, PaneId), counted: Option<Instant>) -> Vec<Seen> {
        let samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(samples) = samples.get(key) else { return Vec::new() };
        let fresh = samples.iter().rev().take_while(|seen| counted.is_none_or(|counted| seen.at > counted)).count();
        samples.iter().skip(samples.len().saturating_sub(fresh + 1)).cloned().collect()
    }
}

/// Takes how much of the time since it was asked before the service worked, in percent: 100 while it works, 0 while it does
/// not. Every sample speaks for the time since the one before, so that an outage between two looks is not missed.
pub(super) struct Probed {
    probes: Arc<Probes>,
    of: (EnvironmentName, PaneId),
    every: Duration,
    /// A sample that is older says nothing of now.
    patience: Duration,
    /// The sample that was counted last: each one is counted once.
    counted: Option<Instant>,
}

impl Probed {
    pub(super) fn new(probes: Arc<Probes>, environment: EnvironmentName, of: &Pane) -> Self {
        let every = of.every.duration();
        let patience = (every * 3).max(LONGEST_PAUSE + Duration::from_secs(5));
        Self { probes, of: (environment, of.id.clone()), every, patience, counted: None }
    }

    fn now(&mut self, now: Instant) -> Result<f64, Missing> {
        let of = &self.of.1;
        let seen = self.probes.after(&self.of, self.counted);
        let Some(last) = seen.last() else {
            return Err(Missing::Unusable(format!("{of} has not been sampled yet")));
        };
        let age = now.saturating_duration_since(last.at);
        if age > self.patience {
            return Err(Missing::Unusable(format!("{of} has not been sampled for {} s", age.as_secs())));
        }
        let counted = self.counted.replace(last.at);
        let fresh: Vec<&Seen> = seen.iter().filter(|seen| counted.is_none_or(|counted| seen.at > counted)).collect();
        if fresh.is_empty() {
            return match last.works() {
                // A service that was down stays so until it shows that it works: it is asked less often meanwhile.
                Some(false) => Ok(0.0),
                Some(true) | None => Err(Missing::Unusable(format!("{of} has not been sampled again"))),
            };
        }
        let (mut up, mut down) = (0.0, 0.0);
        for seen in &fresh {
            match seen.works() {
                // A service that is asked less often while it is down came back somewhere in between.
                Some(true) => up += self.speaks_for(seen).as_secs_f64(),
                Some(false) => down += self.speaks_for(seen).as_secs_f64(),
                None => {}
            }
        }
        match &last.gap {
            Some(gap) if up + down <= 0.0 => Err(Missing::Unusable(format!("{of}: {gap}"))),
            _ => Ok(up / (up + down) * 100.0),
        }
    }

    /// How much of the time before it a sample shows. What was down at two looks in a row was down in between; anything else
    /// is known for one interval.
    fn speaks_for(&self, seen: &Seen) -> Duration {
        let whole = if seen.works() == Some(false) { self.patience } else { self.every };
        let since = if seen.since.is_zero() { self.every } else { seen.since };
        since.min(whole)
    }
}

impl Take for Probed {
    fn take(&mut self) -> Taking<'_> {
        let now = self.now(Instant::now());
        Box::pin(async move { now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::pane::Source;
    use chrono::Utc;

    #[test]
    fn what_the_service_is_to_blame_for_is_downtime_and_nothing_else() {
        let probes = Arc::new(Probes::default());
        let pane = Pane::new("lots", "production", Source::Latency { path: "/lots".into() }, "ms");
        let mut take = Probed::new(Arc::clone(&probes), "production".into(), &pane);
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let mut reported = |seconds| {
            let now = take.now(at(seconds));
            now.map_err(|missing| (missing.clone().gap().down, missing.gap().reason))
        };
        let saw = |seconds, value| {
            let (pane, environment) = ("lots".into(), "production".into());
            probes.saw(&Sample { pane, environment, at: at(seconds), time: Utc::now(), value });
        };
        assert_eq!(reported(0).unwrap_err(), (false, "lots has not been sampled yet".into()));
        saw(0, Ok(24.0));
        assert_eq!(reported(0), Ok(100.0));
        assert_eq!(reported(2).unwrap_err(), (false, "lots has not been sampled again".into()), "counted once");
        assert_eq!(reported(16).unwrap_err(), (false, "lots has not been sampled for 16 s".into()));
        saw(20, Err(Missing::Down("connection refused".into()).gap()));
        assert_eq!((reported(20), reported(30)), (Ok(0.0), Ok(0.0)), "down until it shows that it works");
        saw(31, Err(Missing::Failing("answered 503".into()).gap()));
        assert_eq!(reported(31), Ok(0.0));
        saw(33, Err(Missing::Unreached("no connection: name not found".into()).gap()));
        assert_eq!(reported(33).unwrap_err(), (false, "lots: no connection: name not found".into()));
        saw(35, Err(Missing::Unusable("answered 404".into()).gap()));
        assert_eq!(reported(35).unwrap_err(), (false, "lots: answered 404".into()));
    }

    #[test]
    fn an_outage_between_two_looks_counts_for_as_long_as_it_was_seen() {
        let probes = Arc::new(Probes::default());
        let every = crate::checklist::offset::Span::from_millis(2_000);
        let pane = Pane { every, ..Pane::new("lots", "production", Source::Latency { path: "/lots".into() }, "ms") };
        let mut take = Probed::new(Arc::clone(&probes), "production".into(), &pane);
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let mut saw = |from: u64, works: &[(u64, bool)]| {
            for (second, works) in works {
                let value = if *works { Ok(24.0) } else { Err(Missing::Down("connection refused".into()).gap()) };
                let (pane, environment) = ("lots".into(), "production".into());
                probes.saw(&Sample { pane, environment, at: at(from + second), time: Utc::now(), value });
            }
            take.now(at(from + 10)).unwrap().round()
        };
        let all = |works: [bool; 5]| [2, 4, 6, 8, 10].into_iter().zip(works).collect::<Vec<(u64, bool)>>();
        assert_eq!(saw(0, &all([true; 5])), 100.0);
        assert_eq!(saw(10, &all([true, false, true, true, true])), 80.0, "two of ten seconds");
        assert_eq!(saw(20, &all([false, false, true, false, false])), 20.0);
        // Asked every ten seconds meanwhile; when it came back within them nobody knows.
        assert_eq!(saw(30, &[(10, false)]), 0.0);
        assert_eq!(saw(40, &[(8, true), (10, true)]), 100.0);
        assert_eq!(saw(50, &[(1, false), (9, false), (10, true)]), 10.0);
    }
}
