//! The chain of an environment's migrator as SQL: printed by Alembic, or read from the files of the others.

use super::files;
use super::migrator::{Host, Said};
use super::replay::Replay;
use crate::attempts::command_line::quoted;
use crate::checklist::environment::{Migrator, MigratorKind};
use crate::commands::Failure;
use crate::migration::chain;
use crate::migration::preflight::back::{Downgrade, Step};
use crate::migration::preflight::{Finding, Statement, read};

/// What a chain amounts to.
pub struct Chain {
    pub statements: Vec<Statement>,
    /// The revisions in their order, from the first that would run.
    pub revisions: Vec<String>,
    pub steps: Vec<Step>,
    /// How what was read was come by, where that is not plain.
    pub notes: Vec<Finding>,
}

/// Where a run begins and ends, as the caller wants it.
pub struct Range<'a> {
    /// `None` is the base.
    pub from: Option<&'a str>,
    pub to: &'a str,
}

/// Reads the chain. Revisions that cannot be printed are run on an empty copy when `try_on_scratch` asks for it.
///
/// # Errors
/// When the files of the migrations cannot be read, or preflight does not know the kind of migrator.
pub async fn load(
    host: &Host<'_>,
    migrator: &Migrator,
    range: &Range<'_>,
    try_on_scratch: bool,
) -> Result<Chain, Failure> {
    match migrator.kind {
        MigratorKind::Alembic => Ok(alembic(host, migrator, range, try_on_scratch).await),
        MigratorKind::Sqlx | MigratorKind::Dbmate | MigratorKind::Flyway => files::load(host, migrator, range),
        MigratorKind::Command => Err(Failure::not_fine(
            "preflight reads the chains of Alembic, sqlx, dbmate and Flyway; this environment's migrator is another one, so \
             nothing was evaluated",
        )),
    }
}

async fn alembic(host: &Host<'_>, migrator: &Migrator, range: &Range<'_>, try_on_scratch: bool) -> Chain {
    let base = range.from.unwrap_or("base");
    let whole = print(host, migrator, "upgrade", base, range.to).await;
    let Some(why) = whole.failed else {
        let statements = read(&whole.output);
        let revisions = revisions_of(&statements);
        let steps = ways_back(host, migrator, base, &revisions).await;
        return Chain { statements, revisions, steps, notes: Vec::new() };
    };
    let known = between(migrator, range);
    if whole.absent || known.is_empty() {
        let what = if whole.absent {
            format!("the migrator `{}` was not found: {why}; nothing of its chain was read", migrator.command)
        } else {
            format!(
                "the migrator does not print its chain: {why}; list its revisions in the environment to read each by itself"
            )
        };
        let mut statements = read(&whole.output);
        let revisions = revisions_of(&statements);
        let broken = revisions.last().cloned().unwrap_or_else(|| base.to_owned());
        statements.push(Statement::missing(&broken, whole.output.lines().count(), what));
        return Chain { statements, revisions, steps: Vec::new(), notes: Vec::new() };
    }
    // Some revision reads the database, which printing gives it none of. Each is printed by itself.
    let mut found = Chain { statements: Vec::new(), revisions: known.clone(), steps: Vec::new(), notes: Vec::new() };
    let (mut before, mut offset) = (base.to_owned(), 0);
    let mut replay = if try_on_scratch { None } else { Some(Err(NOT_ASKED_FOR.to_owned())) };
    for revision in &known {
        let said = print(host, migrator, "upgrade", &before, revision).await;
        let mut statements = match &said.failed {
            None => read(&said.output),
            Some(why) => {
                let missing = |what| Statement::missing(revision, said.output.lines().count(), what);
                match tried(host, migrator, &mut replay, range.from, revision).await {
                    // What was seen on an empty copy rests on rows that were not there.
                    Ok(tried) => [vec![missing(on_a_copy(revision, why))], tried].concat(),
                    // What was printed before it broke off does not.
                    Err(not) => [read(&said.output), vec![missing(unread(revision, why, &not))]].concat(),
                }
            }
        };
        let ends = statements.iter().map(|statement| statement.line + statement.text.lines().count()).max();
        // Printed one by one, they are run in one transaction all the same unless env.py says otherwise.
        for statement in &mut statements {
            statement.line += offset;
            statement.revision = Some(statement.revision.take().unwrap_or_else(|| revision.clone()));
        }
        offset += ends.unwrap_or_default().max(said.output.lines().count());
        found.statements.extend(statements);
        before.clone_from(revision);
    }
    if let Some(Ok(replay)) = replay {
        replay.remove().await;
    }
    found.steps = ways_back(host, migrator, base, &known).await;
    found
}

const NOT_ASKED_FOR: &str = "--try-on-scratch runs it on an empty copy of the schema to see its statements";

fn unread(revision: &str, why: &str, not: &str) -> String {
    format!(
        "revision {revision} reads the database while it runs, so it cannot be printed in full: {why}; {not}; of its \
         statements those before that were evaluated, and everything after it is uncertain"
    )
}

fn on_a_copy(revision: &str, why: &str) -> String {
    format!(
        "revision {revision} reads the database and cannot be printed ({why}); its statements are those it ran on an empty \
         copy of the schema, where what it does row by row does not show: they and everything after them are uncertain"
    )
}

/// What a revision that cannot be printed did on an empty copy of the schema, which is made for the first of them.
async fn tried(
    host: &Host<'_>,
    migrator: &Migrator,
    replay: &mut Option<Result<Replay, String>>,
    from: Option<&str>,
    revision: &str,
) -> Result<Vec<Statement>, String> {
    if replay.is_none() {
        *replay = Some(Replay::make(host, migrator, from).await);
    }
    match replay {
        Some(Ok(replay)) => {
            // Those before it were printed; the copy has yet to go through them.
            if let Some(before) = before_in(migrator, revision).filter(|before| Some(before.as_str()) != from) {
                replay.statements(host, migrator, &before).await?;
            }
            replay.statements(host, migrator, revision).await
        }
        Some(Err(why)) => Err(why.clone()),
        None => Err("it was not tried".to_owned()),
    }
}

fn before_in(migrator: &Migrator, revision: &str) -> Option<String> {
    let place = chain::place(&migrator.revisions, revision)?;
    migrator.revisions.get(place.checked_sub(1)?).map(|revision| revision.id.clone())
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
