//! The terminal as we found it and as we use it: entering, leaving, and turning its events into messages.

mod capped;
pub mod cast;
pub mod events;
pub mod keys;
pub mod links;
mod outlet;
pub mod picture;
pub mod session;
mod signals;

pub use session::Session;
