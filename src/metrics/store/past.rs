//! Reading the history of a deployment that may be long over, without changing anything beside it.

use super::{FILE, MINUTE_MS, Store, StoreError};
use crate::checklist::{EnvironmentName, PaneId};
use crate::metrics::series::{Gap, Point};
use sqlx::sqlite::SqliteConnectOptions;
use std::ops::Range;
use std::path::Path;

/// Minutes read of what is no longer kept sample by sample: eight days.
const MOST_MINUTES: usize = 8 * 24 * 60;

impl Store {
    /// As [`Store::look`]; where nobody writes, without the side files that reading would make.
    pub async fn past(evidence: &Path) -> Result<Option<Self>, StoreError> {
        let path = evidence.join(FILE);
        // With nothing waiting to be put into it the file is all there is.
        let waiting = std::fs::metadata(evidence.join(format!("{FILE}-wal"))).is_ok_and(|wal| wal.len() > 0);
        let there = std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() > 0);
        if waiting || !there {
            return Self::look(evidence).await;
        }
        let options = SqliteConnectOptions::new().filename(&path).read_only(true).immutable(true);
        let store = Self::connect(path, options).await?;
        let version = store.wrote(sqlx::query_scalar("PRAGMA user_version").fetch_one(&store.pool).await)?;
        if version == 0 { Ok(None) } else { store.of_version(version).map(Some) }
    }

    /// What is known of a pane over a span, oldest first: samples as long as they are kept one by one, before that the
    /// averages of minutes, or of ten, each at its end.
    pub async fn known(
        &self,
        environment: &EnvironmentName,
        pane: &PaneId,
        span_ms: Range<i64>,
    ) -> Result<Vec<Point>, StoreError> {
        let samples = self.points(environment, pane, span_ms.clone()).await?;
        let from = samples.first().map_or(span_ms.end, |first| first.at_ms);
        let minutes = usize::try_from((from - span_ms.start) / MINUTE_MS).unwrap_or(0).min(MOST_MINUTES);
        if minutes == 0 {
            return Ok(samples);
        }
        let buckets = self.buckets(environment, pane, span_ms.start..from, minutes).await?;
        let before = buckets.into_iter().filter_map(|bucket| {
            let at_ms = bucket.start_ms.saturating_add(bucket.width_ms);
            let value = bucket.average().ok_or(bucket.gap.clone());
            // Without a number and without a reason nothing was due.
            let value = value.map_err(|gap| gap.map(Gap::new));
            match value {
                Ok(number) => Some(Point { at_ms, value: Ok(number) }),
                Err(Some(gap)) => Some(Point { at_ms, value: Err(gap) }),
                Err(None) => None,
            }
        });
        Ok(before.filter(|point| point.at_ms < from).chain(samples).collect())
    }
}
