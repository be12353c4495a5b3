//! The captain's seat for commands that drive without the screen.

use super::{Failure, open};
use crate::deployment::{Intent, Operator};
use crate::ledger::Ledger;
use std::path::Path;

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

/// Opens a ledger, sits down for as long as one thing takes, and gives the seat back.
pub(crate) fn drive<T>(
    path: &Path,
    by: &Operator,
    act: impl FnOnce(&mut Ledger) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut ledger = open::open_ledger(path, by)?;
    sit(&mut ledger, by, None)?;
    let done = act(&mut ledger);
    ledger.leave_seat(by)?;
    done
}
