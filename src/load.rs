//! The load test: many requests to one address, at a fixed concurrency or at a constant rate, and what came of them.
//!
//! [`pace`], [`tally`] and [`report`] are pure: when each request is due, what the answers come to, and how it is worded.
//! [`generator`] sends; it has a thread and a runtime of its own, so that one core is enough and nothing else of the
//! program delays a request. [`target`] looks at the process that answers, where it runs on this machine.

pub(crate) mod address;
mod connection;
mod failure;
mod generator;
mod line;
pub(crate) mod pace;
pub(crate) mod report;
pub(crate) mod tally;
mod target;

pub use failure::ErrorKind;
pub use generator::{LoadError, Progress, Running, start};
pub use line::{Inspect, Sample};
pub use pace::Pace;
pub use report::{Report, Target};
pub use tally::Latencies;
pub(crate) use target::{connections, listeners};

use std::time::Duration;

/// One load test.
#[derive(Debug, Clone)]
pub struct Plan {
    pub sample: Sample,
    pub pace: Pace,
    /// At most so many connections, and so many requests under way.
    pub connections: u32,
    /// Requests before those that are counted.
    pub warmup: u32,
    /// From when a request starts to the last byte of its answer, connecting included.
    pub timeout: Duration,
}
