//! Fills a database that stands at 0001 with a believable story of manufacturing.

use super::error::RehearsalError;
use super::fault::Fault;
use super::migrator;
use chrono::Utc;
use sqlx::{Connection, Executor};
use std::path::Path;

const NEUROHUB: &str = include_str!("../../assets/rehearsal/seed/neurohub.sql");
const NULL_LOT: &str = include_str!("../../assets/rehearsal/seed/null-lot.sql");
const ORPHANS: &str = include_str!("../../assets/rehearsal/seed/orphans.sql");

/// A listing of a hundred lots must find a hundred.
const FEWEST_LOTS: i64 = 120;
const ROWS_PER_LOT: i64 = 400;
const PROCESSES: i64 = 8;
/// The fewest rows that give every lot its two rows and leave some for units.
pub(super) const FEWEST_ROWS: u64 = 1_000;
const DAY: i64 = 86_400;

/// How much of everything there is, for a number of `process_data` rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size {
    process_rows: i64,
    unit_rows: i64,
    lots: i64,
    units: i64,
    /// How many units the first, the first two … of five lots hold together; never more than 100 each.
    cuts: [i64; 5],
}

impl Size {
    fn of(rows: u64) -> Self {
        let process_rows = i64::try_from(rows.max(FEWEST_ROWS)).unwrap_or(i64::MAX / 1_000_000);
        let lots = FEWEST_LOTS.max(process_rows.div_ceil_of(ROWS_PER_LOT));
        let unit_rows = process_rows - 2 * lots;
        let units = unit_rows.div_ceil_of(PROCESSES);
        let block = 5 * units.div_ceil_of(lots);
        let cuts = [40, 65, 80, 92, 100].map(|percent| (block * percent / 100).max(1));
        Self { process_rows, unit_rows, lots, units, cuts }
    }
}

trait DivCeil {
    fn div_ceil_of(self, by: i64) -> i64;
}

impl DivCeil for i64 {
    /// Both are positive here.
    fn div_ceil_of(self, by: i64) -> i64 {
        (self + by - 1) / by
    }
}

/// Fills the database in one transaction. `faults` are those that belong into this one.
pub(super) async fn fill(database: &Path, rows: u64, faults: &[Fault]) -> Result<(), RehearsalError> {
    let doing = || RehearsalError::database(format!("fill {}", database.display()));
    let size = Size::of(rows);
    let mut connection = migrator::connect(database).await?;
    connection
        .execute(
            "CREATE TEMP TABLE size (process_rows INTEGER, unit_rows INTEGER, lots INTEGER, units INTEGER, cut1 INTEGER, \
             cut2 INTEGER, cut3 INTEGER, cut4 INTEGER, cut5 INTEGER, first INTEGER, span INTEGER)",
        )
        .await
        .map_err(doing())?;
    // Six weeks that end before now: the last unit starts two hours ago and takes one.
    let weeks = 42 * DAY;
    sqlx::query("INSERT INTO temp.size VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(size.process_rows)
        .bind(size.unit_rows)
        .bind(size.lots)
        .bind(size.units)
        .bind(size.cuts[0])
        .bind(size.cuts[1])
        .bind(size.cuts[2])
        .bind(size.cuts[3])
        .bind(size.cuts[4])
        .bind(Utc::now().timestamp() - weeks)
        .bind(weeks - 2 * 3_600)
        .execute(&mut connection)
        .await
        .map_err(doing())?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(doing())?;
    transaction.execute(NEUROHUB).await.map_err(doing())?;
    if faults.contains(&Fault::NullLot) {
        transaction.execute(NULL_LOT).await.map_err(doing())?;
    }
    if faults.contains(&Fault::Orphans) {
        transaction.execute(ORPHANS).await.map_err(doing())?;
    }
    transaction.commit().await.map_err(doing())?;
    connection.close().await.map_err(doing())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_lot_holds_more_than_a_hundred_units_and_a_page_of_lots_is_full() {
        for rows in [0, 1_000, 2_000, 20_000, 24_000, 120_000, 120_001, 999_999, 5_000_000] {
            let size = Size::of(rows);
            let mut before = 0;
            for cut in size.cuts {
                assert!((0..=100).contains(&(cut - before)), "{rows}: {size:?}");
                before = cut;
            }
            assert!(size.lots >= 100 && size.unit_rows > 0, "{rows}: {size:?}");
            assert!(size.cuts[4] * size.lots >= size.units * 5, "{rows}: every unit finds a lot: {size:?}");
        }
    }
}
