//! The axes of a chart: numbers with their unit on the left, times of day below.

use super::{Plot, is_beyond, line_of};
use crate::cockpit::pane_view::board;
use crate::screen::area::{self, cells};
use crate::screen::canvas::Canvas;
use crate::screen::glyphs::Glyphs;
use crate::screen::numbers;
use crate::screen::text;
use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Lengths between labels that people count in.
const STEPS: [i64; 19] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
];

/// The labels of the numbers: each with its line, the target's first, and none on the line of another.
fn labels(plot: &Plot<'_>, height: u16) -> Vec<(u16, String, bool)> {
    let mut labels: Vec<(u16, String, bool)> = Vec::new();
    if plot.chart.numbers.is_none() && plot.target.is_none() {
        return labels;
    }
    if let Some(target) = plot.target
        && let Some(line) = line_of(plot, target.number(), height)
    {
        labels.push((line, format!("{} {}", target.sign(), short(target.number(), plot.unit)), true));
    }
    let scale = plot.chart.scale;
    let inner = scale.ticks().skip(1).filter(|tick| *tick < scale.high - scale.step / 2.0);
    // The ends first: they tell what the whole is.
    for tick in [scale.low, scale.high].into_iter().chain(inner) {
        let Some(line) = line_of(plot, tick, height) else { continue };
        if labels.iter().all(|(taken, _, _)| taken.abs_diff(line) > u16::from(height > 3)) {
            labels.push((line, short(tick, plot.unit), false));
        }
    }
    labels
}

/// A number with its unit where that is short; a word is in the title already.
fn short(value: f64, unit: &str) -> String {
    let plain = unit.len() > 2 && !matches!(unit, "bytes");
    let tidy = if value.abs() < 1e-9 { 0.0 } else { value };
    numbers::quantity(tidy, if plain { "" } else { unit })
}

/// Columns that the numbers take on the left.
pub(super) fn width(glyphs: &Glyphs, plot: &Plot<'_>, height: u16) -> u16 {
    let spelled = |label: &str| text::width(&glyphs.spell(label.into()));
    let widest = labels(plot, height).iter().map(|(_, label, _)| spelled(label)).max().unwrap_or(0);
    cells(widest.clamp(3, 12))
}

impl Canvas<'_> {
    pub(super) fn y_axis(&mut self, axis: Rect, plot: &Plot<'_>) {
        let (rule, numbers) = area::right(axis, 1);
        let labels = labels(plot, axis.height);
        for line in 0..axis.height {
            let labelled = labels.iter().any(|(at, _, _)| *at == line);
            let (sign, style) = if is_beyond(plot, line, axis.height) {
                (self.glyphs.chart.beyond, self.palette.bad)
            } else if labelled {
                (self.glyphs.chart.tick, self.palette.border)
            } else {
                (self.glyphs.chart.axis, self.palette.border)
            };
            self.text(area::line(rule, line), sign, style);
        }
        for (line, label, is_target) in labels {
            let style = if is_target { self.palette.warning } else { self.palette.dim };
            self.text_right(area::line(numbers, line), &label, style);
        }
    }

    /// Times of day in the rule below the chart: `└────┬02:30────┬02:31───`.
    pub(super) fn x_axis(&mut self, foot: Rect, plot: &Plot<'_>) {
        self.fill(foot, self.glyphs.chart.foot, self.palette.border);
        let (corner, foot) = area::left(foot, 1);
        self.text(corner, self.glyphs.chart.corner, self.palette.border);
        let span = &plot.chart.lens.span;
        let length = span.end.saturating_sub(span.start);
        if length <= 0 || foot.width < 10 {
            return;
        }
        // Room for a label, its tick and some of the rule between two.
        let most = i64::from((foot.width / 13).max(1));
        let step = STEPS.into_iter().find(|step| length / step <= most).unwrap_or(length);
        let mut at = span.start.div_euclid(step).saturating_add(1).saturating_mul(step);
        while at < span.end {
            let column = plot.chart.lens.column(at).unwrap_or(0);
            let x = super::cell(plot, column, foot.width);
            let label = board::time(at).map(|at| time(at, step)).unwrap_or_default();
            let (_, rest) = area::left(foot, x);
            if cells(text::width(&label)) < rest.width {
                self.text(rest, self.glyphs.chart.foot_tick, self.palette.border);
                self.text(area::left(rest, 1).1, &label, self.palette.dim);
            }
            at = at.saturating_add(step);
        }
    }
}

/// A time as fine as the labels are apart.
fn time(at: DateTime<Utc>, step: i64) -> String {
    let form = match step {
        ..MINUTE => "%H:%M:%S",
        MINUTE..DAY => "%H:%M",
        _ => "%b %d",
    };
    at.format(form).to_string()
}
