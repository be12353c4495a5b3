//! Moves one database along the chain, through sqlx's own machinery, one revision at a time.
//!
//! A revision is one transaction that sqlx opens: when it fails, everything it did is undone and the database stays at
//! the revision before. Rebuilding a table asks for foreign keys to be off on the connection; the migrations check them
//! themselves before the commit, and fail when there are more broken ones than before. What was broken before is not
//! theirs to refuse.

use super::error::RehearsalError;
use super::progress::{self, Lines, Meter};
use super::revision::{self, Direction, MIGRATIONS, Outline};
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Virtual machine instructions between two signs of life.
const INSTRUCTIONS_BETWEEN_LOOKS: i32 = 20_000;

/// The file a database URL names: `sqlite:PATH` or `sqlite://PATH`.
pub fn path_of(url: &str) -> Result<PathBuf, RehearsalError> {
    let rest = url.strip_prefix("sqlite:").ok_or_else(|| RehearsalError::NotSqlite(url.to_owned()))?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() { Err(RehearsalError::NotSqlite(url.to_owned())) } else { Ok(PathBuf::from(path)) }
}

/// A connection for building and migrating: foreign keys off, readers undisturbed (WAL), patient with other writers.
pub(crate) async fn connect(database: &Path) -> Result<SqliteConnection, RehearsalError> {
    if !database.is_file() {
        return Err(RehearsalError::NoDatabase(database.to_path_buf()));
    }
    SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(false)
        .foreign_keys(false)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(10))
        .pragma("cache_size", "-65536")
        .connect()
        .await
        .map_err(RehearsalError::database(format!("open {}", database.display())))
}

/// The version a database stands at; 0 at the base.
pub async fn current(database: &Path) -> Result<i64, RehearsalError> {
    let mut connection = connect(database).await?;
    let version = version(&mut connection).await;
    close(connection).await?;
    version
}

async fn version(connection: &mut SqliteConnection) -> Result<i64, RehearsalError> {
    let doing = "read which revision the database stands at";
    let table: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'")
            .fetch_optional(&mut *connection)
            .await
            .map_err(RehearsalError::database(doing))?;
    if table.is_none() {
        return Ok(0);
    }
    let version: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
        .fetch_one(connection)
        .await
        .map_err(RehearsalError::database(doing))?;
    let version = version.unwrap_or(0);
    if version != 0 && revision::at(version).is_none() {
        return Err(RehearsalError::Chain(format!("it stands at {version}, which is not in the chain")));
    }
    Ok(version)
}

/// Moves the database towards `target` and shows how it goes, line by line; `PROGRESS` at most ten times a second.
/// A target that is reached already, or lies the other way, changes nothing and says so.
pub async fn migrate(database: &Path, direction: Direction, target: &str, lines: &Lines) -> Result<(), RehearsalError> {
    let mut connection = connect(database).await?;
    let outcome = walk(&mut connection, direction, target, lines).await;
    close(connection).await?;
    outcome
}

async fn walk(
    connection: &mut SqliteConnection,
    direction: Direction,
    target: &str,
    lines: &Lines,
) -> Result<(), RehearsalError> {
    let from = version(connection).await?;
    let to = revision::resolve(target, from)?;
    let steps: Vec<i64> = match direction {
        Direction::Upgrade => (from + 1..=to).collect(),
        Direction::Downgrade => (to + 1..=from).rev().collect(),
    };
    if steps.is_empty() {
        let place = revision::at(from).map_or_else(|| "base".to_owned(), revision::Revision::full_name);
        progress::say(lines, &format!("INFO  Nothing to do, the database stands at {place}"));
    }
    for version in steps {
        one(connection, version, direction, lines).await?;
    }
    Ok(())
}

/// Runs one revision up or down.
async fn one(
    connection: &mut SqliteConnection,
    version: i64,
    direction: Direction,
    lines: &Lines,
) -> Result<(), RehearsalError> {
    let begun = Instant::now();
    let (Some(revision), Some(migration)) = (revision::at(version), revision::migration(version, direction)) else {
        return Err(RehearsalError::UnknownRevision(version.to_string()));
    };
    let (old, new) = match direction {
        Direction::Upgrade => (version - 1, version),
        Direction::Downgrade => (version, version - 1),
    };
    let (word, before, after) = (direction.word(), revision::id_at(old), revision::id_at(new));
    progress::say(lines, &format!("INFO  Running {word} {before} -> {after}, {}", revision.title));

    let outline = Outline::read(migration.sql.as_str());
    // The text is part of the program; nothing of it comes from outside.
    let total: i64 = sqlx::query_scalar(AssertSqlSafe(outline.total.clone()))
        .fetch_one(&mut *connection)
        .await
        .map_err(RehearsalError::database(format!("count the rows that {word} {} will write", revision.id)))?;
    let total = u64::try_from(total).unwrap_or_default();
    let meter = Arc::new(Mutex::new(Meter::new(Arc::clone(lines), revision.id, outline, total)));
    progress::lock(&meter).announce();
    watch(connection, &meter).await?;
    let outcome = match direction {
        Direction::Upgrade => MIGRATIONS.run_to(version, &mut *connection).await,
        Direction::Downgrade => MIGRATIONS.undo(&mut *connection, version - 1).await,
    };
    unwatch(connection).await?;

    let mut meter = progress::lock(&meter);
    if let Err(error) = outcome {
        let stays = if old == 0 { "base" } else { revision::id_at(old) };
        return Err(failure(format!("{word} of {}", revision.id), meter.step_words(), stays, &error));
    }
    meter.announce();
    let (rows, locked, took) = (meter.rows(), meter.locked().as_secs_f64(), begun.elapsed().as_secs_f64());
    progress::say(lines, &format!("DONE {} rows={rows} locked={locked:.3}s took={took:.3}s", revision.id));
    Ok(())
}

fn failure(revision: String, step: &str, stays: &str, error: &MigrateError) -> RehearsalError {
    let (MigrateError::ExecuteMigration(source, _) | MigrateError::Execute(source)) = error else {
        return RehearsalError::Chain(error.to_string());
    };
    let why = source.as_database_error().map_or_else(|| source.to_string(), |database| database.message().to_owned());
    RehearsalError::Revision { revision, step: step.to_owned(), stays: stays.to_owned(), why }
}

async fn watch(connection: &mut SqliteConnection, meter: &Arc<Mutex<Meter>>) -> Result<(), RehearsalError> {
    let mut handle = connection.lock_handle().await.map_err(RehearsalError::database("watch the database at work"))?;
    let rows = Arc::clone(meter);
    handle.set_update_hook(move |row| progress::lock(&rows).row(row.database, row.table, row.rowid));
    let alive = Arc::clone(meter);
    handle.set_progress_handler(INSTRUCTIONS_BETWEEN_LOOKS, move || {
        progress::lock(&alive).tick();
        true
    });
    Ok(())
}

async fn unwatch(connection: &mut SqliteConnection) -> Result<(), RehearsalError> {
    let mut handle = connection.lock_handle().await.map_err(RehearsalError::database("stop watching the database"))?;
    handle.remove_update_hook();
    handle.remove_progress_handler();
    Ok(())
}

async fn close(connection: SqliteConnection) -> Result<(), RehearsalError> {
    connection.close().await.map_err(RehearsalError::database("close the database"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_sqlite_url_name_the_file() {
        assert_eq!(path_of("sqlite:a b/c.db").unwrap(), PathBuf::from("a b/c.db"));
        assert_eq!(path_of("sqlite:///tmp/x.db").unwrap(), PathBuf::from("/tmp/x.db"));
        assert_eq!(path_of("sqlite:/tmp/x.db").unwrap(), PathBuf::from("/tmp/x.db"));
        for wrong in ["postgresql://x", "x.db", "sqlite:"] {
            assert!(path_of(wrong).is_err(), "{wrong}");
        }
    }
}
