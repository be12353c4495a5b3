//! What stands below every screen: the answer to the last key or the one next thing to do, and the keys.
//!
//! ```text
//!  NOW ▶ Run migration 00:02   NEXT Migration duration < 30 s                       AUTOPILOT simulated, a pauses
//!  ⏎ run  w waive  a autopilot  e note  d details  tab next panel  4 go/no-go  ? help
//! ```

use super::area::{self, cells};
use super::canvas::Canvas;
use super::glyphs::Glyphs;
use super::hints;
use super::input;
use super::line::Line;
use super::numbers;
use super::palette::Tone;
use super::replay;
use super::text;
use crate::cockpit::Model;
use crate::cockpit::action::Action;
use crate::cockpit::advice;
use crate::cockpit::autopilot::Autopilot;
use crate::cockpit::model::Tone as Said;
use crate::cockpit::pace;
use crate::cockpit::search::Search;
use crate::deployment::flight::Crew;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// From this height on an answer and the next thing to do stand below each other.
const ROOMY: u16 = 34;
/// Below this width the reason of a pause stands without the word for what is paused.
const NARROW: u16 = 100;
/// Columns of the text searched for once its matches are marked.
const SEARCHED: usize = 24;

/// Draws the footer; gives what is left above it, and where the terminal's cursor goes if a text is typed here.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> (Rect, Option<Position>) {
    let (line, rest) = area::bottom(area, 1);
    keys(canvas, area::inset(line, 1), model);
    if let Some(search) = model.search.as_ref().filter(|search| search.typing && model.dialog.is_none()) {
        let (line, rest) = area::bottom(rest, 1);
        return (rest, Some(searching(canvas, area::inset(line, 1), model, search)));
    }
    // Where there is room what is running and what comes next have a line of their own that no answer takes.
    let roomy = area.height >= ROOMY;
    let rest = if roomy { status_line(canvas, rest, model) } else { rest };
    let columns = usize::from(rest.width.saturating_sub(2)).max(1);
    let chip = chip(model, canvas.glyphs);
    let taken = if chip.is_empty() { 0 } else { text::width(&chip) + 2 };
    let said = said(canvas, model, roomy);
    if said.is_none() && !roomy && chip.is_empty() {
        return (status_line(canvas, rest, model), None);
    }
    let (style, words) = said.unwrap_or((canvas.palette.text, String::new()));
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
pub(super) fn spare(area: Rect, model: &Model) -> u16 {
    u16::from(area.height >= ROOMY && model.answer.is_none() && model.search.is_none())
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

/// The search that is marked, where nobody can overlook it.
fn chip(model: &Model, glyphs: &Glyphs) -> String {
    let search = model.search.as_ref().filter(|search| !search.typing);
    search.map_or_else(String::new, |search| {
        let text = text::clean(search.text());
        let text = text::cut(&text, SEARCHED, glyphs.ellipsis);
        format!("/{text} {}", search.count(model.selected.as_ref()))
    })
}

/// What is running, what comes next, and what the autopilot does, on the lowest line; gives what is left above it.
fn status_line(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let (line, rest) = area::bottom(area, 1);
    let mut line = area::inset(line, 1);
    let autopilot = autopilot(model, line.width);
    if line.width >= 40 && autopilot.width() > 0 {
        // At most half of the line: what comes next stays in sight, and a long reason is cut where one sees it.
        let used = canvas.line_right(area::right(line, line.width / 2).0, &autopilot);
        line.width = line.width.saturating_sub(used + 2);
    }
    let running = model.state.running().last();
    if let Some(attempt) = running {
        let elapsed = pace::pace(attempt, model.progress.get(&attempt.number), model.now).elapsed;
        let now = Line::of(Tone::Heading, "NOW ").with(
            Tone::Running,
            format!("{} {} {}", canvas.glyphs.running, model.title(&attempt.item), numbers::clock(elapsed)),
        );
        let used = canvas.line(line, &now);
        line = area::left(line, used + 3).1;
        if let Some(after) = advice::after(model).filter(|_| line.width > 20) {
            let next = Line::of(Tone::Heading, "NEXT ").with(Tone::Text, model.title(&after));
            canvas.line(line, &next);
        }
        return rest;
    }
    let label = advice::label(model);
    let used = canvas.text(line, label, canvas.palette.heading);
    line = area::left(line, used + 1).1;
    let words = match model.summary.next.item().filter(|_| model.autopilot.is_on()) {
        // The autopilot presses the keys now.
        Some(item) => model.title(item),
        None => advice::sentence(model, usize::from(line.width)),
    };
    canvas.text(line, &words, canvas.palette.text);
    rest
}

/// What the autopilot does, or why it does nothing.
fn autopilot(model: &Model, columns: u16) -> Line {
    let head = Line::of(Tone::Heading, "AUTOPILOT ");
    match (&model.autopilot, &model.paused) {
        (Autopilot::On { crew, .. }, _) => {
            let words = if *crew == Crew::Simulated { "simulated" } else { "on" };
            head.with(Tone::Running, words)
                .with(Tone::Dim, format!(", {} pauses", model.keymap.hint(Action::Autopilot)))
        }
        (Autopilot::Off, Some(why)) if columns < NARROW => Line::of(Tone::Heading, "PAUSED ").with(Tone::Warning, why),
        (Autopilot::Off, Some(why)) => head.with(Tone::Warning, format!("paused: {why}")),
        (Autopilot::Off, None) => Line::blank(),
    }
}

/// The answer to the last key; where there is little room also a lock that has no other place.
fn said(canvas: &Canvas<'_>, model: &Model, roomy: bool) -> Option<(Style, String)> {
    let palette = canvas.palette;
    if let Some(answer) = &model.answer {
        let style = match answer.tone {
            Said::Plain => palette.text,
            Said::Good => palette.good,
            Said::Bad => palette.bad,
        };
        return Some((style, answer.text.clone()));
    }
    // A lock that somebody holds has no other place where there are no columns beside each other.
    let (name, live) = model.server().filter(|_| !roomy && !model.autopilot.is_on())?;
    let lock = live.locks.first().filter(|lock| !lock.session.is_own())?;
    let (key, waits) = (model.keymap.hint(Action::ShowMigration), live.queue.len());
    let words = format!("{name}: {} locked by {}, {waits} waiting; {key} shows it", lock.table, lock.session.name());
    Some((palette.warning, words))
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
