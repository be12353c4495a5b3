//! The checks that look at data, on real databases and files.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backup;
mod bench;
mod file;
mod put_back;
mod rows;
mod schema;
mod sql;
mod swap;
