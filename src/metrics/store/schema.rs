//! The tables of the store, and how older ones become them.

use sqlx::{Sqlite, Transaction};

/// What `PRAGMA user_version` says of the tables below. 0 is a new file, or one from before there were buckets.
pub(super) const VERSION: i64 = 1;

/// A `reason` is the number of a text, negative where it is known that the source did not work. `rolled`: samples up to this id are in the buckets. `raw-from` and `minute-from`: what is older was let go.
pub(super) const SCHEMA: &str = "\
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    environment TEXT NOT NULL,
    pane TEXT NOT NULL,
    unit TEXT NOT NULL DEFAULT '',
    every_ms INTEGER NOT NULL DEFAULT 0,
    UNIQUE (environment, pane)
);
CREATE TABLE reason (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE sample (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    series INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    value REAL,
    reason INTEGER,
    CHECK ((value IS NULL) = (reason IS NOT NULL))
);
CREATE INDEX sample_at ON sample (series, at_ms);
CREATE TABLE bucket (
    series INTEGER NOT NULL,
    width_ms INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    count INTEGER NOT NULL,
    min REAL NOT NULL,
    max REAL NOT NULL,
    sum REAL NOT NULL,
    reason INTEGER,
    sketch BLOB NOT NULL,
    PRIMARY KEY (series, width_ms, start_ms)
) WITHOUT ROWID;
CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;";

/// Brings a file's tables to [`VERSION`]; a newer file is left alone and its version given back.
///
/// # Errors
/// As the database says; nothing has changed then.
pub(super) async fn prepare(transaction: &mut Transaction<'_, Sqlite>) -> Result<i64, sqlx::Error> {
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut **transaction).await?;
    if version != 0 {
        return Ok(version);
    }
    let old = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'samples'";
    let has_old: i64 = sqlx::query_scalar(old).fetch_one(&mut **transaction).await?;
    sqlx::raw_sql(SCHEMA).execute(&mut **transaction).await?;
    if has_old > 0 {
        sqlx::raw_sql(FROM_BEFORE).execute(&mut **transaction).await?;
    }
    Ok(VERSION)
}

/// The one table that there was before, with every sample it held.
const FROM_BEFORE: &str = "\
INSERT INTO series (environment, pane) SELECT DISTINCT environment, pane FROM samples;
INSERT INTO reason (text) SELECT DISTINCT reason FROM samples WHERE reason IS NOT NULL;
INSERT INTO sample (series, at_ms, value, reason)
    SELECT series.id, samples.at_ms, samples.value, reason.id FROM samples
    JOIN series USING (environment, pane) LEFT JOIN reason ON reason.text = samples.reason ORDER BY samples.rowid;
DROP TABLE samples;";
