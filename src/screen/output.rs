//! An attempt's output in its colours: its end, or where a person has scrolled to.

use super::area::{self, cells};
use super::canvas::Canvas;
use super::numbers;
use super::text;
use crate::cockpit::Model;
use crate::cockpit::msg::{Shown, Windows};
use crate::cockpit::output::{Ink, OutputView};
use crate::deployment::attempt::{Attempt, AttemptNumber};
use chrono::Duration;
use ratatui::layout::Rect;
use std::collections::VecDeque;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

type Piece = Vec<(Ink, String)>;

impl Canvas<'_> {
    /// Draws the lines of an attempt's output that are in sight, long ones folded; gives the lines of the screen used.
    pub(super) fn output(&mut self, area: Rect, model: &Model, attempt: AttemptNumber, windows: &mut Windows) -> u16 {
        windows.output = usize::from(area.height);
        windows.places.output = area::place(area, 0);
        let Some(view) = model.outputs.get(&attempt) else {
            windows.shown = Shown::default();
            return 0;
        };
        let end = model.scrolled_to(attempt);
        let (pieces, shown) = pieces(view, end, usize::from(area.width), usize::from(area.height));
        windows.shown = shown;
        for (at, piece) in pieces.iter().enumerate() {
            let mut rest = area::line(area, cells(at));
            for (ink, text) in piece {
                let used = self.text(rest, text, self.palette.ink(*ink));
                rest = area::left(rest, used).1;
            }
        }
        cells(pieces.len())
    }
}

/// What stands above an output: a running command that says nothing may wait for input that nobody can give.
pub(super) fn title(canvas: &Canvas<'_>, model: &Model, attempt: &Attempt) -> String {
    let silent = model.silences.get(&attempt.number).filter(|_| attempt.is_running());
    let Some(since) = silent.and_then(|since| i64::try_from(*since).ok()) else { return "output".to_owned() };
    let seconds = (model.now - attempt.started - Duration::milliseconds(since)).num_seconds().max(0);
    canvas.glyphs.spell(format!("output · silent for {seconds} s").into()).into_owned()
}

/// How much of an output is out of sight: `120 above, 12 lines below`. Empty when all of it is in sight.
pub(super) fn out_of_sight(model: &Model, attempt: AttemptNumber, area: Rect) -> String {
    let Some(view) = model.outputs.get(&attempt) else { return String::new() };
    let end = model.scrolled_to(attempt);
    let (_, shown) = pieces(view, end, usize::from(area.width), usize::from(area.height));
    let lines = |count: u64| format!("{} {}", numbers::count(count), if count == 1 { "line" } else { "lines" });
    let (above, below) = (shown.first, view.end().saturating_sub(shown.end));
    match (above, below) {
        (0, 0) => String::new(),
        (above, 0) => format!("{} above", lines(above)),
        (0, below) => format!("{} below", lines(below)),
        (above, below) => format!("{} above, {} below", numbers::count(above), lines(below)),
    }
}

/// The pieces that fill a window which ends with the line before `end`, or with the last one; at the top of the output
/// the window is filled up with what follows.
fn pieces(view: &OutputView, end: Option<u64>, columns: usize, rows: usize) -> (VecDeque<Piece>, Shown) {
    let mut pieces: VecDeque<Piece> = VecDeque::new();
    let end = end.unwrap_or(u64::MAX).clamp(view.first(), view.end());
    let mut shown = Shown { first: end, end };
    if columns == 0 || rows == 0 {
        return (pieces, shown);
    }
    while pieces.len() < rows
        && let Some(line) = shown.first.checked_sub(1).and_then(|number| view.line(number))
    {
        for piece in fold(line, columns).into_iter().rev() {
            pieces.push_front(piece);
        }
        shown.first -= 1;
    }
    while pieces.len() > rows {
        pieces.pop_front();
    }
    while pieces.len() < rows
        && let Some(line) = view.line(shown.end)
    {
        pieces.extend(fold(line, columns));
        shown.end += 1;
    }
    pieces.truncate(rows);
    (pieces, shown)
}

fn fold(line: &[(Ink, String)], columns: usize) -> Vec<Piece> {
    let mut pieces = vec![Piece::new()];
    let mut used = 0;
    for (ink, text) in line {
        let text = text::clean(text);
        let mut start = 0;
        for (at, grapheme) in text.grapheme_indices(true) {
            let wide = grapheme.width();
            if used + wide > columns && used > 0 {
                push(&mut pieces, *ink, &text[start..at]);
                pieces.push(Piece::new());
                (start, used) = (at, 0);
            }
            used += wide;
        }
        push(&mut pieces, *ink, &text[start..]);
    }
    pieces
}

fn push(pieces: &mut [Piece], ink: Ink, text: &str) {
    if let Some(piece) = pieces.last_mut()
        && !text.is_empty()
    {
        piece.push((ink, text.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, columns: usize, rows: usize) -> Vec<String> {
        let mut view = OutputView::default();
        view.feed(0, text.as_bytes());
        view.settle();
        let plain = |piece: &Piece| piece.iter().map(|(_, text)| text.as_str()).collect();
        pieces(&view, None, columns, rows).0.iter().map(plain).collect()
    }

    #[test]
    fn scrolled_back_the_window_stays_full() {
        let mut view = OutputView::default();
        view.feed(0, b"0\n1\n2\nthree\n4\n5\n");
        view.settle();
        let at = |end, rows| {
            let (pieces, shown) = pieces(&view, Some(end), 3, rows);
            let plain = |piece: &Piece| piece.iter().map(|(_, text)| text.as_str()).collect::<String>();
            (pieces.iter().map(plain).collect::<Vec<_>>(), shown)
        };
        assert_eq!(at(4, 3), (vec!["2".into(), "thr".into(), "ee".into()], Shown { first: 2, end: 4 }));
        assert_eq!(at(0, 2), (vec!["0".into(), "1".into()], Shown { first: 0, end: 2 }));
        assert_eq!(at(99, 2), (vec!["4".into(), "5".into()], Shown { first: 4, end: 6 }));
    }

    #[test]
    fn the_end_is_shown_and_long_lines_are_folded() {
        assert_eq!(shown("one\ntwo\nthree\n", 10, 2), ["two", "three"]);
        assert_eq!(shown("one\nabcdefgh\n", 3, 3), ["abc", "def", "gh"]);
        assert_eq!(shown("one\nabcdefgh\n", 3, 2), ["def", "gh"]);
        assert_eq!(shown("마이그레이션\n", 5, 9), ["마이", "그레", "이션"]);
        assert_eq!(shown("one\n", 0, 2), Vec::<String>::new());
    }
}
