//! A metric over a period: what its samples in the store come to, now or when the time is over.

use super::account::{Account, Trouble};
use crate::attempts::{Assignment, Console};
use crate::checklist::check::Watch;
use crate::checklist::target::Bound;
use crate::checklist::{EnvironmentName, Item, ItemId, PaneId, Target};
use crate::deployment::attempt::Outcome;
use crate::deployment::measurement::Verdict;
use crate::deployment::watching::{self, Period};
use crate::deployment::{Board, Plan, State};
use crate::metrics::Store;
use crate::metrics::store::StoreError;
use crate::metrics::watch::{self, Reading, Seen};
use chrono::{DateTime, Utc};
use std::path::Path;

pub(crate) async fn carry_out(assignment: &Assignment, check: &Watch, console: &dyn Console) -> Outcome {
    let mut account = Account::open();
    let worked = tokio::select! {
        worked = look(assignment, check, console, &mut account) => worked,
        end = assignment.stopped() => Err(Trouble::Stopped(end)),
    };
    // The sentence names the targets already, and a period that is not over yet holds none of them.
    account.conclude(&[], worked)
}

async fn look(
    assignment: &Assignment,
    check: &Watch,
    console: &dyn Console,
    account: &mut Account,
) -> Result<(), Trouble> {
    let Assignment { plan, state, item, evidence, .. } = assignment;
    let period = watching::period(plan, state, check);
    let period = period.map_err(|why| Trouble::NotStarted(format!("the watch has not begun: {why}")))?;
    let store = Store::look(evidence).await.map_err(|error| Trouble::Open(error.to_string()))?;
    let reading = read(store.as_ref(), plan, item, check, &period, Utc::now()).await;
    let reading = reading.map_err(|error| Trouble::Open(error.to_string()))?;
    if let Some(store) = store {
        store.close().await;
    }
    let [from, until] = [period.from, period.until].map(|at| at.format("%Y-%m-%d %H:%M:%S UTC"));
    console.line(&format!("metric {} from {from} to {until}", check.pane));
    for measured in &reading.measured {
        console.line(&format!("  {measured}"));
    }
    console.line(&reading.detail);
    account.measured = reading.measured;
    account.find(reading.verdict.unwrap_or(Verdict::Inconclusive), reading.detail);
    Ok(())
}

/// What a watch comes to at `now`, by what the store holds.
pub(crate) async fn read(
    store: Option<&Store>,
    plan: &Plan,
    item: &Item,
    check: &Watch,
    period: &Period,
    now: DateTime<Utc>,
) -> Result<Reading, StoreError> {
    let pane = plan.checklist().panes.iter().find(|pane| pane.id == check.pane);
    let (Some(store), Some(pane)) = (store, pane) else { return Ok(watch::nothing(period, now)) };
    let Some((environment, _)) = plan.environment_in(&pane.slot) else { return Ok(watch::nothing(period, now)) };
    let wanted = pane.target.as_ref().map(|target| target.bound);
    let of = Of { environment, pane: &pane.id, unit: &pane.unit, wanted, targets: &item.targets };
    look_at(store, &of, period, now).await
}

/// What is watched of which metric, and the metric's own target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of<'a> {
    pub environment: &'a EnvironmentName,
    pub pane: &'a PaneId,
    pub unit: &'a str,
    pub wanted: Option<Bound>,
    pub targets: &'a [Target],
}

/// What a metric's samples of a period come to at `now`.
pub(crate) async fn look_at(
    store: &Store,
    of: &Of<'_>,
    period: &Period,
    now: DateTime<Utc>,
) -> Result<Reading, StoreError> {
    let span = period.from.timestamp_millis()..period.until.min(now).timestamp_millis().saturating_add(1);
    let Some(stored) = store.parts(of.environment, of.pane, span).await? else {
        return Ok(watch::nothing(period, now));
    };
    let seen = Seen::of(&stored, period, now);
    Ok(watch::evaluate(&seen, of.targets, (of.unit, of.wanted), period, now))
}

/// Every watch under way, with what it comes to at `now`.
pub(crate) async fn under_way(
    evidence: &Path,
    plan: &Plan,
    state: &State,
    now: DateTime<Utc>,
) -> Result<Vec<(ItemId, Period, Reading)>, StoreError> {
    let board = Board::at(plan, state, now);
    let watching = watching::under_way(plan, state, &board, now);
    if watching.is_empty() {
        return Ok(Vec::new());
    }
    let store = Store::look(evidence).await?;
    let mut readings = Vec::new();
    for one in watching {
        let reading = read(store.as_ref(), plan, one.item, one.watch, &one.period, now).await?;
        readings.push((one.item.id.clone(), one.period, reading));
    }
    if let Some(store) = store {
        store.close().await;
    }
    Ok(readings)
}
