//! `gonogo metrics`: the numbers that were collected, for people and for other programs.

mod formats;
#[cfg(test)]
mod tests;

use super::Failure;
use super::status::{self, openmetrics};
use crate::checklist::offset::Span;
use crate::checklist::pane::Statistic;
use crate::cli::collecting::{Format, Metrics};
use crate::collector::sources::{Kept, Shape};
use crate::deployment::metrics::Assessment;
use crate::ledger::Ledger;
use crate::metrics::store::{Described, RAW_MS, TEN_MINUTES_MS};
use crate::metrics::{Bucket, Point, Store};
use chrono::{DateTime, Utc};
use std::io::Write;
use std::ops::Range;

/// Columns that the whole span is put together in for the table.
const ALL: usize = 1;

/// A series with its numbers.
pub(super) struct Shown {
    pub series: Described,
    pub title: String,
    pub numbers: Numbers,
    /// The whole span put together, and the last sample.
    pub whole: Vec<Bucket>,
    pub last: Option<Point>,
    /// Which statistic the value and the baseline are, where they are one: `p95 `, `median `.
    pub statistics: [&'static str; 2],
    /// Errors of a log that were not in it before, by their shapes.
    pub errors: Vec<Shape>,
    /// How it stands; none of a metric that is not in the checklist any more.
    pub seen: Option<Assessment>,
}

/// Samples one by one while they are kept so, else what was put together of them.
pub(super) enum Numbers {
    Samples(Vec<Point>),
    Buckets(Vec<Bucket>),
}

/// Prints what was collected of a ledger's panes. Exit status 0, also when a pane has only gaps.
pub(crate) async fn metrics(asked: &Metrics, out: &mut dyn Write) -> Result<u8, Failure> {
    let since = Span::parse(&asked.since).map_err(|why| Failure::usage(why.to_string()))?;
    let ledger = Ledger::open(&asked.ledger)?;
    let path = asked.ledger.display();
    let store = Store::look(ledger.evidence()).await.map_err(|error| Failure::not_fine(error.to_string()))?;
    let Some(store) = store else {
        return Err(Failure::refused(format!("no metrics were collected yet; gonogo collect {path} starts")));
    };
    let now_ms = Utc::now().timestamp_millis();
    let since_ms = i64::try_from(since.duration().as_millis()).unwrap_or(i64::MAX);
    let span = now_ms.saturating_sub(since_ms)..now_ms.saturating_add(1);
    let shown = read(&store, &ledger, asked.pane.as_deref(), span, Utc::now()).await?;
    if shown.is_empty() {
        let known: Vec<String> = ledger.plan().checklist().panes.iter().map(|pane| pane.id.to_string()).collect();
        let what = asked.pane.as_ref().map_or_else(|| "no metric".to_owned(), |pane| format!("no metric `{pane}`"));
        return Err(Failure::usage(format!("{what} in {path}; the checklist has: {}", known.join(", "))));
    }
    match asked.format {
        None => formats::table(&shown, now_ms, out)?,
        Some(Format::Csv) => formats::csv(&shown, out)?,
        Some(Format::Json) => formats::json(&shown, out)?,
        Some(Format::OpenMetrics) => {
            let seen = shown.iter().filter_map(|one| Some((one.series.pane.clone(), one.seen.clone()?))).collect();
            let name = ledger.path().file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            let watched = openmetrics::watched_at(&status::with_seen(&ledger, &seen), &name, Utc::now());
            formats::open_metrics(&shown, &watched, out)?;
        }
    }
    Ok(0)
}

async fn read(
    store: &Store,
    ledger: &Ledger,
    only: Option<&str>,
    span: Range<i64>,
    now: DateTime<Utc>,
) -> Result<Vec<Shown>, Failure> {
    let failed = |error: crate::metrics::store::StoreError| Failure::not_fine(error.to_string());
    let mut shown = Vec::new();
    for series in store.described().await.map_err(failed)? {
        if only.is_some_and(|only| series.pane.as_str() != only) {
            continue;
        }
        let pane = ledger.plan().checklist().panes.iter().find(|pane| pane.id == series.pane);
        let title = pane.map_or_else(|| series.pane.to_string(), |pane| pane.title.clone());
        let (environment, id) = (&series.environment, &series.pane);
        let numbers = if span.end - span.start <= RAW_MS + 1 {
            Numbers::Samples(store.points(environment, id, span.clone()).await.map_err(failed)?)
        } else {
            let from = span.start.div_euclid(TEN_MINUTES_MS);
            let end = span.end.div_euclid(TEN_MINUTES_MS) + 1;
            let columns = usize::try_from(end - from).unwrap_or(usize::MAX).saturating_add(1);
            let span = from * TEN_MINUTES_MS..end * TEN_MINUTES_MS;
            Numbers::Buckets(store.buckets(environment, id, span, columns).await.map_err(failed)?)
        };
        let whole = store.buckets(environment, id, span.clone(), ALL).await.map_err(failed)?;
        let last = store.last(environment, id, 1).await.map_err(failed)?.pop();
        let kept = Kept::read(ledger.evidence(), id).unwrap_or_default();
        let errors = kept.shapes.into_iter().filter(|shape| !shape.known).collect();
        let seen = match pane {
            Some(pane) => {
                let watched = store.watched(pane, environment, now.timestamp_millis()).await;
                Some(watched.map_err(failed)?.assess(ledger.plan(), ledger.state(), now))
            }
            None => None,
        };
        let value = pane.filter(|pane| pane.source.is_latency()).map_or("", |_| "p95 ");
        let baseline = pane.and_then(|pane| pane.baseline.as_ref()).map_or("", |baseline| match baseline.statistic() {
            Statistic::Median => "median ",
            Statistic::P95 => "p95 ",
        });
        shown.push(Shown { series, title, numbers, whole, last, statistics: [value, baseline], errors, seen });
    }
    Ok(shown)
}
