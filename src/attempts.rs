//! Carrying out checks: every attempt under a supervisor of its own, with its output spooled as it comes.

pub(crate) mod arguments;
pub(crate) mod assignment;
pub(crate) mod book;
pub(crate) mod cancel;
pub(crate) mod carry_out;
pub mod checks;
pub(crate) mod command_check;
pub(crate) mod command_line;
pub(crate) mod console;
pub mod databases;
pub(crate) mod descendants;
pub(crate) mod failures;
pub mod files;
pub mod follow;
pub(crate) mod ledger_book;
pub(crate) mod login_manager;
pub mod lost;
pub mod migration_check;
pub(crate) mod notify;
pub mod observer;
pub mod open_databases;
pub(crate) mod outcome;
pub(crate) mod pty;
pub mod redact;
pub(crate) mod sanitize;
pub(crate) mod scan;
pub(crate) mod sensing;
pub mod spawn;
pub mod spool;
pub mod supervisor;
pub(crate) mod terminal_keeper;

pub use arguments::SuperviseArguments;
pub use assignment::Assignment;
pub use book::{Book, BookError};
pub use console::Console;
