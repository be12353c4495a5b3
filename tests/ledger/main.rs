//! The ledger as a file: commands on it, faults under it, processes that reach for it at once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "processes of these tests speak to each other by it")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../support/flight.rs"]
#[allow(dead_code, reason = "each binary uses its own part of this")]
mod flight;

mod ledger_commands;
mod ledger_faults;
mod ledger_processes;
mod ledger_refusals;
mod odd_files;
mod seat_processes;
mod tampering;
