//! The swap on a PostgreSQL server: a new database beside the one in use, then two renamings in one transaction. It takes
//! a role that owns the database and may make others, and nothing more.

use super::super::account::Trouble;
use super::refill::Rights;
use super::swap::dated_name;
use super::{Desk, Kept};
use crate::database::postgres::sessions::Occupancy;
use crate::database::{Address, Database, DatabaseError, Interrupt, Postgres, PostgresAddress, Purpose};
use crate::deployment::attempt::{Left, LeftOn, LeftWhy};
use crate::deployment::measurement::Verdict;
use crate::deployment::numbers;
use chrono::Utc;
use std::time::{Duration, Instant};

/// Databases that every server has, to stand in while others are renamed.
const BESIDE: [&str; 2] = ["postgres", "template1"];
/// Sessions named one by one.
const NAMED: usize = 5;
/// How long sessions that this role may not end have to leave by themselves.
const LEAVING: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(300);

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
        let obstacles = server.swap_obstacles(name).await?;
        if !obstacles.is_empty() {
            return Err(Trouble::NotStarted(obstacles.join("; ")));
        }
        let fresh = live.with_database(&self.database_name("swap"));
        self.console.line(&format!("restoring into the new database {} at {}", fresh.database(), live.place()));
        let refused = server.create_database_like(fresh.database(), name).await?;
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
                self.drop_own(server, fresh.database(), LeftOn::Database).await;
                return Err(trouble);
            }
        };
        let took = began.elapsed().as_secs_f64();
        self.account.measured.retain(|measured| measured.name != "restore");
        self.account.measure("restore", took, "s");
        self.account.revision.clone_from(&kept.revision);
        let total: i64 = tables.iter().map(|table| table.rows).sum();
        self.account.tables.extend(tables);
        self.account
            .find(Verdict::Pass, format!("restored in {}, {total} rows as recorded; {said}", numbers::seconds(took)));
        if !refused.is_empty() {
            let said = format!(
                "settings and rights of the original that this role may not set; ask an administrator for: {}",
                refused.join("; ")
            );
            self.console.line(&said);
            self.account.find(Verdict::Pass, said);
        }
        Ok(())
    }

    /// Closes the database to everybody, ends who is left, and renames. What stood there opens again under its new name,
    /// so that what was written since the backup can be looked up; on any failure everything stays as it was.
    async fn exchange(&mut self, server: &mut Postgres, name: &str, fresh: &str) -> Result<String, Trouble> {
        self.stages.begin("swap", "", None);
        let before = dated_name(name, Utc::now());
        let oid = server.databases().await?.iter().find(|listed| listed.name == name).map(|listed| listed.oid);
        server.allow_connections(name, false).await?;
        match self.exchange_closed(server, name, fresh, &before).await {
            Ok(ended) => {
                let said = format!("{name} is the restored database, the one before is kept as {before}{ended}");
                self.console.line(&said);
                self.account.left.push(Left { name: before, on: LeftOn::Database, oid, why: LeftWhy::KeptAside });
                Ok(said)
            }
            Err(trouble) => {
                server.allow_connections(name, true).await?;
                Err(trouble)
            }
        }
    }

    /// Renames as soon as nobody is left who keeps it from being done. Who may be ended is; others, and the server's own
    /// workers, have a while to leave.
    async fn exchange_closed(
        &mut self,
        server: &mut Postgres,
        name: &str,
        fresh: &str,
        before: &str,
    ) -> Result<String, Trouble> {
        let began = Instant::now();
        let mut ended: Vec<String> = Vec::new();
        let mut waited: Vec<String> = Vec::new();
        loop {
            self.go_on()?;
            let mut staying = Vec::new();
            for base in [name, fresh] {
                for occupant in server.occupants(base).await? {
                    if occupant.kind == Occupancy::Ours {
                        server.end_session(base, &occupant).await?;
                        // Our own of a moment ago is in the new one.
                        if base == name && !ended.contains(&occupant.who) {
                            self.console.line(&format!("ended the session of {}", occupant.who));
                            ended.push(occupant.who);
                        }
                        continue;
                    }
                    if occupant.kind == Occupancy::Theirs {
                        staying.push(occupant.who.clone());
                    }
                    if !waited.contains(&occupant.who) {
                        self.console.line(&format!("waiting for {} to leave {base}", occupant.who));
                        waited.push(occupant.who);
                    }
                }
            }
            if staying.is_empty() {
                match server.exchange_databases(name, before, fresh).await {
                    Ok(()) => break,
                    Err(DatabaseError::InUse(_) | DatabaseError::Locked { .. }) if began.elapsed() < LEAVING => {}
                    Err(error) => return Err(error.into()),
                }
            } else if began.elapsed() >= LEAVING {
                return Err(Trouble::Open(format!(
                    "nothing was changed: {name} is in use by {}, which this role may not end; end it as its own role or \
                     ask an administrator to, then run this again",
                    listed(&staying)
                )));
            }
            tokio::time::sleep(LOOK).await;
        }
        let reported = |words: &str, who: &[String]| match who {
            [] => String::new(),
            who => format!("; {words}: {}", listed(who)),
        };
        Ok(reported("sessions ended", &ended) + &reported("waited for", &waited))
    }

    /// A connection to the same server that is in neither database.
    async fn beside(&self, live: &PostgresAddress) -> Result<Database, Trouble> {
        let scratch = self.assignment.environment.scratch.as_deref().map(Address::parse);
        let scratch = match scratch {
            Some(Ok(Address::Postgres(scratch))) if scratch.place() == live.place() => Some(scratch),
            _ => None,
        };
        let beside = BESIDE.iter().map(|name| live.with_database(name)).chain(scratch);
        let mut last = String::new();
        for address in beside.filter(|address| address.database() != live.database()) {
            match self.open(&address, Purpose::Change, &Interrupt::new()).await {
                Ok(database) => return Ok(database),
                Err(trouble) => last = trouble.to_string(),
            }
        }
        Err(Trouble::NotStarted(format!(
            "the database cannot be renamed from within, and role {} can connect to no other on the server ({last}); ask an \
             administrator for: GRANT CONNECT ON DATABASE postgres TO \"{0}\", and a line for it in pg_hba.conf",
            live.user()
        )))
    }
}

/// Names the first of them.
fn listed(some: &[String]) -> String {
    match some.get(NAMED..) {
        Some(more) if !more.is_empty() => format!("{} and {} more", some[..NAMED].join(", "), more.len()),
        _ => some.join(", "),
    }
}
