//! Arguments to exit code.

use clap::Parser;
use gonogo::cli::Cli;
use gonogo::commands;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::carry_out(cli) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            if !failure.message.is_empty() {
                eprintln!("gonogo: {failure}");
            }
            ExitCode::from(failure.status)
        }
    }
}
