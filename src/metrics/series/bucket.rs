//! Samples of a span put together: what a column of a chart shows. Pure.

pub use crate::deployment::metrics::series::Bucket;

use super::sketch::Sketch;
use std::ops::Range;

/// Something that was stored: one sample, or many put together earlier.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Number {
        at_ms: i64,
        value: f64,
    },
    /// `down`: it is known that the source did not work.
    Gap {
        at_ms: i64,
        reason: String,
        down: bool,
    },
    Many(Many),
}

/// Samples put together earlier.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Many {
    pub start_ms: i64,
    pub width_ms: i64,
    pub count: u64,
    pub min: f64,
    pub max: f64,
    pub sum: f64,
    /// Why the last of the samples without a number had none.
    pub gap: Option<String>,
    /// It is known that the source did not work then.
    pub down: bool,
    /// As [`Sketch::to_bytes`] wrote it.
    pub sketch: Vec<u8>,
}

impl Part {
    pub fn start_ms(&self) -> i64 {
        match self {
            Part::Number { at_ms, .. } | Part::Gap { at_ms, .. } => *at_ms,
            Part::Many(many) => many.start_ms,
        }
    }

    /// Up to where something is known by it.
    fn end_ms(&self) -> i64 {
        match self {
            Part::Number { at_ms, .. } | Part::Gap { at_ms, .. } => *at_ms,
            Part::Many(many) => many.start_ms.saturating_add(many.width_ms),
        }
    }
}

/// Equal columns, one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    pub start_ms: i64,
    pub width_ms: i64,
    pub columns: usize,
}

impl Grid {
    /// At most `columns` columns over a span, each so many whole steps of `step_ms` wide. They begin at multiples of their
    /// width, so that a chart does not tremble while time goes on; the first and the last may reach beyond the span.
    #[must_use]
    pub(crate) fn over(span_ms: &Range<i64>, columns: usize, step_ms: i64) -> Self {
        let (start, end) = (i128::from(span_ms.start), i128::from(span_ms.end));
        let (step, wanted) = (i128::from(step_ms.max(1)), i128::try_from(columns).unwrap_or(i128::MAX));
        if wanted == 0 || end <= start {
            return Self { start_ms: span_ms.start, width_ms: step_ms.max(1), columns: 0 };
        }
        let steps = |length: i128| (length + step - 1) / step;
        let (first, width) = if wanted == 1 {
            let first = start.div_euclid(step) * step;
            (first, steps(end - first) * step)
        } else {
            // A span that begins inside a column needs one column more than it is long.
            let width = steps((end - start + wanted - 2) / (wanted - 1)) * step;
            (start.div_euclid(width) * width, width)
        };
        let count = (end - first + width - 1) / width;
        let whole = |number: i128| i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX });
        Self { start_ms: whole(first), width_ms: whole(width), columns: usize::try_from(count).unwrap_or(columns) }
    }

    pub(crate) fn end_ms(&self) -> i64 {
        let length = self.width_ms.saturating_mul(i64::try_from(self.columns).unwrap_or(i64::MAX));
        self.start_ms.saturating_add(length)
    }

    fn column_of(&self, at_ms: i64) -> Option<usize> {
        let distance = i128::from(at_ms) - i128::from(self.start_ms);
        let column = usize::try_from(distance / i128::from(self.width_ms.max(1))).ok()?;
        (distance >= 0 && column < self.columns).then_some(column)
    }
}

/// Puts parts into the columns of a grid. `before` is the last part before the grid, `every_ms` how often samples are due.
/// A gap lasts until the next number; where samples stay away for longer than three are due, that is a gap too.
pub(crate) fn columns(mut parts: Vec<Part>, before: Option<&Part>, grid: Grid, every_ms: i64) -> Vec<Bucket> {
    parts.sort_by_key(Part::start_ms);
    let mut parts = parts.into_iter().peekable();
    let mut last = before.cloned();
    let mut sketch = Sketch::new();
    let mut buckets = Vec::with_capacity(grid.columns);
    for column in 0..grid.columns {
        let offset = grid.width_ms.saturating_mul(i64::try_from(column).unwrap_or(i64::MAX));
        let start_ms = grid.start_ms.saturating_add(offset);
        let mut bucket = empty(start_ms, grid.width_ms);
        sketch.clear();
        let mut touched = false;
        while let Some(part) = parts.next_if(|part| grid.column_of(part.start_ms()).is_none_or(|at| at <= column)) {
            if grid.column_of(part.start_ms()).is_some() {
                touched = true;
                add(&mut bucket, &part, &mut sketch);
                last = Some(part);
            }
        }
        if touched {
            bucket.median = sketch.quantile(0.5).map(|value| value.clamp(bucket.min, bucket.max));
            bucket.p95 = sketch.quantile(0.95).map(|value| value.clamp(bucket.min, bucket.max));
        } else {
            bucket.gap = last.as_ref().and_then(|last| missing(last, start_ms, every_ms));
        }
        buckets.push(bucket);
    }
    buckets
}

fn empty(start_ms: i64, width_ms: i64) -> Bucket {
    Bucket { start_ms, width_ms, count: 0, min: 0.0, max: 0.0, sum: 0.0, median: None, p95: None, gap: None }
}

fn add(bucket: &mut Bucket, part: &Part, sketch: &mut Sketch) {
    match part {
        Part::Number { value, .. } => {
            numbers(bucket, 1, *value, *value, *value);
            sketch.record(*value);
        }
        Part::Gap { reason, .. } => bucket.gap = Some(reason.clone()),
        Part::Many(many) => {
            numbers(bucket, many.count, many.min, many.max, many.sum);
            sketch.merge(&many.sketch);
            if many.gap.is_some() {
                bucket.gap.clone_from(&many.gap);
            }
        }
    }
}

fn numbers(bucket: &mut Bucket, count: u64, min: f64, max: f64, sum: f64) {
    if count == 0 {
        return;
    }
    let first = bucket.count == 0;
    bucket.min = if first { min } else { bucket.min.min(min) };
    bucket.max = if first { max } else { bucket.max.max(max) };
    bucket.sum += sum;
    bucket.count += count;
}

/// Why a column without any part has no number; `None` when none was due yet.
fn missing(last: &Part, start_ms: i64, every_ms: i64) -> Option<String> {
    match last {
        Part::Gap { reason, .. } => return Some(reason.clone()),
        Part::Many(many) if many.count == 0 && many.gap.is_some() => return many.gap.clone(),
        Part::Number { .. } | Part::Many(_) => {}
    }
    let silent = start_ms.saturating_sub(last.end_ms());
    (silent > every_ms.max(1_000).saturating_mul(3)).then(|| NO_SAMPLE.to_owned())
}

/// Nothing was measured, and nothing says why.
pub(crate) const NO_SAMPLE: &str = "no sample";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(at_ms: i64, value: f64) -> Part {
        Part::Number { at_ms, value }
    }

    fn gap(at_ms: i64) -> Part {
        Part::Gap { at_ms, reason: "down".into(), down: true }
    }

    #[test]
    fn a_gap_lasts_until_the_next_number_and_is_not_averaged() {
        let grid = Grid { start_ms: 0, width_ms: 1_000, columns: 7 };
        let parts = vec![number(0, 4.0), number(500, 6.0), gap(1_000), number(4_000, 8.0), gap(4_500)];
        let shown = columns(parts, None, grid, 1_000);
        let reported: Vec<_> = shown.iter().map(|bucket| (bucket.average(), bucket.gap.as_deref())).collect();
        let down = Some("down");
        let expected = [
            (Some(5.0), None),
            (None, down),
            (None, down),
            (None, down),
            (Some(8.0), down),
            (None, down),
            (None, down),
        ];
        assert_eq!(reported, expected);
    }

    #[test]
    fn samples_that_stay_away_are_a_gap_once_three_are_due() {
        let grid = Grid { start_ms: 10_000, width_ms: 1_000, columns: 8 };
        let shown = columns(Vec::new(), Some(&number(9_000, 1.0)), grid, 2_000);
        let reported: Vec<_> = shown.iter().map(|bucket| bucket.gap.is_some()).collect();
        assert_eq!(reported, [false, false, false, false, false, false, true, true]);
        let nothing = columns(Vec::new(), None, grid, 2_000);
        assert!(nothing.iter().all(|bucket| bucket.gap.is_none()), "nothing was ever measured");
    }

    #[test]
    fn columns_begin_at_multiples_of_their_width() {
        let grid = Grid::over(&(61_000..3_700_000), 62, 60_000);
        assert_eq!((grid.start_ms, grid.width_ms, grid.columns), (60_000, 60_000, 61));
        let grid = Grid::over(&(61_000..3_700_000), 60, 60_000);
        assert_eq!(grid.width_ms, 120_000);
        assert_eq!(Grid::over(&(5..5), 10, 1).columns, 0);
        assert_eq!(Grid::over(&(0..10), 0, 1).columns, 0);
        assert_eq!(Grid::over(&(-1_000..1_000), 1, 1).columns, 1);
        assert!(Grid::over(&(i64::MIN..i64::MAX), 200, 1).columns <= 200);
    }

    proptest! {
        #[test]
        fn a_grid_covers_its_span_with_no_more_columns_than_asked(
            start in -10_000_000_i64..10_000_000,
            length in 1_i64..2_000_000_000,
            wanted in 1_usize..400,
            step in prop::sample::select(vec![1_i64, 60_000, 600_000]),
        ) {
            let grid = Grid::over(&(start..start + length), wanted, step);
            prop_assert!((1..=wanted).contains(&grid.columns), "{grid:?}");
            prop_assert!(grid.start_ms <= start && grid.end_ms() >= start + length, "{grid:?}");
            prop_assert_eq!(grid.width_ms % step, 0);
            prop_assert_eq!(grid.start_ms.rem_euclid(step), 0);
        }
    }
}
