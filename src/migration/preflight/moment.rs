//! What else goes on in the database, and what of it endangers a migration that starts now.

use super::catalog::Catalog;
use super::finding::{Finding, Severity};
use super::words::{bytes, counted, seconds};
use serde::Deserialize;

/// Seconds. A transaction that has been open for as long as a migration waits for a table will most likely outlast it.
const OLD: f64 = 12.0;
/// Seconds. A query of an application is over by then.
const YOUNG: f64 = 1.0;
/// A replication slot that is further behind than this fills the disk with what the migration writes.
const FAR_BEHIND: i64 = 1 << 30;
/// A rewrite needs its new files and the log of them.
pub(crate) const ROOM_FOR_REWRITE: f64 = 2.2;

/// What goes on at the moment of asking.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Moment {
    pub sessions: Vec<Session>,
    pub locks: Vec<Lock>,
    pub prepared: Vec<Prepared>,
    pub slots: Vec<Slot>,
    /// From the environment's host, not from the server.
    #[serde(skip)]
    pub disk: Disk,
    #[serde(skip)]
    pub client: Client,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Session {
    pub pid: i64,
    pub application: String,
    pub role: String,
    pub state: String,
    pub transaction_s: Option<f64>,
    pub wraparound: Option<bool>,
    /// Whether it is connected to this database.
    pub here: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Lock {
    pub pid: i64,
    pub schema: String,
    pub table: String,
    pub mode: String,
    pub granted: bool,
    pub application: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Prepared {
    pub gid: String,
    pub age_s: f64,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Slot {
    pub name: String,
    pub active: bool,
    /// Bytes of log kept for it.
    pub behind: i64,
}

/// Free space where the database's files are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Disk {
    /// The environment names no disk.
    #[default]
    NotAsked,
    Free(i64),
    /// It was asked and not reported, and why.
    Unknown(String),
}

/// The client programs on the environment's host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Client {
    #[default]
    NotAsked,
    /// The major version of its `pg_dump`.
    Major(u32),
    Absent,
}

/// What endangers a migration of `tables` (schema and name), the largest of whose rewrites takes `rewrite` bytes.
pub(crate) fn hazards(catalog: &Catalog, tables: &[(String, String)], rewrite: Option<(&str, i64)>) -> Vec<Finding> {
    let moment = &catalog.moment;
    let mut found = Vec::new();
    let mut say = |what: String, safer: &str| {
        found.push(Finding { safer: Some(safer.to_owned()), ..Finding::new(Severity::Hazard, what) });
    };
    for session in moment.sessions.iter().filter(|session| session.here != Some(false)) {
        let Session { pid, application, role, .. } = session;
        let who =
            if application.is_empty() { format!("session {pid} of {role}") } else { format!("{application} ({pid})") };
        if session.wraparound == Some(true) {
            say(
                format!(
                    "a vacuum against wraparound runs (session {pid}); it does not give way to a migration's locks"
                ),
                "wait until it is done; look at pg_stat_progress_vacuum",
            );
        } else if application.contains("pg_dump") {
            say(
                format!("a dump runs: {who} holds AccessShareLock on what it dumps until it ends"),
                "wait for the dump; an exclusive lock queues behind it, and everybody else behind that",
            );
        } else if let Some(age) = session.transaction_s.filter(|age| *age > OLD) {
            let state = if session.state.is_empty() { "in a transaction" } else { session.state.as_str() };
            say(
                format!("{who} has had a transaction open for {} ({state})", seconds(age)),
                "end it before the window: every exclusive lock waits for it, and every query behind that lock",
            );
        }
    }
    for session in moment.sessions.iter().filter(|session| session.here != Some(false)) {
        let Some(age) = session.transaction_s.filter(|age| (YOUNG..=OLD).contains(age)) else { continue };
        let held = moment.locks.iter().find(|lock| {
            lock.granted
                && lock.pid == session.pid
                && tables.iter().any(|table| (&lock.schema, &lock.table) == (&table.0, &table.1))
        });
        let Some(lock) = held.filter(|lock| WEAK.contains(&lock.mode.as_str())) else { continue };
        let Session { pid, application, role, .. } = session;
        let who =
            if application.is_empty() { format!("session {pid} of {role}") } else { format!("{application} ({pid})") };
        let what = format!("{who} has held {} on {} for up to {} by now", lock.mode, lock.table, seconds(age));
        let safer = "look whether it ends soon: an exclusive lock waits for it, and every query behind that lock";
        let mut finding = Finding::new(Severity::Hazard, what);
        (finding.table, finding.safer) = (Some(lock.table.clone()), Some(safer.to_owned()));
        found.push(finding);
    }
    for table in tables {
        let strong = moment.locks.iter().find(|lock| {
            lock.granted && (&lock.schema, &lock.table) == (&table.0, &table.1) && !WEAK.contains(&lock.mode.as_str())
        });
        if let Some(Lock { pid, mode, application, .. }) = strong {
            let who = if application.is_empty() { format!("session {pid}") } else { format!("{application} ({pid})") };
            let mut finding = Finding::new(Severity::Hazard, format!("{who} holds {mode} on {} now", table.1));
            finding.table = Some(table.1.clone());
            finding.safer = Some("wait until it is given back, or find out why it is held".to_owned());
            found.push(finding);
        }
    }
    found.extend(standing(catalog));
    found.extend(disk(&moment.disk, rewrite));
    found.extend(client(&moment.client, catalog.server.version / 10_000));
    found
}

/// Modes that ordinary reading and writing takes.
const WEAK: [&str; 3] = ["AccessShareLock", "RowShareLock", "RowExclusiveLock"];

/// What stands, rather than runs: prepared transactions, slots, the server's own state.
fn standing(catalog: &Catalog) -> Vec<Finding> {
    let mut found = Vec::new();
    let hazard =
        |what: String, safer: &str| Finding { safer: Some(safer.to_owned()), ..Finding::new(Severity::Hazard, what) };
    let Catalog { server, moment, .. } = catalog;
    if let Some(oldest) = moment.prepared.iter().max_by(|a, b| a.age_s.total_cmp(&b.age_s)) {
        let number = counted(moment.prepared.len(), "prepared transaction");
        found.push(hazard(
            format!("{number} stand, the oldest {} for {}; each keeps its locks", oldest.gid, seconds(oldest.age_s)),
            "COMMIT PREPARED or ROLLBACK PREPARED them first",
        ));
    }
    for slot in moment.slots.iter().filter(|slot| slot.behind > FAR_BEHIND) {
        let state = if slot.active { "active" } else { "nobody reads it" };
        found.push(hazard(
            format!("replication slot {} is {} behind ({state})", slot.name, bytes(slot.behind)),
            "let it catch up, or drop it: the log of the migration is kept for it and fills the disk",
        ));
    }
    if server.in_recovery {
        found.push(Finding {
            safer: Some("point the environment at the primary".to_owned()),
            ..Finding::new(Severity::WillFail, "the server is a standby and takes no changes".to_owned())
        });
    }
    if server.read_only {
        found.push(hazard(
            format!("database {} is set to default_transaction_read_only", server.database),
            "the first statement that writes fails, unless the migrator's role has it set otherwise",
        ));
    }
    if server.version > 0 && !server.sees_others {
        found.push(Finding::new(
            Severity::Inconclusive,
            "the role does not see what other sessions do: dumps, old transactions and vacuums may run unseen; grant it \
             pg_monitor"
                .to_owned(),
        ));
    }
    found
}

fn disk(disk: &Disk, rewrite: Option<(&str, i64)>) -> Option<Finding> {
    let (table, size) = rewrite?;
    #[expect(clippy::cast_possible_truncation, reason = "a size on disk")]
    let needed = (size as f64 * ROOM_FOR_REWRITE) as i64;
    let finding = match disk {
        Disk::Free(free) if *free < needed => Finding {
            safer: Some("make room first, or rewrite in batches".to_owned()),
            ..Finding::new(
                Severity::Hazard,
                format!(
                    "{} are free, and the rewrite of {table} ({}) needs {}: new files and the log of them, at once",
                    bytes(*free),
                    bytes(size),
                    bytes(needed)
                ),
            )
        },
        Disk::Unknown(why) => {
            Finding::new(Severity::Inconclusive, format!("free disk is not known: {why}; {} are needed", bytes(needed)))
        }
        Disk::NotAsked => Finding::new(
            Severity::Inconclusive,
            format!("the environment names no disk, so nobody looked for the {} that are needed", bytes(needed)),
        ),
        Disk::Free(_) => return None,
    };
    Some(Finding { table: Some(table.to_owned()), ..finding })
}

fn client(client: &Client, server: u32) -> Option<Finding> {
    match client {
        Client::Major(major) if *major < server => Some(Finding {
            safer: Some(format!("install the client programs of PostgreSQL {server}")),
            ..Finding::new(
                Severity::Hazard,
                format!("pg_dump is of PostgreSQL {major} and refuses a server of {server}: no backup can be taken"),
            )
        }),
        _ => None,
    }
}
