//! The verdict, large enough to be read from across the room, and where the decision stands: criteria, poll, decision.
//!
//! ```text
//! ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
//! ▓ GO   13 go · 0 no-go · 0 pending · 7 due later   poll 6/6     ▓
//! ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
//! ✔ 1 Criteria 13/13 › ✔ 2 Poll 6/6 › [▶ 3 Decision]
//! ```

use crate::cockpit::{Model, round};
use crate::deployment::criteria::Call;
use crate::deployment::fact::Approval;
use crate::screen::area;
use crate::screen::canvas::Canvas;
use crate::screen::line::Line;
use crate::screen::numbers;
use crate::screen::palette::Tone;
use crate::screen::text;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// From this size on the verdict is written in large letters.
const LARGE_FROM: (u16, u16) = (84, 30);
/// From this height on the band is three lines high.
const BAND_FROM: u16 = 14;
/// Lines and columns of a large letter.
const LETTER: (u16, u16) = (5, 6);

/// The verdict as it is, or would be now.
pub(super) struct Verdict {
    pub tone: Tone,
    pub word: &'static str,
    pub says: String,
}

/// What was decided, else what criteria and poll come to now.
pub(super) fn verdict(model: &Model) -> Verdict {
    if let Some((stamp, decided)) = model.state.decision() {
        let (tone, word) = match decided.decision {
            Approval::Go => (Tone::Good, "GO"),
            Approval::NoGo => (Tone::Bad, "NO-GO"),
        };
        return Verdict { tone, word, says: format!("decided by {}, {} UTC", stamp.by, numbers::date_time(stamp.at)) };
    }
    let outlook = model.summary.outlook.as_ref().map_or(Call::Inconclusive, |outlook| outlook.call);
    let poll = model.state.poll();
    let against = poll.is_some_and(|poll| !poll.against(&model.plan).is_empty());
    let objects = poll.is_some_and(|poll| poll.no_gos().next().is_some());
    match outlook {
        _ if objects || outlook == Call::NoGo => {
            Verdict { tone: Tone::Bad, word: "NO-GO", says: "not decided yet".to_owned() }
        }
        Call::Go | Call::DoesNotApply => {
            let says = if model.drives() { round::words(model) } else { "not decided yet".to_owned() };
            let (tone, word) = if against { (Tone::Warning, "PENDING") } else { (Tone::Good, "GO") };
            Verdict { tone, word, says }
        }
        Call::Inconclusive | Call::NoGo => {
            Verdict { tone: Tone::Warning, word: "PENDING", says: "missing data blocks GO".to_owned() }
        }
    }
}

/// Draws the band and the sequence; gives what is left below them.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let verdict = verdict(model);
    let ground = canvas.palette.tone(verdict.tone).add_modifier(Modifier::REVERSED | Modifier::BOLD);
    let large = area.width >= LARGE_FROM.0 && area.height >= LARGE_FROM.1;
    let height = match area.height {
        _ if large => LETTER.0 + 2,
        BAND_FROM.. => 3,
        _ => 1,
    };
    let (band, rest) = area::top(area, height);
    for at in 0..band.height {
        canvas.fill(area::widened(area::line(band, at)), " ", ground);
    }
    let middle = band.height / 2;
    let mut left = area::inset(band, 1);
    if large {
        letters(canvas, left, verdict.word, ground);
        let wide = area::cells(verdict.word.chars().count()) * LETTER.1;
        left = area::left(left, wide + 3).1;
        canvas.text(area::line(left, middle - 1), &counts(model), ground);
        canvas.text(area::line(left, middle + 1), &verdict.says, ground);
    } else {
        let line = area::line(left, middle);
        let used = canvas.text(line, verdict.word, ground);
        let (_, place) = area::left(line, used + 3);
        let used = canvas.text(place, &counts(model), ground);
        let (_, rest) = area::left(place, used + 2);
        if text::width(&verdict.says) <= usize::from(rest.width) {
            canvas.text_right(rest, &verdict.says, ground);
        } else if band.height > 2 {
            canvas.text(Rect { y: place.y + 1, ..place }, &verdict.says, ground);
        }
    }
    let (line, rest) = area::top(rest, 1);
    canvas.line(line, &sequence(canvas, model));
    rest
}

fn counts(model: &Model) -> String {
    model.summary.counts.words()
}

/// Criteria, poll, decision: what is done, and what is next in brackets.
fn sequence(canvas: &Canvas<'_>, model: &Model) -> Line {
    let counts = &model.summary.counts;
    let poll = model.summary.poll;
    let decided = model.state.decision().is_some();
    let (met, due) = (counts.met(), counts.due());
    let mut steps = vec![(format!("1 Criteria {met}/{due}"), due > 0 && met == due)];
    if poll.roles > 0 {
        let words = if poll.taken {
            format!("2 Poll {}/{}", poll.answered, poll.roles)
        } else if decided {
            "2 No poll".to_owned()
        } else {
            "2 Poll not open".to_owned()
        };
        steps.push((words, poll.complete));
    }
    steps.push((format!("{} Decision", steps.len() + 1), decided));
    let next = if decided { None } else { steps.iter().position(|(_, done)| !done) };
    let mut line = Line::blank();
    for (at, (words, done)) in steps.into_iter().enumerate() {
        if at > 0 {
            line = line.with(Tone::Dim, format!(" {} ", canvas.glyphs.step));
        }
        line = match (done, Some(at) == next) {
            (true, _) => line.with(Tone::Good, format!("{} {words}", canvas.glyphs.done)),
            (false, true) => line.with(Tone::Title, format!("[{} {words}]", canvas.glyphs.running)),
            (false, false) => line.with(Tone::Dim, format!("{} {words}", canvas.glyphs.open)),
        };
    }
    line
}

/// Writes a word in letters of five lines, from the second line of the area on.
fn letters(canvas: &mut Canvas<'_>, area: Rect, word: &str, style: Style) {
    for (at, letter) in word.chars().enumerate() {
        let (_, place) = area::left(area, area::cells(at) * LETTER.1);
        for (row, bits) in shape(letter).iter().enumerate() {
            let line = area::line(place, area::cells(row) + 1);
            for column in 0..5_u16 {
                if bits & (0b1_0000 >> column) != 0 {
                    let (_, cell) = area::left(line, column);
                    canvas.text(area::left(cell, 1).0, canvas.glyphs.bar, style);
                }
            }
        }
    }
}

/// A letter as five rows of five cells.
fn shape(letter: char) -> [u8; 5] {
    match letter {
        'G' => [0b11111, 0b10000, 0b10011, 0b10001, 0b11111],
        'O' => [0b11111, 0b10001, 0b10001, 0b10001, 0b11111],
        'N' => [0b10001, 0b11001, 0b10101, 0b10011, 0b10001],
        'P' => [0b11111, 0b10001, 0b11111, 0b10000, 0b10000],
        'E' => [0b11111, 0b10000, 0b11110, 0b10000, 0b11111],
        'D' => [0b11110, 0b10001, 0b10001, 0b10001, 0b11110],
        'I' => [0b11111, 0b00100, 0b00100, 0b00100, 0b11111],
        '-' => [0, 0, 0b11111, 0, 0],
        _ => [0; 5],
    }
}
