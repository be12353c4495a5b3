//! The phases on one line, the one in hand by its name, the others as short as the line needs them.
//!
//! ```text
//!  Setup ✔━1 ✔━2 ✔━3 ✔━[▶ 4 Application 3/16]─5 ⊘─6 ⊘─10 ⊘─Go/No-Go ○─24 h ⊘
//! ```

use crate::cockpit::Model;
use crate::cockpit::model::{Panel, PhaseSummary};
use crate::screen::area;
use crate::screen::canvas::Canvas;
use crate::screen::palette::Tone;
use crate::screen::standing::{self, Mark};
use crate::screen::text;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Columns of a name that is reported whole, and of one that is reported in short.
const WHOLE: usize = 24;
const SHORT: usize = 9;

/// How much of each name is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    Whole,
    Short,
    /// Of the phase in hand only.
    InHand,
}

struct Stop {
    mark: Mark,
    name: String,
    here: bool,
}

pub(super) fn draw(canvas: &mut Canvas<'_>, line: Rect, model: &Model) {
    let room = usize::from(line.width);
    let stops = [Names::Whole, Names::Short, Names::InHand].map(|names| stops(canvas, model, names));
    let Some(stops) = stops.iter().find(|stops| width(stops) <= room).or(stops.last()) else { return };
    // Where even the signs do not fit, those around the phase in hand stay.
    let here = stops.iter().position(|stop| stop.here).unwrap_or(0);
    let mut from = 0;
    while from < here && width(&stops[from..]) > room {
        from += 1;
    }
    let mut left = line;
    for (at, stop) in stops.iter().enumerate().skip(from) {
        if at > from {
            let done = stops[at - 1].mark.tone == Tone::Good;
            let (between, style) = if done {
                (canvas.glyphs.passed, canvas.palette.good)
            } else {
                (canvas.glyphs.border.horizontal, canvas.palette.dim)
            };
            let used = canvas.text(left, between, style);
            left = area::left(left, used).1;
        }
        left = draw_stop(canvas, left, stop, model.panel == Panel::Phases);
    }
}

fn draw_stop(canvas: &mut Canvas<'_>, line: Rect, stop: &Stop, focused: bool) -> Rect {
    let palette = canvas.palette;
    let tone = palette.tone(stop.mark.tone);
    let mut left = line;
    let mut put = |canvas: &mut Canvas<'_>, text: &str, style: Style| {
        let used = canvas.text(left, text, style);
        left = area::left(left, used).1;
    };
    if stop.here {
        let edge = if focused { palette.border_focus } else { palette.accent };
        put(canvas, "[", edge);
        put(canvas, stop.mark.glyph, tone.add_modifier(Modifier::BOLD));
        put(canvas, &format!(" {}", stop.name), palette.title);
        put(canvas, "]", edge);
        return left;
    }
    if !stop.name.is_empty() {
        put(canvas, &format!("{} ", stop.name), palette.dim);
    }
    put(canvas, stop.mark.glyph, tone);
    left
}

fn width(stops: &[Stop]) -> usize {
    let each = |stop: &Stop| {
        let name = text::width(&stop.name);
        1 + if stop.here { name + 3 } else { name + usize::from(name > 0) }
    };
    stops.iter().map(each).sum::<usize>() + stops.len().saturating_sub(1)
}

fn stops(canvas: &Canvas<'_>, model: &Model, names: Names) -> Vec<Stop> {
    let phases = model.plan.checklist().phases.iter().enumerate();
    let shown = phases.filter(|(_, phase)| model.shows_phase(phase));
    shown
        .map(|(at, phase)| {
            let here = at == model.phase_cursor.at;
            let summary = model.summary.phases.get(at);
            let mark = summary.map(|summary| standing::of_phase(summary, canvas.glyphs));
            let mark = mark.unwrap_or(Mark { glyph: canvas.glyphs.open, word: String::new(), tone: Tone::Dim });
            let title = text::clean(&phase.title);
            let whole = |wide| text::cut(&title, wide, canvas.glyphs.ellipsis).into_owned();
            let name = match names {
                _ if here => format!("{}{}", whole(WHOLE), counts(summary)),
                Names::Whole => whole(WHOLE),
                Names::Short => short(&title).map_or_else(|| first_words(&title, &whole), ToOwned::to_owned),
                Names::InHand => String::new(),
            };
            Stop { mark, name, here }
        })
        .collect()
}

fn counts(summary: Option<&PhaseSummary>) -> String {
    summary.map(|summary| format!(" {}", summary.tally.short())).unwrap_or_default()
}

/// The number that a title begins with.
fn short(title: &str) -> Option<&str> {
    let first = title.split_whitespace().next()?;
    let number = first.trim_end_matches(['.', ')', ':']);
    (!number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.')).then_some(number)
}

/// As many of the first words as fit, without an article.
fn first_words(title: &str, whole: &dyn Fn(usize) -> String) -> String {
    let title = title.strip_prefix("The ").unwrap_or(title);
    let mut name = String::new();
    for word in title.split_whitespace() {
        if text::width(&name) + text::width(word) + usize::from(!name.is_empty()) > SHORT {
            break;
        }
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(word);
    }
    if name.is_empty() { whole(SHORT) } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_goes_by_its_number_where_it_has_one() {
        assert_eq!(short("10 Production"), Some("10"));
        assert_eq!(short("3. Schema"), Some("3"));
        assert_eq!(short("Go/No-Go"), None);
        assert_eq!(first_words("The first 24 hours", &|_| String::new()), "first 24");
        assert_eq!(first_words("Documentation", &|_| "Document…".to_owned()), "Document…");
        assert_eq!(short(""), None);
    }
}
