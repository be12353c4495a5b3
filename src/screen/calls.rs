//! One line below the header for what asks for attention beside the next thing to do.
//!
//! ```text
//!  ! Ada asks for a second person to open the gate of Production (and 1 more)            O override
//! ```

use super::area;
use super::canvas::Canvas;
use super::line::Line;
use super::palette::Tone;
use super::text;
use crate::cockpit::Model;
use crate::cockpit::model::{Access, Tone as Said};
use ratatui::layout::Rect;

/// Draws the line where there is something; gives what is left below it.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    // What the screen in hand shows at full length needs no line of its own.
    let here = model.screen.action();
    let calls: Vec<_> = model.summary.calls.iter().filter(|call| call.action != Some(here)).collect();
    let Some(call) = calls.first() else { return area };
    let (line, rest) = area::top(area, 1);
    let line = area::inset(line, 1);
    let more = calls.len() - 1;
    let mut room = line;
    if let Some(action) = call.action.filter(|_| model.access == Access::Flies) {
        let key = canvas.glyphs.spell(model.keymap.hint(action).into()).into_owned();
        let hint = Line::of(Tone::Accent, key).with(Tone::Dim, format!(" {}", action.word()));
        let used = canvas.line_right(line, &hint);
        room.width = room.width.saturating_sub(used + 2);
    }
    let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
    let wide = usize::from(room.width).saturating_sub(text::width(&more) + 2);
    let words = canvas.glyphs.spell(text::clean(&call.text)).into_owned();
    let words = text::cut(&words, wide, canvas.glyphs.ellipsis);
    let tone = match call.tone {
        Said::Bad => Tone::Bad,
        Said::Plain | Said::Good => Tone::Warning,
    };
    canvas.line(room, &Line::of(tone, format!("! {words}")).with(Tone::Dim, more));
    rest
}
