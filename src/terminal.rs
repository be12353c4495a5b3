//! The terminal as we found it and as we use it: entering, leaving, and turning its events into messages.

mod capped;
pub(crate) mod cast;
pub(crate) mod events;
pub(crate) mod keys;
pub(crate) mod links;
mod outlet;
pub(crate) mod picture;
pub(crate) mod session;
mod signals;

pub(crate) use session::Session;
