//! The command line of a load test.

use crate::checklist::offset::Span;
use clap::Args;

#[derive(Debug, Args)]
pub struct Load {
    /// Address to test, http:// or https://
    pub url: String,
    /// Requests to send: each connection sends the next one when it has its answer
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1000, conflicts_with_all = ["rate", "duration"], value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub requests: u64,
    /// Connections at the same time
    #[arg(short, long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub connections: u32,
    /// Send at a constant rate, requests a second, however slow the answers are; latency counts from when a request was due
    #[arg(long, value_name = "R", requires = "duration", value_parser = rate)]
    pub rate: Option<f64>,
    /// For how long, with --rate: 30s, 5m
    #[arg(long, value_name = "TIME", requires = "rate", value_parser = Span::parse)]
    pub duration: Option<Span>,
    /// Requests before those that are counted
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub warmup: u32,
    /// Method; GET, or POST with --data
    #[arg(short = 'X', long, value_name = "METHOD")]
    pub method: Option<String>,
    /// Header, `Name: value`; may be given several times. A value may name ${VARIABLES} of the environment
    #[arg(short = 'H', long, value_name = "HEADER")]
    pub header: Vec<String>,
    /// File of PEM certificates that the service is trusted by, in place of the system's
    #[arg(long, value_name = "FILE")]
    pub ca: Option<String>,
    /// Body, or @FILE
    #[arg(short, long, value_name = "TEXT|@FILE")]
    pub data: Option<String>,
    /// Expected status, comma-separated: 200, 2xx, 200-204
    #[arg(long, value_name = "STATUS", value_delimiter = ',', default_value = "200")]
    pub expect: Vec<String>,
    /// How long one request may take
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = Span::parse)]
    pub timeout: Span,
    /// Limit for the 50th percentile of latency
    #[arg(long, value_name = "TIME", value_parser = Span::parse)]
    pub p50: Option<Span>,
    /// Limit for the 95th percentile: 500ms
    #[arg(long, value_name = "TIME", value_parser = Span::parse)]
    pub p95: Option<Span>,
    /// Limit for the 99th percentile
    #[arg(long, value_name = "TIME", value_parser = Span::parse)]
    pub p99: Option<Span>,
    /// The environment's name, when the address is that of a protected environment
    #[arg(long, value_name = "ENV")]
    pub confirm: Option<String>,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| (0.001..=1_000_000.0).contains(rate));
    rate.ok_or_else(|| "write requests a second, 0.001 to 1000000".to_owned())
}
