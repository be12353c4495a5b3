//! Gathers problems while a checklist is read.

use crate::checklist::lint::secrets;
use crate::checklist::problem::{Problem, Severity};
use crate::checklist::span::{Lines, Span};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

/// The problems of one text, each made from a byte range of it.
#[derive(Debug)]
pub struct Report<'t> {
    file: &'t str,
    text: &'t str,
    lines: Lines<'t>,
    /// Byte ranges of passwords, which no problem may show.
    hidden: RefCell<Vec<Range<usize>>>,
    noted: RefCell<Vec<Noted>>,
}

#[derive(Debug)]
struct Noted {
    problem: Problem,
    cause: Cause,
}

/// Where a problem comes from: a syntax error tears things away, and what is then missed is no problem of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The text is no TOML here, and part of it may be lost.
    Syntax,
    /// A table lacks a key.
    Missing,
    /// A name that nothing has.
    Dangling,
    /// The thing is wrong in itself.
    Itself,
    /// Never left out.
    Secret,
}

impl<'t> Report<'t> {
    #[must_use]
    pub fn new(file: &'t str, text: &'t str) -> Self {
        let hidden = secrets::find(text).into_iter().map(|secret| secret.password).collect();
        Self { file, text, lines: Lines::new(text), hidden: RefCell::new(hidden), noted: RefCell::default() }
    }

    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The line, counted from 1, that a span begins on.
    #[must_use]
    pub fn line_of(&self, span: Span) -> u32 {
        self.lines.place(span.start).line
    }

    pub fn error(&self, at: Span, message: impl Into<String>, suggestion: impl Into<String>) {
        self.note(Severity::Error, Cause::Itself, at, &message.into(), &suggestion.into());
    }

    pub fn warning(&self, at: Span, message: impl Into<String>, suggestion: impl Into<String>) {
        self.note(Severity::Warning, Cause::Itself, at, &message.into(), &suggestion.into());
    }

    pub fn error_because(&self, cause: Cause, at: Span, message: impl Into<String>, suggestion: impl Into<String>) {
        self.note(Severity::Error, cause, at, &message.into(), &suggestion.into());
    }

    /// Keeps a byte range out of every source line shown.
    pub fn hide(&self, span: Span) {
        self.hidden.borrow_mut().push(span.start..span.end);
    }

    fn note(&self, severity: Severity, cause: Cause, at: Span, message: &str, suggestion: &str) {
        let problem = Problem {
            severity,
            file: self.file.to_owned(),
            place: self.lines.place(at.start),
            source: String::new(),
            width: self.lines.width(at),
            message: secrets::mask(message),
            suggestion: Some(secrets::mask(suggestion)).filter(|text| !text.is_empty()),
        };
        self.noted.borrow_mut().push(Noted { problem, cause });
    }

    /// The problems found, in the order of their places, without those that only follow from a syntax error.
    #[must_use]
    pub fn into_problems(self) -> Vec<Problem> {
        let noted = self.noted.take();
        let torn: BTreeSet<u32> =
            noted.iter().filter(|n| n.cause == Cause::Syntax).map(|n| n.problem.place.line).collect();
        let torn_table = |line: u32| {
            let next = torn.range(line..).next();
            next.is_some_and(|torn| (line + 1..=*torn).all(|between| !self.is_header(between)))
        };
        let lost_name = torn.iter().any(|line| self.is_header(*line))
            || noted.iter().any(|n| n.cause == Cause::Missing && torn_table(n.problem.place.line));
        let mut problems: Vec<Problem> = noted
            .into_iter()
            .filter(|Noted { problem, cause }| match cause {
                Cause::Syntax | Cause::Secret => true,
                Cause::Missing => !torn_table(problem.place.line),
                Cause::Dangling => !lost_name && !torn.contains(&problem.place.line),
                Cause::Itself => !torn.contains(&problem.place.line),
            })
            .map(|Noted { problem, .. }| Problem { source: self.shown(problem.place.line), ..problem })
            .collect();
        problems.sort_by(|a, b| (a.place, a.severity, &a.message).cmp(&(b.place, b.severity, &b.message)));
        problems.dedup();
        problems
    }

    fn is_header(&self, line: u32) -> bool {
        self.lines.line(line).trim_start().starts_with('[')
    }

    /// A line as it may be shown.
    fn shown(&self, line: u32) -> String {
        let range = self.lines.range(line);
        let mut shown = self.text[range.clone()].to_owned();
        let mut hidden = self.hidden.borrow().clone();
        hidden.sort_by_key(|hidden| (hidden.start, hidden.end));
        let mut end = usize::MAX;
        for secret in hidden.into_iter().rev() {
            let (from, to) = (secret.start.max(range.start), secret.end.min(range.end).min(end));
            if from < to {
                shown.replace_range(from - range.start..to - range.start, secrets::MASK);
                end = from;
            }
        }
        shown
    }
}
