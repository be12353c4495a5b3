//! The time line at the foot of a replay: where it stands, what happened there, and what is to come.
//!
//! ```text
//!  REPLAY paused 10×  2026-11-22 02:03:10 UTC  #87 of 214  Ada: ticked Stop the service        skipped 04:10 of quiet
//!  02:00:11 ────▶──✔─────✗──█──────────────────────~─────────────────────────────✔──────────────── 02:41:07
//! ```

use super::area;
use super::canvas::Canvas;
use super::line::Line;
use super::numbers;
use super::palette::Tone;
use super::text;
use super::timeline::mark;
use crate::cockpit::Model;
use crate::cockpit::replay::{Strip, keys};
use crate::cockpit::sentence::sentence;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// From this height on the bar has a line of its own.
const ROOMY: u16 = 18;

/// Draws the time line where this is a replay; gives what is left above it.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let Some(strip) = &model.replay else { return area };
    let mut rest = area;
    if area.height >= ROOMY {
        let (line, above) = area::bottom(rest, 1);
        bar(canvas, area::inset(line, 1), strip);
        rest = above;
    }
    let (line, rest) = area::bottom(rest, 1);
    words(canvas, area::inset(line, 1), model, strip);
    rest
}

fn words(canvas: &mut Canvas<'_>, line: Rect, model: &Model, strip: &Strip) {
    let mut room = line;
    if let Some(skipped) = strip.skipped {
        let length = numbers::clock(skipped.to_std().unwrap_or_default());
        let used = canvas.text_right(room, &format!("skipped {length}"), canvas.palette.warning);
        room.width = room.width.saturating_sub(used + 2);
    }
    let state = Line::of(Tone::Warning, "REPLAY ");
    let state = if strip.playing {
        state.with(Tone::Running, format!("{} {}×", canvas.glyphs.running, strip.speed))
    } else {
        state.with(Tone::Dim, format!("paused {}×", strip.speed))
    };
    let day = line.width >= 100;
    let time = if day { numbers::date_time(model.now) } else { numbers::time(model.now) };
    let place = format!("  {time} UTC  #{} of {}  ", strip.at, strip.events.len());
    let used = canvas.line(room, &state.with(Tone::Title, place));
    let (_, rest) = area::left(room, used);
    if let Some(record) = model.records.last() {
        let sentence = sentence(&model.plan, record);
        let (glyph, tone) = mark(canvas, sentence.bearing);
        canvas.line(
            rest,
            &Line::of(tone, format!("{glyph} ")).with(Tone::Dim, format!("{}: {}", record.by, sentence.text)),
        );
    }
}

fn bar(canvas: &mut Canvas<'_>, line: Rect, strip: &Strip) {
    let (first, last) = (numbers::time(strip.first), numbers::time(strip.last));
    let used = canvas.text(line, &first, canvas.palette.dim);
    let (_, line) = area::left(line, used + 1);
    let used = canvas.text_right(line, &last, canvas.palette.dim);
    let place = Rect { width: line.width.saturating_sub(used + 1), ..line };
    canvas.fill(place, canvas.glyphs.border.horizontal, canvas.palette.track);
    let columns = usize::from(place.width);
    for (at, bearing) in strip.columns(columns).into_iter().enumerate() {
        let Some(bearing) = bearing else { continue };
        let (glyph, tone) = mark(canvas, bearing);
        let style = canvas.palette.tone(tone);
        // An event without a sign of its own is one all the same.
        let glyph = if glyph.trim().is_empty() { canvas.glyphs.bullet } else { glyph };
        canvas.text(cell(place, at), glyph, style);
    }
    let here = cell(place, strip.column(strip.at, columns));
    canvas.tint(here, Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD));
}

fn cell(place: Rect, at: usize) -> Rect {
    let (_, rest) = area::left(place, area::cells(at));
    area::left(rest, 1).0
}

/// The keys of the time line, as far as they fit; gives the columns used.
pub(super) fn hints(canvas: &mut Canvas<'_>, line: Rect, model: &Model) -> u16 {
    if model.replay.is_none() || model.dialog.is_some() || model.search.as_ref().is_some_and(|search| search.typing) {
        return 0;
    }
    let mut used = 0;
    for (key, _, word, _) in keys::ROWS {
        let hint = Line::of(Tone::Accent, key).with(Tone::Dim, format!(" {word}"));
        let wide = area::cells(hint.runs.iter().map(|(_, text)| text::width(&canvas.glyphs.spell(text.into()))).sum());
        // The key for help always has its place.
        if used + wide + 2 + HELP > line.width {
            break;
        }
        canvas.line(area::left(line, used).1, &hint);
        used += wide + 2;
    }
    used
}

/// Columns of the hint at help.
const HELP: u16 = 8;
