//! Arguments to exit code.

use clap::FromArgMatches;
use clap::error::ErrorKind;
use gonogo::cli::{Cli, grouped};
use gonogo::commands::Failure;
use gonogo::printed::{Color, Paint, painted};
use gonogo::{commands, log, printed};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let color = Color::typed(&arguments);
    printed::choose(color);
    let arguments = grouped::with_ledger(arguments, commands::default_ledger);
    let parsed = grouped::command().color(of_clap(color)).try_get_matches_from(arguments);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    if let Err(error) = log::begin() {
        complain(&error.to_string(), Failure::usage("").hint());
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
                complain(&failure.message, failure.hint());
            }
            ExitCode::from(failure.status)
        }
    }
}

/// What clap calls the same.
fn of_clap(color: Color) -> clap::ColorChoice {
    match color {
        Color::Auto => clap::ColorChoice::Auto,
        Color::Always => clap::ColorChoice::Always,
        Color::Never => clap::ColorChoice::Never,
    }
}

/// Help and version hold nothing from outside and keep their colours; an error repeats what was typed.
fn not_understood(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
    } else {
        let missing = error.context().any(|(_, value)| value.to_string().contains("<LEDGER>"));
        if let Some(choice) = commands::several_ledgers().filter(|_| missing) {
            complain(&choice, "");
            return ExitCode::from(2);
        }
        let text = error.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        complain(&text.replace("For more information, try '--help'.", "hint: `--help` shows what can be asked"), "");
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// What went wrong, and what to do next: the sentence's own hint, else the one given.
fn complain(text: &str, hint: &str) {
    let mut said = format!("{}: {}\n", painted(Paint::Bad, "error"), text.trim_end());
    if !text.lines().any(|line| line.starts_with("hint: ")) && !hint.is_empty() {
        said = format!("{said}hint: {hint}\n");
    }
    let said = said.replace("\nhint:", &format!("\n{}:", painted(Paint::Heading, "hint")));
    // Whoever closed standard error does not want to hear.
    let _ = printed::err().write_all(said.as_bytes());
}
