//! The command line of single items: what the cockpit's keys record, without the screen.

use super::On;
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct Tick {
    #[command(flatten)]
    pub on: On,
    /// The item: its path or the end of it, its number, or a part of its title
    pub item: String,
    /// A note to stand with the tick
    #[arg(long, alias = "reason", value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Debug, Args)]
pub struct Waive {
    #[command(flatten)]
    pub on: On,
    /// The item: its path or the end of it, its number, or a part of its title
    pub item: String,
    /// Why it is passed over
    #[arg(long = "note", alias = "reason", value_name = "TEXT")]
    pub reason: String,
    /// What the waiver says of it
    #[arg(long, value_name = "HOW", default_value = "skipped")]
    pub how: How,
    /// When a deferred item is due, counted from now: 24h, 7d
    #[arg(long, value_name = "TIME")]
    pub due_in: Option<String>,
}

#[derive(Debug, Args)]
pub struct Fill {
    #[command(flatten)]
    pub on: On,
    /// The item: its path or the end of it, its number, or a part of its title
    pub item: String,
    /// What is filled in
    #[arg(allow_hyphen_values = true)]
    pub value: String,
}

#[derive(Debug, Args)]
pub struct Note {
    #[command(flatten)]
    pub on: On,
    /// The item the note is about, if any, then the text
    #[arg(required = true, num_args = 1..=2, value_names = ["ITEM", "TEXT"])]
    pub words: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Handover {
    #[command(flatten)]
    pub on: On,
    /// Who takes over
    #[arg(long, value_name = "NAME")]
    pub to: Option<String>,
    /// What the next person should know besides
    #[arg(long, alias = "reason", value_name = "TEXT")]
    pub note: Option<String>,
    /// Only print it, record nothing
    #[arg(long, conflicts_with_all = ["to", "note"])]
    pub print: bool,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
}

/// What a waiver says of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum How {
    /// Not done, and unverified
    Skipped,
    /// You vouch for it
    Overridden,
    /// Makes no sense here
    Inapplicable,
    /// Due later; needs --due-in
    Deferred,
}
