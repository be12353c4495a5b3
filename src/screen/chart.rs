//! A chart as it is drawn: axes, the target with what is beyond it, the baseline, what happened, the line and a cursor.
//!
//! ```text
//!           T-0  migration
//! 400 ms ┃⠙⣾⠷⡆⣀⣸⣇⠶┊
//!  ≤ 200 ┤────────┊───────────── target
//!        │╌ ╌ ╌ ╌ ┊╌ ╌ ╌ ╌ ╌ ╌   baseline
//!   0 ms ┤        ┊··⠤⠤⠤⠤⠤⠤⠤⠤⠤   a gap
//!        └─────┬02:30────┬02:31─
//! ```

mod axes;

use super::area::{self, cells};
use super::canvas::Canvas;
use super::palette::Tone;
use super::text;
use crate::checklist::target::Bound;
use crate::cockpit::pane_view::chart::Chart;
use crate::deployment::events::{Event, Kind};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::widgets::Widget as _;
use ratatui::widgets::canvas::{Canvas as Dots, Context, Line, Points};
use std::ops::Range;

/// What the parts of the line are painted with before they have their styles.
const WITHIN: Color = Color::Indexed(1);
const BEYOND: Color = Color::Indexed(2);

/// Columns that the name of an event may take.
const LONGEST_NAME: usize = 20;

/// A chart and what is in it.
pub(super) struct Plot<'a> {
    pub chart: &'a Chart,
    pub unit: &'a str,
    pub target: Option<Bound>,
    /// With its band, where that is known.
    pub baseline: Option<(f64, Option<(f64, f64)>)>,
    pub events: &'a [&'a Event],
    pub cursor_ms: Option<i64>,
    /// Whether the events have a line of their own above for their names; else these go where there is room.
    pub names: Names,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    Above,
    Within,
    /// Without axes and names: the line alone.
    Bare,
}

impl Canvas<'_> {
    /// Draws a chart; gives the cells that its line is wide.
    pub(super) fn plot(&mut self, area: Rect, plot: &Plot<'_>) -> u16 {
        let (names, area) = area::top(area, u16::from(plot.names == Names::Above));
        let (axis, body, foot) = if plot.names == Names::Bare {
            (Rect { width: 0, ..area }, area, Rect { height: 0, ..area })
        } else {
            let (foot, upper) = area::bottom(area, 1);
            let (axis, body) = area::left(upper, axes::width(self.glyphs, plot, upper.height) + 1);
            (axis, body, area::left(foot, axis.width.saturating_sub(1)).1)
        };
        if body.is_empty() || plot.chart.lens.columns == 0 {
            return body.width;
        }
        self.zone(body, plot);
        self.band(body, plot);
        let baseline = plot.baseline.map(|(value, _)| value);
        self.level(body, plot, baseline, self.glyphs.chart.baseline, self.palette.heading);
        let target = plot.target.map(Bound::number);
        self.level(body, plot, target, [self.glyphs.chart.target; 2], self.palette.warning);
        self.gaps(body, plot);
        let taken = self.events(body, plot);
        let drawn = self.dots(body, plot);
        self.cursor(body, plot);
        if plot.names != Names::Bare {
            self.y_axis(axis, plot);
            self.x_axis(foot, plot);
            match plot.names {
                Names::Above => self.names(names, body, &taken, |_| true),
                Names::Within | Names::Bare => self.names(area::line(body, 0), body, &taken, |x| !drawn.contains(&x)),
            }
        }
        body.width
    }

    /// Tints what lies beyond the target.
    fn zone(&mut self, body: Rect, plot: &Plot<'_>) {
        for line in 0..body.height {
            if is_beyond(plot, line, body.height) {
                self.tint(area::line(body, line), self.palette.beyond);
            }
        }
    }

    /// How far the baseline may be off: a faint line at either end, where that is another line than its own.
    fn band(&mut self, body: Rect, plot: &Plot<'_>) {
        let Some((value, Some((low, high)))) = plot.baseline else { return };
        let at = |value| line_of(plot, value, body.height);
        for end in [low, high].into_iter().filter(|end| at(*end) != at(value)) {
            self.level(body, plot, Some(end), self.glyphs.chart.band, self.palette.dim);
        }
    }

    /// Marks on the ground where a number is missing.
    fn gaps(&mut self, body: Rect, plot: &Plot<'_>) {
        let ground = area::line(body, body.height - 1);
        for gap in &plot.chart.gaps {
            let from = cell(plot, gap.start, body.width);
            let to = cell(plot, gap.end.saturating_sub(1), body.width);
            let (_, rest) = area::left(ground, from);
            let (place, _) = area::left(rest, to - from + 1);
            for x in place.left()..place.right() {
                self.sign(x, place.y, self.glyphs.gap, self.palette.warning);
            }
            if plot.names != Names::Bare && place.width > 11 {
                self.write_over(area::centred(place, 9, 1), " no data ", self.palette.warning);
            }
        }
    }

    /// A line at one height.
    fn level(&mut self, body: Rect, plot: &Plot<'_>, value: Option<f64>, signs: [&'static str; 2], style: Style) {
        let Some(line) = value.and_then(|value| line_of(plot, value, body.height)) else { return };
        for x in 0..body.width {
            let sign = signs[usize::from(x % 2)];
            if sign != " " {
                self.sign(body.x + x, body.y + line, sign, style);
            }
        }
    }

    /// Markers of what happened; gives their cells with their names, the more important first.
    fn events(&mut self, body: Rect, plot: &Plot<'_>) -> Vec<(u16, String)> {
        let mut found: Vec<(u16, &Event, usize)> = Vec::new();
        for event in plot.events {
            let Some(column) = plot.chart.lens.column(event.at_ms) else { continue };
            let x = cell(plot, column, body.width);
            match found.last_mut().filter(|(last, _, _)| *last == x) {
                Some((_, first, count)) => {
                    *count += 1;
                    if event.kind < first.kind {
                        *first = event;
                    }
                }
                None => found.push((x, event, 1)),
            }
        }
        for (x, event, _) in &found {
            let style = match event.kind {
                Kind::Zero => self.palette.accent,
                Kind::Alert => self.palette.bad,
                Kind::Calm => self.palette.warning,
                Kind::Rollback | Kind::End | Kind::Migration | Kind::Hold | Kind::Release => self.palette.dim,
            };
            for line in 0..body.height {
                self.sign(body.x + x, body.y + line, self.glyphs.chart.event, style);
            }
        }
        let name = |event: &Event, count| {
            if count > 1 { format!("{} +{}", event.label, count - 1) } else { event.label.clone() }
        };
        found.sort_by_key(|(x, event, _)| (event.kind, *x));
        found.into_iter().map(|(x, event, count)| (x, name(event, count))).collect()
    }

    /// The names of the markers, right of each or else left of it, where no other stands.
    fn names(&mut self, line: Rect, body: Rect, found: &[(u16, String)], free: impl Fn(u16) -> bool) {
        // Above the chart a name begins over its marker, within it beside it.
        let beside = u16::from(line.y >= body.y);
        let mut taken: Vec<Range<u16>> = Vec::new();
        for (x, name) in found {
            let name = text::cut(name, LONGEST_NAME, self.glyphs.ellipsis);
            let wide = cells(text::width(&name));
            let right = x + beside;
            let left = (x + 1).checked_sub(wide + beside);
            let fits = |from: &u16| {
                // A blank stands between two names, and within the chart none stands on a marker.
                let apart = |other: &Range<u16>| from + wide < other.start || other.end < *from;
                let clear = |at: u16| free(at) && (beside == 0 || found.iter().all(|(x, _)| *x != at));
                from + wide <= body.width && taken.iter().all(apart) && (*from..from + wide).all(clear)
            };
            let Some(from) = [Some(right), left].into_iter().flatten().find(fits) else { continue };
            let place = Rect { x: body.x + from, width: wide, ..line };
            self.write_over(place, &name, self.palette.dim);
            taken.push(from..from + wide);
        }
    }

    /// The line itself; gives the cells of the first line of the area that it is in.
    fn dots(&mut self, body: Rect, plot: &Plot<'_>) -> Vec<u16> {
        let place = Rect { x: 0, y: 0, ..body };
        let mut scratch = Buffer::empty(place);
        let scale = plot.chart.scale;
        let most = plot.chart.lens.columns.saturating_sub(1).max(1);
        let marker = self.glyphs.chart.line.map_or(Marker::Braille, Marker::Custom);
        let dots = Dots::default().marker(marker).x_bounds([0.0, most as f64]).y_bounds([scale.low, scale.high]);
        dots.paint(|context| paint(context, plot)).render(place, &mut scratch);
        let mut first = Vec::new();
        for y in 0..place.height {
            for x in 0..place.width {
                let cell = &scratch[(x, y)];
                if matches!(cell.symbol(), " " | "\u{2800}") {
                    continue;
                }
                let style = if cell.fg == BEYOND { self.palette.bad } else { self.palette.sparkline };
                self.sign(body.x + x, body.y + y, cell.symbol(), style);
                if y == 0 {
                    first.push(x);
                }
            }
        }
        first
    }

    fn cursor(&mut self, body: Rect, plot: &Plot<'_>) {
        let Some(column) = plot.cursor_ms.and_then(|at| plot.chart.lens.column(at)) else { return };
        let x = cell(plot, column, body.width);
        for line in 0..body.height {
            let (x, y) = (body.x + x, body.y + line);
            let sign = self.buffer.cell((x, y)).map(|cell| cell.symbol().to_owned());
            // The line shines through its cursor.
            let dots = sign.filter(|sign| sign.chars().all(|c| ('\u{2801}'..='\u{28ff}').contains(&c) || c == '*'));
            let sign = dots.as_deref().unwrap_or(self.glyphs.chart.cursor);
            self.sign(x, y, sign, self.palette.accent);
        }
    }

    /// Writes a text and leaves the ground it stands on.
    fn write_over(&mut self, area: Rect, text: &str, style: Style) {
        let grounds: Vec<Style> = (0..area.width)
            .map(|x| self.buffer.cell((area.x + x, area.y)).map_or(Style::new(), |cell| Style::new().bg(cell.bg)))
            .collect();
        let used = self.text(area, text, style);
        for (x, ground) in (0..used).zip(grounds) {
            self.tint(Rect { x: area.x + x, width: 1, height: 1, ..area }, ground);
        }
    }
}

/// The runs as lines, what is beyond the target painted last.
fn paint(context: &mut Context<'_>, plot: &Plot<'_>) {
    let mut beyond: Vec<Line> = Vec::new();
    let mut alone: Vec<(f64, f64)> = Vec::new();
    for run in &plot.chart.runs {
        if let [point] = run.as_slice() {
            let outside = plot.target.is_some_and(|bound| !bound.holds(point.1));
            if outside {
                alone.push(*point);
            } else {
                context.draw(&Points { coords: &[*point], color: WITHIN });
            }
        }
        for pair in run.windows(2) {
            for (from, to, outside) in parts(pair[0], pair[1], plot.target) {
                let line = Line { x1: from.0, y1: from.1, x2: to.0, y2: to.1, color: WITHIN };
                if outside {
                    beyond.push(Line { color: BEYOND, ..line });
                } else {
                    context.draw(&line);
                }
            }
        }
    }
    for line in &beyond {
        context.draw(line);
    }
    context.draw(&Points { coords: &alone, color: BEYOND });
}

type Part = ((f64, f64), (f64, f64), bool);

/// A piece of the line, cut where it crosses the target; each with whether it is beyond it.
fn parts(from: (f64, f64), to: (f64, f64), target: Option<Bound>) -> impl Iterator<Item = Part> {
    let outside = |value: f64| target.is_some_and(|bound| !bound.holds(value));
    let (first, second) = (outside(from.1), outside(to.1));
    let number = target.map_or(0.0, Bound::number);
    let share = (number - from.1) / (to.1 - from.1);
    if first == second || !(0.0..=1.0).contains(&share) {
        return [Some((from, to, first || second)), None].into_iter().flatten();
    }
    let cut = (from.0 + (to.0 - from.0) * share, number);
    [Some((from, cut, first)), Some((cut, to, second))].into_iter().flatten()
}

/// The cell of a column of dots.
fn cell(plot: &Plot<'_>, column: usize, width: u16) -> u16 {
    let columns = plot.chart.lens.columns.max(1);
    cells(column * usize::from(width) / columns).min(width.saturating_sub(1))
}

/// The line of an area that a value is in; none outside the scale.
fn line_of(plot: &Plot<'_>, value: f64, height: u16) -> Option<u16> {
    let share = plot.chart.scale.share(value);
    if !(0.0..=1.0).contains(&share) || height == 0 {
        return None;
    }
    // As the dots are placed: four to a cell, the first and the last on the edges.
    let dots = f64::from(height) * 4.0 - 1.0;
    let dot = ((1.0 - share) * dots).round();
    (0..height).find(|line| f64::from(*line) * 4.0 + 3.0 >= dot)
}

/// Whether a line of the area lies beyond the target.
fn is_beyond(plot: &Plot<'_>, line: u16, height: u16) -> bool {
    let Some(target) = plot.target else { return false };
    let scale = plot.chart.scale;
    // A target below or above all of the scale leaves one side only.
    let at = line_of(plot, target.number(), height);
    match target {
        Bound::Below(_) | Bound::AtMost(_) => at.map_or(target.number() < scale.low, |at| line < at),
        Bound::AtLeast(_) => at.map_or(target.number() > scale.high, |at| line > at),
        Bound::Equals(_) => at.is_some_and(|at| line != at),
    }
}

/// The tone that a number has beside its target.
pub(super) fn tone_of(target: Option<Bound>, value: f64) -> Tone {
    if target.is_some_and(|bound| !bound.holds(value)) { Tone::Bad } else { Tone::Text }
}
