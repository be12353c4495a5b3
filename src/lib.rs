//! gonogo: a terminal cockpit that flies a deployment.
//!
//! The map of the house, from the inside out:
//!
//! * [`checklist`], [`deployment`] and [`cockpit`] decide and are pure: the plan as written, what has happened to it and
//!   what may happen next, and what a person sees and asks for.
//! * [`screen`] draws the cockpit; [`terminal`] takes the terminal and gives it back.
//! * [`identity`] is SSH keys: signing by them, and who may.
//! * [`ledger`], [`attempts`], [`database`], [`migration`] and [`metrics`] are the edges: the file of records, the
//!   supervisors that carry checks out, and what they look at.
//! * [`report`] shows a deployment as a document; pure but for its templates.
//! * [`runtime`] and [`commands`] join them; [`cli`] is what people and scripts type.
//! * [`rehearsal`] is the simulation that a stranger can fly at once.

pub mod attempts;
pub mod checklist;
pub mod cli;
pub mod cockpit;
pub mod collector;
pub mod commands;
pub mod config;
pub mod database;
pub mod deployment;
mod grown;
pub mod harmless;
pub mod identity;
pub(crate) mod input;
pub mod ledger;
pub mod load;
pub mod log;
pub mod metrics;
pub(crate) mod migration;
pub mod printed;
pub(crate) mod program;
pub mod rehearsal;
pub mod report;
pub(crate) mod runtime;
pub mod screen;
pub mod signing;
pub(crate) mod terminal;
