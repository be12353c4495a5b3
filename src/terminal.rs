//! The terminal as we found it and as we use it: entering, leaving, and turning its events into messages.

mod capped;
pub mod events;
pub mod links;
pub mod session;
mod signals;

pub use session::Session;
