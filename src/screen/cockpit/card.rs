//! Five lines for somebody who sees this for the first time; `esc` puts them away for good.
//!
//! ```text
//! ╭ First time here? ───────────────────────────── esc close for good ╮
//! │ ⏎ runs the selected step; space ticks a manual one                │
//! │ …                                                                 │
//! ╰───────────────────────────────────────────────────────────────────╯
//! ```

use crate::cockpit::{Action, Model};
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Focus, Frame};
use crate::screen::line::Line;
use crate::screen::palette::Tone;
use ratatui::layout::Rect;

/// From this height on there is room for it.
const FROM: u16 = 24;
const LINES: u16 = 7;

/// Draws the card at the top; gives what is left below it.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    if !model.first_run || area.height < FROM {
        return area;
    }
    let key = |action| model.keymap.hint(action);
    let (place, rest) = area::top(area, LINES);
    let note = format!("{} close for good", key(Action::Back));
    let inner = canvas.frame(place, Frame { title: "First time here?", note: &note, focus: Focus::Elsewhere });
    let fly = if model.plan.is_rehearsal() {
        let simulate = key(Action::AutopilotSimulated);
        (simulate, "runs the whole rehearsal with simulated answers, in about a minute; a pauses it")
    } else {
        (key(Action::Autopilot), "runs every step that gonogo can run by itself, after asking; a pauses it")
    };
    let lines = [
        (key(Action::Go), "runs or completes the selected step; the cursor starts on the next one"),
        fly,
        ("0-7".to_owned(), "change the screen: 2 migration, 3 metrics, 4 go/no-go"),
        (key(Action::Help), "shows this screen's keys; : finds a command by its name"),
        (key(Action::Quit), "leaves; what is running continues, and the next cockpit picks it up"),
    ];
    for (at, (key, words)) in lines.into_iter().enumerate() {
        let line = Line::of(Tone::Accent, format!("{key:<6}")).with(Tone::Text, words);
        canvas.line(area::line(inner, cells(at)), &line);
    }
    rest
}
