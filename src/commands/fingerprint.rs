//! `gonogo fingerprint`: what an environment's tables hold, kept in a file or held against one.

mod file;

use super::{Failure, open};
use crate::checklist::EnvironmentName;
use crate::cli::Fingerprint;
use crate::config::variables;
use crate::database::bisect::tell;
use crate::database::proof::{compare, read_columns, write_columns};
use crate::database::ranges::{self, Detail};
use crate::database::{Database, DatabaseError, Interrupt, Purpose, address::Address};
use crate::deployment::attempt::{Moment, TableProof};
use crate::printed;
use file::{Record, Table};
use serde_json::json;
use std::io::Write;
use std::path::Path;

/// Takes the fingerprints and writes or compares them. Exit status 1 where something differs, 5 where the environment's
/// database cannot be reached.
pub(crate) async fn fingerprint(asked: &Fingerprint, out: &mut dyn Write) -> Result<u8, Failure> {
    let before = asked.against.as_deref().map(file::read).transpose()?;
    let url = database_url(asked)?;
    let interrupt = Interrupt::new();
    let stop = interrupt.clone();
    // A statement on a server goes on unless it is asked to end.
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.set();
        }
    });
    let address = Address::parse(&url).map_err(|error| unreached(&error))?.within(Path::new("."));
    let mut database = Database::open(&address, Purpose::Read, &interrupt).await.map_err(|error| unreached(&error))?;
    let identity = database.identity().await.map_err(|error| unreached(&error))?;
    let wanted = wanted(&mut database, asked, before.as_ref()).await.map_err(|error| unreached(&error))?;
    let mut taken = Vec::new();
    let mut missing = Vec::new();
    database.enter_snapshot().await.map_err(|error| unreached(&error))?;
    for (index, table) in wanted.iter().enumerate() {
        progress(index, wanted.len(), &table.name)?;
        match take(&mut database, table).await.map_err(|error| unreached(&error))? {
            Ok(table) => taken.push(table),
            Err(sentence) => missing.push(sentence),
        }
    }
    progress(wanted.len(), wanted.len(), "")?;
    database.leave_snapshot().await.map_err(|error| unreached(&error))?;

    let record = Record::new(identity, database.dialect().word().to_owned(), taken);
    let status = match &before {
        Some(before) => hold(&mut database, before, &record, missing, &asked.tables, out).await?,
        None if missing.is_empty() => {
            show(&record, asked.json, out)?;
            if let Some(path) = &asked.output {
                file::write(path, &record)?;
                if !asked.json {
                    writeln!(out, "written to {}", path.display())?;
                }
            }
            0
        }
        None => return Err(Failure::usage(missing.join("; "))),
    };
    database.close().await;
    Ok(status)
}

fn database_url(asked: &Fingerprint) -> Result<String, Failure> {
    let checklist = open::checklist(&open::source_with(&asked.checklist, &asked.over.with)?.0)?;
    let name = EnvironmentName::new(&asked.environment);
    let Some(environment) = checklist.environments.get(&name) else {
        let names: Vec<&str> = checklist.environments.keys().map(EnvironmentName::as_str).collect();
        return Err(Failure::usage(format!("the checklist has no environment `{name}`; it has {}", names.join(", "))));
    };
    let home = std::path::absolute(".")?;
    let known = variables::known_in(environment, &home).map_err(|error| Failure::usage(error.to_string()))?;
    known.environment.database.ok_or_else(|| {
        let unset = environment.database.as_deref().map(variables::names_in).unwrap_or_default();
        Failure::usage(if unset.is_empty() {
            format!("the environment {name} has no `database`")
        } else {
            format!("{} is not set, and the database's address needs it", unset.join(", "))
        })
    })
}

/// Tables as they are to be read: those of the file as they were read then, else those asked for, else all.
async fn wanted(
    database: &mut Database,
    asked: &Fingerprint,
    before: Option<&Record>,
) -> Result<Vec<Table>, DatabaseError> {
    if let Some(before) = before {
        let chosen = |table: &&Table| asked.tables.is_empty() || asked.tables.contains(&table.name);
        return Ok(before.tables.iter().filter(chosen).cloned().collect());
    }
    let names = if asked.tables.is_empty() { database.tables().await? } else { asked.tables.clone() };
    let mut tables = Vec::new();
    for name in names {
        let columns = database.columns(&name).await?;
        if columns.is_empty() {
            tables.push(Table::named(name, String::new(), None));
            continue;
        }
        let columns: Vec<_> =
            columns.into_iter().filter(|column| !column.generated).map(|column| column.name).collect();
        // Ranges are taken for a file that is compared with later; looking on is quicker without.
        let split = if asked.output.is_some() { database.split(&name).await? } else { None };
        tables.push(Table::named(name, write_columns(&columns), split));
    }
    Ok(tables)
}

async fn take(database: &mut Database, wanted: &Table) -> Result<Result<Table, String>, DatabaseError> {
    let name = &wanted.name;
    let present = database.columns(name).await?;
    if present.is_empty() {
        return Ok(Err(format!("{name}: there is no such table")));
    }
    let columns = read_columns(&wanted.columns);
    let lost: Vec<_> = columns.iter().filter(|name| !present.iter().any(|column| column.name == **name)).collect();
    if !lost.is_empty() {
        let lost = lost.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        return Ok(Err(format!("{name}: {lost} is not there any more")));
    }
    let mut table = wanted.clone();
    if let Some(split) = &wanted.split {
        (table.rows, table.fingerprint, table.ranges) =
            database.in_ranges(name, &columns, split, Detail::Columns).await?;
    } else {
        (table.rows, table.fingerprint) = database.fingerprint(name, &columns, &mut |_| {}).await?;
    }
    Ok(Ok(table))
}

fn show(record: &Record, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    if json {
        let tables = record.tables.iter();
        let tables: Vec<_> = tables
            .map(|table| json!({ "name": table.name, "rows": table.rows, "fingerprint": table.fingerprint }))
            .collect();
        let reported = json!({ "format": 1, "identity": record.identity, "taken": record.taken, "tables": tables });
        writeln!(out, "{reported:#}")?;
        return Ok(());
    }
    writeln!(out, "{}", record.identity)?;
    let width = record.tables.iter().map(|table| table.name.chars().count()).max().unwrap_or_default();
    for table in &record.tables {
        writeln!(out, "{:width$}  {:>10} rows  {}", table.name, table.rows, table.fingerprint)?;
    }
    Ok(())
}

/// Holds what was taken against the file, table by table, and says where it differs as closely as the file allows.
async fn hold(
    database: &mut Database,
    before: &Record,
    now: &Record,
    missing: Vec<String>,
    only: &[String],
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    if let Some(unknown) = only.iter().find(|name| !before.tables.iter().any(|table| table.name == **name)) {
        return Err(Failure::usage(format!("the file holds no fingerprint of {unknown}")));
    }
    if before.identity != now.identity {
        writeln!(out, "taken of {}, compared with {}", before.identity, now.identity)?;
    }
    let mut differing = missing.len();
    for sentence in missing {
        writeln!(out, "{sentence}")?;
    }
    for table in &now.tables {
        let Some(old) = before.tables.iter().find(|old| old.name == table.name) else { continue };
        let Err(sentences) = compare(&[proof(old)], &[proof(table)], &[]) else { continue };
        differing += 1;
        for sentence in sentences {
            writeln!(out, "{sentence}")?;
        }
        if let Some(split) = &old.split {
            let columns = read_columns(&old.columns);
            let found = ranges::differences(split, &columns, &old.ranges, &table.ranges);
            for line in tell(database, &table.name, &split.key, &found).await {
                writeln!(out, "  {line}")?;
            }
        }
    }
    let compared = now.tables.len();
    if compared == 0 && differing == 0 {
        return Err(Failure::not_fine("the file holds no fingerprint of any table, so nothing was compared"));
    }
    if differing == 0 {
        writeln!(out, "{compared} tables as they were on {}", before.taken)?;
        return Ok(0);
    }
    Ok(1)
}

fn proof(table: &Table) -> TableProof {
    TableProof {
        table: table.name.clone(),
        when: Moment::Now,
        rows: table.rows,
        fingerprint: Some(table.fingerprint.clone()),
        columns: Some(table.columns.clone()),
    }
}

fn progress(done: usize, all: usize, table: &str) -> Result<(), Failure> {
    let filled = (done * 20).checked_div(all).unwrap_or(20);
    let bar = format!("{}{}", "#".repeat(filled), ".".repeat(20 - filled));
    printed::replace_error_line(&format!("[{bar}] {done}/{all} {table}"))?;
    if done == all {
        printed::replace_error_line("")?;
    }
    Ok(())
}

fn unreached(error: &DatabaseError) -> Failure {
    let status = if error.leaves_open() { 5 } else { 1 };
    Failure { status, message: error.to_string() }
}
