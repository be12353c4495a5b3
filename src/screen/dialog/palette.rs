//! The palette: every action with its key, its name and a sentence.
//!
//! ```text
//! ╭ Command ───────────────────── ⏎ does it   esc closes ╮
//! │ :mig                                         3 of 41 │
//! │ 2        migration       The migration               │
//! │ …                                                    │
//! ╰──────────────────────────────────────────────────────╯
//! ```

use super::open;
use crate::cockpit::Model;
use crate::cockpit::msg::Windows;
use crate::cockpit::palette::Palette;
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Focus};
use crate::screen::input;
use crate::screen::list;
use crate::screen::text;
use ratatui::layout::{Position, Rect};

/// Lines of actions shown at most.
const LINES: u16 = 14;
/// Columns of the keys.
const KEY: u16 = 10;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, palette: &Palette, windows: &mut Windows) -> Position {
    let width = area.width.saturating_sub(8).min(100);
    let inner = open(canvas, area, "Command", "⏎ does it   esc closes", width, LINES + 3);
    let (line, list) = area::top(inner, 1);
    let count = format!("{} of {}", palette.found.len(), crate::cockpit::Action::ALL.len());
    let used = canvas.text_right(line, &count, canvas.palette.dim);
    let line = Rect { width: line.width.saturating_sub(used + 2), ..line };
    let used = canvas.text(line, ":", canvas.palette.accent);
    let cursor = input::draw(canvas, area::left(line, used).1, &palette.input);

    windows.dialog = usize::from(list.height);
    windows.dialog_end = palette.found.len();
    if palette.found.is_empty() {
        canvas.text(list, "no action is called that; backspace, or esc", canvas.palette.warning);
    }
    let names = palette.found.iter().map(|action| text::width(action.name())).max().unwrap_or(0);
    let shown = list::visible(palette.cursor, list, palette.found.len());
    windows.places.dialog = area::place(list, shown.top);
    for (at, action) in palette.found.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(list, cells(at - shown.top));
        let keys: Vec<String> = model.keymap.keys(*action).map(|key| key.to_string()).collect();
        let (place, rest) = area::left(line, KEY.min(line.width / 3));
        canvas.text(area::left(place, place.width.saturating_sub(1)).0, &keys.join(" "), canvas.palette.accent);
        let (place, rest) = area::left(rest, cells(names + 2));
        canvas.text(place, action.name(), canvas.palette.text);
        canvas.text(rest, action.sentence(), canvas.palette.dim);
        if at == palette.cursor.at {
            canvas.select(line, Focus::Here);
        }
    }
    canvas.thumb(list, shown.top, palette.found.len());
    cursor
}
