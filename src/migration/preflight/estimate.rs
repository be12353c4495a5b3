//! How long a lock is held: from the number of rows and the server's own speed.

use super::evaluate::{Indexes, WorkKind};
use super::words::{rows, seconds, thousands};
use std::time::Duration;

/// Fewer rows than this say nothing about a server's speed.
const ENOUGH: i64 = 5_000;
/// What is assumed where nothing could be measured, in rows a second.
const ASSUMED: f64 = 1_000_000.0;
/// A statement takes this long, however little it does.
const LEAST: f64 = 0.002;

/// How fast the server reads rows, and how that is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Speed {
    /// Rows a second in a plain scan by one process.
    pub rows: f64,
    pub basis: String,
}

impl Speed {
    /// From reading so many rows of a table in this time.
    #[must_use]
    pub(crate) fn measured(table: &str, number: i64, took: Duration) -> Option<Self> {
        let took = took.as_secs_f64();
        if number < ENOUGH || took <= 0.0 {
            return None;
        }
        let speed = number as f64 / took;
        #[expect(clippy::cast_possible_truncation, reason = "rows a second, for people")]
        let shown = thousands((speed / 1000.0).round() as i64 * 1000);
        let basis = format!("this server read {} of {table} in {}, {shown} rows a second", rows(number), seconds(took));
        Some(Self { rows: speed, basis })
    }

    #[must_use]
    pub(crate) fn assumed() -> Self {
        let basis =
            "no table has rows enough to measure this server's speed; 1,000,000 rows a second assumed".to_owned();
        Self { rows: ASSUMED, basis }
    }

    /// Seconds that a piece of work on this many rows takes.
    pub(crate) fn seconds(&self, kind: WorkKind, number: i64, indexes: Indexes) -> f64 {
        LEAST + number as f64 / self.rows * weight(kind, indexes)
    }
}

/// How many plain scans a piece of work is worth, as measured on tables of a third of a million to five million rows.
fn weight(kind: WorkKind, indexes: Indexes) -> f64 {
    let (sorted, inverted) = (indexes.sorted as f64, indexes.inverted as f64);
    match kind {
        WorkKind::Instant => 0.0,
        WorkKind::Scan => 1.5,
        WorkKind::Lookup => 1.6,
        WorkKind::Rewrite => 6.0 + 3.0 * sorted + 22.0 * inverted,
        WorkKind::BuildIndex { gin: true, .. } => 22.0,
        WorkKind::BuildIndex { parts, gin: false } => 2.0 + 0.5 * parts as f64,
        WorkKind::Change => 10.0 + 3.0 * sorted + 100.0 * inverted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_rows_measure_nothing() {
        assert_eq!(Speed::measured("t", 100, Duration::from_millis(1)), None);
        let speed = Speed::measured("t", 2_000_000, Duration::from_millis(500)).unwrap();
        assert!(speed.basis.contains("4,000,000 rows a second"), "{}", speed.basis);
    }

    #[test]
    fn heavier_work_takes_longer_and_no_work_takes_none() {
        let speed = Speed::assumed();
        let of = |kind| speed.seconds(kind, 1_000_000, Indexes { sorted: 3, inverted: 0 });
        assert!(of(WorkKind::Instant) < 0.01);
        assert!(of(WorkKind::Scan) < of(WorkKind::Lookup) && of(WorkKind::Lookup) < of(WorkKind::Rewrite));
        assert!(of(WorkKind::BuildIndex { parts: 1, gin: false }) < of(WorkKind::BuildIndex { parts: 1, gin: true }));
    }
}
