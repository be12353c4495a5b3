//! A form.
//!
//! ```text
//! ╭ Waive step ───────────────────────────────────╮
//! │ Run full test suite                           │
//! │                                               │
//! │   how       ‹ skipped ›                       │
//! │ › reason *  why                               │
//! │                                               │
//! │ [ ⏎ record waiver ]  reason is required   esc │
//! ╰───────────────────────────────────────────────╯
//! ```

use super::open;
use crate::cockpit::dialog::Purpose;
use crate::cockpit::form::{Check, Field, FieldKind, Form, Length, Stage};
use crate::cockpit::msg::Windows;
use crate::cockpit::update::needed;
use crate::screen::area::{self, cells};
use crate::screen::canvas::Canvas;
use crate::screen::input;
use crate::screen::line::{Block, Line};
use crate::screen::palette::Tone;
use crate::screen::text;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

/// Lines above the fields that stay in sight where there is little room.
const KEPT: u16 = 3;

/// Draws a form; gives where the terminal's cursor goes.
///
/// The field in hand and the buttons are always in sight. What stands above them gets the lines that are left, is scrolled
/// where they are too few, and says how much is below.
pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    form: &Form,
    purpose: &Purpose,
    windows: &mut Windows,
) -> Option<Position> {
    let required = needed(purpose, form);
    let width = area.width.saturating_sub(8).clamp(40, 84);
    let columns = usize::from(width.saturating_sub(4));
    let mut intro = Block::new(columns);
    for (at, paragraph) in form.intro.iter().enumerate() {
        intro.paragraph(if at == 0 { Tone::Title } else { Tone::Dim }, paragraph);
    }
    let mut below = Block::new(columns);
    if let Some(error) = &form.error {
        below.at_most(4, Tone::Bad, error);
    }
    below.push(Line::blank());
    let above = cells(intro.lines.len());
    let air = u16::from(above > 0);
    // Fields come and go with a choice; the frame stays as it is.
    let height = above + air + cells(form.fields.len()) + 1 + cells(below.lines.len()) + 2;
    let inner = open(canvas, area, &form.title, "", width, height);

    let (foot, rest) = area::bottom(inner, cells(below.lines.len()));
    let last = foot.height.saturating_sub(1);
    canvas.lines(foot, &below.lines);
    buttons(canvas, area::line(foot, last), form, &required);

    let (gap, rest) = area::bottom(rest, 1);
    let there: Vec<usize> = (0..form.fields.len()).filter(|at| form.is_there(*at)).collect();
    let all = cells(there.len());
    // Of what explains the fields some lines stay, whatever the number of fields.
    let kept = above.min(KEPT).saturating_add(air);
    let shown = all.min(rest.height.saturating_sub(kept).max(1));
    let (text, rest) = area::top(rest, (above + air).min(rest.height.saturating_sub(shown)));
    let text = Rect { height: text.height.saturating_sub(air).max(text.height.min(above).min(1)), ..text };
    windows.dialog = usize::from(text.height);
    windows.dialog_end = canvas.window(text, &intro.lines, form.scroll);
    canvas.thumb(text, form.scroll.min(windows.dialog_end), intro.lines.len());
    if windows.dialog_end > 0 {
        let line = area::line(text, text.height.saturating_sub(1));
        canvas.text_right(line, " PgUp PgDn scroll", canvas.palette.dim);
    }

    let in_hand = there.iter().position(|at| *at == form.focus).unwrap_or(0);
    let first = usize::from(shown / 2);
    let first = in_hand.saturating_sub(first).min(there.len().saturating_sub(usize::from(shown)));
    let label = form.fields.iter().map(|field| text::width(&field.label) + 2).max().unwrap_or(0);
    let mut cursor = None;
    for (line, at) in there.iter().skip(first).take(usize::from(shown)).enumerate() {
        let Some(field) = form.fields.get(*at) else { continue };
        let focused = *at == form.focus && form.stage == Stage::Filling;
        let line = area::line(rest, cells(line));
        cursor = cursor.or(draw_field(canvas, line, field, cells(label), (focused, required.contains(at))));
    }
    let hidden = [("↑", first), ("↓", there.len() - first - usize::from(shown))];
    let hidden: Vec<String> =
        hidden.iter().filter(|(_, count)| *count > 0).map(|(way, count)| format!("{way} {count} more")).collect();
    canvas.text(area::left(gap, 2).1, &hidden.join("   "), canvas.palette.accent);
    cursor
}

/// The primary button, what is missing, and the other keys.
fn buttons(canvas: &mut Canvas<'_>, line: Rect, form: &Form, needed: &[usize]) {
    if form.stage == Stage::Recording {
        canvas.text(line, "recording…", canvas.palette.running);
        return;
    }
    let last = form.is_last(form.focus);
    let missing = needed.iter().copied().find(|at| form.is_empty(*at));
    let palette = canvas.palette;
    let mut keys = Line::blank();
    let mut left = line;
    if last {
        // What submits stands out as soon as nothing is missing.
        let style = if missing.is_none() {
            palette.border_focus.patch(palette.title).add_modifier(Modifier::REVERSED)
        } else {
            palette.dim
        };
        let used = canvas.text(left, &format!(" ⏎ {} ", form.verb), style);
        left = area::left(left, used + 2).1;
        if let Some(field) = missing.and_then(|at| form.fields.get(at)) {
            keys = keys.with(Tone::Warning, format!("{} is required   ", field.label.trim_start_matches('$')));
        }
        if form.fields.len() > 1 {
            keys = keys.with(Tone::Accent, "tab").with(Tone::Dim, " first field   ");
        }
    } else {
        keys = keys.with(Tone::Accent, "⏎").with(Tone::Dim, " next field   ");
    }
    if form.fields.get(form.focus).is_some_and(|field| matches!(field.kind, FieldKind::Choice { .. })) {
        keys = keys.with(Tone::Accent, "← →").with(Tone::Dim, " choose   ");
    }
    if form.fields.get(form.focus).is_some_and(|field| field.length == Length::Lines) {
        keys = keys.with(Tone::Accent, "^O").with(Tone::Dim, " editor   ");
    }
    canvas.line(left, &keys.with(Tone::Accent, "esc").with(Tone::Dim, " cancel"));
}

/// One field; gives where the cursor is when it is in this one.
fn draw_field(
    canvas: &mut Canvas<'_>,
    line: Rect,
    field: &Field,
    label: u16,
    (focused, needed): (bool, bool),
) -> Option<Position> {
    let palette = canvas.palette;
    if focused {
        canvas.text(line, canvas.glyphs.cursor, palette.accent);
    }
    let (_, rest) = area::left(line, 2);
    let used = canvas.text(rest, &field.label, if focused { palette.accent } else { palette.dim });
    if needed {
        canvas.text(area::left(rest, used + 1).1, "*", palette.warning);
    }
    let (_, mut place) = area::left(rest, label + 1);
    let (words, style) = match field.check() {
        Check::None => ("", palette.dim),
        Check::OnTheWay => ("…", palette.dim),
        Check::Fits => (canvas.glyphs.done, palette.good),
        Check::Differs => ("differs", palette.bad),
    };
    let used = canvas.text_right(place, words, style);
    if used > 0 {
        place.width = place.width.saturating_sub(used + 1);
    }
    match &field.kind {
        FieldKind::Choice { options, at } => {
            let [less, more] = canvas.glyphs.choice;
            let option = options.get(*at).copied();
            let style = match (option, focused) {
                (None, _) => palette.warning,
                (Some(_), true) => palette.title,
                (Some(_), false) => palette.text,
            };
            let open = format!("choose {}", field.hint);
            let option = option.unwrap_or(&open);
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
