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
pub(crate) mod server;

use super::about;
use super::area;
use super::canvas::{Canvas, Focus, Frame};
use super::cockpit::{bar, counts, done_words, elapsed_field, eta_words, rate_words, stage_lines};
use super::line::{Block, Line};
use super::numbers;
use super::output::{self as shown_output, out_of_sight};
use super::palette::Tone;
use super::standing;
use super::text;
use crate::checklist::{EnvironmentName, Target};
use crate::cockpit::model::Aside;
use crate::cockpit::msg::Windows;
use crate::cockpit::pace;
use crate::cockpit::{Action, Model, Screen};
use crate::deployment::attempt::Attempt;
use crate::deployment::live::{Live, LockStanding};
use crate::deployment::measurement::{REVISION_TIME, Verdict};
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use server::Detail;

/// From this height on everything the server shows is shown.
const ROOMY: u16 = 30;
/// From this width on revisions and tables stand side by side.
const BESIDE_FROM: u16 = 100;
/// From this height on a line shows how it ended.
const BANNER_FROM: u16 = 12;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    let attempt = model.migration_attempt();
    let environment = attempt.map(|attempt| &attempt.environment).or_else(|| model.environment_in_hand());
    let title = environment.map_or_else(|| "Migration".to_owned(), |name| format!("Migration · {name}"));
    let title = canvas.glyphs.spell(title.into()).into_owned();
    let inner = canvas.frame(area, Frame { title: &title, note: "", focus: Focus::Here });
    let Some(attempt) = attempt else {
        let key = model.keymap.hint(Action::Go);
        let words = format!("No migration run yet. {key} goes to the step that runs it.");
        canvas.text(inner, &words, canvas.palette.dim);
        let (_, below) = area::top(inner, 2);
        let below = seen(canvas, below, model);
        canvas.lines(below, &left(canvas, model, environment, None, below.width).lines);
        return;
    };
    let inner = banner(canvas, inner, model, attempt);
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
        canvas.text(body, "No output kept", canvas.palette.dim);
    }
}

/// How it ended, on a ground of its own; gives what is left below it.
fn banner(canvas: &mut Canvas<'_>, area: Rect, model: &Model, attempt: &Attempt) -> Rect {
    let Some(outcome) = attempt.outcome().filter(|_| area.height >= BANNER_FROM) else { return area };
    let mark = standing::of_verdict(outcome.verdict, canvas.glyphs);
    let mut parts = vec![format!("wall clock {}", numbers::took(outcome.took_ms))];
    let measured = |name: &str| outcome.measured.iter().find(|m| m.name == name);
    for (name, label) in [("duration", "migrator"), ("lock", "longest lock"), ("rows-changed", "rewritten")] {
        parts.extend(measured(name).map(|m| format!("{label} {}", numbers::quantity(m.value, &m.unit))));
    }
    if let Some(staging) = elsewhere(model, attempt) {
        let (environment, took) = staging;
        parts.push(format!("{environment} took {}", numbers::took(took)));
    }
    let at = outcome.revision.as_ref().map(|revision| format!(" at {revision}")).unwrap_or_default();
    let word = match outcome.verdict {
        Verdict::Pass => "MIGRATED",
        Verdict::Inconclusive => "INCONCLUSIVE",
        Verdict::Fail => "FAILED",
    };
    let (line, rest) = area::top(area, 1);
    let ground = canvas.palette.tone(mark.tone).add_modifier(Modifier::REVERSED | Modifier::BOLD);
    canvas.fill(area::widened(line), " ", ground);
    let mut words = format!("{} {word}{at}", mark.glyph);
    for (index, part) in parts.iter().enumerate() {
        let more = format!("{}{part}", if index == 0 { "   " } else { " · " });
        // A number that is cut is worse than none: what does not fit stands below.
        if text::width(&words) + text::width(&more) > usize::from(line.width) {
            break;
        }
        words.push_str(&more);
    }
    canvas.text(line, &words, ground);
    rest
}

/// The same move in another environment, the latest that passed: where, and how long it lasted by the clock.
fn elsewhere(model: &Model, attempt: &Attempt) -> Option<(EnvironmentName, u64)> {
    let to = attempt.outcome()?.revision.clone();
    let mut others = model.state.attempts.iter().rev().filter(|other| other.environment != attempt.environment);
    others.find_map(|other| {
        let outcome = other.outcome().filter(|outcome| outcome.verdict == Verdict::Pass && outcome.revision == to)?;
        let moves = outcome.measured.iter().any(|measured| measured.name == "duration");
        let item = model.plan.item(&other.item)?;
        let migrates = matches!(item.check, crate::checklist::Check::Migration(_));
        (moves && migrates).then(|| (other.environment.clone(), outcome.took_ms))
    })
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
        let lock = attempt.outcome().and_then(|outcome| outcome.measured.iter().find(|m| m.name == "lock"));
        let longest = lock.filter(|lock| lock.unit == "s").map(|lock| lock.value);
        let rest = lock_gauge(canvas, rest, "longest lock", longest, server::lock_target(model, attempt));
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
            below.field("rate", Tone::Text, &rate_words(progress));
        }
    }
    elapsed_field(&mut below, model, attempt, &pace::pace(attempt, model.progress.get(&attempt.number), model.now));
    below.field("eta", Tone::Text, &eta_words(model, attempt));
    let reported = model.progress.get(&attempt.number).and_then(|progress| progress.live.as_deref());
    if let Some(reported) = reported {
        let detail = if area.height < ROOMY { Detail::Brief } else { Detail::Full };
        server::block(&mut below, model, reported, server::lock_target(model, attempt), detail);
    }
    let used = canvas.lines(rest, &below.lines);
    let rest = area::top(rest, used).1;
    let longest = reported.and_then(held);
    let rest = lock_gauge(canvas, rest, "lock", longest, server::lock_target(model, attempt));
    area::top(rest, 1).1
}

/// The longest of the locks that are held now, in seconds.
fn held(live: &Live) -> Option<f64> {
    let held = live.locks.iter().filter(|lock| lock.standing == LockStanding::Held);
    held.map(|lock| lock.ms / 1_000.0).max_by(f64::total_cmp)
}

/// A lock against its limit, as far as both are known; gives what is left below it.
fn lock_gauge(canvas: &mut Canvas<'_>, area: Rect, label: &str, lock: Option<f64>, target: Option<&Target>) -> Rect {
    let Some((seconds, target)) = lock.zip(target).filter(|_| area.height > 4) else { return area };
    let (place, rest) = area::top(area, 1);
    let limit = target.bound.number();
    let share = if limit > 0.0 { seconds / limit } else { 1.0 };
    let style = if share > 1.0 { canvas.palette.bad } else { canvas.palette.bar };
    let seconds = numbers::quantity_beside(seconds, &target.unit, Some(target.bound));
    let words = format!("{label} {seconds} (limit {target})");
    canvas.gauge(place, &words, share, style);
    rest
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

/// A measure by what it means: three durations of one migration are three things.
fn named(measure: &str) -> &str {
    match measure {
        "duration" => "migrator time",
        "lock" => "longest lock",
        "rows-changed" => "rows rewritten",
        "size-increase" => "size increase",
        other => other,
    }
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
        block.heading("Completed steps");
        for stage in &progress.finished {
            let rows = if stage.done > 0 {
                format!("{} {}", numbers::count(stage.done), progress.unit)
            } else {
                String::new()
            };
            let words = format!("{:<9}{rows:<14}", numbers::took(stage.took_ms));
            block.push(Line::of(Tone::Text, words).with(Tone::Dim, stage.stage.clone()));
        }
    }
    if let Some(outcome) = attempt.outcome().filter(|outcome| !outcome.measured.is_empty()) {
        block.heading("Measured");
        let item = model.plan.item(&attempt.item);
        // How long each revision took stands beside it in the chain.
        for measured in outcome.measured.iter().filter(|measured| measured.name != REVISION_TIME) {
            let target = item.and_then(|item| item.targets.iter().find(|target| target.measure == measured.name));
            let of = measured.of.as_ref().map(|of| format!(" {of}")).unwrap_or_default();
            let bound = target.map(|target| target.bound);
            let value = match (measured.most(), measured.margin) {
                (Some(most), _) => format!("≤ {}{of}", numbers::quantity_beside(most, &measured.unit, bound)),
                (None, Some(margin)) => {
                    let value = numbers::quantity(measured.value, "");
                    format!("{value} ± {} {}{of}", numbers::quantity(margin, ""), measured.unit)
                }
                (None, None) => format!("{}{of}", numbers::quantity_beside(measured.value, &measured.unit, bound)),
            };
            let mut line = Line::of(Tone::Text, format!("{:<16}{value}", named(&measured.name)));
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
        block.heading("Previous runs");
        for line in chain::attempts(canvas.glyphs, model, &earlier) {
            block.push(line);
        }
    }
    block
}
