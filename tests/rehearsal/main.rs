//! The rehearsal, run whole.
#![allow(clippy::print_stdout, reason = "a test may say what it saw")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod rehearsal_days;
mod rehearsal_flight;
mod rehearsal_service;
mod rehearsal_window;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static RUNNING: RwLock<()> = RwLock::new(());

/// Held by whoever runs a whole rehearsal: it measures how fast a service responds before and after, and two at once
/// would measure each other.
fn alone() -> RwLockWriteGuard<'static, ()> {
    RUNNING.write().unwrap_or_else(PoisonError::into_inner)
}

/// Held by rehearsals that measure no time by the clock, and may run at the same time.
fn beside() -> RwLockReadGuard<'static, ()> {
    RUNNING.read().unwrap_or_else(PoisonError::into_inner)
}
