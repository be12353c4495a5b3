//! What the test files share.
#![allow(dead_code, reason = "each test file uses its own part of this")]

pub mod deployment;
pub mod terminal;
