//! Proof that data is unchanged: exact counts and fingerprints taken at one moment, and held against another's.

use super::bisect::TableRanges;
use super::ranges::Detail;
use super::{Database, DatabaseError};
use crate::checklist::check::Depth;
use crate::deployment::attempt::{Moment, TableProof};
use crate::deployment::difference::differences;

/// Up to so many values each column of a range is hashed by itself: a table larger than that would be read for minutes.
const CELLS: i64 = 20_000_000;

/// A table to prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub table: String,
    /// The columns the fingerprint is to cover: those that existed before. `None`: all there are.
    pub columns: Option<Vec<String>>,
    /// What of its fingerprint is kept.
    pub keep: Keep,
}

/// What a fingerprint leaves behind to find a difference with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keep {
    #[default]
    Nothing,
    /// What it is made up of by ranges of keys, where the database can tell.
    Ranges,
}

impl Wanted {
    pub fn whole(table: impl Into<String>) -> Self {
        Self { table: table.into(), columns: None, keep: Keep::Nothing }
    }

    #[must_use]
    pub fn in_ranges(self) -> Self {
        Self { keep: Keep::Ranges, ..self }
    }

    /// The table and columns that an earlier proof covered.
    #[must_use]
    pub fn like(before: &TableProof) -> Self {
        let columns = before.columns.as_deref().map(read_columns);
        Self { table: before.table.clone(), columns, keep: Keep::Nothing }
    }
}

/// How far a proof has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached<'a> {
    pub table: &'a str,
    /// Rows read so far and rows to read, over all tables.
    pub done: u64,
    pub total: u64,
}

/// What was taken, and what could not be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proofs {
    pub tables: Vec<TableProof>,
    /// Tables and columns that are not there, a sentence each.
    pub missing: Vec<String>,
    /// Of the tables that were to be taken in ranges.
    pub ranges: Vec<TableRanges>,
}

/// Counts the tables and, when asked, fingerprints their contents, all in one read transaction, so that the numbers
/// belong together. With a rollback journal a writer's commit waits for that transaction; it is not for use while a
/// migration runs.
///
/// # Errors
/// When the database cannot be read. A table that is not there is no error, see [`Proofs::missing`].
pub async fn tables(
    database: &mut Database,
    wanted: &[Wanted],
    depth: Depth,
    when: Moment,
    at: &mut (dyn for<'a> FnMut(Reached<'a>) + Send),
) -> Result<Proofs, DatabaseError> {
    database.enter_snapshot().await?;
    let taken = take(database, wanted, depth, when, at).await;
    let left = database.leave_snapshot().await;
    let proofs = taken?;
    left?;
    Ok(proofs)
}

/// Every table of the application, in full.
pub async fn all(database: &mut Database) -> Result<Vec<Wanted>, DatabaseError> {
    Ok(database.tables().await?.into_iter().map(Wanted::whole).collect())
}

async fn take(
    database: &mut Database,
    wanted: &[Wanted],
    depth: Depth,
    when: Moment,
    at: &mut (dyn for<'a> FnMut(Reached<'a>) + Send),
) -> Result<Proofs, DatabaseError> {
    let mut proofs = Proofs::default();
    let mut counted: Vec<(&str, Vec<String>, i64, Keep)> = Vec::new();
    let mut total = 0;
    for Wanted { table, columns, keep } in wanted {
        let present = database.columns(table).await?;
        if present.is_empty() {
            proofs.missing.push(format!("there is no table {table}"));
            continue;
        }
        // The database makes generated columns from the others; they prove nothing of their own.
        let all = || present.iter().filter(|column| !column.generated).map(|column| column.name.clone()).collect();
        let columns = columns.clone().unwrap_or_else(all);
        let lost: Vec<_> = columns.iter().filter(|name| !present.iter().any(|column| column.name == **name)).collect();
        if !lost.is_empty() {
            let lost = lost.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
            proofs.missing.push(format!("{table} no longer has {lost}"));
            continue;
        }
        let rows = database.count(table).await?;
        total += u64::try_from(rows).unwrap_or_default();
        counted.push((table, columns, rows, *keep));
    }
    let mut done = 0;
    for (table, columns, rows, keep) in counted {
        if depth == Depth::Counts {
            done += u64::try_from(rows).unwrap_or_default();
            at(Reached { table, done, total });
            proofs.tables.push(TableProof { table: table.to_owned(), when, rows, fingerprint: None, columns: None });
            continue;
        }
        let mut report = |read| at(Reached { table, done: done + read, total });
        let split = if keep == Keep::Ranges { database.split(table).await? } else { None };
        let (read, print) = if let Some(split) = split {
            let cells = rows.saturating_mul(i64::try_from(columns.len()).unwrap_or(i64::MAX));
            let detail = if cells <= CELLS { Detail::Columns } else { Detail::Ranges };
            let (read, print, ranges) = database.in_ranges(table, &columns, &split, detail).await?;
            proofs.ranges.push(TableRanges {
                table: table.to_owned(),
                columns: write_columns(&columns),
                split,
                ranges,
            });
            (read, print)
        } else {
            database.fingerprint(table, &columns, &mut report).await?
        };
        done += u64::try_from(read).unwrap_or_default();
        proofs.tables.push(TableProof {
            table: table.to_owned(),
            when,
            rows: read,
            fingerprint: Some(print),
            columns: Some(write_columns(&columns)),
        });
    }
    Ok(proofs)
}

/// Holds the proofs of a later moment against those of an earlier one, see [`differences`].
///
/// # Errors
/// A sentence for every table that differs, naming it and the numbers.
pub fn compare(before: &[TableProof], after: &[TableProof], rewrites: &[String]) -> Result<(), Vec<String>> {
    let differing: Vec<String> = differences(before, after, rewrites).iter().map(ToString::to_string).collect();
    if differing.is_empty() { Ok(()) } else { Err(differing) }
}

/// Columns as a proof keeps them: comma-separated, a name that needs it in double quotes.
pub fn write_columns(columns: &[String]) -> String {
    let plain = |name: &str| !name.is_empty() && !name.contains([',', '"']) && name.trim() == name;
    let written = columns
        .iter()
        .map(|name| if plain(name) { name.clone() } else { format!("\"{}\"", name.replace('"', "\"\"")) });
    written.collect::<Vec<_>>().join(",")
}

/// Reads what [`write_columns`] wrote.
pub fn read_columns(text: &str) -> Vec<String> {
    let mut columns = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (name, tail) = rest.split_once(',').unwrap_or((rest, ""));
            columns.push(name.to_owned());
            rest = tail;
            continue;
        };
        let mut name = String::new();
        let mut chars = quoted.char_indices().peekable();
        let mut end = quoted.len();
        while let Some((at, c)) = chars.next() {
            if c != '"' {
                name.push(c);
            } else if chars.next_if(|(_, next)| *next == '"').is_some() {
                name.push('"');
            } else {
                end = at + 1;
                break;
            }
        }
        columns.push(name);
        rest = quoted[end..].strip_prefix(',').unwrap_or(&quoted[end..]);
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn proof(table: &str, rows: i64, print: Option<&str>) -> TableProof {
        let fingerprint = print.map(|print| format!("rows1:{print}"));
        let columns = print.map(|_| "id,lot_id".to_owned());
        TableProof { table: table.into(), when: Moment::Before, rows, fingerprint, columns }
    }

    #[test]
    fn every_difference_is_named_with_its_numbers() {
        let before = [
            proof("lots", 10, Some("a")),
            proof("serials", 5, Some("b")),
            proof("users", 1, None),
            proof("gone", 2, None),
        ];
        let after = [
            proof("lots", 9, Some("c")),
            proof("serials", 5, Some("x")),
            proof("users", 1, Some("z")),
            proof("new", 3, None),
        ];
        let said = compare(&before, &after, &[]).unwrap_err();
        assert_eq!(
            said,
            [
                "lots: 10 rows before, 9 now (1 fewer)",
                "serials: 5 rows as before, but their contents differ",
                "gone: 2 rows before, not there any more",
            ]
        );
        assert!(compare(&before[1..3], &after, &["serials".to_owned()]).is_ok());
        assert!(compare(&before[..1], &after, &["lots".to_owned()]).is_err(), "a rewrite keeps every row");
    }

    #[test]
    fn other_methods_and_other_columns_are_not_compared() {
        let before = proof("lots", 1, Some("a"));
        let mut other = before.clone();
        other.fingerprint = Some("rows2:a".into());
        assert!(compare(std::slice::from_ref(&before), &[other], &[]).unwrap_err()[0].contains("cannot be compared"));
        let mut other = before.clone();
        other.columns = Some("id".into());
        assert!(compare(&[before], &[other], &[]).is_err());
    }

    proptest! {
        #[test]
        fn columns_are_read_as_written(columns in proptest::collection::vec("[a-c,\" é]{1,6}", 0..5)) {
            prop_assert_eq!(read_columns(&write_columns(&columns)), columns);
        }
    }
}
