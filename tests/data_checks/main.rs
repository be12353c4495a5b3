//! The checks that look at data, on real databases and files.

mod backup;
mod bench;
mod file;
mod rows;
mod schema;
mod sql;
