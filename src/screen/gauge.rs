//! Bars and lines made of cells.

use super::area::{self, cells};
use super::canvas::Canvas;
use super::numbers;
use crate::checklist::target::Bound;
use ratatui::layout::Rect;
use ratatui::style::Style;

impl Canvas<'_> {
    /// A bar with its percentage, which is never 100 while it goes on: `██████░░░░  67 %`.
    pub fn bar(&mut self, area: Rect, share: f64) {
        let (words, bar) = area::right(area, 6);
        let percent = numbers::percent(share);
        self.text_right(words, &format!("{percent} %"), self.palette.text);
        self.plain_bar(bar, percent);
    }

    /// A bar alone.
    pub fn plain_bar(&mut self, area: Rect, percent: u32) {
        let done = u32::from(area.width) * percent.min(100) / 100;
        let (full, rest) = area::left(area, u16::try_from(done).unwrap_or(u16::MAX));
        self.fill(full, self.glyphs.bar, self.palette.bar);
        self.fill(rest, self.glyphs.track, self.palette.track);
    }

    /// A bar for something whose end nobody knows: a piece that walks with the time spent.
    pub fn walking_bar(&mut self, area: Rect, elapsed_ms: u64) {
        self.fill(area, self.glyphs.track, self.palette.track);
        let piece = (area.width / 5).max(1);
        let places = u64::from(area.width.saturating_sub(piece)) + 1;
        // There and back again, a column every tenth of a second.
        let step = elapsed_ms / 100 % (2 * places).max(1);
        let at = if step < places { step } else { 2 * places - 1 - step };
        let (_, rest) = area::left(area, u16::try_from(at).unwrap_or(0));
        self.fill(area::left(rest, piece).0, self.glyphs.bar, self.palette.bar);
    }

    /// The latest samples, newest at the right end, as high as the area; a gap is shown as a gap. Samples beyond the
    /// target have another tone. Only the crest is bright: what is below it is there to carry it.
    pub fn chart(&mut self, area: Rect, samples: &[Option<f64>], target: Option<Bound>) {
        let room = usize::from(area.width);
        let shown = &samples[samples.len().saturating_sub(room)..];
        let known = || shown.iter().copied().flatten().filter(|value| value.is_finite());
        let lowest = known().fold(f64::INFINITY, f64::min);
        let highest = known().fold(f64::NEG_INFINITY, f64::max);
        let (area, _) = area::right(area, cells(shown.len()));
        for (at, sample) in shown.iter().enumerate() {
            let column = Rect { x: area.x.saturating_add(cells(at)), width: 1, ..area };
            match sample.filter(|value| value.is_finite()) {
                None => {
                    let (ground, _) = area::bottom(column, 1);
                    self.text(ground, self.glyphs.gap, self.palette.dim);
                }
                Some(value) => {
                    let beyond = target.is_some_and(|bound| !bound.holds(value));
                    let style = if beyond { self.palette.warning } else { self.palette.sparkline };
                    self.pillar(column, level(value, lowest, highest, area.height), style);
                }
            }
        }
    }

    /// A column of `eighths` and one eighth of a cell, from the bottom of a column.
    fn pillar(&mut self, column: Rect, eighths: u16, style: Style) {
        for at in 0..column.height {
            let below = at * 8;
            if eighths < below {
                break;
            }
            let crest = eighths < below + 8;
            let sign = if crest { self.glyphs.levels[usize::from(eighths - below)] } else { self.glyphs.track };
            let style = if crest { style } else { self.palette.track };
            self.text(area::line(column, column.height - 1 - at), sign, style);
        }
    }
}

/// How many eighths of a cell a value stands above the lowest, in a chart of so many lines. Values that hardly differ
/// lie low and level, not on a mountain range.
fn level(value: f64, lowest: f64, highest: f64, lines: u16) -> u16 {
    let floor = if lowest > 0.0 && lowest < highest * 0.5 { 0.0 } else { lowest - (highest - lowest).abs() };
    let spread = (highest - floor).max(highest.abs() * 0.2);
    if spread <= 0.0 || !spread.is_finite() {
        return 0;
    }
    let steps = lines.saturating_mul(8);
    let share = (value - floor) / spread;
    (1..steps).rev().find(|step| share * f64::from(steps) >= f64::from(*step)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_rise_with_the_value_and_stay_in_range() {
        let levels: Vec<u16> = [0.0, 25.0, 50.0, 100.0].iter().map(|v| level(*v, 0.0, 100.0, 1)).collect();
        assert!(levels.is_sorted() && levels[0] < levels[3], "{levels:?}");
        assert_eq!(level(5.0, 5.0, 5.0, 3), 0);
        assert_eq!(level(0.0, 0.0, 0.0, 3), 0);
        assert_eq!(level(100.0, 1.0, 100.0, 3), 23);
        assert_eq!(level(f64::MAX, f64::MIN, f64::MAX, 1), 0);
        assert!(level(-3.0, -9.0, -3.0, 1) < 8);
        assert_eq!(level(1.0, 0.0, 1.0, 0), 0);
    }
}
