//! Carrying out checks: every attempt under a supervisor of its own, with its output spooled as it comes.

pub mod assignment;
pub mod console;
pub mod redact;
pub mod sanitize;

pub use assignment::Assignment;
pub use console::Console;
