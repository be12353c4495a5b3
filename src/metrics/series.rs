//! The last samples of one pane, for the screen. Pure: times are handed in, as milliseconds since 1970.

pub(crate) mod bucket;
pub(crate) mod sketch;

pub use bucket::Bucket;

use crate::checklist::pane::Source;
use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;

/// Why there is no number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub reason: String,
    /// It is known that the target did not work. Else nobody looked, or what was seen says nothing of it.
    pub down: bool,
}

impl Gap {
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), down: false }
    }

    pub fn down(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), down: true }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.reason)
    }
}

/// One moment of a series: a finite number in the pane's unit, or a gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub at_ms: i64,
    pub value: Result<f64, Gap>,
}

/// The last points of one pane, oldest first, in the order they were pushed.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    points: VecDeque<Point>,
    capacity: usize,
}

/// What the numbers of a span come to. Gaps are counted and enter no number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    pub min: f64,
    pub max: f64,
    pub last: f64,
    /// The smallest number that at least 95 % of the numbers do not exceed.
    pub p95: f64,
    pub count: usize,
    pub gaps: usize,
}

/// Which number of a span a pane shows and is evaluated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Last,
    P95,
}

/// Which of several points in one column is shown: the one nearer to trouble.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Extreme {
    #[default]
    Highest,
    Lowest,
}

impl Reading {
    /// Latency is read as its 95th percentile, everything else as it is now.
    #[must_use]
    pub fn of(source: &Source) -> Self {
        if source.is_latency() { Reading::P95 } else { Reading::Last }
    }

    pub fn word(self) -> &'static str {
        match self {
            Reading::Last => "now",
            Reading::P95 => "p95",
        }
    }
}

impl Summary {
    pub fn read(&self, reading: Reading) -> f64 {
        match reading {
            Reading::Last => self.last,
            Reading::P95 => self.p95,
        }
    }
}

impl Series {
    /// Keeps the last `capacity` points, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { points: VecDeque::new(), capacity: capacity.max(1) }
    }

    /// A number that is not finite becomes a gap.
    pub fn push(&mut self, mut point: Point) {
        if point.value.as_ref().is_ok_and(|value| !value.is_finite()) {
            point.value = Err(Gap::new("not a finite number"));
        }
        while self.points.len() >= self.capacity {
            self.points.pop_front();
        }
        self.points.push_back(point);
    }

    pub fn points(&self) -> impl DoubleEndedIterator<Item = &Point> {
        self.points.iter()
    }

    pub fn len(&self) -> usize {
        self.points.len()
    }

    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    pub fn last(&self) -> Option<&Point> {
        self.points.back()
    }

    fn within(&self, span_ms: &Range<i64>) -> impl Iterator<Item = &Point> {
        self.points.iter().filter(|point| span_ms.contains(&point.at_ms))
    }

    /// The numbers of a span, from its start up to before its end; `None` when it holds no number.
    pub fn summary(&self, span_ms: Range<i64>) -> Option<Summary> {
        let mut numbers = Vec::new();
        let mut gaps = 0;
        for point in self.within(&span_ms) {
            match point.value {
                Ok(value) => numbers.push(value),
                Err(_) => gaps += 1,
            }
        }
        let last = *numbers.last()?;
        numbers.sort_unstable_by(f64::total_cmp);
        let count = numbers.len();
        // Nearest rank, in whole numbers: the ceiling of 95 % of the count.
        let rank = (count * 95).div_ceil(100).max(1);
        Some(Summary { min: numbers[0], max: numbers[count - 1], last, p95: numbers[rank - 1], count, gaps })
    }

    /// One number for each of `columns` equal parts of a span. A column with only gaps is a gap. A column that no
    /// sample fell into, because samples come every `every_ms` and columns are narrower, holds the number before it.
    pub fn columns(&self, span_ms: Range<i64>, columns: usize, every_ms: i64, show: Extreme) -> Vec<Option<f64>> {
        let mut shown: Vec<Option<f64>> = vec![None; columns];
        let length = span_ms.end.saturating_sub(span_ms.start);
        if columns == 0 || length <= 0 {
            return shown;
        }
        let mut touched = vec![false; columns];
        for point in self.within(&span_ms) {
            let share = (i128::from(point.at_ms) - i128::from(span_ms.start)) * columns as i128 / i128::from(length);
            let column = usize::try_from(share).unwrap_or(0).min(columns - 1);
            touched[column] = true;
            if let Ok(value) = point.value {
                shown[column] = Some(match (shown[column], show) {
                    (None, _) => value,
                    (Some(other), Extreme::Highest) => other.max(value),
                    (Some(other), Extreme::Lowest) => other.min(value),
                });
            }
        }
        let width = (length / i64::try_from(columns).unwrap_or(i64::MAX)).max(1);
        let reach = usize::try_from(every_ms.max(0) / width).unwrap_or(columns);
        let mut carried: Option<(f64, usize)> = None;
        for (column, touched) in touched.into_iter().enumerate() {
            if touched {
                carried = shown[column].map(|value| (value, column));
            } else if let Some((value, from)) = carried
                && column - from <= reach
            {
                shown[column] = Some(value);
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[Option<f64>]) -> Series {
        let mut series = Series::new(1_000);
        for (index, value) in values.iter().enumerate() {
            let at_ms = i64::try_from(index).unwrap() * 1_000;
            series.push(Point { at_ms, value: value.ok_or_else(|| Gap::new("down")) });
        }
        series
    }

    #[test]
    fn only_the_last_points_are_kept() {
        let mut series = Series::new(3);
        for at_ms in 0..10 {
            series.push(Point { at_ms, value: Ok(1.0) });
        }
        assert_eq!(series.points().map(|point| point.at_ms).collect::<Vec<_>>(), [7, 8, 9]);
    }

    #[test]
    fn a_summary_counts_gaps_and_uses_none() {
        let hundred: Vec<Option<f64>> = (1..=100).rev().map(|n| Some(f64::from(n))).chain([None]).collect();
        let summary = series(&hundred).summary(0..1_000_000).unwrap();
        let expected = Summary { min: 1.0, max: 100.0, last: 1.0, p95: 95.0, count: 100, gaps: 1 };
        assert_eq!(summary, expected);
        assert_eq!(series(&[None, None]).summary(0..1_000_000), None);
        assert_eq!(series(&[Some(1.0), Some(7.0)]).summary(0..1_000).unwrap().count, 1, "the end is outside");
    }

    #[test]
    fn a_number_that_is_not_finite_is_a_gap() {
        let series = series(&[Some(f64::NAN), Some(f64::INFINITY)]);
        assert!(series.points().all(|point| point.value.is_err()));
    }

    #[test]
    fn a_column_with_only_gaps_is_a_gap() {
        let series = series(&[Some(1.0), Some(5.0), None, None, None, Some(2.0)]);
        assert_eq!(series.columns(0..6_000, 3, 1_000, Extreme::Highest), [Some(5.0), None, Some(2.0)]);
        assert_eq!(series.columns(0..6_000, 3, 1_000, Extreme::Lowest), [Some(1.0), None, Some(2.0)]);
    }

    #[test]
    fn narrow_columns_hold_a_number_until_the_next_is_due() {
        let mut series = Series::new(10);
        for (at_ms, value) in [(0, Some(4.0)), (2_000, None), (4_000, Some(6.0))] {
            series.push(Point { at_ms, value: value.ok_or_else(|| Gap::new("down")) });
        }
        let shown = series.columns(0..8_000, 8, 2_000, Extreme::Highest);
        let expected = [Some(4.0), Some(4.0), None, None, Some(6.0), Some(6.0), Some(6.0), None];
        assert_eq!(shown, expected);
        assert_eq!(series.columns(0..0, 3, 1, Extreme::Highest), [None; 3]);
        assert!(series.columns(0..9, 0, 1, Extreme::Highest).is_empty());
        let all_time = series.columns(i64::MIN..i64::MAX, 3, 1, Extreme::Highest);
        assert_eq!(all_time.iter().flatten().count(), 1);
    }
}
