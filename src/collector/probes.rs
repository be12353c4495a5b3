//! Whether a service works, as the samples of a pane that asks it show: one sample of availability for each of them. A sample
//! without a number may be the service's fault (it refuses, it does not answer, it answers that it cannot) or not (nobody
//! came as far): only the first is downtime.

use crate::checklist::pane::Source;
use crate::checklist::{EnvironmentName, PaneId};
use crate::deployment::Plan;
use crate::metrics::sampler::Sample;
use crate::metrics::series::Gap;

/// The panes of availability, with the pane whose samples each takes.
#[derive(Debug, Default)]
pub(super) struct Probes(Vec<Probe>);

#[derive(Debug)]
struct Probe {
    environment: EnvironmentName,
    of: PaneId,
    pane: PaneId,
}

impl Probes {
    /// Those whose other pane is watched in the same environment.
    pub(super) fn of(plan: &Plan) -> Self {
        let panes = &plan.checklist().panes;
        let probe = panes.iter().filter_map(|pane| {
            let Source::Availability { of, .. } = &pane.source else { return None };
            let (environment, _) = plan.environment_in(&pane.slot)?;
            let asked = panes.iter().find(|asked| asked.id == *of)?;
            let (own, _) = plan.environment_in(&asked.slot)?;
            let (environment, of, pane) = (environment.clone(), of.clone(), pane.id.clone());
            (*own == environment).then_some(Probe { environment, of, pane })
        });
        Self(probe.collect())
    }

    /// Each with the pane whose samples it takes and its own.
    pub(super) fn names(&self) -> impl Iterator<Item = (&EnvironmentName, &PaneId, &PaneId)> {
        self.0.iter().map(|probe| (&probe.environment, &probe.of, &probe.pane))
    }

    pub(super) fn takes(&self, pane: &PaneId) -> bool {
        self.0.iter().any(|probe| probe.pane == *pane)
    }

    /// What a sample shows of availability: 100 while the service works and 0 while it does not.
    pub(super) fn from(&self, sample: &Sample) -> impl Iterator<Item = Sample> {
        let asks = |probe: &&Probe| probe.of == sample.pane && probe.environment == sample.environment;
        self.0.iter().filter(asks).map(|probe| {
            let value = match &sample.value {
                Ok(_) => Ok(100.0),
                Err(gap) if gap.down => Ok(0.0),
                Err(gap) => Err(Gap::new(format!("{}: {gap}", probe.of))),
            };
            Sample { pane: probe.pane.clone(), value, ..sample.clone() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::sources::Missing;
    use chrono::Utc;

    #[test]
    fn what_the_service_is_to_blame_for_is_downtime_and_nothing_else() {
        let probe = Probe { environment: "production".into(), of: "lots".into(), pane: "up".into() };
        let probes = Probes(vec![probe]);
        let time = Utc::now();
        let sample = |pane: &str, value: Result<f64, Missing>| {
            let (pane, value) = (pane.into(), value.map_err(Missing::gap));
            Sample { pane, environment: "production".into(), at: std::time::Instant::now(), time, value }
        };
        let shown = |value: Result<f64, Missing>| {
            let found: Vec<Sample> = probes.from(&sample("lots", value)).collect();
            let [one] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!((one.pane.as_str(), one.time), ("up", time), "each sample once, at its own time");
            one.value.clone().map_err(|gap| (gap.down, gap.reason))
        };
        assert_eq!(shown(Ok(24.0)), Ok(100.0));
        assert_eq!(shown(Err(Missing::Down("connection refused".into()))), Ok(0.0));
        assert_eq!(shown(Err(Missing::Failing("answered 503".into()))), Ok(0.0));
        let away = Missing::Unreached("no connection: name not found".into());
        assert_eq!(shown(Err(away)).unwrap_err(), (false, "lots: no connection: name not found".into()));
        assert_eq!(shown(Err(Missing::Unusable("answered 404".into()))).unwrap_err().1, "lots: answered 404");
        assert_eq!(probes.from(&sample("processor", Ok(1.0))).count(), 0);
    }
}
