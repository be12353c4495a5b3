//! `gonogo handover`: writes what the next person must know, and records it with a note.

use super::{Failure, acting};
use crate::attempts::checks::watch;
use crate::cli::items::Handover as Asked;
use crate::deployment::Intent;
use crate::deployment::account::handover::{Handover, MetricLine};
use crate::ledger::Ledger;
use crate::metrics::Store;
use crate::metrics::store::StoreError;
use chrono::{DateTime, Utc};
use serde_json::json;
use std::io::Write;

/// Shows the handover; without `--print` also records it.
pub(crate) async fn handover(asked: &Asked, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let mut ledger = Ledger::open(&asked.on.ledger)?;
    let written = written(&ledger, Utc::now()).await?;
    let text = written.text();
    if asked.print && asked.json {
        writeln!(out, "{:#}", json!({ "format": 1, "text": text, "record": null, "to": null, "note": null }))?;
        return Ok(0);
    }
    if !asked.json {
        writeln!(out, "{text}")?;
    }
    if asked.print {
        return Ok(0);
    }
    let since = super::tell::Since::of(&ledger, &by);
    let intent = Intent::RecordHandover { to: asked.to.clone(), note: asked.note.clone(), text: text.clone() };
    let made = ledger.append(&by, intent)?;
    if asked.json {
        let record = made.last().map(|record| record.seq.0);
        let document = json!({ "format": 1, "text": text, "record": record, "to": asked.to, "note": asked.note });
        writeln!(out, "{document:#}")?;
        since.tell(&mut std::io::sink()).await?;
        return Ok(0);
    }
    let to = asked.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
    writeln!(out, "\nrecorded: handover{to}")?;
    since.tell(out).await?;
    Ok(0)
}

/// The handover of a ledger as of `now`, with what the store of its metrics says.
pub(crate) async fn written(ledger: &Ledger, now: DateTime<Utc>) -> Result<Handover, Failure> {
    let (plan, state) = (ledger.plan(), ledger.state());
    let failed = |error: StoreError| Failure::not_fine(error.to_string());
    let readings = watch::under_way(ledger.evidence(), plan, state, now).await.map_err(failed)?;
    let title = |id| plan.item(id).map_or_else(|| id.to_string(), |item| item.in_sentence().to_owned());
    let watches: Vec<String> =
        readings.iter().map(|(item, _, reading)| format!("{}: {}", title(item), reading.detail)).collect();
    let metrics = match Store::look(ledger.evidence()).await.map_err(failed)? {
        Some(store) => metrics(&store, ledger, now).await.map_err(failed)?,
        None => Vec::new(),
    };
    Ok(Handover::of(plan, state, ledger.records(), (&metrics, &watches), now))
}

/// Every metric as it is assessed, and where it went in the last hour, the worst first.
async fn metrics(store: &Store, ledger: &Ledger, now: DateTime<Utc>) -> Result<Vec<MetricLine>, StoreError> {
    let (plan, state) = (ledger.plan(), ledger.state());
    let mut lines = Vec::new();
    for pane in &plan.checklist().panes {
        let Some((environment, _)) = plan.environment_in(&pane.slot) else { continue };
        let mut watched = store.watched(pane, environment, now.timestamp_millis()).await?;
        let seen = watched.assess(plan, state, now);
        lines.push(MetricLine::of(&watched, &seen, now));
    }
    lines.sort_by_key(|line| line.rank);
    Ok(lines)
}
