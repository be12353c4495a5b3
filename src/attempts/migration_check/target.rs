//! Whether the migrator and the environment mean the same database, proven before anything moves: the migrator's own
//! asking command is run, and its connection is looked for where the environment's address leads.
//!
//! | seen | verdict |
//! |---|---|
//! | on PostgreSQL, a session with this attempt's tag in the environment's database | the same |
//! | what `alembic current --verbose` or `flyway info` names is the environment's database, by identity or by name | the same |
//! | it names another one | another: refused |
//! | for SQLite, a process of the migrator's has the environment's file open meanwhile | the same |
//! | it opens a copy, known to nobody else, that `$GONOGO_DATABASE_URL` names | the same |
//! | nothing of these | not known: refused, unless the migrator is `attested` |

use super::{Run, opened};
use crate::attempts::databases::sqlite_path;
use crate::attempts::observer::ask::{Server, literal};
use crate::attempts::observer::{answer, can_watch};
use crate::checklist::environment::MigratorKind;
use crate::database::PostgresAddress;
use crate::deployment::attempt::Outcome;
use crate::deployment::live;
use notify::event::{AccessKind, EventKind};
use notify::{RecursiveMode, Watcher as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How often the server is asked whether the migrator has come; its sessions live for some tens of milliseconds.
const LOOK: Duration = Duration::from_millis(5);
/// A file is open for shorter than that, and looking costs less.
const QUICK: Duration = Duration::from_millis(1);

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// The same database, and how that is known.
    Same(String),
    /// Another one, in words.
    Other(String),
    /// Nobody can tell, and why.
    Unknown(String),
}

impl Run<'_> {
    /// Refuses a migrator that means another database than the environment, or that cannot be asked.
    pub(super) async fn other_target(&self) -> Option<Outcome> {
        let environment = &self.assignment.environment_name;
        let fix =
            "have it take its address from $GONOGO_DATABASE_URL, and look for a .env file or a setting that goes first";
        let refused = match self.target().await {
            Target::Same(how) => {
                self.console.line(&format!("the migrator and {environment} mean the same database: {how}"));
                return None;
            }
            Target::Other(what) => {
                format!("the migrator does not mean {environment}'s database: {what}; nothing was run; {fix}")
            }
            Target::Unknown(why) if self.migrator.attested => {
                self.console.line(&format!(
                    "attested, not measured, that the migrator and {environment} mean the same database: {why}"
                ));
                let _ = self.attested.set(why);
                return None;
            }
            Target::Unknown(why) => format!(
                "nobody can tell whether the migrator means {environment}'s database: {why}; nothing was run; {fix}; or \
                 write `database = \"attested\"` into the environment's migrator when you know it"
            ),
        };
        Some(crate::attempts::outcome::not_started(refused))
    }

    async fn target(&self) -> Target {
        let Some(url) = &self.url else { return Target::Unknown("the environment names no database".to_owned()) };
        if !self.asks_itself() {
            let why = "`current` is another program than the migrator's command, and where one connects proves nothing of the \
                       other; give the command $GONOGO_DATABASE_URL";
            return Target::Unknown(why.to_owned());
        }
        let Some(asking) = self.migrator.asking() else {
            return Target::Unknown("it has no command that shows its revision, so it cannot be asked".to_owned());
        };
        if !can_watch(url) {
            return self.in_file(url, &asking).await;
        }
        let verbose = self.migrator.kind == MigratorKind::Alembic && self.migrator.current.is_none();
        let asking = if verbose { format!("{asking} --verbose") } else { asking };
        self.on_server(url, &asking).await
    }

    /// Whether what is asked is what will run: the same program, or a command that is reported the environment's address.
    fn asks_itself(&self) -> bool {
        let Some(current) = &self.migrator.current else { return true };
        let command = &self.migrator.command;
        let reported = |text: &str| text.contains("GONOGO_DATABASE_URL");
        reported(command) || program(command) == program(current)
    }

    async fn on_server(&self, url: &str, text: &str) -> Target {
        let tag = live::tag(&self.assignment.state, self.assignment.attempt);
        let seen = AtomicBool::new(false);
        let looking = async {
            let Ok(mut server) = answer(Server::connect(url)).await else { return std::future::pending().await };
            let sql = format!(
                "SELECT 1 FROM pg_stat_activity WHERE application_name = {} AND datname = current_database() LIMIT 1",
                literal(&tag)
            );
            while let Ok(rows) = answer(server.texts(&sql)).await {
                if !rows.is_empty() {
                    seen.store(true, Ordering::Relaxed);
                    break;
                }
                tokio::time::sleep(LOOK).await;
            }
            server.close().await;
            std::future::pending::<()>().await;
        };
        let answered = tokio::select! {
            answered = self.answer(text, "the migrator") => answered,
            () = looking => return Target::Unknown("its answer did not come".to_owned()),
        };
        self.takes_name.store(seen.load(Ordering::Relaxed), Ordering::Relaxed);
        let named = addresses(answered.as_deref().unwrap_or_default());
        for address in &named {
            match self.means(url, address).await {
                Target::Same(_) => {}
                other => return other,
            }
        }
        match (seen.into_inner(), named.first(), answered) {
            (true, ..) => Target::Same("its session was seen there".to_owned()),
            (false, Some(address), _) => Target::Same(format!("it names {}", address.shown())),
            (false, None, Err(why)) => Target::Unknown(why),
            (false, None, Ok(_)) => Target::Unknown(format!(
                "`{text}` names no address, and no session named {tag} came to the database while it ran"
            )),
        }
    }

    /// Whether an address that the migrator names is the environment's database: by what the server says it is, else by
    /// the names.
    async fn means(&self, url: &str, named: &Named) -> Target {
        let other = || Target::Other(format!("it names {}", named.shown()));
        let (Some(own), Some(there)) = (Named::read(url), named.with_credentials_of(url)) else {
            return Target::Unknown(format!("it names {}, which does not read as an address", named.shown()));
        };
        let identities = (self.databases.identity(url).await, self.databases.identity(&there).await);
        match identities {
            (Ok(ours), Ok(its)) if ours == its => Target::Same(String::new()),
            (Ok(_), Ok(_)) => other(),
            _ if own == *named => Target::Same(String::new()),
            _ if own.address.database() != named.address.database() => other(),
            (_, Err(why)) | (Err(why), _) => Target::Unknown(format!(
                "it names {}, and whether that is the same could not be asked: {why}",
                named.shown()
            )),
        }
    }

    /// A file is the same when a process of the migrator's has it open while it answers. One that is too quick to be seen is
    /// asked once more, about a copy that nobody else knows of.
    async fn in_file(&self, url: &str, text: &str) -> Target {
        let Some(path) = sqlite_path(url) else { return Target::Unknown("the address names no file".to_owned()) };
        if path.exists() {
            let seen = AtomicBool::new(false);
            let looking = async {
                while !opened::below(&path) {
                    tokio::time::sleep(QUICK).await;
                }
                seen.store(true, Ordering::Relaxed);
                std::future::pending::<()>().await;
            };
            let answered = tokio::select! {
                answered = self.answer(text, "the migrator") => answered,
                () = looking => return Target::Unknown("its answer did not come".to_owned()),
            };
            match (seen.into_inner(), answered) {
                (true, _) => return Target::Same(format!("it had {} open", path.display())),
                (false, Err(why)) => return Target::Unknown(why),
                (false, Ok(_)) => {}
            }
        }
        self.on_copy(url, &path, text).await
    }

    /// Whether the migrator opens the file that `$GONOGO_DATABASE_URL` names, by giving it the name of a copy.
    async fn on_copy(&self, url: &str, path: &Path, text: &str) -> Target {
        let unknown =
            |why: String| Target::Unknown(format!("no process of it was seen to open {}, and {why}", path.display()));
        let folder = match tempfile::Builder::new().prefix("gonogo-whose-").tempdir() {
            Ok(folder) => folder,
            Err(error) => return unknown(format!("a copy to ask it about could not be made: {error}")),
        };
        let copy = folder.path().join(path.file_name().unwrap_or("copy.db".as_ref()));
        if path.exists()
            && let Err(why) = self.databases.copy(url, &copy).await
        {
            return unknown(format!("a copy to ask it about could not be made: {why}"));
        }
        let opened = Arc::new(AtomicBool::new(false));
        let (heard, wanted) = (Arc::clone(&opened), copy.clone());
        let made = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| {
                matches!(event.kind, EventKind::Access(AccessKind::Open(_)) | EventKind::Create(_))
                    && event.paths.contains(&wanted)
            }) {
                heard.store(true, Ordering::Relaxed);
            }
        });
        let begun = made.and_then(|mut watcher| {
            watcher.watch(folder.path(), RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        let watcher = match begun {
            Ok(watcher) => watcher,
            Err(error) => return unknown(format!("a copy cannot be watched: {error}")),
        };
        let asked = Run {
            assignment: self.assignment,
            check: self.check,
            migrator: self.migrator,
            console: self.console,
            databases: self.databases,
            grace: self.grace,
            url: Some(format!("sqlite:{}", copy.display())),
            takes_name: AtomicBool::new(false),
            attested: OnceLock::new(),
        };
        // A file that is not there may be refused; that it was looked for there is what counts.
        let _ = asked.answer(text, "the migrator").await;
        // What was heard waits on the watcher's own thread.
        let until = std::time::Instant::now() + Duration::from_secs(1);
        while !opened.load(Ordering::Relaxed) && std::time::Instant::now() < until {
            tokio::time::sleep(LOOK).await;
        }
        drop(watcher);
        if opened.load(Ordering::Relaxed) {
            return Target::Same("it opened the file that $GONOGO_DATABASE_URL named".to_owned());
        }
        unknown("it did not open a copy that $GONOGO_DATABASE_URL named either".to_owned())
    }
}

/// What a command runs: its first words up to the one that says what to do, without variables set before it.
fn program(command: &str) -> Vec<&str> {
    const RUNNERS: [&str; 11] =
        ["sh", "bash", "python", "python3", "uv", "poetry", "pipenv", "npx", "env", "sudo", "exec"];
    let words = command.split_whitespace().skip_while(|word| word.contains('=') && !word.starts_with('-'));
    let mut found = Vec::new();
    for word in words {
        found.push(word);
        if !RUNNERS.contains(&word) && !word.starts_with('-') && word != "run" {
            break;
        }
    }
    found
}

/// The database that a migrator says it is connected to.
#[derive(Debug, Clone)]
struct Named {
    /// `host:port`, in lower case; loopback under one name.
    place: String,
    address: PostgresAddress,
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place && self.address.database() == other.address.database()
    }
}

impl Named {
    /// Of `postgresql+psycopg://user:***@host:5432/name?x=y` or `jdbc:postgresql://host:5432/name`: read as every other
    /// address is, parameters and all.
    fn read(url: &str) -> Option<Self> {
        let url = url.strip_prefix("jdbc:").unwrap_or(url);
        url.starts_with("postgres").then_some(())?;
        // A driver has parameters of its own; here only those count that say where the database is.
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let places = ["host", "hostaddr", "port", "dbname"];
        let said = |pair: &&str| pair.split_once('=').is_some_and(|(key, _)| places.contains(&key));
        let query: Vec<&str> = query.split('&').filter(said).collect();
        let address = PostgresAddress::parse(&format!("{place}?{}", query.join("&"))).ok()?;
        let place = address.place().to_lowercase();
        let (name, port) = place.rsplit_once(':')?;
        let name = if matches!(name, "localhost" | "127.0.0.1" | "[::1]") { "localhost" } else { name };
        Some(Self { place: format!("{name}:{port}"), address })
    }

    fn shown(&self) -> String {
        format!("{}/{}", self.place, self.address.database())
    }

    /// Its address for somebody who has the environment's name and password. Where it is comes from it alone: a host, port
    /// or database among the environment's parameters would go first, and it would be compared with itself.
    fn with_credentials_of(&self, url: &str) -> Option<String> {
        let own = PostgresAddress::parse(url).ok()?;
        own.at_place_of(&self.address).ok().map(|there| there.url())
    }
}

/// The addresses that an answer names: `Current revision(s) for …:` of Alembic, `Database: …` of Flyway.
fn addresses(answer: &str) -> Vec<Named> {
    let line = |line: &str| {
        let line = line.trim();
        let address = line.strip_prefix("Current revision(s) for ").map(|rest| rest.trim_end_matches(':'));
        let address = address.or_else(|| line.strip_prefix("Database: ")?.split_whitespace().next())?;
        Named::read(address)
    };
    answer.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_that_a_migrator_names_is_read() {
        let shown = |text: &str| addresses(text).iter().map(Named::shown).collect::<Vec<_>>();
        let alembic = "INFO  [alembic] Context impl\nCurrent revision(s) for postgresql+asyncpg://shop:***@DB1:5433/shop:\nRev: r1 (head)\n";
        assert_eq!(shown(alembic), ["db1:5433/shop"]);
        assert_eq!(
            shown(
                "Current revision(s) for postgresql://u@127.0.0.1/a:\nCurrent revision(s) for postgresql://h/b?x=y:\n"
            ),
            ["localhost:5432/a", "h:5432/b"]
        );
        assert_eq!(shown("Database: jdbc:postgresql://db:5432/shop (PostgreSQL 15.2)\n"), ["db:5432/shop"]);
        assert_eq!(shown("Current revision(s) for postgresql:///shop?host=/run/pg:\n"), ["/run/pg:5432/shop"]);
        assert_eq!(shown("Current revision(s) for sqlite:///x.db:\nr1\n"), Vec::<String>::new());
    }

    #[test]
    fn the_same_place_has_one_name_and_credentials_are_the_environments() {
        let of = |url| Named::read(url).unwrap();
        assert_eq!(of("postgresql://a:b@localhost/x"), of("postgres://127.0.0.1:5432/x?sslmode=require"));
        assert_ne!(of("postgresql://h/x"), of("postgresql://h:5433/x"));
        let url = "postgresql://me:p%40ss@db:5432/shop?sslmode=require";
        assert_eq!(
            of("postgresql+psycopg://other:***@db2/live").with_credentials_of(url).unwrap(),
            "postgresql://me:p%40ss@db2/live?sslmode=require"
        );
        // What places the environment's own database goes with it and not with the other one.
        let url = "postgresql://me:x@127.0.0.1:5432/shop?host=/run/pg&port=7&dbname=own&sslmode=disable";
        assert_eq!(of(url).shown(), "/run/pg:7/own");
        let there = of("postgresql://other:***@127.0.0.1:56012/e1").with_credentials_of(url).unwrap();
        assert_eq!(of(&there).shown(), "localhost:56012/e1");
        assert_ne!(of("postgresql://u@127.0.0.1/e2?dbname=e1"), of("postgresql://u@127.0.0.1/e2"));
    }
}
