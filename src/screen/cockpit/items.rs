//! The items of the phase in hand, and below them the item in hand.
//!
//! ```text
//! ╭ 10 Production › Migration ────────────── 9/22 ╮
//! │ Migration                                 1/3 │
//! │ ✔ Connect to production host     0.4 s   done │
//! │ ▶ Run the migration        ×2    running 00:12 │
//! │ · 5 not applicable ▸                         z │
//! ├ migration · production ──────── line 38 of … ─┤
//! │ …                                             │
//! ╰───────────────────────────────────────────────╯
//! ```

use super::{Columns, hand};
use crate::checklist::{Item, SectionId};
use crate::cockpit::model::Panel;
use crate::cockpit::msg::Windows;
use crate::cockpit::search::spans;
use crate::cockpit::tree::Row;
use crate::cockpit::{Action, Model};
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Focus, Frame};
use crate::screen::list;
use crate::screen::numbers;
use crate::screen::palette::Tone;
use crate::screen::standing;
use ratatui::layout::Rect;
use std::time::Duration;

/// From these widths on durations have a column of their own, and targets.
const TIME_FROM: u16 = 62;
const TARGET_FROM: u16 = 92;
/// Columns of each.
const TIME: u16 = 11;
const TARGET: u16 = 18;
/// Stands behind the title of an item whose note holds what is searched for.
const NOTE: &str = "in a note";
/// Columns kept for the word behind the kind; a longer one takes the kind's place.
const WORD: u16 = 14;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, columns: Columns, windows: &mut Windows) {
    let focus = if model.panel == Panel::Phases { Focus::Elsewhere } else { Focus::Here };
    let (title, note) = titles(canvas, model, columns);
    let inner = canvas.frame(area, Frame { title: &title, note: &note, focus });
    let lines = cells(model.item_rows.len());
    let list_height = if model.panel == Panel::Output {
        // Who reads the output gets the room for it; the item stays in sight.
        (inner.height / 6).max(1)
    } else {
        lines.clamp(inner.height / 3, (inner.height * 3 / 5).max(inner.height / 3))
    };
    let (list, rest) = area::top(inner, list_height);
    rows(canvas, list, model, focus, windows);
    hand::draw(canvas, rest, model, columns, focus, windows);
}

/// The list alone, as high as its place.
pub(super) fn draw_list(canvas: &mut Canvas<'_>, area: Rect, model: &Model, columns: Columns, windows: &mut Windows) {
    let focus = if model.panel == Panel::Items { Focus::Here } else { Focus::Elsewhere };
    let (title, note) = titles(canvas, model, columns);
    let inner = canvas.frame(area, Frame { title: &title, note: &note, focus });
    rows(canvas, inner, model, focus, windows);
}

fn rows(canvas: &mut Canvas<'_>, list: Rect, model: &Model, focus: Focus, windows: &mut Windows) {
    let list = gate(canvas, list, model);
    windows.items = usize::from(list.height);
    if model.item_rows.is_empty() {
        canvas.text(list, "this phase has no items", canvas.palette.dim);
    }
    let shown = list::visible(model.item_cursor, list, model.item_rows.len());
    windows.places.items = area::place(list, shown.top);
    for (at, row) in model.item_rows.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(list, cells(at - shown.top));
        match row {
            Row::Section(id) => section(canvas, line, model, id),
            Row::Item(id, depth) => {
                if let Some(item) = model.plan.item(id) {
                    draw_item(canvas, line, model, item, *depth);
                }
            }
            Row::Collapsed(_, count) => collapsed(canvas, line, model, *count),
            Row::Phase(_) => {}
        }
        if at == model.item_cursor.at && row.item().is_some() {
            canvas.select(line, focus);
        }
    }
    canvas.thumb(list, shown.top, model.item_rows.len());
}

/// What keeps the phase in hand closed, on one line; gives what is left below it.
fn gate(canvas: &mut Canvas<'_>, list: Rect, model: &Model) -> Rect {
    let needs = model.summary.phases.get(model.phase_cursor.at).map(|summary| summary.needs.as_slice());
    let Some([first, more @ ..]) = needs.filter(|_| list.height > 4) else { return list };
    let (line, rest) = area::top(list, 1);
    let more = if more.is_empty() { String::new() } else { format!(" (+{} more)", more.len()) };
    let used = canvas.text_right(line, &more, canvas.palette.dim);
    let line = Rect { width: line.width.saturating_sub(used), ..line };
    canvas.text(line, &format!("{} gate closed: {}", canvas.glyphs.closed, first.missing), canvas.palette.warning);
    rest
}

/// Stands for the steps of a section that are not applicable.
pub(crate) fn collapsed(canvas: &mut Canvas<'_>, line: Rect, model: &Model, count: usize) {
    let key = model.keymap.hint(Action::ShowAll);
    let words = format!("{} {count} not applicable {}", canvas.glyphs.inapplicable, canvas.glyphs.folded);
    canvas.text(line, &words, canvas.palette.dim);
    canvas.text_right(line, &key, canvas.palette.accent);
}

fn titles(canvas: &Canvas<'_>, model: &Model, columns: Columns) -> (String, String) {
    let phases = &model.plan.checklist().phases;
    let Some(phase) = phases.get(model.phase_cursor.at) else { return ("Items".to_owned(), String::new()) };
    let note = model.summary.phases.get(model.phase_cursor.at);
    let note = note.map(|summary| summary.tally.short()).unwrap_or_default();
    if columns == Columns::One {
        return (format!("Phase {}/{}  {}", model.phase_cursor.at + 1, phases.len(), phase.title), note);
    }
    let section = model.selected.as_ref().filter(|id| id.phase() == phase.id);
    let section = section.and_then(|id| model.plan.section_of(id));
    let step = canvas.glyphs.step;
    (section.map_or_else(|| phase.title.clone(), |section| format!("{} {step} {}", phase.title, section.title)), note)
}

/// A section's heading with how many of its items are complete.
pub(crate) fn section(canvas: &mut Canvas<'_>, line: Rect, model: &Model, id: &SectionId) {
    let phase = id.as_str().split('/').next().unwrap_or_default();
    let phase = model.plan.checklist().phase(&phase.into());
    let Some(section) = phase.and_then(|phase| phase.sections.iter().find(|section| section.id == *id)) else { return };
    let tally = model.board.tally(section.items());
    let mut words = tally.short();
    if let Some(offset) = section.offset {
        words = format!("{offset}   {words}");
    }
    let used = canvas.text_right(line, &words, canvas.palette.dim);
    let title = Rect { width: line.width.saturating_sub(used + 1), ..line };
    canvas.text(title, &section.title, canvas.palette.heading);
}

/// One item: sign, title, kind where there is room, and the word or number at the right.
pub(crate) fn draw_item(canvas: &mut Canvas<'_>, line: Rect, model: &Model, item: &Item, depth: usize) {
    let palette = canvas.palette;
    let mark = standing::of_item(model, canvas.glyphs, item);
    let tone = palette.tone(mark.tone);
    let (_, line) = area::left(line, cells(depth.min(6) * 2));
    canvas.text(line, mark.glyph, tone);
    let (_, rest) = area::left(line, 2);
    // A value that a person typed may be long; the title keeps at least half.
    let (words, _) = area::right(rest, rest.width / 2);
    let used = canvas.text_right(words, &mark.word, if mark.tone == Tone::Good { palette.dim } else { tone });
    let mut title = Rect { width: rest.width.saturating_sub(used + 1), ..rest };
    if line.width >= TIME_FROM && used <= WORD {
        // Columns stand where they stand in every line, whatever is nested how deep.
        let (time, left) = area::right(title, TIME + WORD - used);
        let time = Rect { width: TIME - 1, ..time };
        canvas.text_right(time, &duration(model, item), palette.dim);
        title = Rect { width: left.width.saturating_sub(1), ..left };
        if line.width >= TARGET_FROM {
            let (target, left) = area::right(title, TARGET);
            let words = item.targets.first().map(ToString::to_string).unwrap_or_default();
            canvas.text_right(target, &words, palette.dim);
            title = Rect { width: left.width.saturating_sub(1), ..left };
        }
    }
    if let Some((tone, words)) = in_time(model, item) {
        let (place, _) = area::right(title, title.width / 2);
        let used = canvas.text_right(place, &words, canvas.palette.tone(tone));
        title.width = title.width.saturating_sub(used + 2);
    }
    let style = if mark.glyph == canvas.glyphs.inapplicable { palette.dim } else { palette.text };
    let Some(search) = model.search.as_ref().filter(|search| search.number(&item.id).is_some()) else {
        canvas.text(title, &item.title, style);
        return;
    };
    if spans(&item.title, search.text()).is_empty() {
        // Found in a note, which the list does not show.
        let used = canvas.text_right(title, NOTE, palette.found);
        title.width = title.width.saturating_sub(used + 1);
    }
    canvas.text(title, &item.title, style);
    canvas.mark(title, &item.title, search.text());
}

/// What stands above the columns of [`draw_item`]; gives the columns used.
pub(crate) fn columns_heading(canvas: &mut Canvas<'_>, line: Rect) -> u16 {
    let dim = canvas.palette.dim;
    let mut used = canvas.text_right(line, "STATE", dim);
    let upto = |taken: u16| Rect { width: line.width.saturating_sub(taken), ..line };
    // The lines below stand two columns further in for each heading above them.
    if line.width >= TIME_FROM + 4 {
        used = WORD + 2 + canvas.text_right(upto(WORD + 2), "TIME", dim);
    }
    if line.width >= TARGET_FROM + 4 {
        used = TIME + WORD + 2 + canvas.text_right(upto(TIME + WORD + 2), "TARGET", dim);
    }
    used
}

/// How long the latest attempt took, and how many there were: `×3 2.2 s`.
fn duration(model: &Model, item: &Item) -> String {
    let Some(attempt) = model.state.latest(&item.id) else { return String::new() };
    let count = model.state.history(&item.id).map_or(0, |history| history.attempts.len());
    let took = attempt.outcome().map(|outcome| numbers::took(outcome.took_ms)).unwrap_or_default();
    if count > 1 { format!("×{count} {took}") } else { took }
}

/// When a step of the window is planned, if its heading does not tell that already, or by how much it is late.
fn in_time(model: &Model, item: &Item) -> Option<(Tone, String)> {
    if let Some(late) = model.helm.late(&item.id) {
        let completed = model.board.status(&item.id).is_complete();
        let late = numbers::clock(Duration::from_millis(late.unsigned_abs()));
        return Some((if completed { Tone::Dim } else { Tone::Warning }, format!("late {late}")));
    }
    let own = model.offset(&item.id)?;
    let heading = model.plan.section_of(&item.id).and_then(|section| section.offset);
    (heading != Some(own)).then(|| (Tone::Dim, own.to_string()))
}
