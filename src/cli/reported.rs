//! The command line of what is notified of a deployment, to people and to programs.

use clap::{Args, ValueEnum};
use std::net::{Ipv4Addr, SocketAddr};
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
    /// Serve the HTML report, read-only and live, until Ctrl-C: 127.0.0.1:0 picks a free port; a port alone is of loopback
    #[arg(long, value_name = "ADDR", value_parser = address, conflicts_with_all = ["output", "format", "key"])]
    pub serve: Option<SocketAddr>,
    /// With --format in-toto: sign with this SSH key, or with one that the agent holds; your own unless given
    #[arg(long, value_name = "FILE|agent")]
    pub key: Option<String>,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let port = text.trim_start_matches(':').parse().map(|port: u16| (Ipv4Addr::LOCALHOST, port).into());
    port.or_else(|_| text.parse()).map_err(|_| "write IP:PORT, such as 127.0.0.1:8080, or a port".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Md,
    Html,
    Json,
    /// A signed attestation: in-toto Statement v1 in a DSSE envelope
    InToto,
}

#[derive(Debug, Args)]
pub struct Review {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    /// The role that signs, or GROUP/ROLE: only the phases it signs for
    pub role: Option<String>,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
}

/// The documents whose JSON schemas the program holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Document {
    /// A checklist file
    #[default]
    Checklist,
    /// `report --format json`
    Report,
    /// The payload of `report --format in-toto`
    Attestation,
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
