//! Migrations on a real PostgreSQL with a real Alembic: watched, blocked, killed, inspected.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod aborted;
mod blocked;
mod cockpit;
mod killed;
mod migrations;
use crate::plan;
use crate::postgres;
mod processes;
mod scratch;
mod stage;
mod standing;
mod target;
use crate::terminal;
