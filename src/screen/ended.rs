//! A line across the screen once the deployment does not go on: the rollback with its clock, or how it ended.
//!
//! ```text
//!  ◀ ROLLBACK  04:12 of 15:00, 10:48 left   step 2 of 5: Restore the backup          by Ada: health fails
//!    no return: Upgrade production: what was written in the old form is gone
//! ```

use super::area::{self, cells};
use super::canvas::Canvas;
use super::line::Line;
use super::numbers;
use super::palette::Tone;
use super::text;
use crate::cockpit::{Action, Model};
use crate::deployment::rollback::{self, RollbackClock};
use crate::deployment::window::Level;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::fmt::Write as _;
use std::time::Duration;

/// From this height on every point of no return has a line, up to so many.
const ROOMY: u16 = 28;
const POINTS: usize = 4;

/// Draws the line where there is an end; gives what is left below it.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let state = &model.state;
    if let Some((stamp, _)) = &state.closed {
        let words = format!("CLOSED by {}, {} UTC", stamp.by, numbers::date_time(stamp.at));
        return across(canvas, area, &words, "", canvas.palette.title);
    }
    if let Some(clock) = rollback::clock(&model.plan, state, model.now) {
        return back(canvas, area, model, &clock);
    }
    let Some(ended) = &state.ending else { return area };
    let words = format!(
        "{} {} by {}: {}",
        canvas.glyphs.failed,
        ended.ending.word().to_uppercase(),
        ended.stamp.by,
        ended.reason
    );
    let key = |action| model.keymap.hint(action);
    let undo = rollback::has_changed(&model.plan, state) && rollback::phases(&model.plan).next().is_some();
    let hint = if undo {
        format!("{} rolls back, {} closes", key(Action::Rollback), key(Action::Close))
    } else {
        format!("{} closes", key(Action::Close))
    };
    across(canvas, area, &words, &hint, canvas.palette.banner)
}

fn back(canvas: &mut Canvas<'_>, area: Rect, model: &Model, clock: &RollbackClock) -> Rect {
    let Some(rollback) = &model.state.rollback else { return area };
    let took = numbers::clock(Duration::from_millis(clock.ms));
    if let Some((_, over)) = &rollback.over {
        let hint = format!("{} shows what is left", model.keymap.hint(Action::Rollback));
        if over.unverified.is_empty() {
            let words = format!("{} ROLLED BACK in {took}: the old state is verified", canvas.glyphs.done);
            return across(canvas, area, &words, &hint, canvas.palette.good);
        }
        let count = over.unverified.len();
        let words = format!("{} ROLLED BACK in {took}, NOT VERIFIED: {count} of its steps", canvas.glyphs.failed);
        let rest = across(canvas, area, &words, &hint, canvas.palette.banner);
        let lines: Vec<Line> = over.unverified.iter().map(|open| Line::of(Tone::Bad, format!("  {open}"))).collect();
        return points(canvas, rest, area.height, &lines);
    }
    let mut words = format!("{} ROLLBACK  {}", canvas.glyphs.choice[0], time(clock));
    let back = model.summary.back.as_ref();
    words.push_str("   ");
    if let Some(((at, title), total)) = back.and_then(|back| back.step.as_ref().map(|step| (step, back.total))) {
        let _ = write!(words, "step {at} of {total}: {title}");
    } else {
        let _ = write!(words, "rollback steps complete: {} finishes it", model.keymap.hint(Action::Rollback));
    }
    let why = format!("by {}: {}", rollback.begun.by, rollback.reason);
    let rest = across(canvas, area, &words, &why, canvas.palette.rollback);
    let points_taken = back.map(|back| back.no_return.as_slice()).unwrap_or_default();
    let line = |(title, lost): &(String, String)| {
        Line::of(Tone::Warning, "  no return: ").with(Tone::Text, format!("{title}: {lost}"))
    };
    let lines: Vec<Line> = points_taken.iter().map(line).collect();
    points(canvas, rest, area.height, &lines)
}

/// The clock in words; what colour says elsewhere is said here too.
fn time(clock: &RollbackClock) -> String {
    let took = numbers::clock(Duration::from_millis(clock.ms));
    let Some(budget) = clock.budget_ms else { return took };
    let whole = numbers::clock(Duration::from_millis(budget));
    let left = numbers::clock(Duration::from_millis(budget.abs_diff(clock.ms)));
    match clock.level {
        Level::Green => format!("{took} of {whole}, {left} left"),
        Level::Amber => format!("{took} of {whole}, ONLY {left} LEFT"),
        Level::Red => format!("{took} of {whole}, {left} OVER"),
    }
}

/// Lines below the first one, as many as there is room for; the last one shows when some were left out.
fn points(canvas: &mut Canvas<'_>, area: Rect, height: u16, lines: &[Line]) -> Rect {
    let most = if height >= ROOMY { POINTS } else { 1 };
    let shown = if lines.len() > most { most.saturating_sub(1).max(1) } else { lines.len() };
    let more = lines.len() - shown;
    let own_line = more > 0 && most > 1;
    let (place, rest) = area::top(area, cells(shown + usize::from(own_line)));
    let place = area::inset(place, 1);
    for (at, line) in lines.iter().take(shown).enumerate() {
        let mut room = area::line(place, cells(at));
        if more > 0 && !own_line {
            let used = canvas.text_right(room, &format!("  and {more} more"), canvas.palette.dim);
            room.width = room.width.saturating_sub(used);
        }
        canvas.line(room, line);
    }
    if own_line {
        canvas.text(area::line(place, cells(shown)), &format!("  and {more} more"), canvas.palette.dim);
    }
    rest
}

/// A line across the whole screen, with something at its end where there is room for it.
fn across(canvas: &mut Canvas<'_>, area: Rect, words: &str, end: &str, style: Style) -> Rect {
    let (line, rest) = area::top(area, 1);
    canvas.fill(line, " ", style);
    let mut room = area::inset(line, 1);
    let words = canvas.glyphs.spell(text::clean(words)).into_owned();
    let end = canvas.glyphs.spell(text::clean(end)).into_owned();
    let spare = usize::from(room.width).saturating_sub(text::width(&words) + 3);
    let least = text::width(&end).min(16);
    if !end.is_empty() && spare >= least {
        let end = text::cut(&end, spare, canvas.glyphs.ellipsis);
        let used = canvas.text_right(room, &end, style);
        room.width = room.width.saturating_sub(used + 2);
    }
    canvas.text(room, &words, style);
    rest
}
