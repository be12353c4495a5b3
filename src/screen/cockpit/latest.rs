//! The latest records, where there is room for them.

use crate::cockpit::{Action, Model};
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Frame};
use crate::screen::timeline;
use ratatui::layout::Rect;

/// Draws a panel of this height at the bottom; gives what is left above it.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, height: u16) -> Rect {
    if model.records.is_empty() {
        return area;
    }
    let (place, rest) = area::bottom(area, height);
    let note = format!("{} timeline", model.keymap.hint(Action::ShowTimeline));
    let inner = canvas.frame(place, Frame { title: "Latest records", note: &note, ..Frame::default() });
    let from = model.records.len().saturating_sub(usize::from(inner.height));
    for (at, record) in model.records.iter().skip(from).enumerate() {
        timeline::draw_row(canvas, area::line(inner, cells(at)), model, record);
    }
    rest
}
