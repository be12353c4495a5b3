//! A metric as it is in the store: for those who evaluate it without having watched it.

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
    pub async fn watched(
        &self,
        pane: &Pane,
        environment: &EnvironmentName,
        now_ms: i64,
    ) -> Result<Watched, StoreError> {
        let mut watched = Watched::new(pane.clone(), environment.clone());
        // Each part begins where the one before ends, at whole minutes, so that nothing is counted twice.
        let from = now_ms.saturating_sub(RAW).div_euclid(MINUTE_MS).saturating_mul(MINUTE_MS);
        let day = from.saturating_sub(DAY).div_euclid(TEN_MINUTES_MS).saturating_mul(TEN_MINUTES_MS);
        for (span, width) in [(day..from, MINUTE_MS), (day.saturating_sub(WEEK)..day, TEN_MINUTES_MS)] {
            watched.fill(self.wide(pane, environment, span, width).await?);
        }
        for Point { at_ms, value } in self.points(environment, &pane.id, from..now_ms.saturating_add(1)).await? {
            if let Some(at) = DateTime::from_timestamp_millis(at_ms) {
                watched.push(at, value.map_err(|gap| gap.reason));
            }
        }
        // Long silent: the last there was says since when.
        if watched.last_at.is_none()
            && let Some(Point { at_ms, value }) = self.last(environment, &pane.id, 1).await?.pop()
            && let Some(at) = DateTime::from_timestamp_millis(at_ms)
        {
            watched.heard(at, &value.map_err(|gap| gap.reason));
        }
        Ok(watched)
    }

    /// Buckets of one width, without those in which nothing was due or that reach beyond the span.
    async fn wide(
        &self,
        pane: &Pane,
        environment: &EnvironmentName,
        span_ms: Range<i64>,
        width_ms: i64,
    ) -> Result<Vec<Bucket>, StoreError> {
        let columns = usize::try_from((span_ms.end - span_ms.start) / width_ms + 1).unwrap_or(0);
        let found = self.buckets(environment, &pane.id, span_ms.clone(), columns).await?;
        let reports = |bucket: &Bucket| bucket.count > 0 || bucket.gap.is_some();
        Ok(found.into_iter().filter(|bucket| reports(bucket) && bucket.end_ms() <= span_ms.end).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::pane::Source;
    use crate::deployment::metrics::series::{HOUR, MINUTE};
    use crate::metrics::{Gap, Sample};
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn two_days_are_held_with_every_sample_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let pane = Pane::new("lots", "production", Source::DatabaseSize, "ms");
        let environment: EnvironmentName = "production".into();
        store.describe(&environment, &pane.id, "ms", Duration::from_secs(20)).await.unwrap();
        let now = 50 * HOUR + 7 * MINUTE + 13_000;
        let sample = |at_ms: i64| Sample {
            pane: pane.id.clone(),
            environment: environment.clone(),
            at: Instant::now(),
            time: DateTime::from_timestamp_millis(at_ms).unwrap(),
            value: if at_ms == 5 * HOUR { Err(Gap::new("down")) } else { Ok(7.0) },
        };
        let samples: Vec<Sample> = (0..=now / 20_000).map(|turn| sample(turn * 20_000)).collect();
        store.append(&samples).await.unwrap();
        store.roll().await.unwrap();
        let watched = store.watched(&pane, &environment, now).await.unwrap();
        let count: u64 = watched.series.pieces(i64::MIN..i64::MAX).map(|piece| piece.count()).sum();
        assert_eq!(count, samples.len() as u64 - 1);
        assert_eq!(watched.last_at, Some(samples[samples.len() - 1].time));
        let late = store.watched(&pane, &environment, now + 3 * HOUR).await.unwrap();
        assert_eq!((late.last_at, late.last()), (watched.last_at, Some(7.0)));
    }
}
