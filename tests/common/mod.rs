//! What the test files share.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub(crate) mod deployment;
pub(crate) mod program;
pub(crate) mod small;
pub(crate) mod stopwatch;
pub(crate) mod terminal;

/// The name by which a test binary knows its test: the module without the binary's own name, then the function.
pub(crate) fn named(module: &str, test: &str) -> String {
    let inside = module.split_once("::").map_or("", |(_, inside)| inside);
    format!("{inside}::{test}")
}
