//! The command line of alerts.

use super::On;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Ack {
    #[command(flatten)]
    pub on: On,
    /// The alert: its number, or the id of its metric
    pub alert: String,
    /// What you know, or do about it
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Debug, Args)]
pub struct Silence {
    #[command(flatten)]
    pub on: On,
    /// The metric, by its id; `all` for every one
    pub metric: String,
    /// For how long: 30m, 2h; 7d at most
    #[arg(long = "for", value_name = "TIME", required_unless_present = "end", conflicts_with = "end")]
    pub span: Option<String>,
    /// Why nobody needs to be notified
    #[arg(long = "note", alias = "reason", value_name = "WHY", required_unless_present = "end")]
    pub reason: Option<String>,
    /// End the silence now
    #[arg(long)]
    pub end: bool,
}

#[derive(Debug, Args)]
pub struct Alerts {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
}
