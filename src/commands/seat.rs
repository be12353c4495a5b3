//! The captain's seat for commands that drive without the screen.

use super::{Failure, open};
use crate::deployment::seat::Seat;
use crate::deployment::{Intent, Operator, Record, Refusal};
use crate::ledger::{AppendError, Ledger};
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

/// Sits down in the captain's seat; with a reason also in that of somebody who is gone.
pub(crate) fn sit(ledger: &mut Ledger, by: &Operator, take_over: Option<&str>) -> Result<(), Failure> {
    let sat = ledger.sit(by);
    match (sat, take_over) {
        (Ok(_), _) => Ok(()),
        (Err(_), Some(reason)) => {
            ledger.append(by, Intent::TakeOverSeat { reason: reason.to_owned() })?;
            Ok(())
        }
        (Err(error), None) => Err(error.into()),
    }
}

/// A ledger that is driven: the seat is taken with the first record that is going to be made, so that what is refused leaves
/// nothing in the ledger.
pub(crate) struct Driven {
    ledger: Ledger,
    sits: bool,
}

impl Deref for Driven {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        &self.ledger
    }
}

impl Driven {
    /// Records what is wanted, from the captain's seat.
    ///
    /// # Errors
    /// When it is refused, or somebody else sits there.
    pub(crate) fn append(&mut self, by: &Operator, intent: Intent) -> Result<Vec<Arc<Record>>, Failure> {
        if !self.sits {
            may(&mut self.ledger, by, &intent)?;
            sit(&mut self.ledger, by, None)?;
            self.sits = true;
        }
        Ok(self.ledger.append(by, intent)?)
    }
}

/// Whether an intent would be recorded from the captain's seat. Who sits there already is the first reason against it.
pub(crate) fn may(ledger: &mut Ledger, by: &Operator, intent: &Intent) -> Result<(), Failure> {
    if ledger.ask(by, Intent::TakeSeat { seat: Seat::Captain }).is_ok() {
        ledger.ask_from_seat(by, intent)?;
    }
    Ok(())
}

/// Opens a ledger, sits down for as long as one thing takes, and gives the seat back.
pub(crate) fn drive<T>(
    path: &Path,
    by: &Operator,
    act: impl FnOnce(&mut Driven) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut driven = Driven { ledger: open::open_ledger(path, by)?, sits: false };
    let done = act(&mut driven);
    if driven.sits {
        driven.ledger.leave_seat(by)?;
    }
    done
}

/// Records what the captain may from wherever they are: from this terminal, or from the seat while nobody sits there.
///
/// # Errors
/// When it is refused; no seat is taken for that.
pub(crate) fn stop(ledger: &mut Ledger, by: &Operator, intent: &Intent) -> Result<Vec<Arc<Record>>, Failure> {
    match ledger.append(by, intent.clone()) {
        Err(AppendError::Refused(Refusal::NobodyDrives | Refusal::NotYourSeat { .. })) => {
            may(ledger, by, intent)?;
            sit(ledger, by, None)?;
            let stopped = ledger.append(by, intent.clone());
            ledger.leave_seat(by)?;
            Ok(stopped?)
        }
        stopped => Ok(stopped?),
    }
}
