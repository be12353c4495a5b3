//! SQLite through sqlx.

use super::error::DatabaseError;
use super::fingerprint::Fingerprint;
use super::interrupt::Interrupt;
use super::value::{Rows, Value};
use super::{PATIENCE, Purpose};
use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Column as _, ConnectOptions, Connection, Row, TypeInfo, ValueRef};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Instructions of SQLite's machine between two looks at the interrupt: well under a millisecond.
const INSTRUCTIONS_A_LOOK: i32 = 10_000;
/// Rows read between two reports of how far it has come.
const ROWS_A_REPORT: u64 = 2_048;
/// Rows on their way from the connection's thread to ours.
const ROWS_UNDER_WAY: usize = 1_024;

/// One connection to one file.
#[derive(Debug)]
pub struct Sqlite {
    pub(super) connection: SqliteConnection,
    path: PathBuf,
    purpose: Purpose,
    interrupt: Interrupt,
}

impl Sqlite {
    pub(super) async fn open(path: &Path, purpose: Purpose) -> Result<Self, DatabaseError> {
        if !path.exists() {
            return Err(DatabaseError::NotThere(path.display().to_string()));
        }
        if path.is_dir() {
            let why = "it is a folder".to_owned();
            return Err(DatabaseError::CannotOpen { file: path.display().to_string(), why });
        }
        let mut options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(PATIENCE)
            .row_buffer_size(ROWS_UNDER_WAY)
            .foreign_keys(true)
            .disable_statement_logging();
        options = match purpose {
            Purpose::Observe => options.read_only(true).pragma("query_only", "ON"),
            Purpose::Archive => options.read_only(true).immutable(true).pragma("query_only", "ON"),
            Purpose::Change => options,
        };
        let mut connection = options.connect().await.map_err(|error| DatabaseError::opening(path, &error))?;
        let interrupt = Interrupt::new();
        let asked = interrupt.clone();
        connection.lock_handle().await?.set_progress_handler(INSTRUCTIONS_A_LOOK, move || !asked.is_set());
        let mut sqlite = Self { connection, path: path.to_path_buf(), purpose, interrupt };
        // SQLite opens any file; only reading its first page tells whether it is a database.
        sqlite.rows("SELECT count(*) FROM sqlite_schema", 1).await?;
        Ok(sqlite)
    }

    pub(super) fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    #[expect(clippy::unused_async, reason = "other dialects have to ask")]
    pub(super) async fn identity(&self) -> Result<String, DatabaseError> {
        let at = std::fs::metadata(&self.path).map_err(|error| DatabaseError::Io(error.to_string()))?;
        Ok(format!("sqlite inode {}:{}", at.dev(), at.ino()))
    }

    pub(super) async fn rows(&mut self, sql: &str, keep: usize) -> Result<Rows, DatabaseError> {
        let mut found = Rows::default();
        let mut stream = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false).fetch(&mut self.connection);
        while let Some(row) = stream.try_next().await? {
            if found.rows.len() < keep {
                if found.rows.is_empty() {
                    found.columns = row.columns().iter().map(|column| column.name().to_owned()).collect();
                }
                found.rows.push((0..row.len()).map(|index| value(&row, index)).collect::<Result<_, _>>()?);
            }
            found.count += 1;
        }
        Ok(found)
    }

    /// Runs one statement that gives no rows, and gives how many it changed.
    pub(super) async fn execute(&mut self, sql: &str) -> Result<u64, DatabaseError> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false);
        Ok(query.execute(&mut self.connection).await?.rows_affected())
    }

    pub(super) async fn count(&mut self, table: &str) -> Result<i64, DatabaseError> {
        self.integer(&format!("SELECT count(*) FROM {}", quoted(table))).await
    }

    pub(super) async fn size(&mut self) -> Result<u64, DatabaseError> {
        let pages = self.integer("PRAGMA page_count").await?;
        let bytes = self.integer("PRAGMA page_size").await?;
        Ok(u64::try_from(pages.saturating_mul(bytes)).unwrap_or_default())
    }

    pub(super) async fn version(&mut self) -> Result<i64, DatabaseError> {
        self.integer("PRAGMA data_version").await
    }

    pub(super) async fn try_and_undo(&mut self, sql: &str) -> Result<u64, DatabaseError> {
        self.execute("BEGIN IMMEDIATE").await?;
        let tried = self.execute(sql).await;
        // A constraint with its own conflict clause may have rolled back already; then there is nothing to undo.
        match self.execute("ROLLBACK").await {
            Ok(_) | Err(DatabaseError::Statement(_)) => tried,
            Err(other) => tried.and(Err(other)),
        }
    }

    pub(super) async fn copy_to(&mut self, path: &Path) -> Result<(), DatabaseError> {
        let Some(target) = path.to_str() else {
            return Err(DatabaseError::Io(format!("{} is no text that SQLite can take", path.display())));
        };
        // The copy is a change to SQLite, though never one of the file it was opened on, which stays read-only.
        self.execute("PRAGMA query_only = OFF").await?;
        let copied = self.execute(&format!("VACUUM INTO {}", literal(target))).await;
        if self.purpose != Purpose::Change {
            self.execute("PRAGMA query_only = ON").await?;
        }
        copied.map(drop)
    }

    pub(super) async fn integrity(&mut self) -> Result<Vec<String>, DatabaseError> {
        let found = self.rows("PRAGMA integrity_check(100)", 100).await?;
        let lines = found.rows.into_iter().filter_map(|row| row.into_iter().next()).map(|value| value.to_string());
        Ok(lines
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .filter(|line| line != "ok")
            .collect())
    }

    pub(super) async fn fingerprint(
        &mut self,
        table: &str,
        columns: &[String],
        at: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(i64, String), DatabaseError> {
        let list = columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        let list = if list.is_empty() { "NULL".to_owned() } else { list };
        let sql = format!("SELECT {list} FROM {}", quoted(table));
        let mut print = Fingerprint::new();
        let mut stream = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch(&mut self.connection);
        while let Some(row) = stream.try_next().await? {
            for index in 0..row.len() {
                add(&mut print, &row, index)?;
            }
            print.end_row();
            if print.rows().is_multiple_of(ROWS_A_REPORT) {
                at(print.rows());
            }
        }
        at(print.rows());
        Ok((i64::try_from(print.rows()).unwrap_or(i64::MAX), print.finish()))
    }

    pub(super) async fn close(self) {
        // An error here would only say that the connection is gone already.
        let _ = self.connection.close().await;
    }

    async fn integer(&mut self, sql: &str) -> Result<i64, DatabaseError> {
        let found = self.rows(sql, 1).await?;
        match found.rows.first().and_then(|row| row.first()) {
            Some(Value::Integer(number)) => Ok(*number),
            other => Err(DatabaseError::Statement(format!("{sql} gave {other:?} in place of a number"))),
        }
    }
}

/// A name in double quotes, whatever it holds.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in single quotes.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn value(row: &SqliteRow, index: usize) -> Result<Value, DatabaseError> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let name = raw.type_info().name().to_owned();
    Ok(match name.as_str() {
        "INTEGER" => Value::Integer(row.try_get_unchecked(index)?),
        "REAL" => Value::Real(row.try_get_unchecked(index)?),
        // A file may hold text that is not UTF-8; it is shown as well as it can be.
        "TEXT" => Value::Text(String::from_utf8_lossy(row.try_get_unchecked::<&[u8], _>(index)?).into_owned()),
        _ => Value::Blob(row.try_get_unchecked(index)?),
    })
}

/// Adds one value of a row; kept free of allocation, it runs millions of times.
fn add(print: &mut Fingerprint, row: &SqliteRow, index: usize) -> Result<(), DatabaseError> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        print.null();
        return Ok(());
    }
    match raw.type_info().name().as_bytes().first() {
        Some(b'I') => print.integer(row.try_get_unchecked(index)?),
        Some(b'R') => print.real(row.try_get_unchecked(index)?),
        Some(b'T') => print.text(row.try_get_unchecked(index)?),
        _ => print.blob(row.try_get_unchecked(index)?),
    }
    Ok(())
}
