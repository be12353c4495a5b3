//! The palette: every action with its key and its name; as help, with its key and a sentence. What belongs to the screen
//! in hand comes first, what would be refused last and says why.
//!
//! ```text
//! ╭ Commands ──────────────────── ⏎ run   esc close ╮
//! │ :mig                                    3 of 41 │
//! │ this screen                                     │
//! │ 2        migration       The migration          │
//! │ …                                               │
//! ╰─────────────────────────────────────────────────╯
//! ```

use super::open;
use crate::cockpit::Action;
use crate::cockpit::Model;
use crate::cockpit::msg::Windows;
use crate::cockpit::palette::{Kind, Palette};
use crate::cockpit::relevance::Relevance;
use crate::cockpit::replay::keys::{ROWS, scrub};
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

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    model: &Model,
    palette: &Palette,
    windows: &mut Windows,
) -> Position {
    let width = area.width.saturating_sub(8).min(100);
    let (title, lines) = match palette.kind {
        Kind::Commands => ("Commands", LINES),
        Kind::Keys => ("Keys", area.height.saturating_sub(5)),
    };
    let inner = open(canvas, area, title, "⏎ run   esc close", width, lines + 3);
    let (line, mut list) = area::top(inner, 1);
    let count = format!("{} of {}", palette.found.len(), crate::cockpit::Action::ALL.len());
    let used = canvas.text_right(line, &count, canvas.palette.dim);
    let line = Rect { width: line.width.saturating_sub(used + 2), ..line };
    let sign = if palette.kind == Kind::Keys { "filter " } else { ":" };
    let used = canvas.text(line, sign, canvas.palette.accent);
    let cursor = input::draw(canvas, area::left(line, used).1, &palette.input);
    if palette.kind == Kind::Keys && model.replay.is_some() && list.height > 12 {
        for (keys, _, _, sentence) in ROWS {
            let (line, rest) = area::top(list, 1);
            let (place, words) = area::left(line, KEY);
            canvas.text(place, keys, canvas.palette.accent);
            canvas.text(words, sentence, canvas.palette.text);
            list = rest;
        }
    }
    windows.dialog = usize::from(list.height);
    windows.dialog_end = palette.found.len();
    if palette.found.is_empty() {
        canvas.text(list, "No such command; backspace, or esc", canvas.palette.warning);
    }
    let names = palette.found.iter().map(|action| text::width(action.name())).max().unwrap_or(0);
    let shown = list::visible(palette.cursor, list, palette.found.len());
    windows.places.dialog = area::place(list, shown.top);
    for (at, action) in palette.found.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(list, cells(at - shown.top));
        draw_action(canvas, line, model, palette, *action, cells(names + 2));
        if at == palette.cursor.at {
            canvas.select(line, Focus::Here);
        }
    }
    canvas.thumb(list, shown.top, palette.found.len());
    cursor
}

fn draw_action(canvas: &mut Canvas<'_>, line: Rect, model: &Model, palette: &Palette, action: Action, names: u16) {
    let styles = canvas.palette;
    let keys = model.keymap.keys(action).filter(|key| model.replay.is_none() || scrub(*key).is_none());
    let keys: Vec<String> = keys.map(|key| key.to_string()).collect();
    let (place, mut rest) = area::left(line, KEY.min(line.width / 3));
    let relevance = palette.relevance(action);
    let refused = matches!(relevance, Relevance::Refused(_));
    let quiet = |style| if refused { styles.dim } else { style };
    canvas.text(area::left(place, place.width.saturating_sub(1)).0, &keys.join(" "), quiet(styles.accent));
    let (words, style) = match relevance {
        Relevance::Refused(why) => (why.as_str(), styles.warning),
        Relevance::Here => ("this screen", styles.dim),
        Relevance::Anywhere | Relevance::Never => (action.group().title(), styles.dim),
    };
    let used = canvas.text_right(area::right(rest, rest.width / 3).0, words, style);
    rest.width = rest.width.saturating_sub(used + 2);
    if palette.kind == Kind::Commands {
        let (place, sentence) = area::left(rest, names);
        canvas.text(place, action.name(), quiet(styles.text));
        canvas.text(sentence, action.sentence(), styles.dim);
    } else {
        canvas.text(rest, action.sentence(), quiet(styles.text));
    }
}
