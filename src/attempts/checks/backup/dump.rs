//! Backups of PostgreSQL: dumped, read back, restored into a new database.

use super::super::account::Trouble;
use super::super::place;
use super::format::Format;
use super::refill::Rights;
use super::swap::same_revision;
use super::tool::{self, Ended};
use super::{Desk, Kept, named};
use crate::database::{Address, Database, Interrupt, Postgres, PostgresAddress, Purpose};
use crate::deployment::attempt::{Left, LeftOn, LeftWhy, TableProof};
use crate::deployment::measurement::Verdict;
use crate::deployment::numbers;
use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(200);
const RESTORED: &str = "the restored copy";

impl Desk<'_> {
    /// Dumps the source in the custom format of `pg_dump`.
    pub(super) async fn make_dump(&mut self, address: &PostgresAddress, rows: u64, path: &Path) -> Result<(), Trouble> {
        self.stages.begin("dump", "rows", Some(rows));
        super::copy::create_new(path)?;
        let unfinished = super::copy::Throwaway::new(path);
        let words = [
            "--no-password".to_owned(),
            "--format=custom".to_owned(),
            format!("--file={}", path.display()),
            format!("--dbname={}", address.without_password()),
        ];
        let watch = Watch::open(address).await;
        let run = tool::run(self.console, self.interrupt, "pg_dump", &words, Some(address));
        let ended = self.watched(watch, run).await?;
        self.account.exit = ended.exit;
        if !ended.well() {
            return Err(Trouble::Wrong(format!("pg_dump failed with {}", ended.why())));
        }
        unfinished.keep();
        Ok(())
    }

    /// An older `pg_dump` refuses a newer server; an older `pg_restore`, a newer dump.
    pub(super) async fn fitting_tools(&mut self, source: &Database) -> Result<(), Trouble> {
        let Database::Postgres(postgres) = source else { return Ok(()) };
        let server = postgres.server_version() / 10_000;
        for name in ["pg_dump", "pg_restore"] {
            let client = tool::version(name).await?;
            if client < server {
                return Err(Trouble::NotStarted(format!(
                    "{name} here is version {client}, the server {server}: an older program does not serve a newer \
                     server; install the client programs of {server}"
                )));
            }
            if client > server {
                self.console.line(&format!("{name} {client} works for the server's {server}"));
            }
        }
        Ok(())
    }

    /// Reads a dump back where it lies: its list of contents, then all of its data.
    pub(super) async fn verify_dump(&mut self, kept: &Kept) -> Result<(), Trouble> {
        self.read_dump(kept).await?;
        let (bytes, tables) = (kept.output.bytes, kept.tables.len());
        self.account.find(Verdict::Pass, format!("the dump of {tables} tables, {bytes} bytes, was read back whole"));
        Ok(())
    }

    async fn read_dump(&mut self, kept: &Kept) -> Result<(), Trouble> {
        if let Some(mistake) = Format::of(&kept.path)?.mistake() {
            return Err(Trouble::Wrong(mistake.to_owned()));
        }
        let file = kept.path.display().to_string();
        // The list is no proof: it is whole in a dump that was cut off or altered behind it.
        self.stages.begin("list of contents", "", None);
        let listed = self.pg_restore(&["--list".to_owned(), file.clone()]).await?;
        if !listed.well() {
            return Err(Trouble::Wrong(format!(
                "pg_restore cannot read the backup's list of contents: {}",
                listed.why()
            )));
        }
        self.stages.begin("reading back", "", None);
        let read = self.pg_restore(&["--file=/dev/null".to_owned(), file]).await?;
        if !read.well() {
            return Err(Trouble::Wrong(format!(
                "the backup is damaged: its list of contents can be read, its data cannot ({})",
                read.why()
            )));
        }
        Ok(())
    }

    /// Restores a dump into a database made for it on the scratch server, compares it, and drops it again.
    pub(super) async fn restore_dump(&mut self, kept: &Kept) -> Result<(), Trouble> {
        let scratch = self.scratch_server()?;
        let name = self.database_name("restored");
        let fresh = scratch.with_database(&name);
        let mut server = self.open(&scratch, Purpose::Change, &Interrupt::new()).await?;
        let Database::Postgres(postgres) = &mut server else {
            return Err(Trouble::NotStarted("the scratch place is no PostgreSQL".to_owned()));
        };
        postgres.role().await?.may_create().map_err(|why| Trouble::NotStarted(why.to_string()))?;
        self.console.line(&format!("restoring into the new database {name} at {}", scratch.place()));
        postgres.create_database(&name).await?;
        // On the server of the environment's own database everything is as it will be when the backup is put back.
        let rights = if self.is_beside(&scratch) { Rights::Kept } else { Rights::Dropped };
        let restored = self.restore_into(kept, &fresh, rights).await;
        self.drop_own(postgres, &name, LeftOn::Scratch).await;
        server.close().await;
        let (took, tables) = restored?;
        let total: i64 = tables.iter().map(|table| table.rows).sum();
        self.account.tables.extend(tables);
        self.account.find(Verdict::Pass, format!("restored in {}, {total} rows as recorded", numbers::seconds(took)));
        self.swap_would_be_refused().await
    }

    /// Drops a database that this attempt made; one that stays is named, for `gonogo clean`.
    pub(super) async fn drop_own(&mut self, server: &mut Postgres, name: &str, on: LeftOn) {
        let Err(error) = server.drop_database(name).await else { return };
        let listed = server.databases().await.unwrap_or_default();
        let oid = listed.iter().find(|listed| listed.name == name).map(|listed| listed.oid);
        let said = format!("database {name} is left over, it could not be dropped: {error}; gonogo clean drops it");
        self.console.line(&said);
        self.account.find(Verdict::Pass, said);
        self.account.left.push(Left { name: name.to_owned(), on, oid, why: LeftWhy::Unneeded });
    }

    fn is_beside(&self, scratch: &PostgresAddress) -> bool {
        matches!(place::address(self.assignment), Ok(Address::Postgres(live))
            if live.place() == scratch.place() && live.user() == scratch.user())
    }

    /// Where the plan puts this backup in the place of the database, the rights for that are looked at now: a drill is to
    /// find what the rollback would hit.
    async fn swap_would_be_refused(&mut self) -> Result<(), Trouble> {
        let Some(swap) = self.planned_swap() else { return Ok(()) };
        let mut database = place::connect(self.assignment, Purpose::Read, self.interrupt).await?;
        let Database::Postgres(postgres) = &mut database else { return Ok(()) };
        let name = postgres.address().database().to_owned();
        let obstacles = postgres.swap_obstacles(&name).await;
        database.close().await;
        for obstacle in obstacles? {
            let sentence = format!("\"{swap}\" would be refused here: {obstacle}");
            self.console.line(&sentence);
            self.account.find(Verdict::Fail, sentence);
        }
        Ok(())
    }

    /// Restores into a database that is empty and compares; gives the seconds it lasted.
    pub(super) async fn restore_into(
        &mut self,
        kept: &Kept,
        fresh: &PostgresAddress,
        rights: Rights,
    ) -> Result<(f64, Vec<TableProof>), Trouble> {
        let took = self.refill(kept, fresh, rights).await?;
        self.account.measure("restore", took, "s");
        let interrupt = self.interrupt;
        let mut database = self.open(fresh, Purpose::Read, interrupt).await.map_err(|error| named(RESTORED, error))?;
        let tables = self.hold_against(&mut database, kept, RESTORED).await;
        let revision = self.revision(&mut database).await;
        database.close().await;
        let tables = tables?;
        same_revision(kept, revision.as_deref())?;
        Ok((took, tables))
    }

    fn scratch_server(&self) -> Result<PostgresAddress, Trouble> {
        let name = &self.assignment.environment_name;
        let url = self.assignment.environment.scratch.as_deref().filter(|url| !url.is_empty());
        let url = url.ok_or_else(|| Trouble::NotStarted(format!("the environment {name} has no `scratch`")))?;
        match Address::parse(url)? {
            Address::Postgres(address) => Ok(address),
            Address::Sqlite(_) => Err(Trouble::NotStarted(format!(
                "the scratch place of {name} is a file; write the address of a database on a server where a new one may \
                 be made"
            ))),
        }
    }

    pub(super) async fn open(
        &self,
        address: &PostgresAddress,
        purpose: Purpose,
        interrupt: &Interrupt,
    ) -> Result<Database, Trouble> {
        Ok(Database::open(&Address::Postgres(address.clone()), purpose, interrupt).await?)
    }

    async fn pg_restore(&self, words: &[String]) -> Result<Ended, Trouble> {
        tool::run(self.console, self.interrupt, "pg_restore", words, None).await
    }

    /// Does something while the server's copies are followed, so that there is a bar to look at.
    pub(super) async fn watched<T, E>(
        &mut self,
        mut watch: Option<Watch>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let mut work = pin!(work);
        let done = loop {
            tokio::select! {
                done = &mut work => break done,
                () = tokio::time::sleep(LOOK_EVERY) => {
                    let Some(watch) = &mut watch else { continue };
                    if let Some((rows, table)) = watch.look().await {
                        self.stages.at(rows, &table);
                    }
                }
            }
        };
        if let Some(watch) = watch {
            watch.database.close().await;
        }
        done
    }
}

/// Follows the copies of one database by an observer's connection.
pub(super) struct Watch {
    database: Database,
    /// The most rows seen of each table; a copy that is over is not listed any more.
    seen: BTreeMap<String, u64>,
}

impl Watch {
    /// None where nothing can be watched; that is no reason not to work.
    pub(super) async fn open(address: &PostgresAddress) -> Option<Self> {
        let address = Address::Postgres(address.clone());
        let database = Database::open(&address, Purpose::Observe, &Interrupt::new()).await.ok()?;
        Some(Self { database, seen: BTreeMap::new() })
    }

    async fn look(&mut self) -> Option<(u64, String)> {
        let Database::Postgres(postgres) = &mut self.database else { return None };
        let copies = postgres.copies().await.ok()?;
        let table = copies.last()?.0.clone();
        for (table, rows) in copies {
            let most = self.seen.entry(table).or_default();
            *most = rows.max(*most);
        }
        Some((self.seen.values().sum(), table))
    }
}
