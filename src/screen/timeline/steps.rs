//! The steps of the window, planned against actual, and when they will be over.
//!
//! ```text
//! ╭ Steps of the window ───────────────────────────────────────────────────── 7 of 24 complete ╮
//! │ Projected finish T+00:12:30, 02:12:30 UTC (weakest estimate budget; 2 steps without estimate) │
//! │   STEP                        PLAN     START        END (EST.)             DURATION          │
//! │ ✔ Stop the service            T-1m     T-00:00:58   T-00:00:57                               │
//! │ ▶ Run the migration           T+0      T+00:00:04  ~T+00:00:22  late 0:04  ~18 s, rehearsal  │
//! ╰──────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use super::gantt::{self, Scale};
use crate::cockpit::model::Aside;
use crate::cockpit::msg::Windows;
use crate::cockpit::window::span;
use crate::cockpit::{Model, Screen};
use crate::deployment::clock;
use crate::deployment::projection::{Projection, StepTime};
use crate::deployment::timing::Basis;
use crate::deployment::{State, rollback};
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Focus, Frame};
use crate::screen::line::Block;
use crate::screen::palette::Tone;
use crate::screen::{numbers, standing};
use chrono::TimeDelta;
use ratatui::layout::Rect;
use std::time::Duration;

/// From this width on when a step was begun has a column of its own.
const WIDE_FROM: u16 = 100;
/// From this width on each step has its own strip of time; below it all of them share two lines from this height on.
const GANTT_FROM: u16 = 140;
const STRIPS_FROM: u16 = 24;
/// Columns of the table where a strip stands beside it: a title of 40, and what follows.
const TABLE: u16 = 112;
/// Columns of planned, began, over, late and takes.
const PLANNED: u16 = 8;
const BEGAN: u16 = 13;
const OVER: u16 = 14;
const LATE: u16 = 13;
const TAKES: u16 = 19;

/// Draws the table where there is a clock to hold the steps against; gives what is left below it.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) -> Rect {
    let steps = &model.helm.steps;
    if steps.is_empty() {
        return area;
    }
    let columns = usize::from(area.width.saturating_sub(4));
    let mut above = Block::new(columns);
    above.at_most(if area.width >= WIDE_FROM { 2 } else { 3 }, Tone::Text, &reported(model));
    let scale = Scale::of(model);
    let strips = scale.filter(|_| columns < usize::from(GANTT_FROM) && area.height >= STRIPS_FROM).map_or(0, |_| 4);
    let wanted = cells(steps.len() + above.lines.len() + 3) + strips;
    let (place, rest) = area::top(area, wanted.min(area.height * 11 / 20));
    let over = steps.iter().filter(|step| step.completed.is_some()).count();
    let note = format!("{over} of {} complete", steps.len());
    let focus = if model.aside == Aside::Beside { Focus::Here } else { Focus::Elsewhere };
    let inner = canvas.frame(place, Frame { title: "Steps of the window", note: &note, focus });
    let used = canvas.lines(inner, &above.lines);
    let (_, table) = area::top(inner, used);
    let (place, table) = area::top(table, strips);
    if let Some(scale) = scale.filter(|_| strips > 0) {
        gantt::summary(canvas, place, model, &scale);
    }
    let (head, table) = area::top(table, 1);
    heading(canvas, head);
    if let Some(scale) = &scale {
        gantt::axis(canvas, columns_of(head).strip, scale);
    }

    let height = usize::from(table.height);
    windows.aside = height;
    windows.aside_end = steps.len().saturating_sub(height);
    // Until somebody scrolls, the step in hand stays in sight with what came before it.
    let current = model.helm.projection.as_ref().and_then(|projection| projection.current.as_ref());
    let current = current.and_then(|item| steps.iter().position(|step| step.item == *item)).unwrap_or(steps.len());
    let chosen = model.asides.get(&Screen::Timeline).map(|cursor| cursor.at);
    let top = chosen.unwrap_or(current.saturating_sub(2)).min(windows.aside_end);
    windows.places.aside = area::place(table, top);
    for (at, step) in steps.iter().enumerate().skip(top).take(height) {
        let line = area::line(table, cells(at - top));
        draw_step(canvas, line, model, step);
        if let Some(scale) = &scale {
            gantt::row(canvas, columns_of(line).strip, model, scale, step);
        }
        if at == current {
            canvas.tint(area::widened(line), canvas.palette.selection_idle);
        }
    }
    canvas.thumb(table, top, steps.len());
    rest
}

/// When it will be over, and what that rests on.
fn reported(model: &Model) -> String {
    let mut parts = Vec::new();
    if let Some(projection) = &model.helm.projection {
        parts.push(finish(projection, &model.state));
    }
    if let Some((ms, basis)) = rollback::estimate(&model.plan, &model.state) {
        let length = TimeDelta::try_milliseconds(i64::try_from(ms).unwrap_or(i64::MAX)).unwrap_or(TimeDelta::MAX);
        parts.push(format!("Rollback ~{} ({})", span(length), basis.word()));
    }
    parts.join(". ")
}

fn finish(projection: &Projection, state: &State) -> String {
    let at = clock::text(projection.finish);
    if projection.current.is_none() {
        return format!("Every step complete at {at}");
    }
    let held = if state.clock.hold().is_some() { ", if the clock resumed now" } else { "" };
    let wall = numbers::time(projection.finish_at);
    let basis = (projection.basis != Basis::Nothing).then(|| format!("weakest estimate {}", projection.basis.word()));
    let unknown = match projection.unknown.len() {
        0 => None,
        1 => Some("1 step without estimate".to_owned()),
        more => Some(format!("{more} steps without estimate")),
    };
    let rests: Vec<String> = basis.into_iter().chain(unknown).collect();
    let rests = if rests.is_empty() { String::new() } else { format!(" ({})", rests.join("; ")) };
    format!("Projected finish {at}, {wall} UTC{held}{rests}")
}

/// Where the columns of a line stand; those without room have no width.
struct Columns {
    title: Rect,
    planned: Rect,
    began: Rect,
    over: Rect,
    late: Rect,
    takes: Rect,
    strip: Rect,
}

fn columns_of(line: Rect) -> Columns {
    let (strip, line) = area::right(line, if line.width >= GANTT_FROM { line.width - TABLE } else { 0 });
    let strip = area::left(strip, 1).1;
    let (takes, rest) = area::right(line, TAKES);
    let wide = line.width >= WIDE_FROM;
    let (late, rest) = area::right(rest, if wide { LATE } else { 0 });
    let (over, rest) = area::right(rest, OVER);
    let (began, rest) = area::right(rest, if wide { BEGAN } else { 0 });
    let (planned, title) = area::right(rest, PLANNED);
    let title = Rect { width: title.width.saturating_sub(1), ..title };
    Columns { title, planned, began, over, late, takes, strip }
}

fn heading(canvas: &mut Canvas<'_>, line: Rect) {
    let dim = canvas.palette.dim;
    let Columns { title, planned, began, over, takes, .. } = columns_of(line);
    canvas.text(area::left(title, 2).1, "STEP", dim);
    canvas.text(planned, "PLAN", dim);
    canvas.text(began, "START", dim);
    canvas.text(over, "END (EST.)", dim);
    canvas.text(takes, "DURATION", dim);
}

fn draw_step(canvas: &mut Canvas<'_>, line: Rect, model: &Model, step: &StepTime) {
    let palette = canvas.palette;
    let Columns { title, planned, began, over, late, takes, .. } = columns_of(line);
    let Some(item) = model.plan.item(&step.item) else { return };
    let mark = standing::of_item(model, canvas.glyphs, item);
    canvas.text(title, mark.glyph, palette.tone(mark.tone));
    canvas.text(area::left(title, 2).1, &item.title, palette.text);
    canvas.text(planned, &step.planned.to_string(), palette.dim);
    if let Some(t) = step.begun.and_then(|moment| moment.t) {
        canvas.text(began, &clock::text(t), palette.text);
    }
    let completed = step.completed.and_then(|moment| moment.t);
    match (completed, step.expected) {
        (Some(t), _) => _ = canvas.text(over, &clock::text(t), palette.text),
        (None, Some(t)) => _ = canvas.text(over, &format!("~{}", clock::text(t)), palette.dim),
        (None, None) => {}
    }
    let is_late = model.helm.late(&step.item);
    if let Some(ms) = is_late {
        let words = format!("late {}", numbers::clock(Duration::from_millis(ms.unsigned_abs())));
        let tone = if step.completed.is_some() { Tone::Dim } else { Tone::Warning };
        // Where they share a column, what is late is worth more than what it takes.
        canvas.text(if late.width > 0 { late } else { takes }, &words, palette.tone(tone));
    }
    if is_late.is_none() || late.width > 0 {
        canvas.text(takes, &takes_words(model, step), palette.dim);
    }
}

/// How long it lasted, or is expected to take and on what grounds.
fn takes_words(model: &Model, step: &StepTime) -> String {
    if step.completed.is_some() {
        let took = model.state.latest_passed(&step.item).and_then(|attempt| attempt.outcome());
        return took.map(|outcome| numbers::took(outcome.took_ms)).unwrap_or_default();
    }
    let Some(estimate) = step.estimate else { return "unknown".to_owned() };
    let basis = match estimate.basis {
        Basis::Earlier => "here",
        Basis::Rehearsal => "rehearsal",
        Basis::Elsewhere => "elsewhere",
        Basis::Promise => "budget",
        Basis::Nothing => return "instant".to_owned(),
    };
    format!("~{}, {basis}", numbers::took(estimate.ms))
}
