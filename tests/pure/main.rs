//! Decisions, scenarios, checklists and documents: no process, no database, no terminal.
#![allow(clippy::print_stdout, reason = "a test may say what it saw")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../support/flight.rs"]
#[allow(dead_code, reason = "each binary uses its own part of this")]
mod flight;

mod afterwards;
mod agreement;
mod alerts;
mod amendments;
mod architecture;
mod borders;
mod checklist_any;
mod checklist_lint;
mod checklist_overlay;
mod checklist_schema;
mod cockpit_replay;
mod dependencies;
mod deployment_amendment;
mod deployment_arming;
mod deployment_replay;
mod deployment_scenarios;
mod markdown_import;
mod metric_identity;
mod neurohub_checklist;
mod outdated;
mod preconditions;
mod report;
mod shipped_checklists;
mod watching;
mod window;
