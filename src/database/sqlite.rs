//! SQLite through sqlx.

use super::catalog::Column;
use super::chunk::{self, Form, Refused};
use super::error::DatabaseError;
use super::fingerprint::Fingerprint;
use super::interrupt::Interrupt;
use super::sqlite_hold::Hold;
use super::sqlite_steps::STEP;
use super::value::{Rows, Value};
use super::{PATIENCE, Purpose};
use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Column as _, ConnectOptions, Connection, Row, TypeInfo, ValueRef};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The smallest page, and so the smallest database that is not empty.
const SMALLEST: u64 = 512;
/// Rows, or chunks of rows, on their way from the connection's thread to ours.
const ROWS_UNDER_WAY: usize = 16;
/// A chunk holds as many rows as this, or fewer where they are large.
const ROWS_A_CHUNK: u64 = 512;
const BYTES_A_CHUNK: u64 = 1 << 20;

/// One connection to one file.
#[derive(Debug)]
pub struct Sqlite {
    pub(super) connection: SqliteConnection,
    pub(super) interrupt: Interrupt,
    pub(super) hold: Hold,
    pub(super) path: PathBuf,
    purpose: Purpose,
}

impl Sqlite {
    pub(super) async fn open(path: &Path, purpose: Purpose, interrupt: &Interrupt) -> Result<Self, DatabaseError> {
        if !path.exists() {
            return Err(DatabaseError::NotThere(path.display().to_string()));
        }
        if path.is_dir() {
            let why = "it is a folder".to_owned();
            return Err(DatabaseError::CannotOpen { file: path.display().to_string(), why });
        }
        // SQLite takes a file too short for its header for a database without tables; what was cut off must not pass so.
        let length = std::fs::metadata(path).map_or(0, |about| about.len());
        if (1..SMALLEST).contains(&length) {
            return Err(DatabaseError::Damaged(format!("it is only {length} bytes long")));
        }
        let options = SqliteConnectOptions::new().filename(path);
        let connection = match purpose {
            Purpose::Observe | Purpose::Read | Purpose::Own => {
                connect(options.read_only(true).pragma("query_only", "ON"))
            }
            Purpose::Archive => connect(options.read_only(true).immutable(true).pragma("query_only", "ON")),
            Purpose::Change => connect(options),
        };
        let connection = connection.await.map_err(|error| DatabaseError::opening(path, &error))?;
        let hold = Hold::of(purpose == Purpose::Read);
        let mut sqlite = Self { connection, interrupt: interrupt.clone(), hold, path: path.to_path_buf(), purpose };
        sqlite.hold.watch(&mut sqlite.connection, interrupt).await?;
        // SQLite opens any file; only reading its first page shows whether it is a database.
        sqlite.rows("SELECT count(*) FROM sqlite_schema", 1).await?;
        if matches!(purpose, Purpose::Observe | Purpose::Read) {
            let mode = sqlite.rows("PRAGMA journal_mode", 1).await?;
            let mode = mode.rows.first().and_then(|row| row.first()).map(ToString::to_string).unwrap_or_default();
            sqlite.hold.keeps_out = !mode.eq_ignore_ascii_case("wal");
        }
        Ok(sqlite)
    }

    /// Another connection that only reads.
    pub(super) async fn reading(&self, options: SqliteConnectOptions) -> Result<SqliteConnection, DatabaseError> {
        let options = options.read_only(true).pragma("query_only", "ON");
        connect(options).await.map_err(|error| DatabaseError::opening(&self.path, &error))
    }

    #[expect(clippy::unused_async, reason = "other dialects have to ask")]
    pub(super) async fn identity(&self) -> Result<String, DatabaseError> {
        let at = std::fs::metadata(&self.path).map_err(|error| DatabaseError::Io(error.to_string()))?;
        Ok(format!("sqlite inode {}:{}", at.dev(), at.ino()))
    }

    /// Runs one query; one that would keep writers out for long is asked of a copy.
    pub(super) async fn rows(&mut self, sql: &str, keep: usize) -> Result<Rows, DatabaseError> {
        let found = self.rows_here(sql, keep).await;
        if self.goes_aside(&found).await? { self.rows_here(sql, keep).await } else { found }
    }

    async fn rows_here(&mut self, sql: &str, keep: usize) -> Result<Rows, DatabaseError> {
        self.hold.begin();
        let found = self.fetch(sql, keep).await;
        self.hold.end(found)
    }

    /// Everything from here on belongs to one moment. Writers would be kept out until it is over.
    pub(super) async fn enter_snapshot(&mut self) -> Result<(), DatabaseError> {
        if self.hold.keeps_out && self.hold.may_copy && !self.hold.is_aside() {
            self.go_aside().await?;
        }
        self.execute("BEGIN").await.map(drop)
    }

    pub(super) async fn fetch(&mut self, sql: &str, keep: usize) -> Result<Rows, DatabaseError> {
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
        // Nobody changes a copy; its number says nothing of the file's, and is none that a file has.
        if self.hold.is_aside() {
            return Ok(-1);
        }
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

    /// Copies the file whole. Where that would keep writers out for long, they come in between the steps of it.
    pub(super) async fn copy_to(&mut self, path: &Path) -> Result<(), DatabaseError> {
        self.hold.begin();
        let copied = self.vacuum_into(path).await;
        match self.hold.end(copied) {
            Err(DatabaseError::KeepsOut { .. }) => self.copy_in_steps(path, STEP).await,
            done => done,
        }
    }

    async fn vacuum_into(&mut self, path: &Path) -> Result<(), DatabaseError> {
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
        // Of a copy it would say nothing.
        let found = self.rows_here("PRAGMA integrity_check(100)", 100).await?;
        let lines = found.rows.into_iter().filter_map(|row| row.into_iter().next()).map(|value| value.to_string());
        Ok(lines
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .filter(|line| line != "ok")
            .collect())
    }

    /// Reads the table whole; a copy of it, where that would keep writers out for long.
    pub(super) async fn fingerprint(
        &mut self,
        table: &str,
        columns: &[String],
        at: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(i64, String), DatabaseError> {
        let print = self.fingerprint_here(table, columns, at).await;
        if self.goes_aside(&print).await? { self.fingerprint_here(table, columns, at).await } else { print }
    }

    /// Begins anew when a column turns out to hold what plain chunks would not keep exactly.
    async fn fingerprint_here(
        &mut self,
        table: &str,
        columns: &[String],
        at: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(i64, String), DatabaseError> {
        let present = self.columns(table).await?;
        let holds_reals =
            |name: &String| present.iter().any(|column| column.name == *name && declares_reals(&column.declared));
        let mut forms = Vec::new();
        let blobs = !columns.is_empty() && self.integer(&chunk::any_blob(table, columns)).await? != 0;
        for name in columns {
            let one = std::slice::from_ref(name);
            let raw = holds_reals(name) || (blobs && self.integer(&chunk::any_blob(table, one)).await? != 0);
            forms.push(Form { name: name.clone(), raw });
        }
        let rowid = self.rowid(table, &present).await?;
        let rows = u64::try_from(self.count(table).await?).unwrap_or_default();
        // However unevenly large its rows are, a chunk must fit into memory several times.
        let size = (BYTES_A_CHUNK / (self.size().await? / rows.max(1)).max(1)).clamp(1, ROWS_A_CHUNK);
        loop {
            let sql = chunk::query(table, &forms, rowid, size);
            self.hold.begin();
            let read = self.read_chunks(sql, &forms, at).await;
            match self.hold.end(read)? {
                Ok(print) => return Ok((i64::try_from(print.rows()).unwrap_or(i64::MAX), print.finish())),
                Err(Again::Raw(column)) => forms.get_mut(column).map_or((), |form| form.raw = true),
                Err(Again::AllRaw) if forms.iter().any(|form| !form.raw) => {
                    for form in &mut forms {
                        form.raw = true;
                    }
                }
                Err(Again::AllRaw) => {
                    return Err(DatabaseError::Statement(format!("the rows of {table} came in an unknown form")));
                }
            }
        }
    }

    async fn read_chunks(
        &mut self,
        sql: String,
        forms: &[Form],
        at: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Result<Fingerprint, Again>, DatabaseError> {
        let mut print = Fingerprint::new();
        let mut stream = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch(&mut self.connection);
        loop {
            let row = match stream.try_next().await.map_err(DatabaseError::from) {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(DatabaseError::Statement(why)) if why.contains("BLOB") => return Ok(Err(Again::AllRaw)),
                Err(other) => return Err(other),
            };
            let place = |column: usize| 1 + forms[..column].iter().filter(|form| form.raw).count();
            let mut broken = None;
            let mut raw = |print: &mut Fingerprint, column: usize| {
                broken = add_raw(print, &row, place(column)).err().or(broken.take());
            };
            let added = chunk::add(&mut print, row.try_get_unchecked(0)?, forms, &mut raw);
            if let Some(broken) = broken {
                return Err(broken.into());
            }
            match added {
                Ok(()) => at(print.rows()),
                Err(Refused::Rounds(column)) => return Ok(Err(Again::Raw(column))),
                Err(Refused::Unreadable) => return Ok(Err(Again::AllRaw)),
            }
        }
        Ok(Ok(print))
    }

    /// A name for the hidden key of a table, if it has one and no column hides it.
    async fn rowid(&mut self, table: &str, columns: &[Column]) -> Result<Option<&'static str>, DatabaseError> {
        if self.is_without_rowid(table).await? {
            return Ok(None);
        }
        let names = ["_rowid_", "rowid", "oid"];
        Ok(names.into_iter().find(|name| !columns.iter().any(|column| column.name.eq_ignore_ascii_case(name))))
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

async fn connect(options: SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let options = options.busy_timeout(PATIENCE).row_buffer_size(ROWS_UNDER_WAY).foreign_keys(true);
    options.disable_statement_logging().connect().await
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

/// Why a table is read anew.
enum Again {
    /// This column must be handed out raw.
    Raw(usize),
    AllRaw,
}

/// Whether SQLite gives the column an affinity for real numbers.
fn declares_reals(declared: &str) -> bool {
    let declared = declared.to_ascii_uppercase();
    ["REAL", "FLOA", "DOUB"].iter().any(|word| declared.contains(word))
}

/// Adds one value as SQLite hands it out.
fn add_raw(print: &mut Fingerprint, row: &SqliteRow, index: usize) -> Result<(), sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        print.null();
        return Ok(());
    }
    match raw.type_info().name() {
        "INTEGER" => print.integer(row.try_get_unchecked(index)?),
        "REAL" => print.real(row.try_get_unchecked(index)?),
        "TEXT" => print.text(row.try_get_unchecked(index)?),
        _ => print.blob(row.try_get_unchecked(index)?),
    }
    Ok(())
}
