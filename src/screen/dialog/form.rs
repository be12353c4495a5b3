//! A form.
//!
//! ```text
//! ╭ Waive an item ────────────────────────────────╮
//! │ Run the test suite                            │
//! │                                               │
//! │ › how       ‹ skipped ›                       │
//! │   reason    why it is passed over             │
//! │                                               │
//! │ a reason is needed: say in a few words why    │
//! │ ⏎ record   tab first field   esc leave it     │
//! ╰───────────────────────────────────────────────╯
//! ```

use super::open;
use crate::cockpit::form::{Field, FieldKind, Form, Length, Stage};
use crate::screen::area::{self, cells};
use crate::screen::canvas::Canvas;
use crate::screen::input;
use crate::screen::line::{Block, Line};
use crate::screen::palette::Tone;
use crate::screen::text;
use ratatui::layout::{Position, Rect};

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, form: &Form) -> Option<Position> {
    let width = area.width.saturating_sub(8).clamp(40, 84);
    let columns = usize::from(width.saturating_sub(4));
    let mut intro = Block::new(columns);
    for (at, paragraph) in form.intro.iter().enumerate() {
        intro.at_most(3, if at == 0 { Tone::Title } else { Tone::Dim }, paragraph);
    }
    intro.space();
    let mut below = Block::new(columns);
    below.space();
    if let Some(error) = &form.error {
        below.at_most(4, Tone::Bad, error);
    }
    below.push(buttons(form));
    let fields = cells(form.fields.len());
    let above = cells(intro.lines.len());
    let height = above.saturating_add(fields).saturating_add(1).saturating_add(cells(below.lines.len())) + 2;
    let inner = open(canvas, area, &form.title, "", width, height);

    // Where there is little room the fields and the buttons stay, and what explains them goes.
    let needed = fields + 1 + cells(below.lines.len());
    let (place, rest) = area::top(inner, above.min(inner.height.saturating_sub(needed)));
    canvas.lines(place, &intro.lines);
    let (place, rest) = area::top(rest, fields);
    let label = form.fields.iter().map(|field| text::width(&field.label)).max().unwrap_or(0);
    let mut cursor = None;
    let there = form.fields.iter().enumerate().filter(|(at, _)| form.is_there(*at));
    for (line, (at, field)) in there.enumerate() {
        let focused = at == form.focus && form.stage == Stage::Filling;
        let found = draw_field(canvas, area::line(place, cells(line)), field, cells(label), focused);
        cursor = cursor.or(found);
    }
    let (_, rest) = area::top(rest, 1);
    canvas.lines(rest, &below.lines);
    cursor
}

fn buttons(form: &Form) -> Line {
    if form.stage == Stage::Recording {
        return Line::of(Tone::Running, "recording…");
    }
    let last = form.is_last(form.focus);
    let does = if last { form.verb } else { "next field" };
    let mut line = Line::of(Tone::Accent, "⏎").with(Tone::Dim, format!(" {does}"));
    if last && form.fields.len() > 1 {
        line = line.with(Tone::Accent, "   tab").with(Tone::Dim, " first field");
    }
    if form.fields.get(form.focus).is_some_and(|field| matches!(field.kind, FieldKind::Choice { .. })) {
        line = line.with(Tone::Accent, "   ← →").with(Tone::Dim, " choose");
    }
    if form.fields.get(form.focus).is_some_and(|field| field.length == Length::Lines) {
        line = line.with(Tone::Accent, "   ^O").with(Tone::Dim, " editor");
    }
    line.with(Tone::Accent, "   esc").with(Tone::Dim, " leave it")
}

/// One field; gives where the cursor is when it is in this one.
fn draw_field(canvas: &mut Canvas<'_>, line: Rect, field: &Field, label: u16, focused: bool) -> Option<Position> {
    let palette = canvas.palette;
    if focused {
        canvas.text(line, canvas.glyphs.cursor, palette.accent);
    }
    let (_, rest) = area::left(line, 2);
    canvas.text(rest, &field.label, if focused { palette.accent } else { palette.dim });
    let (_, place) = area::left(rest, label + 2);
    match &field.kind {
        FieldKind::Choice { options, at } => {
            let [less, more] = canvas.glyphs.choice;
            let option = options.get(*at).copied().unwrap_or_default();
            let style = if focused { palette.title } else { palette.text };
            canvas.text(place, &format!("{less} {option} {more}"), style);
            focused.then_some(Position { x: place.x, y: place.y })
        }
        FieldKind::Text(typed) => {
            let lines = typed.value().lines().count();
            let mut place = place;
            if lines > 1 {
                let used = canvas.text_right(place, &format!("  {lines} lines"), palette.dim);
                place.width = place.width.saturating_sub(used);
            }
            if focused && !typed.value().is_empty() {
                return Some(input::draw(canvas, place, typed));
            }
            let shown = input::shown(canvas.glyphs, typed.value());
            let (words, style) =
                if shown.is_empty() { (field.hint.as_str(), palette.dim) } else { (shown.as_str(), palette.text) };
            canvas.text(place, words, style);
            if focused {
                canvas.tint(place, palette.selection_idle);
            }
            focused.then_some(Position { x: place.x, y: place.y })
        }
    }
}
