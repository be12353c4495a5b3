//! gonogo: a terminal cockpit that flies a deployment.

pub mod attempts;
pub mod checklist;
pub mod cockpit;
pub mod config;
pub mod deployment;
pub mod screen;
