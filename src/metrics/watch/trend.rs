//! By how much the trend of a period rises: Theil and Sen's slope, the median of the slopes between the medians of equal
//! parts of it. One outlier, or a tenth of them, does not move it.

use crate::metrics::series::bucket::{Grid, Part, columns};

/// Parts that a period is divided into, and how many of them need samples.
const COLUMNS: usize = 24;
const FEWEST: usize = 8;
/// Samples in each.
const FEW: u64 = 3;

/// By how many percent the trend rises from `from` to `end`, of the level it began at; nothing where samples are too few.
pub fn growth(parts: &[&Part], from: i64, end: i64) -> Option<f64> {
    let length = end - from;
    let width_ms = length / i64::try_from(COLUMNS).ok()?;
    if width_ms <= 0 {
        return None;
    }
    let grid = Grid { start_ms: from, width_ms, columns: COLUMNS };
    let parts = parts.iter().map(|part| (*part).clone()).collect();
    let medians: Vec<(f64, f64)> = columns(parts, None, grid, i64::MAX / 8)
        .into_iter()
        .enumerate()
        .filter(|(_, bucket)| bucket.count >= FEW)
        .filter_map(|(at, bucket)| Some((at as f64, bucket.median?)))
        .collect();
    if medians.len() < FEWEST {
        return None;
    }
    let pairs = medians.iter().enumerate().flat_map(|(at, one)| medians[at + 1..].iter().map(move |two| (one, two)));
    let slope = median(pairs.map(|(one, two)| (two.1 - one.1) / (two.0 - one.0)).collect())?;
    let start = median(medians.iter().take(medians.len() / 4).map(|(_, value)| *value).collect())?;
    let rise = slope * COLUMNS as f64;
    if rise == 0.0 {
        return Some(0.0);
    }
    (start > 0.0).then(|| rise / start * 100.0)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
