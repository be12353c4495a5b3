//! Where contents differ: a table's fingerprint split into ranges of its key, and each of these into columns.

use crate::database::error::DatabaseError;
use serde::{Deserialize, Serialize};

/// At most about this many ranges a table.
pub const RANGES: i64 = 64;

/// How a table is split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// The one column that is its primary key, a whole number.
    pub key: String,
    /// Keys a range.
    pub width: i64,
}

/// How closely a range is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    Ranges,
    /// Each column by itself besides.
    Columns,
}

/// Rows whose key is `from` or more and below the next range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    pub from: i64,
    pub rows: i64,
    pub fingerprint: String,
    /// One for each column of the proof, in its order; each is bound to the row's key. None where only ranges are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

impl Split {
    /// Ranges of a power of two, so that a table that grew can still be split as it was.
    #[must_use]
    pub fn over(key: impl Into<String>, lowest: i64, highest: i64) -> Self {
        let span = highest.saturating_sub(lowest).max(1);
        let mut width: i64 = 1;
        while span / width > RANGES && width < i64::MAX / 2 {
            width *= 2;
        }
        Self { key: key.into(), width }
    }
}

/// What differs in one range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub from: i64,
    /// The last key that the range could hold.
    pub to: i64,
    pub rows_before: i64,
    pub rows_now: i64,
    /// Columns that differ; empty where rows came or went.
    pub columns: Vec<String>,
}

/// Holds the ranges of a later moment against those of an earlier one.
pub fn differences(split: &Split, columns: &[String], before: &[Range], now: &[Range]) -> Vec<Difference> {
    let mut starts: Vec<i64> = before.iter().chain(now).map(|range| range.from).collect();
    starts.sort_unstable();
    starts.dedup();
    let at = |ranges: &[Range], from: i64| ranges.iter().find(|range| range.from == from).cloned();
    let differing = starts.into_iter().filter_map(|from| {
        let (old, new) = (at(before, from), at(now, from));
        if old == new {
            return None;
        }
        let rows = |range: &Option<Range>| range.as_ref().map_or(0, |range| range.rows);
        let (rows_before, rows_now) = (rows(&old), rows(&new));
        let changed = match (&old, &new) {
            (Some(old), Some(new)) if rows_before == rows_now => {
                let pairs = columns.iter().zip(old.columns.iter().zip(&new.columns));
                pairs.filter(|(_, (then, now))| then != now).map(|(name, _)| name.clone()).collect()
            }
            _ => Vec::new(),
        };
        let to = from.saturating_add(split.width - 1);
        Some(Difference { from, to, rows_before, rows_now, columns: changed })
    });
    differing.collect()
}

/// The whole table's fingerprint out of its ranges': sums add up.
///
/// # Errors
/// When a range holds no number.
pub fn total(method: &str, ranges: &[Range]) -> Result<String, DatabaseError> {
    let mut sum: i128 = 0;
    for range in ranges {
        let number: i128 = range.fingerprint.parse().map_err(|_| {
            DatabaseError::Statement(format!("the fingerprint of a range is no number: {}", range.fingerprint))
        })?;
        sum = sum.wrapping_add(number);
    }
    Ok(format!("{method}:{sum}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: i64, rows: i64, a: &str, b: &str) -> Range {
        Range { from, rows, fingerprint: format!("{a}{b}"), columns: vec![a.into(), b.into()] }
    }

    #[test]
    fn ranges_that_differ_are_named_with_their_columns() {
        let split = Split { key: "id".into(), width: 16 };
        let columns = ["id".to_owned(), "notes".to_owned()];
        let before = [range(0, 16, "1", "2"), range(16, 16, "3", "4"), range(32, 2, "5", "6")];
        let now = [range(0, 16, "1", "2"), range(16, 16, "3", "9"), range(48, 1, "7", "8")];
        let found = differences(&split, &columns, &before, &now);
        let reported: Vec<_> =
            found.iter().map(|d| (d.from, d.to, d.rows_before, d.rows_now, d.columns.join(","))).collect();
        assert_eq!(
            reported,
            [(16, 31, 16, 16, "notes".into()), (32, 47, 2, 0, String::new()), (48, 63, 0, 1, String::new())]
        );
    }

    #[test]
    fn a_split_holds_whatever_the_keys_are() {
        assert_eq!(Split::over("id", 1, 1).width, 1);
        assert_eq!(Split::over("id", 1, 65).width, 1);
        assert_eq!(Split::over("id", 1, 5_000_000).width, 131_072);
        assert!(Split::over("id", i64::MIN, i64::MAX).width > 0);
    }

    #[test]
    fn sums_add_up_beyond_a_word() {
        let ranges = [range(0, 1, "9223372036854775807", ""), range(1, 1, "9223372036854775807", "")];
        assert_eq!(total("pg1", &ranges).unwrap(), "pg1:18446744073709551614");
        assert!(total("pg1", &[range(0, 1, "x", "")]).is_err());
    }
}
