//! Models to draw, built from a plan and records.

#[path = "alerts_scenes.rs"]
pub mod alerts;
#[path = "charts_scenes.rs"]
pub mod charts;
#[path = "checklist.rs"]
pub mod checklist;
#[path = "flight.rs"]
pub mod flight;
#[path = "parts.rs"]
mod parts;
#[path = "scenes.rs"]
pub mod scenes;
#[path = "servers.rs"]
mod servers;
#[path = "signing.rs"]
pub mod signing;
#[path = "stages.rs"]
mod stages;
#[path = "verdict.rs"]
pub mod verdict;
#[path = "window.rs"]
pub mod window;
