//! The stand-in of `NeuroHub` does what it claims: its migrations keep the data, its faults are real, its service counts
//! truly and starts and stops as it says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "rehearsal_standin/sandbox.rs"]
mod sandbox;

#[path = "rehearsal_standin/databases.rs"]
mod databases;
#[path = "rehearsal_standin/faults.rs"]
mod faults;
#[path = "rehearsal_standin/migrations.rs"]
mod migrations;
#[path = "rehearsal_standin/service.rs"]
mod service;
