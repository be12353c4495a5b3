//! A chart made ready to be drawn: at most two points a column, its gaps, its scale, and what its numbers come to.

use super::series::{Piece, Series};
use std::ops::Range;

/// Which time is shown, in how many columns of dots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lens {
    pub span: Range<i64>,
    pub columns: usize,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chart {
    pub lens: Lens,
    /// Lines without a gap in them; across in columns from 0, up in the pane's unit.
    pub runs: Vec<Vec<(f64, f64)>>,
    /// Columns in which a number is missing.
    pub gaps: Vec<Range<usize>>,
    pub scale: Scale,
    /// Of what is in sight; none without a number.
    pub numbers: Option<Numbers>,
    pub change: Option<Change>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    /// Between labels.
    pub step: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    pub min: f64,
    pub median: f64,
    pub p95: f64,
    pub max: f64,
    pub count: u64,
    /// Whether the quantiles are those of all numbers, and not worked out from those of buckets.
    pub exact: bool,
}

/// Medians before and after a moment in sight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    pub at_ms: i64,
    pub before: f64,
    pub after: f64,
    pub exact: bool,
}

/// What is to be in sight beside the numbers themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Marks {
    pub target: Option<f64>,
    /// With its band, where that is known.
    pub baseline: Option<(f64, Option<(f64, f64)>)>,
    /// Where before ends and after begins.
    pub zero_ms: Option<i64>,
}

impl Lens {
    /// Milliseconds of a column.
    pub fn width_ms(&self) -> i64 {
        let columns = i64::try_from(self.columns.max(1)).unwrap_or(i64::MAX);
        (self.span.end.saturating_sub(self.span.start) / columns).max(1)
    }

    /// The column of a moment; none out of sight.
    pub fn column(&self, at_ms: i64) -> Option<usize> {
        if !self.span.contains(&at_ms) || self.columns == 0 {
            return None;
        }
        let column = at_ms.saturating_sub(self.span.start) / self.width_ms();
        usize::try_from(column).ok().map(|column| column.min(self.columns - 1))
    }
}

/// Where a piece is drawn from. A bucket that is only partly filled and goes on from nothing holds the first samples there
/// are: they lie at its end.
fn begins(piece: &Piece<'_>, every_ms: i64, goes_on: Option<i64>) -> i64 {
    let width = piece.end_ms().saturating_sub(piece.start_ms());
    let sampled = i64::try_from(piece.count()).unwrap_or(i64::MAX).saturating_mul(every_ms.max(1));
    let is_first = goes_on.is_none() && piece.gap().is_none() && piece.count() > 0;
    if is_first && sampled < width { piece.end_ms().saturating_sub(sampled) } else { piece.start_ms() }
}

impl Chart {
    #[must_use]
    pub fn new(series: &Series, lens: Lens, now_ms: i64, marks: Marks) -> Self {
        if lens.columns == 0 {
            return Self { lens, ..Self::default() };
        }
        let mut columns = Columns::new(&lens);
        columns.sort(series, now_ms);
        let drawn = columns.chart();
        let mut chart = Self { numbers: numbers(series.pieces(lens.span.clone())), lens, ..drawn };
        chart.scale = Scale::of(chart.numbers.map(|numbers| (numbers.min, numbers.max)), marks);
        chart.change = marks.zero_ms.and_then(|zero| change(series, &chart.lens, zero));
        chart
    }
}

/// What fell into each column of dots.
struct Columns<'a> {
    lens: &'a Lens,
    extents: Vec<Option<(f64, f64)>>,
    missing: Vec<bool>,
    /// Whether the line breaks off before this column.
    breaks: Vec<bool>,
}

impl<'a> Columns<'a> {
    fn new(lens: &'a Lens) -> Self {
        let none = || vec![false; lens.columns];
        Self { lens, extents: vec![None; lens.columns], missing: none(), breaks: none() }
    }

    fn sort(&mut self, series: &Series, now_ms: i64) {
        let (lens, patience) = (self.lens, series.patience());
        // One piece more on the left shows whether the first in sight goes on from something.
        let margin = patience.max(super::series::TEN_MINUTES);
        let from = lens.span.start.saturating_sub(margin);
        let mut end = series.pieces(from..lens.span.start).last().map(|piece| piece.end_ms());
        for piece in series.pieces(lens.span.clone()) {
            let begins = begins(&piece, series.every_ms(), end.filter(|end| piece.start_ms() - end <= patience));
            let first = lens.column(begins.max(lens.span.start)).unwrap_or(0);
            if let Some(end) = end
                && piece.start_ms().saturating_sub(end) > patience
            {
                let from = lens.column(end.max(lens.span.start)).map_or(0, |column| column + 1);
                self.miss(from..first);
                self.breaks[first] = true;
            }
            let last = (piece.end_ms() - 1).max(piece.start_ms()).min(lens.span.end - 1);
            let last = lens.column(last).unwrap_or(first).max(first);
            for column in first..=last {
                if let Some((low, high)) = piece.extent() {
                    let extent = &mut self.extents[column];
                    *extent = Some(extent.map_or((low, high), |(least, most)| (least.min(low), most.max(high))));
                }
                self.missing[column] |= piece.gap().is_some();
            }
            end = Some(end.map_or(piece.end_ms(), |end| end.max(piece.end_ms())));
        }
        // What should have come by now and has not.
        let now = now_ms.min(lens.span.end - 1);
        if let Some(end) = end
            && now.saturating_sub(end) > patience
        {
            let from = lens.column(end.max(lens.span.start)).map_or(0, |column| column + 1);
            self.miss(from..lens.column(now).map_or(0, |column| column + 1));
        }
    }

    fn miss(&mut self, columns: Range<usize>) {
        for missing in self.missing.iter_mut().take(columns.end).skip(columns.start) {
            *missing = true;
        }
    }

    fn chart(&self) -> Chart {
        let mut runs: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut run: Vec<(f64, f64)> = Vec::new();
        for (column, extent) in self.extents.iter().enumerate() {
            let broken = self.breaks[column] || (extent.is_none() && self.missing[column]);
            if broken && !run.is_empty() {
                runs.push(std::mem::take(&mut run));
            }
            let Some((low, high)) = *extent else { continue };
            let x = column as f64;
            let near_high = run.last().is_some_and(|(_, before)| (before - high).abs() < (before - low).abs());
            let (first, second) = if near_high { (high, low) } else { (low, high) };
            run.push((x, first));
            if low < high {
                run.push((x, second));
            }
            // A column in which something is missing too ends the line.
            if self.missing[column] {
                runs.push(std::mem::take(&mut run));
            }
        }
        runs.push(run);
        runs.retain(|run| !run.is_empty());
        let mut gaps: Vec<Range<usize>> = Vec::new();
        for (column, _) in self.missing.iter().enumerate().filter(|(_, missing)| **missing) {
            match gaps.last_mut().filter(|gap| gap.end == column) {
                Some(gap) => gap.end = column + 1,
                None => gaps.push(column..column + 1),
            }
        }
        Chart { runs, gaps, ..Chart::default() }
    }
}

fn numbers<'a>(pieces: impl Iterator<Item = Piece<'a>>) -> Option<Numbers> {
    let mut weighed: Vec<(f64, f64)> = Vec::new();
    let (mut min, mut max, mut count, mut exact) = (f64::INFINITY, f64::NEG_INFINITY, 0, true);
    for piece in pieces {
        let Some((low, high)) = piece.extent() else { continue };
        (min, max, count) = (min.min(low), max.max(high), count + piece.count());
        match piece {
            Piece::Bucket(bucket) if bucket.count > 1 => {
                exact = false;
                let spread = bucket.spread();
                let weight = bucket.count as f64 / spread.len() as f64;
                weighed.extend(spread.into_iter().map(|value| (value, weight)));
            }
            _ => weighed.push((low, 1.0)),
        }
    }
    if weighed.is_empty() {
        return None;
    }
    weighed.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
    let all: f64 = weighed.iter().map(|(_, weight)| weight).sum();
    let quantile = |share: f64| {
        let mut left = all * share;
        let found = weighed.iter().find(|(_, weight)| {
            left -= weight;
            left <= 1e-9
        });
        found.or(weighed.last()).map_or(0.0, |(value, _)| *value)
    };
    Some(Numbers { min, median: quantile(0.5), p95: quantile(0.95), max, count, exact })
}

fn change(series: &Series, lens: &Lens, zero: i64) -> Option<Change> {
    lens.column(zero)?;
    let before = numbers(series.pieces(lens.span.start..zero).filter(|piece| piece.end_ms() <= zero))?;
    let after = numbers(series.pieces(zero..lens.span.end).filter(|piece| piece.start_ms() >= zero))?;
    let exact = before.exact && after.exact;
    Some(Change { at_ms: zero, before: before.median, after: after.median, exact })
}

impl Scale {
    /// The same, but it ends where no number can lie above.
    pub fn up_to(self, most: f64) -> Self {
        if self.low < most { Self { high: self.high.min(most), ..self } } else { self }
    }

    /// A scale that holds the numbers and the target, and the baseline where it does not squeeze them. It begins at zero
    /// where the numbers come anywhere near it.
    #[must_use]
    pub fn of(extent: Option<(f64, f64)>, marks: Marks) -> Self {
        let (mut low, mut high) = match (extent, marks.target.or(marks.baseline.map(|(value, _)| value))) {
            (Some(extent), _) => extent,
            (None, Some(number)) => (number, number),
            (None, None) => (0.0, 1.0),
        };
        if let Some(target) = marks.target.filter(|target| target.is_finite()) {
            (low, high) = (low.min(target), high.max(target));
        }
        for baseline in marks.baseline.map(|(value, _)| value).into_iter().filter(|number| number.is_finite()) {
            let (least, most) = (low.min(baseline), high.max(baseline));
            if most - least.min(0.0) <= 4.0 * (high - low.min(0.0)) {
                (low, high) = (least, most);
            }
        }
        if low >= 0.0 && low <= high * 0.7 {
            low = 0.0;
        } else if high <= 0.0 && high >= low * 0.7 {
            high = 0.0;
        }
        // Numbers that hardly differ lie level, not on a mountain range.
        let least = (high.abs().max(low.abs()) * 0.1).max(1e-9);
        if high - low < least {
            let lack = (least - (high - low)) / 2.0;
            let stays = low >= 0.0;
            (low, high) = (low - lack, high + lack);
            if stays {
                low = low.max(0.0);
            }
        }
        if low == 0.0 && high <= 1e-9 {
            high = 1.0;
        }
        if !(high - low).is_finite() {
            // Numbers so large that they have no distance are recognised by their labels alone.
            return Self { low: f64::MIN / 4.0, high: f64::MAX / 4.0, step: f64::MAX / 8.0 };
        }
        let step = step((high - low) / 4.0);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        Self { low, high, step }
    }

    /// Where a number stands between bottom and top.
    pub fn share(&self, value: f64) -> f64 {
        let spread = self.high - self.low;
        if spread > 0.0 { value / spread - self.low / spread } else { 0.0 }
    }

    /// The numbers that may have a label, from the bottom up.
    pub fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        (0..=24_u8)
            .map(|at| self.low + f64::from(at) * self.step)
            .take_while(|tick| *tick <= self.high + self.step / 2.0)
    }
}

/// 1, 2 or 5 times a power of ten, at least as large as what is asked for.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.max(1e-12).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= least * 0.999).unwrap_or(power)
}

#[cfg(test)]
#[path = "chart/tests.rs"]
mod tests;
