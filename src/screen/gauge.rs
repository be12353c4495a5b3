//! Bars made of cells.

use super::area;
use super::canvas::Canvas;
use super::numbers;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{LineGauge, Widget};

impl Canvas<'_> {
    /// A bar with its percentage, which is never 100 while it goes on: `██████░░░░  67 %`.
    pub(super) fn bar(&mut self, area: Rect, share: f64) {
        let (words, bar) = area::right(area, 6);
        let percent = numbers::percent(share);
        self.text_right(words, &format!("{percent} %"), self.palette.text);
        self.plain_bar(bar, percent);
    }

    /// A line with its label that fills up to a limit; beyond it it is full.
    pub(super) fn gauge(&mut self, area: Rect, label: &str, share: f64, style: Style) {
        let label = self.glyphs.spell(label.into()).into_owned();
        let gauge = LineGauge::default()
            .label(label)
            .ratio(if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 })
            .filled_symbol(self.glyphs.bar)
            .unfilled_symbol(self.glyphs.track)
            .filled_style(style)
            .unfilled_style(self.palette.track)
            .style(self.palette.text);
        gauge.render(area.intersection(self.buffer.area), self.buffer);
    }

    /// A bar alone.
    pub(super) fn plain_bar(&mut self, area: Rect, percent: u32) {
        let done = u32::from(area.width) * percent.min(100) / 100;
        let (full, rest) = area::left(area, u16::try_from(done).unwrap_or(u16::MAX));
        self.fill(full, self.glyphs.bar, self.palette.bar);
        self.fill(rest, self.glyphs.track, self.palette.track);
    }

    /// A bar as thin as a line, so that those of neighbouring rows do not run into each other.
    pub(super) fn thin_bar(&mut self, area: Rect, share: f64, style: Style) {
        let done = (f64::from(area.width) * share.clamp(0.0, 1.0)).round();
        let done = (0..=area.width).rfind(|cells| f64::from(*cells) <= done).unwrap_or(0);
        let (full, rest) = area::left(area, done);
        self.fill(full, self.glyphs.passed, style);
        self.fill(rest, self.glyphs.border.horizontal, self.palette.track);
    }

    /// A bar for something whose end nobody knows: a piece that walks with the time spent.
    pub(super) fn walking_bar(&mut self, area: Rect, elapsed_ms: u64) {
        self.fill(area, self.glyphs.track, self.palette.track);
        let piece = (area.width / 5).max(1);
        let places = u64::from(area.width.saturating_sub(piece)) + 1;
        // There and back again, a column every tenth of a second.
        let step = elapsed_ms / 100 % (2 * places).max(1);
        let at = if step < places { step } else { 2 * places - 1 - step };
        let (_, rest) = area::left(area, u16::try_from(at).unwrap_or(0));
        self.fill(area::left(rest, piece).0, self.glyphs.bar, self.palette.bar);
    }
}
