//! Series on disk: `NAME.ledger.d/metrics.db`, an SQLite file of its own so that samples never wait for the ledger.

pub mod past;
mod writer;

pub use writer::Writer;

use super::sampler::Sample;
use super::series::{Gap, Point};
use crate::checklist::{EnvironmentName, PaneId};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row, SqlitePool};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// The file's name in the folder of the ledger.
pub const FILE: &str = "metrics.db";

/// Another cockpit may be writing; it is done in much less.
const BUSY: Duration = Duration::from_secs(5);

const SCHEMA: &str = "\
CREATE TABLE IF NOT EXISTS samples (
    environment TEXT NOT NULL,
    pane TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    value REAL,
    reason TEXT,
    CHECK ((value IS NULL) = (reason IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS idx_samples_pane ON samples (environment, pane, at_ms);";

/// The numbers a deployment's panes have shown. The ledger does not rest on it: without it only history is missing.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
    path: PathBuf,
}

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("the metric history {path} cannot be made: {source}; check the folder's permissions and free space")]
    Create { path: PathBuf, source: std::io::Error },
    #[error(
        "the metric history {path} cannot be used: {source}; move it away to begin a new one, the ledger does not need it"
    )]
    Database { path: PathBuf, source: sqlx::Error },
}

impl Store {
    /// Opens `metrics.db` in the folder `evidence`, or makes it, readable by its owner alone.
    ///
    /// # Errors
    /// When the file cannot be made, or is no such database.
    pub async fn open(evidence: &Path) -> Result<Self, StoreError> {
        let path = evidence.join(FILE);
        // SQLite gives its side files the mode of the main file.
        let made = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        made.map_err(|source| StoreError::Create { path: path.clone(), source })?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY);
        let opened = async {
            let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
            sqlx::raw_sql(SCHEMA).execute(&pool).await?;
            Ok(pool)
        };
        match opened.await {
            Ok(pool) => Ok(Self { pool, path }),
            Err(source) => Err(StoreError::Database { path, source }),
        }
    }

    /// Writes samples in one transaction.
    ///
    /// # Errors
    /// When the database refuses; none of these samples is kept then.
    pub async fn append(&self, samples: &[Sample]) -> Result<(), StoreError> {
        let written = async {
            let mut transaction = self.pool.begin().await?;
            for sample in samples {
                let (value, reason) = match &sample.value {
                    Ok(value) if value.is_finite() => (Some(*value), None),
                    Ok(_) => (None, Some("not a finite number")),
                    Err(gap) => (None, Some(gap.reason.as_str())),
                };
                sqlx::query("INSERT INTO samples (environment, pane, at_ms, value, reason) VALUES (?, ?, ?, ?, ?)")
                    .bind(sample.environment.as_str())
                    .bind(sample.pane.as_str())
                    .bind(sample.time.timestamp_millis())
                    .bind(value)
                    .bind(reason)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await
        };
        written.await.map_err(|source| self.refused(source))
    }

    /// The last `count` points of a pane in an environment, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last(
        &self,
        environment: &EnvironmentName,
        pane: &PaneId,
        count: u32,
    ) -> Result<Vec<Point>, StoreError> {
        let rows = sqlx::query(
            "SELECT at_ms, value, reason FROM samples WHERE environment = ? AND pane = ? \
             ORDER BY at_ms DESC, rowid DESC LIMIT ?",
        )
        .bind(environment.as_str())
        .bind(pane.as_str())
        .bind(count)
        .fetch_all(&self.pool)
        .await
        .map_err(|source| self.refused(source))?;
        let point = |row: &sqlx::sqlite::SqliteRow| -> Result<Point, sqlx::Error> {
            let value: Option<f64> = row.try_get(1)?;
            let reason: Option<String> = row.try_get(2)?;
            let value = value.ok_or_else(|| Gap::new(reason.unwrap_or_default()));
            Ok(Point { at_ms: row.try_get(0)?, value })
        };
        rows.iter().rev().map(point).collect::<Result<_, _>>().map_err(|source| self.refused(source))
    }

    /// Waits until everything is in the file and lets go of it.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    fn refused(&self, source: sqlx::Error) -> StoreError {
        StoreError::Database { path: self.path.clone(), source }
    }
}
