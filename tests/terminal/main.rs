//! The program on a real pseudo-terminal.
#![allow(clippy::print_stdout, reason = "a test may say what it saw")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod amended;
mod cockpit_arming;
mod cockpit_polish;
mod cockpit_seat;
mod cockpit_speed;
mod cockpit_terminal;
mod cockpit_verdict;
mod input;
mod replay;
mod signing;
mod verdict_terminal;
