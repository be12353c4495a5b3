//! PostgreSQL through sqlx.
//!
//! Every statement goes by the simple protocol: the server writes each value out as text, so that no type is foreign,
//! and plans nothing ahead. What a connection may do to others is bounded by its purpose, see [`limits`].

pub(crate) mod address;
mod catalog;
mod consistency;
pub(crate) mod databases;
mod failure;
mod fingerprint;
mod plan;
mod reach;
pub(crate) mod rights;
pub(crate) mod sessions;
mod value;

use super::Purpose;
use super::error::DatabaseError;
use super::interrupt::Interrupt;
use super::value::{Rows, Value};
use address::PostgresAddress;
use futures_util::TryStreamExt;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Column as _, Connection, Either, Row};
use std::time::Duration;
use tokio::time::timeout;

/// The oldest server this speaks to: `pg_locks.waitstart` and `hash_record_extended` came with it.
pub(crate) const OLDEST: u32 = 14;
/// How long an interrupted statement may take to end before the connection is given up.
const ENDING: Duration = Duration::from_secs(5);

/// One connection to one database.
#[derive(Debug)]
pub struct Postgres {
    pub(super) connection: PgConnection,
    address: PostgresAddress,
    interrupt: Interrupt,
    /// Of the server process that serves this connection.
    process: i64,
    /// Such as 150018.
    version: u32,
    lock_timeout: u64,
}

/// How long a session may keep others waiting, and be kept waiting; all in milliseconds, 0 for no limit.
struct Limits {
    name: &'static str,
    statement: u64,
    lock: u64,
    idle_in_transaction: u64,
    read_only: bool,
}

fn limits(purpose: Purpose) -> Limits {
    match purpose {
        // It watches while a migration runs: never in anybody's way, never waiting in anybody's queue.
        Purpose::Observe => {
            Limits { name: "gonogo observer", statement: 1_500, lock: 100, idle_in_transaction: 5_000, read_only: true }
        }
        Purpose::Read | Purpose::Own | Purpose::Archive => {
            Limits { name: "gonogo check", statement: 0, lock: 1_500, idle_in_transaction: 60_000, read_only: true }
        }
        Purpose::Change => {
            Limits { name: "gonogo", statement: 0, lock: 1_500, idle_in_transaction: 60_000, read_only: false }
        }
    }
}

impl Postgres {
    pub(super) async fn open(
        address: &PostgresAddress,
        purpose: Purpose,
        interrupt: &Interrupt,
    ) -> Result<Self, DatabaseError> {
        let limits = limits(purpose);
        let (connection, address) = reach::connect(address, limits.name, interrupt).await?;
        let mut postgres = Self {
            connection,
            address,
            interrupt: interrupt.clone(),
            process: 0,
            version: 0,
            lock_timeout: limits.lock,
        };
        let about = postgres
            .rows("SELECT current_setting('server_version_num')::int, pg_backend_pid(), current_setting('server_version')", 1)
            .await?;
        let [Value::Integer(version), Value::Integer(process), name] =
            about.rows.first().map_or(&[][..], Vec::as_slice)
        else {
            return Err(DatabaseError::Unreachable("the server does not say what version it is".to_owned()));
        };
        postgres.version = u32::try_from(*version).unwrap_or_default();
        postgres.process = *process;
        supported(postgres.version, &name.to_string())?;
        postgres.bound(&limits).await?;
        Ok(postgres)
    }

    async fn bound(&mut self, limits: &Limits) -> Result<(), DatabaseError> {
        let read_only = if limits.read_only { "on" } else { "off" };
        let settings = format!(
            "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}; \
             SET default_transaction_read_only = {read_only}; SET jit = off; SET intervalstyle = 'postgres'; \
             SET bytea_output = 'hex'",
            limits.statement, limits.lock, limits.idle_in_transaction
        );
        self.execute(&settings).await?;
        // Not every system can notice a client that went away; that is no reason not to work.
        match self.execute("SET client_connection_check_interval = 500").await {
            Ok(_) | Err(DatabaseError::Statement(_) | DatabaseError::Values(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Of the server, as 150018 for 15.18.
    pub fn server_version(&self) -> u32 {
        self.version
    }

    /// Of the server that was reached, where several were named.
    pub fn address(&self) -> &PostgresAddress {
        &self.address
    }

    /// The process on the server that serves this connection.
    pub fn process(&self) -> i64 {
        self.process
    }

    pub(super) async fn identity(&mut self) -> Result<String, DatabaseError> {
        let database = self.scalar_text("SELECT current_database()").await?;
        match self.scalar_text("SELECT system_identifier::text FROM pg_control_system()").await {
            Ok(system) => Ok(format!("postgresql {system}/{database}")),
            Err(DatabaseError::NotPermitted(_)) => {
                let oid =
                    self.scalar_text("SELECT oid::text FROM pg_database WHERE datname = current_database()").await?;
                let place = self.address.place();
                Ok(format!("postgresql at {place}/{database}, oid {oid} (the system's identifier may not be read)"))
            }
            Err(other) => Err(other),
        }
    }

    pub(super) async fn rows(&mut self, sql: &str, keep: usize) -> Result<Rows, DatabaseError> {
        let Self { connection, interrupt, address, process, lock_timeout, .. } = self;
        let mut work = Box::pin(fetch(connection, sql, keep));
        if interrupt.is_set() {
            return Err(DatabaseError::Interrupted);
        }
        let done = tokio::select! {
            done = &mut work => done,
            () = interrupt.wait() => {
                let ended = timeout(ENDING, async {
                    cancel(address, *process).await;
                    work.await
                });
                // Whatever it gave, nobody waits for it any more.
                return match ended.await {
                    Ok(Ok(_) | Err(_)) | Err(_) => Err(DatabaseError::Interrupted),
                };
            }
        };
        done.map_err(|error| failure::asking(&error, *lock_timeout))
    }

    /// Runs statements that give no rows, and gives how many the last of them changed.
    pub(super) async fn execute(&mut self, sql: &str) -> Result<u64, DatabaseError> {
        Ok(self.rows(sql, 0).await?.changed)
    }

    pub(super) async fn size(&mut self) -> Result<u64, DatabaseError> {
        let bytes = self.scalar_integer("SELECT pg_database_size(current_database())").await?;
        Ok(u64::try_from(bytes).unwrap_or_default())
    }

    /// Changes whenever a transaction that wrote anything began or ended anywhere on the server: a change of the number
    /// does not prove a change of the data, but no change of it proves there was none.
    pub(super) async fn version(&mut self) -> Result<i64, DatabaseError> {
        self.scalar_integer("SELECT hashtextextended(pg_current_snapshot()::text, 0)").await
    }

    pub(super) async fn enter_snapshot(&mut self) -> Result<(), DatabaseError> {
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await.map(drop)
    }

    pub(super) async fn leave_snapshot(&mut self) -> Result<(), DatabaseError> {
        self.execute("ROLLBACK").await.map(drop)
    }

    pub(super) async fn try_and_undo(&mut self, sql: &str) -> Result<u64, DatabaseError> {
        // A deferred constraint would speak at a commit that never comes.
        self.execute("BEGIN").await?;
        let tried = match self.execute("SET CONSTRAINTS ALL IMMEDIATE").await {
            Ok(_) => self.execute(sql).await,
            Err(error) => Err(error),
        };
        match self.execute("ROLLBACK").await {
            Ok(_) => tried,
            Err(other) => tried.and(Err(other)),
        }
    }

    pub(super) async fn close(self) {
        // A server that is gone cannot say goodbye.
        let _ = timeout(ENDING, self.connection.close()).await;
    }

    pub(super) async fn scalar_text(&mut self, sql: &str) -> Result<String, DatabaseError> {
        let found = self.rows(sql, 1).await?;
        Ok(found.rows.first().and_then(|row| row.first()).map(ToString::to_string).unwrap_or_default())
    }

    pub(super) async fn scalar_integer(&mut self, sql: &str) -> Result<i64, DatabaseError> {
        let found = self.rows(sql, 1).await?;
        match found.rows.first().and_then(|row| row.first()) {
            Some(Value::Integer(number)) => Ok(*number),
            other => Err(DatabaseError::Statement(format!("{sql} gave {other:?} in place of a number"))),
        }
    }
}

/// Whether a server can be worked with. `version` as 150018, `name` as the server writes it.
fn supported(version: u32, name: &str) -> Result<(), DatabaseError> {
    if version / 10_000 >= OLDEST {
        return Ok(());
    }
    Err(DatabaseError::Unsupported(format!(
        "the server is PostgreSQL {name}; version {OLDEST} or later is needed, older ones tell neither how long locks are \
         waited for nor a hash of whole rows"
    )))
}

async fn fetch(connection: &mut PgConnection, sql: &str, keep: usize) -> Result<Rows, sqlx::Error> {
    let mut found = Rows::default();
    let mut stream = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_many(connection);
    while let Some(step) = stream.try_next().await? {
        match step {
            Either::Left(done) => found.changed = done.rows_affected(),
            Either::Right(row) => {
                if found.rows.len() < keep {
                    if found.rows.is_empty() {
                        found.columns = row.columns().iter().map(|column| column.name().to_owned()).collect();
                    }
                    found.rows.push((0..row.len()).map(|index| value::read(&row, index)).collect::<Result<_, _>>()?);
                }
                found.count += 1;
            }
        }
    }
    Ok(found)
}

/// Ends what another connection of the same role is at. The connection itself goes on.
async fn cancel(address: &PostgresAddress, process: i64) {
    let Ok(mut connection) = reach::one(address, "gonogo", &Interrupt::new()).await else { return };
    // Where it cannot be cancelled, the caller gives the connection up and the server notices that.
    let asked = sqlx::raw_sql(AssertSqlSafe(format!("SELECT pg_cancel_backend({process})")));
    let _ = asked.execute(&mut connection).await;
    let _ = connection.close().await;
}

/// A query for a sum over the rows of the catalog that define things; each changes with the transaction that wrote it.
/// What only counts (pages, rows, statistics) is written in place and changes nothing.
pub(super) fn definitions() -> String {
    let all = [
        "pg_class",
        "pg_attrdef",
        "pg_constraint",
        "pg_type",
        "pg_enum",
        "pg_proc",
        "pg_trigger",
        "pg_policy",
        "pg_rewrite",
        "pg_namespace",
        "pg_extension",
        "pg_publication",
        "pg_default_acl",
        "pg_statistic_ext",
        "pg_event_trigger",
    ];
    let one = |table: &&str| {
        let own = if *table == "pg_class" { "relpersistence <> 't' AND relname NOT LIKE 'pg\\_%'" } else { "true" };
        format!(
            "(SELECT count(*) || ':' || coalesce(sum(hashtextextended(oid::text || xmin::text, 0)), 0) FROM {table} WHERE oid >= 16384 AND {own})"
        )
    };
    let sums: Vec<String> = all.iter().map(one).collect();
    format!(
        "SELECT md5(concat_ws(' ', {}, (SELECT count(*) || ':' || coalesce(sum(hashtextextended(a.attrelid::text || a.attnum::text || \
         a.xmin::text, 0)), 0) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.oid >= 16384 AND \
         c.relpersistence <> 't'), (SELECT count(*) || ':' || coalesce(sum(hashtextextended(objoid::text || xmin::text, 0)), 0) \
         FROM pg_description WHERE objoid >= 16384), (SELECT count(*) || ':' || coalesce(sum(hashtextextended(seqrelid::text || \
         xmin::text, 0)), 0) FROM pg_sequence)))",
        sums.join(", ")
    )
}

/// A name in double quotes, whatever it holds.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as a literal that no setting of the server reads otherwise.
pub(super) fn literal(text: &str) -> String {
    if text.contains('\\') {
        return format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
    }
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_server_is_refused_with_the_reason() {
        for (version, name) in [(130_021, "13.21 (Debian 13.21-0+deb11u1)"), (90_624, "9.6.24"), (0, "?")] {
            let error = supported(version, name).unwrap_err();
            let said = error.to_string();
            assert!(matches!(error, DatabaseError::Unsupported(_)) && said.contains(name), "{said}");
            assert!(said.contains("14 or later is needed") && said.contains("hash of whole rows"), "{said}");
        }
        for version in [140_000, 150_018, 180_001] {
            assert_eq!(supported(version, "14 or later").map_err(|error| error.to_string()), Ok(()));
        }
    }
}
