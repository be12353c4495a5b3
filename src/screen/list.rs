//! The visible lines of a list.

use super::area;
use super::canvas::{Canvas, Focus};
use crate::cockpit::list::ListCursor;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The lines of a list that its window shows: where each goes and which one it is.
pub(super) struct Visible {
    pub top: usize,
    pub count: usize,
}

pub(super) fn visible(cursor: ListCursor, area: Rect, len: usize) -> Visible {
    let height = usize::from(area.height);
    if height == 0 {
        return Visible { top: 0, count: 0 };
    }
    let cursor = ListCursor { at: cursor.at.min(len.saturating_sub(1)), ..cursor };
    let top = cursor.window(height, len);
    Visible { top, count: height.min(len.saturating_sub(top)) }
}

impl Canvas<'_> {
    /// The mark at the left end of the selected line, where its text leaves room.
    fn mark_selected(&mut self, line: Rect, style: Style) {
        let (edge, _) = area::left(line, 1);
        if self.buffer.cell((edge.x, edge.y)).is_some_and(|cell| cell.symbol() == " ") {
            self.text(edge, self.glyphs.selected, self.palette.accent.patch(style));
        }
    }

    /// Marks the line in hand, one column beyond its text on both sides.
    pub(super) fn select(&mut self, line: Rect, focus: Focus) {
        let style = match focus {
            Focus::Here => self.palette.selection,
            Focus::Elsewhere => self.palette.selection_idle,
        };
        let line = area::widened(line);
        self.tint(line, style);
        if focus == Focus::Here {
            self.mark_selected(line, style);
        }
    }
}
