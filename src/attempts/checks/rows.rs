//! Row counts and contents now, held against those kept before an earlier item.

use super::account::{Account, Trouble};
use super::stages::Stages;
use super::{kept_ranges, place, unless_stopped};
use crate::attempts::{Assignment, Console};
use crate::checklist::check::{Check, Depth, Rows};
use crate::checklist::{Item, ItemId};
use crate::database::bisect::bisect;
use crate::database::proof::{self, Proofs, Wanted};
use crate::database::{Database, DatabaseError, Interrupt, Purpose};
use crate::deployment::attempt::{Attempt, Moment, Outcome, TableProof};
use crate::deployment::difference::{What, differences};
use crate::deployment::measurement::Verdict;
use std::fmt::Write as _;

/// Counts the tables, and fingerprints them when asked, and compares.
pub async fn carry_out(assignment: &Assignment, rows: &Rows, console: &dyn Console) -> Outcome {
    let mut account = Account::open();
    let interrupt = Interrupt::new();
    let work = look(assignment, rows, console, &interrupt, &mut account);
    let worked = unless_stopped(assignment, &interrupt, work).await;
    account.conclude(&assignment.item.targets, worked)
}

async fn look(
    assignment: &Assignment,
    rows: &Rows,
    console: &dyn Console,
    interrupt: &Interrupt,
    account: &mut Account,
) -> Result<(), Trouble> {
    let before = rows.against.as_ref().map(|against| kept(assignment, rows, against)).transpose()?;
    let mut database = place::connect(assignment, Purpose::Read, interrupt).await?;
    let wanted: Vec<Wanted> = match (&before, rows.tables.as_slice()) {
        (Some(before), _) if rows.depth == Depth::Fingerprints => before.iter().map(Wanted::like).collect(),
        (Some(before), _) => before.iter().map(|kept| Wanted::whole(&kept.table)).collect(),
        (None, []) => proof::all(&mut database).await?.into_iter().map(Wanted::in_ranges).collect(),
        (None, tables) => tables.iter().map(|table| Wanted::whole(table).in_ranges()).collect(),
    };
    let mut stages = Stages::new(console, account.began());
    let Proofs { tables, missing, ranges } =
        take(&mut database, &wanted, rows.depth, Moment::Now, "rows now", &mut stages).await?;
    if before.is_none() {
        kept_ranges::write(assignment, &ranges, console);
    }
    let differing = differences(before.as_deref().unwrap_or_default(), &tables, &rewritten(assignment, rows));
    let found = match &rows.against {
        Some(against) if !differing.is_empty() => {
            let there = differing.into_iter().filter(|difference| difference.what != What::Gone);
            let names: Vec<_> = there.map(|difference| difference.table).collect();
            let kept = kept_ranges::read(assignment, latest_passed(assignment, against)?.number, &names);
            stages.begin("finding where", "rows", None);
            bisect(&mut database, &kept).await
        }
        _ => Vec::new(),
    };
    database.close().await;
    for line in &found {
        console.line(line);
    }

    tell(&tables, before.as_deref(), console);
    for table in &tables {
        account.measure(format!("rows {}", table.table), table.rows as f64, "rows");
    }
    let total: i64 = tables.iter().map(|table| table.rows).sum();
    account.measure("rows", total as f64, "rows");
    evaluate(assignment, rows, before.as_deref(), &tables, missing, account);
    if let Some(first) = found.into_iter().next() {
        account.find(Verdict::Fail, first);
    }
    account.tables = tables;
    Ok(())
}

fn evaluate(
    assignment: &Assignment,
    rows: &Rows,
    before: Option<&[TableProof]>,
    now: &[TableProof],
    missing: Vec<String>,
    account: &mut Account,
) {
    let total: i64 = now.iter().map(|table| table.rows).sum();
    let what = format!("{total} rows in {} tables", now.len());
    let Some(before) = before else {
        let held = !assignment.item.targets.is_empty();
        let verdict = if total == 0 && !held { Verdict::Inconclusive } else { Verdict::Pass };
        account.find(verdict, what);
        for sentence in missing {
            account.find(Verdict::Fail, sentence);
        }
        return;
    };
    // What is missing is named once: a lost table also differs in its count.
    let present: Vec<_> = before.iter().filter(|old| now.iter().any(|new| new.table == old.table)).cloned().collect();
    let differing = proof::compare(&present, now, &rewritten(assignment, rows)).err().unwrap_or_default();
    let wrong: Vec<_> = missing.into_iter().chain(differing).collect();
    if wrong.is_empty() && total == 0 {
        account.find(Verdict::Inconclusive, format!("{what}: there was no row to compare"));
    } else if wrong.is_empty() {
        let as_before = match rows.depth {
            Depth::Counts => "counts as before",
            Depth::Fingerprints => "counts and contents as before",
        };
        account.find(Verdict::Pass, format!("{what}, {as_before}"));
    } else {
        for sentence in wrong {
            account.find(Verdict::Fail, sentence);
        }
    }
    if rows.depth == Depth::Fingerprints && before.iter().any(|old| old.fingerprint.is_none()) {
        account.find(Verdict::Inconclusive, "some tables were only counted then, so their contents cannot be compared");
    }
}

/// What was kept before the latest passed attempt of `against`, of the tables asked for.
fn kept(assignment: &Assignment, rows: &Rows, against: &ItemId) -> Result<Vec<TableProof>, Trouble> {
    let attempt = latest_passed(assignment, against)?;
    let all = attempt.outcome().map(|outcome| outcome.tables.as_slice()).unwrap_or_default();
    let of = |when: Moment| all.iter().filter(move |table| table.when == when);
    let when = if of(Moment::Before).next().is_some() { Moment::Before } else { Moment::Now };
    let before: Vec<_> =
        of(when).filter(|kept| rows.tables.is_empty() || rows.tables.contains(&kept.table)).cloned().collect();
    let lacking: Vec<_> = rows.tables.iter().filter(|name| !before.iter().any(|kept| kept.table == **name)).collect();
    if before.is_empty() || !lacking.is_empty() {
        let names = lacking.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let of_which = if names.is_empty() { String::new() } else { format!(" of {names}") };
        return Err(Trouble::Open(format!("{} kept no row counts{of_which}", title(assignment, against))));
    }
    Ok(before)
}

/// The latest passed attempt of an item, in the same environment.
pub(super) fn latest_passed<'a>(assignment: &'a Assignment, item: &ItemId) -> Result<&'a Attempt, Trouble> {
    let attempt = assignment.state.latest_passed(item).ok_or_else(|| {
        Trouble::Open(format!("{} has not passed yet; there is nothing to hold this against", title(assignment, item)))
    })?;
    if attempt.environment == assignment.environment_name {
        return Ok(attempt);
    }
    let (there, here) = (&attempt.environment, &assignment.environment_name);
    Err(Trouble::Open(format!(
        "{} was carried out in {there}, which {here} cannot be held against",
        title(assignment, item)
    )))
}

pub(super) fn title(assignment: &Assignment, item: &ItemId) -> String {
    assignment.plan.item(item).map_or_else(|| item.to_string(), |item| item.title.clone())
}

/// Tables whose contents the migration that these rows are held against may change.
fn rewritten(assignment: &Assignment, rows: &Rows) -> Vec<String> {
    match rows.against.as_ref().and_then(|against| assignment.plan.item(against)) {
        Some(Item { check: Check::Migration(migration), .. }) => migration.rewrites.clone(),
        _ => Vec::new(),
    }
}

/// Takes proofs and shows how far it has come. For every check that needs them.
pub async fn take(
    database: &mut Database,
    wanted: &[Wanted],
    depth: Depth,
    when: Moment,
    stage: &str,
    stages: &mut Stages<'_>,
) -> Result<Proofs, DatabaseError> {
    stages.begin(stage, "rows", None);
    proof::tables(database, wanted, depth, when, &mut |reached| stages.reached(reached)).await
}

fn tell(now: &[TableProof], before: Option<&[TableProof]>, console: &dyn Console) {
    let width = now.iter().map(|table| table.table.chars().count()).max().unwrap_or_default();
    for table in now {
        let mut line = format!("{:width$}  {:>10} rows", table.table, table.rows);
        let old = before.and_then(|before| before.iter().find(|old| old.table == table.table));
        if let Some(old) = old.filter(|old| old.rows != table.rows) {
            let _ = write!(line, "  (before: {})", old.rows);
        }
        if let Some(print) = &table.fingerprint {
            let _ = write!(line, "  {print}");
        }
        console.line(&line);
    }
}
