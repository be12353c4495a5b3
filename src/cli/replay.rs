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
    /// Which screen to show first, by key or name: 0 overview, 1 checklist, 2 migration, 3 metrics, 4 go/no-go, 5 sign-offs,
    /// 6 timeline, 7 alerts
    #[arg(long, value_name = "SCREEN", value_parser = screen)]
    pub screen: Option<u8>,
    /// Columns and lines of a recording or picture
    #[arg(long, value_name = "COLUMNSxLINES", default_value = "120x36", value_parser = size)]
    pub size: (u16, u16),
}

/// The names of the screens, in the order of their keys.
pub(crate) const SCREENS: [&str; 8] =
    ["overview", "checklist", "migration", "metrics", "go/no-go", "sign-offs", "timeline", "alerts"];

/// A text that names no screen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the screens are {}", SCREENS.iter().enumerate().map(|(key, name)| format!("{key} {name}")).collect::<Vec<_>>().join(", "))]
pub(crate) struct NoScreen;

/// Reads a screen's key or name; `gonogo` and `signoffs` are as good.
pub(crate) fn screen(text: &str) -> Result<u8, NoScreen> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '/', ' ', '_'], "");
    let known = SCREENS.iter().enumerate();
    let found = known.into_iter().find(|(key, name)| text == key.to_string() || plain(text) == plain(name));
    found.and_then(|(key, _)| u8::try_from(key).ok()).ok_or(NoScreen)
}

/// Reads `120x36`.
fn size(text: &str) -> Result<(u16, u16), String> {
    let read = text.split_once('x').and_then(|(columns, lines)| Some((columns.parse().ok()?, lines.parse().ok()?)));
    read.filter(|(columns, lines)| (60..=500).contains(columns) && (16..=200).contains(lines))
        .ok_or_else(|| "write it as 120x36, from 60x16 to 500x200".to_owned())
}
