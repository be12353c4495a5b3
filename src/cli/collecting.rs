//! The command line of the metrics: collecting them, and giving them out.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Collect {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    #[command(subcommand)]
    pub verb: Option<CollectVerb>,
    #[arg(long, conflicts_with_all = ["stop", "wait"], hide = true)]
    pub unit: bool,
    #[arg(long, conflicts_with = "wait", hide = true)]
    pub stop: bool,
    /// While another collector runs, stand by and take over when it ends
    #[arg(long)]
    pub wait: bool,
    /// In a session of its own, as a cockpit starts it
    #[arg(long, hide = true)]
    pub detached: bool,
}

#[derive(Debug, Subcommand)]
pub enum CollectVerb {
    /// Stop this ledger's collector on this host
    Stop,
    /// Print a systemd user unit that runs the collector
    Unit,
}

impl Collect {
    /// The same with its subcommand as the flag that said so before.
    pub fn resolved(mut self) -> Self {
        match self.verb.take() {
            None => {}
            Some(CollectVerb::Stop) => self.stop = true,
            Some(CollectVerb::Unit) => self.unit = true,
        }
        self
    }
}

#[derive(Debug, Args)]
pub struct Metrics {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    /// Only this metric, by its id
    pub pane: Option<String>,
    /// How far back: 30m, 2h, 7d. Beyond 24h in buckets of ten minutes
    #[arg(long, value_name = "TIME", default_value = "1h")]
    pub since: String,
    /// A table for people unless given
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    /// Format 1
    Json,
    /// With timestamps, as `promtool tsdb create-blocks-from openmetrics` reads it
    #[value(name = "openmetrics")]
    OpenMetrics,
}
