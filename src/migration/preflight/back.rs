//! The rollback: what the chain's downgrades do, and from where on there is none.

use super::act::{Act, RelationKind};
use super::evaluate::at_statement;
use super::finding::{Finding, Severity};
use super::statement::{Statement, is_bookkeeping};
use std::collections::BTreeSet;

/// How a revision's downgrade could be had.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Downgrade {
    Statements(Vec<Statement>),
    /// It could not be printed, in the migrator's words.
    Failed(String),
}

/// One revision on its way up and back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub revision: String,
    pub downgrade: Downgrade,
}

/// What the chain makes, so that taking it away again loses nothing that was there before.
#[derive(Debug, Default)]
struct Made {
    tables: BTreeSet<String>,
    columns: BTreeSet<(String, String)>,
}

impl Made {
    fn by(statements: &[Statement]) -> Self {
        let mut made = Self::default();
        for act in statements.iter().flat_map(Statement::acts) {
            match act {
                Act::CreateTable(table) => {
                    made.tables.insert(table.name.name.clone());
                }
                Act::AddColumn { table, column, .. } => {
                    made.columns.insert((table.name.clone(), column.name.clone()));
                }
                Act::RenameTable { to, .. } => {
                    made.tables.insert(to.clone());
                }
                _ => {}
            }
        }
        made
    }
}

/// Evaluates the rollback of each step.
pub(crate) fn evaluate(up: &[Statement], steps: &[Step]) -> Vec<Finding> {
    let made = Made::by(up);
    steps.iter().flat_map(|step| rollback(step, up, &made)).collect()
}

fn rollback(step: &Step, up: &[Statement], made: &Made) -> Vec<Finding> {
    let of_step =
        |severity, what: String| Finding { revision: Some(step.revision.clone()), ..Finding::new(severity, what) };
    let statements = match &step.downgrade {
        Downgrade::Statements(statements) => statements,
        Downgrade::Failed(why) if why.contains("NotImplementedError") || why.contains("irreversible") => {
            let finding = of_step(Severity::Irreversible, format!("its downgrade refuses: {why}"));
            return vec![Finding {
                safer: Some("write a downgrade, or keep a verified backup at hand".to_owned()),
                ..finding
            }];
        }
        Downgrade::Failed(why) => {
            return vec![of_step(Severity::Inconclusive, format!("its downgrade cannot be printed: {why}"))];
        }
    };
    let changes = |statements: &[Statement], revision: &str| {
        statements.iter().any(|statement| {
            statement.revision.as_deref().is_none_or(|own| own == revision)
                && !is_bookkeeping(&statement.text)
                && !statement.acts().iter().all(|act| {
                    matches!(act, Act::Begin | Act::Commit | Act::Set { .. } | Act::Harmless { .. } | Act::Query { .. })
                })
        })
    };
    let goes_up = up.iter().any(|statement| {
        statement.revision.as_deref() == Some(&step.revision)
            && !is_bookkeeping(&statement.text)
            && statement.acts().iter().any(|act| !matches!(act, Act::Begin | Act::Commit | Act::Set { .. }))
    });
    if goes_up && !changes(statements, &step.revision) {
        let what = "its downgrade does nothing: the version goes back and the schema stays".to_owned();
        let finding = of_step(Severity::Irreversible, what);
        return vec![Finding {
            safer: Some("write a downgrade, or keep a verified backup at hand".to_owned()),
            ..finding
        }];
    }
    let mut findings = Vec::new();
    let mut taken_back = Vec::new();
    for statement in statements.iter().filter(|statement| !is_bookkeeping(&statement.text)) {
        for act in statement.acts() {
            match loss(act, made) {
                Some(Loss::Old(what)) => {
                    let what = format!("going back loses what was there before: {what}");
                    findings
                        .push(Finding { line: None, ..at_statement(statement, Severity::Irreversible, None, what) });
                }
                Some(Loss::Since(what)) => taken_back.push(what),
                None => {}
            }
        }
        if let super::statement::Reading::Unread(why) = &statement.reading {
            let what = format!("a statement of its downgrade was not understood: {why}");
            findings.push(Finding { line: None, ..at_statement(statement, Severity::Inconclusive, None, what) });
        }
    }
    if !taken_back.is_empty() {
        let what = format!("going back takes {} away, with what was written there since", taken_back.join(", "));
        findings.push(of_step(Severity::Note, what));
    }
    findings
}

enum Loss {
    /// Of something older than the chain.
    Old(String),
    /// Of what the chain brought.
    Since(String),
}

fn loss(act: &Act, made: &Made) -> Option<Loss> {
    match act {
        Act::DropRelation { name, kind: RelationKind::Table, .. } => {
            let ours = made.tables.contains(&name.name);
            Some(if ours { Loss::Since(name.to_string()) } else { Loss::Old(format!("drops {name}")) })
        }
        Act::DropColumn { table, column, .. } => {
            let ours =
                made.tables.contains(&table.name) || made.columns.contains(&(table.name.clone(), column.clone()));
            let shown = format!("{table}.{column}");
            Some(if ours { Loss::Since(shown) } else { Loss::Old(format!("drops {shown}")) })
        }
        Act::Truncate { tables, .. } => {
            let old: Vec<String> =
                tables.iter().filter(|table| !made.tables.contains(&table.name)).map(ToString::to_string).collect();
            (!old.is_empty()).then(|| Loss::Old(format!("empties {}", old.join(", "))))
        }
        Act::Delete { table, condition, .. } if !made.tables.contains(&table.name) => {
            let which = if condition.is_some() { "some" } else { "all" };
            Some(Loss::Old(format!("deletes {which} rows of {table}")))
        }
        _ => None,
    }
}
