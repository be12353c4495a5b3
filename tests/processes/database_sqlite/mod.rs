//! The database room on real SQLite files.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bench;
mod catalog;
mod locks;
mod proofs;
