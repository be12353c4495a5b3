//! `gonogo replay` as people type it.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Replay {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    /// Begin at this moment: 02:41, 02:41:07 (UTC), T-10m or a whole RFC 3339 time
    #[arg(long, value_name = "TIME", conflicts_with = "seq")]
    pub at: Option<String>,
    /// Begin when record N had just been made
    #[arg(long, value_name = "N")]
    pub seq: Option<u64>,
    /// Play at once, so many times as fast as it was; quiet stretches are skipped
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub speed: Option<u32>,
    /// Write an asciinema recording (v2) instead, from there to the end; ten times as fast unless --speed is given
    #[arg(long, value_name = "FILE")]
    pub cast: Option<PathBuf>,
    /// Write this one moment as an SVG picture instead
    #[arg(long, value_name = "FILE", conflicts_with = "cast")]
    pub picture: Option<PathBuf>,
    /// Which screen to show first, as its key: 0 overview to 6 timeline
    #[arg(long, value_name = "KEY", value_parser = clap::value_parser!(u8).range(0..=6))]
    pub screen: Option<u8>,
    /// Columns and lines of a recording or picture
    #[arg(long, value_name = "COLUMNSxLINES", default_value = "120x36", value_parser = size)]
    pub size: (u16, u16),
}

/// Reads `120x36`.
fn size(text: &str) -> Result<(u16, u16), String> {
    let read = text.split_once('x').and_then(|(columns, lines)| Some((columns.parse().ok()?, lines.parse().ok()?)));
    read.filter(|(columns, lines)| (60..=500).contains(columns) && (16..=200).contains(lines))
        .ok_or_else(|| "write it as 120x36, from 60x16 to 500x200".to_owned())
}
