//! The database searched for what should not be in it.

use super::account::{Account, Trouble};
use super::stages::Stages;
use super::{place, unless_stopped};
use crate::attempts::{Assignment, Console};
use crate::checklist::check::Consistency;
use crate::database::consistency::{Findings, look};
use crate::database::{Database, Interrupt, Purpose};
use crate::deployment::attempt::Outcome;
use crate::deployment::measurement::Verdict;

/// Looks for everything the check names. Measures how much of each there is, in `findings`.
pub async fn carry_out(assignment: &Assignment, check: &Consistency, console: &dyn Console) -> Outcome {
    let mut account = Account::open();
    let interrupt = Interrupt::new();
    let work = search(assignment, check, console, &interrupt, &mut account);
    let worked = unless_stopped(assignment, &interrupt, work).await;
    account.conclude(&assignment.item.targets, worked)
}

async fn search(
    assignment: &Assignment,
    check: &Consistency,
    console: &dyn Console,
    interrupt: &Interrupt,
    account: &mut Account,
) -> Result<(), Trouble> {
    let mut database = place::connect(assignment, Purpose::Read, interrupt).await?;
    let mut stages = Stages::new(console, account.began());
    stages.begin("consistency", "places", None);
    let findings = look(&mut database, check, &mut |done, words| stages.at(done, words)).await?;
    let kind = database.dialect().word();
    let in_rows = check.look_for.iter().any(|look| look.is_of_rows());
    let bare = findings.found.is_empty() && database.tables().await?.is_empty();
    let looked = !in_rows || !findings.found.is_empty() || holds_rows(&mut database, &check.tables).await?;
    database.close().await;

    let Findings { found, not_applicable, places } = findings;
    for look in &check.look_for {
        let count: u64 = found.iter().filter(|finding| finding.look == *look).map(|finding| finding.count).sum();
        if not_applicable.contains(look) {
            console.line(&format!("-     {}: {kind} has nothing of the kind", look.word()));
            continue;
        }
        account.measure(look.word(), count as f64, "findings");
        if count == 0 {
            console.line(&format!("ok    {}: none", look.word()));
        }
        for finding in found.iter().filter(|finding| finding.look == *look) {
            console.line(&format!("wrong {finding}"));
        }
    }
    if not_applicable.len() == check.look_for.len() {
        account.find(Verdict::Inconclusive, format!("{kind} has nothing of what the check looks for"));
    } else if bare {
        account.find(Verdict::Inconclusive, "the database has no table, so that there was nothing to look through");
    } else if !looked {
        account.find(Verdict::Inconclusive, "no table holds a row, so that there was nothing to look through");
    } else if found.is_empty() {
        account
            .find(Verdict::Pass, format!("nothing found in {places} {}", if places == 1 { "place" } else { "places" }));
    } else {
        for finding in &found {
            account.find(Verdict::Fail, finding.to_string());
        }
    }
    Ok(())
}

/// Whether any of these tables has a row; of all, when none is named.
async fn holds_rows(database: &mut Database, named: &[String]) -> Result<bool, Trouble> {
    let tables = if named.is_empty() { database.tables().await? } else { named.to_vec() };
    for table in tables {
        let name = table.replace('"', "\"\"").replace('.', "\".\"");
        if database.rows(&format!("SELECT 1 FROM \"{name}\" LIMIT 1"), 1).await?.count > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}
