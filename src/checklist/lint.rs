//! Finds what is wrong with a checklist: everything, in one go, each with its place and what to do about it.

pub(crate) mod answering;
mod cycles;
mod downtime;
mod duplicates;
mod effects;
mod evidence;
mod hollow;
mod origins;
mod proposals;
mod references;
mod requirements;
pub(crate) mod secrets;
mod sensed;
mod signed;
mod slots;
mod targets;
mod variables;
mod watches;

use super::ids::EnvironmentName;
use super::model::Checklist;
use super::problem::{Problem, Severity};
use super::reader;
pub use super::reader::explain::Explained;
use super::reader::facts::Facts;
use super::reader::marks::Draft;
use super::reader::report::{Cause, Report};
use super::reader::sources::Sources;
use super::span::Span;
use super::variant::Variant;

/// What was found of a checklist, alone or with overlays.
#[derive(Debug)]
pub struct Linted {
    /// There when no problem is an error.
    pub checklist: Option<Checklist>,
    /// In the order of their places.
    pub problems: Vec<Problem>,
    /// The checklist with its overlays, as a checklist of its own; there when the checklist is.
    pub text: Option<String>,
}

impl Linted {
    fn into_parts(self) -> (Option<Checklist>, Vec<Problem>) {
        (self.checklist, self.problems)
    }
}

/// Reads `text` and evaluates it; `file` is only named in problems. The checklist is there when no problem is an error;
/// the problems are in the order of their places.
pub fn lint(file: &str, text: &str) -> (Option<Checklist>, Vec<Problem>) {
    lint_with([(file, text)]).into_parts()
}

/// As [`lint`], with overlays laid over the checklist: names and texts, the checklist first.
pub fn lint_with<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Linted {
    evaluate(&Sources::new(files), &[], Rigour::Usual)
}

/// As [`lint_with`], and warns of each check that would pass on an empty target.
pub fn lint_strictly<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Linted {
    evaluate(&Sources::new(files), &[], Rigour::Strict)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rigour {
    Usual,
    Strict,
}

/// As [`lint`], for a file's bytes as they are. Bytes that are no UTF-8 are problems too.
pub fn lint_bytes(file: &str, bytes: &[u8]) -> (Option<Checklist>, Vec<Problem>) {
    let Err(_) = std::str::from_utf8(bytes) else { return lint(file, &String::from_utf8_lossy(bytes)) };
    // Each wrong sequence becomes one replacement character, so that all the rest is evaluated as well.
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
    let sources = Sources::new([(file, text.as_str())]);
    let mark = text.len() - sources.text().len();
    let wrong: Vec<(Span, String)> = wrong
        .into_iter()
        .map(|(at, hex)| {
            let start = at.saturating_sub(mark);
            (Span { start, end: start + char::REPLACEMENT_CHARACTER.len_utf8() }, hex)
        })
        .collect();
    evaluate(&sources, &wrong, Rigour::Usual).into_parts()
}

/// Where each value of an item comes from, one line a value. None when there is no such item; what is wrong with the
/// checklist stands beside it.
pub fn explain<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>, item: &str) -> Option<Vec<Explained>> {
    let sources = Sources::new(files);
    let report = Report::new(&sources);
    let document = reader::document(&report);
    reader::explain::explain(&report, &document, item)
}

fn evaluate(sources: &Sources, wrong: &[(Span, String)], rigour: Rigour) -> Linted {
    let report = Report::new(sources);
    for (at, hex) in wrong {
        report.error(*at, format!("the bytes {hex} are no UTF-8"), "save the file as UTF-8");
    }
    for secret in secrets::find(report.text()) {
        refuse_secret(&report, secret.whole.into());
    }
    let document = reader::document(&report);
    let facts = Facts::read(&report, &document);
    let mut expanded = document.clone();
    facts.expand(&report, &mut expanded, None);
    facts.note_unused(&report);
    let draft = reader::draft(&report, &expanded);
    check(&draft, &report);
    if rigour == Rigour::Strict {
        hollow::check(&draft, &report);
    }
    let mut problems = report.into_problems();
    let mut checklist = draft.checklist;
    let readable = |problems: &[Problem]| problems.iter().all(|problem| problem.severity != Severity::Error);
    if readable(&problems) {
        for name in facts.environments() {
            let report = Report::new(sources);
            let mut expanded = document.clone();
            facts.expand(&report, &mut expanded, Some(name));
            let draft = reader::draft(&report, &expanded);
            check(&draft, &report);
            let only_here = report.into_problems().into_iter().filter(|problem| !problems.contains(problem));
            let only_here: Vec<Problem> = only_here
                .map(|problem| Problem { message: format!("with the facts of {name}: {}", problem.message), ..problem })
                .collect();
            problems.extend(only_here);
            let name = EnvironmentName::new(name);
            if let Some(slot) = checklist.environments.get(&name).map(|environment| environment.slot.clone()) {
                let variant = Variant::between(&checklist, draft.checklist, &slot);
                checklist.variants.insert(name, variant);
            }
        }
    }
    let readable = readable(&problems);
    let text = (readable && sources.parts().len() > 1).then(|| reader::written::write(&document));
    Linted { checklist: readable.then_some(checklist), problems, text }
}

/// The keys and tables that checklists and overlays begin with.
const BEGINNINGS: [&str; 22] = [
    "add",
    "allowed_signers",
    "change",
    "environments",
    "facts",
    "format",
    "id",
    "item",
    "journal",
    "overlay",
    "pane",
    "phase",
    "remove",
    "secrets",
    "set",
    "signoff",
    "slot",
    "source",
    "summary",
    "title",
    "waive",
    "window",
];

/// Whether a text is meant as a checklist or an overlay at all. Of one that is not, a private key say, no problem may quote a
/// line.
pub(crate) fn is_meant_as_checklist(text: &str) -> bool {
    let first = |line: &str| {
        let line = line.trim_start_matches(['[', ' ', '\t', '"', '\'', '\u{feff}']);
        line.split(['=', '.', ']', ' ', '\t', '"', '\'']).next().unwrap_or_default().to_owned()
    };
    let foreign = text.contains('\0') || text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----");
    text.trim().is_empty() || !foreign && text.lines().any(|line| BEGINNINGS.contains(&first(line).as_str()))
}

/// Notes a password at `at`.
pub(super) fn refuse_secret(report: &Report<'_>, at: Span) {
    let message = "a password is written out in the checklist";
    let suggestion = "write `${VAR}` in its place and set the variable where gonogo runs; change the password";
    report.error_because(Cause::Secret, at, message, suggestion);
}

fn check(draft: &Draft, report: &Report<'_>) {
    answering::check(draft, report);
    duplicates::check(draft, report);
    references::check(draft, report);
    cycles::check(draft, report);
    slots::check(draft, report);
    requirements::check(draft, report);
    targets::check(draft, report);
    variables::check(draft, report);
    evidence::check(draft, report);
    origins::check(draft, report);
    effects::check(draft, report);
    proposals::check(draft, report);
    downtime::check(draft, report);
    sensed::check(draft, report);
    signed::check(draft, report);
    watches::check(draft, report);
}
