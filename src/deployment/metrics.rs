//! How a watched metric stands: one look at it, the verdict of that look, and what looks in a row amount to.
//!
//! Collector, cockpit, `gonogo metrics`, `status` and the report ask [`Watched::assess`] and nothing else. Pure: numbers and
//! times are handed in.

pub(crate) mod availability;
pub(crate) mod compare;
pub mod estimate;
mod evaluate;
pub(crate) mod reference;
pub mod series;
pub(crate) mod streak;
pub(crate) mod trend;
pub(crate) mod verdict;
pub(crate) mod watched;

pub use availability::Availability;
pub(crate) use availability::stands_for;
pub use streak::{Streak, Transition};
pub use verdict::{Assessment, Change, PaneVerdict};
pub use watched::Watched;
