//! What stands below every screen: the answer to the last key or the one next thing to do, and the keys.
//!
//! ```text
//!  next: Run the migration (⏎ on it, or a autopilot)
//!  ⏎ run  w waive  a autopilot  n note  d details  tab next panel  4 go/no-go  ? keys
//! ```

use super::area::{self, cells};
use super::canvas::Canvas;
use super::glyphs::Glyphs;
use super::hints;
use super::input;
use super::line::Line;
use super::palette::Tone;
use super::replay;
use super::text;
use crate::cockpit::Model;
use crate::cockpit::action::Action;
use crate::cockpit::advice;
use crate::cockpit::autopilot::{Autopilot, Waiting};
use crate::cockpit::model::Tone as Said;
use crate::cockpit::search::Search;
use crate::deployment::flight::Crew;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// From this height on an answer and the next thing to do stand below each other.
const ROOMY: u16 = 34;
/// Columns of the text searched for once its matches are marked.
const SEARCHED: usize = 24;

/// Draws the footer; gives what is left above it, and where the terminal's cursor goes if a text is typed here.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> (Rect, Option<Position>) {
    let (line, rest) = area::bottom(area, 1);
    keys(canvas, area::inset(line, 1), model);
    if let Some(search) = model.search.as_ref().filter(|search| search.typing && model.dialog.is_none()) {
        let (line, rest) = area::bottom(rest, 1);
        return (rest, Some(searching(canvas, area::inset(line, 1), model, search)));
    }
    // Where there is room the next thing to do has a line of its own that no answer takes.
    let roomy = area.height >= ROOMY;
    let rest = if roomy { next_line(canvas, rest, model) } else { rest };
    let columns = usize::from(rest.width.saturating_sub(2)).max(1);
    let chip = chip(model, canvas.glyphs);
    let taken = if chip.is_empty() { 0 } else { text::width(&chip) + 2 };
    let (style, words) = words(canvas, model, roomy, columns.saturating_sub(taken));
    let most = if rest.height >= 20 { 3 } else { 1 };
    let words = canvas.glyphs.spell(words.into()).into_owned();
    // A refusal says what to do next at its end, so it is never cut where there is room for it.
    let mut lines = text::wrap(&words, columns.saturating_sub(taken).max(1));
    if lines.len() > most {
        let tail = lines.split_off(most - 1).join(" ");
        lines.push(tail);
    }
    let (place, rest) = area::bottom(rest, cells(lines.len().max(1)));
    let place = area::inset(place, 1);
    if !chip.is_empty() {
        let style = canvas.palette.running;
        canvas.text(area::line(place, 0), &chip, style);
    }
    for (at, words) in lines.iter().enumerate() {
        let (_, line) = area::left(area::line(place, cells(at)), cells(taken));
        canvas.text(line, words, style);
    }
    (rest, None)
}

/// Lines above the footer's words that a dialog may cover: where no answer is, the line kept for one is empty.
#[must_use]
pub fn spare(area: Rect, model: &Model) -> u16 {
    u16::from(area.height >= ROOMY && model.answer.is_none() && !model.autopilot.is_on() && model.search.is_none())
}

/// What is being searched for, how much was found, and what the keys do meanwhile.
fn searching(canvas: &mut Canvas<'_>, line: Rect, model: &Model, search: &Search) -> Position {
    let palette = canvas.palette;
    let keys =
        Line::of(Tone::Accent, "⏎").with(Tone::Dim, " keep  ").with(Tone::Accent, "↑ ↓").with(Tone::Dim, " others  ");
    let keys = keys.with(Tone::Accent, "esc").with(Tone::Dim, " go back");
    let used = canvas.line_right(line, &keys);
    let line = Rect { width: line.width.saturating_sub(used + 2), ..line };
    let count = search.count(model.selected.as_ref());
    let style = if search.matches.is_empty() { palette.warning } else { palette.text };
    let used = canvas.text_right(line, &count, style);
    let line = Rect { width: line.width.saturating_sub(used + 2), ..line };
    let used = canvas.text(line, "/", palette.accent);
    let (_, place) = area::left(line, used);
    input::draw(canvas, place, &search.input)
}

/// The autopilot's state or the search that is marked, where nobody can overlook it.
fn chip(model: &Model, glyphs: &Glyphs) -> String {
    let search = model.search.as_ref().filter(|search| !search.typing);
    match &model.autopilot {
        Autopilot::Off => search.map_or_else(String::new, |search| {
            let text = text::clean(search.text());
            let text = text::cut(&text, SEARCHED, glyphs.ellipsis);
            format!("/{text} {}", search.count(model.selected.as_ref()))
        }),
        Autopilot::On { crew: Crew::People, .. } => format!("{} AUTOPILOT", glyphs.running),
        Autopilot::On { crew: Crew::StandIns, .. } => format!("{} AUTOPILOT (simulated)", glyphs.running),
    }
}

/// What comes next, on the lowest line; gives what is left above it.
fn next_line(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let (line, rest) = area::bottom(area, 1);
    let words = advice::sentence(model, usize::from(line.width.saturating_sub(2)));
    canvas.text(area::inset(line, 1), &words, canvas.palette.text);
    rest
}

fn words(canvas: &Canvas<'_>, model: &Model, roomy: bool, room: usize) -> (Style, String) {
    let palette = canvas.palette;
    if let Some(answer) = &model.answer {
        let style = match answer.tone {
            Said::Plain => palette.text,
            Said::Good => palette.good,
            Said::Bad => palette.bad,
        };
        return (style, answer.text.clone());
    }
    if let Autopilot::On { waiting, .. } = &model.autopilot {
        let words = match waiting {
            Waiting::Attempt(item) => format!("running {} (esc pauses)", model.title(item)),
            Waiting::Answer(..) | Waiting::Nothing => "esc pauses".to_owned(),
        };
        return (palette.text, words);
    }
    // A lock that somebody holds has no other place where there are no three columns.
    if let Some((name, live)) = model.server().filter(|_| !roomy)
        && let Some(lock) = live.locks.first().filter(|lock| !lock.session.is_own())
    {
        let (key, waits) = (model.keymap.hint(Action::ShowMigration), live.queue.len());
        let words =
            format!("{name}: {} locked by {}, {waits} waiting; {key} shows it", lock.table, lock.session.name());
        return (palette.warning, words);
    }
    (palette.text, if roomy { String::new() } else { advice::sentence(model, room) })
}

fn keys(canvas: &mut Canvas<'_>, line: Rect, model: &Model) {
    let (key, word) = (canvas.palette.accent, canvas.palette.dim);
    let used = replay::hints(canvas, line, model);
    let mut line = area::left(line, used).1;
    for hint in hints::hints(model, canvas.glyphs, usize::from(line.width)) {
        let used = canvas.text(line, &hint.key, key);
        let (_, rest) = area::left(line, used + 1);
        let used = canvas.text(rest, &hint.word, word);
        line = area::left(rest, used + 2).1;
    }
}
