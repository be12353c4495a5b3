//! The metric panes on a screen of their own: all of them as a grid, the worst first, or one over the whole screen.
//!
//! ```text
//! ╭ ✗ GET /lots p95 ─────── 2.47 s  over target ╮╭ ✔ Queries/s ────────────────────── 12  OK ╮
//! │ 3 s ┃⠙⣾⠷⡆⣀⣸⣇                                ││                                           │
//! │     └───────┬02:30──────┬02:31────          ││                                           │
//! ╰ median 2.4 s  before 2.4 s → 24 ms ─────────╯╰───────────────────────────────────────────╯
//! ```

mod opened;

use super::area::{self, cells};
use super::canvas::{Canvas, Focus, Frame};
use super::chart::{Names, Plot};
use super::cockpit::reading;
use super::line::Line;
use super::numbers;
use super::palette::Tone;
use super::text;
use crate::checklist::pane::Worse;
use crate::cockpit::list::ListCursor;
use crate::cockpit::model::PaneView;
use crate::cockpit::msg::{Place, Windows};
use crate::cockpit::pane_view::chart::{Change, Chart};
use crate::cockpit::{Model, Screen};
use crate::deployment::events::Event;
use crate::deployment::metrics::PaneVerdict;
use ratatui::layout::Rect;

/// A chart is at least so wide and high, with its frame.
const LEAST: (u16, u16) = (50, 6);
/// From this height on there are four lines of charts, else three.
const FOUR_FROM: u16 = 44;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    if let Some((at, view)) = model.opened_pane() {
        opened::draw(canvas, area, model, at, view, windows);
        return;
    }
    let count = model.panes.len();
    if count == 0 {
        let inner = canvas.frame(area, Frame { title: "Metrics", note: "", focus: Focus::Here });
        canvas.text(inner, "No metrics defined. Add a [[pane]] to the checklist.", canvas.palette.dim);
        return;
    }
    let (grid, legend) = if area.height > 3 * LEAST.1 {
        let (foot, grid) = area::bottom(area, 1);
        (grid, Some(foot))
    } else {
        (area, None)
    };
    let (across, down) = shape(grid, count);
    let cursor = model.cursor(Screen::Panes);
    let lines = count.div_ceil(across);
    // The window moves by whole lines of charts.
    let by_line = ListCursor { at: cursor.at / across, top: cursor.top / across };
    let top = by_line.window(down, lines);
    let height = grid.height / cells(down).max(1);
    windows.list = across * down;
    windows.across = across;
    windows.chart = 0;
    let place = area::place(grid, top * across);
    windows.places.list = Place { each: height, across: cells(across), ..place };
    for slot in 0..across * down {
        let listed = top * across + slot;
        let Some(pane) = model.charts.order.get(listed) else { break };
        let Some(view) = model.panes.get(*pane) else { continue };
        let (line, column) = (cells(slot / across), cells(slot % across));
        let last = slot / across + 1 == down;
        // What is left over goes to the last of a line, and to the last line.
        let (x, wide) = part(grid.width, cells(across), column);
        let tall = if last { grid.height - height * line } else { height };
        let card = Rect { x: grid.x + x, y: grid.y + height * line, width: wide, height: tall };
        draw_card(canvas, card, model, *pane, view, listed == cursor.at, windows);
    }
    if let Some(foot) = legend {
        let left = count.saturating_sub(top * across + across * down);
        draw_legend(canvas, area::inset(foot, 1), model, left);
    }
}

/// How many charts stand beside and below each other: what fits, and no more than there are.
fn shape(area: Rect, count: usize) -> (usize, usize) {
    let across = usize::from((area.width / LEAST.0).clamp(1, 4));
    let lines: u16 = if area.height >= FOUR_FROM { 4 } else { 3 };
    let down = usize::from((area.height / LEAST.1).clamp(1, lines));
    // Few charts stand in as few columns as take them all.
    let across = (1..=across).find(|across| across * down >= count).unwrap_or(across);
    (across, down.min(count.div_ceil(across)))
}

/// Where one of several columns begins, and how wide it is.
fn part(width: u16, parts: u16, at: u16) -> (u16, u16) {
    let each = width / parts.max(1);
    (each * at, if at + 1 == parts { width - each * at } else { each })
}

fn draw_card(
    canvas: &mut Canvas<'_>,
    card: Rect,
    model: &Model,
    at: usize,
    view: &PaneView,
    in_hand: bool,
    windows: &mut Windows,
) {
    let focus = if in_hand { Focus::Here } else { Focus::Elsewhere };
    let inner = canvas.frame(card, Frame { focus, ..Frame::default() });
    head(canvas, area::line(card, 0), model, view, in_hand);
    let Some(chart) = model.charts.ready.get(at) else { return };
    let events: Vec<_> = model.events_of(view).collect();
    let plot = Plot {
        chart,
        unit: &view.pane.unit,
        target: view.pane.bound(),
        baseline: view.baseline(),
        events: &events,
        cursor_ms: None,
        names: if inner.height >= 7 && in_sight(chart, &events) { Names::Above } else { Names::Within },
    };
    let drawn = canvas.plot(inner, &plot);
    windows.chart = windows.chart.max(drawn);
    let foot = area::inset(area::bottom(card, 1).0, 2);
    match view.gap.as_ref().filter(|_| view.seen().verdict == PaneVerdict::NoData) {
        Some(why) => _ = canvas.text(foot, &format!(" {why} "), canvas.palette.warning),
        None => fit(canvas, foot, facts(chart, view, false)),
    }
}

/// Whether any of these events is in the time of a chart.
fn in_sight(chart: &Chart, events: &[&Event]) -> bool {
    events.iter().any(|event| chart.lens.column(event.at_ms).is_some())
}

/// Name and number in the upper edge of a frame.
fn head(canvas: &mut Canvas<'_>, edge: Rect, model: &Model, view: &PaneView, in_hand: bool) {
    let reading = reading(canvas, model, view);
    let known = reading.value != reading.word;
    let right = if known { format!(" {}  {} ", reading.value, reading.word) } else { format!(" {} ", reading.word) };
    let edge = area::inset(edge, 1);
    let used = canvas.text_right(area::inset(edge, 1), &right, canvas.palette.tone(reading.tone));
    let room = Rect { width: edge.width.saturating_sub(used + 2), ..edge };
    let mark = if in_hand { canvas.glyphs.selected } else { " " };
    let used = canvas.text(room, mark, canvas.palette.accent);
    let (_, rest) = area::left(room, used);
    let used = canvas.text(rest, &format!("{} ", reading.glyph), canvas.palette.tone(reading.tone));
    let (_, rest) = area::left(rest, used);
    canvas.text(
        rest,
        &format!("{} ", text::cut(&view.pane.title, usize::from(rest.width).saturating_sub(1), canvas.glyphs.ellipsis)),
        canvas.palette.title,
    );
}

/// What the numbers in sight come to, the more important first; `long` with all words.
fn facts(chart: &Chart, view: &PaneView, long: bool) -> Vec<(Tone, String)> {
    let unit = &view.pane.unit;
    let Some(numbers) = chart.numbers else { return Vec::new() };
    let about = if numbers.exact { "" } else { "≈ " };
    let mut facts = vec![(Tone::Dim, format!("median {about}{}", numbers::quantity(numbers.median, unit)))];
    if let Some(change) = &chart.change {
        facts.push((Tone::Text, before_after(change, unit, long)));
    }
    // Where less is worse, the least is what matters.
    if view.pane.worse() == Worse::Lower {
        facts.push((Tone::Dim, format!("min {}", numbers::quantity(numbers.min, unit))));
        return facts;
    }
    facts.push((Tone::Dim, format!("p95 {about}{}", numbers::quantity(numbers.p95, unit))));
    facts.push((Tone::Dim, format!("max {}", numbers::quantity(numbers.max, unit))));
    facts
}

/// `before 2.4 s → after 24 ms (−99 %)`.
fn before_after(change: &Change, unit: &str, long: bool) -> String {
    let about = if change.exact { "" } else { "≈ " };
    let word = |value: f64| numbers::quantity(value, unit);
    let [before, after] = if long { ["before ", "after "] } else { ["", ""] };
    format!(
        "{before}{about}{} → {after}{}{}",
        word(change.before),
        word(change.after),
        percent(change.before, change.after)
    )
}

/// By how much a number differs from another: ` (−94 %)`.
fn percent(from: f64, to: f64) -> String {
    let share = (to - from) / from * 100.0;
    if from == 0.0 || !share.is_finite() || share.abs() >= 10_000.0 {
        return String::new();
    }
    let rounded = share.round();
    match rounded {
        0.0 => " (±0 %)".to_owned(),
        ..0.0 => format!(" (−{} %)", rounded.abs()),
        _ => format!(" (+{rounded} %)"),
    }
}

/// As many words beside each other as there is room for.
fn fit(canvas: &mut Canvas<'_>, area: Rect, words: Vec<(Tone, String)>) {
    let mut line = Line::blank();
    for (tone, word) in words {
        let gap = if line.runs.is_empty() { " " } else { "  " };
        let next = line.clone().with(Tone::Dim, gap).with(tone, word);
        if next.width() < usize::from(area.width) {
            line = next;
        }
    }
    if !line.runs.is_empty() {
        canvas.line(area, &line.with(Tone::Dim, " "));
    }
}

/// What the signs mean and which time is shown.
fn draw_legend(canvas: &mut Canvas<'_>, line: Rect, model: &Model, left: usize) {
    let mut right = format!("{}, times in UTC", span_words(model));
    if left > 0 {
        right = format!("{left} more below   {right}");
    }
    let used = canvas.text_right(line, &right, canvas.palette.dim);
    let room = Rect { width: line.width.saturating_sub(used + 2), ..line };
    legend(canvas, room);
}

fn legend(canvas: &mut Canvas<'_>, room: Rect) {
    let (signs, palette) = (&canvas.glyphs.chart, canvas.palette);
    let parts = [
        (signs.target.repeat(2), " target", palette.warning),
        (signs.baseline[0].repeat(2), " baseline", palette.heading),
        (signs.event.to_owned(), " event", palette.dim),
        (canvas.glyphs.gap.repeat(2), " no data", palette.warning),
    ];
    let mut rest = room;
    for (sign, word, style) in parts {
        let wide = cells(text::width(&sign) + text::width(word) + 3);
        if rest.width < wide {
            break;
        }
        let used = canvas.text(rest, &sign, style);
        canvas.text(area::left(rest, used).1, word, canvas.palette.dim);
        rest = area::left(rest, wide).1;
    }
}

/// How much time is in sight: `last 5 min`.
fn span_words(model: &Model) -> String {
    let span = &model.charts.span;
    let minutes = (span.end - span.start + 30_000) / 60_000;
    let length = match minutes {
        ..60 => format!("{minutes} min"),
        60..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    };
    if span.contains(&model.now.timestamp_millis()) { format!("last {length}") } else { length }
}
