//! The chain of an environment's migrator as SQL: printed by Alembic, or read from sqlx's files.

use super::migrator::{Host, Said};
use crate::attempts::command_line::quoted;
use crate::checklist::environment::{Migrator, MigratorKind};
use crate::commands::Failure;
use crate::migration::chain;
use crate::migration::preflight::back::{Downgrade, Step};
use crate::migration::preflight::{Statement, Wrapping, read, read_from};
use std::path::{Path, PathBuf};

/// What a chain amounts to.
pub struct Chain {
    pub statements: Vec<Statement>,
    /// The revisions in their order, from the first that would run.
    pub revisions: Vec<String>,
    pub steps: Vec<Step>,
}

/// Where a run begins and ends, as the caller wants it.
pub struct Range<'a> {
    /// `None` is the base.
    pub from: Option<&'a str>,
    pub to: &'a str,
}

/// Reads the chain.
///
/// # Errors
/// When the migrator prints nothing at all, or its files cannot be read.
pub async fn load(host: &Host<'_>, migrator: &Migrator, range: &Range<'_>) -> Result<Chain, Failure> {
    match migrator.kind {
        MigratorKind::Alembic => alembic(host, migrator, range).await,
        MigratorKind::Sqlx => sqlx(host, migrator, range),
        MigratorKind::Dbmate | MigratorKind::Flyway | MigratorKind::Command => Err(Failure::not_fine(
            "preflight reads the chains of Alembic and sqlx; this environment's migrator is of another kind, so nothing was judged",
        )),
    }
}

async fn alembic(host: &Host<'_>, migrator: &Migrator, range: &Range<'_>) -> Result<Chain, Failure> {
    let base = range.from.unwrap_or("base");
    let whole = print(host, migrator, "upgrade", base, range.to).await;
    let Some(why) = whole.failed else {
        let statements = read(&whole.output);
        let revisions = revisions_of(&statements);
        let steps = ways_back(host, migrator, base, &revisions).await;
        return Ok(Chain { statements, revisions, steps });
    };
    // Some revision reads the database, which printing gives it none of. Each is tried by itself.
    let known = between(migrator, range);
    if known.is_empty() {
        return Err(Failure::not_fine(format!(
            "the migrator does not print its chain: {why}; list its revisions in the environment to have each tried by itself"
        )));
    }
    let mut found = Chain { statements: Vec::new(), revisions: known.clone(), steps: Vec::new() };
    let (mut before, mut offset) = (base.to_owned(), 0);
    for revision in &known {
        let said = print(host, migrator, "upgrade", &before, revision).await;
        let mut statements = read(&said.output);
        // Printed one by one, they are run in one transaction all the same unless env.py says otherwise.
        for statement in &mut statements {
            statement.line += offset;
            statement.revision = Some(statement.revision.take().unwrap_or_else(|| revision.clone()));
        }
        offset += said.output.lines().count();
        if let Some(why) = said.failed {
            let what = format!(
                "revision {revision} reads the database while it runs, so it cannot be printed whole: {why}; of its \
                 statements those before that were judged, and everything after it is uncertain"
            );
            statements.push(Statement::missing(revision, offset, what));
        }
        found.statements.extend(statements);
        before.clone_from(revision);
    }
    found.steps = ways_back(host, migrator, base, &known).await;
    Ok(found)
}

async fn print(host: &Host<'_>, migrator: &Migrator, way: &str, from: &str, to: &str) -> Said {
    host.run(&format!("{} {way} {} --sql", migrator.command, quoted(&format!("{from}:{to}")))).await
}

/// The revisions that statements name, in their order.
fn revisions_of(statements: &[Statement]) -> Vec<String> {
    let mut revisions: Vec<String> = Vec::new();
    for revision in statements.iter().filter_map(|statement| statement.revision.as_ref()) {
        if !revisions.contains(revision) {
            revisions.push(revision.clone());
        }
    }
    revisions
}

/// The declared revisions of a range.
fn between(migrator: &Migrator, range: &Range<'_>) -> Vec<String> {
    let all = &migrator.revisions;
    let first = range.from.and_then(|from| chain::place(all, from)).map_or(0, |place| place + 1);
    let last = match range.to {
        "head" | "heads" => all.len(),
        to => chain::place(all, to).map_or(all.len(), |place| place + 1),
    };
    all.get(first..last).unwrap_or_default().iter().map(|revision| revision.id.clone()).collect()
}

/// The downgrade of each revision, printed too: all at once, or one by one when that fails.
async fn ways_back(host: &Host<'_>, migrator: &Migrator, base: &str, revisions: &[String]) -> Vec<Step> {
    let Some(last) = revisions.last() else { return Vec::new() };
    let whole = print(host, migrator, "downgrade", last, base).await;
    let mut steps = Vec::new();
    if whole.failed.is_none() {
        let statements = read(&whole.output);
        for revision in revisions {
            let own = statements
                .iter()
                .filter(|statement| statement.revision.as_deref().is_some_and(|own| chain::same(own, revision)));
            let downgrade = Downgrade::Statements(own.cloned().collect());
            steps.push(Step { revision: revision.clone(), downgrade });
        }
        return steps;
    }
    let mut before = base.to_owned();
    for revision in revisions {
        let said = print(host, migrator, "downgrade", revision, &before).await;
        let downgrade = match said.failed {
            Some(why) => Downgrade::Failed(why),
            None => Downgrade::Statements(read(&said.output)),
        };
        steps.push(Step { revision: revision.clone(), downgrade });
        before.clone_from(revision);
    }
    steps
}

/// One of sqlx's migrations.
struct File {
    version: i64,
    revision: String,
    up: Option<PathBuf>,
    down: Option<PathBuf>,
}

fn sqlx(host: &Host<'_>, migrator: &Migrator, range: &Range<'_>) -> Result<Chain, Failure> {
    let folder = host.folder().ok_or_else(|| {
        Failure::refused(
            "the migrations of sqlx are files, and this environment's folder is on another host; run \
                          gonogo there, or point the environment at a copy",
        )
    })?;
    let folder = folder.join(source(&migrator.command));
    let files = files(&folder)?;
    let number = |text: &str| text.split('_').next().and_then(|digits| digits.parse::<i64>().ok());
    let after = range.from.and_then(number);
    let until = if matches!(range.to, "head" | "heads") { None } else { number(range.to) };
    let wanted = files.iter().filter(|file| after.is_none_or(|after| file.version > after));
    let wanted: Vec<&File> = wanted.filter(|file| until.is_none_or(|until| file.version <= until)).collect();
    let mut found = Chain { statements: Vec::new(), revisions: Vec::new(), steps: Vec::new() };
    let mut transactions = 0;
    for file in wanted {
        found.revisions.push(file.revision.clone());
        let Some(up) = &file.up else { continue };
        let mut statements = read_file(up, &file.revision)?;
        for statement in &mut statements {
            statement.transaction = statement.transaction.map(|own| own + transactions);
        }
        transactions += statements.iter().filter_map(|statement| statement.transaction).max().map_or(0, |own| own + 1);
        found.statements.extend(statements);
        let downgrade = match &file.down {
            Some(down) => Downgrade::Statements(read_file(down, &file.revision)?),
            None => Downgrade::Statements(Vec::new()),
        };
        found.steps.push(Step { revision: file.revision.clone(), downgrade });
    }
    Ok(found)
}

fn read_file(path: &Path, revision: &str) -> Result<Vec<Statement>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::not_fine(format!("{} cannot be read: {error}", path.display())))?;
    // As sqlx does: one transaction a file, unless its first line says otherwise.
    let wrapping = if text.starts_with("-- no-transaction") { Wrapping::AsWritten } else { Wrapping::EachRevision };
    Ok(read_from(&text, Some(revision), wrapping))
}

/// The folder that `sqlx migrate run --source FOLDER` names.
fn source(command: &str) -> String {
    let mut words = command.split_whitespace();
    while let Some(word) = words.next() {
        if let Some(folder) = word.strip_prefix("--source=") {
            return folder.to_owned();
        }
        if word == "--source" {
            return words.next().unwrap_or("migrations").to_owned();
        }
    }
    "migrations".to_owned()
}

fn files(folder: &Path) -> Result<Vec<File>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::not_fine(format!("{} cannot be read: {error}; the migrations of sqlx stand there", folder.display()))
    };
    let mut files: Vec<File> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let Some(stem) = name.strip_suffix(".sql") else { continue };
        let (stem, down) = match stem.strip_suffix(".down") {
            Some(stem) => (stem, true),
            None => (stem.strip_suffix(".up").unwrap_or(stem), false),
        };
        let Some(version) = stem.split('_').next().and_then(|digits| digits.parse().ok()) else { continue };
        let at = files.iter().position(|file| file.version == version).unwrap_or_else(|| {
            files.push(File { version, revision: stem.to_owned(), up: None, down: None });
            files.len() - 1
        });
        if down {
            files[at].down = Some(path);
        } else {
            files[at].up = Some(path);
        }
    }
    files.sort_by_key(|file| file.version);
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_of_sqlx_is_found() {
        assert_eq!(source("sqlx migrate run --source db/migrations"), "db/migrations");
        assert_eq!(source("sqlx migrate --source=x run"), "x");
        assert_eq!(source("sqlx migrate run"), "migrations");
    }
}
