//! What the cockpit costs on a real terminal, held against what it may cost. Prints one line a figure; run it on a quiet machine.
//!
//! `cargo bench --bench cockpit`

#![allow(clippy::print_stdout, reason = "figures are what a benchmark prints")]
#![expect(clippy::unwrap_used, reason = "whatever goes wrong here ends the run and is seen")]

#[path = "../tests/common/stopwatch.rs"]
mod stopwatch;
#[path = "../tests/common/terminal.rs"]
#[expect(dead_code, reason = "the tests need more of a terminal than a measurement does")]
mod terminal;

use gonogo::commands::open::{NEUROHUB, Source, open_checklist};
use gonogo::deployment::{Intent, Operator};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use stopwatch::{AT_MOST, Answer, flooding, long_list, memory, press_all, processor, quantile};
use terminal::Terminal;

/// Keys to press for one figure.
const PRESSES: usize = 400;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    figure("figure", "measured", "may be");

    let small = neurohub(home, "fresh", 0);
    let long = neurohub(home, "flown", 10_000);
    start(home, &small, "start to first screen, NeuroHub", "50 ms");
    start(home, &long, "start to first screen, 10,000 records", "150 ms");

    let mut screen = open(home, &small);
    keys(&press_all(&mut screen, &["j", "j", "k", "j", "j", "j"], PRESSES), "NeuroHub");
    drop(screen);

    std::fs::write(home.join("items.md"), long_list(1_467)).unwrap();
    let mut screen = open(home, Path::new("items.md"));
    keys(&press_all(&mut screen, &["j", "j", "k", "j", "j", "j"], PRESSES), "1,467 items");
    drop(screen);

    let mut screen = open(home, &long);
    press_all(&mut screen, &["j", "k"], 40);
    figure("resident memory, 10,000 records", &format!("{:.1} MB", megabytes(memory(&screen).0)), "40 MB");
    drop(screen);

    std::fs::write(home.join("flood.toml"), flooding(100_000_000)).unwrap();
    let mut screen = open(home, Path::new("flood.toml"));
    let before = processor(&screen);
    let bytes = screen.bytes_within(Duration::from_secs(10));
    let spent = processor(&screen).saturating_sub(before);
    figure("idle for 10 s", &format!("{bytes} bytes, {} ms", spent.as_millis()), "0 bytes, 0 ms");
    flood(home, &mut screen);
}

fn figure(what: &str, measured: &str, limit: &str) {
    println!("{what:<58}{measured:>14}   {limit}");
}

/// A ledger of the NeuroHub rehearsal with so many notes in it.
fn neurohub(home: &Path, name: &str, notes: usize) -> PathBuf {
    let path = home.join(format!("{name}.ledger.toml"));
    let source = Source { name: "neurohub.toml".into(), text: NEUROHUB.1.into() };
    let asked = ["staging", "production"].map(|slot| (slot.into(), format!("rehearsal-{slot}").as_str().into()));
    let by = Operator { user: "captain".into(), says: "Kim".into(), host: "bastion-1".into(), simulated: None };
    let mut ledger = open_checklist(&source, &path, &asked, None, &by).unwrap();
    for n in 0..notes {
        let text = format!("note {n}: the lots endpoint answers in 182 ms, as rehearsed");
        ledger.append(&by, Intent::AddNote { item: None, text }).unwrap();
    }
    path
}

fn open(home: &Path, file: &Path) -> Terminal {
    let mut screen = Terminal::start(home, 120, 40, &["open", &file.to_string_lossy(), "--as", "Kim"]);
    screen.until_text("keys", AT_MOST.as_secs());
    screen.bytes_within(Duration::from_millis(500));
    screen
}

fn start(home: &Path, ledger: &Path, what: &str, limit: &str) {
    let took = (0..15).map(|_| {
        let start = Instant::now();
        let mut screen = Terminal::start(home, 120, 40, &["open", &ledger.to_string_lossy(), "--as", "Kim"]);
        screen.until_text("keys", AT_MOST.as_secs());
        start.elapsed()
    });
    figure(what, &format!("{:.1} ms", milliseconds(quantile(took, 0.5))), limit);
}

fn keys(answers: &[Answer], what: &str) {
    let at = |of| milliseconds(quantile(answers.iter().map(|answer| answer.took), of));
    figure(&format!("key to screen, median, {what}"), &format!("{:.2} ms", at(0.5)), "1.5 ms");
    figure(&format!("key to screen, 99 of 100, {what}"), &format!("{:.2} ms", at(0.99)), "5 ms");
    let bytes = quantile(answers.iter().map(|answer| answer.bytes), 0.5);
    figure(&format!("bytes a key press, median, {what}"), &format!("{bytes}"), "600");
}

fn flood(home: &Path, screen: &mut Terminal) {
    let (before, _) = memory(screen);
    let start = Instant::now();
    screen.keys("\r");
    screen.until("the first lines", AT_MOST.as_secs(), |text| text.contains("a line of forty"));
    let answers = press_all(screen, &["j", "k"], PRESSES);
    let at = |of| milliseconds(quantile(answers.iter().map(|answer| answer.took), of));
    figure("key to screen in a flood of output, median", &format!("{:.2} ms", at(0.5)), "fluent");
    figure("key to screen in a flood of output, 99 of 100", &format!("{:.2} ms", at(0.99)), "fluent");
    screen.until("the end of it", 600, |text| text.contains("at the end"));
    figure("100 MB of output, to its end on the screen", &format!("{:.1} s", start.elapsed().as_secs_f64()), "");
    let (_, highest) = memory(screen);
    figure("memory that it lasted", &format!("{:.1} MB", megabytes(highest - before)), "flat");
    let log = std::fs::metadata(home.join("flood.ledger.d/attempts/0001.log")).unwrap().len();
    figure("bytes of it in the log", &log.to_string(), "100,000,000 at least");
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn megabytes(kib: u64) -> f64 {
    kib as f64 * 1_024.0 / 1e6
}
