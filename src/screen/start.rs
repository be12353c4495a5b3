//! The start screen: what there is to open.
//!
//! ```text
//!  gonogo 0.1.0   /srv/deploy
//! ╭ Open ───────────────────────────────────────────── 1 of 7 ╮
//! │ Deployments in this folder                                 │
//! │ 1 F2X NeuroHub refactoring   ○ open 34/265   neurohub      │
//! │ Recent                                                     │
//! │ 2 …                                                        │
//! ├ neurohub.ledger.toml ──────────────────────────────────────┤
//! │ Resume this deployment.                                    │
//! ╰────────────────────────────────────────────────────────────╯
//!  ⏎ open  ↓ down  ↑ up  t theme  q quit
//! ```

use super::area::{self, cells};
use super::canvas::{Canvas, Focus, Frame};
use super::glyphs::Glyphs;
use super::line::Block;
use super::list;
use super::palette::{Palette, Tone};
use super::{SMALLEST, text, too_small};
use crate::cockpit::Action;
use crate::cockpit::list::ListCursor;
use crate::cockpit::model::Tone as Said;
use crate::cockpit::start::{Entry, NOTHING, Standing, Start, StartRow};
use crate::config::theme::Theme;
use ratatui::layout::Rect;

/// Wider than this a line is harder to follow, not easier.
const WIDEST: u16 = 124;
/// Lines kept for the entry in hand, its rule included.
const IN_HAND: u16 = 4;
/// Columns of the number in front of an entry.
const NUMBER: u16 = 3;
/// Columns of how far it has come.
const STANDING: u16 = 24;
/// Columns of the bar for that, and of when it was.
const BAR: u16 = 12;
const AGE: u16 = 12;

/// Draws the start screen, and says how high the list came out.
pub fn draw(frame: &mut ratatui::Frame<'_>, start: &Start, theme: &Theme, glyphs: &Glyphs) -> usize {
    let area = frame.area();
    let palette = Palette::new(theme);
    let mut canvas = Canvas { buffer: frame.buffer_mut(), palette: &palette, glyphs };
    canvas.tint(area, palette.background.patch(palette.text));
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(&mut canvas, area);
        return 0;
    }
    let (line, rest) = area::top(area, 1);
    title_line(&mut canvas, area::inset(line, 1), start);
    let (line, rest) = area::bottom(rest, 1);
    keys(&mut canvas, area::inset(line, 1), start);
    let rest = answer(&mut canvas, rest, start);

    let rows = start.rows();
    // On a large screen the list stands at the top in a readable width, not pulled to the edges.
    let height = cells(rows.len()).saturating_add(IN_HAND + 2);
    let place = Rect { width: rest.width.min(WIDEST), height: rest.height.min(height.max(16)), ..rest };
    let place = Rect { x: rest.x + (rest.width - place.width) / 2, ..place };
    let note = format!("{} of {}", (start.cursor.at + 1).min(start.entries.len()), start.entries.len());
    let inner = canvas.frame(place, Frame { title: "Open", note: &note, focus: Focus::Here });
    let (below, list) = area::bottom(inner, IN_HAND);
    let lines = ListCursor { at: start.row_in_hand(), top: start.cursor.top };
    let shown = list::visible(lines, list, rows.len());
    for (at, row) in rows.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(list, cells(at - shown.top));
        match row {
            StartRow::Heading(group) => {
                canvas.text(line, group.title(), palette.heading);
            }
            StartRow::Nothing => {
                canvas.text(line, NOTHING, palette.dim);
            }
            StartRow::Entry(index) => {
                if let Some(entry) = start.entries.get(*index) {
                    draw_entry(&mut canvas, line, *index, entry);
                }
                if at == lines.at {
                    canvas.select(line, Focus::Here);
                }
            }
        }
    }
    canvas.thumb(list, shown.top, rows.len());
    in_hand(&mut canvas, below, start);
    usize::from(list.height)
}

fn title_line(canvas: &mut Canvas<'_>, line: Rect, start: &Start) {
    let used = canvas.text(line, "gonogo", canvas.palette.title);
    let (_, rest) = area::left(line, used + 1);
    let used = canvas.text(rest, env!("CARGO_PKG_VERSION"), canvas.palette.dim);
    let (_, rest) = area::left(rest, used + 3);
    canvas.text(rest, &start.folder.to_string_lossy(), canvas.palette.text);
}

fn draw_entry(canvas: &mut Canvas<'_>, line: Rect, index: usize, entry: &Entry) {
    let palette = canvas.palette;
    let (number, rest) = area::left(line, NUMBER);
    if index < 9 {
        canvas.text(number, &(index + 1).to_string(), palette.accent);
    }
    let (title, right) = area::left(rest, rest.width * 2 / 5);
    let (place, path) = area::left(right, STANDING.min(right.width * 3 / 5));
    let (tone, words) = standing(canvas.glyphs, &entry.standing);
    // Where nothing stands behind it, the title has that room too.
    let room = if words.is_empty() { title.width + place.width } else { title.width };
    canvas.text(Rect { width: room.saturating_sub(2), ..title }, &entry.title, palette.text);
    canvas.text(Rect { width: place.width.saturating_sub(2), ..place }, &words, palette.tone(tone));
    let mut path = path;
    if let Standing::Flown { completed, total, age, .. } = &entry.standing {
        // How far it is and how long ago that was, in columns of their own.
        if path.width >= BAR + AGE + 12 {
            let (bar, rest) = area::left(path, BAR);
            let (when, rest) = area::left(rest, AGE);
            let percent =
                (completed * 100).checked_div(*total).and_then(|share| u32::try_from(share).ok()).unwrap_or(0);
            canvas.thin_bar(Rect { width: BAR - 2, ..bar }, f64::from(percent) / 100.0, palette.bar);
            let when = Rect { width: AGE - 2, ..when };
            let ago = if age.is_empty() { String::new() } else { format!("{age} ago") };
            canvas.text_right(when, &ago, palette.dim);
            path = rest;
        }
    }
    // The end of a path shows more than its beginning.
    let shown = tail(entry.place.trim_end_matches(".ledger.toml"), usize::from(path.width), canvas.glyphs.ellipsis);
    canvas.text(path, &shown, palette.dim);
}

/// A sign and a word or two for how far it has come.
fn standing(glyphs: &Glyphs, standing: &Standing) -> (Tone, String) {
    match standing {
        Standing::None => (Tone::Dim, String::new()),
        Standing::Reading => (Tone::Dim, glyphs.ellipsis.to_owned()),
        Standing::Unusable(_) => (Tone::Bad, format!("{} cannot be used", glyphs.failed)),
        Standing::Flown { outcome, completed, total, failed, running, overdue, words: _, age: _ } => {
            let counts = format!("{completed}/{total}");
            match outcome.as_str() {
                _ if *overdue > 0 => (Tone::Bad, format!("{} {overdue} overdue {counts}", glyphs.failed)),
                _ if *running > 0 => (Tone::Running, format!("{} running {counts}", glyphs.running)),
                "go" => (Tone::Good, format!("{} GO {counts}", glyphs.done)),
                "no-go" => (Tone::Bad, format!("{} NO-GO {counts}", glyphs.failed)),
                "closed" => (Tone::Dim, format!("{} closed {counts}", glyphs.done)),
                _ if *failed > 0 => (Tone::Bad, format!("{} {failed} failed {counts}", glyphs.failed)),
                word => (Tone::Text, format!("{} {word} {counts}", glyphs.open)),
            }
        }
    }
}

/// At most so many columns of a path, the end kept.
fn tail(path: &str, columns: usize, more: &str) -> String {
    let path = text::clean(path);
    if text::width(&path) <= columns {
        return path.into_owned();
    }
    let mut from = path.char_indices().map(|(at, _)| at);
    let fits = from.find(|at| text::width(&path[*at..]) + text::width(more) <= columns);
    fits.map(|at| format!("{more}{}", &path[at..])).unwrap_or_default()
}

fn in_hand(canvas: &mut Canvas<'_>, area: Rect, start: &Start) {
    let (head, body) = area::top(area, 1);
    let Some(entry) = start.in_hand() else {
        canvas.divide(head, Frame { title: "nothing to open", note: "", focus: Focus::Here });
        return;
    };
    let title = tail(&entry.place, usize::from(head.width.saturating_sub(4)), canvas.glyphs.ellipsis);
    canvas.divide(head, Frame { title: &title, note: "", focus: Focus::Here });
    let mut block = Block::new(usize::from(body.width));
    if let Standing::Unusable(why) = &entry.standing {
        block.at_most(usize::from(body.height), Tone::Bad, why);
    } else {
        block.at_most(usize::from(body.height), Tone::Text, &entry.does);
        if let Standing::Flown { words, .. } = &entry.standing {
            block.at_most(1, Tone::Dim, words);
        }
    }
    canvas.lines(body, &block.lines);
}

/// The answer to the last key, in as many lines as it takes; gives what is left above it.
fn answer(canvas: &mut Canvas<'_>, area: Rect, start: &Start) -> Rect {
    let words = "";
    let (style, words) = match &start.answer {
        None => (canvas.palette.dim, words),
        Some(answer) => {
            let style = match answer.tone {
                Said::Plain => canvas.palette.text,
                Said::Good => canvas.palette.good,
                Said::Bad => canvas.palette.bad,
            };
            (style, answer.text.as_str())
        }
    };
    let mut lines = text::wrap(&canvas.glyphs.spell(words.into()), usize::from(area.width.saturating_sub(2)).max(1));
    lines.truncate(usize::from(area.height / 3).max(1));
    let (place, rest) = area::bottom(area, cells(lines.len().max(1)));
    for (at, words) in lines.iter().enumerate() {
        canvas.text(area::inset(area::line(place, cells(at)), 1), words, style);
    }
    rest
}

fn keys(canvas: &mut Canvas<'_>, line: Rect, start: &Start) {
    let (accent, dim) = (canvas.palette.accent, canvas.palette.dim);
    let wanted = [
        (Action::Go, "open"),
        (Action::Down, "down"),
        (Action::Up, "up"),
        (Action::NextPanel, "next group"),
        (Action::NextTheme, "theme"),
        (Action::Help, "help"),
        (Action::Quit, "quit"),
    ];
    let mut line = line;
    let used = canvas.text(line, "1-9", accent);
    line = area::left(line, used + 1).1;
    for (action, word) in wanted {
        let key = start.keymap.hint(action);
        if key.is_empty() || usize::from(line.width) < text::width(&key) + text::width(word) + 1 {
            continue;
        }
        let used = canvas.text(line, &key, accent);
        let (_, rest) = area::left(line, used + 1);
        let used = canvas.text(rest, word, dim);
        line = area::left(rest, used + 2).1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_keeps_its_end() {
        assert_eq!(tail("/srv/deploy/a.ledger.toml", 14, "…"), "…a.ledger.toml");
        assert_eq!(tail("short", 9, "…"), "short");
        assert_eq!(tail("/이름/마이그레이션", 8, "…"), "…레이션");
        assert_eq!(tail("long path", 0, "…"), "");
    }
}
