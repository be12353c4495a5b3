//! The end of an attempt's output, in its colours.

use super::area::{self, cells};
use super::canvas::Canvas;
use super::text;
use crate::cockpit::output::{Ink, OutputView};
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

type Piece = Vec<(Ink, String)>;

impl Canvas<'_> {
    /// Draws the latest lines, long ones folded; gives the lines used.
    pub fn output(&mut self, area: Rect, view: &OutputView) -> u16 {
        let pieces = tail(view, usize::from(area.width), usize::from(area.height));
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

/// The last `rows` lines of `columns` columns.
fn tail(view: &OutputView, columns: usize, rows: usize) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    if columns == 0 {
        return pieces;
    }
    for line in view.lines().iter().rev() {
        if pieces.len() >= rows {
            break;
        }
        let mut folded = fold(line, columns);
        folded.reverse();
        pieces.append(&mut folded);
    }
    pieces.truncate(rows);
    pieces.reverse();
    pieces
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
        tail(&view, columns, rows).iter().map(plain).collect()
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
