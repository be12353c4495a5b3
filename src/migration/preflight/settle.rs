//! From a evaluation and the answers to its questions to findings.

use super::catalog::Catalog;
use super::estimate::Speed;
use super::evaluate::{Evaluation, WorkKind, at_statement};
use super::finding::{Finding, Severity};
use super::holds::{self, Hold, Sizes};
use super::moment;
use super::question::{Answer, Broken, Claim, Purpose, Question, Reply};
use super::statement::Statement;
use super::words::{rows, seconds};
use super::world::Key;

/// What a preflight comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Completion {
    /// Worst first, then by line.
    pub findings: Vec<Finding>,
    pub holds: Vec<Hold>,
    /// What the estimates rest on.
    pub speed: Speed,
}

/// Settles what was asked. `answers` are in the order of the evaluation's questions; missing ones count as not asked.
pub(crate) fn settle(
    statements: &[Statement],
    evaluation: &Evaluation,
    catalog: &Catalog,
    answers: &[Answer],
) -> Completion {
    let mut findings = evaluation.findings.clone();
    let mut sizes = Sizes::of(catalog);
    let mut speed = None;
    for (question, answer) in evaluation.questions.iter().zip(answers) {
        match &question.purpose {
            Purpose::Breaks(claim) => findings.extend(broken(statements, claim, question, answer)),
            Purpose::Size { table } => size(&mut sizes, table, answer),
            Purpose::Matches { statement } => {
                if let Some(number) = answer.reply.first() {
                    sizes.changes(*statement, number);
                }
            }
            Purpose::Rate { table } => {
                speed = answer.reply.first().and_then(|number| Speed::measured(&table.1, number, answer.took));
            }
        }
    }
    let speed = speed.unwrap_or_else(Speed::assumed);
    let (locks, holds) = holds::locks(statements, evaluation, &sizes, &speed);
    findings.extend(locks);
    let rewrites = evaluation.works.iter().filter(|work| work.kind == WorkKind::Rewrite);
    let largest =
        rewrites.map(|work| (work.table.1.as_str(), sizes.bytes(&work.table))).max_by_key(|(_, bytes)| *bytes);
    let tables: Vec<Key> = evaluation.tables.iter().cloned().collect();
    findings.extend(moment::hazards(catalog, &tables, largest.filter(|(_, bytes)| *bytes > 0)));
    sort(&mut findings);
    Completion { findings, holds, speed }
}

/// Worst first, then in the order of the chain.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (finding.severity, finding.line.unwrap_or(usize::MAX)));
}

fn size(sizes: &mut Sizes, table: &Key, answer: &Answer) {
    if let Reply::Row(values) = &answer.reply {
        let value = |at: usize| values.get(at).copied().flatten();
        sizes.set(table, value(0), value(1));
    }
}

fn broken(statements: &[Statement], claim: &Claim, question: &Question, answer: &Answer) -> Option<Finding> {
    let statement = statements.get(claim.statement)?;
    let table = claim.table.as_str();
    let finding = |severity, what| Finding {
        basis: Some(question.sql.clone()),
        ..at_statement(statement, severity, Some(table), what)
    };
    // A loss that could not be counted is one all the same.
    let incomplete = if matches!(claim.broken, Broken::Lost { .. }) { claim.severity } else { Severity::Inconclusive };
    let open = |why: String| finding(incomplete, format!("{}: {why}", subject(claim)));
    let count = match &answer.reply {
        // The server does not know yet what the chain will have made by then.
        Reply::Values(_) | Reply::Broken(_) if claim.unseen.is_some() => {
            return claim.unseen.clone().map(open);
        }
        Reply::Row(values) => values.first().copied().flatten().unwrap_or(0),
        Reply::Values(message) => {
            let what = match &claim.broken {
                Broken::Cast { column, to } => format!("{column} cannot become {to}: {message}"),
                _ => format!("{}: the rows refuse it: {message}", subject(claim)),
            };
            let mut found = finding(claim.severity, with_reason(what, claim.because.as_ref()));
            found.rows = answer.counted.filter(|number| *number > 0);
            found.safer = Some(safer(&claim.broken, table));
            return Some(found);
        }
        Reply::TimedOut(limit) => {
            return Some(open(format!("not answered within {}", seconds(limit.as_secs_f64()))));
        }
        Reply::Locked => {
            return Some(open(format!(
                "somebody holds a lock on {table} or on what it refers to; nothing waits for it"
            )));
        }
        Reply::Broken(why) => return Some(open(format!("could not be asked: {why}"))),
    };
    if matches!(claim.broken, Broken::Cast { .. } | Broken::Computed { .. }) || count <= 0 {
        return claim.unseen.clone().map(open);
    }
    // What is found beside what was not looked at settles nothing either.
    let (severity, because) = match &claim.unseen {
        Some(why) => (incomplete, Some(why)),
        None => (claim.severity, claim.because.as_ref()),
    };
    let mut found = finding(severity, with_reason(sentence(&claim.broken, table, count), because));
    found.rows = Some(count);
    found.safer = Some(safer(&claim.broken, table));
    Some(found)
}

fn with_reason(what: String, because: Option<&String>) -> String {
    match because {
        Some(because) => format!("{what}; not certain: {because}"),
        None => what,
    }
}

/// What a claim is about, for when it cannot be complete.
fn subject(claim: &Claim) -> String {
    let table = &claim.table;
    match &claim.broken {
        Broken::Nulls { column } => format!("whether {table}.{column} holds NULLs"),
        Broken::RowsWithoutValue { .. } => format!("whether {table} has rows"),
        Broken::Repeats { columns, .. } => format!("whether ({columns}) repeats in {table}"),
        Broken::Check { name, .. } => format!("whether rows of {table} break {name}"),
        Broken::Orphans { columns, references } => format!("whether ({columns}) of {table} is always in {references}"),
        Broken::Cast { column, to } => format!("whether {table}.{column} can become {to}"),
        Broken::Computed { what } => format!("whether {what} can be computed"),
        Broken::TooLong { column, limit } => format!("whether {table}.{column} is ever longer than {limit}"),
        Broken::Lost { what } => what.clone(),
    }
}

fn sentence(broken: &Broken, table: &str, count: i64) -> String {
    let number = rows(count);
    let hold = if count == 1 { "holds" } else { "hold" };
    match broken {
        Broken::Nulls { column } => format!("{number} of {table} {hold} NULL in {column}"),
        Broken::RowsWithoutValue { column } => {
            format!("{table} has {number}, and {column} comes NOT NULL without a default: they would hold NULL")
        }
        Broken::Repeats { columns, by } => {
            format!("{number} of {table} share ({columns}) with another, and {by} is unique")
        }
        Broken::Check { name, text } => {
            format!("{number} of {table} {} {name}: {text}", if count == 1 { "breaks" } else { "break" })
        }
        Broken::Orphans { columns, references } => {
            format!(
                "{number} of {table} {} in ({columns}) to what is not in {references}",
                if count == 1 { "points" } else { "point" }
            )
        }
        Broken::Cast { column, to } => format!("{number} of {table} cannot become {to} in {column}"),
        Broken::Computed { what } => format!("{what} cannot be computed for {number} of {table}"),
        Broken::TooLong { column, limit } => {
            format!("{number} of {table} {hold} more than {limit} characters in {column}")
        }
        Broken::Lost { what } => format!("{what}: {number}"),
    }
}

fn safer(broken: &Broken, table: &str) -> String {
    match broken {
        Broken::Nulls { column } => {
            format!("fill {table}.{column} first, or decide what rows without it mean; then SET NOT NULL")
        }
        Broken::RowsWithoutValue { column } => {
            format!("add {column} with a default, or without NOT NULL, fill it, then SET NOT NULL")
        }
        Broken::Repeats { columns, .. } => format!(
            "settle the repeats first: SELECT {columns}, count(*) FROM {table} GROUP BY {columns} HAVING count(*) > 1"
        ),
        Broken::Check { .. } => {
            "mend the rows first, or ADD CONSTRAINT … NOT VALID, mend, then VALIDATE CONSTRAINT".to_owned()
        }
        Broken::Orphans { .. } => {
            "mend or delete the orphans first, or ADD CONSTRAINT … NOT VALID, mend, then VALIDATE CONSTRAINT".to_owned()
        }
        Broken::Cast { column, .. } => {
            format!(
                "mend the values first, or add a column of the new type and fill it from {column} as far as it goes"
            )
        }
        Broken::Lost { .. } => "a verified backup is the only rollback; or keep the old data beside the new until the \
                                release stands"
            .to_owned(),
        Broken::Computed { what } => format!("mend what {what} is computed from"),
        Broken::TooLong { column, .. } => format!("shorten {column} first, or say in USING how it is cut off"),
    }
}
