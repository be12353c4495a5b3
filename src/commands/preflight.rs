//! `gonogo preflight`: will this migration hurt, here, on this data?
//!
//! Nothing is changed: the migrator prints its chain, one connection with an observer's bounds reads the catalog and
//! asks the rows, and the evaluating is done by [`crate::migration::preflight`]. A revision runs only when `--try-on-scratch`
//! asks for it, on an empty copy.

mod beforehand;
mod certain;
mod chain;
mod files;
mod migrator;
mod named;
mod position;
mod reach;
mod recorder;
mod replay;
mod server;
mod settings;
mod traces;
mod words;

use super::{Failure, open};
use crate::attempts::command_line::quoted;
use crate::checklist::environment::Migrator;
use crate::checklist::{Checklist, Environment, EnvironmentName};
use crate::cli::Overlays;
use crate::cli::running::Preflight;
use crate::config::variables;
use crate::database::{Address, DatabaseError, PostgresAddress};
use crate::deployment::Intent;
use crate::ledger::{Ledger, operator};
use crate::migration::preflight::catalog::Catalog;
use crate::migration::preflight::moment::{Client, Disk};
use crate::migration::preflight::report::{Rate, Read, Report, point_of_no_return};
use crate::migration::preflight::{Finding, Severity, back, evaluate, holds, probes, settle};
use chain::{Chain, Range};
use migrator::Host;
use named::Named;
use position::Position;
use server::Server;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use traces::Traces;

/// Prints what a migration will do to an environment. Exit status 1 when something will fail.
///
/// # Errors
/// Status 5 when the environment cannot be reached, 4 when it is refused.
pub(crate) async fn preflight(asked: &Preflight, out: &mut dyn Write) -> Result<u8, Failure> {
    let (checklist, home) = checklist(&asked.checklist, &asked.over)?;
    let environment = environment(&checklist, &asked.env)?;
    let report = look(asked, environment, &home).await?;
    if open::is_ledger(&asked.checklist) && asked.from.is_none() && asked.to.is_none() {
        record(&asked.checklist, &report)?;
    }
    if asked.json {
        serde_json::to_writer_pretty(&mut *out, &report).map_err(|error| Failure::not_fine(error.to_string()))?;
        writeln!(out)?;
    } else {
        words::tell(&report, out)?;
    }
    Ok(report.exit_status(asked.allow_inconclusive))
}

/// A preflight of a deployment's own environment is part of its story, and marks the step there is no rollback from.
/// Of a chain that was asked about otherwise than it stands, nothing is recorded; nor by somebody who only looks on.
fn record(ledger: &Path, report: &Report) -> Result<(), Failure> {
    let by = operator::current(None);
    let mut ledger = open::open_ledger(ledger, &by)?;
    if open::is_writable(&ledger) {
        ledger.append(&by, Intent::RecordPreflight(report.in_short()))?;
    }
    Ok(())
}

/// The checklist of a file or a ledger, and the folder that relative paths count from.
pub(super) fn checklist(file: &Path, over: &Overlays) -> Result<(Arc<Checklist>, PathBuf), Failure> {
    if open::is_ledger(file) {
        super::refuse_overlays(over)?;
        let ledger = Ledger::open(file)?;
        return Ok((Arc::clone(ledger.plan().checklist()), ledger.layout().home().to_owned()));
    }
    let (source, _) = open::source_with(file, &over.with)?;
    let home = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let home = std::path::absolute(if file.exists() { home } else { Path::new(".") })?;
    Ok((Arc::new(open::checklist(&source)?), home))
}

fn environment<'a>(checklist: &'a Checklist, name: &str) -> Result<&'a Environment, Failure> {
    let found = checklist.environments.iter().find(|(known, _)| known.as_str() == name);
    found.map(|(_, environment)| environment).ok_or_else(|| no_environment(checklist, name))
}

pub(super) fn no_environment(checklist: &Checklist, name: &str) -> Failure {
    let names: Vec<&str> = checklist.environments.keys().map(EnvironmentName::as_str).collect();
    Failure::usage(format!("the checklist has no environment `{name}`; it has {}", names.join(", ")))
}

async fn look(asked: &Preflight, environment: &Environment, home: &Path) -> Result<Report, Failure> {
    let name = asked.env.as_str();
    let migrator = environment
        .migrator
        .as_ref()
        .ok_or_else(|| Failure::usage(format!("{name} has no migrator; add one to the environment")))?;
    let resolved = variables::known_in(environment, home).map_err(|error| Failure::refused(error.to_string()))?;
    let Some(url) = &resolved.environment.database else {
        let unset: Vec<String> = environment.database.iter().flat_map(|text| variables::names_in(text)).collect();
        let why = match unset.as_slice() {
            [] => format!("{name} names no database; add one to the environment"),
            unset => {
                format!("{} is not set, and {name}'s database is there; export it and start again", unset.join(", "))
            }
        };
        return Err(Failure::refused(why));
    };
    let address = Address::parse(url).map_err(|error| unreachable(name, &error))?.within(home);
    if matches!(address, Address::Sqlite(_)) {
        return Ok(Report::of(name, vec![Finding::new(Severity::Inconclusive, SQLITE)]));
    }
    let limit = Duration::from_secs(asked.limit);
    let mut server = Server::connect(&address, limit).await.map_err(|error| unreachable(name, &error))?;
    let host = Host::new(&resolved, home);
    let report = ask(
        asked,
        name,
        resolved.environment.migrator.as_ref().unwrap_or(migrator),
        &host,
        &mut server,
        &resolved.environment,
    )
    .await;
    server.close().await;
    report
}

/// SQLite has one lock for everything and keeps no statistics to evaluate by.
const SQLITE: &str = "nothing was evaluated: the database is SQLite, and preflight reads PostgreSQL's catalog. What holds for \
                      every SQLite: a revision locks the whole file against writers until it commits, and a failing one \
                      leaves the file as it was; try it on a copy to learn whether the data is in its way";

async fn ask(
    asked: &Preflight,
    name: &str,
    migrator: &Migrator,
    host: &Host<'_>,
    server: &mut Server,
    environment: &Environment,
) -> Result<Report, Failure> {
    let mut catalog = server.catalog().await.map_err(|error| unreachable(name, &error))?;
    let mut position = match &asked.from {
        Some(from) => Position::named(host, migrator, from).await,
        None => Position::ask(host, migrator, &catalog, server).await.map_err(|error| unreachable(name, &error))?,
    };
    let named = Named { from: asked.from.as_deref(), to: asked.to.as_deref() };
    named.check_lineage(&position)?;
    let to = position.refused(host, migrator, asked.to.as_deref().unwrap_or("head")).await;
    let mut findings = std::mem::take(&mut position.findings);
    if let Some(own) = host.database().and_then(|url| PostgresAddress::parse(url).ok())
        && let Some(folder) = host.folder()
        && let Some(other) = reach::elsewhere(&folder, &own, |name| host.value(name).is_some())
    {
        findings.push(Finding {
            safer: Some("have the migrator take its address from $GONOGO_DATABASE_URL before anything else".to_owned()),
            ..Finding::new(
                Severity::Inconclusive,
                format!("the migrator may mean another database than {name}'s, which was asked here: {other}"),
            )
        });
    }
    let range = Range { position: &position, to: &to, named };
    let before = if asked.try_on_scratch { Some(Traces::read(server).await) } else { None };
    let chain = chain::load(host, migrator, &range, asked.try_on_scratch).await?;
    if let Some(before) = before.filter(|_| chain.tried) {
        let after = Traces::read(server).await;
        let compared = before.and_then(|before| Ok(before.compare(&after?)));
        findings.push(compared.map_err(|error| unreachable(name, &error))?);
    }
    look_at_host(host, environment, &mut catalog).await;
    catalog.rights.other_role = match (host.folder(), host.database().and_then(|url| PostgresAddress::parse(url).ok()))
    {
        (Some(folder), Some(own)) => settings::other_role(&folder, &migrator.command, &own, |name| host.value(name)),
        _ => Some("the migrator's settings are on another host, and may name another role".to_owned()),
    };
    let Chain { statements, revisions, steps, notes, tried: _, sharing_unknown } = chain;
    findings.extend(notes);
    let beforehand = beforehand::look(server, migrator.kind, &revisions).await;
    findings.extend(beforehand.map_err(|error| unreachable(name, &error))?);
    let mut evaluation = evaluate(&statements, &catalog);
    probes::add(&mut evaluation, &catalog);
    let mut answers = Vec::with_capacity(evaluation.questions.len());
    for question in &evaluation.questions {
        answers.push(server.ask(question).await);
    }
    let mut completed = settle(&statements, &evaluation, &catalog, &answers);
    if let Some(why) = sharing_unknown {
        holds::doubt_sharing(&mut completed.findings, &why);
    }
    let back = back::evaluate(&statements, &steps);
    findings.extend(completed.findings);
    findings.extend(back);
    let mut report = Report::of(name, findings);
    report.database = Some(catalog.server.database.clone());
    let from = (!position.now.is_base()).then(|| position.now.to_string());
    report.from = from;
    report.to = revisions.last().cloned();
    report.point_of_no_return = point_of_no_return(&revisions, &report.findings);
    report.holds = completed.holds;
    report.speed = (!evaluation.works.is_empty()).then(|| Rate::from(completed.speed));
    report.read = Read { revisions, statements: statements.len(), questions: answers.len() };
    report.evaluate();
    Ok(report)
}

/// Free disk and the client's major, from the environment's host.
async fn look_at_host(host: &Host<'_>, environment: &Environment, catalog: &mut Catalog) {
    if let Some(path) = &environment.disk {
        let said = host.run(&format!("df -Pk {}", quoted(path))).await;
        catalog.moment.disk = match (said.failed, free_kilobytes(&said.output)) {
            (Some(why), _) => Disk::Unknown(why),
            (None, Some(free)) => Disk::Free(free.saturating_mul(1024)),
            (None, None) => Disk::Unknown("df gave an answer that does not read".to_owned()),
        };
    }
    let said = host.run("pg_dump --version").await;
    catalog.moment.client = match (said.absent, major(&said.output)) {
        (true, _) => Client::Absent,
        (false, Some(major)) => Client::Major(major),
        (false, None) => Client::NotAsked,
    };
}

/// The fourth column of the last line of `df -P`.
fn free_kilobytes(output: &str) -> Option<i64> {
    output.lines().rev().find(|line| !line.trim().is_empty())?.split_whitespace().nth(3)?.parse().ok()
}

/// `pg_dump (PostgreSQL) 15.18 (Debian …)`: 15.
fn major(output: &str) -> Option<u32> {
    let version = output.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn unreachable(environment: &str, error: &DatabaseError) -> Failure {
    let status = if matches!(error, DatabaseError::Unsupported(_)) { 4 } else { 5 };
    Failure { status, message: format!("{environment}: {error}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_host_are_read() {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 40 60 40% /var lib\n";
        assert_eq!(free_kilobytes(df), Some(60));
        assert_eq!(free_kilobytes(""), None);
        assert_eq!(major("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("pg_dump (PostgreSQL) 17beta1"), Some(17));
        assert_eq!(major(""), None);
    }
}
