//! What lies over a screen.
//!
//! ```text
//!       ╭ title ───────────────────────────╮
//!       │ what it is about                 │
//!       ╰──────────────────────────────────╯
//! ```

mod command;
mod details;
mod evidence;
mod form;
mod palette;
mod roles;
pub(crate) mod seat;

use super::area::{self, cells};
use super::canvas::{Canvas, Focus, Frame};
use super::line::{Block, Line};
use super::palette::Tone;
use crate::cockpit::advice::Next;
use crate::cockpit::msg::Windows;
use crate::cockpit::{Action, Dialog, Model};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// Draws a dialog; gives where the terminal's cursor goes, if anywhere.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    model: &Model,
    dialog: &Dialog,
    windows: &mut Windows,
) -> Option<Position> {
    backdrop(canvas, area);
    match dialog {
        Dialog::Form { form, purpose, .. } => return form::draw(canvas, area, form, purpose, windows),
        Dialog::Palette(palette) => return Some(palette::draw(canvas, area, model, palette, windows)),
        Dialog::Details { item, scroll } => details::draw(canvas, area, model, item, *scroll, windows),
        Dialog::Autopilot { .. } => autopilot(canvas, area, model),
        Dialog::Command { item, proposal, scroll } => {
            command::draw(canvas, area, model, (item, *proposal), *scroll, windows);
        }
        Dialog::Evidence(shown) => evidence::draw(canvas, area, model, shown, windows),
        Dialog::Seat { at } => seat::draw(canvas, area, model, *at),
        Dialog::Roles { cursor } => roles::draw(canvas, area, model, *cursor, windows),
        Dialog::Notice { title, lines } => notice(canvas, area, title, lines),
    }
    None
}

/// What lies below a dialog stays in sight and takes no attention.
fn backdrop(canvas: &mut Canvas<'_>, area: Rect) {
    let palette = canvas.palette;
    let quiet = Style::reset().patch(palette.background).patch(palette.dim);
    canvas.tint(area, quiet);
}

/// Takes the place of a dialog of this size in the middle; gives the area inside.
fn open(canvas: &mut Canvas<'_>, area: Rect, title: &str, note: &str, width: u16, height: u16) -> Rect {
    let place = area::centred(area, width, height);
    // One column of air keeps the frames below apart from this one.
    canvas.clear(area::widened(place).intersection(area));
    canvas.frame(place, Frame { title, note, focus: Focus::Here })
}

fn notice(canvas: &mut Canvas<'_>, area: Rect, title: &str, lines: &[String]) {
    let width = area.width.saturating_sub(8).min(72);
    let columns = usize::from(width.saturating_sub(4));
    let mut block = Block::new(columns);
    for line in lines {
        block.space();
        block.paragraph(Tone::Text, line);
    }
    if block.lines.len() + 2 > usize::from(area.height) {
        // Where air would push the end out of sight there is none.
        block.lines.retain(|line| !line.runs.is_empty());
    }
    let inner = open(canvas, area, title, "esc closes", width, cells(block.lines.len()).saturating_add(2));
    canvas.lines(inner, &block.lines);
}

/// What the autopilot would do, before it does.
fn autopilot(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let width = area.width.saturating_sub(8).min(72);
    let mut block = Block::new(usize::from(width.saturating_sub(4)));
    block.paragraph(
        Tone::Text,
        "Runs every step that gonogo can run by itself, in order, until one fails or a manual step is due.",
    );
    block.space();
    if let Next::Run(item) = &model.summary.next {
        block.field("first", Tone::Title, &model.title(item));
        if let Some((item, (name, environment))) =
            model.plan.item(item).and_then(|item| Some((item, model.plan.environment_of(item)?)))
        {
            block.field("in", Tone::Text, name.as_str());
            block.field("runs", Tone::Text, &item.check.kind().command(environment).unwrap_or_default());
        }
    }
    block.space();
    let again = model.keymap.hint(Action::Autopilot);
    let keys = Line::of(Tone::Accent, format!("⏎ {again}")).with(Tone::Dim, " start");
    block.push(keys.with(Tone::Accent, "   esc").with(Tone::Dim, " cancel"));
    let height = cells(block.lines.len()).saturating_add(2);
    let inner = open(canvas, area, "Autopilot", "", width, height);
    canvas.lines(inner, &block.lines);
}

/// Shows a long text from a line on, as far as it goes; gives nothing back but never scrolls past the end.
fn scrolled(canvas: &mut Canvas<'_>, inner: Rect, lines: &[Line], scroll: usize, windows: &mut Windows) {
    let height = usize::from(inner.height);
    windows.dialog = height;
    windows.dialog_end = lines.len().saturating_sub(height);
    let top = scroll.min(windows.dialog_end);
    canvas.lines(inner, &lines[top..]);
    canvas.thumb(inner, top, lines.len());
}
