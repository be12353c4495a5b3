//! Reading series: for charts in columns, for panes as they come, for people one by one.

use super::roll::{MINUTE_FROM, MINUTE_MS, RAW_FROM, ROLLED, TEN_MINUTES_MS, mark};
use super::{Store, StoreError};
use crate::checklist::{EnvironmentName, PaneId};
use crate::metrics::series::bucket::{Bucket, Grid, Many, Part, columns};
use crate::metrics::series::{Gap, Point};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};
use std::ops::Range;
use std::time::Duration;

/// A sample as it is stored, with the number that later ones exceed.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub id: i64,
    pub environment: EnvironmentName,
    pub pane: PaneId,
    pub point: Point,
}

/// A series, and what is known of it beside its samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    pub environment: EnvironmentName,
    pub pane: PaneId,
    pub unit: String,
    pub every: Duration,
    /// When its last sample was taken.
    pub last_ms: Option<i64>,
}

/// What is stored of a series in a span.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    pub parts: Vec<Part>,
    pub before: Option<Part>,
    pub every_ms: i64,
}

/// A span of at most this is read sample by sample where a watch asks for it.
const SHORT_MS: i64 = 2 * 3_600_000;

/// What is read for a chart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Samples,
    Buckets { width_ms: i64 },
}

impl Level {
    fn step_ms(self) -> i64 {
        match self {
            Level::Samples => 1,
            Level::Buckets { width_ms } => width_ms,
        }
    }
}

impl Store {
    /// A pane's numbers over a span, in at most so many columns of equal width, oldest first. Columns are whole minutes or
    /// ten minutes wide where the span is long or samples are no longer kept one by one, so there may be fewer than asked;
    /// the first may begin before the span and the last end after it. Count, minimum and maximum are exact.
    pub async fn buckets(
        &self,
        environment: &EnvironmentName,
        pane: &PaneId,
        span_ms: Range<i64>,
        columns: usize,
    ) -> Result<Vec<Bucket>, StoreError> {
        self.wrote(self.read_buckets(environment, pane, span_ms, columns).await)
    }

    async fn read_buckets(
        &self,
        environment: &EnvironmentName,
        pane: &PaneId,
        span_ms: Range<i64>,
        wanted: usize,
    ) -> Result<Vec<Bucket>, sqlx::Error> {
        // One moment for all that is read.
        let mut at = self.pool.begin().await?;
        let Some((series, every_ms)) = series(&mut at, environment, pane).await? else {
            return Ok(columns(Vec::new(), None, Grid::over(&span_ms, wanted, 1), 0));
        };
        let raw_from = mark(&mut at, RAW_FROM).await?.unwrap_or(i64::MIN);
        let minute_from = mark(&mut at, MINUTE_FROM).await?.unwrap_or(i64::MIN);
        let (level, grid) = level(&span_ms, wanted, raw_from, minute_from);
        let within = grid.start_ms..grid.end_ms();
        let (parts, before) = at_level(&mut at, series, level, &within).await?;
        Ok(columns(parts, before.as_ref(), grid, every_ms))
    }

    /// A pane's numbers over a span as they are stored, oldest first, with the last before it and how often samples are due
    /// in milliseconds; nothing where there is no such series. Up to two hours are read sample by sample, what is longer
    /// by the minute or by ten.
    pub async fn parts(
        &self,
        environment: &EnvironmentName,
        pane: &PaneId,
        span_ms: Range<i64>,
    ) -> Result<Option<Parts>, StoreError> {
        self.wrote(self.read_parts(environment, pane, span_ms).await)
    }

    async fn read_parts(
        &self,
        environment: &EnvironmentName,
        pane: &PaneId,
        span_ms: Range<i64>,
    ) -> Result<Option<Parts>, sqlx::Error> {
        let mut at = self.pool.begin().await?;
        let Some((series, every_ms)) = series(&mut at, environment, pane).await? else { return Ok(None) };
        let raw_from = mark(&mut at, RAW_FROM).await?.unwrap_or(i64::MIN);
        let minute_from = mark(&mut at, MINUTE_FROM).await?.unwrap_or(i64::MIN);
        let short = span_ms.end.saturating_sub(span_ms.start) <= SHORT_MS;
        let level = match span_ms.start {
            start if short && start >= raw_from => Level::Samples,
            start if start >= minute_from => Level::Buckets { width_ms: MINUTE_MS },
            _ => Level::Buckets { width_ms: TEN_MINUTES_MS },
        };
        let (parts, before) = at_level(&mut at, series, level, &span_ms).await?;
        Ok(Some(Parts { parts, before, every_ms }))
    }

    /// What was stored after the sample of this number, at most `count` samples, in the order it was stored.
    pub async fn since(&self, id: i64, count: u32) -> Result<Vec<Stored>, StoreError> {
        let rows = sqlx::query(
            "SELECT sample.id, environment, pane, at_ms, value, text, sample.reason FROM sample \
             JOIN series ON series.id = sample.series LEFT JOIN reason ON reason.id = abs(sample.reason) \
             WHERE sample.id > ? ORDER BY sample.id LIMIT ?",
        )
        .bind(id)
        .bind(count)
        .fetch_all(&self.pool)
        .await;
        let stored = |row: &SqliteRow| -> Result<Stored, sqlx::Error> {
            Ok(Stored {
                id: row.try_get(0)?,
                environment: EnvironmentName::new(row.try_get::<String, _>(1)?),
                pane: PaneId::new(row.try_get::<String, _>(2)?),
                point: Point { at_ms: row.try_get(3)?, value: value(row, 4)? },
            })
        };
        self.wrote(rows.and_then(|rows| rows.iter().map(stored).collect()))
    }

    /// The number of the sample stored last; 0 when there is none.
    pub async fn newest(&self) -> Result<i64, StoreError> {
        self.wrote(sqlx::query_scalar("SELECT coalesce(max(id), 0) FROM sample").fetch_one(&self.pool).await)
    }

    /// The last `count` points of a pane in an environment, oldest first.
    pub async fn last(
        &self,
        environment: &EnvironmentName,
        pane: &PaneId,
        count: u32,
    ) -> Result<Vec<Point>, StoreError> {
        let rows = sqlx::query(
            "SELECT at_ms, value, text, sample.reason FROM sample LEFT JOIN reason ON reason.id = abs(sample.reason) \
             WHERE series = (SELECT id FROM series WHERE environment = ? AND pane = ?) \
             ORDER BY at_ms DESC, sample.id DESC LIMIT ?",
        )
        .bind(environment.as_str())
        .bind(pane.as_str())
        .bind(count)
        .fetch_all(&self.pool)
        .await;
        let point = |row: &SqliteRow| Ok(Point { at_ms: row.try_get(0)?, value: value(row, 1)? });
        self.wrote(rows.and_then(|rows| rows.iter().rev().map(point).collect()))
    }

    /// The points of a pane within a span, oldest first; those of the last day are all there.
    pub async fn points(
        &self,
        environment: &EnvironmentName,
        pane: &PaneId,
        span_ms: Range<i64>,
    ) -> Result<Vec<Point>, StoreError> {
        let rows = sqlx::query(
            "SELECT at_ms, value, text, sample.reason FROM sample LEFT JOIN reason ON reason.id = abs(sample.reason) \
             WHERE series = (SELECT id FROM series WHERE environment = ? AND pane = ?) AND at_ms >= ? AND at_ms < ? \
             ORDER BY at_ms, sample.id",
        )
        .bind(environment.as_str())
        .bind(pane.as_str())
        .bind(span_ms.start)
        .bind(span_ms.end)
        .fetch_all(&self.pool)
        .await;
        let point = |row: &SqliteRow| Ok(Point { at_ms: row.try_get(0)?, value: value(row, 1)? });
        self.wrote(rows.and_then(|rows| rows.iter().map(point).collect()))
    }

    /// All series there are.
    pub async fn described(&self) -> Result<Vec<Described>, StoreError> {
        let rows = sqlx::query(
            "SELECT environment, pane, unit, every_ms, \
             (SELECT at_ms FROM sample WHERE series = series.id ORDER BY sample.id DESC LIMIT 1) FROM series ORDER BY id",
        )
        .fetch_all(&self.pool)
        .await;
        let described = |row: &SqliteRow| -> Result<Described, sqlx::Error> {
            Ok(Described {
                environment: EnvironmentName::new(row.try_get::<String, _>(0)?),
                pane: PaneId::new(row.try_get::<String, _>(1)?),
                unit: row.try_get(2)?,
                every: Duration::from_millis(u64::try_from(row.try_get::<i64, _>(3)?).unwrap_or(0)),
                last_ms: row.try_get(4)?,
            })
        };
        self.wrote(rows.and_then(|rows| rows.iter().map(described).collect()))
    }
}

/// A series' number, and how often samples of it are due.
async fn series(
    at: &mut Transaction<'_, Sqlite>,
    environment: &EnvironmentName,
    pane: &PaneId,
) -> Result<Option<(i64, i64)>, sqlx::Error> {
    let row = sqlx::query("SELECT id, every_ms FROM series WHERE environment = ? AND pane = ?")
        .bind(environment.as_str())
        .bind(pane.as_str())
        .fetch_optional(&mut **at)
        .await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

/// What a span holds, and the last before it. Samples not yet put together are added to buckets.
async fn at_level(
    at: &mut Transaction<'_, Sqlite>,
    series: i64,
    level: Level,
    within: &Range<i64>,
) -> Result<(Vec<Part>, Option<Part>), sqlx::Error> {
    match level {
        Level::Samples => {
            let parts = samples(at, series, i64::MIN, within).await?;
            Ok((parts, sample_before(at, series, within.start).await?))
        }
        Level::Buckets { width_ms } => {
            let rolled = mark(at, ROLLED).await?.unwrap_or(0);
            let mut parts = many(at, series, width_ms, within).await?;
            parts.extend(samples(at, series, rolled, within).await?);
            Ok((parts, many_before(at, series, width_ms, within.start).await?))
        }
    }
}

/// The coarsest level that is fine enough for the columns, among those that still hold all of the span.
fn level(span_ms: &Range<i64>, wanted: usize, raw_from: i64, minute_from: i64) -> (Level, Grid) {
    let minutes = Level::Buckets { width_ms: MINUTE_MS };
    let tens = Level::Buckets { width_ms: TEN_MINUTES_MS };
    let finest = Grid::over(span_ms, wanted, 1);
    let with_grid = |level: Level| (level, Grid::over(span_ms, wanted, level.step_ms()));
    let levels = [(Level::Samples, raw_from, MINUTE_MS), (minutes, minute_from, TEN_MINUTES_MS)];
    for (level, from, too_wide) in levels {
        let (level, grid) = with_grid(level);
        if finest.width_ms < too_wide && grid.start_ms >= from {
            return (level, grid);
        }
    }
    with_grid(tens)
}

/// A value with its reason in the two columns behind it: the text, and its number, which is negative where it is known that the
/// source did not work.
fn value(row: &SqliteRow, at: usize) -> Result<Result<f64, Gap>, sqlx::Error> {
    let value: Option<f64> = row.try_get(at)?;
    if let Some(value) = value {
        return Ok(Ok(value));
    }
    let reason = row.try_get::<Option<String>, _>(at + 1)?.unwrap_or_default();
    Ok(Err(Gap { reason, down: is_down(row, at + 2)? }))
}

fn is_down(row: &SqliteRow, at: usize) -> Result<bool, sqlx::Error> {
    Ok(row.try_get::<Option<i64>, _>(at)?.is_some_and(|number| number < 0))
}

fn sample(row: &SqliteRow) -> Result<Part, sqlx::Error> {
    let at_ms = row.try_get(0)?;
    Ok(match value(row, 1)? {
        Ok(value) => Part::Number { at_ms, value },
        Err(Gap { reason, down }) => Part::Gap { at_ms, reason, down },
    })
}

/// Samples of a span that were stored after the one of this number.
async fn samples(
    at: &mut Transaction<'_, Sqlite>,
    series: i64,
    after: i64,
    within: &Range<i64>,
) -> Result<Vec<Part>, sqlx::Error> {
    // Few are later than what was put together, and they are found by their number; else the time finds them.
    let text = if after == i64::MIN {
        "SELECT at_ms, value, text, sample.reason FROM sample LEFT JOIN reason ON reason.id = abs(sample.reason) \
         WHERE series = ? AND at_ms >= ? AND at_ms < ? AND sample.id > ? ORDER BY at_ms, sample.id"
    } else {
        "SELECT at_ms, value, text, sample.reason FROM sample LEFT JOIN reason ON reason.id = abs(sample.reason) \
         WHERE +series = ? AND +at_ms >= ? AND +at_ms < ? AND sample.id > ? ORDER BY sample.id"
    };
    let rows = sqlx::query(text).bind(series).bind(within.start).bind(within.end).bind(after);
    rows.fetch_all(&mut **at).await?.iter().map(sample).collect()
}

async fn sample_before(
    at: &mut Transaction<'_, Sqlite>,
    series: i64,
    start_ms: i64,
) -> Result<Option<Part>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT at_ms, value, text, sample.reason FROM sample LEFT JOIN reason ON reason.id = abs(sample.reason) \
         WHERE series = ? AND at_ms < ? ORDER BY at_ms DESC, sample.id DESC LIMIT 1",
    );
    row.bind(series).bind(start_ms).fetch_optional(&mut **at).await?.as_ref().map(sample).transpose()
}

fn bucket(row: &SqliteRow, width_ms: i64) -> Result<Part, sqlx::Error> {
    let count: i64 = row.try_get(1)?;
    Ok(Part::Many(Many {
        start_ms: row.try_get(0)?,
        width_ms,
        count: u64::try_from(count).unwrap_or(0),
        min: row.try_get(2)?,
        max: row.try_get(3)?,
        sum: row.try_get(4)?,
        gap: row.try_get(5)?,
        down: is_down(row, 6)?,
        sketch: row.try_get(7)?,
    }))
}

async fn many(
    at: &mut Transaction<'_, Sqlite>,
    series: i64,
    width_ms: i64,
    within: &Range<i64>,
) -> Result<Vec<Part>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT start_ms, count, min, max, sum, text, bucket.reason, sketch FROM bucket LEFT JOIN reason ON reason.id = abs(bucket.reason) \
         WHERE series = ? AND width_ms = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms",
    )
    .bind(series)
    .bind(width_ms)
    .bind(within.start)
    .bind(within.end);
    rows.fetch_all(&mut **at).await?.iter().map(|row| bucket(row, width_ms)).collect()
}

async fn many_before(
    at: &mut Transaction<'_, Sqlite>,
    series: i64,
    width_ms: i64,
    start_ms: i64,
) -> Result<Option<Part>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT start_ms, count, min, max, sum, text, bucket.reason, sketch FROM bucket LEFT JOIN reason ON reason.id = abs(bucket.reason) \
         WHERE series = ? AND width_ms = ? AND start_ms < ? ORDER BY start_ms DESC LIMIT 1",
    )
    .bind(series)
    .bind(width_ms)
    .bind(start_ms);
    let row = row.fetch_optional(&mut **at).await?;
    row.as_ref().map(|row| bucket(row, width_ms)).transpose()
}
