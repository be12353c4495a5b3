//! What fingerprints were made up of, kept beside an attempt's output: the ledger holds a number a table, this file where
//! to look when that number is another one.

use crate::attempts::files::{AttemptFiles, Durability};
use crate::attempts::{Assignment, Console};
use crate::database::bisect::TableRanges;
use crate::deployment::attempt::AttemptNumber;

/// Keeps them for the attempt in hand. A difference is seen without the file too, so its loss is only reported.
pub(crate) fn write(assignment: &Assignment, ranges: &[TableRanges], console: &dyn Console) {
    if ranges.is_empty() {
        return;
    }
    let files = AttemptFiles::new(&assignment.evidence, assignment.attempt);
    let kept = serde_json::to_vec(ranges)
        .map_err(std::io::Error::other)
        .and_then(|bytes| files.replace(&files.ranges(), &bytes, Durability::Durable));
    if let Err(error) = kept {
        console.line(&format!("what the fingerprints are made up of could not be kept: {error}"));
    }
}

/// Those of an earlier attempt, of the tables named; none where nothing was kept.
pub(crate) fn read(assignment: &Assignment, attempt: AttemptNumber, tables: &[String]) -> Vec<TableRanges> {
    let files = AttemptFiles::new(&assignment.evidence, attempt);
    let bytes = crate::input::read(&files.ranges(), u64::MAX).unwrap_or_default();
    let all: Vec<TableRanges> = serde_json::from_slice(&bytes).unwrap_or_default();
    all.into_iter().filter(|kept| tables.contains(&kept.table)).collect()
}
