//! What the test files share.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub mod deployment;
pub mod small;
pub mod stopwatch;
pub mod terminal;
