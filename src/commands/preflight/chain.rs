//! The chain of an environment's migrator as SQL: printed by Alembic, or read from the files of the others.

use super::certain;
use super::files;
use super::migrator::{Host, Said};
use super::named::Named;
use super::position::Position;
use super::replay::Replay;
use super::settings::Wraps;
use crate::attempts::command_line::quoted;
use crate::checklist::environment::{Migrator, MigratorKind};
use crate::commands::Failure;
use crate::deployment::standing::{self, Standing};
use crate::migration::lineage::Lineage;
use crate::migration::preflight::act::Act;
use crate::migration::preflight::back::{Downgrade, Step};
use crate::migration::preflight::{Finding, Severity, Statement, read};

/// What a chain amounts to.
#[derive(Default)]
pub(super) struct Chain {
    pub statements: Vec<Statement>,
    /// The revisions in their order, from the first that would run.
    pub revisions: Vec<String>,
    pub steps: Vec<Step>,
    /// How what was read was come by, where that is not plain.
    pub notes: Vec<Finding>,
    /// Some of it was run on an empty copy.
    pub tried: bool,
    /// Why it is not known whether revisions share a transaction; then they are taken to do what the print shows.
    pub sharing_unknown: Option<String>,
}

/// Where a run begins and ends, as the caller wants it.
pub(super) struct Range<'a> {
    pub position: &'a Position,
    pub to: &'a str,
    pub named: Named<'a>,
}

/// Reads the chain. Revisions that cannot be printed are run on an empty copy when `try_on_scratch` asks for it.
///
/// # Errors
/// When the files of the migrations cannot be read, or preflight does not know the kind of migrator.
pub(super) async fn load(
    host: &Host<'_>,
    migrator: &Migrator,
    range: &Range<'_>,
    try_on_scratch: bool,
) -> Result<Chain, Failure> {
    match migrator.kind {
        MigratorKind::Alembic => {
            let mut chain = alembic(host, migrator, range, try_on_scratch).await;
            let wraps = host.folder().map_or_else(
                || Wraps::Unknown("env.py is on another host".to_owned()),
                |folder| super::settings::wraps(&folder, &migrator.command),
            );
            match wraps {
                Wraps::Together => share_transactions(&mut chain.statements),
                Wraps::Each => part_transactions(&mut chain.statements),
                Wraps::Unknown(why) => chain.sharing_unknown = Some(why),
            }
            if let Some(folder) = host.folder() {
                for place in super::reach::otherwise_in_print(&folder, &migrator.command, &chain.revisions) {
                    let what = format!(
                        "what is printed may be other than what is running, and was evaluated as printed: {place}"
                    );
                    chain.notes.push(Finding::new(Severity::Inconclusive, what));
                }
            }
            Ok(chain)
        }
        MigratorKind::Sqlx | MigratorKind::Dbmate | MigratorKind::Flyway => files::load(host, migrator, range).await,
        MigratorKind::Command => Err(Failure::not_fine(
            "preflight reads the chains of Alembic, sqlx, dbmate and Flyway; this environment's migrator is another one, so \
             nothing was evaluated",
        )),
    }
}

async fn alembic(host: &Host<'_>, migrator: &Migrator, range: &Range<'_>, try_on_scratch: bool) -> Chain {
    let Position { now, lineage, broken, .. } = range.position;
    if *broken {
        return Chain::default();
    }
    if let Some(folder) = host.folder()
        && let Some(place) = super::reach::acting(&folder, &migrator.command)
        && !host.is_fenced().await
    {
        let what = format!(
            "nothing was printed: to print a chain Alembic carries out the revisions' own code, {place} may reach beyond the \
             database, and this host has no fence to print it behind (user namespaces, `unshare`)"
        );
        let statements = vec![Statement::missing(range.to, 0, what)];
        return Chain { statements, ..Chain::default() };
    }
    // Offline, Alembic starts from one revision only; from several each revision is printed by itself.
    let base = match now.revisions() {
        [] => "base",
        [one] => one,
        _ => return each(host, migrator, range, try_on_scratch, Vec::new()).await,
    };
    if !lineage.is_empty() && !lineage.is_straight() {
        return each(host, migrator, range, try_on_scratch, Vec::new()).await;
    }
    let whole = print(host, migrator, "upgrade", base, range.to).await;
    let Some(why) = whole.failed else {
        let statements = read(&whole.output);
        let revisions = revisions_of(&statements);
        let steps = ways_back(host, migrator, lineage, base, &revisions).await;
        return Chain { statements, revisions, steps, ..Chain::default() };
    };
    if certain::cannot_run(&why) && lineage.pending(now, range.to).is_ok_and(|known| known.is_empty()) {
        let mut statements = read(&whole.output);
        let revisions = revisions_of(&statements);
        let broken = revisions.last().cloned().unwrap_or_else(|| base.to_owned());
        let what = format!("the migrator fails before anything runs: {why}");
        statements.push(Statement::refused(&broken, whole.output.lines().count(), what));
        return Chain { statements, revisions, ..Chain::default() };
    }
    if whole.absent || lineage.pending(now, range.to).is_ok_and(|known| known.is_empty()) {
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
        return Chain { statements, revisions, steps: Vec::new(), ..Chain::default() };
    }
    // Some revision reads the database, which printing gives it none of. Each is printed by itself.
    each(host, migrator, range, try_on_scratch, read(&whole.output)).await
}

/// Prints every pending revision by itself. `printed` is what came when all were printed at once.
async fn each(
    host: &Host<'_>,
    migrator: &Migrator,
    range: &Range<'_>,
    try_on_scratch: bool,
    printed: Vec<Statement>,
) -> Chain {
    let Position { now, lineage, .. } = range.position;
    let known: Vec<String> = match lineage.pending(now, range.to) {
        Ok(known) => known.into_iter().map(ToOwned::to_owned).collect(),
        Err(why) => {
            let mut statements = printed;
            let revisions = revisions_of(&statements);
            let what = format!("which revisions are left to run cannot be reported: {why}; nothing of them was read");
            let broken = revisions.last().cloned().unwrap_or_else(|| now.to_string());
            statements.push(Statement::missing(&broken, 0, what));
            return Chain { statements, revisions, steps: Vec::new(), ..Chain::default() };
        }
    };
    let mut found = Chain { statements: Vec::new(), revisions: known.clone(), steps: Vec::new(), ..Chain::default() };
    let mut offset = 0;
    let mut replay = if try_on_scratch { None } else { Some(Err(NOT_ASKED_FOR.to_owned())) };
    for (place, revision) in known.iter().enumerate() {
        let said = print(host, migrator, "upgrade", lineage.parent(revision).unwrap_or("base"), revision).await;
        let mut statements = match &said.failed {
            // On branches others come with it.
            None => own(read(&said.output), revision),
            Some(why) => {
                let lines = said.output.lines().count();
                if certain::cannot_run(why) {
                    let refused = Statement::refused(revision, lines, format!("revision {revision} cannot run: {why}"));
                    found.statements.extend(read(&said.output));
                    found.statements.push(refused);
                    break;
                }
                let missing = |what| Statement::missing(revision, lines, what);
                let before = place.checked_sub(1).and_then(|place| known.get(place)).map(String::as_str);
                match tried(host, migrator, &mut replay, now, before, revision).await {
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
    }
    if let Some(Ok(replay)) = replay {
        found.tried = true;
        replay.remove().await;
    }
    let base = now.revisions().first().map_or("base", String::as_str);
    found.steps = ways_back(host, migrator, lineage, base, &known).await;
    found
}

/// Each revision runs in a transaction of its own, whatever the print shows.
fn part_transactions(statements: &mut [Statement]) {
    let mut parts: Vec<(usize, Option<String>)> = Vec::new();
    for statement in statements {
        let Some(printed) = statement.transaction else { continue };
        let part = (printed, statement.revision.clone());
        let at = parts.iter().position(|known| *known == part).unwrap_or_else(|| {
            parts.push(part);
            parts.len() - 1
        });
        statement.transaction = Some(at);
    }
}

/// All revisions run in one transaction, although the print begins one for each: a `COMMIT` that the next revision's
/// `BEGIN` follows is the print's own.
fn share_transactions(statements: &mut [Statement]) {
    let ends = |statement: &Statement| matches!(statement.acts(), [Act::Commit]);
    let begins = |statement: &Statement| matches!(statement.acts(), [Act::Begin]);
    for at in 1..statements.len() {
        if begins(&statements[at])
            && ends(&statements[at - 1])
            && let (Some(before), Some(now)) = (statements[at - 1].transaction, statements[at].transaction)
        {
            for statement in statements.iter_mut().filter(|statement| statement.transaction == Some(now)) {
                statement.transaction = Some(before);
            }
        }
    }
}

/// The statements of one revision, and those that belong to none.
fn own(statements: Vec<Statement>, revision: &str) -> Vec<Statement> {
    let is_own = |statement: &Statement| statement.revision.as_deref().is_none_or(|own| standing::same(own, revision));
    statements.into_iter().filter(is_own).collect()
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
    from: &Standing,
    before: Option<&str>,
    revision: &str,
) -> Result<Vec<Statement>, String> {
    if replay.is_none() {
        *replay = Some(Replay::make(host, migrator, from).await);
    }
    match replay {
        Some(Ok(replay)) => {
            // Those before it were printed; the copy has yet to go through them.
            if let Some(before) = before {
                replay.statements(host, migrator, before).await?;
            }
            replay.statements(host, migrator, revision).await
        }
        Some(Err(why)) => Err(why.clone()),
        None => Err("it was not tried".to_owned()),
    }
}

async fn print(host: &Host<'_>, migrator: &Migrator, way: &str, from: &str, to: &str) -> Said {
    host.print(&format!("{} {way} {} --sql", migrator.command, quoted(&format!("{from}:{to}")))).await
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

/// The downgrade of each revision, printed too: all at once, or one by one when that fails.
async fn ways_back(
    host: &Host<'_>,
    migrator: &Migrator,
    lineage: &Lineage,
    base: &str,
    revisions: &[String],
) -> Vec<Step> {
    let Some(last) = revisions.last() else { return Vec::new() };
    let mut steps = Vec::new();
    let straight = lineage.is_empty() || lineage.is_straight();
    let whole = if straight { Some(print(host, migrator, "downgrade", last, base).await) } else { None };
    if let Some(whole) = whole.filter(|whole| whole.failed.is_none()) {
        let statements = read(&whole.output);
        for revision in revisions {
            let own = statements
                .iter()
                .filter(|statement| statement.revision.as_deref().is_some_and(|own| standing::same(own, revision)));
            let downgrade = Downgrade::Statements(own.cloned().collect());
            steps.push(Step { revision: revision.clone(), downgrade });
        }
        return steps;
    }
    let mut before = base.to_owned();
    for revision in revisions {
        let under = if straight { before.as_str() } else { lineage.parent(revision).unwrap_or("base") };
        let said = print(host, migrator, "downgrade", revision, under).await;
        let downgrade = match said.failed {
            Some(why) => Downgrade::Failed(why),
            None => Downgrade::Statements(own(read(&said.output), revision)),
        };
        steps.push(Step { revision: revision.clone(), downgrade });
        before.clone_from(revision);
    }
    steps
}
