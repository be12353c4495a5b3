//! A backup put back in place of what a database holds.
//!
//! The file stays the same one, so that it is still the database that was reached first, and everything happens in one
//! transaction: a restore that breaks off leaves what was there.

use super::error::RehearsalError;
use super::migrator;
use sqlx::sqlite::{SqliteConnection, SqliteQueryResult};
use sqlx::{AssertSqlSafe, Connection};
use std::path::Path;

/// Everything that SQLite does not keep for itself, in an order in which it can be dropped.
const DROPPED: &str = "SELECT type, name FROM main.sqlite_schema \
     WHERE type IN ('view', 'trigger', 'table') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
     ORDER BY CASE type WHEN 'view' THEN 1 WHEN 'trigger' THEN 2 ELSE 3 END";
/// What a backup holds, in an order in which it can be made.
const MADE: &str = "SELECT type, name, sql FROM kept.sqlite_schema \
     WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
     ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, rowid";

/// Puts the backup `from` back into `database`; returns how many tables it holds.
///
/// # Errors
/// When the backup cannot be read whole, or the database cannot be written: then nothing has changed.
pub async fn restore(database: &Path, from: &Path) -> Result<usize, RehearsalError> {
    if !from.is_file() {
        return Err(RehearsalError::NoDatabase(from.to_path_buf()));
    }
    let mut connection = migrator::connect(database).await?;
    let restored = attach_and_copy(&mut connection, from).await;
    let closed = connection.close().await;
    let tables = restored?;
    closed.map_err(RehearsalError::database(format!("close {}", database.display())))?;
    Ok(tables)
}

async fn attach_and_copy(connection: &mut SqliteConnection, from: &Path) -> Result<usize, RehearsalError> {
    let damaged = |error: sqlx::Error| RehearsalError::Backup { path: from.to_path_buf(), why: error.to_string() };
    let path = from.to_string_lossy().into_owned();
    sqlx::query("ATTACH DATABASE ? AS kept").bind(path).execute(&mut *connection).await.map_err(damaged)?;
    let found: String =
        sqlx::query_scalar("PRAGMA kept.quick_check(1)").fetch_one(&mut *connection).await.map_err(damaged)?;
    if found != "ok" {
        return Err(RehearsalError::Backup { path: from.to_path_buf(), why: found });
    }
    let doing = || RehearsalError::database(format!("put {} back", from.display()));
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(doing())?;
    let tables = copy(&mut transaction).await.map_err(doing())?;
    transaction.commit().await.map_err(doing())?;
    // What was replaced need not stay in the log beside the database; a reader that is at it may keep it a while.
    sqlx::query("PRAGMA main.wal_checkpoint(TRUNCATE)").execute(&mut *connection).await.map_err(doing())?;
    Ok(tables)
}

async fn copy(connection: &mut SqliteConnection) -> Result<usize, sqlx::Error> {
    let old: Vec<(String, String)> = sqlx::query_as(DROPPED).fetch_all(&mut *connection).await?;
    for (kind, name) in old {
        // A trigger goes with its table or view.
        run(connection, format!("DROP {kind} IF EXISTS main.{}", quoted(&name))).await?;
    }
    let new: Vec<(String, String, String)> = sqlx::query_as(MADE).fetch_all(&mut *connection).await?;
    let mut tables = 0;
    for (kind, name, sql) in new {
        run(connection, sql).await?;
        if kind == "table" {
            let name = quoted(&name);
            run(connection, format!("INSERT INTO main.{name} SELECT * FROM kept.{name}")).await?;
            tables += 1;
        }
    }
    let counted = "SELECT count(*) FROM kept.sqlite_schema WHERE name = 'sqlite_sequence'";
    if sqlx::query_scalar::<_, i64>(counted).fetch_one(&mut *connection).await? > 0 {
        run(connection, "DELETE FROM main.sqlite_sequence".to_owned()).await?;
        run(connection, "INSERT INTO main.sqlite_sequence SELECT * FROM kept.sqlite_sequence".to_owned()).await?;
    }
    Ok(tables)
}

/// The text comes from the databases' own schema.
async fn run(connection: &mut SqliteConnection, sql: String) -> Result<SqliteQueryResult, sqlx::Error> {
    sqlx::query(AssertSqlSafe(sql)).execute(connection).await
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
