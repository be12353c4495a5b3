//! Arguments to exit code.

use clap::Parser;
use clap::error::ErrorKind;
use gonogo::cli::Cli;
use gonogo::{commands, printed};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    match commands::carry_out(cli) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            if !failure.message.is_empty() {
                say(&format!("gonogo: {failure}\n"));
            }
            ExitCode::from(failure.status)
        }
    }
}

/// Help and version hold nothing from outside and keep their colours; an error repeats what was typed.
fn not_understood(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
    } else {
        say(&error.render().to_string());
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn say(text: &str) {
    // Whoever closed standard error does not want to hear.
    let _ = printed::err().write_all(text.as_bytes());
}
