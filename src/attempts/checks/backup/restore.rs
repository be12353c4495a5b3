//! Restoring a backup into scratch.

use super::super::account::Trouble;
use super::super::place;
use super::copy::{self, Throwaway};
use super::verify::same;
use super::{Desk, Kept, named};
use crate::database::{Address, Database, Purpose};
use crate::deployment::measurement::Verdict;
use crate::deployment::numbers;
use std::time::Instant;

const WHAT: &str = "the restored copy";

impl Desk<'_> {
    /// Copies the backup into the scratch folder, opens it as the application would, reads it whole, compares it, and
    /// throws it away.
    pub(super) async fn restore(&mut self, kept: &Kept) -> Result<(), Trouble> {
        if self.is_of_server() {
            self.same_bytes(kept).await?;
            return self.restore_dump(kept).await;
        }
        let scratch = place::named_folder(self.assignment, self.assignment.environment.scratch.as_deref(), "scratch")?;
        let path = scratch.join(format!("restored-{}.db", self.assignment.attempt));
        let began = Instant::now();
        let mut file = copy::create_new(&path)?;
        let _copy = Throwaway::new(&path);
        self.console.line(&format!("restoring to {}", path.display()));
        let (bytes, sha256) = self.read_file(&kept.path, "restore", Some(&mut file)).await?;
        drop(file);
        copy::sync(&path)?;
        same(kept, bytes, &sha256)?;

        let opened = Database::open(&Address::Sqlite(path), Purpose::Own, self.interrupt).await;
        let mut database = opened.map_err(|error| named(WHAT, error.into()))?;
        self.read_whole(&mut database, WHAT).await?;
        let took = began.elapsed().as_secs_f64();
        self.account.measure("restore", took, "s");
        let tables = self.hold_against(&mut database, kept, WHAT).await;
        // The file is removed only once nothing has it open.
        database.close().await;
        let tables = tables?;
        let total: i64 = tables.iter().map(|table| table.rows).sum();
        self.account.tables.extend(tables);
        self.account.find(Verdict::Pass, format!("restored in {}, {total} rows as recorded", numbers::seconds(took)));
        Ok(())
    }
}
