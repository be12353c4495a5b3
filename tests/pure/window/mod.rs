//! The deployment window, decided in memory: scenario files, and properties that hold whatever is done.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod autopilot;
mod flight;
mod pace;
mod properties;
mod scenarios;
