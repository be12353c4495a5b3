//! Databases behind one small door: what they hold, how they are laid out, and proof that data is unchanged.
//!
//! SQLite and PostgreSQL stand behind it. Everything a check asks for goes through [`Database`], so that another dialect
//! is one more variant and no check changes. A connection that only watches cannot write, gives up on a lock after
//! [`PATIENCE`] at most, and can be distinguished from outside to stop (see [`Interrupt`]).

pub(crate) mod address;
pub(crate) mod bisect;
pub(crate) mod catalog;
pub(crate) mod chunk;
pub(crate) mod consistency;
pub(crate) mod definition;
pub(crate) mod error;
pub mod fingerprint;
pub(crate) mod interrupt;
pub(crate) mod postgres;
pub mod proof;
pub mod ranges;
mod sqlite;
mod sqlite_catalog;
mod sqlite_consistency;
mod sqlite_hold;
mod sqlite_steps;
pub(crate) use crate::checklist::sql as tokens;
pub(crate) mod types;
pub(crate) mod value;

pub use address::Address;
pub use catalog::{Column, Constraint, ConstraintKind, ForeignKey, Index, IndexPart};
pub use error::{DatabaseError, RoleNotTaken};
pub use interrupt::Interrupt;
pub use postgres::Postgres;
pub use postgres::address::PostgresAddress;
pub use value::{Rows, Value};

use crate::checklist::check::{Consistency, Look};
use crate::checklist::migrator::Book;
use sqlite::Sqlite;
use std::path::Path;
use std::time::Duration;

/// How long a connection waits for somebody else's lock before it says so.
pub const PATIENCE: Duration = Duration::from_millis(1_500);

/// Tables that migrators keep for themselves, as literals in a list; they are no data of the application.
fn bookkeeping(literal: impl Fn(&str) -> String) -> String {
    Book::NAMES.map(literal).join(", ")
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Read only, and nobody ever waits for it: for looking on while a migration runs. On a server a statement has
    /// 1.5 s, and 0.1 s to get past a lock.
    Observe,
    /// Read only, twice over: opened so, and reported so. A statement may take its time; the check's own limit and its
    /// interrupt end it. Of a file without a write-ahead log, what takes longer is asked of a copy.
    Read,
    /// Read only, and nobody else needs to write meanwhile: what was restored just now, or what a migration changes next.
    Own,
    /// May write; foreign keys are enforced.
    Change,
    /// A file that nobody writes any more, such as a backup: read without locks and without files beside it.
    Archive,
}

/// The dialect a database speaks; queries may be written for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    pub fn word(self) -> &'static str {
        match self {
            Dialect::Sqlite => "SQLite",
            Dialect::Postgres => "PostgreSQL",
        }
    }
}

/// What the planner makes of an index for a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// It uses it.
    Chosen,
    /// It would use it if it could not read the table whole; the rows of the table now, about.
    Usable { rows: i64 },
    /// It uses others, by name, or none.
    Otherwise(Vec<String>),
}

/// One connection.
#[derive(Debug)]
pub enum Database {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Database {
    /// Connects to `postgresql://USER@HOST/DATABASE` or `sqlite:PATH`; a relative path counts from `folder`.
    ///
    /// # Errors
    /// When the address is of a kind that is not served, the file is not there, or it is no database.
    pub async fn connect(url: &str, folder: &Path, purpose: Purpose) -> Result<Self, DatabaseError> {
        Self::open(&Address::parse(url)?.within(folder), purpose, &Interrupt::new()).await
    }

    /// Connects to an address that has been read already; `interrupt` ends from outside what the connection is at.
    pub async fn open(address: &Address, purpose: Purpose, interrupt: &Interrupt) -> Result<Self, DatabaseError> {
        match address {
            Address::Sqlite(path) => Sqlite::open(path, purpose, interrupt).await.map(Database::Sqlite),
            Address::Postgres(address) => {
                Ok(Database::Postgres(Box::new(Postgres::open(address, purpose, interrupt).await?)))
            }
        }
    }

    pub fn dialect(&self) -> Dialect {
        match self {
            Database::Sqlite(_) => Dialect::Sqlite,
            Database::Postgres(_) => Dialect::Postgres,
        }
    }

    /// What this database really is, whatever it is called: `sqlite inode 66:1234`,
    /// `postgresql 7427391002200013824/neurohub`.
    pub async fn identity(&mut self) -> Result<String, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.identity().await,
            Database::Postgres(postgres) => postgres.identity().await,
        }
    }

    /// The application's tables by name, without the database's own and the migrators'.
    pub async fn tables(&mut self) -> Result<Vec<String>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.tables().await,
            Database::Postgres(postgres) => postgres.tables().await,
        }
    }

    /// The columns of a table in their order; empty when there is no such table.
    pub async fn columns(&mut self, table: &str) -> Result<Vec<Column>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.columns(table).await,
            Database::Postgres(postgres) => postgres.columns(table).await,
        }
    }

    pub async fn indexes(&mut self, table: &str) -> Result<Vec<Index>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.indexes(table).await,
            Database::Postgres(postgres) => postgres.indexes(table).await,
        }
    }

    pub async fn constraints(&mut self, table: &str) -> Result<Vec<Constraint>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.constraints(table).await,
            Database::Postgres(postgres) => postgres.constraints(table).await,
        }
    }

    pub async fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.foreign_keys(table).await,
            Database::Postgres(postgres) => postgres.foreign_keys(table).await,
        }
    }

    /// How many rows a table holds, exactly.
    pub async fn count(&mut self, table: &str) -> Result<i64, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.count(table).await,
            Database::Postgres(postgres) => postgres.count(table).await,
        }
    }

    /// The first column of the first row; `None` when there is no row.
    pub async fn scalar(&mut self, sql: &str) -> Result<Option<Value>, DatabaseError> {
        Ok(self.rows(sql, 1).await?.rows.into_iter().next().and_then(|row| row.into_iter().next()))
    }

    /// Runs one query, counts all its rows and keeps the first `keep` of them.
    pub async fn rows(&mut self, sql: &str, keep: usize) -> Result<Rows, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.rows(sql, keep).await,
            Database::Postgres(postgres) => postgres.rows(sql, keep).await,
        }
    }

    /// Tries one changing statement inside a transaction that is rolled back whatever comes of it. Gives the number of
    /// rows it changed.
    ///
    /// # Errors
    /// [`DatabaseError::Constraint`] when a constraint refused it.
    pub async fn try_and_undo(&mut self, sql: &str) -> Result<u64, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.try_and_undo(sql).await,
            Database::Postgres(postgres) => postgres.try_and_undo(sql).await,
        }
    }

    /// Bytes the database takes, free pages included, the write-ahead log not.
    pub async fn size(&mut self) -> Result<u64, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.size().await,
            Database::Postgres(postgres) => postgres.size().await,
        }
    }

    /// A number that changes whenever somebody else has committed a change since this connection last asked.
    pub async fn version(&mut self) -> Result<i64, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.version().await,
            Database::Postgres(postgres) => postgres.version().await,
        }
    }

    /// A sum over everything that is defined: it changes with every change of a definition, whoever makes it.
    pub async fn definitions(&mut self) -> Result<String, DatabaseError> {
        let sql = match self {
            Database::Sqlite(_) => "SELECT coalesce(group_concat(type || ' ' || name || ' ' || coalesce(sql, ''), ';'), '') FROM sqlite_schema".to_owned(),
            Database::Postgres(_) => postgres::definitions(),
        };
        Ok(self.scalar(&sql).await?.map(|value| value.to_string()).unwrap_or_default())
    }

    /// Takes the role that whoever only reads shall have, where one is named; of a server only.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub async fn take_role(&mut self, role: Option<&str>) -> Result<(), RoleNotTaken> {
        let Some(role) = role.filter(|role| !role.is_empty() && self.dialect() == Dialect::Postgres) else {
            return Ok(());
        };
        let quoted = role.replace('"', "\"\"");
        let taken = self.rows(&format!("SET ROLE \"{quoted}\""), 0).await;
        taken.map(drop).map_err(|why| RoleNotTaken { role: role.to_owned(), why })
    }

    /// Writes a whole, consistent copy to `path`, which must be an empty file or not be there. Of files only: a server's
    /// database is copied by a dump.
    pub async fn copy_to(&mut self, path: &Path) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.copy_to(path).await,
            Database::Postgres(_) => Err(no_file()),
        }
    }

    /// Of a file: reads every page and index; gives what is wrong, the first hundred findings, empty when nothing is.
    pub async fn integrity(&mut self) -> Result<Vec<String>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.integrity().await,
            Database::Postgres(_) => Err(no_file()),
        }
    }

    /// Everything read until [`Database::leave_snapshot`] belongs to one moment.
    pub async fn enter_snapshot(&mut self) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.enter_snapshot().await,
            Database::Postgres(postgres) => postgres.enter_snapshot().await,
        }
    }

    pub async fn leave_snapshot(&mut self) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.execute("ROLLBACK").await.map(drop),
            Database::Postgres(postgres) => postgres.leave_snapshot().await,
        }
    }

    /// Reads a table whole and gives its row count and fingerprint over these columns; `at` is reported the rows read.
    pub async fn fingerprint(
        &mut self,
        table: &str,
        columns: &[String],
        at: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(i64, String), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.fingerprint(table, columns, at).await,
            Database::Postgres(postgres) => postgres.fingerprint(table, columns, at).await,
        }
    }

    /// The first of [`Database::in_ranges`]: how a table can be split; none where it has no single whole-number key, or
    /// where this kind of database is read whole.
    pub async fn split(&mut self, table: &str) -> Result<Option<ranges::Split>, DatabaseError> {
        match self {
            Database::Sqlite(_) => Ok(None),
            Database::Postgres(postgres) => postgres.split(table).await,
        }
    }

    /// Row count and fingerprint of a table over these columns, as [`Database::fingerprint`] gives them, and what they are
    /// made up of.
    pub async fn in_ranges(
        &mut self,
        table: &str,
        columns: &[String],
        split: &ranges::Split,
        detail: ranges::Detail,
    ) -> Result<(i64, String, Vec<ranges::Range>), DatabaseError> {
        match self {
            Database::Sqlite(_) => Err(no_server()),
            Database::Postgres(postgres) => postgres.in_ranges(table, columns, split, detail).await,
        }
    }

    /// The reading statements that find what should not be in these tables, and what the catalog says by itself.
    pub(crate) async fn probes(
        &mut self,
        look: Look,
        tables: &[String],
        more: &Consistency,
    ) -> Result<Option<Vec<consistency::Probe>>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.probes(look, tables, more).await,
            Database::Postgres(postgres) => postgres.probes(look, tables, more).await,
        }
    }

    /// Whether the planner answers a reading statement with an index. The statement is planned and never run.
    pub async fn plan_use(&mut self, sql: &str, index: &str) -> Result<Planned, DatabaseError> {
        tokens::one_query(sql).map_err(|why| DatabaseError::Statement(why.to_string()))?;
        match self {
            Database::Sqlite(sqlite) => sqlite.plan_use(sql, index).await,
            Database::Postgres(postgres) => postgres.plan_use(sql, index).await,
        }
    }

    /// Closes the connection and waits until it is closed.
    pub async fn close(self) {
        match self {
            Database::Sqlite(sqlite) => sqlite.close().await,
            Database::Postgres(postgres) => postgres.close().await,
        }
    }
}

fn no_server() -> DatabaseError {
    DatabaseError::Unsupported("a file is read whole, not in ranges".to_owned())
}

fn no_file() -> DatabaseError {
    DatabaseError::Unsupported("a database on a server is no file that could be copied or read page by page".to_owned())
}
