//! Cutting areas into areas. Every part of an area stays inside it, however small it is.

use crate::cockpit::msg::Place;
use ratatui::layout::Rect;

/// The line `index` of an area; empty when the area has no such line.
pub(super) fn line(area: Rect, index: u16) -> Rect {
    if index >= area.height {
        return Rect { height: 0, ..area };
    }
    Rect { y: area.y + index, height: 1, ..area }
}

/// The upper `height` lines, and the rest.
pub(super) fn top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

/// The lower `height` lines, and the rest.
pub(super) fn bottom(area: Rect, height: u16) -> (Rect, Rect) {
    let (rest, bottom) = top(area, area.height.saturating_sub(height));
    (bottom, rest)
}

/// The `width` columns on the left, and the rest.
pub(super) fn left(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    (Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area })
}

/// The `width` columns on the right, and the rest.
pub(super) fn right(area: Rect, width: u16) -> (Rect, Rect) {
    let (rest, right) = left(area, area.width.saturating_sub(width));
    (right, rest)
}

/// Without `columns` columns on both sides.
pub(super) fn inset(area: Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width / 2);
    Rect { x: area.x + columns, width: area.width - 2 * columns, ..area }
}

/// One column more on both sides: where the mark of a selected line goes inside a panel.
pub(super) fn widened(area: Rect) -> Rect {
    Rect { x: area.x.saturating_sub(1), width: area.width.saturating_add(2), ..area }
}

/// An area of at most this size in the middle.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// Where a list was drawn, for the mouse.
pub(super) fn place(area: Rect, top: usize) -> Place {
    Place { column: area.x, line: area.y, columns: area.width, lines: area.height, top, each: 1, across: 1 }
}

/// A count as columns or lines.
pub(super) fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
