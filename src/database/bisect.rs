//! Where a table differs from what was kept of it: in which ranges of its key, there in which columns, and a few rows as
//! they are now.

use super::proof::read_columns;
use super::ranges::{self, Detail, Difference, Range, Split};
use super::{Database, DatabaseError, Value};
use serde::{Deserialize, Serialize};

/// Ranges reported one table, and rows reported one range.
const RANGES: usize = 5;
const ROWS: usize = 2;

/// What a table's fingerprint was made up of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRanges {
    pub table: String,
    /// The columns it covers, as a proof writes them.
    pub columns: String,
    pub split: Split,
    pub ranges: Vec<Range>,
}

impl TableRanges {
    fn detail(&self) -> Detail {
        if self.ranges.iter().any(|range| !range.columns.is_empty()) { Detail::Columns } else { Detail::Ranges }
    }
}

/// Reads the tables of `kept` again and says where they differ, each with sentences of its own.
pub(crate) async fn bisect(database: &mut Database, kept: &[TableRanges]) -> Vec<String> {
    let mut said = Vec::new();
    for before in kept {
        let columns = read_columns(&before.columns);
        match database.in_ranges(&before.table, &columns, &before.split, before.detail()).await {
            Ok((_, _, now)) => {
                let found = ranges::differences(&before.split, &columns, &before.ranges, &now);
                said.extend(tell(database, &before.table, &before.split.key, &found).await);
            }
            Err(error) => said.push(format!("{}: where it differs could not be found: {error}", before.table)),
        }
    }
    said
}

/// Says what differs in a table, with a few rows of each range.
pub(crate) async fn tell(database: &mut Database, table: &str, key: &str, found: &[Difference]) -> Vec<String> {
    let mut said = Vec::new();
    for difference in found.iter().take(RANGES) {
        said.push(format!("{table}: {}", words(key, difference)));
        let rows = rows(database, table, key, difference).await.unwrap_or_default();
        said.extend(rows.into_iter().map(|row| format!("  now: {row}")));
    }
    if found.len() > RANGES {
        said.push(format!("{table}: and {} more ranges", found.len() - RANGES));
    }
    said
}

fn words(key: &str, difference: &Difference) -> String {
    let Difference { from, to, rows_before, rows_now, columns } = difference;
    if rows_before != rows_now {
        return format!("{key} {from} to {to}: {rows_before} rows before, {rows_now} now");
    }
    let columns = if columns.is_empty() { "the rows".to_owned() } else { columns.join(", ") };
    let verb = if difference.columns.len() == 1 { "differs" } else { "differ" };
    format!("{key} {from} to {to}, {rows_now} rows: {columns} {verb}")
}

/// A few rows of a range as they are now; how they were is kept nowhere.
async fn rows(
    database: &mut Database,
    table: &str,
    key: &str,
    difference: &Difference,
) -> Result<Vec<String>, DatabaseError> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let columns = difference.columns.iter().map(String::as_str).filter(|name| *name != key);
    let columns: Vec<_> = [key].into_iter().chain(columns).map(quoted).collect();
    let name = table.split('.').map(quoted).collect::<Vec<_>>().join(".");
    let sql = format!(
        "SELECT {} FROM {name} WHERE {} BETWEEN {} AND {} ORDER BY 1 LIMIT {ROWS}",
        columns.join(", "),
        quoted(key),
        difference.from,
        difference.to
    );
    let found = database.rows(&sql, ROWS).await?;
    let reported = (0..found.rows.len()).filter(|index| found.rows[*index] != [Value::Null]);
    Ok(reported.map(|index| found.sample(index)).collect())
}
