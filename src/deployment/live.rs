//! What a database server reports a migration while it runs, and of whoever holds locks. Not part of the ledger.

use super::attempt::AttemptNumber;
use super::state::State;
use serde::{Deserialize, Serialize};

/// The server as it was seen last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// The statement in hand of the migration's own session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Statement>,
    /// Tables locked against everybody, or about to be, the longest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<TableLock>,
    /// The longest exclusive hold of each table by the migration so far, the longest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    /// Who is waiting for a lock, the longest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queue: Vec<Waiter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<Load>,
    /// Why the server cannot be seen just now; what stands above is then what was seen last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
    /// What cannot be seen although the server answers, such as for lack of `pg_monitor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<String>,
}

/// One statement on the server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    pub pid: i64,
    /// On one line, shortened, its literals masked.
    pub text: String,
    pub elapsed_ms: u64,
    /// `building index: scanning table`; empty when the server does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phase: String,
    /// Percent of the statement, below 100 while it runs; absent when nobody can know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    #[serde(default)]
    pub basis: Basis,
}

/// What a percentage rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "of", rename_all = "kebab-case")]
pub enum Basis {
    /// Nothing that could be counted.
    #[default]
    None,
    /// The server's own counters.
    Counted,
    /// An estimate, from what is named here.
    Estimate(String),
}

/// One session on the server, named so that another that takes its process number later is never meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub pid: i64,
    /// When its server process began, as the server writes it.
    pub started: String,
    pub application: String,
    pub user: String,
    /// `active`, `idle in transaction` …
    pub state: String,
    /// `client backend`, `walsender`, `autovacuum worker` …
    pub kind: String,
    /// What it is at or was at last, masked and shortened.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
}

/// Begins the names of the program's own sessions.
pub const OWN: &str = "gonogo";

impl Session {
    /// Whether it is a session of this program: an observer, a check, a migration it runs.
    pub fn is_own(&self) -> bool {
        self.application == OWN || self.application.strip_prefix(OWN).is_some_and(|rest| rest.starts_with([' ', '-']))
    }

    /// Why nobody should end this session from here, if so.
    pub fn untouchable(&self) -> Option<String> {
        if self.is_own() {
            return Some(format!("{} is a session of gonogo itself; cancel its attempt instead", self.name()));
        }
        (self.kind != "client backend").then(|| format!("{} is a {} and none of a client", self.name(), self.kind))
    }

    /// Whether it is at a statement that can be cancelled; one that only holds its transaction open has to be ended.
    pub fn is_at_work(&self) -> bool {
        self.state == "active"
    }

    /// `report (pid 4711)`.
    pub fn name(&self) -> String {
        let name = [&self.application, &self.user].into_iter().find(|name| !name.is_empty());
        format!("{} (pid {})", name.map_or("a session", String::as_str), self.pid)
    }
}

/// A table locked with `AccessExclusiveLock`, or by somebody who is waiting for that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableLock {
    pub table: String,
    pub session: Session,
    pub standing: LockStanding,
    /// For how long it is held or waited for, as far as anybody saw, in milliseconds.
    pub ms: f64,
    /// How far that may be off.
    pub margin_ms: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockStanding {
    Held,
    /// Not granted yet; everybody who comes later waits behind it all the same.
    Wanted,
}

/// How long a table was held at the longest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    pub table: String,
    pub ms: f64,
    pub margin_ms: f64,
}

/// Who is waiting for a lock, and for whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiter {
    pub session: Session,
    /// `AccessShareLock`.
    pub wants: String,
    /// The table, or what else is waited for.
    pub what: String,
    pub waited_ms: u64,
    pub blockers: Vec<Blocker>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    pub session: Session,
    pub mode: String,
    /// False when it only stands before the waiter in the queue.
    pub holds: bool,
}

impl Waiter {
    /// Whether it is one of ours that has waited longer than `limit` milliseconds for a table. What waits for old
    /// transactions, as CONCURRENTLY does, keeps nobody else waiting.
    pub fn is_too_late(&self, limit: u64) -> bool {
        let table = !matches!(self.what.as_str(), "a transaction" | "a row") && self.wants.ends_with("Lock");
        self.session.is_own() && table && self.waited_ms > limit
    }

    /// `lots for 12.3 s, held by report (pid 4711, idle in transaction)`.
    pub fn account(&self) -> String {
        let held = |blocker: &Blocker| format!("{}, {}", blocker.session.name(), blocker.session.state);
        let holders: Vec<String> = self.blockers.iter().filter(|blocker| blocker.holds).map(held).collect();
        let holders = if holders.is_empty() { "nobody who was seen".to_owned() } else { holders.join("; ") };
        format!("{} for {:.1} s, held by {holders}", self.what, self.waited_ms as f64 / 1_000.0)
    }

    /// Whether this is a session of the migration itself, which waits for others.
    pub fn is_migration(&self, tag: &str) -> bool {
        self.session.application == tag
    }
}

/// How busy the server is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Load {
    pub connections: u32,
    pub active: u32,
    pub idle_in_transaction: u32,
    /// Of the database, in bytes, and by how much that is more than at the start.
    pub size: u64,
    pub grown: i64,
    /// Written since the start by the whole server, in bytes.
    pub wal: u64,
}

impl Live {
    /// Those who wait behind the migration, itself not counted.
    pub fn behind<'a>(&'a self, tag: &'a str) -> impl Iterator<Item = &'a Waiter> {
        self.queue.iter().filter(move |waiter| !waiter.is_migration(tag))
    }

    /// Who is in the way and may be ended from here: first whoever keeps the migration waiting, then whoever keeps others.
    pub fn culprit(&self) -> Option<&Session> {
        let ours = self.queue.iter().filter(|waiter| waiter.session.is_own());
        let others = self.queue.iter().filter(|waiter| !waiter.session.is_own());
        let mut blockers = ours.chain(others).flat_map(|waiter| &waiter.blockers).filter(|blocker| blocker.holds);
        blockers.find(|blocker| blocker.session.untouchable().is_none()).map(|blocker| &blocker.session)
    }

    /// Whether there is anything to show of locks.
    pub fn is_calm(&self) -> bool {
        self.locks.is_empty() && self.queue.is_empty() && self.gap.is_none()
    }
}

/// The application name under which an attempt's sessions are known to the server: `gonogo-9a1b2c3d-0003`. Ledgers that
/// share a database number their attempts alike, so the ledger's own mark is in it. Far below the 63 bytes that a
/// server keeps.
pub fn tag(state: &State, attempt: AttemptNumber) -> String {
    let mark = state.first.as_ref().map(|first| format!("{}-", first.short())).unwrap_or_default();
    format!("{OWN}-{mark}{attempt}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::Digest;

    fn session(application: &str, kind: &str) -> Session {
        Session { pid: 7, application: application.into(), kind: kind.into(), ..Session::default() }
    }

    #[test]
    fn attempts_of_two_ledgers_go_by_two_names() {
        let of = |text: &str| {
            let state = State { first: Some(Digest::of(text.as_bytes())), ..State::default() };
            tag(&state, AttemptNumber(1))
        };
        assert_ne!(of("a"), of("b"));
        assert!(of("a").starts_with("gonogo-") && of("a").ends_with("-0001") && of("a").len() == 20, "{}", of("a"));
        assert!(session(&of("a"), "client backend").untouchable().is_some());
    }

    #[test]
    fn neither_ourselves_nor_the_server_is_ever_in_the_way() {
        for own in ["gonogo", "gonogo observer", "gonogo-0007"] {
            assert!(session(own, "client backend").untouchable().is_some(), "{own}");
        }
        assert!(session("standby", "walsender").untouchable().is_some());
        assert!(session("gonogolike", "client backend").untouchable().is_none());
        assert!(session("", "client backend").untouchable().is_none());
    }

    #[test]
    fn the_culprit_holds_and_keeps_the_migration_waiting() {
        let blocker = |application: &str, holds| Blocker {
            session: session(application, "client backend"),
            mode: "AccessShareLock".into(),
            holds,
        };
        let waiter = |application: &str, blockers: Vec<Blocker>| Waiter {
            session: session(application, "client backend"),
            wants: "AccessExclusiveLock".into(),
            what: "lots".into(),
            waited_ms: 1,
            blockers,
        };
        let live = Live {
            queue: vec![
                waiter("shop", vec![blocker("gonogo-0001", false), blocker("backup", true)]),
                waiter("gonogo-0001", vec![blocker("queued", false), blocker("report", true)]),
            ],
            ..Live::default()
        };
        assert_eq!(live.culprit().unwrap().application, "report");
        assert_eq!(live.behind("gonogo-0001").count(), 1);
        assert!(!live.is_calm() && Live::default().is_calm());
    }

    #[test]
    fn it_is_read_back_as_it_was_written() {
        let live = Live {
            statement: Some(Statement { basis: Basis::Estimate("WAL written".into()), ..Statement::default() }),
            ..Live::default()
        };
        let json = serde_json::to_string(&live).unwrap();
        assert_eq!(serde_json::from_str::<Live>(&json).unwrap(), live);
        assert_eq!(serde_json::from_str::<Live>("{}").unwrap(), Live::default());
    }
}
