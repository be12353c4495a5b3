//! What the ledger knows of the metrics that panes watch: the baseline, and the last measurement of the same thing.
//!
//! The same thing is measured by the item that the metric names, and by one that asks the same environment the same: a
//! request of the same method, path, body, headers and login, or the same query. That two share a path is not enough.

use crate::checklist::check::{self, QueryCount, Reachability, Redirects};
use crate::checklist::pane::{HttpNumber, Pane, Source};
use crate::checklist::{Check, EnvironmentName, Item, PaneId};
use crate::deployment::attempt::Attempt;
use crate::deployment::measurement::evaluate;
use crate::deployment::metrics::Assessment;
use crate::deployment::outdated::Changes;
use crate::deployment::{Measurement, Plan, State, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// `value` and `baseline` are in `unit`, `target` is the bound's number; null what was not measured. Without a value
/// or a target the verdict is inconclusive, and so it is where the value is outdated.
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
pub fn metrics(plan: &Plan, state: &State) -> Vec<Metric> {
    let changes = Changes::of(plan, state);
    plan.checklist().panes.iter().map(|pane| metric(plan, state, &changes, pane)).collect()
}

fn metric(plan: &Plan, state: &State, changes: &Changes<'_>, pane: &Pane) -> Metric {
    let environment = plan.environment_in(&pane.slot).map(|(name, _)| name.clone());
    let baseline = pane.baseline.as_ref().and_then(|baseline| {
        let (item, measure) = baseline.item()?;
        let attempt = state.latest(item).filter(|attempt| Some(&attempt.environment) == environment.as_ref())?;
        found(attempt, pane, measure)
    });
    let latest = latest(plan, state, pane, environment.as_ref());
    let is_current = latest.is_some_and(|(attempt, _)| changes.outdated(attempt).is_none());
    let value = latest.map(|(_, measured)| measured);
    let verdict = match (&pane.target, value) {
        (Some(target), Some(value)) if is_current => {
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
) -> Option<(&'a Attempt, &'a Measurement)> {
    let baseline = pane.baseline.as_ref().and_then(|baseline| baseline.item());
    let measure = baseline.map(|(_, measure)| measure).or(match &pane.source {
        Source::Latency { .. } => Some("latency-p95"),
        Source::Http(http) if http.number == HttpNumber::Latency => Some("latency-p95"),
        Source::Header { .. } => Some("queries"),
        _ => None,
    })?;
    let attempts = state.attempts.iter().rev().filter(|attempt| Some(&attempt.environment) == environment);
    let mut same = attempts.filter(|attempt| plan.item(&attempt.item).is_some_and(|item| measures(item, pane)));
    same.find_map(|attempt| Some((attempt, found(attempt, pane, measure)?)))
}

/// What an attempt measured under that name in the pane's unit.
fn found<'a>(attempt: &'a Attempt, pane: &Pane, measure: &str) -> Option<&'a Measurement> {
    attempt.outcome()?.measured.iter().find(|measured| measured.name == measure && measured.unit == pane.unit)
}

fn measures(item: &Item, pane: &Pane) -> bool {
    if pane.baseline.as_ref().and_then(|baseline| baseline.item()).is_some_and(|(baseline, _)| *baseline == item.id) {
        return true;
    }
    match (&pane.source, &item.check) {
        (Source::Latency { path }, Check::Http(http)) => asks(http, "GET", path, None) && http.headers.is_empty(),
        (Source::Header { path, header }, Check::Http(http)) => {
            let counts = matches!(&http.queries, Some(QueryCount::Header(name)) if name.eq_ignore_ascii_case(header));
            counts && asks(http, "GET", path, None) && http.headers.is_empty()
        }
        (Source::Http(pane), Check::Http(http)) => {
            asks(http, &pane.method, &pane.path, pane.body.as_deref()) && http.headers == pane.headers
        }
        (Source::Sql { query }, Check::Sql(sql)) => sql.query == *query,
        _ => false,
    }
}

/// Whether a check sends this request as a pane does, with the environment's login, and expects it to succeed.
fn asks(http: &check::Http, method: &str, path: &str, body: Option<&str>) -> bool {
    let request = http.method.eq_ignore_ascii_case(method) && http.path == path && http.body.as_deref() == body;
    let succeeds = http.expect == Reachability::Answers && (200..300).any(|status| http.status.has(status));
    request && http.body_file.is_none() && !http.anonymous && http.redirects == Redirects::None && succeeds
}
