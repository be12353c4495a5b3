//! Carrying out checks: every attempt under a supervisor of its own, with its output spooled as it comes.

pub mod arguments;
pub mod assignment;
pub mod book;
pub mod cancel;
pub mod carry_out;
pub mod checks;
pub mod command_check;
pub mod command_line;
pub mod console;
pub mod databases;
pub mod descendants;
pub mod failures;
pub mod files;
pub mod follow;
pub mod ledger_book;
pub mod login_manager;
pub mod lost;
pub mod migration_check;
pub mod notify;
pub mod observer;
pub mod open_databases;
pub mod outcome;
pub mod pty;
pub mod redact;
pub mod sanitize;
pub mod scan;
pub mod sensing;
pub mod spawn;
pub mod spool;
pub mod supervisor;
pub mod terminal_keeper;

pub use arguments::SuperviseArguments;
pub use assignment::Assignment;
pub use book::{Book, BookError};
pub use console::Console;
