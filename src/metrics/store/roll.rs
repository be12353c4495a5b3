//! Putting samples together into buckets, and letting go of what is old.
//!
//! Each sample enters the buckets exactly once, in the order it was stored and whatever time it carries: the mark
//! `rolled` moves in the transaction that writes the buckets. Late samples and clocks that jump lose nothing so.

use super::{Store, StoreError, sound};
use crate::metrics::series::bucket::Many;
use crate::metrics::series::sketch::Sketch;
use sqlx::{Connection as _, Row, Sqlite, SqliteConnection, Transaction};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

pub const MINUTE_MS: i64 = 60_000;
pub const TEN_MINUTES_MS: i64 = 600_000;
const HOUR_MS: i64 = 3_600_000;

/// How long samples are kept one by one.
pub const RAW_MS: i64 = 24 * HOUR_MS;
/// How long minutes are kept.
pub const MINUTES_MS: i64 = 72 * HOUR_MS;
/// How long ten minutes are kept: the week after the change, and what was measured before it.
pub const TEN_MINUTES_KEPT_MS: i64 = 8 * 24 * HOUR_MS;

/// Samples that are put together in one transaction.
const AT_ONCE: i64 = 20_000;

/// A bucket while samples are added to it.
struct Open {
    many: Many,
    sketch: Sketch,
    reason: Option<i64>,
}

impl Store {
    /// Puts everything that was stored since the last time into the buckets of a minute and of ten.
    ///
    /// # Errors
    /// When the database refuses; it can be tried again.
    pub async fn roll(&self) -> Result<(), StoreError> {
        while self.wrote(self.rolled().await)? == AT_ONCE {}
        Ok(())
    }

    async fn rolled(&self) -> Result<i64, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let rolled = roll(&mut connection).await;
        sound(&mut connection, rolled)
    }

    /// Lets go of samples and buckets that are older at `now_ms` than they are kept. So that a clock which jumps costs
    /// nothing, what is let go moves on by no more than twice `passed_ms`, the time that has really passed since the last
    /// call.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn let_go(&self, now_ms: i64, passed_ms: i64) -> Result<(), StoreError> {
        self.roll().await?;
        let deleted = async {
            let mut connection = self.pool.acquire().await?;
            let deleted = delete(&mut connection, now_ms, passed_ms).await;
            sound(&mut connection, deleted)
        };
        self.wrote(deleted.await)
    }
}

async fn roll(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let rolled = mark(&mut transaction, ROLLED).await?.unwrap_or(0);
    let rows = sqlx::query("SELECT id, series, at_ms, value, reason FROM sample WHERE id > ? ORDER BY id LIMIT ?")
        .bind(rolled)
        .bind(AT_ONCE)
        .fetch_all(&mut *transaction)
        .await?;
    let Some(last) = rows.last() else { return Ok(0) };
    let last: i64 = last.try_get(0)?;
    let mut open: BTreeMap<(i64, i64, i64), Open> = BTreeMap::new();
    for row in &rows {
        let (series, at_ms): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
        let (value, reason): (Option<f64>, Option<i64>) = (row.try_get(3)?, row.try_get(4)?);
        for width_ms in [MINUTE_MS, TEN_MINUTES_MS] {
            let start_ms = at_ms.div_euclid(width_ms) * width_ms;
            let key = (series, width_ms, start_ms);
            let bucket = match open.entry(key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(stored(&mut transaction, key).await?),
            };
            bucket.add(value, reason);
        }
    }
    for ((series, width_ms, start_ms), open) in &open {
        sqlx::query("INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(series)
            .bind(width_ms)
            .bind(start_ms)
            .bind(i64::try_from(open.many.count).unwrap_or(i64::MAX))
            .bind(open.many.min)
            .bind(open.many.max)
            .bind(open.many.sum)
            .bind(open.reason)
            .bind(open.sketch.to_bytes())
            .execute(&mut *transaction)
            .await?;
    }
    set_mark(&mut transaction, ROLLED, last).await?;
    transaction.commit().await?;
    Ok(i64::try_from(rows.len()).unwrap_or(0))
}

async fn delete(connection: &mut SqliteConnection, now_ms: i64, passed_ms: i64) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let rolled = mark(&mut transaction, ROLLED).await?.unwrap_or(0);
    for (name, kept_ms) in [(RAW_FROM, RAW_MS), (MINUTE_FROM, MINUTES_MS), (TEN_FROM, TEN_MINUTES_KEPT_MS)] {
        // Without a mark everything there ever was is still there.
        let before = match (mark(&mut transaction, name).await?, name) {
            (Some(before), _) => Some(before),
            (None, RAW_FROM) => {
                let oldest = sqlx::query_scalar("SELECT min(at_ms) FROM sample WHERE id <= ?").bind(rolled);
                oldest.fetch_one(&mut *transaction).await?
            }
            (None, _) => {
                let width_ms = if name == MINUTE_FROM { MINUTE_MS } else { TEN_MINUTES_MS };
                let oldest = sqlx::query_scalar("SELECT min(start_ms) FROM bucket WHERE width_ms = ?").bind(width_ms);
                oldest.fetch_one(&mut *transaction).await?
            }
        };
        let Some(before) = before else { continue };
        let from = horizon(before, now_ms, passed_ms, kept_ms);
        if from <= before {
            continue;
        }
        let deleted = match name {
            RAW_FROM => sqlx::query("DELETE FROM sample WHERE at_ms < ? AND id <= ?").bind(from).bind(rolled),
            MINUTE_FROM => {
                sqlx::query("DELETE FROM bucket WHERE start_ms < ? AND width_ms = ?").bind(from).bind(MINUTE_MS)
            }
            _ => sqlx::query("DELETE FROM bucket WHERE start_ms < ? AND width_ms = ?").bind(from).bind(TEN_MINUTES_MS),
        };
        deleted.execute(&mut *transaction).await?;
        set_mark(&mut transaction, name, from).await?;
    }
    transaction.commit().await
}

pub(super) const ROLLED: &str = "rolled";
pub(super) const RAW_FROM: &str = "raw-from";
pub(super) const MINUTE_FROM: &str = "minute-from";
const TEN_FROM: &str = "ten-from";

/// From when on something is kept, on a whole ten minutes so that no bucket is cut.
fn horizon(before: i64, now_ms: i64, passed_ms: i64, kept_ms: i64) -> i64 {
    let wanted = now_ms.saturating_sub(kept_ms);
    let allowed = before.saturating_add(passed_ms.max(0).saturating_mul(2)).saturating_add(TEN_MINUTES_MS);
    wanted.min(allowed).div_euclid(TEN_MINUTES_MS) * TEN_MINUTES_MS
}

impl Open {
    fn add(&mut self, value: Option<f64>, reason: Option<i64>) {
        let Some(value) = value else {
            self.reason = reason;
            return;
        };
        let many = &mut self.many;
        many.min = if many.count == 0 { value } else { many.min.min(value) };
        many.max = if many.count == 0 { value } else { many.max.max(value) };
        many.sum += value;
        many.count += 1;
        self.sketch.record(value);
    }
}

async fn stored(transaction: &mut Transaction<'_, Sqlite>, key: (i64, i64, i64)) -> Result<Open, sqlx::Error> {
    let row = sqlx::query(
        "SELECT count, min, max, sum, reason, sketch FROM bucket WHERE series = ? AND width_ms = ? AND start_ms = ?",
    )
    .bind(key.0)
    .bind(key.1)
    .bind(key.2)
    .fetch_optional(&mut **transaction)
    .await?;
    let mut open = Open { many: Many::default(), sketch: Sketch::new(), reason: None };
    if let Some(row) = row {
        let count: i64 = row.try_get(0)?;
        open.many.count = u64::try_from(count).unwrap_or(0);
        (open.many.min, open.many.max, open.many.sum) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        open.reason = row.try_get(4)?;
        open.sketch.merge(&row.try_get::<Vec<u8>, _>(5)?);
    }
    Ok(open)
}

pub(super) async fn mark(transaction: &mut Transaction<'_, Sqlite>, name: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT value FROM mark WHERE name = ?").bind(name).fetch_optional(&mut **transaction).await
}

async fn set_mark(transaction: &mut Transaction<'_, Sqlite>, name: &str, value: i64) -> Result<(), sqlx::Error> {
    let written = sqlx::query("INSERT OR REPLACE INTO mark VALUES (?, ?)").bind(name).bind(value);
    written.execute(&mut **transaction).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_lets_go_of_no_more_than_time_has_passed() {
        let year = 365 * 24 * HOUR_MS;
        let before = 100 * TEN_MINUTES_MS;
        assert_eq!(horizon(before, before + RAW_MS + HOUR_MS, HOUR_MS, RAW_MS), before + HOUR_MS);
        let jumped = horizon(before, before + year, HOUR_MS, RAW_MS);
        assert_eq!(jumped, before + 2 * HOUR_MS + TEN_MINUTES_MS);
        assert!(horizon(before, before - year, HOUR_MS, RAW_MS) < before, "nothing is let go when it is set back");
    }
}
