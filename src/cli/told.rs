//! The command line of what is told of a deployment, to people and to programs.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Status {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
    /// Print it again whenever something is recorded, until Ctrl-C
    #[arg(short, long, conflicts_with_all = ["json", "openmetrics"])]
    pub watch: bool,
    /// Print each event as a line of JSON as it is recorded, until the deployment is closed or Ctrl-C
    #[arg(long, requires = "json")]
    pub follow: bool,
    /// Begin after this record; without it with the first one
    #[arg(long, value_name = "SEQ", requires = "follow")]
    pub since: Option<u64>,
    /// Print `OpenMetrics` text, for the textfile collector of `node_exporter`
    #[arg(long, conflicts_with = "json")]
    pub openmetrics: bool,
}

#[derive(Debug, Args)]
pub struct Report {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    /// Write it to a file
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Its form; that of the file's ending unless given, else Markdown
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Replace the file that is there
    #[arg(long, requires = "output")]
    pub force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Md,
    Html,
    Json,
}

#[derive(Debug, Args)]
pub struct Review {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    /// The role that signs, or GROUP/ROLE: only the phases it signs for
    pub role: Option<String>,
}

/// The documents whose JSON schemas the program holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Document {
    /// A checklist file
    #[default]
    Checklist,
    /// `report --format json`
    Report,
    /// A line of `status --json --follow`
    Event,
}

#[derive(Debug, Args)]
pub struct Export {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    /// Write the document to a file
    #[arg(short, long, value_name = "FILE.md")]
    pub output: PathBuf,
    /// The Markdown document that the checklist was imported from; beside the ledger under its own name unless given
    #[arg(long, value_name = "FILE.md")]
    pub source: Option<PathBuf>,
    /// Replace the file that is there
    #[arg(long)]
    pub force: bool,
}
