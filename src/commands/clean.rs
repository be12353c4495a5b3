//! `gonogo clean`: drops what attempts of a ledger left behind on servers and in folders, and nothing else.

use super::confirm::confirm;
use super::{Failure, acting, open};
use crate::cli::Clean;
use crate::config::variables;
use crate::database::postgres::databases::Listed;
use crate::database::{Address, Database, Interrupt, Postgres, PostgresAddress, Purpose};
use crate::deployment::attempt::{LeftOn, LeftWhy};
use crate::deployment::{Intent, State, live};
use crate::ledger::Ledger;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

/// What attempts call the databases that they make for themselves.
const OWN: [&str; 3] = ["restored", "swap", "scratch"];
/// Databases to stand in while others are dropped.
const BESIDE: [&str; 2] = ["postgres", "template1"];

/// Something to be removed.
struct Found {
    what: What,
    why: String,
}

enum What {
    Database {
        server: PostgresAddress,
        name: String,
        bytes: u64,
    },
    /// It was closed for a swap that never came to its end.
    Closed {
        server: PostgresAddress,
        name: String,
    },
    File(PathBuf),
}

impl What {
    fn words(&self) -> String {
        match self {
            What::Database { server, name, bytes: 0 } => format!("drop database {name} at {}", server.place()),
            What::Database { server, name, bytes } => {
                format!("drop database {name} at {}, {} MB", server.place(), bytes / 1_000_000)
            }
            What::Closed { server, name } => format!("reopen database {name} at {} to connections", server.place()),
            What::File(path) => format!("remove file {}", path.display()),
        }
    }
}

pub(crate) async fn clean(asked: Clean, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let mut ledger = open::open_ledger(&asked.on.ledger, &by)?;
    let mut trouble = Vec::new();
    let mut strangers = BTreeSet::new();
    let mut found = files(&ledger);
    for server in servers(&ledger, &mut trouble)? {
        match look(&ledger, &server, &mut strangers).await {
            Ok(more) => found.extend(more),
            Err(why) => trouble.push(format!("{} was not looked at: {why}", server.address.place())),
        }
    }
    // Two environments, or a database and its scratch place, may be on one server.
    let mut seen = BTreeSet::new();
    found.retain(|found| seen.insert(found.what.words()));
    strangers.retain(|name| {
        !found.iter().any(|found| matches!(&found.what, What::Database { name: ours, .. } if ours == name))
    });
    for line in &trouble {
        writeln!(out, "{line}")?;
    }
    for name in &strangers {
        writeln!(out, "left alone: database {name}; no record of this ledger says that it was made here")?;
    }
    let status = u8::from(!trouble.is_empty());
    if found.is_empty() {
        writeln!(out, "nothing to clean up: the attempts of this ledger left nothing that is still there")?;
        return Ok(status);
    }
    for found in &found {
        writeln!(out, "  {}  ({})", found.what.words(), found.why)?;
    }
    let wanted = stem(&ledger);
    if !asked.yes {
        confirm("drop them", &wanted, asked.confirm.as_deref(), out)?;
    }
    ledger.ask(&by, Intent::AddNote { item: None, text: "clean".to_owned() })?;
    let mut done = Vec::new();
    let mut failed = 0;
    for found in &found {
        let words = found.what.words();
        match carry_out(&found.what).await {
            Ok(()) => {
                writeln!(out, "done: {words}")?;
                done.push(words);
            }
            Err(why) => {
                failed += 1;
                writeln!(out, "not done: {words}: {why}")?;
            }
        }
    }
    if !done.is_empty() {
        ledger.append(&by, Intent::AddNote { item: None, text: format!("clean: {}", done.join("; ")) })?;
    }
    Ok(if failed > 0 { 1 } else { status })
}

/// A server, with the databases that environments use there.
struct Server {
    address: PostgresAddress,
    on: LeftOn,
    environment: String,
}

fn servers(ledger: &Ledger, trouble: &mut Vec<String>) -> Result<Vec<Server>, Failure> {
    let plan = ledger.plan();
    let names: BTreeSet<_> = plan.bindings().values().collect();
    let mut servers: Vec<Server> = Vec::new();
    for name in names {
        let Some(environment) = plan.environment(name) else { continue };
        let resolved = variables::known_in(environment, ledger.layout().home());
        let resolved = resolved.map_err(|error| Failure::refused(error.to_string()))?.environment;
        for (on, written, url) in [
            (LeftOn::Database, &environment.database, resolved.database),
            (LeftOn::Scratch, &environment.scratch, resolved.scratch),
        ] {
            match (written, url.as_deref().map(Address::parse)) {
                (None, _) | (_, Some(Ok(Address::Sqlite(_)))) => {}
                (Some(_), None) => trouble.push(format!("{name} was not looked at: its variables are not set")),
                (Some(_), Some(Ok(Address::Postgres(address)))) => {
                    servers.push(Server { address, on, environment: name.to_string() });
                }
                // A folder is no server.
                (Some(_), Some(Err(_))) if on == LeftOn::Scratch => {}
                (Some(_), Some(Err(error))) => trouble.push(format!("{name} was not looked at: {error}")),
            }
        }
    }
    Ok(servers)
}

async fn look(ledger: &Ledger, server: &Server, strangers: &mut BTreeSet<String>) -> Result<Vec<Found>, String> {
    let state = ledger.state();
    let address = &server.address;
    let listed = on_server(address, async |server| server.databases().await.map_err(|error| error.to_string())).await?;
    let mut found = Vec::new();
    for Listed { name, oid, open, bytes } in listed {
        let here = || address.clone();
        if let Some(why) = made_here(state, server, &name, oid).filter(|_| name != address.database()) {
            found.push(Found { what: What::Database { server: here(), name, bytes }, why });
        } else if server.on == LeftOn::Database && name.starts_with(&format!("{}_before_", address.database())) {
            strangers.insert(name);
        } else if server.on == LeftOn::Database && name == address.database() && !open && state.running().count() == 0 {
            let why = "closed for a restore that did not come to its end".to_owned();
            found.push(Found { what: What::Closed { server: here(), name }, why });
        }
    }
    Ok(found)
}

/// Which record says that an attempt of this ledger made a database. What is running is left alone.
fn made_here(state: &State, server: &Server, name: &str, oid: u32) -> Option<String> {
    state.attempts.iter().filter(|attempt| attempt.environment.as_str() == server.environment).find_map(|attempt| {
        let number = attempt.number;
        let tag = live::tag(state, number).replace('-', "_");
        let own = name.strip_prefix(&tag).and_then(|rest| rest.strip_prefix('_'));
        if own.is_some_and(|what| OWN.contains(&what)) && !attempt.is_running() {
            return Some(format!("made by attempt {number} of {} for itself", attempt.item));
        }
        let left = &attempt.outcome()?.left;
        let left = left.iter().find(|left| left.on == server.on && left.name == name && left.oid == Some(oid))?;
        Some(match left.why {
            LeftWhy::KeptAside => {
                format!("kept aside by attempt {number} of {}, from before the restore", attempt.item)
            }
            LeftWhy::Unneeded => format!("left over from attempt {number} of {}", attempt.item),
        })
    })
}

/// Files that records say were kept aside and that are there still.
fn files(ledger: &Ledger) -> Vec<Found> {
    let attempts = ledger.state().attempts.iter().filter_map(|attempt| Some((attempt, attempt.outcome()?)));
    let left = attempts.flat_map(|(attempt, outcome)| outcome.left.iter().map(move |left| (attempt, left)));
    left.filter(|(_, left)| left.on == LeftOn::File)
        .map(|(attempt, left)| (attempt, ledger.layout().home().join(&left.name)))
        .filter(|(_, path)| fs::symlink_metadata(path).is_ok_and(|about| about.is_file()))
        .map(|(attempt, path)| Found {
            what: What::File(path),
            why: format!("kept aside by attempt {} of {}, from before the restore", attempt.number, attempt.item),
        })
        .collect()
}

async fn carry_out(what: &What) -> Result<(), String> {
    match what {
        What::File(path) => fs::remove_file(path).map_err(|error| error.to_string()),
        What::Database { server, name, .. } => {
            on_server(server, async |server| server.drop_database(name).await.map_err(|error| error.to_string())).await
        }
        What::Closed { server, name } => {
            let opened = async |server: &mut Postgres| server.allow_connections(name, true).await;
            on_server(server, async |server| opened(server).await.map_err(|error| error.to_string())).await
        }
    }
}

/// Does something on a server, from a database that is not to be dropped.
async fn on_server<T>(
    address: &PostgresAddress,
    work: impl AsyncFnOnce(&mut Postgres) -> Result<T, String>,
) -> Result<T, String> {
    let own = address.database().to_owned();
    let mut why = String::new();
    for name in BESIDE.into_iter().chain([own.as_str()]) {
        let beside = Address::Postgres(address.with_database(name));
        match Database::open(&beside, Purpose::Change, &Interrupt::new()).await {
            Ok(mut database) => {
                let done = match &mut database {
                    Database::Postgres(server) => work(server).await,
                    Database::Sqlite(_) => Err("it is no PostgreSQL".to_owned()),
                };
                database.close().await;
                return done;
            }
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

fn stem(ledger: &Ledger) -> String {
    let name = ledger.path().file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(".ledger.toml").unwrap_or(&name).to_owned()
}
