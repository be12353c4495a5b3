//! Lines over time, laid out for a drawing of any size: the page stretches it, and words stand beside it.

use super::words::{Time, Tone};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::Write as _;

/// The size of the drawing in its own units.
pub(crate) const WIDTH: f64 = 1_000.0;
pub(crate) const HEIGHT: f64 = 200.0;

/// One metric over time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Chart {
    pub from: Time,
    pub to: Time,
    /// Bottom and top of the drawing, in the metric's unit.
    pub low: f64,
    pub high: f64,
    /// One number for each equal part of the time; null where nothing was measured.
    pub columns: Vec<Option<f64>>,
    pub target: Option<f64>,
    pub baseline: Option<f64>,
    pub bands: Vec<Band>,
    pub marks: Vec<Mark>,
}

/// A length of time that is distinguished: the migration, a downtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Band {
    pub from: Time,
    pub to: Time,
    pub label: String,
    pub tone: Tone,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Mark {
    pub at: Time,
    pub label: String,
}

/// Where something lies across a drawing, in its own units.
#[derive(Debug, Clone, PartialEq)]
pub struct Across {
    pub x: String,
    pub width: String,
    pub label: String,
    pub tone: Tone,
}

/// What share of a length of time has passed at a moment, from 0 to [`WIDTH`].
pub(crate) fn across(from: DateTime<Utc>, to: DateTime<Utc>, at: DateTime<Utc>) -> f64 {
    let whole = (to - from).num_milliseconds().max(1) as f64;
    ((at - from).num_milliseconds() as f64 / whole * WIDTH).clamp(0.0, WIDTH)
}

/// A coordinate with no more digits than show.
pub(crate) fn coordinate(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
}

impl Chart {
    /// The lines, each a list of points; a gap in the numbers is a gap in the line.
    pub fn lines(&self) -> Vec<String> {
        let step = WIDTH / self.columns.len().max(1) as f64;
        let mut lines = Vec::new();
        let mut line = String::new();
        for (index, value) in self.columns.iter().enumerate() {
            let Some(value) = value else {
                lines.extend((!line.is_empty()).then(|| std::mem::take(&mut line)));
                continue;
            };
            let (left, right) = (index as f64 * step, (index as f64 + 1.0) * step);
            let y = coordinate(self.y(*value));
            // A number holds for its whole column, so that a single one between two gaps is seen too.
            let (from, to) = if line.is_empty() { (left, right) } else { (left + step / 2.0, right) };
            let _ = write!(line, "{},{y} {},{y} ", coordinate(from), coordinate(to));
        }
        lines.extend((!line.is_empty()).then_some(line));
        lines
    }

    pub fn target_y(&self) -> Option<String> {
        self.target.map(|target| coordinate(self.y(target)))
    }

    pub fn baseline_y(&self) -> Option<String> {
        self.baseline.map(|baseline| coordinate(self.y(baseline)))
    }

    pub fn bands_across(&self) -> Vec<Across> {
        self.bands.iter().map(|band| lay(self.from, self.to, band)).collect()
    }

    pub fn marks_across(&self) -> Vec<Across> {
        let mark = |mark: &Mark| Across {
            x: coordinate(across(self.from.0, self.to.0, mark.at.0)),
            width: String::new(),
            label: mark.label.clone(),
            tone: Tone::Plain,
        };
        self.marks.iter().map(mark).collect()
    }

    fn y(&self, value: f64) -> f64 {
        let height = (self.high - self.low).max(f64::MIN_POSITIVE);
        HEIGHT - ((value - self.low) / height * HEIGHT).clamp(0.0, HEIGHT)
    }
}

/// A band laid across a drawing, wide enough to be seen.
pub(crate) fn lay(from: Time, to: Time, band: &Band) -> Across {
    let left = across(from.0, to.0, band.from.0).min(WIDTH - 3.0);
    let width = (across(from.0, to.0, band.to.0) - left).max(3.0);
    Across { x: coordinate(left), width: coordinate(width), label: band.label.clone(), tone: band.tone }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    #[test]
    fn a_gap_in_the_numbers_is_a_gap_in_the_line_and_a_single_number_shows() {
        let at = |second| Time(Utc.timestamp_opt(second, 0).unwrap());
        let chart = Chart {
            from: at(0),
            to: at(40),
            low: 0.0,
            high: 10.0,
            columns: vec![Some(10.0), Some(5.0), None, Some(0.0)],
            target: Some(5.0),
            baseline: None,
            bands: vec![Band { from: at(10), to: at(20), label: "migration".into(), tone: Tone::Plain }],
            marks: vec![Mark { at: at(30), label: "GO".into() }],
        };
        assert_eq!(chart.lines(), ["0,0 250,0 375,100 500,100 ", "750,200 1000,200 "]);
        assert_eq!(chart.target_y().as_deref(), Some("100"));
        let bands = chart.bands_across();
        assert_eq!((bands[0].x.as_str(), bands[0].width.as_str()), ("250", "250"));
        assert_eq!(chart.marks_across()[0].x, "750");
        let past = Band { from: at(90), to: at(91), label: String::new(), tone: Tone::Bad };
        assert_eq!(lay(at(0), at(40), &past).x, "997", "what lies outside shows at the edge");
    }
}
