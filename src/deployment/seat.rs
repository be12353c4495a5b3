//! Seats: who drives, and who only helps.
//!
//! The captain's seat belongs to a *session*: one run of the program that holds `seat.lock` in the ledger's folder for as
//! long as it lives. The ledger shows whom it belongs to; the lock shows whether that one still lives. A ledger in which
//! nobody has ever sat, as every one recorded before there were seats, is driven by whoever comes.

use super::operator::Operator;
use super::state::Stamp;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// How long a captain must have been gone before somebody else may take over.
pub const GONE_LONG_ENOUGH: TimeDelta = TimeDelta::seconds(30);

/// One run of the program on one ledger. Supervisors carry the session of the program that started them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl SessionId {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a session is here for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "kebab-case")]
pub enum Seat {
    /// Drives; there is one.
    Captain,
    /// Signs and answers polls.
    Reviewer,
    /// Acknowledges and notes.
    OnCall,
    /// Watches.
    Observer,
}

impl Seat {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What the ledger saw of `seat.lock`, under its own lock, when it decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SeatLock {
    /// Nobody holds it: whoever had the seat is gone.
    #[default]
    Free,
    /// The session that asks holds it.
    Ours,
    /// Another session holds it, and lives.
    Others,
}

/// What an intent asks of the one who has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Only the captain's session.
    Drive,
    /// The captain, from wherever they sit: stopping must never wait for a seat.
    Stop,
    /// Whoever signs or answers: anybody but an observer and the on-call.
    Review,
    /// Anybody but an observer.
    Note,
    /// The program itself, and taking a seat.
    Anyone,
}

/// Somebody in a seat.
#[derive(Debug, Clone, PartialEq)]
pub struct Holder {
    pub session: SessionId,
    /// Since when, and who.
    pub stamp: Stamp,
    /// When another session saw that the holder is gone; cleared when the seat is taken again.
    pub gone: Option<DateTime<Utc>>,
}

impl Holder {
    /// Whether this is the same person: the operating system's user and the name they state.
    pub fn is_person(&self, by: &Operator) -> bool {
        same_person(&self.stamp.by, by)
    }
}

/// Whether two are one person. A simulated answer is of the session that gave it.
pub fn same_person(a: &Operator, b: &Operator) -> bool {
    let says = |who: &Operator| if who.simulated.is_some() { who.user.clone() } else { who.says.clone() };
    a.user == b.user && (a.simulated.is_some() || b.simulated.is_some() || says(a) == says(b))
}

/// A captain's seat that was handed over and not yet taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Handed {
    pub from: Stamp,
    /// The name or user it is for.
    pub to: String,
    pub word: String,
}

impl Handed {
    /// Whether it is for this person.
    pub fn is_for(&self, by: &Operator) -> bool {
        is_named(&self.to, by)
    }
}

/// Whether a name means this person: the name they state or their user, without case.
pub fn is_named(name: &str, by: &Operator) -> bool {
    let name = name.trim().to_lowercase();
    name == by.says.trim().to_lowercase() || name == by.user.trim().to_lowercase()
}

/// Who sits where.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seats {
    pub captain: Captain,
    /// The others, by session.
    pub crew: BTreeMap<SessionId, (Seat, Stamp)>,
}

/// The captain's seat.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Captain {
    /// Nobody ever sat here, so it binds nobody.
    #[default]
    Never,
    Held(Holder),
    /// On its way to somebody.
    Handed(Handed),
    /// Given back.
    Left(Stamp),
}

impl Seats {
    /// The captain, present or gone.
    pub fn holder(&self) -> Option<&Holder> {
        match &self.captain {
            Captain::Held(holder) => Some(holder),
            _ => None,
        }
    }

    /// Whether this session drives.
    pub fn drives(&self, session: &SessionId) -> bool {
        match &self.captain {
            Captain::Never => true,
            Captain::Held(holder) => holder.session == *session,
            Captain::Handed(_) | Captain::Left(_) => false,
        }
    }

    /// The seat of a session; none for one that never took any.
    pub fn of(&self, session: &SessionId) -> Option<Seat> {
        if self.holder().is_some_and(|holder| holder.session == *session) {
            return Some(Seat::Captain);
        }
        self.crew.get(session).map(|(seat, _)| *seat)
    }

    pub(super) fn take(&mut self, seat: Seat, session: SessionId, stamp: Stamp) {
        match seat {
            Seat::Captain => {
                self.crew.remove(&session);
                self.captain = Captain::Held(Holder { session, stamp, gone: None });
            }
            other => drop(self.crew.insert(session, (other, stamp))),
        }
    }

    pub(super) fn leave(&mut self, session: &SessionId, stamp: Stamp) {
        if self.holder().is_some_and(|holder| holder.session == *session) {
            self.captain = Captain::Left(stamp);
        } else {
            self.crew.remove(session);
        }
    }

    pub(super) fn hand_over(&mut self, stamp: Stamp, to: String, word: String) {
        self.captain = Captain::Handed(Handed { from: stamp, to, word });
    }

    /// The time stands as the ledger stamped it, when it was first seen.
    pub(super) fn see_gone(&mut self, session: &SessionId, at: DateTime<Utc>) {
        if let Captain::Held(holder) = &mut self.captain
            && holder.session == *session
        {
            holder.gone = holder.gone.or(Some(at));
        }
    }
}
