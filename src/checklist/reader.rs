//! Reads a TOML checklist.
//!
//! The source is parsed as far as it goes and walked by hand, table by table, so that every problem is found in one go
//! and knows its place. What can only be judged when all of it is read is [`lint`](super::lint)'s part.

mod checks;
mod database;
mod disguised;
mod document;
mod environments;
mod items;
mod judged;
pub(super) mod marks;
mod panes;
mod phases;
mod proposals;
pub(super) mod report;
mod schema;
mod service;
mod signoffs;
pub(crate) mod suggest;
mod syntax;
mod table;
mod targets;
mod value;

use super::lint::{lint, lint_bytes};
use super::model::Checklist;
use super::problem::{Problem, Severity};
use super::span::Span;
use marks::Draft;
use report::Report;
use table::TableReader;
use toml::de::DeTable;

/// Reads `text`; `file` is only named in problems.
///
/// # Errors
/// Every problem found, warnings too, in the order of their places, when one of them is an error.
pub fn read(file: &str, text: &str) -> Result<Checklist, Vec<Problem>> {
    settle(lint(file, text))
}

/// Reads a file's bytes as they are.
///
/// # Errors
/// As [`read`]; bytes that are no UTF-8 are problems too.
pub fn read_bytes(file: &str, bytes: &[u8]) -> Result<Checklist, Vec<Problem>> {
    settle(lint_bytes(file, bytes))
}

fn settle((checklist, problems): (Option<Checklist>, Vec<Problem>)) -> Result<Checklist, Vec<Problem>> {
    match checklist {
        Some(checklist) if problems.iter().all(|problem| problem.severity != Severity::Error) => Ok(checklist),
        _ => Err(problems),
    }
}

/// Reads as much as can be read of the report's text and notes what cannot.
pub(super) fn draft(report: &Report<'_>) -> Draft {
    let (document, errors) = DeTable::parse_recoverable(report.text());
    for error in &errors {
        syntax::note(report, error);
    }
    disguised::check(report, document.get_ref());
    // What the whole document lacks is shown at its beginning.
    let at = Span { start: 0, end: 0 };
    document::read(TableReader::new(report, document.get_ref(), at, "a checklist"))
}
