//! The rehearsal: a simulation of F2X `NeuroHub` that a deployment can be flown on with nothing installed.
//!
//! A folder with two real `SQLite` databases, their chain of migrations, and a service in two releases. Everything in it
//! does what it claims: rows are really rewritten, every query is really executed and counted, the old release is slower
//! because it reads row by row.
//!
//! ```text
//! command ──> sandbox ──> seed, migrator           builds the folder
//!        ├──> migrator ──> revision, progress      moves one database along the chain
//!        ├──> backup                               copies one database
//!        └──> service ──> daemon                   starts, stops, asks
//!                    └──> server ──> old, new, intake ──> queries, metrics
//! ```

pub(crate) mod backup;
pub(crate) mod command;
mod error;
mod fault;
pub mod migrator;
pub mod progress;
pub mod revision;
mod sandbox;
mod seed;
pub(crate) mod service;
mod settings;
mod slot;
pub(crate) mod traffic;

pub use error::RehearsalError;
pub use fault::Fault;
pub use sandbox::Sandbox;
pub use settings::Settings;
pub use slot::{Release, Slot};
