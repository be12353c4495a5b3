//! Every record, in the order of the ledger.
//!
//! ```text
//! ╭ Timeline ───────────────────────────────────── 214 records, UTC ╮
//! │ #212 14:00:07 captain       started Run the migration …          │
//! │ #213 14:00:25 captain     ✔ Run the migration: pass in 18.2 s …  │
//! ├ #213 · 2026-11-22 14:00:25 · captain@bastion-1 ──────────────────┤
//! │ the whole sentence                                               │
//! ╰──────────────────────────────────────────────────────────────────╯
//! ```
//!
//! Above it, once a T-0 is known, the steps of the window: see [`steps`].

mod gantt;
mod steps;

use super::area::{self, cells};
use super::canvas::{Canvas, Focus, Frame};
use super::line::{Block, Line};
use super::list;
use super::numbers;
use super::palette::Tone;
use super::text;
use crate::cockpit::log::LogFilter;
use crate::cockpit::model::Aside;
use crate::cockpit::msg::Windows;
use crate::cockpit::sentence::{Bearing, sentence};
use crate::cockpit::{Action, Model, Screen};
use crate::deployment::Record;
use ratatui::layout::Rect;

/// From this width on the day stands before the time.
const DAY_FROM: u16 = 100;
/// Lines kept for the record in hand.
const IN_HAND: u16 = 4;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    let area = steps::draw(canvas, area, model, windows);
    let focus = if model.aside == Aside::Main { Focus::Here } else { Focus::Elsewhere };
    let count = model.log.len();
    let number = model.cursor(Screen::Timeline).at.min(count.saturating_sub(1)) + 1;
    let note = format!("{} of {} records, times in UTC", numbers::count(number as u64), numbers::count(count as u64));
    let inner = canvas.frame(area, Frame { title: "Timeline", note: &note, focus });
    filters(canvas, area, model);
    let (below, table) = area::bottom(inner, if inner.height >= 12 { IN_HAND } else { 0 });
    windows.list = usize::from(table.height);
    if model.log.is_empty() {
        let words = if model.records.is_empty() { "No records yet" } else { "No record passes this filter" };
        canvas.text(table, words, canvas.palette.dim);
        return;
    }
    let cursor = model.cursor(Screen::Timeline);
    let shown = list::visible(cursor, table, count);
    windows.places.list = area::place(table, shown.top);
    for (at, record) in model.log.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(table, cells(at - shown.top));
        if let Some(record) = model.records.get(*record) {
            draw_row(canvas, line, model, record);
        }
        if at == cursor.at {
            canvas.select(line, focus);
        }
    }
    canvas.thumb(table, shown.top, count);
    if let Some(record) = model.record_in_hand() {
        in_hand(canvas, below, model, record, focus);
    }
}

/// The filters on the frame, the one chosen in brackets.
fn filters(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    if model.replay.is_some() {
        return;
    }
    let mut line = Line::of(Tone::Accent, format!(" {}", model.keymap.hint(Action::Filter)));
    for filter in LogFilter::ALL {
        line = if filter == model.log_filter {
            line.with(Tone::Title, format!(" [{}]", filter.word()))
        } else {
            line.with(Tone::Dim, format!(" {}", filter.word()))
        };
    }
    let (_, place) = area::left(area::line(area, 0), 11);
    if usize::from(place.width) >= line.width() + 40 {
        canvas.line(place, &line.with(Tone::Text, " "));
    }
}

pub(super) fn draw_row(canvas: &mut Canvas<'_>, line: Rect, model: &Model, record: &Record) {
    let palette = canvas.palette;
    let (place, rest) = area::left(line, 7);
    canvas.text(place, &record.seq.to_string(), palette.dim);
    let (columns, time) = if line.width >= DAY_FROM {
        (16, record.at.format("%m-%d %H:%M:%S").to_string())
    } else {
        (10, numbers::time(record.at))
    };
    let (place, rest) = area::left(rest, columns);
    canvas.text(place, &time, palette.dim);
    let (place, rest) = area::left(rest, (line.width / 6).clamp(12, 24));
    let place = Rect { width: place.width.saturating_sub(2), ..place };
    let whole = actor(record);
    // The name stated is worth more than the user beside it.
    let fits = text::width(&whole) <= usize::from(place.width);
    canvas.text(place, if fits || record.by.simulated.is_some() { &whole } else { &record.by.says }, palette.text);
    let sentence = sentence(&model.plan, record);
    let (glyph, tone) = mark(canvas, sentence.bearing);
    canvas.text(rest, glyph, palette.tone(tone));
    canvas.text(
        area::left(rest, 2).1,
        &sentence.text,
        palette.tone(if tone == Tone::Good { Tone::Text } else { tone }),
    );
}

/// Who did it; an answer that was simulated goes by the role it stands for.
fn actor(record: &Record) -> String {
    record.by.simulated.as_ref().map_or_else(|| record.by.to_string(), |role| format!("sim:{role}"))
}

pub(super) fn mark(canvas: &Canvas<'_>, bearing: Bearing) -> (&'static str, Tone) {
    match bearing {
        Bearing::Plain => (" ", Tone::Text),
        Bearing::Begins => (canvas.glyphs.running, Tone::Dim),
        Bearing::Good => (canvas.glyphs.done, Tone::Good),
        Bearing::Bad => (canvas.glyphs.failed, Tone::Bad),
        Bearing::Doubtful => (canvas.glyphs.waived, Tone::Warning),
    }
}

fn in_hand(canvas: &mut Canvas<'_>, area: Rect, model: &Model, record: &Record, focus: Focus) {
    let (head, body) = area::top(area, 1);
    let by = &record.by;
    let simulated = by.simulated.as_ref().map(|_| " (simulated)").unwrap_or_default();
    let title = format!("{}  {} UTC  {}{simulated}", record.seq, numbers::date_time(record.at), by.says);
    let title = text::clean(&title).into_owned();
    let note = format!("{}@{}", by.user, by.host);
    canvas.divide(head, Frame { title: &title, note: &note, focus });
    let mut block = Block::new(usize::from(body.width));
    block.at_most(usize::from(body.height), Tone::Text, &sentence(&model.plan, record).text);
    canvas.lines(body, &block.lines);
}
