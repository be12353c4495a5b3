//! Whether a service works, as the samples of a pane that asks it show. A sample without a number may be the service's fault
//! (it refuses, it does not answer, it answers that it cannot) or not (nobody came as far): only the first is downtime.

use crate::checklist::pane::Pane;
use crate::checklist::{EnvironmentName, PaneId};
use crate::metrics::sampler::{LONGEST_PAUSE, Sample};
use crate::metrics::series::Gap;
use crate::metrics::sources::{Missing, Take, Taking};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The last sample of every pane.
#[derive(Debug, Default)]
pub(super) struct Probes(Mutex<HashMap<(EnvironmentName, PaneId), Seen>>);

#[derive(Debug, Clone)]
struct Seen {
    at: Instant,
    gap: Option<Gap>,
}

impl Probes {
    pub(super) fn saw(&self, sample: &Sample) {
        let seen = Seen { at: sample.at, gap: sample.value.as_ref().err().cloned() };
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.insert((sample.environment.clone(), sample.pane.clone()), seen);
    }

    fn last(&self, key: &(EnvironmentName, PaneId)) -> Option<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

/// Takes 100 while the service works and 0 while it does not.
pub(super) struct Probed {
    probes: Arc<Probes>,
    of: (EnvironmentName, PaneId),
    /// A sample that is older says nothing of now.
    patience: Duration,
    /// The sample that was counted last: one that shows that the service works is counted once.
    counted: Option<Instant>,
}

impl Probed {
    pub(super) fn new(probes: Arc<Probes>, environment: EnvironmentName, of: &Pane) -> Self {
        let patience = (of.every.duration() * 3).max(LONGEST_PAUSE + Duration::from_secs(5));
        Self { probes, of: (environment, of.id.clone()), patience, counted: None }
    }

    fn now(&mut self, now: Instant) -> Result<f64, Missing> {
        let of = &self.of.1;
        let Some(seen) = self.probes.last(&self.of) else {
            return Err(Missing::Unusable(format!("{of} has not been sampled yet")));
        };
        let age = now.saturating_duration_since(seen.at);
        if age > self.patience {
            return Err(Missing::Unusable(format!("{of} has not been sampled for {} s", age.as_secs())));
        }
        let is_new = self.counted.replace(seen.at) != Some(seen.at);
        match seen.gap {
            None if is_new => Ok(100.0),
            None => Err(Missing::Unusable(format!("{of} has not been sampled again"))),
            // A service that was down stays so until it shows that it works: it is asked less often meanwhile.
            Some(gap) if gap.down => Ok(0.0),
            Some(gap) => Err(Missing::Unusable(format!("{of}: {gap}"))),
        }
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
        let mut reported = |seconds| {
            let now = take.now(began + Duration::from_secs(seconds));
            now.map_err(|missing| (missing.clone().gap().down, missing.gap().reason))
        };
        let saw = |value| {
            let (pane, environment) = ("lots".into(), "production".into());
            probes.saw(&Sample { pane, environment, at: began, time: Utc::now(), value });
        };
        assert_eq!(reported(0).unwrap_err(), (false, "lots has not been sampled yet".into()));
        saw(Ok(24.0));
        assert_eq!(reported(0), Ok(100.0));
        assert_eq!(reported(2).unwrap_err(), (false, "lots has not been sampled again".into()), "counted once");
        assert_eq!(reported(16).unwrap_err(), (false, "lots has not been sampled for 16 s".into()));
        saw(Err(Missing::Down("connection refused".into()).gap()));
        assert_eq!((reported(0), reported(10)), (Ok(0.0), Ok(0.0)), "down until it shows that it works");
        saw(Err(Missing::Failing("answered 503".into()).gap()));
        assert_eq!(reported(0), Ok(0.0));
        saw(Err(Missing::Unreached("no connection: name not found".into()).gap()));
        assert_eq!(reported(0).unwrap_err(), (false, "lots: no connection: name not found".into()));
        saw(Err(Missing::Unusable("answered 404".into()).gap()));
        assert_eq!(reported(0).unwrap_err(), (false, "lots: answered 404".into()));
    }
}
