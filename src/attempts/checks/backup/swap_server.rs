//! The swap on a PostgreSQL server: a new database beside the one in use, then two renamings in one transaction.

use super::super::account::Trouble;
use super::dump::Rights;
use super::swap::dated_name;
use super::{Desk, Kept};
use crate::database::{Database, Interrupt, Postgres, PostgresAddress, Purpose};
use crate::deployment::measurement::Verdict;
use chrono::Utc;
use std::time::Instant;

/// Databases that every server has, to stand in while others are renamed.
const BESIDE: [&str; 2] = ["postgres", "template1"];
/// Sessions named one by one.
const NAMED: usize = 5;

impl Desk<'_> {
    pub(super) async fn swap_server(&mut self, kept: &Kept, live: &PostgresAddress) -> Result<(), Trouble> {
        let began = Instant::now();
        let mut server = self.beside(live).await?;
        let Database::Postgres(postgres) = &mut server else {
            return Err(Trouble::NotStarted("the database is not on a PostgreSQL server".to_owned()));
        };
        let done = self.swap_beside(kept, live, postgres, began).await;
        server.close().await;
        done
    }

    async fn swap_beside(
        &mut self,
        kept: &Kept,
        live: &PostgresAddress,
        server: &mut Postgres,
        began: Instant,
    ) -> Result<(), Trouble> {
        let name = live.database();
        let waiting = server.prepared_transactions(name).await?;
        if waiting > 0 {
            return Err(Trouble::NotStarted(format!(
                "{waiting} prepared transactions wait in {name}, which cannot be renamed before they are committed or \
                 rolled back"
            )));
        }
        let fresh = live.with_database(&self.database_name("swap"));
        self.console.line(&format!("restoring into the new database {} at {}", fresh.database(), live.place()));
        // Of an earlier supervisor that was killed in mid-restore.
        server.drop_database(fresh.database()).await?;
        server.create_database_like(fresh.database(), name).await?;
        let swapped = match self.restore_into(kept, &fresh, Rights::Kept).await {
            Ok((_, tables)) => match self.go_on() {
                Ok(()) => self.exchange(server, name, fresh.database()).await.map(|said| (said, tables)),
                Err(stopped) => Err(stopped),
            },
            Err(trouble) => Err(trouble),
        };
        let (said, tables) = match swapped {
            Ok(swapped) => swapped,
            Err(trouble) => {
                if let Err(error) = server.drop_database(fresh.database()).await {
                    self.console.line(&format!("{} could not be dropped: {error}", fresh.database()));
                }
                return Err(trouble);
            }
        };
        let took = began.elapsed().as_secs_f64();
        self.account.measured.retain(|measured| measured.name != "restore");
        self.account.measure("restore", took, "s");
        self.account.revision.clone_from(&kept.revision);
        let total: i64 = tables.iter().map(|table| table.rows).sum();
        self.account.tables.extend(tables);
        self.account.find(Verdict::Pass, format!("restored in {took:.1} s, {total} rows as recorded; {said}"));
        Ok(())
    }

    /// Closes the database to everybody, ends who is left, and renames. What stood there opens again under its new name,
    /// so that what was written since the backup can be looked up; on any failure everything stays as it was.
    async fn exchange(&mut self, server: &mut Postgres, name: &str, fresh: &str) -> Result<String, Trouble> {
        self.stages.begin("swap", "", None);
        let before = dated_name(name, Utc::now());
        server.allow_connections(name, false).await?;
        let exchanged = self.exchange_closed(server, name, fresh, &before).await;
        match exchanged {
            Ok(ended) => {
                let said = format!("{name} is the restored database, the one before is kept as {before}{ended}");
                self.console.line(&said);
                Ok(said)
            }
            Err(trouble) => {
                server.allow_connections(name, true).await?;
                Err(trouble)
            }
        }
    }

    async fn exchange_closed(
        &mut self,
        server: &mut Postgres,
        name: &str,
        fresh: &str,
        before: &str,
    ) -> Result<String, Trouble> {
        let mut ended = Vec::new();
        for session in server.end_sessions(name).await? {
            self.console.line(&format!("ended the session of {session}"));
            ended.push(session);
        }
        // Our own of a moment ago takes that moment to leave.
        server.end_sessions(fresh).await?;
        server.exchange_databases(name, before, fresh).await?;
        Ok(match ended.as_slice() {
            [] => String::new(),
            some if some.len() <= NAMED => format!("; sessions ended: {}", some.join(", ")),
            some => format!("; sessions ended: {} and {} more", some[..NAMED].join(", "), some.len() - NAMED),
        })
    }

    /// A connection to the same server that stands in neither database.
    async fn beside(&self, live: &PostgresAddress) -> Result<Database, Trouble> {
        let mut last = None;
        for name in BESIDE.iter().filter(|name| **name != live.database()) {
            match self.open(&live.with_database(name), Purpose::Change, &Interrupt::new()).await {
                Ok(database) => return Ok(database),
                Err(trouble) => last = Some(trouble),
            }
        }
        Err(last.unwrap_or_else(|| Trouble::NotStarted("the server has no database to stand in meanwhile".to_owned())))
    }
}
