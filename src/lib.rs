//! gonogo: a terminal cockpit that flies a deployment.

pub mod checklist;
pub mod deployment;
pub mod rehearsal;
