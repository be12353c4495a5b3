//! Reads a TOML checklist.
//!
//! The source is parsed as far as it goes and walked by hand, table by table, so that every problem is found in one go
//! and knows its place. What can only be evaluated when all of it is read is [`lint`](super::lint)'s part.

mod auth;
pub(super) mod checks;
mod disguised;
pub(super) mod document;
mod environments;
pub(super) mod explain;
pub(super) mod facts;
mod items;
pub(super) mod marks;
mod overlay;
pub(super) mod panes;
pub(super) mod phases;
mod proposals;
pub(super) mod report;
mod signoffs;
pub(crate) mod sources;
pub(crate) mod suggest;
mod syntax;
pub(super) mod table;
mod targets;
pub(super) mod value;
pub(super) mod written;

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

/// The checklist's document with the overlays laid over it, its facts still in their places. Notes what is no TOML, and
/// what an overlay addresses and is not there.
pub(super) fn document<'t>(report: &Report<'t>) -> DeTable<'t> {
    let mut whole = DeTable::new();
    for (number, part) in report.sources().parts().iter().enumerate() {
        let (document, errors) = DeTable::parse_recoverable(&report.text()[part.range.clone()]);
        for error in &errors {
            syntax::note(report, error, part.range.start);
        }
        let document = document.into_inner();
        if number == 0 {
            whole = document;
        } else {
            overlay::lay(report, &mut whole, overlay::moved(document, part.range.start));
        }
    }
    whole
}

/// Reads as much as can be read of a document whose facts are in their places, and notes what cannot.
pub(super) fn draft<'t>(report: &'t Report<'t>, document: &'t DeTable<'t>) -> Draft {
    disguised::check(report, document);
    // What the whole document lacks is shown at its beginning.
    let at = Span { start: 0, end: 0 };
    document::read(TableReader::new(report, document, at, "a checklist"))
}
