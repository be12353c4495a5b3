//! The migration on a screen of its own.
//!
//! ```text
//! ╭ Migration · rehearsal-production ───────────── upgrade to head ╮
//! │ ▶ Run the migration   running 00:12 of 00:30   attempt 0003    │
//! │ revision 2 of 3   0001 → 0002 add wip link      building idx … │
//! │ ██████████████████████████████░░░░░░░░░░░░░░  67 %             │
//! ├ Revisions ──────────────────────┬ Tables ──────────────────────┤
//! │ ✔ 0001 initial schema           │ process_data  120,000  equal │
//! │ ▶ 0002 add wip link             │ …                            │
//! ├ output ─────────────────────────┴──────────────────────────────┤
//! │ …                                                              │
//! ╰────────────────────────────────────────────────────────────────╯
//! ```

mod chain;
mod proofs;
pub mod server;

use super::about;
use super::area;
use super::canvas::{Canvas, Focus, Frame};
use super::cockpit::{bar, counts, done_words, elapsed_field, eta_words, stage_lines};
use super::line::{Block, Line};
use super::numbers;
use super::output::{self as shown_output, out_of_sight};
use super::palette::Tone;
use crate::checklist::EnvironmentName;
use crate::cockpit::model::Aside;
use crate::cockpit::msg::Windows;
use crate::cockpit::pace;
use crate::cockpit::{Model, Screen};
use crate::deployment::attempt::Attempt;
use crate::deployment::measurement::Verdict;
use ratatui::layout::Rect;
use server::Detail;

/// From this height on everything the server tells is shown.
const ROOMY: u16 = 30;
/// From this width on revisions and tables stand side by side.
const BESIDE_FROM: u16 = 100;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    let attempt = model.migration_attempt();
    let environment = attempt.map(|attempt| &attempt.environment).or_else(|| model.environment_in_hand());
    let title = environment.map_or_else(|| "Migration".to_owned(), |name| format!("Migration · {name}"));
    let title = canvas.glyphs.spell(title.into()).into_owned();
    let inner = canvas.frame(area, Frame { title: &title, note: "", focus: Focus::Here });
    let Some(attempt) = attempt else {
        canvas.text(inner, "no migration has run; the item that runs it is in the checklist", canvas.palette.dim);
        let (_, below) = area::top(inner, 2);
        let below = seen(canvas, below, model);
        canvas.lines(below, &left(canvas, model, environment, None, below.width).lines);
        return;
    };
    let inner = if attempt.is_running() { inner } else { seen(canvas, inner, model) };
    let rest = now(canvas, inner, model, attempt);
    // Where there is little room, what came of a migration that has ended is worth more than its last words.
    let wide = rest.width >= BESIDE_FROM;
    let reads_output = model.aside == Aside::Beside;
    let output_height = match (reads_output, !wide && !attempt.is_running() && rest.height < 24) {
        (true, _) => rest.height.saturating_sub(4).max(rest.height / 2),
        (false, true) => 0,
        (false, false) => (rest.height / 3).max(4),
    };
    let (output, middle) = area::bottom(rest, output_height);
    let top = model.cursor(Screen::Migration).at;
    windows.list = usize::from(middle.height);
    windows.places.list = area::place(middle, top);
    if wide {
        let (chain, tables) = area::left(middle, middle.width * 9 / 20);
        let (_, tables) = area::left(tables, 3);
        let block = left(canvas, model, environment, Some(attempt), chain.width);
        let end = canvas.window(chain, &block.lines, top);
        let block = proofs::block(canvas, model, attempt, tables.width);
        windows.list_end = canvas.window(tables, &block.lines, top).max(end);
        canvas.thumb(tables, top, block.lines.len());
    } else {
        let mut block = proofs::block(canvas, model, attempt, middle.width);
        block.space();
        let mut chain = left(canvas, model, environment, Some(attempt), middle.width);
        // What came of it is the news once it has ended, the way through the chain until then.
        if attempt.is_running() {
            chain.space();
            std::mem::swap(&mut block, &mut chain);
        }
        block.lines.append(&mut chain.lines);
        windows.list_end = canvas.window(middle, &block.lines, top);
        canvas.thumb(middle, top, block.lines.len());
    }
    let (head, body) = area::top(output, 1);
    let note = out_of_sight(model, attempt.number, body);
    let title = shown_output::title(canvas, model, attempt);
    canvas.divide(head, Frame { title: &title, note: &note, focus: Focus::Here });
    let shown = canvas.output(body, model, attempt.number, windows);
    if shown == 0 {
        canvas.text(body, "no output", canvas.palette.dim);
    }
}

/// What the attempt is at, or how it ended; gives what is left below.
fn now(canvas: &mut Canvas<'_>, area: Rect, model: &Model, attempt: &Attempt) -> Rect {
    let mut block = Block::new(usize::from(area.width));
    block.at_most(1, Tone::Title, &model.title(&attempt.item));
    if let Some(item) = model.plan.item(&attempt.item) {
        about::action(&mut block, model, canvas.glyphs, item, 1);
    }
    about::attempt(&mut block, model, canvas.glyphs, attempt, 4);
    let used = canvas.lines(area, &block.lines);
    let (_, rest) = area::top(area, used);
    if !attempt.is_running() {
        return area::top(rest, 1).1;
    }
    let (line, rest) = area::top(rest, 1);
    bar(canvas, line, model, attempt);
    let mut below = Block::new(usize::from(area.width));
    if let Some(progress) = model.progress.get(&attempt.number) {
        let mut stage = Line::blank();
        if let Some((step, of)) = progress.step {
            stage = stage.with(Tone::Running, format!("revision {step} of {of}   "));
        }
        for line in stage_lines(progress) {
            stage.runs.extend(line.runs);
            stage = stage.with(Tone::Dim, "   ");
        }
        below.push(stage);
        if counts(progress) {
            below.field(&progress.unit, Tone::Text, &done_words(progress));
        }
    }
    elapsed_field(&mut below, model, attempt, &pace::pace(attempt, model.progress.get(&attempt.number), model.now));
    below.field("eta", Tone::Text, &eta_words(model, attempt));
    let told = model.progress.get(&attempt.number).and_then(|progress| progress.live.as_deref());
    if let Some(told) = told {
        let detail = if area.height < ROOMY { Detail::Brief } else { Detail::Full };
        server::block(&mut below, model, told, server::lock_target(model, attempt), detail);
    }
    let used = canvas.lines(rest, &below.lines);
    area::top(rest, used + 1).1
}

/// What is seen of a server while no migration runs on it; gives what is left below.
fn seen(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let shown = model.server().filter(|(_, live)| !live.is_calm() || live.limits.is_some());
    let Some((name, live)) = shown else { return area };
    let mut block = Block::new(usize::from(area.width));
    block.push(Line::of(Tone::Heading, format!("Server of {name}")));
    server::block(&mut block, model, live, None, Detail::Full);
    block.space();
    let used = canvas.lines(area, &block.lines);
    area::top(area, used).1
}

/// Revisions, finished stages, measured values, earlier attempts.
fn left(
    canvas: &Canvas<'_>,
    model: &Model,
    environment: Option<&EnvironmentName>,
    attempt: Option<&Attempt>,
    columns: u16,
) -> Block {
    let mut block = Block::new(usize::from(columns));
    if let Some(environment) = environment {
        chain::revisions(&mut block, canvas.glyphs, model, environment, attempt);
    }
    let Some(attempt) = attempt else { return block };
    if let Some(progress) = model.progress.get(&attempt.number).filter(|progress| !progress.finished.is_empty()) {
        block.heading("Stages finished");
        for stage in &progress.finished {
            let rows = if stage.done > 0 {
                format!(", {} {}", numbers::count(stage.done), progress.unit)
            } else {
                String::new()
            };
            let words = format!("{}{rows}", numbers::took(stage.took_ms));
            block.push(Line::of(Tone::Text, format!("{}   ", stage.stage)).with(Tone::Dim, words));
        }
    }
    if let Some(outcome) = attempt.outcome().filter(|outcome| !outcome.measured.is_empty()) {
        block.heading("Measured");
        let item = model.plan.item(&attempt.item);
        for measured in &outcome.measured {
            let target = item.and_then(|item| item.targets.iter().find(|target| target.measure == measured.name));
            let margin = measured.margin.map(|margin| format!(" ± {}", numbers::quantity(margin, "")));
            let of = measured.of.as_ref().map(|of| format!(" {of}")).unwrap_or_default();
            let value = match margin {
                Some(margin) => format!("{}{margin} {}{of}", numbers::quantity(measured.value, ""), measured.unit),
                None => format!("{}{of}", numbers::quantity(measured.value, &measured.unit)),
            };
            let mut line = Line::of(Tone::Text, format!("{:<16}{value}", measured.name));
            if let Some(target) = target {
                let tone = match measured.against(target.bound) {
                    Verdict::Pass => Tone::Good,
                    Verdict::Inconclusive => Tone::Warning,
                    Verdict::Fail => Tone::Bad,
                };
                line = line.with(tone, format!("   {target}"));
            }
            block.push(line);
        }
    }
    let earlier = chain::earlier(model, attempt);
    if !earlier.is_empty() {
        block.heading("Before that");
        for line in chain::attempts(canvas.glyphs, model, &earlier) {
            block.push(line);
        }
    }
    block
}
