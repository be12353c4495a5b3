//! One subcommand a file: each composes the edges without the screen, writes to the output it is handed, and gives the
//! exit status.

pub mod status;
pub mod verify;
