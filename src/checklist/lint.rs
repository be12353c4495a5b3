//! Finds what is wrong with a checklist: everything, in one go, each with its place and what to do about it.

mod cycles;
mod downtime;
mod duplicates;
mod effects;
mod evidence;
mod measures;
mod origins;
mod proposals;
mod references;
mod requirements;
pub mod secrets;
mod sensed;
mod slots;
mod targets;

use super::model::Checklist;
use super::problem::{Problem, Severity};
use super::reader;
use super::reader::marks::Draft;
use super::reader::report::{Cause, Report};
use super::span::Span;

/// Reads `text` and judges it; `file` is only named in problems. The checklist is there when no problem is an error;
/// the problems are in the order of their places.
#[must_use]
pub fn lint(file: &str, text: &str) -> (Option<Checklist>, Vec<Problem>) {
    judge(Report::new(file, without_mark(text)))
}

/// As [`lint`], for a file's bytes as they are. Bytes that are no UTF-8 are problems too.
#[must_use]
pub fn lint_bytes(file: &str, bytes: &[u8]) -> (Option<Checklist>, Vec<Problem>) {
    let Err(_) = std::str::from_utf8(bytes) else { return lint(file, &String::from_utf8_lossy(bytes)) };
    // Each wrong sequence becomes one replacement character, so that all the rest is judged as well.
    let mut text = String::new();
    let mut wrong: Vec<(usize, String)> = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            let hex = chunk.invalid().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
            wrong.push((text.len(), hex));
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    let shown = without_mark(&text);
    let report = Report::new(file, shown);
    for (at, hex) in wrong {
        let start = at.saturating_sub(text.len() - shown.len());
        let at = Span { start, end: start + char::REPLACEMENT_CHARACTER.len_utf8() };
        let message = format!("the bytes {hex} are no UTF-8");
        report.error(at, message, "save the file as UTF-8");
    }
    judge(report)
}

/// Without the byte order mark that some editors write.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn judge(report: Report<'_>) -> (Option<Checklist>, Vec<Problem>) {
    for secret in secrets::find(report.text()) {
        refuse_secret(&report, secret.whole.into());
    }
    let draft = reader::draft(&report);
    check(&draft, &report);
    let problems = report.into_problems();
    let readable = problems.iter().all(|problem| problem.severity != Severity::Error);
    (readable.then_some(draft.checklist), problems)
}

/// Notes a password at `at`.
pub(super) fn refuse_secret(report: &Report<'_>, at: Span) {
    let message = "a password is written out in the checklist";
    let suggestion = "write `${VAR}` in its place and set the variable where gonogo runs; change the password";
    report.error_because(Cause::Secret, at, message, suggestion);
}

fn check(draft: &Draft, report: &Report<'_>) {
    duplicates::check(draft, report);
    references::check(draft, report);
    cycles::check(draft, report);
    slots::check(draft, report);
    requirements::check(draft, report);
    targets::check(draft, report);
    evidence::check(draft, report);
    origins::check(draft, report);
    effects::check(draft, report);
    proposals::check(draft, report);
    downtime::check(draft, report);
    sensed::check(draft, report);
}
