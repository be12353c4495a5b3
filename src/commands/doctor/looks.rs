//! The questions of the doctor, each with its limit.

use super::{Look, State, rights};
use crate::attempts::command_line::CommandLine;
use crate::checklist::destruction::programs;
use crate::checklist::pane::{Pane, Source as PaneSource};
use crate::checklist::{Environment, EnvironmentKind, EnvironmentName};
use crate::config::variables::{self, Resolved, Source};
use crate::database::{Database, DatabaseError, Dialect, Purpose, Value};
use crate::metrics::probe::{Authority, Manner, Probe, Request, address};
use chrono::Utc;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How long one question may take.
pub(super) const LIMIT: Duration = Duration::from_secs(10);
/// Clocks that differ by more than this make times hard to read.
const CLOCK: f64 = 2.0;
/// Less room than this for the ledger is worth a warning, in bytes.
const ROOM: u64 = 1 << 30;
/// With less than this not even the room that a ledger sets aside for its records can be had.
const RESERVE: u64 = 16 << 20;

pub(super) fn host(home: &Path) -> Vec<Look> {
    let look = |about, state, text| Look { environment: None, about, state, text };
    let term = std::env::var("TERM").unwrap_or_default();
    let terminal = match term.as_str() {
        "" | "dumb" => look("terminal", State::Warning, "TERM names no terminal with a cursor to move".to_owned()),
        name => look("terminal", State::Ok, format!("TERM={name}")),
    };
    let room = match rustix::fs::statvfs(home) {
        Ok(about) => {
            let free = about.f_bavail * about.f_frsize;
            let state = match free {
                free if free < RESERVE => State::Failed,
                free if free < ROOM => State::Warning,
                _ => State::Ok,
            };
            look("disk", state, format!("{} MB free at {}", free >> 20, home.display()))
        }
        Err(error) => look("disk", State::NotMeasured, error.to_string()),
    };
    vec![terminal, room]
}

pub(crate) async fn environment(
    name: &EnvironmentName,
    environment: &Environment,
    home: &Path,
    wanted: rights::Wanted,
    panes: &[&Pane],
) -> Vec<Look> {
    let doctor = |about, state, text: String| Look { environment: Some(name.clone()), about, state, text };
    let source = match Source::of(environment.kind, home) {
        Ok(source) => source,
        Err(error) => return vec![doctor("variables", State::Failed, error.to_string())],
    };
    let resolved = variables::resolve_known(environment, &source);
    let mut found = vec![set(environment, panes, &source)];
    found.push(shell(environment, &resolved, home).await);
    if let Some(text) = &environment.database {
        match &resolved.environment.database {
            Some(url) => found.extend(database(url, home).await),
            None => found.push(("database", State::NotMeasured, unset(text, &source))),
        }
    }
    found.extend(rights::look(&resolved.environment, home, wanted).await);
    if let Some(text) = &environment.url {
        found.push(match &resolved.environment.url {
            Some(url) => service(url, resolved.environment.ca.as_deref(), home).await,
            None => ("service", State::NotMeasured, unset(text, &source)),
        });
    }
    found.extend(servers(panes, &source).await);
    if let (Some(written), Some(migrator)) = (&environment.migrator, &resolved.environment.migrator) {
        found.push(started(&resolved, home, "migrator", &written.command, &migrator.command).await);
    }
    for (name, command) in &resolved.environment.commands {
        let written = environment.commands.get(name).unwrap_or(command);
        let look = started(&resolved, home, "command", written, command).await;
        // Those that are there are as many as the checklist has, and say nothing.
        found.extend((look.1 == State::Failed).then_some(look));
    }
    let here = resolved.environment.shell.is_none();
    for (about, written, path) in [
        ("folder", &environment.folder, &resolved.environment.folder),
        ("backups", &environment.backups, &resolved.environment.backups),
        ("log", &environment.log, &resolved.environment.log),
    ] {
        let Some(written) = written else { continue };
        found.push(match path {
            None => (about, State::NotMeasured, unset(written, &source)),
            // Only the log is read from here whatever runs elsewhere.
            Some(path) if !here && about != "log" => (about, State::NotMeasured, format!("{path} is behind `shell`")),
            Some(path) if home.join(path).exists() => (about, State::Ok, path.clone()),
            Some(path) => (about, State::Failed, format!("{path} does not exist")),
        });
    }
    found.into_iter().map(|(about, state, text)| doctor(about, state, text)).collect()
}

pub(super) type Found = (&'static str, State, String);

/// The variables that the environment and the metrics watched in it name.
fn set(environment: &Environment, panes: &[&Pane], source: &Source) -> Found {
    let mut names = variables::named(environment);
    let texts = panes.iter().flat_map(|pane| pane.source.texts().into_iter().chain(pane.ca.as_deref()));
    names.extend(texts.flat_map(variables::names_in));
    let missing: Vec<&str> = names.iter().map(String::as_str).filter(|name| source.get(name).is_none()).collect();
    match (names.len(), missing.as_slice()) {
        (0, _) => ("variables", State::Ok, "none are named".to_owned()),
        (all, []) => ("variables", State::Ok, format!("{all} set: {}", Vec::from_iter(names).join(", "))),
        (_, missing) => {
            let place = match environment.kind {
                EnvironmentKind::Real => "export them",
                EnvironmentKind::Rehearsal => "set them in rehearsal.toml",
            };
            ("variables", State::Failed, format!("not set: {}; {place}", missing.join(", ")))
        }
    }
}

fn unset(text: &str, source: &Source) -> String {
    let names: Vec<String> = variables::names_in(text).into_iter().filter(|name| source.get(name).is_none()).collect();
    format!("{} not set", names.join(", "))
}

async fn shell(environment: &Environment, resolved: &Resolved, home: &Path) -> Found {
    // Shown as it is written: what a variable holds may be secret.
    let Some(written) = environment.shell.as_ref().filter(|_| resolved.environment.shell.is_some()) else {
        return ("shell", State::Ok, "commands run on this host".to_owned());
    };
    match run(resolved, home, "uname -n").await {
        Ok(host) => ("shell", State::Ok, format!("commands run on {host}, through `{written}`")),
        Err(why) => ("shell", State::Failed, format!("`{written}` runs nothing: {why}")),
    }
}

/// Whether the programs that a command starts are there, those behind `env`, `sudo`, `sh -c` and the like too.
async fn started(resolved: &Resolved, home: &Path, about: &'static str, written: &str, command: &str) -> Found {
    let (mut last, mut unknown) = (None, false);
    for started in programs(command) {
        let Some((program, look)) = started.program.as_ref().zip(started.look()) else {
            unknown = true;
            continue;
        };
        let Ok(found) = run(resolved, home, &look).await else {
            let text = format!("`{program}` is not found on PATH, or in the folder");
            let by =
                if written.starts_with(program.as_str()) { String::new() } else { format!("; `{written}` starts it") };
            return (about, State::Failed, text + &by);
        };
        last = Some(found);
    }
    match last {
        Some(found) if !unknown => (about, State::Ok, found),
        _ => (about, State::NotMeasured, format!("which programs `{written}` starts shows only when it runs")),
    }
}

/// Runs a harmless command as steps are run; its output without what surrounds it.
async fn run(resolved: &Resolved, home: &Path, text: &str) -> Result<String, String> {
    let command = CommandLine::of(&resolved.environment, &resolved.variables, home, text);
    let words = command.words();
    let (program, arguments) = words.split_first().ok_or("nothing to run")?;
    let mut child = tokio::process::Command::new(program);
    child.args(arguments).current_dir(command.folder()).envs(command.variables());
    child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let output = tokio::time::timeout(LIMIT, child.output()).await;
    let output = output.map_err(|_| format!("no answer in {} s", LIMIT.as_secs()))?.map_err(|e| e.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().lines().last().unwrap_or_default().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// The Prometheus servers that metrics ask.
async fn servers(panes: &[&Pane], source: &Source) -> Vec<Found> {
    let mut asked = BTreeSet::new();
    let mut found = Vec::new();
    for pane in panes {
        let PaneSource::Promql { server, .. } = &pane.source else { continue };
        if !asked.insert(server) {
            continue;
        }
        let values = variables::names_in(server).into_iter().filter_map(|name| {
            let value = source.get(&name)?.to_owned();
            Some((name, value))
        });
        found.push(match variables::expand(server, &values.collect()) {
            None => ("prometheus", State::NotMeasured, unset(server, source)),
            Some(url) => prometheus(&url).await,
        });
    }
    found
}

async fn prometheus(url: &str) -> Found {
    let about = "prometheus";
    let Ok(address) = address(url, "/api/v1/query?query=1") else {
        return (about, State::Failed, "`server` of a metric is no address; write http://HOST:PORT".to_owned());
    };
    let began = Instant::now();
    match Probe::new().send(Request::get(address).within(LIMIT)).await {
        Ok(answer) if answer.is_success() => {
            (about, State::Ok, format!("evaluates expressions, in {} ms", began.elapsed().as_millis()))
        }
        Ok(answer) => (about, State::Failed, format!("answers an expression with status {}", answer.status)),
        Err(failure) => (about, State::Failed, failure.reason),
    }
}

async fn service(url: &str, ca: Option<&str>, home: &Path) -> Found {
    let address = match address(url, "") {
        Ok(address) => address,
        Err(why) => return ("service", State::Failed, why.to_string()),
    };
    let authority = match ca.map(|ca| Authority::read(ca, home)).transpose() {
        Ok(authority) => authority,
        Err(why) => return ("service", State::Failed, why.to_string()),
    };
    let began = Instant::now();
    match Probe::with(Manner { authority, ..Manner::default() }).send(Request::get(address).within(LIMIT)).await {
        Ok(answer) => {
            let text = format!("answers with status {} in {} ms", answer.status, began.elapsed().as_millis());
            ("service", State::Ok, text)
        }
        Err(failure) => ("service", State::Failed, failure.reason),
    }
}

async fn database(url: &str, home: &Path) -> Vec<Found> {
    let began = Instant::now();
    let asked = async {
        let mut database = Database::connect(url, home, Purpose::Observe).await?;
        let took = began.elapsed();
        let reported = match database.dialect() {
            Dialect::Postgres => postgres(&mut database, took).await,
            Dialect::Sqlite => sqlite(&mut database).await,
        };
        database.close().await;
        reported
    };
    match tokio::time::timeout(LIMIT, asked).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => vec![("database", State::Failed, error.to_string())],
        Err(_) => vec![("database", State::Failed, format!("no answer in {} s", LIMIT.as_secs()))],
    }
}

async fn sqlite(database: &mut Database) -> Result<Vec<Found>, DatabaseError> {
    let version = database.scalar("SELECT sqlite_version()").await?;
    let tables = database.tables().await?.len();
    let version = version.map(|version| version.to_string()).unwrap_or_default();
    Ok(vec![("database", State::Ok, format!("SQLite {version}, {tables} tables"))])
}

const POSTGRES: &str = "\
SELECT current_setting('server_version'), current_database()::text, current_user::text,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)::int,
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')::int, pg_is_in_recovery()::int,
       extract(epoch FROM clock_timestamp())::float8,
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'),
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
          AND NOT pg_has_role(current_user, c.relowner, 'USAGE')),
       (SELECT count(*) FROM pg_stat_activity WHERE xact_start < now() - interval '1 minute' AND datname = current_database()),
       (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()),
       has_schema_privilege(current_user, coalesce(current_schema(), 'public'), 'CREATE')::int";

async fn postgres(database: &mut Database, took: Duration) -> Result<Vec<Found>, DatabaseError> {
    let rows = database.rows(POSTGRES, 1).await?;
    let row = rows.rows.first().cloned().unwrap_or_default();
    let text = |at: usize| row.get(at).map(ToString::to_string).unwrap_or_default();
    let number = |at: usize| row.get(at).and_then(Value::number).unwrap_or(f64::NAN);
    let is = |at: usize| number(at) > 0.0;
    let at = format!("PostgreSQL {}, {} as {}, {} ms", text(0), text(1), text(2), took.as_millis());
    let mut found = vec![("database", State::Ok, at)];
    if is(5) {
        found.push((
            "database",
            State::Warning,
            "it is a standby in recovery: nothing can be migrated there".to_owned(),
        ));
    }
    if is(3) {
        let text = "the role is a superuser: a read-only check could do more than read; name an `observer_role`";
        found.push(("rights", State::Warning, text.to_owned()));
    }
    let (tables, others) = (number(7), number(8));
    found.push(match (others > 0.0, is(11)) {
        (true, _) => {
            let text = format!("{others} of {tables} tables belong to other roles: this role cannot alter them");
            ("rights", State::Warning, text)
        }
        (false, false) => ("rights", State::Warning, "the role may create nothing in its schema".to_owned()),
        (false, true) => ("rights", State::Ok, format!("owns all {tables} tables and may create more")),
    });
    if !is(4) {
        let text = format!("other sessions' statements stay hidden; GRANT pg_monitor TO {}", text(2));
        found.push(("rights", State::Warning, text));
    }
    let apart = number(6) - Utc::now().timestamp_micros() as f64 / 1e6;
    if apart.abs() > CLOCK {
        let text = format!("the server's clock is {apart:+.0} s from this host's");
        found.push(("clock", State::Warning, text));
    }
    if number(9) > 0.0 {
        found.push(("sessions", State::Warning, format!("{} transactions open for more than a minute", text(9))));
    }
    if number(10) > 0.0 {
        found.push(("sessions", State::Warning, format!("{} prepared transactions hold their locks", text(10))));
    }
    Ok(found)
}
