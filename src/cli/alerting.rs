//! The command line of alerts.

use super::On;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Ack {
    #[command(flatten)]
    pub on: On,
    /// The alert: its number, or the id of its metric
    pub alert: String,
    /// What you know, or do about it
    #[arg(long, alias = "reason", value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true)]
pub struct Silence {
    #[command(flatten)]
    pub on: On,
    #[command(subcommand)]
    pub verb: Option<SilenceVerb>,
    /// The metric, by its id; `all` for every one
    #[arg(required = true)]
    pub metric: Option<String>,
    /// For how long: 30m, 2h; 7d at most
    #[arg(long = "for", value_name = "TIME", required_unless_present = "end", conflicts_with = "end")]
    pub span: Option<String>,
    /// Why nobody needs to be notified
    #[arg(long = "note", alias = "reason", value_name = "WHY", required_unless_present = "end")]
    pub reason: Option<String>,
    #[arg(long, hide = true)]
    pub end: bool,
}

#[derive(Debug, Subcommand)]
pub enum SilenceVerb {
    /// End a silence now
    End {
        /// The metric, by its id; `all` for every one
        metric: String,
    },
}

impl Silence {
    /// The same with its subcommand as the flag that said so before.
    pub fn resolved(mut self) -> Self {
        if let Some(SilenceVerb::End { metric }) = self.verb.take() {
            (self.metric, self.end) = (Some(metric), true);
        }
        self
    }
}

#[derive(Debug, Args)]
pub struct Alerts {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
}
