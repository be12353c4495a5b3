//! What the cockpit may cost, as ceilings that no machine's speed moves: bytes, memory, and silence when nothing moves.
//! How long things take is measured by `cargo bench --bench cockpit`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use common::stopwatch::{flooding, long_list, memory, press_all, processor, quantile};
use common::terminal::Terminal;
use gonogo::commands::open::NEUROHUB;
use std::path::Path;
use std::time::Duration;

/// Bytes a key press may cost over a slow line, at the median.
const BYTES_A_KEY: usize = 600;

fn open(folder: &Path, file: &str, text: &str, arguments: &[&str]) -> Terminal {
    std::fs::write(folder.join(file), text).unwrap();
    let arguments: Vec<&str> = ["open", file, "--as", "Kim"].iter().chain(arguments).copied().collect();
    let mut terminal = Terminal::start(folder, 120, 40, &arguments);
    terminal.until_text("help", 60);
    terminal.bytes_within(Duration::from_millis(500));
    terminal
}

const REHEARSAL: [&str; 4] = ["--env", "staging=rehearsal-staging", "--env", "production=rehearsal-production"];

#[test]
fn a_key_press_costs_few_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = open(folder.path(), "neurohub.toml", NEUROHUB.1, &REHEARSAL);
    let answers = press_all(&mut terminal, &["j", "j", "k", "j", "j", "j"], 90);
    let median = quantile(answers.iter().map(|answer| answer.bytes), 0.5);
    assert!(median <= BYTES_A_KEY, "{median} bytes a key");
}

#[test]
fn a_key_press_costs_as_little_among_1467_items() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = open(folder.path(), "long.md", &long_list(1_467), &[]);
    let answers = press_all(&mut terminal, &["j", "j", "k", "j", "j", "j"], 90);
    let median = quantile(answers.iter().map(|answer| answer.bytes), 0.5);
    assert!(median <= BYTES_A_KEY, "{median} bytes a key");
}

#[test]
fn nothing_moves_and_nothing_is_spent() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = open(folder.path(), "flood.toml", &flooding(20_000_000), &[]);
    let before = processor(&terminal);
    assert_eq!(terminal.bytes_within(Duration::from_secs(10)), 0);
    let spent = processor(&terminal).saturating_sub(before);
    // Two ticks of the clock that processors are billed by.
    assert!(spent <= Duration::from_millis(20), "{spent:?} in 10 s");
}

#[test]
fn a_flood_of_output_is_kept_whole_and_the_memory_stays_flat() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = open(folder.path(), "flood.toml", &flooding(20_000_000), &[]);
    let (before, _) = memory(&terminal);
    terminal.keys("\r");
    terminal.until("the first lines", 60, |screen| screen.contains("a line of forty"));
    // Keys are answered while it runs.
    press_all(&mut terminal, &["j", "k"], 20);
    terminal.until("the end of it", 300, |screen| screen.contains("at the end"));
    let (_, highest) = memory(&terminal);
    // Neither all of the output nor a tenth of it.
    assert!(highest - before < 16 * 1024, "{before} KiB before, {highest} KiB at the highest");
    let log = folder.path().join("flood.ledger.d/attempts/0001.log");
    assert!(std::fs::metadata(log).unwrap().len() >= 20_000_000);
}
