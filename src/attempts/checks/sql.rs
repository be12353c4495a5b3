//! A query whose answer is compared with an expectation.

use super::account::{Account, Trouble};
use super::{place, unless_stopped};
use crate::attempts::{Assignment, Console};
use crate::checklist::check::{Expectation, Query, SINCE, Sql};
use crate::database::{Database, DatabaseError, Dialect, Interrupt, Purpose, Rows, Value, tokens};
use crate::deployment::attempt::Outcome;
use crate::deployment::measurement::{Number, Verdict};
use chrono::{DateTime, Utc};

/// How many rows are shown when there should be none.
const SAMPLES: usize = 3;

/// Runs the query on the environment's database, read-only; a statement that must be refused runs in a transaction that
/// is rolled back.
pub async fn carry_out(assignment: &Assignment, sql: &Sql, console: &dyn Console) -> Outcome {
    let mut account = Account::open();
    let interrupt = Interrupt::new();
    let work = look(assignment, sql, console, &interrupt, &mut account);
    let worked = unless_stopped(assignment, &interrupt, work).await;
    account.conclude(&assignment.item.targets, worked)
}

async fn look(
    assignment: &Assignment,
    sql: &Sql,
    console: &dyn Console,
    interrupt: &Interrupt,
    account: &mut Account,
) -> Result<(), Trouble> {
    let refused = sql.expect == Some(Expectation::Refused);
    let purpose = if refused { Purpose::Change } else { Purpose::Read };
    let mut database = place::connect(assignment, purpose, interrupt).await?;
    place::warn_of_superuser(&mut database, console).await;
    let text = text(assignment, sql, &sql.query, database.dialect())?;
    text.lines().for_each(|line| console.line(line));
    if refused {
        try_refused(&mut database, &text, account, console).await?;
    } else {
        ask(&mut database, assignment, sql, &text, account, console).await?;
    }
    database.close().await;
    Ok(())
}

/// The query in this dialect, with the time in place that it asks since.
fn text(assignment: &Assignment, sql: &Sql, query: &Query, dialect: Dialect) -> Result<String, Trouble> {
    let text = match (query, dialect) {
        (Query::Any(text), _) => Some(text),
        (Query::Each { sqlite, .. }, Dialect::Sqlite) => sqlite.as_ref(),
        (Query::Each { postgres, .. }, Dialect::Postgres) => postgres.as_ref(),
    };
    let lacking = || Trouble::NotStarted(format!("the check has no query for {}", dialect.word()));
    let text = text.ok_or_else(lacking)?;
    // `::since` is a type's name, and `:since_then` another parameter's.
    let mut parts = text.split(SINCE).peekable();
    let mut whole = String::with_capacity(text.len());
    while let Some(part) = parts.next() {
        whole.push_str(part);
        let Some(next) = parts.peek() else { break };
        let other = part.ends_with(':') || next.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        whole.push_str(&if other { SINCE.to_owned() } else { moment(since(assignment, sql)?, dialect) });
    }
    Ok(whole)
}

/// When the named item began here, else the deployment.
fn since(assignment: &Assignment, sql: &Sql) -> Result<DateTime<Utc>, Trouble> {
    if let Some(item) = &sql.since {
        return place::began(assignment, item);
    }
    let opened = assignment.state.opened.as_ref().map(|(stamp, _)| stamp.at);
    opened.ok_or_else(|| Trouble::NotStarted("the deployment has not been opened".to_owned()))
}

/// A moment as the dialect writes it: for SQLite as `datetime` does, in UTC and whole seconds.
fn moment(at: DateTime<Utc>, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => format!("'{}'", at.format("%Y-%m-%d %H:%M:%S")),
        Dialect::Postgres => format!("TIMESTAMPTZ '{}+00'", at.format("%Y-%m-%d %H:%M:%S%.6f")),
    }
}

async fn ask(
    database: &mut Database,
    assignment: &Assignment,
    sql: &Sql,
    text: &str,
    account: &mut Account,
    console: &dyn Console,
) -> Result<(), Trouble> {
    let targets = &assignment.item.targets;
    tokens::one_query(text).map_err(|why| Trouble::NotStarted(format!("{why}; a check reads and never changes")))?;
    if let Some(among) = &sql.among {
        let among = self::text(assignment, sql, among, database.dialect())?;
        tokens::one_query(&among)
            .map_err(|why| Trouble::NotStarted(format!("{why}; a check reads and never changes")))?;
        let found = database.rows(&among, 1).await?;
        let number = found.rows.first().and_then(|row| row.first()).and_then(Value::number);
        let Some(number) = number.filter(|number| *number > 0.0) else {
            return Err(Trouble::Open(
                "there is no row to look among, so that the answer would say nothing".to_owned(),
            ));
        };
        console.line(&format!("among {} rows", Number(number)));
    }
    let found = database.rows(text, SAMPLES).await?;
    show(&found, console);
    let value = found.rows.first().and_then(|row| row.first());
    let number = match sql.expect {
        // The less there is the better, so the number of rows is what is worth keeping.
        Some(Expectation::Empty) => Some(found.count as f64),
        _ => value.and_then(Value::number),
    };
    if let Some(number) = number {
        account.measure(&sql.measure, number, &sql.unit);
    }
    let one =
        matches!(sql.expect, Some(Expectation::Equals(_)) | None) && (sql.expect.is_some() || !targets.is_empty());
    if one && found.count > 1 {
        let why = format!("the query gave {}, and one value was expected", counted(found.count));
        account.find(Verdict::Inconclusive, why);
        return Ok(());
    }
    match &sql.expect {
        Some(Expectation::Equals(expected)) => match value.map(ToString::to_string) {
            Some(value) if value == *expected => account.find(Verdict::Pass, format!("{value}, as expected")),
            Some(value) => account.find(Verdict::Fail, format!("{value}, expected {expected}")),
            None => account.find(Verdict::Fail, format!("no row, expected {expected}")),
        },
        Some(Expectation::Empty) if found.count == 0 => account.find(Verdict::Pass, "no row, as expected"),
        Some(Expectation::Empty) => {
            let samples: Vec<_> = (0..found.rows.len()).map(|index| format!("({})", found.sample(index))).collect();
            let samples = samples.join(" ");
            account.find(Verdict::Fail, format!("{}, expected none: {samples}", counted(found.count)));
        }
        Some(Expectation::Rows) if found.count > 0 => account.find(Verdict::Pass, counted(found.count)),
        Some(Expectation::Rows) => account.find(Verdict::Fail, "no row, expected at least one"),
        Some(Expectation::Refused) | None => match (value, number) {
            (None, _) => account.find(Verdict::Inconclusive, "the query gave no row"),
            (Some(Value::Null), _) => account.find(Verdict::Inconclusive, "the query gave null"),
            (Some(value), None) => account.find(Verdict::Pass, value.to_string()),
            // The item's targets evaluate the number; without any it is kept for others to be held against.
            (Some(_), Some(number)) if targets.is_empty() => {
                account.find(Verdict::Pass, format!("{} {}", Number(number), sql.unit));
            }
            _ => {}
        },
    }
    Ok(())
}

/// The constraint itself must be what refuses: a missing table refuses every statement.
async fn try_refused(
    database: &mut Database,
    text: &str,
    account: &mut Account,
    console: &dyn Console,
) -> Result<(), Trouble> {
    tokens::one_change(text).map_err(|why| Trouble::NotStarted(why.to_string()))?;
    match database.try_and_undo(text).await {
        Ok(0) => {
            account.find(Verdict::Inconclusive, "the statement changed no row, so no constraint was put to the test");
        }
        Ok(rows) => {
            console.line(&format!("accepted, {} changed; rolled back", counted(rows)));
            account.find(Verdict::Fail, "the database accepted what it should refuse; rolled back");
        }
        Err(DatabaseError::Constraint(why)) => {
            console.line(&format!("refused: {why}"));
            account.find(Verdict::Pass, format!("refused: {why}"));
        }
        Err(DatabaseError::Statement(why) | DatabaseError::Values(why)) => {
            console.line(&why);
            account.find(Verdict::Fail, format!("no constraint refused it, the statement itself failed: {why}"));
        }
        Err(other) => return Err(other.into()),
    }
    Ok(())
}

fn show(found: &Rows, console: &dyn Console) {
    for index in 0..found.rows.len() {
        console.line(&format!("  {}", found.sample(index)));
    }
    console.line(&counted(found.count));
}

fn counted(rows: u64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}
