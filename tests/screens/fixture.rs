//! Models to draw, built from a plan and records.

#[path = "alerts_scenes.rs"]
pub(crate) mod alerts;
#[path = "charts_scenes.rs"]
pub(crate) mod charts;
#[path = "checklist.rs"]
pub(crate) mod checklist;
#[path = "flight.rs"]
pub(crate) mod flight;
#[path = "parts.rs"]
mod parts;
#[path = "scenes.rs"]
pub(crate) mod scenes;
#[path = "servers.rs"]
mod servers;
#[path = "signing.rs"]
pub(crate) mod signing;
#[path = "stages.rs"]
mod stages;
#[path = "verdict.rs"]
pub(crate) mod verdict;
#[path = "window.rs"]
pub(crate) mod window;
