//! Trying revisions that cannot be printed, when the captain asks for it: on an empty copy of the schema, made in the
//! environment's scratch place and dropped afterwards, with every statement written down on its way. The environment's
//! own database is only dumped. Whatever else the migrator reaches, it reaches read-only: its sessions begin with
//! `default_transaction_read_only`, which only the recorder before the copy takes away.

use super::migrator::{Host, Said};
use super::reach;
use super::recorder::Recorder;
use crate::attempts::command_line::quoted;
use crate::checklist::environment::{Migrator, MigratorKind};
use crate::checklist::migrator::Book;
use crate::database::{Address, Database, Interrupt, PostgresAddress, Purpose};
use crate::deployment::standing::Standing;
use crate::migration::preflight::{Statement, read};
use crate::printed;
use std::io::Write as _;

/// An empty copy of the schema that a migrator runs on.
pub(super) struct Replay {
    scratch: PostgresAddress,
    copy: PostgresAddress,
    recorder: Recorder,
    /// What the migrator takes for its database.
    url: String,
}

impl Replay {
    /// Makes the copy as the database stands at `from`, and sees that the migrator really connects there: one that finds
    /// its database elsewhere would run on the environment's own.
    ///
    /// # Errors
    /// A sentence when there is no scratch place, no copy can be made, or the migrator does not come.
    pub(super) async fn make(host: &Host<'_>, migrator: &Migrator, from: &Standing) -> Result<Self, String> {
        if host.folder().is_none() {
            return Err("its commands run on another host".to_owned());
        }
        if let (Some(folder), MigratorKind::Alembic) = (host.folder(), migrator.kind) {
            let own: Vec<&str> = [host.database(), host.scratch()].into_iter().flatten().collect();
            let others = reach::others(&folder, &migrator.command, &own, |name| host.value(name));
            if !others.is_empty() {
                return Err(format!(
                    "it may not be tried, since it could reach another database: {}",
                    others.join("; ")
                ));
            }
        }
        let live = server(host.database()).ok_or("the environment's database is on no server")?;
        let scratch = server(host.scratch()).ok_or("no scratch database is configured to try it on")?;
        let copy = scratch.with_database(&format!("gonogo_preflight_{}", std::process::id()));
        change(&scratch, &format!("CREATE DATABASE \"{}\" TEMPLATE template0", copy.database())).await?;
        let made = async {
            let recorder = Recorder::before(copy.place()).await.map_err(|error| error.to_string())?;
            let url = copy.at_loopback(recorder.port);
            let replay = Self { scratch: scratch.clone(), copy: copy.clone(), recorder, url };
            let _ = writeln!(
                printed::err(),
                "trying revisions: `{} upgrade …` will run in {}, on the empty copy {} at {}; other PostgreSQL databases \
                 are read-only for drivers that read PGOPTIONS",
                migrator.command,
                host.folder().unwrap_or_default().display(),
                copy.database(),
                copy.place(),
            );
            replay.fill(host, migrator, &live, from).await?;
            Ok(replay)
        };
        match made.await {
            Ok(replay) => Ok(replay),
            Err(why) => {
                remove(&scratch, &copy).await;
                Err(why)
            }
        }
    }

    async fn fill(
        &self,
        host: &Host<'_>,
        migrator: &Migrator,
        live: &PostgresAddress,
        from: &Standing,
    ) -> Result<(), String> {
        self.run(host, &format!("{} current", migrator.command)).await;
        if self.recorder.take().connections == 0 {
            return Err(
                "the migrator does not take its database from $GONOGO_DATABASE_URL, so it may not be tried".to_owned()
            );
        }
        let file = format!("${{TMPDIR:-/tmp}}/gonogo-preflight-{}.dump", std::process::id());
        let dump = format!(
            "umask 077 && pg_dump --no-password --schema-only --format=custom --file=\"{file}\" --dbname={}",
            quoted(&live.without_password())
        );
        let restore = format!(
            "pg_restore --no-password --no-owner --no-privileges --exit-on-error --dbname={} \"{file}\"",
            quoted(&self.copy.without_password())
        );
        let done = match password(host, &dump, live).await {
            Ok(()) => password(host, &restore, &self.copy).await,
            Err(why) => Err(why),
        };
        host.run(&format!("rm -f \"{file}\"")).await;
        done.map_err(|why| format!("the schema could not be copied: {why}"))?;
        let Some(book) = migrator.book() else { return Ok(()) };
        for revision in from.revisions() {
            let revision = revision.replace('\'', "''");
            change(&self.copy, &format!("INSERT INTO {} VALUES ('{revision}')", book.quoted())).await?;
        }
        Ok(())
    }

    /// What the migrator does from where the copy stands up to a revision.
    ///
    /// # Errors
    /// Why it does not get there.
    pub(super) async fn statements(
        &self,
        host: &Host<'_>,
        migrator: &Migrator,
        revision: &str,
    ) -> Result<Vec<Statement>, String> {
        self.recorder.take();
        let said = self.run(host, &format!("{} upgrade {}", migrator.command, quoted(revision))).await;
        let heard = self.recorder.take();
        if let Some(why) = said.failed {
            return Err(format!("on an empty copy of the schema it fails: {why}"));
        }
        let own = heard.statements.into_iter().filter(|text| !is_looking(text));
        let script: Vec<String> = own.map(|text| text.trim_end_matches(';').to_owned()).collect();
        Ok(read(&script.join(";\n")))
    }

    async fn run(&self, host: &Host<'_>, text: &str) -> Said {
        host.run_on(text, &self.url, &[("PGOPTIONS", READ_ONLY)]).await
    }

    pub(super) async fn remove(self) {
        remove(&self.scratch, &self.copy).await;
    }
}

/// What a libpq driver hands to every server it connects to.
const READ_ONLY: &str = super::recorder::READ_ONLY;

/// What drivers and migrators ask for themselves.
fn is_looking(text: &str) -> bool {
    let lower = text.trim_start().to_ascii_lowercase();
    lower.starts_with("show ")
        || (lower.starts_with("select")
            && (lower.contains("pg_catalog.") || Book::NAMES.iter().any(|name| lower.contains(name))))
}

fn server(url: Option<&str>) -> Option<PostgresAddress> {
    match Address::parse(url.filter(|url| !url.is_empty())?).ok()? {
        Address::Postgres(address) => Some(address),
        Address::Sqlite(_) => None,
    }
}

async fn password(host: &Host<'_>, text: &str, address: &PostgresAddress) -> Result<(), String> {
    let said = host.run_with(text, &[("PGPASSWORD", address.password().unwrap_or_default())]).await;
    said.failed.map_or(Ok(()), Err)
}

async fn change(address: &PostgresAddress, sql: &str) -> Result<(), String> {
    let address = Address::Postgres(address.clone());
    let opened = Database::open(&address, Purpose::Change, &Interrupt::new()).await;
    let mut database = opened.map_err(|error| error.to_string())?;
    let done = database.rows(sql, 0).await;
    database.close().await;
    done.map(drop).map_err(|error| error.to_string())
}

/// Litter at worst: its name says whose it is.
async fn remove(scratch: &PostgresAddress, copy: &PostgresAddress) {
    let _ = change(scratch, &format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", copy.database())).await;
}

#[cfg(test)]
mod tests {
    use super::is_looking;

    #[test]
    fn what_is_only_looked_at_is_no_part_of_a_migration() {
        assert!(is_looking("select pg_catalog.version()") && is_looking("show standard_conforming_strings"));
        assert!(is_looking("SELECT alembic_version.version_num \nFROM alembic_version"));
        assert!(!is_looking("SELECT count(*) FROM a") && !is_looking("UPDATE alembic_version SET version_num='r3'"));
    }
}
