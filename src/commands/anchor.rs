//! `gonogo anchor`: the ledger's head as one line, to be posted where it cannot be taken back.

use super::Failure;
use crate::cli::proof;
use crate::ledger::Ledger;
use crate::ledger::verify::posted;
use std::io::Write;

pub fn anchor(asked: &proof::Anchor, out: &mut dyn Write) -> Result<u8, Failure> {
    let ledger = Ledger::open(&asked.ledger)?;
    let line =
        posted::Posted::of(ledger.records()).ok_or_else(|| Failure::not_fine("the ledger holds no record yet"))?;
    writeln!(out, "{line}")?;
    Ok(0)
}
