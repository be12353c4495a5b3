//! `postgres`: what a PostgreSQL server knows of itself, by name. None of these questions takes a lock that a migration
//! could wait for, or reads a table of the application.

use super::query::QueryFailure;
use super::{Missing, Query, Take, Taking};
use crate::checklist::check;
use crate::checklist::pane::PostgresNumber;
use std::sync::Arc;
use tokio::time::Instant;

pub(super) struct Builtin {
    database: Arc<dyn Query>,
    number: PostgresNumber,
    query: check::Query,
    before: Option<(Instant, [f64; 2])>,
}

/// What is made of what the server shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    /// It is the number.
    Now,
    /// A counter: its increase a second.
    Rate,
    /// Two counters: what the first grew by in percent of both.
    Share,
    /// Two counters: what the first grew by for one of the second.
    Mean,
}

impl Builtin {
    pub(super) fn new(database: Arc<dyn Query>, number: PostgresNumber, table: Option<&str>) -> Self {
        let literal = format!("'{}'", table.unwrap_or_default().replace('\'', "''"));
        let text = question(number).replace("$TABLE", &literal);
        let query = check::Query::Each { sqlite: None, postgres: Some(text) };
        Self { database, number, query, before: None }
    }

    async fn read(&mut self) -> Result<f64, Missing> {
        let row = self.database.row(&self.query).await.map_err(named)?;
        let at = Instant::now();
        let first = row.first().copied().flatten();
        let first = first.ok_or_else(|| Missing::Unusable(absent(self.number).to_owned()))?;
        if made(self.number) == Made::Now {
            return Ok(first);
        }
        let now = [first, row.get(1).copied().flatten().unwrap_or(0.0)];
        let before = self.before.replace((at, now));
        let (then, before) = before.ok_or_else(|| Missing::Unusable("waiting for a second sample".to_owned()))?;
        change(self.number, before, now, at.saturating_duration_since(then).as_secs_f64())
    }
}

fn named(failure: QueryFailure) -> Missing {
    let (QueryFailure::Unreachable(why) | QueryFailure::NoNumber(why)) = &failure;
    if why.contains("pg_stat_statements") {
        let why = "pg_stat_statements is not installed here; load it with the server and CREATE EXTENSION it";
        return Missing::Unusable(why.to_owned());
    }
    Missing::from(failure)
}

impl Take for Builtin {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(self.read())
    }
}

fn change(number: PostgresNumber, before: [f64; 2], now: [f64; 2], seconds: f64) -> Result<f64, Missing> {
    // Statistics that were reset begin at zero.
    let grown = |at: usize| if now[at] >= before[at] { now[at] - before[at] } else { now[at] };
    let (first, second) = (grown(0), grown(1));
    let nothing = || Missing::Unusable("nothing happened since the sample before".to_owned());
    match made(number) {
        Made::Now => Ok(now[0]),
        Made::Rate if seconds > 0.0 => Ok(first / seconds),
        Made::Share if first + second > 0.0 => Ok(100.0 * first / (first + second)),
        Made::Mean if second > 0.0 => Ok(first / second),
        Made::Rate | Made::Share | Made::Mean => Err(nothing()),
    }
}

fn made(number: PostgresNumber) -> Made {
    match number {
        PostgresNumber::ConnectionsUsed
        | PostgresNumber::IdleInTransaction
        | PostgresNumber::OldestTransaction
        | PostgresNumber::SlowStatements
        | PostgresNumber::ReplicationLag
        | PostgresNumber::DeadTuples => Made::Now,
        PostgresNumber::Deadlocks
        | PostgresNumber::TemporaryBytes
        | PostgresNumber::Calls
        | PostgresNumber::WalRate => Made::Rate,
        PostgresNumber::CacheHitRatio => Made::Share,
        PostgresNumber::MeanTime => Made::Mean,
    }
}

/// Sessions of others are hidden from a role without `pg_read_all_stats`: then nothing is reported rather than too little.
fn question(number: PostgresNumber) -> &'static str {
    match number {
        PostgresNumber::ConnectionsUsed => {
            "SELECT 100.0 * (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') / \
             (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int \
             - coalesce(current_setting('reserved_connections', true), '0')::int)"
        }
        PostgresNumber::IdleInTransaction => {
            "SELECT CASE WHEN count(*) FILTER (WHERE state IS NULL) = 0 \
             THEN count(*) FILTER (WHERE state LIKE 'idle in transaction%') END \
             FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = current_database()"
        }
        PostgresNumber::OldestTransaction => {
            "SELECT CASE WHEN count(*) FILTER (WHERE state IS NULL) = 0 \
             THEN coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)) \
             FILTER (WHERE pid <> pg_backend_pid()), 0) END FROM pg_stat_activity WHERE backend_type = 'client backend'"
        }
        PostgresNumber::CacheHitRatio => {
            "SELECT blks_hit, blks_read FROM pg_stat_database WHERE datname = current_database()"
        }
        PostgresNumber::Deadlocks => "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
        PostgresNumber::TemporaryBytes => "SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()",
        PostgresNumber::Calls => {
            "SELECT sum(calls) FROM pg_stat_statements WHERE dbid = \
             (SELECT oid FROM pg_database WHERE datname = current_database())"
        }
        PostgresNumber::MeanTime => {
            "SELECT sum(total_exec_time), sum(calls) FROM pg_stat_statements WHERE dbid = \
             (SELECT oid FROM pg_database WHERE datname = current_database())"
        }
        PostgresNumber::SlowStatements => {
            "SELECT count(*) FROM pg_stat_statements WHERE mean_exec_time > 100 AND dbid = \
             (SELECT oid FROM pg_database WHERE datname = current_database())"
        }
        PostgresNumber::ReplicationLag => {
            "SELECT CASE WHEN pg_is_in_recovery() \
             THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) \
             ELSE (SELECT extract(epoch FROM max(coalesce(replay_lag, '0'))) FROM pg_stat_replication) END"
        }
        PostgresNumber::WalRate => {
            "SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() \
             ELSE pg_current_wal_lsn() END, '0/0')"
        }
        PostgresNumber::DeadTuples => "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = to_regclass($TABLE)",
    }
}

/// Why the server gives no number.
fn absent(number: PostgresNumber) -> &'static str {
    match number {
        PostgresNumber::IdleInTransaction | PostgresNumber::OldestTransaction => {
            "sessions of other roles are hidden from this one; GRANT pg_read_all_stats to it"
        }
        PostgresNumber::ReplicationLag => "no replica is connected",
        PostgresNumber::DeadTuples => "the table is not there",
        PostgresNumber::ConnectionsUsed
        | PostgresNumber::CacheHitRatio
        | PostgresNumber::Deadlocks
        | PostgresNumber::TemporaryBytes
        | PostgresNumber::Calls
        | PostgresNumber::MeanTime
        | PostgresNumber::SlowStatements
        | PostgresNumber::WalRate => "the server gave no number",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_reported_as_what_happened_since_the_sample_before() {
        let reported = |number, before, now| change(number, before, now, 5.0).ok();
        assert_eq!(reported(PostgresNumber::Deadlocks, [3.0, 0.0], [13.0, 0.0]), Some(2.0));
        assert_eq!(reported(PostgresNumber::WalRate, [100.0, 0.0], [50.0, 0.0]), Some(10.0), "reset");
        assert_eq!(reported(PostgresNumber::CacheHitRatio, [90.0, 10.0], [180.0, 20.0]), Some(90.0));
        assert_eq!(reported(PostgresNumber::CacheHitRatio, [90.0, 10.0], [90.0, 10.0]), None, "nothing was read");
        assert_eq!(reported(PostgresNumber::MeanTime, [10.0, 1.0], [40.0, 7.0]), Some(5.0));
    }
}
