//! Migrations on a real PostgreSQL with a real Alembic: watched, blocked, killed, inspected.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod aborted;
mod blocked;
mod cockpit;
mod killed;
mod migrations;
#[path = "../attempts/plan.rs"]
mod plan;
#[path = "../common/postgres.rs"]
mod postgres;
mod processes;
mod scratch;
mod stage;
#[path = "../common/terminal.rs"]
#[allow(dead_code, reason = "each test file uses its own part of this")]
mod terminal;
