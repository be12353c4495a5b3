//! The captain's seat as the file system knows it: `seat.lock` in the ledger's folder, locked by the session that drives
//! for as long as it lives.
//!
//! It is only taken, and only looked at, under the ledger's own lock, so that what is seen cannot change before it is
//! recorded, and two who reach for it in the same millisecond come one after the other.

use super::Ledger;
use super::error::{AppendError, LedgerError};
use super::storage::{Sharing, write_error};
use crate::deployment::seat::{Seat, SeatLock, SessionId};
use crate::deployment::{Fact, Intent, Operator, Record, Refusal};
use crate::input;
use chrono::Utc;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::sync::Arc;

/// A session of this program that nobody else has.
pub(super) fn new_session() -> SessionId {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = Utc::now().timestamp_nanos_opt().unwrap_or_default();
    let text = format!("{} {} {now} {count}", super::operator::host_name(), std::process::id());
    SessionId::new(crate::checklist::Digest::of(text.as_bytes()).short())
}

impl Ledger {
    /// The session that this ledger was opened in.
    pub fn session(&self) -> &SessionId {
        &self.session
    }

    /// Records in the name of another session: that of the program which started this one.
    pub fn act_for(&mut self, session: SessionId) {
        self.session = session;
    }

    /// Whether this session holds the captain's seat, in the ledger and on disk.
    pub fn is_captain(&self) -> bool {
        self.seat.is_some() && self.state().seats.holder().is_some_and(|holder| holder.session == self.session)
    }

    /// Sits down in the captain's seat. Where its holder is gone and somebody else asks, that is recorded, so that the
    /// time until it may be taken over begins to count.
    ///
    /// # Errors
    /// The refusal names who holds it.
    pub fn sit(&mut self, by: &Operator) -> Result<Vec<Arc<Record>>, AppendError> {
        let sat = self.append(by, Intent::TakeSeat { seat: Seat::Captain });
        if let Err(AppendError::Refused(Refusal::SeatAbandoned { .. })) = &sat {
            self.append(by, Intent::ReportSeatEmpty)?;
        }
        sat
    }

    /// Gives back whatever seat this session has.
    ///
    /// # Errors
    /// When that cannot be recorded; the seat is let go all the same.
    pub fn leave_seat(&mut self, by: &Operator) -> Result<(), AppendError> {
        let left = self.append(by, Intent::LeaveSeat).map(|_| ());
        self.seat = None;
        left
    }

    /// What is to be seen of the lock, and the lock itself when the intent wants it and could have it. Call it under the
    /// ledger's lock.
    pub(super) fn look_at_seat(&self, intent: &Intent) -> Result<(SeatLock, Option<File>), LedgerError> {
        if self.seat.is_some() {
            return Ok((SeatLock::Ours, None));
        }
        let wants = matches!(intent, Intent::TakeSeat { seat: Seat::Captain } | Intent::TakeOverSeat { .. });
        let path = self.layout.seat();
        let opened = if wants {
            Sharing::of_folder(self.layout.evidence()).open_or_create(&path)
        } else {
            input::regular(OpenOptions::new().append(true), &path)
        };
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((SeatLock::Free, None)),
            Err(error) if wants || input::is_odd(&error) => return Err(write_error("lock", &path, error)),
            // Whoever cannot look must not conclude that it is free.
            Err(_) => return Ok((SeatLock::Others, None)),
        };
        match file.try_lock() {
            Ok(()) if wants => Ok((SeatLock::Ours, Some(file))),
            Ok(()) => Ok((SeatLock::Free, None)),
            Err(TryLockError::Error(error)) if wants => Err(write_error("lock", &path, error)),
            Err(_) => Ok((SeatLock::Others, None)),
        }
    }

    /// Keeps the lock that was taken, or lets go of it, after what was recorded.
    pub(super) fn settle_seat(&mut self, facts: &[Fact], candidate: Option<File>) {
        let ours = |session: &SessionId| *session == self.session;
        let gives_up = facts.iter().any(|fact| match fact {
            Fact::SeatLeft { session, .. } | Fact::SeatHandedOver { session, .. } => ours(session),
            _ => false,
        });
        if gives_up {
            self.seat = None;
        } else if let Some(file) = candidate
            && self.state.seats.holder().is_some_and(|holder| holder.session == self.session)
        {
            self.seat = Some(file);
        }
    }
}
