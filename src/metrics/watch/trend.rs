//! By how much the trend of a period rises.

use crate::deployment::metrics::trend::{LEAST, MOST, trend};
use crate::metrics::series::bucket::{Grid, Part, columns};

const HOUR_MS: f64 = 3_600_000.0;

/// By how many percent of its median the trend rises from `from` to `end`, and how far that may be off; nothing where
/// samples are too few. It is distinguished from the medians of equal parts of the period.
pub(super) fn growth(parts: &[&Part], count: u64, from: i64, end: i64) -> Option<(f64, f64)> {
    let length = end - from;
    let wanted = usize::try_from(count / 2).unwrap_or(MOST).clamp(LEAST, MOST);
    let width_ms = length / i64::try_from(wanted).ok()?;
    if width_ms <= 0 {
        return None;
    }
    let grid = Grid { start_ms: from, width_ms, columns: wanted };
    let parts = parts.iter().map(|part| (*part).clone()).collect();
    let buckets = columns(parts, None, grid, i64::MAX / 8).into_iter();
    let medians: Vec<(i64, f64)> = buckets.filter_map(|bucket| Some((bucket.start_ms, bucket.median?))).collect();
    let found = trend(&medians)?;
    let hours = length as f64 / HOUR_MS;
    let margin = (found.high - found.slope).max(found.slope - found.low);
    Some((found.slope * hours, margin * hours))
}
