//! Series on disk: `NAME.ledger.d/metrics.db`, an SQLite file of its own so that samples never wait for the ledger.
//!
//! Samples are kept one by one for a day; put together, minutes for three days and ten minutes for eight (`roll`). The
//! collector writes, everybody reads.

mod held;
mod past;
mod read;
mod roll;
mod schema;
#[cfg(test)]
mod tests;
mod writer;

pub use read::{Described, Parts, Stored};
pub use roll::{MINUTE_MS, MINUTES_MS, RAW_MS, TEN_MINUTES_KEPT_MS, TEN_MINUTES_MS};
pub use writer::Writer;

use super::sampler::Sample;
use crate::checklist::{EnvironmentName, PaneId};
use crate::input;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction};
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// The file's name in the folder of the ledger.
pub const FILE: &str = "metrics.db";

/// Another collector may be writing; it is done in much less.
const BUSY: Duration = Duration::from_secs(5);

/// Letters that are kept of a reason.
const LONGEST_REASON: usize = 300;

/// SQLite's number for a disk without room.
const FULL: &str = "13";

/// The numbers a deployment's panes have shown. The ledger does not rest on it: without it only history is missing.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
    path: PathBuf,
}

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("the metric history {path} cannot be created: {source}; check the folder's permissions and free space", path = .path.display())]
    Create { path: PathBuf, source: std::io::Error },
    #[error("the disk is full: {path} takes no more samples; free some space", path = .path.display())]
    Full { path: PathBuf },
    #[error(
        "the metric history {path} has format {version}, and this gonogo reads up to {known}; use the newer gonogo that wrote it",
        path = .path.display(), known = schema::VERSION
    )]
    Newer { path: PathBuf, version: i64 },
    #[error(
        "the metric history {path} cannot be used: {source}; move it away to start a new one, the ledger does not need it",
        path = .path.display()
    )]
    Database { path: PathBuf, source: sqlx::Error },
}

impl Store {
    /// Opens `metrics.db` in the folder `evidence`, or makes it, readable by its owner alone. A file from before there
    /// were buckets is taken over with all its samples.
    ///
    /// # Errors
    /// When the file cannot be made, or is no such database.
    pub async fn open(evidence: &Path) -> Result<Self, StoreError> {
        let path = evidence.join(FILE);
        // SQLite gives its side files the mode of the main file.
        let made = input::regular(OpenOptions::new().create(true).append(true).mode(0o600), &path);
        made.map_err(|source| StoreError::Create { path: path.clone(), source })?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            // A sample that was shown is on the disk, also when the power fails.
            .synchronous(SqliteSynchronous::Full);
        let store = Self::connect(path, options).await?;
        let prepared = async {
            let mut transaction = store.pool.begin_with("BEGIN IMMEDIATE").await?;
            let version = schema::prepare(&mut transaction).await?;
            transaction.commit().await?;
            Ok(version)
        };
        let version = store.wrote(prepared.await)?;
        store.of_version(version)
    }

    /// Opens it to read; `None` while there is none, or while no collector has taken an older one over.
    ///
    /// # Errors
    /// When there is one and it cannot be read.
    pub async fn look(evidence: &Path) -> Result<Option<Self>, StoreError> {
        let path = evidence.join(FILE);
        if !std::fs::metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0) {
            return Ok(None);
        }
        let store = Self::connect(path.clone(), SqliteConnectOptions::new().filename(&path).read_only(true)).await?;
        let version = store.wrote(sqlx::query_scalar("PRAGMA user_version").fetch_one(&store.pool).await)?;
        if version == 0 { Ok(None) } else { store.of_version(version).map(Some) }
    }

    async fn connect(path: PathBuf, options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options.busy_timeout(BUSY)).await;
        match pool {
            Ok(pool) => Ok(Self { pool, path }),
            Err(source) => Err(StoreError::Database { path, source }),
        }
    }

    fn of_version(self, version: i64) -> Result<Self, StoreError> {
        if version > schema::VERSION { Err(StoreError::Newer { path: self.path, version }) } else { Ok(self) }
    }

    /// Keeps what is to be known of a series beside its samples.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn describe(
        &self,
        environment: &EnvironmentName,
        pane: &PaneId,
        unit: &str,
        every: Duration,
    ) -> Result<(), StoreError> {
        let written = sqlx::query(
            "INSERT INTO series (environment, pane, unit, every_ms) VALUES (?, ?, ?, ?) \
             ON CONFLICT DO UPDATE SET unit = excluded.unit, every_ms = excluded.every_ms",
        )
        .bind(environment.as_str())
        .bind(pane.as_str())
        .bind(unit)
        .bind(i64::try_from(every.as_millis()).unwrap_or(i64::MAX))
        .execute(&self.pool)
        .await;
        self.wrote(written.map(drop))
    }

    /// Writes samples in one transaction; they are on the disk when this returns.
    ///
    /// # Errors
    /// When the database refuses; none of these samples is kept then.
    pub async fn append(&self, samples: &[Sample]) -> Result<(), StoreError> {
        let written = async {
            let mut connection = self.pool.acquire().await?;
            let written = append(&mut connection, samples).await;
            sound(&mut connection, written)
        };
        self.wrote(written.await)
    }

    /// Waits until everything is in the file and lets go of it.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Puts a failure into words.
    fn wrote<T>(&self, done: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        done.map_err(|source| {
            let path = self.path.clone();
            let code = source.as_database_error().and_then(sqlx::error::DatabaseError::code);
            if code.as_deref() == Some(FULL) {
                StoreError::Full { path }
            } else {
                StoreError::Database { path, source }
            }
        })
    }
}

async fn append(connection: &mut SqliteConnection, samples: &[Sample]) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut known = HashMap::new();
    for sample in samples {
        let key = (&sample.environment, &sample.pane);
        let series = match known.get(&key) {
            Some(series) => *series,
            None => *known.entry(key).or_insert(series(&mut transaction, key).await?),
        };
        let (value, reason) = match &sample.value {
            Ok(value) if value.is_finite() => (Some(*value), None),
            Ok(_) => (None, Some(reason(&mut transaction, "not a finite number").await?)),
            Err(gap) => {
                let number = reason(&mut transaction, &gap.reason).await?;
                (None, Some(if gap.down { -number } else { number }))
            }
        };
        sqlx::query("INSERT INTO sample (series, at_ms, value, reason) VALUES (?, ?, ?, ?)")
            .bind(series)
            .bind(sample.time.timestamp_millis())
            .bind(value)
            .bind(reason)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
}

/// A full disk makes SQLite roll back by itself, and the connection never gets over it: it is let go after a failure.
fn sound<T>(connection: &mut PoolConnection<Sqlite>, done: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
    if done.is_err() {
        connection.close_on_drop();
    }
    done
}

async fn series(
    transaction: &mut Transaction<'_, Sqlite>,
    (environment, pane): (&EnvironmentName, &PaneId),
) -> Result<i64, sqlx::Error> {
    // Changes nothing where it is there, and gives its number all the same.
    sqlx::query_scalar(
        "INSERT INTO series (environment, pane) VALUES (?, ?) \
         ON CONFLICT DO UPDATE SET pane = excluded.pane RETURNING id",
    )
    .bind(environment.as_str())
    .bind(pane.as_str())
    .fetch_one(&mut **transaction)
    .await
}

async fn reason(transaction: &mut Transaction<'_, Sqlite>, text: &str) -> Result<i64, sqlx::Error> {
    let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect();
    sqlx::query_scalar(
        "INSERT INTO reason (text) VALUES (?) ON CONFLICT DO UPDATE SET text = excluded.text RETURNING id",
    )
    .bind(text)
    .fetch_one(&mut **transaction)
    .await
}
