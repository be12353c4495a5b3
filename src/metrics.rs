//! Where numbers come from, and how they are kept: the HTTP probe, Prometheus text, the samplers behind the panes, the
//! series on the screen and the series on disk.
//!
//! `series` and `watch` are pure; `series` may be used by the cockpit. Everything else here does input and output. Watching never harms:
//! every source reads only, is limited in time, and has at most one request under way.

pub mod probe;
pub mod prometheus;
pub mod sampler;
pub mod series;
pub mod sources;
pub mod store;
pub(crate) mod watch;

pub use probe::Probe;
pub use sampler::Sample;
pub use series::{Bucket, Gap, Point, Series};
pub use store::Store;
