//! A temporary entry to the rehearsal's hidden subcommands.

use clap::{Parser, Subcommand};
use gonogo::rehearsal::command::{self, RehearsalCommand};
use gonogo::rehearsal::{Fault, Sandbox};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(subcommand)]
    Rehearsal(RehearsalCommand),
    Build {
        folder: PathBuf,
        #[arg(long, default_value_t = Sandbox::ROWS)]
        rows: u64,
        #[arg(long)]
        fault: Vec<String>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Rehearsal(command) => command::run(command).await,
        Command::Build { folder, rows, fault } => {
            let faults: Result<Vec<_>, _> = fault.iter().map(|name| Fault::parse(name)).collect();
            match faults {
                Ok(faults) => Sandbox::build(&folder, rows, &faults, |line| println!("{line}")).await.map(|_| 0),
                Err(error) => Err(error),
            }
        }
    };
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit_status())
        }
    }
}
