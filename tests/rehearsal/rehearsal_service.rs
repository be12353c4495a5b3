//! The simulation of `NeuroHub` does what it claims: its migrations keep the data, its faults are real, its service counts
//! truly and starts and stops as it says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod sandbox;

mod databases;
mod faults;
mod migrations;
mod service;
