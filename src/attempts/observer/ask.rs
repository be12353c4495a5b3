//! The questions put to the server. None of them takes a lock that a migration could hold: they read `pg_locks`,
//! `pg_stat_*` and plain catalog rows, never sizes or definitions of single tables while something runs.

use super::own::Own;
use crate::database::{Database, DatabaseError, Purpose, Value};
use crate::deployment::live::{Blocker, Session, Waiter};
use crate::migration::live::statement::shown;
use crate::migration::live::{Activity, Before, Counter, Exclusive, Extent, View};
use std::collections::BTreeMap;
use std::path::Path;

/// More lines than this help nobody.
const MOST: usize = 500;

/// A table's name as people write it.
const NAME: &str = "CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END";
const HERE: &str = "(SELECT oid FROM pg_database WHERE datname = current_database())";

/// The columns of a session, of the alias given.
fn session(alias: &str) -> String {
    format!(
        "coalesce({alias}.pid, 0)::int8, coalesce({alias}.backend_start::text, ''), \
         coalesce({alias}.application_name, ''), coalesce({alias}.usename::text, ''), coalesce({alias}.state, ''), \
         coalesce({alias}.backend_type, ''), left(coalesce({alias}.query, ''), 1000)"
    )
}

const SESSION: usize = 7;

/// One connection that only watches.
#[derive(Debug)]
pub struct Server(Database);

impl Server {
    pub async fn connect(url: &str) -> Result<Self, DatabaseError> {
        Database::connect(url, Path::new("."), Purpose::Observe).await.map(Self)
    }

    pub async fn close(self) {
        self.0.close().await;
    }

    async fn rows(&mut self, sql: &str) -> Result<Vec<Row>, DatabaseError> {
        Ok(self.0.rows(sql, MOST).await?.rows.into_iter().map(Row).collect())
    }

    /// Sizes before anything runs. The server locks a table to measure it, so that the size of one that somebody holds or
    /// waits for is the last statistics' estimate: this question waits for nobody.
    pub async fn before(&mut self) -> Result<Before, DatabaseError> {
        let tables = |size: &str| {
            format!(
                "SELECT {NAME}, ({size})::int8, greatest(c.reltuples, 0)::int8, \
                 (SELECT count(*) FROM pg_index i WHERE i.indrelid = c.oid) \
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
            )
        };
        let pages = "8192 * (c.relpages + coalesce((SELECT sum(x.relpages) FROM pg_index i \
                     JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid), 0))";
        let free = format!(
            "CASE WHEN EXISTS (SELECT FROM pg_locks l WHERE l.database = {HERE} AND l.mode = 'AccessExclusiveLock' AND \
             (l.relation = c.oid OR l.relation IN (SELECT i.indexrelid FROM pg_index i WHERE i.indrelid = c.oid))) \
             THEN {pages} ELSE pg_total_relation_size(c.oid) END"
        );
        let tables = match self.rows(&tables(&free)).await {
            Ok(rows) => rows,
            // Locked between the two looks.
            Err(DatabaseError::Locked { .. } | DatabaseError::Ended(_)) => self.rows(&tables(pages)).await?,
            Err(other) => return Err(other),
        };
        let extent = |row: &Row| Extent {
            bytes: row.count(1),
            rows: row.count(2),
            indexes: u32::try_from(row.count(3)).unwrap_or(u32::MAX),
        };
        let tables: BTreeMap<String, Extent> = tables.iter().map(|row| (row.text(0), extent(row))).collect();
        let wal = self.rows(&format!("SELECT {WAL}, pg_database_size(current_database())")).await?;
        let [wal, size] = wal.first().map_or([0, 0], |row| [row.count(0), row.count(1)]);
        Ok(Before { size, wal, tables })
    }

    /// What the role cannot see, and what it sees all the same.
    pub async fn limits(&mut self) -> Result<Option<String>, DatabaseError> {
        let asked = "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')::int, current_user::text";
        let found = self.rows(asked).await?;
        Ok(found.first().filter(|row| row.count(0) == 0).map(|row| {
            format!(
                "{0} is no member of pg_monitor: what other roles' sessions run stays hidden, their locks and the \
                 database's size are seen; GRANT pg_monitor TO {0} shows all",
                row.text(1)
            )
        }))
    }

    /// Who holds or wants `AccessExclusiveLock` on a table that others can see.
    pub async fn exclusive(&mut self) -> Result<Vec<Exclusive>, DatabaseError> {
        let sql = format!(
            "SELECT {}, {NAME}, l.granted::int, coalesce(a.xact_start::text, ''), \
             (extract(epoch FROM clock_timestamp() - l.waitstart) * 1000)::float8 \
             FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_class c ON c.oid = l.relation \
             JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.database = {HERE} \
             AND c.relkind IN ('r', 'p', 'm') AND n.nspname NOT LIKE 'pg\\_%'",
            session("a")
        );
        let exclusive = |row: &Row| Exclusive {
            session: row.session(0),
            table: row.text(SESSION),
            granted: row.count(SESSION + 1) == 1,
            transaction: row.text(SESSION + 2),
            waited_ms: row.number(SESSION + 3),
        };
        Ok(self.rows(&sql).await?.iter().map(exclusive).collect())
    }

    /// Who is waiting for a lock in this database, and for whom.
    pub async fn waiters(&mut self) -> Result<Vec<Waiter>, DatabaseError> {
        let sql = format!(
            "SELECT {}, l.mode, coalesce((SELECT {NAME} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.oid = l.relation), CASE l.locktype WHEN 'transactionid' THEN 'a row' WHEN 'virtualxid' THEN \
             'a transaction' ELSE l.locktype END), \
             coalesce((extract(epoch FROM clock_timestamp() - l.waitstart) * 1000)::int8, 0), {}, coalesce(h.mode, ''), \
             coalesce(h.granted, false)::int \
             FROM pg_locks l JOIN pg_stat_activity w ON w.pid = l.pid \
             CROSS JOIN LATERAL unnest(pg_blocking_pids(l.pid)) bp(pid) \
             LEFT JOIN pg_stat_activity b ON b.pid = bp.pid \
             LEFT JOIN LATERAL (SELECT x.mode, x.granted FROM pg_locks x WHERE x.pid = bp.pid \
             AND x.locktype = l.locktype AND x.relation IS NOT DISTINCT FROM l.relation \
             AND x.transactionid IS NOT DISTINCT FROM l.transactionid \
             AND x.virtualxid IS NOT DISTINCT FROM l.virtualxid ORDER BY x.granted DESC LIMIT 1) h ON true \
             WHERE NOT l.granted AND w.datname = current_database() ORDER BY l.waitstart",
            session("w"),
            session("b")
        );
        let mut waiters: Vec<Waiter> = Vec::new();
        for row in self.rows(&sql).await? {
            let waiter = row.session(0);
            let blocker = Blocker {
                session: row.session(SESSION + 3),
                mode: row.text(2 * SESSION + 3),
                holds: row.count(2 * SESSION + 4) == 1,
            };
            match waiters.iter_mut().find(|known| known.session.pid == waiter.pid) {
                Some(known) => known.blockers.push(blocker),
                None => waiters.push(Waiter {
                    session: waiter,
                    wants: row.text(SESSION),
                    what: row.text(SESSION + 1),
                    waited_ms: row.count(SESSION + 2),
                    blockers: vec![blocker],
                }),
            }
        }
        Ok(waiters)
    }

    /// Everything else, of the migration that is known by `own`.
    pub async fn view(&mut self, own: &Own, size: bool) -> Result<View, DatabaseError> {
        let ours = own.condition();
        let asked = format!(
            "SELECT {}, coalesce(a.query_start::text, ''), \
             coalesce((extract(epoch FROM clock_timestamp() - a.query_start) * 1000)::int8, 0), \
             (coalesce(a.wait_event_type, '') = 'Lock')::int, left(coalesce(a.query, ''), 4000) \
             FROM pg_stat_activity a WHERE {ours} AND a.datname = current_database()",
            session("a")
        );
        let activity = |row: &Row| Activity {
            session: row.session(0),
            began: row.text(SESSION),
            elapsed_ms: row.count(SESSION + 1),
            waits: row.count(SESSION + 2) == 1,
            statement: row.text(SESSION + 3),
        };
        let mut sessions: Vec<Activity> = self.rows(&asked).await?.iter().map(activity).collect();
        for activity in &mut sessions {
            own.name(&mut activity.session);
        }
        let counters = self.rows(COUNTERS).await?.iter().map(Row::counter).collect();
        let rebuilding = format!(
            "SELECT {NAME}, count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
             JOIN pg_index i ON i.indexrelid = l.relation JOIN pg_class c ON c.oid = i.indrelid \
             JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted AND l.database = {HERE} \
             AND {ours} GROUP BY 1"
        );
        let rebuilding = self.rows(&rebuilding).await?;
        let rebuilding =
            rebuilding.iter().map(|row| (row.text(0), u32::try_from(row.count(1)).unwrap_or(u32::MAX))).collect();
        let size_sql = if size { "pg_database_size(current_database())" } else { "-1" };
        let load = format!(
            "SELECT count(*), count(*) FILTER (WHERE state = 'active'), \
             count(*) FILTER (WHERE state LIKE 'idle in transaction%'), {WAL}, {size_sql} FROM pg_stat_activity \
             WHERE datname = current_database() AND coalesce(backend_type, 'client backend') = 'client backend' \
             AND application_name NOT LIKE 'gonogo observer%'"
        );
        let load = self.rows(&load).await?;
        let mut waiters = self.waiters().await?;
        for waiter in &mut waiters {
            own.name(&mut waiter.session);
            for blocker in &mut waiter.blockers {
                own.name(&mut blocker.session);
            }
        }
        let mut view = View { sessions, counters, waiters, rebuilding, ..View::default() };
        if let Some(row) = load.first() {
            let small = |at| u32::try_from(row.count(at)).unwrap_or(u32::MAX);
            view.connections = (small(0), small(1), small(2));
            view.wal = row.count(3);
            view.size = size.then(|| row.count(4));
        }
        Ok(view)
    }

    /// Cancels the statement of a session, if it still is the one that was meant; whether it was there.
    pub async fn cancel(&mut self, session: &Session) -> Result<bool, DatabaseError> {
        let sql = format!(
            "SELECT pg_cancel_backend(a.pid)::int FROM pg_stat_activity a WHERE a.pid = {} AND a.backend_start::text = {}",
            session.pid,
            literal(&session.started)
        );
        Ok(self.rows(&sql).await?.first().is_some_and(|row| row.count(0) == 1))
    }

    /// A query of the aftermath, as text.
    pub(in crate::attempts) async fn texts(&mut self, sql: &str) -> Result<Vec<Vec<String>>, DatabaseError> {
        let texts = |row: Row| row.0.iter().map(ToString::to_string).collect();
        Ok(self.rows(sql).await?.into_iter().map(texts).collect())
    }
}

/// Bytes of the log so far; a standby only shows what it received.
const WAL: &str = "pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() \
                   ELSE pg_current_wal_insert_lsn() END, '0/0')::int8";

/// One line a command that the server counts; the columns are those of [`Row::counter`].
const COUNTERS: &str = "WITH p AS ( \
    SELECT pid, relid, command, phase, blocks_done, blocks_total, tuples_done, tuples_total, lockers_done, lockers_total, \
    0::int8 AS rebuilt FROM pg_stat_progress_create_index WHERE datname = current_database() \
    UNION ALL SELECT pid, relid, command, phase, heap_blks_scanned, heap_blks_total, heap_tuples_written, 0, 0, 0, \
    index_rebuild_count FROM pg_stat_progress_cluster WHERE datname = current_database() \
    UNION ALL SELECT pid, relid, 'VACUUM', phase, heap_blks_scanned, heap_blks_total, 0, 0, 0, 0, 0 \
    FROM pg_stat_progress_vacuum WHERE datname = current_database() \
    UNION ALL SELECT pid, relid, command, 'copying', bytes_processed, bytes_total, tuples_processed, 0, 0, 0, 0 \
    FROM pg_stat_progress_copy WHERE datname = current_database()) \
    SELECT p.pid, coalesce(p.command, ''), coalesce(CASE WHEN n.nspname = 'public' THEN c.relname \
    ELSE n.nspname || '.' || c.relname END, ''), coalesce(p.phase, ''), p.blocks_done, p.blocks_total, p.tuples_done, \
    p.tuples_total, p.lockers_done, p.lockers_total, p.rebuilt \
    FROM p LEFT JOIN pg_class c ON c.oid = p.relid LEFT JOIN pg_namespace n ON n.oid = c.relnamespace";

/// A text as a literal.
pub(in crate::attempts) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\\', ""))
}

/// One line of an answer. What is missing or of another kind is nothing.
struct Row(Vec<Value>);

impl Row {
    fn text(&self, at: usize) -> String {
        match self.0.get(at) {
            None | Some(Value::Null) => String::new(),
            Some(value) => value.to_string(),
        }
    }

    fn number(&self, at: usize) -> Option<f64> {
        self.0.get(at)?.number()
    }

    fn count(&self, at: usize) -> u64 {
        match self.0.get(at) {
            Some(Value::Integer(number)) => u64::try_from(*number).unwrap_or_default(),
            Some(other) => other.to_string().parse().unwrap_or_default(),
            None => 0,
        }
    }

    fn session(&self, from: usize) -> Session {
        Session {
            pid: i64::try_from(self.count(from)).unwrap_or_default(),
            started: self.text(from + 1),
            application: self.text(from + 2),
            user: self.text(from + 3),
            state: self.text(from + 4),
            kind: self.text(from + 5),
            query: shown(&self.text(from + 6)),
        }
    }

    fn counter(&self) -> Counter {
        Counter {
            pid: i64::try_from(self.count(0)).unwrap_or_default(),
            command: self.text(1),
            table: self.text(2),
            phase: self.text(3),
            blocks: (self.count(4), self.count(5)),
            tuples: (self.count(6), self.count(7)),
            lockers: (self.count(8), self.count(9)),
            rebuilt: self.count(10),
        }
    }
}
