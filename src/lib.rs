//! gonogo: a terminal cockpit that flies a deployment.

pub mod attempts;
pub mod checklist;
pub mod database;
pub mod deployment;
