//! A metric as it stands in the store: for those who judge it without having watched it.

use super::{MINUTE_MS, Store, StoreError, TEN_MINUTES_MS};
use crate::checklist::EnvironmentName;
use crate::checklist::pane::Pane;
use crate::deployment::metrics::Watched;
use crate::deployment::metrics::series::{Bucket, DAY, RAW, WEEK};
use crate::metrics::Point;
use chrono::DateTime;
use std::ops::Range;

impl Store {
    /// The last minutes sample by sample, the last day by the minute and the last week by ten.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn watched(
        &self,
        pane: &Pane,
        environment: &EnvironmentName,
        now_ms: i64,
    ) -> Result<Watched, StoreError> {
        let mut watched = Watched::new(pane.clone(), environment.clone());
        let mut points =
            self.points(environment, &pane.id, now_ms.saturating_sub(RAW)..now_ms.saturating_add(1)).await?;
        if points.is_empty() {
            // Long silent: the last there was says since when.
            points = self.last(environment, &pane.id, 1).await?;
        }
        let from = points.first().map_or(now_ms, |first| first.at_ms).min(now_ms);
        for Point { at_ms, value } in points {
            if let Some(at) = DateTime::from_timestamp_millis(at_ms) {
                watched.push(at, value.map_err(|gap| gap.reason));
            }
        }
        for (span, width) in
            [(from.saturating_sub(DAY)..from, MINUTE_MS), (from.saturating_sub(WEEK)..from, TEN_MINUTES_MS)]
        {
            watched.fill(self.wide(pane, environment, span, width).await?);
        }
        Ok(watched)
    }

    /// Buckets of about one width, without those in which nothing was due.
    async fn wide(
        &self,
        pane: &Pane,
        environment: &EnvironmentName,
        span_ms: Range<i64>,
        width_ms: i64,
    ) -> Result<Vec<Bucket>, StoreError> {
        let columns = usize::try_from((span_ms.end - span_ms.start) / width_ms + 2).unwrap_or(0);
        let found = self.buckets(environment, &pane.id, span_ms, columns).await?;
        Ok(found.into_iter().filter(|bucket| bucket.count > 0 || bucket.gap.is_some()).collect())
    }
}
