//! Carrying out checks: every attempt under a supervisor of its own, with its output spooled as it comes.

pub mod assignment;
pub mod checks;
pub mod console;

pub use assignment::Assignment;
pub use console::Console;
