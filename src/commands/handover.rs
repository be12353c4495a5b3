//! `gonogo handover`: writes what the next person must know, and records it with a note.

use super::{Failure, acting};
use crate::attempts::checks::watch;
use crate::cli::items::Handover as Asked;
use crate::deployment::account::handover::{Handover, MetricLine};
use crate::deployment::{Intent, Plan};
use crate::ledger::Ledger;
use crate::metrics::Store;
use chrono::{DateTime, TimeDelta, Utc};
use std::io::Write;

/// Shows the handover; without `--print` also records it.
pub async fn handover(asked: &Asked, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let mut ledger = Ledger::open(&asked.on.ledger)?;
    let written = written(&ledger, Utc::now()).await?;
    let text = written.text();
    writeln!(out, "{text}")?;
    if asked.print {
        return Ok(0);
    }
    let since = super::tell::Since::of(&ledger, &by);
    let intent = Intent::RecordHandover { to: asked.to.clone(), note: asked.note.clone(), text };
    ledger.append(&by, intent)?;
    let to = asked.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
    writeln!(out, "\nrecorded: handover{to}")?;
    since.tell(out).await?;
    Ok(0)
}

/// The handover of a ledger as of `now`, with what the store of its metrics says.
///
/// # Errors
/// When the store cannot be read.
pub async fn written(ledger: &Ledger, now: DateTime<Utc>) -> Result<Handover, Failure> {
    let (plan, state) = (ledger.plan(), ledger.state());
    let failed = |error: crate::metrics::store::StoreError| Failure::not_fine(error.to_string());
    let readings = watch::under_way(ledger.evidence(), plan, state, now).await.map_err(failed)?;
    let title = |id| plan.item(id).map_or_else(|| id.to_string(), |item| item.in_sentence().to_owned());
    let watches: Vec<String> =
        readings.iter().map(|(item, _, reading)| format!("{}: {}", title(item), reading.detail)).collect();
    let metrics = match Store::look(ledger.evidence()).await.map_err(failed)? {
        Some(store) => metrics(&store, plan, now).await.map_err(failed)?,
        None => Vec::new(),
    };
    Ok(Handover::of(plan, state, ledger.records(), (&metrics, &[], &watches), now))
}

/// Every metric with its newest number and where it went in the last hour, the worst first.
async fn metrics(
    store: &Store,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<Vec<MetricLine>, crate::metrics::store::StoreError> {
    let mut lines = Vec::new();
    for pane in &plan.checklist().panes {
        let Some((environment, _)) = plan.environment_in(&pane.slot) else { continue };
        let last = store.last(environment, &pane.id, 1).await?.pop();
        let mut averages = [None, None];
        for (average, hours) in averages.iter_mut().zip([1, 2]) {
            let [from, until] = [hours, hours - 1].map(|hours| (now - TimeDelta::hours(hours)).timestamp_millis());
            let buckets = store.buckets(environment, &pane.id, from..until, 1).await?;
            *average = buckets.first().and_then(crate::metrics::Bucket::average);
        }
        let newest = match last.map(|point| point.value) {
            Some(Ok(value)) => Ok(value),
            Some(Err(gap)) => Err(gap.reason),
            None => Err("nothing was collected".to_owned()),
        };
        lines.push(MetricLine::of(pane, newest, averages[0], averages[1]));
    }
    lines.sort_by_key(|line| !line.bad);
    Ok(lines)
}
