//! What the ledger knows of the metrics that panes watch: the baseline, and the last measurement of the same thing.

use crate::checklist::pane::{Pane, Source};
use crate::checklist::{Check, EnvironmentName, Item, PaneId};
use crate::deployment::measurement::evaluate;
use crate::deployment::metrics::Assessment;
use crate::deployment::{Measurement, Plan, State, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// `value` and `baseline` are in `unit`, `target` is the bound's number; null what was not measured. Without a value
/// or a target the verdict is inconclusive.
#[derive(Debug, PartialEq, Serialize)]
pub struct Metric {
    pub name: PaneId,
    pub environment: Option<EnvironmentName>,
    pub value: Option<f64>,
    pub unit: String,
    pub baseline: Option<f64>,
    pub target: Option<f64>,
    pub verdict: Verdict,
    /// How it stands by the samples collected, where the store could be read; `value` and `verdict` are a step's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Assessment>,
}

/// One metric a pane, in the order of the checklist.
pub(crate) fn metrics(plan: &Plan, state: &State) -> Vec<Metric> {
    plan.checklist().panes.iter().map(|pane| metric(plan, state, pane)).collect()
}

fn metric(plan: &Plan, state: &State, pane: &Pane) -> Metric {
    let environment = plan.environment_in(&pane.slot).map(|(name, _)| name.clone());
    let baseline = pane.baseline.as_ref().and_then(|baseline| {
        let (item, measure) = baseline.item()?;
        let outcome = state.latest(item)?.outcome()?;
        outcome.measured.iter().find(|measured| measured.name == measure)
    });
    let value = latest(plan, state, pane, environment.as_ref());
    let verdict = match (&pane.target, value) {
        (Some(target), Some(value)) => {
            evaluate(std::slice::from_ref(target), &[Measurement { name: target.measure.clone(), ..value.clone() }]).0
        }
        _ => Verdict::Inconclusive,
    };
    Metric {
        name: pane.id.clone(),
        environment,
        value: value.map(|measured| measured.value),
        unit: pane.unit.clone(),
        baseline: baseline.map(|measured| measured.value),
        target: pane.target.as_ref().map(|target| target.bound.number()),
        verdict,
        now: None,
    }
}

/// How metrics stand by the samples collected.
pub(crate) type Seen = BTreeMap<PaneId, Assessment>;

/// Puts what was seen beside what steps measured.
pub(crate) fn see(metrics: &mut [Metric], seen: &Seen) {
    for metric in metrics {
        metric.now = seen.get(&metric.name).cloned();
    }
}

/// The last measurement in the pane's environment by an item that measures the same thing.
fn latest<'a>(
    plan: &Plan,
    state: &'a State,
    pane: &Pane,
    environment: Option<&EnvironmentName>,
) -> Option<&'a Measurement> {
    let baseline = pane.baseline.as_ref().and_then(|baseline| baseline.item());
    let measure = baseline.map(|(_, measure)| measure).or(match &pane.source {
        Source::Latency { .. } => Some("latency-p95"),
        Source::Header { .. } => Some("queries"),
        _ => None,
    })?;
    let attempts = state.attempts.iter().rev().filter(|attempt| Some(&attempt.environment) == environment);
    let same = attempts.filter(|attempt| plan.item(&attempt.item).is_some_and(|item| measures(item, pane)));
    let mut outcomes = same.filter_map(|attempt| attempt.outcome());
    outcomes.find_map(|outcome| outcome.measured.iter().find(|measured| measured.name == measure))
}

fn measures(item: &Item, pane: &Pane) -> bool {
    if pane.baseline.as_ref().and_then(|baseline| baseline.item()).is_some_and(|(baseline, _)| *baseline == item.id) {
        return true;
    }
    match (&pane.source, &item.check) {
        (Source::Latency { path } | Source::Header { path, .. }, Check::Http(http)) => http.path == *path,
        (Source::Sql { query }, Check::Sql(sql)) => sql.query == *query,
        _ => false,
    }
}
