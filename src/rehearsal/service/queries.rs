//! The only way from a request to the database: every statement that is executed goes through here and is counted, for
//! the request and for the service. Beginning and committing a transaction are statements too; the settings of a new
//! connection belong to no request and are not counted.

use super::journal::Journal;
use super::metrics::{Begun, Metrics};
use serde_json::{Map, Value};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Column, Row, Sqlite, SqlitePool, TypeInfo, ValueRef};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const SLOW: Duration = Duration::from_millis(100);

/// How many statements one request has taken so far.
#[derive(Debug, Clone, Default)]
pub(super) struct QueryCount(Arc<AtomicU64>);

impl QueryCount {
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A value bound to a statement's parameter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bound {
    Integer(Option<i64>),
    Text(Option<String>),
}

impl From<i64> for Bound {
    fn from(number: i64) -> Self {
        Self::Integer(Some(number))
    }
}

/// A row as the service hands it on: columns by name.
pub(super) type Record = Map<String, Value>;

pub(super) struct Queries {
    connection: PoolConnection<Sqlite>,
    count: QueryCount,
    metrics: Arc<Metrics>,
    journal: Arc<Journal>,
}

impl Queries {
    pub(super) async fn begin(
        pool: &SqlitePool,
        count: QueryCount,
        metrics: Arc<Metrics>,
        journal: Arc<Journal>,
    ) -> Result<Self, sqlx::Error> {
        Ok(Self { connection: pool.acquire().await?, count, metrics, journal })
    }

    /// All rows of a query.
    pub(super) async fn rows(&mut self, sql: &'static str, values: &[Bound]) -> Result<Vec<Record>, sqlx::Error> {
        let begun = self.sent();
        let rows = sqlx::query_with(sql, arguments(values)?).fetch_all(&mut *self.connection).await;
        self.answered(sql, &begun);
        rows?.iter().map(record).collect()
    }

    /// The one row of a query, if there is one.
    pub(super) async fn row(&mut self, sql: &'static str, values: &[Bound]) -> Result<Option<Record>, sqlx::Error> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Executes a statement; returns the id of the row it inserted last.
    pub(super) async fn execute(&mut self, sql: &'static str, values: &[Bound]) -> Result<i64, sqlx::Error> {
        let begun = self.sent();
        let done = sqlx::query_with(sql, arguments(values)?).execute(&mut *self.connection).await;
        self.answered(sql, &begun);
        Ok(done?.last_insert_rowid())
    }

    fn sent(&self) -> Begun {
        self.count.0.fetch_add(1, Ordering::Relaxed);
        self.metrics.query();
        self.metrics.begin()
    }

    fn answered(&self, sql: &str, begun: &Begun) {
        let took = begun.took();
        if took > SLOW {
            self.metrics.slow_query();
            let words = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            self.journal.warning(format_args!("slow query, {} ms: {words}", took.as_millis()));
        }
    }
}

fn arguments(values: &[Bound]) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Bound::Integer(number) => arguments.add(*number),
            Bound::Text(text) => arguments.add(text.clone()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// Values by what they are, not by what the column was declared as; JSON columns are handed on as JSON.
fn record(row: &SqliteRow) -> Result<Record, sqlx::Error> {
    let mut record = Record::new();
    for (index, column) in row.columns().iter().enumerate() {
        let raw = row.try_get_raw(index)?;
        let value = if raw.is_null() {
            Value::Null
        } else {
            match raw.type_info().name() {
                "INTEGER" | "BOOLEAN" => row.try_get_unchecked::<i64, _>(index)?.into(),
                "REAL" => row.try_get_unchecked::<f64, _>(index)?.into(),
                _ => text(column.name(), row.try_get_unchecked::<String, _>(index)?),
            }
        };
        record.insert(column.name().to_owned(), value);
    }
    Ok(record)
}

fn text(column: &str, text: String) -> Value {
    if matches!(column, "measurements" | "defects") {
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    } else {
        Value::String(text)
    }
}
