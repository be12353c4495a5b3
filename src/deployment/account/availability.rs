//! How available the services are, for scripts and for whoever takes over.

use super::metrics::Seen;
use crate::checklist::pane::Source;
use crate::checklist::{EnvironmentName, PaneId};
use crate::deployment::Plan;
use crate::deployment::metrics::{Availability, PaneVerdict};
use serde::Serialize;

/// `objective` is in percent. `found` is null where nothing is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AvailabilityLine {
    pub metric: PaneId,
    pub title: String,
    pub environment: EnvironmentName,
    pub objective: f64,
    pub verdict: PaneVerdict,
    pub found: Option<Availability>,
    /// `99.982 % of 1d; objective ≥ 99.9 % over 7d; 82 % of the error budget left; burn rate 0.4 over 1h, …`.
    pub text: String,
}

/// One line a metric of availability that was looked at, in the order of the checklist.
pub(crate) fn availability_lines(plan: &Plan, seen: &Seen) -> Vec<AvailabilityLine> {
    let lines = plan.checklist().panes.iter().filter_map(|pane| {
        let Source::Availability { objective, .. } = &pane.source else { return None };
        let (environment, _) = plan.environment_in(&pane.slot)?;
        let seen = seen.get(&pane.id)?;
        let found = seen.availability.as_deref().cloned();
        let rates = found.as_ref().map(|found| format!("; {}", found.rates())).unwrap_or_default();
        Some(AvailabilityLine {
            metric: pane.id.clone(),
            title: pane.title.clone(),
            environment: environment.clone(),
            objective: objective.percent,
            verdict: seen.verdict,
            text: format!("{}{rates}", seen.sentence),
            found,
        })
    });
    lines.collect()
}
