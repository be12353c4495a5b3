//! Moments on a database server: a migration with its locks, and a lock that somebody else holds.

use super::scenes::{keys, running};
use gonogo::cockpit::{Key, Model, Msg, update};
use gonogo::deployment::live::{Basis, Blocker, Hold, Live, Load, LockStanding, Session, Statement, TableLock, Waiter};
use gonogo::deployment::progress::Progress;

fn session(pid: i64, application: &str, state: &str) -> Session {
    Session {
        pid,
        started: "2026-11-22 13:59:01+00".into(),
        application: application.into(),
        user: "neurohub".into(),
        state: state.into(),
        kind: "client backend".into(),
        query: "SELECT count(*) FROM lots".into(),
    }
}

fn lock(table: &str, session: Session, standing: LockStanding, ms: f64, margin_ms: f64) -> TableLock {
    TableLock { table: table.into(), session, standing, ms, margin_ms }
}

fn waiter(pid: i64, application: &str, waited_ms: u64, blocker: Session, holds: bool) -> Waiter {
    Waiter {
        session: session(pid, application, "active"),
        wants: "AccessShareLock".into(),
        what: "process_data".into(),
        waited_ms,
        blockers: vec![Blocker { session: blocker, mode: "AccessExclusiveLock".into(), holds }],
    }
}

fn migrating(live: Live) -> Model {
    let mut model = running();
    let attempt = model.state.running().next().unwrap().number;
    let progress = Progress {
        stage: "0001 → 0002 add wip link, constraints and time zones".into(),
        step: Some((1, 2)),
        unit: "rows".into(),
        elapsed_ms: 12_000,
        stage_began_ms: 1_400,
        live: Some(Box::new(live)),
        ..Progress::default()
    };
    update(&mut model, Msg::Progress(attempt, Box::new(progress)));
    model.settle();
    model
}

fn load() -> Load {
    Load { connections: 24, active: 5, idle_in_transaction: 1, size: 45_234_176, grown: 1_204_224, wal: 96_300_000 }
}

/// The migration rewrites a table, and three sessions wait behind it.
pub(crate) fn rewriting() -> Model {
    let ours = || session(4711, "gonogo-0007", "active");
    migrating(Live {
        statement: Some(Statement {
            pid: 4711,
            text: "ALTER TABLE process_data ALTER COLUMN created_at TYPE TIMESTAMP WITH TIME ZONE USING created_at AT \
                   TIME ZONE '…'"
                .into(),
            elapsed_ms: 3_250,
            phase: String::new(),
            percent: Some(34.2),
            basis: Basis::Estimate("the log written against the table and its indexes before".into()),
        }),
        locks: vec![
            lock("process_data", ours(), LockStanding::Held, 3_212.0, 25.0),
            lock("lots", ours(), LockStanding::Held, 4_950.0, 25.0),
        ],
        holds: vec![
            Hold { table: "lots".into(), ms: 4_950.0, margin_ms: 25.0 },
            Hold { table: "process_data".into(), ms: 3_212.0, margin_ms: 25.0 },
        ],
        queue: vec![
            waiter(5001, "shop floor", 2_100, ours(), true),
            waiter(5002, "shop floor", 1_400, ours(), true),
            waiter(5003, "report", 300, ours(), true),
        ],
        load: Some(load()),
        gap: None,
        limits: None,
    })
}

/// The migration waits for a report, and others wait behind the migration.
pub(crate) fn blocked() -> Model {
    let report = || session(4002, "report", "idle in transaction");
    let ours = || session(4711, "gonogo-0007", "active");
    let mut waits = waiter(4711, "gonogo-0007", 8_400, report(), true);
    waits.wants = "AccessExclusiveLock".into();
    migrating(Live {
        statement: Some(Statement {
            pid: 4711,
            text: "ALTER TABLE process_data ADD COLUMN wip_id INTEGER".into(),
            elapsed_ms: 8_410,
            phase: "waits for a lock".into(),
            percent: None,
            basis: Basis::None,
        }),
        locks: vec![lock("process_data", ours(), LockStanding::Wanted, 8_400.0, 0.0)],
        queue: vec![waits, waiter(5001, "shop floor", 6_100, ours(), false), waiter(5002, "", 2_000, ours(), false)],
        load: Some(load()),
        ..Live::default()
    })
}

/// No migration runs, and somebody holds a table.
pub(crate) fn foreign_lock(mut model: Model) -> Model {
    let job = || session(6001, "night job", "idle in transaction");
    let live = Live {
        locks: vec![lock("process_data", job(), LockStanding::Held, 42_000.0, 500.0)],
        queue: vec![waiter(5001, "shop floor", 41_000, job(), true)],
        ..Live::default()
    };
    let environment = model.environment_in_hand().unwrap().clone();
    update(&mut model, Msg::Server { environment, live: Box::new(live) });
    model.settle();
    model
}

/// The server went away.
pub(crate) fn gone(mut model: Model) -> Model {
    let live = Live { gap: Some("no server answers at db-1:5432".into()), ..Live::default() };
    let environment = model.environment_in_hand().unwrap().clone();
    update(&mut model, Msg::Server { environment, live: Box::new(live) });
    model.settle();
    model
}

pub(crate) fn on_its_screen(model: Model) -> Model {
    keys(model, &[Key::char('2')])
}

pub(crate) fn ending_a_blocker() -> Model {
    keys(blocked(), &[Key::char('b')])
}
