//! PostgreSQL behind the database door, on a real server.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod catalog;
mod chain;
mod connection;
mod fingerprints;
use crate::postgres;
mod promises;
mod tls;

use gonogo::database::{Database, DatabaseError, Purpose};
use std::path::Path;

/// Connects as an environment would.
async fn open(url: &str, purpose: Purpose) -> Result<Database, DatabaseError> {
    Database::connect(url, Path::new("."), purpose).await
}
