//! A line of text that is being typed.

use super::area::cells;
use super::canvas::Canvas;
use super::glyphs::Glyphs;
use super::text;
use ratatui::layout::{Position, Rect};
use tui_input::Input;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Draws what was typed, scrolled so that the cursor is in sight; gives where the terminal's cursor goes.
pub(super) fn draw(canvas: &mut Canvas<'_>, place: Rect, input: &Input) -> Position {
    // The cursor may stand behind the last letter.
    let room = usize::from(place.width).saturating_sub(1);
    let value = shown(canvas.glyphs, input.value());
    let before: String = value.chars().take(input.cursor()).collect();
    let cursor = text::width(&before);
    let scroll = cursor.saturating_sub(room);
    canvas.text(place, scrolled(&value, scroll), canvas.palette.text);
    canvas.tint(place, canvas.palette.selection_idle);
    let column = cells(cursor.saturating_sub(scroll).min(room));
    Position { x: place.x.saturating_add(column), y: place.y }
}

/// A text on one line: a sign stands where a line ends.
pub(super) fn shown(glyphs: &Glyphs, value: &str) -> String {
    value.replace('\n', glyphs.line_end)
}

/// A value without its first columns.
fn scrolled(value: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in value.grapheme_indices(true) {
        if used >= columns {
            return &value[at..];
        }
        used += grapheme.width();
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrolling_goes_by_columns_not_letters() {
        assert_eq!(scrolled("마이그레이션", 4), "그레이션");
        assert_eq!(scrolled("plain", 0), "plain");
        assert_eq!(scrolled("plain", 9), "");
    }
}
