//! What differs between the proofs of two moments: one account for everybody who compares.

use super::attempt::TableProof;
use std::fmt;

/// One table that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub table: String,
    /// Rows it had.
    pub rows: i64,
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Gone,
    Rows {
        now: i64,
    },
    Contents,
    /// Taken in different ways or over different columns.
    Incomparable,
}

/// Holds the proofs of a later moment against those of an earlier one. Row counts must be the same everywhere;
/// contents too, except in `rewrites`. Where either side was only counted, only counts are compared. Tables that are
/// new are no concern here.
pub(crate) fn differences(before: &[TableProof], after: &[TableProof], rewrites: &[String]) -> Vec<Difference> {
    let differing = before.iter().filter_map(|old| {
        let what = what(old, after.iter().find(|new| new.table == old.table), rewrites)?;
        Some(Difference { table: old.table.clone(), rows: old.rows, what })
    });
    differing.collect()
}

fn what(old: &TableProof, new: Option<&TableProof>, rewrites: &[String]) -> Option<What> {
    let Some(new) = new else { return Some(What::Gone) };
    if new.rows != old.rows {
        return Some(What::Rows { now: new.rows });
    }
    let (Some(print), Some(now)) = (&old.fingerprint, &new.fingerprint) else { return None };
    if rewrites.contains(&old.table) {
        return None;
    }
    if method(print) != method(now) || old.columns != new.columns {
        return Some(What::Incomparable);
    }
    (print != now).then_some(What::Contents)
}

fn method(print: &str) -> &str {
    print.split_once(':').map_or("", |(method, _)| method)
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, rows, what } = self;
        let counted = if *rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
        match what {
            What::Gone => write!(f, "{table}: {counted} before, not there any more"),
            What::Rows { now } => {
                let by = now.saturating_sub(*rows);
                let word = if by < 0 { "fewer" } else { "more" };
                write!(f, "{table}: {counted} before, {now} now ({} {word})", by.unsigned_abs())
            }
            What::Contents => write!(f, "{table}: {counted} as before, but their contents differ"),
            What::Incomparable => {
                write!(f, "{table}: the fingerprints were taken in different ways and cannot be compared")
            }
        }
    }
}
