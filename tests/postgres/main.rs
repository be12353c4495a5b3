//! Everything on a real PostgreSQL server and a real Alembic.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "what was measured is reported beside the verdict")]

#[path = "../attempts/plan.rs"]
#[allow(dead_code, reason = "each binary uses its own part of this")]
mod plan;
#[path = "../common/postgres.rs"]
mod postgres;
#[path = "../common/terminal.rs"]
#[allow(dead_code, reason = "each binary uses its own part of this")]
mod terminal;

mod postgres_checks;
mod postgres_database;
mod postgres_fingerprint;
mod postgres_live;
mod postgres_metrics;
mod postgres_preflight;
mod postgres_staging;
