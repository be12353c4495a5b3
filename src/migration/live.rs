//! What a PostgreSQL server's answers mean while a migration runs. Pure: whoever asks the server hands in what it said
//! and when, and takes the account out.
//!
//! ```text
//! look (20 to 50 a second: who holds AccessExclusiveLock) ──> holds ──┐
//! view (twice a second: statement, counters, waiters, load) ──> share ├──> Live, measurements
//! gap  (no answer) ───────────────────────────────────────────────────┘
//! ```

pub(crate) mod holds;
pub(crate) mod share;
pub(crate) mod statement;

use crate::deployment::live::{Hold, Live, Load, LockStanding, Session, Statement, TableLock, Waiter};
use crate::deployment::measurement::Measurement;
use holds::Holds;
use share::Shares;
use std::collections::BTreeMap;

/// One `AccessExclusiveLock` on a table that is there for others too, held or wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Exclusive {
    pub table: String,
    pub session: Session,
    /// When its transaction began, as the server writes it.
    pub transaction: String,
    pub granted: bool,
    /// Of one not granted, as the server shows it.
    pub waited_ms: Option<f64>,
}

/// A session of the migration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Activity {
    pub session: Session,
    pub statement: String,
    /// When its statement began, as the server writes it.
    pub began: String,
    pub elapsed_ms: u64,
    /// Whether it waits for a lock.
    pub waits: bool,
}

/// One line of the server's progress views.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counter {
    pub pid: i64,
    /// `CREATE INDEX CONCURRENTLY`, `VACUUM FULL`, `COPY FROM` …
    pub command: String,
    pub table: String,
    pub phase: String,
    pub blocks: (u64, u64),
    pub tuples: (u64, u64),
    pub lockers: (u64, u64),
    /// Indexes rebuilt so far.
    pub rebuilt: u64,
}

/// What a table took before the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Rows and indexes, in bytes.
    pub bytes: u64,
    pub rows: u64,
    pub indexes: u32,
}

/// The server before the run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Before {
    /// Bytes of the database.
    pub size: u64,
    /// Place in the write-ahead log, in bytes.
    pub wal: u64,
    pub tables: BTreeMap<String, Extent>,
}

/// One answer to all the slower questions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    pub sessions: Vec<Activity>,
    pub counters: Vec<Counter>,
    pub waiters: Vec<Waiter>,
    /// Indexes that the migration's sessions hold exclusively, by their tables: those a rewrite has come to.
    pub rebuilding: BTreeMap<String, u32>,
    pub connections: (u32, u32, u32),
    /// Absent where it was not asked for this time.
    pub size: Option<u64>,
    pub wal: u64,
}

/// Follows one run. Times are milliseconds on a clock of the caller's that never goes back.
#[derive(Debug)]
pub(crate) struct Watch {
    tag: String,
    before: Before,
    holds: Holds,
    shares: Shares,
    locks: Vec<TableLock>,
    statement: Option<Statement>,
    queue: Vec<Waiter>,
    load: Option<Load>,
    gap: Option<String>,
    limits: Option<String>,
    seen: bool,
    looks: u64,
}

impl Watch {
    /// `tag` is the application name of the migration's sessions.
    #[must_use]
    pub(crate) fn new(tag: String, before: Before) -> Self {
        Self {
            holds: Holds::new(tag.clone()),
            tag,
            before,
            shares: Shares::default(),
            locks: Vec::new(),
            statement: None,
            queue: Vec::new(),
            load: None,
            gap: None,
            limits: None,
            seen: false,
            looks: 0,
        }
    }

    /// What the role cannot see.
    pub(crate) fn limit(&mut self, limits: Option<String>) {
        self.limits = limits;
    }

    /// Takes in who holds or wants tables exclusively at `at`.
    pub(crate) fn look(&mut self, at: f64, found: &[Exclusive]) {
        self.gap = None;
        self.looks += 1;
        self.seen = self.seen || found.iter().any(|lock| lock.session.application == self.tag);
        self.holds.look(at, found);
        let lock = |lock: &Exclusive| {
            let (ms, margin_ms) =
                if lock.granted { self.holds.so_far(lock, at) } else { (lock.waited_ms.unwrap_or_default(), 0.0) };
            let standing = if lock.granted { LockStanding::Held } else { LockStanding::Wanted };
            TableLock { table: lock.table.clone(), session: lock.session.clone(), standing, ms, margin_ms }
        };
        self.locks = found.iter().map(lock).collect();
        self.locks.sort_by(|a, b| b.ms.total_cmp(&a.ms));
    }

    /// Takes in the answers to the slower questions.
    pub(crate) fn view(&mut self, view: View) {
        self.gap = None;
        self.seen = self.seen || !view.sessions.is_empty();
        let wal = view.wal.saturating_sub(self.before.wal);
        let at_work = view.sessions.iter().filter(|activity| activity.session.state != "idle");
        let in_hand = at_work.max_by_key(|activity| (activity.session.is_at_work(), activity.elapsed_ms));
        self.statement = in_hand.map(|activity| self.shares.statement(activity, &view, &self.before, wal));
        let size = view.size.or(self.load.as_ref().map(|load| load.size)).unwrap_or(self.before.size);
        let (connections, active, idle_in_transaction) = view.connections;
        let grown = i64::try_from(size).unwrap_or(i64::MAX).saturating_sub_unsigned(self.before.size);
        self.load = Some(Load { connections, active, idle_in_transaction, size, grown, wal });
        self.wait(view.waiters);
    }

    /// Takes in who is waiting, of a watch that asks for nothing else.
    pub(crate) fn wait(&mut self, waiters: Vec<Waiter>) {
        self.queue = waiters;
        self.queue.sort_by_key(|waiter| std::cmp::Reverse(waiter.waited_ms));
    }

    /// The server did not answer. What was held then is not known to be held on.
    pub(crate) fn gap(&mut self, why: String) {
        self.locks.clear();
        self.queue.clear();
        self.gap = Some(why);
    }

    pub(crate) fn live(&self) -> Live {
        Live {
            statement: self.statement.clone(),
            locks: self.locks.clone(),
            holds: self.holds.longest(),
            queue: self.queue.clone(),
            load: self.load.clone(),
            gap: self.gap.clone(),
            limits: self.limits.clone(),
        }
    }

    /// Whether a session of the migration was ever seen: one that does not take its name from the surroundings never is.
    pub(crate) fn has_seen_it(&self) -> bool {
        self.seen
    }

    /// How often it was said who holds what.
    pub(crate) fn looks(&self) -> u64 {
        self.looks
    }

    /// What the run measured by its end, `at`: the lock of each table in seconds, the worst first, and bytes of the log.
    #[must_use]
    pub(crate) fn measurements(&mut self, at: f64) -> Vec<Measurement> {
        self.holds.look(at, &[]);
        let seconds = |ms: f64| (ms / 1_000.0 * 10_000.0).round() / 10_000.0;
        let lock =
            |hold: Hold| Measurement::new("lock", seconds(hold.ms), "s").of(hold.table).within(seconds(hold.margin_ms));
        let mut measured: Vec<Measurement> = self.holds.longest().into_iter().map(lock).collect();
        if measured.is_empty() && self.seen {
            // A hold shorter than the time between two looks may have been missed, so it is not nothing.
            let missed = self.holds.widest();
            measured.push(Measurement::new("lock", seconds(missed / 2.0), "s").within(seconds(missed / 2.0)));
        }
        if let Some(load) = &self.load {
            measured.push(Measurement::new("wal-written", load.wal as f64, "bytes"));
        }
        measured
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::live::Basis;

    fn session(application: &str, pid: i64) -> Session {
        Session { pid, application: application.into(), state: "active".into(), ..Session::default() }
    }

    fn held(table: &str, application: &str) -> Exclusive {
        Exclusive {
            table: table.into(),
            session: session(application, 7),
            transaction: "t1".into(),
            granted: true,
            waited_ms: None,
        }
    }

    fn activity(statement: &str, elapsed_ms: u64) -> Activity {
        Activity {
            session: session("gonogo-0001", 7),
            statement: statement.into(),
            began: "12:00".into(),
            elapsed_ms,
            waits: false,
        }
    }

    #[test]
    fn a_run_is_reported_and_measured() {
        let before = Before {
            size: 1_000,
            wal: 500,
            tables: BTreeMap::from([("lots".to_owned(), Extent { bytes: 10_000, rows: 100, indexes: 2 })]),
        };
        let mut watch = Watch::new("gonogo-0001".into(), before);
        watch.look(0.0, &[]);
        for at in 1..=10 {
            watch.look(f64::from(at) * 100.0, &[held("lots", "gonogo-0001"), held("users", "somebody")]);
        }
        let view = View {
            sessions: vec![activity("ALTER TABLE lots ALTER COLUMN created_at TYPE timestamptz", 900)],
            wal: 5_500,
            size: Some(1_400),
            connections: (12, 3, 1),
            ..View::default()
        };
        watch.view(view);
        let live = watch.live();
        assert_eq!((live.locks.len(), live.holds.len()), (2, 1));
        let load = live.load.unwrap();
        assert_eq!((load.connections, load.active, load.grown, load.wal), (12, 3, 400, 5_000));
        let statement = live.statement.unwrap();
        assert!(matches!(statement.basis, Basis::Estimate(_)) && statement.percent.unwrap() < 100.0, "{statement:?}");
        let measured = watch.measurements(1_100.0);
        assert_eq!(measured[0].to_string(), "lock 1 ± 0.1 s on lots");
        assert_eq!(measured[1].to_string(), "wal-written 5000 bytes");
    }

    #[test]
    fn nothing_seen_is_not_nothing_held() {
        let mut watch = Watch::new("gonogo-0001".into(), Before::default());
        watch.look(0.0, &[]);
        assert!(watch.measurements(50.0).is_empty());
        watch.view(View { sessions: vec![activity("SELECT 1", 1)], ..View::default() });
        watch.look(90.0, &[]);
        assert_eq!(watch.measurements(100.0)[0].to_string(), "lock ≤ 0.05 s");
    }

    #[test]
    fn a_gap_is_reported_until_the_server_answers() {
        let mut watch = Watch::new("t".into(), Before::default());
        watch.gap("the server is starting".into());
        assert_eq!(watch.live().gap.as_deref(), Some("the server is starting"));
        watch.look(1.0, &[]);
        assert_eq!(watch.live().gap, None);
    }
}
