//! Commands that look, and what begins a checklist.

use super::Overlays;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Logs {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    /// The item: its path or the end of it, its number, or a part of its title
    pub item: String,
    /// An attempt other than the latest
    #[arg(long, value_name = "N")]
    pub attempt: Option<u32>,
    /// Follow a running attempt to its end
    #[arg(short, long)]
    pub follow: bool,
    /// Print JSON (format 1)
    #[arg(long, conflicts_with = "follow")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Doctor {
    /// A checklist, a ledger, or the name of a checklist that ships
    pub checklist: PathBuf,
    #[command(flatten)]
    pub over: Overlays,
    /// Only this environment; all of a checklist's, or those a ledger was opened with, unless given
    #[arg(long, value_name = "ENV")]
    pub env: Vec<String>,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Init {
    /// The checklist to write; named after the title unless given
    pub file: Option<PathBuf>,
    /// What is deployed
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// The migrator's command, such as `alembic upgrade head`; empty for none
    #[arg(long, value_name = "COMMAND")]
    pub migrator: Option<String>,
    /// The path that answers when the service is healthy, such as `/health`; empty for none
    #[arg(long, value_name = "PATH")]
    pub health: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    Text,
    Json,
    Github,
}

#[derive(Debug, Args)]
pub struct Lint {
    /// Warn too of each check that would pass on an empty target: an empty database, an empty file, a service that
    /// answers anything
    #[arg(long)]
    pub strict: bool,
    /// A checklist, or the name of one that ships
    pub checklist: PathBuf,
    #[command(flatten)]
    pub over: Overlays,
    /// How problems are written: with their source line, as one JSON object, or as annotations of a GitHub workflow
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    pub format: LintFormat,
    /// Show each value of an item and where it comes from: line, fact, environment or overlay
    #[arg(long, value_name = "ITEM")]
    pub explain: Option<String>,
    /// Print the checklist with its overlays, as a checklist of its own
    #[arg(long, conflicts_with = "explain")]
    pub print: bool,
}
