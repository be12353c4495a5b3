//! The one connection of a preflight: it reads, gives up on locks at once, and has a limit for every question.

use crate::database::{Address, Database, DatabaseError, Interrupt, Purpose, Value};
use crate::migration::preflight::catalog::{Catalog, PARTS};
use crate::migration::preflight::name::literal;
use crate::migration::preflight::{Answer, Question, Reply};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// All questions together may take so many times as long as one.
const QUESTIONS: u32 = 6;
/// A server that plans does not look at the clock; after this much more nobody waits for it.
const PLANNING: Duration = Duration::from_secs(2);
/// More rows than a version table has.
const LONGEST: usize = 100_000;

/// A connection with an observer's bounds.
pub(super) struct Server {
    database: Database,
    interrupt: Interrupt,
    limit: Duration,
    /// How long questions have taken so far.
    spent: Duration,
}

impl Server {
    /// Connects; every question may take `limit`.
    pub(super) async fn connect(address: &Address, limit: Duration) -> Result<Self, DatabaseError> {
        let interrupt = Interrupt::new();
        let database = Database::open(address, Purpose::Observe, &interrupt).await?;
        Ok(Self { database, interrupt, limit, spent: Duration::ZERO })
    }

    /// Reads the catalog; no table is opened for it. Afterwards questions have the preflight's own limit.
    pub(super) async fn catalog(&mut self) -> Result<Catalog, DatabaseError> {
        let mut parts = BTreeMap::new();
        // On a database with very many tables its description takes longer than an observer may.
        self.set_limit(self.limit.max(Duration::from_secs(10))).await?;
        for (name, sql) in PARTS {
            let text = self.database.scalar(sql).await?.map(|value| value.to_string()).unwrap_or_default();
            parts.insert(name, text);
        }
        let catalog = Catalog::from_parts(&parts).map_err(|why| DatabaseError::Statement(why.to_string()))?;
        self.set_limit(self.limit).await?;
        // Times are cast as the migrator's session will cast them; the zone of this one is the driver's.
        // Rows that a policy would hide are an error then, instead of a count that is too small.
        self.database.rows("SET row_security = off", 0).await?;
        // Every sort and every hash of a question may take this much of the server's memory, whatever it is set to.
        self.database.rows("SET work_mem = '4MB'; SET hash_mem_multiplier = 1", 0).await?;
        let zone = format!("SET TimeZone = {}", literal(&catalog.server.time_zone));
        if let Err(error) = self.database.rows(&zone, 0).await
            && error.leaves_open()
        {
            return Err(error);
        }
        Ok(catalog)
    }

    async fn set_limit(&mut self, limit: Duration) -> Result<(), DatabaseError> {
        self.database.rows(&format!("SET statement_timeout = {}", limit.as_millis()), 0).await.map(drop)
    }

    /// The values of one column, as text.
    pub(super) async fn column(&mut self, sql: &str) -> Result<Vec<String>, DatabaseError> {
        let found = self.database.rows(sql, LONGEST).await?;
        Ok(found.rows.iter().filter_map(|row| row.first()).map(ToString::to_string).collect())
    }

    /// Asks one question, and what it wants to know besides when the server refuses.
    pub(super) async fn ask(&mut self, question: &Question) -> Answer {
        let started = Instant::now();
        if self.spent > self.limit * QUESTIONS {
            let why = format!(
                "the questions before it lasted {} s together, and the server is left alone now",
                self.spent.as_secs()
            );
            return Answer { reply: Reply::Broken(why), took: Duration::ZERO, counted: None };
        }
        let reply = self.reply(&question.sql).await;
        let took = started.elapsed();
        self.spent = self.spent.saturating_add(took);
        let counted = match (&reply, &question.count) {
            (Reply::Values(_), Some(sql)) => self.reply(sql).await.first(),
            _ => None,
        };
        Answer { reply, took, counted }
    }

    async fn reply(&mut self, sql: &str) -> Reply {
        let asked = self.database.rows(sql, 1);
        let Ok(answered) = tokio::time::timeout(self.limit + PLANNING, asked).await else {
            // The connection is in the middle of something; nothing more is asked over it.
            self.interrupt.set();
            self.spent = Duration::MAX;
            return Reply::TimedOut(self.limit);
        };
        match answered {
            Ok(found) => {
                let number = |value: &Value| match value {
                    Value::Integer(number) => Some(*number),
                    _ => None,
                };
                Reply::Row(found.rows.first().map(|row| row.iter().map(number).collect()).unwrap_or_default())
            }
            Err(DatabaseError::Values(message) | DatabaseError::Constraint(message)) => Reply::Values(message),
            Err(DatabaseError::Locked { .. }) => Reply::Locked,
            Err(DatabaseError::Ended(why)) if why.contains("statement timeout") => Reply::TimedOut(self.limit),
            Err(other) => Reply::Broken(other.to_string()),
        }
    }

    pub(super) async fn close(self) {
        self.database.close().await;
    }
}
