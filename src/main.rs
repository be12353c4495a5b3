//! Arguments to exit code.

use clap::FromArgMatches;
use clap::error::ErrorKind;
use gonogo::cli::{Cli, grouped};
use gonogo::{commands, log, printed};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = grouped::with_ledger(std::env::args_os().collect(), commands::default_ledger);
    let parsed = grouped::command().try_get_matches_from(arguments);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    if let Err(error) = log::begin() {
        say(&format!("error: {error}\n"));
        return ExitCode::from(2);
    }
    match commands::carry_out(cli) {
        Ok(status) => {
            tracing::info!(status, "ended");
            ExitCode::from(status)
        }
        Err(failure) => {
            tracing::error!(status = failure.status, "{failure}");
            if !failure.message.is_empty() {
                say(&format!("error: {failure}\n"));
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
