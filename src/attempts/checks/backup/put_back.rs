//! Putting a backup in place of the environment's own database: the rollback.

use super::super::account::Trouble;
use super::super::place;
use super::{Desk, Kept, named};
use crate::database::Purpose;
use crate::deployment::measurement::Verdict;
use crate::deployment::numbers;
use std::time::Instant;

const WHAT: &str = "the database put back";
pub(super) const COMMAND: &str = "restore";

impl Desk<'_> {
    /// Lets the environment's `restore` command put it back, and holds the database that stands then against what was
    /// recorded when the backup was made.
    pub(super) async fn put_back(&mut self, kept: &Kept) -> Result<(), Trouble> {
        let name = &self.assignment.environment_name;
        let command = self.assignment.environment.commands.get(COMMAND).ok_or_else(|| {
            Trouble::NotStarted(format!(
                "{name} has no command `{COMMAND}`, which puts $GONOGO_BACKUP_FILE back; add it"
            ))
        })?;
        self.stages.begin("restore command", "bytes", Some(kept.output.bytes));
        let exports = [("GONOGO_BACKUP_FILE", kept.path.display().to_string())];
        let began = Instant::now();
        let end = self.run_command.run(command, &exports).await.map_err(Trouble::NotStarted)?;
        self.account.exit = end.exit;
        self.account.signal = end.signal;
        self.go_on()?;
        if end.exit != Some(0) {
            return Err(Trouble::Wrong(match (end.exit, end.signal) {
                (Some(status), _) => format!("the {COMMAND} command ended with exit status {status}"),
                (None, Some(signal)) => format!("the {COMMAND} command was ended by signal {signal}"),
                (None, None) => format!("the {COMMAND} command ended without an exit status"),
            }));
        }
        let took = began.elapsed().as_secs_f64();
        self.account.measure("restore", took, "s");
        let opened = place::connect(self.assignment, Purpose::Read, self.interrupt).await;
        let mut database = opened.map_err(|error| named(WHAT, error))?;
        if !self.is_of_server() {
            self.read_whole(&mut database, WHAT).await?;
        }
        let tables = self.hold_against(&mut database, kept, WHAT).await;
        database.close().await;
        let tables = tables?;
        let total: i64 = tables.iter().map(|table| table.rows).sum();
        self.account.tables.extend(tables);
        self.account.find(Verdict::Pass, format!("put back in {}, {total} rows as recorded", numbers::seconds(took)));
        Ok(())
    }
}
