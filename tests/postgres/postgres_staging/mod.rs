//! The NeuroHub checklist flown on a staging of its own: a PostgreSQL server, Alembic, and a backend with its tests.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod flight;
use crate::postgres;
mod staging;
