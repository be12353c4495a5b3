//! The go/no-go line: the verdict as it would be now, how many criteria say what, and what is waited for.
//!
//! ```text
//!  GO/NO-GO  ? PENDING  1 go · 0 no-go · 13 pending · 7 due later   waiting for: Migration duration, …      4 go/no-go
//! ```

use crate::cockpit::{Action, Model};
use crate::deployment::criteria::Call;
use crate::deployment::fact::Approval;
use crate::screen::area;
use crate::screen::canvas::Canvas;
use crate::screen::line::Line;
use crate::screen::palette::Tone;
use crate::screen::standing;
use crate::screen::text;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Columns that must be left before it is reported what is waited for.
const WAITING_FROM: u16 = 30;

/// Draws the lowest line; gives what is left above it.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let Some(outlook) = &model.summary.outlook else { return area };
    let counts = &model.summary.counts;
    if counts.due() == 0 && counts.later == 0 {
        return area;
    }
    let (line, rest) = area::bottom(area, 1);
    let line = area::inset(line, 1);
    let palette = canvas.palette;
    let mut left = line;
    let used = canvas.text(left, "GO/NO-GO", palette.heading);
    left = area::left(left, used + 2).1;
    let (tone, words) = if let Some((_, decided)) = model.state.decision() {
        match decided.decision {
            Approval::Go => (Tone::Good, "decided GO".to_owned()),
            Approval::NoGo => (Tone::Bad, "decided NO-GO".to_owned()),
        }
    } else {
        let mark = standing::of_call(outlook.call, canvas.glyphs);
        (mark.tone, format!("{} {}", mark.glyph, verdict(outlook.call)))
    };
    let used = canvas.text(left, &words, palette.tone(tone).add_modifier(Modifier::BOLD));
    left = area::left(left, used + 2).1;
    let key = Line::of(Tone::Accent, model.keymap.hint(Action::ShowDecision)).with(Tone::Dim, " go/no-go");
    if usize::from(left.width) > text::width(&counts.words()) + 16 {
        let used = canvas.line_right(left, &key);
        left.width = left.width.saturating_sub(used + 2);
    }
    let used = canvas.text(left, &counts.words(), palette.text);
    left = area::left(left, used + 3).1;
    let reasons: Vec<&str> = outlook.reasons.iter().map(|reason| reason.item.as_str()).collect();
    if left.width >= WAITING_FROM && !reasons.is_empty() && model.state.decision().is_none() {
        let titles: Vec<String> = outlook.reasons.iter().take(4).map(|reason| model.title(&reason.item)).collect();
        canvas.text(left, &format!("{}: {}", waits(outlook.call), titles.join(", ")), palette.dim);
    }
    rest
}

fn waits(call: Call) -> &'static str {
    if call == Call::NoGo { "because of" } else { "waiting for" }
}

/// A verdict as it is distinguished from across the room.
pub(crate) fn verdict(call: Call) -> &'static str {
    match call {
        Call::Go | Call::DoesNotApply => "GO",
        Call::Inconclusive => "PENDING",
        Call::NoGo => "NO-GO",
    }
}
