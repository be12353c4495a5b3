//! A copy of the environment's PostgreSQL database that a migration is tried on: made fresh beside the scratch database
//! the environment names, filled by a dump, dropped afterwards. Neither the environment's database nor the one named as
//! scratch is ever written to.

use super::Run;
use super::asking::Stands;
use crate::attempts::command_line::quoted;
use crate::attempts::console::Console;
use crate::attempts::outcome::ending;
use crate::attempts::pty;
use crate::database::{Address, Database, Interrupt, PostgresAddress, Purpose};
use crate::deployment::attempt::End;
use crate::migration::lineage::Lineage;

/// The copy.
pub struct ServerScratch {
    /// Where it was made from, and where it is dropped from.
    home: PostgresAddress,
    copy: PostgresAddress,
}

impl ServerScratch {
    /// # Errors
    /// A sentence when the copy cannot be made, or when the migrator would not run on it.
    pub async fn make(run: &Run<'_>) -> Result<Self, String> {
        let environment = &run.assignment.environment;
        let name = &run.assignment.environment_name;
        let live = address(environment.database.as_deref(), || format!("{name} has no database to copy"))?;
        let scratch = environment.scratch.as_deref();
        let home = address(scratch, || format!("{name} has no scratch database to copy into"))?;
        let (this, that) = (run.databases.identity(&live.url()).await?, run.databases.identity(&home.url()).await?);
        if this == that {
            return Err(format!(
                "the scratch database of {name} is {name}'s own database ({this}); name another one, nothing was done"
            ));
        }
        let copy = home.with_database(&format!("gonogo_scratch_{}_{}", run.assignment.attempt, std::process::id()));
        run.console.line(&format!("making the scratch database {}", copy.database()));
        statement(&home, &format!("CREATE DATABASE \"{}\"", copy.database())).await.map_err(|why| {
            format!("no scratch database could be made at {}: {why}; the role needs CREATEDB", home.place())
        })?;
        let made = Self { home, copy };
        match made.fill(run, &live).await {
            Ok(()) => Ok(made),
            Err(why) => {
                made.remove(run.console).await;
                Err(why)
            }
        }
    }

    pub fn url(&self) -> String {
        self.copy.url()
    }

    async fn fill(&self, run: &Run<'_>, live: &PostgresAddress) -> Result<(), String> {
        self.refuse_stray(run).await?;
        let file = format!("${{TMPDIR:-/tmp}}/gonogo-scratch-{}-{}.dump", run.assignment.attempt, std::process::id());
        let dump = format!(
            "umask 077 && pg_dump --no-password --format=custom --file=\"{file}\" --dbname={}",
            quoted(&live.without_password())
        );
        let restore = format!(
            "pg_restore --no-password --no-owner --no-privileges --exit-on-error --dbname={} \"{file}\"",
            quoted(&self.copy.without_password())
        );
        let done = match self.command(run, &dump, live.password()).await {
            Ok(()) => self.command(run, &restore, self.copy.password()).await,
            Err(why) => Err(why),
        };
        let removed = self.command(run, &format!("rm -f \"{file}\""), None).await;
        done.and(removed)
    }

    /// A migrator that finds its database elsewhere would run on the real one: asked about the empty copy, it must not
    /// tell of a revision.
    async fn refuse_stray(&self, run: &Run<'_>) -> Result<(), String> {
        let here = Run { url: Some(self.url()), ..*run };
        let named = run.migrator.command.contains("GONOGO_DATABASE_URL");
        let stray = "so it would run on the environment's own database; let it take its database from \
                     $GONOGO_DATABASE_URL";
        // Whatever it names would do, known or not.
        let any = Lineage::default();
        let (on_copy, on_live) = (here.ask(&any).await.map(|a| a.now), run.ask(&any).await.map(|a| a.now));
        match (on_copy, on_live) {
            (Ok(Stands::At(standing)), _) if !standing.is_base() => {
                Err(format!("asked about an empty scratch database, the migrator says {standing}, {stray}"))
            }
            (Ok(Stands::At(_)), Ok(Stands::At(standing))) if !standing.is_base() => Ok(()),
            _ if named => Ok(()),
            _ => Err(format!("nobody can tell which database the migrator takes, {stray}")),
        }
    }

    async fn command(&self, run: &Run<'_>, text: &str, password: Option<&str>) -> Result<(), String> {
        let mut line = run.command(text);
        if let Some(password) = password {
            line = line.with("PGPASSWORD", password);
        }
        let stopped = run.assignment.stopped();
        let ended = pty::run(&line, stopped, run.grace, run.console, &mut |_| {}).await?;
        let program = text.split_whitespace().find(|word| word.starts_with("pg_") || *word == "rm").unwrap_or(text);
        match (ended.end, ended.exit) {
            (End::Completed, Some(0)) => Ok(()),
            (End::Completed, _) => Err(format!("{program} of the scratch copy: {}", ending(&ended))),
            _ => Err("ended while copying the database to scratch".to_owned()),
        }
    }

    /// Drops the copy, whoever is still connected to it.
    pub async fn remove(&self, console: &dyn Console) {
        let sql = format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.copy.database());
        match statement(&self.home, &sql).await {
            Ok(()) => console.line(&format!("the scratch database {} is dropped", self.copy.database())),
            Err(why) => {
                console.line(&format!("the scratch database {} could not be dropped: {why}", self.copy.database()));
            }
        }
    }
}

fn address(url: Option<&str>, missing: impl Fn() -> String) -> Result<PostgresAddress, String> {
    match Address::parse(url.ok_or_else(missing)?).map_err(|error| error.to_string())? {
        Address::Postgres(address) => Ok(address),
        Address::Sqlite(_) => {
            Err("the database is PostgreSQL and the scratch place is not; name a database on a server".to_owned())
        }
    }
}

async fn statement(home: &PostgresAddress, sql: &str) -> Result<(), String> {
    let address = Address::Postgres(home.clone());
    let opened = Database::open(&address, Purpose::Change, &Interrupt::new()).await;
    let mut database = opened.map_err(|error| error.to_string())?;
    let done = database.rows(sql, 0).await;
    database.close().await;
    done.map(drop).map_err(|error| error.to_string())
}
