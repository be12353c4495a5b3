//! How a watched metric stands: one look at it, the verdict of that look, and what looks in a row amount to.
//!
//! Collector, cockpit, `gonogo metrics`, `status` and the report ask [`Watched::assess`] and nothing else. Pure: numbers and
//! times are handed in.

pub mod availability;
pub mod compare;
pub mod estimate;
mod judge;
pub mod reference;
pub mod series;
pub mod streak;
pub mod trend;
pub mod verdict;
pub mod watched;

pub use availability::Availability;
pub use streak::{Streak, Transition};
pub use verdict::{Assessment, Change, PaneVerdict};
pub use watched::Watched;
