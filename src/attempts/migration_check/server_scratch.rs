//! A copy of the environment's PostgreSQL database that a migration is tried on: made fresh beside the scratch database
//! the environment names, filled by a dump, dropped afterwards. Neither the environment's database nor the one named as
//! scratch is ever written to.

use super::Run;
use super::asking::Stands;
use crate::attempts::checks::backup::contents::ONLY_LOOK;
use crate::attempts::command_line::quoted;
use crate::attempts::console::Console;
use crate::attempts::outcome::ending;
use crate::attempts::pty;
use crate::database::{Address, Database, Interrupt, Postgres, PostgresAddress, Purpose};
use crate::deployment::attempt::End;
use crate::deployment::live;
use crate::migration::lineage::Lineage;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

/// The copy.
pub(super) struct ServerScratch {
    /// Where it was made from, and where it is dropped from.
    home: PostgresAddress,
    copy: PostgresAddress,
}

impl ServerScratch {
    /// # Errors
    /// A sentence when the copy cannot be made, or when the migrator would not run on it.
    pub(super) async fn make(run: &Run<'_>) -> Result<Self, String> {
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
        // By this name `gonogo clean` finds it when nobody is left to drop it.
        let tag = live::tag(&run.assignment.state, run.assignment.attempt).replace('-', "_");
        let copy = home.with_database(&format!("{tag}_scratch"));
        run.console.line(&format!("making the scratch database {}", copy.database()));
        let made = change(&home, async |server| {
            let role = server.role().await.map_err(|error| error.to_string())?;
            role.may_create().map_err(|why| why.to_string())?;
            server.create_database(copy.database()).await.map_err(|error| error.to_string())
        });
        made.await.map_err(|why| format!("no scratch database could be made at {}: {why}", home.place()))?;
        let made = Self { home, copy };
        match made.fill(run, &live).await {
            Ok(()) => Ok(made),
            Err(why) => {
                made.remove(run.console).await;
                Err(why)
            }
        }
    }

    pub(super) fn url(&self) -> String {
        self.copy.url()
    }

    async fn fill(&self, run: &Run<'_>, live: &PostgresAddress) -> Result<(), String> {
        self.refuse_stray(run).await?;
        let file = format!("${{TMPDIR:-/tmp}}/gonogo-scratch-{}-{}.dump", run.assignment.attempt, std::process::id());
        let dump = format!(
            "umask 077 && pg_dump --no-password --format=custom --file=\"{file}\" --dbname={}",
            quoted(&live.without_password())
        );
        // Comments of extensions are their owner's to make, and extensions that only show what a server does are often an
        // administrator's: a role without more rights restores without them.
        let restore = format!(
            "pg_restore --list \"{file}\" | grep -Ev '^[0-9]+; [0-9]+ [0-9]+ (COMMENT - EXTENSION |EXTENSION - ({}) )' \
             >\"{file}.list\" && pg_restore --no-password --no-owner --no-privileges --exit-on-error \
             --use-list=\"{file}.list\" --dbname={} \"{file}\"",
            ONLY_LOOK.join("|"),
            quoted(&self.copy.without_password())
        );
        let done = match self.command(run, &dump, live.password()).await {
            Ok(()) => self.command(run, &restore, self.copy.password()).await,
            Err(why) => Err(why),
        };
        let removed = self.command(run, &format!("rm -f \"{file}\" \"{file}.list\""), None).await;
        done.and(removed)
    }

    /// A migrator that finds its database elsewhere would run on the real one: asked about the empty copy, it must not
    /// tell of a revision.
    async fn refuse_stray(&self, run: &Run<'_>) -> Result<(), String> {
        let here = Run { url: Some(self.url()), takes_name: AtomicBool::new(false), attested: OnceLock::new(), ..*run };
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
    pub(super) async fn remove(&self, console: &dyn Console) {
        let name = self.copy.database();
        let dropped =
            change(&self.home, async |server| server.drop_database(name).await.map_err(|error| error.to_string()));
        match dropped.await {
            Ok(()) => console.line(&format!("the scratch database {} is dropped", self.copy.database())),
            Err(why) => {
                console.line(&format!(
                    "the scratch database {} could not be dropped: {why}; gonogo clean drops it",
                    self.copy.database()
                ));
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

/// Does something with whole databases from `home`.
async fn change(
    home: &PostgresAddress,
    work: impl AsyncFnOnce(&mut Postgres) -> Result<(), String>,
) -> Result<(), String> {
    let address = Address::Postgres(home.clone());
    let opened = Database::open(&address, Purpose::Change, &Interrupt::new()).await;
    let mut database = opened.map_err(|error| error.to_string())?;
    let done = match &mut database {
        Database::Postgres(server) => work(server).await,
        Database::Sqlite(_) => Err("the scratch place is no PostgreSQL".to_owned()),
    };
    database.close().await;
    done
}
