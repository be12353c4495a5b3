//! Gathers problems while a checklist is read.

use super::sources::{FilePlace, Sources};
use crate::checklist::lint::secrets;
use crate::checklist::problem::{Problem, Severity};
use crate::checklist::span::{Lines, Span};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The problems of the texts a checklist is read from, each made from a byte range of them.
#[derive(Debug)]
pub(crate) struct Report<'t> {
    sources: &'t Sources,
    lines: Lines<'t>,
    /// Values that came from facts, by where they begin.
    facts: RefCell<BTreeMap<usize, FactUse>>,
    /// Byte ranges of passwords, which no problem may show.
    hidden: RefCell<Vec<Range<usize>>>,
    noted: RefCell<Vec<Noted>>,
}

/// A value that holds facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FactUse {
    /// Each by its name and where its value stands.
    pub facts: Vec<(String, Span)>,
    /// Whether the value is a fact and nothing else.
    pub whole: bool,
}

#[derive(Debug)]
struct Noted {
    problem: Problem,
    cause: Cause,
    /// Which file it is in, and the line there counted through all of them.
    part: usize,
    line: u32,
}

/// Where a problem comes from: a syntax error tears things away, and what is then missed is no problem of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
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
    pub(crate) fn new(sources: &'t Sources) -> Self {
        let hidden = secrets::find(sources.text()).into_iter().map(|secret| secret.password).collect();
        Self {
            sources,
            lines: Lines::new(sources.text()),
            facts: RefCell::default(),
            hidden: RefCell::new(hidden),
            noted: RefCell::default(),
        }
    }

    pub(crate) fn sources(&self) -> &'t Sources {
        self.sources
    }

    pub(crate) fn text(&self) -> &'t str {
        self.sources.text()
    }

    /// The line of its file, counted from 1, that a span begins on.
    pub(crate) fn line_of(&self, span: Span) -> u32 {
        self.place_of(span).place.line
    }

    pub(crate) fn place_of(&self, span: Span) -> FilePlace {
        self.sources.place(&self.lines, span)
    }

    /// Keeps that the value at `at` came from facts.
    pub(crate) fn comes_from(&self, at: Span, from: FactUse) {
        self.facts.borrow_mut().insert(at.start, from);
    }

    /// The facts in the value at `at`.
    pub(crate) fn facts_at(&self, at: Span) -> Option<FactUse> {
        self.facts.borrow().get(&at.start).cloned()
    }

    pub(crate) fn error(&self, at: Span, message: impl Into<String>, suggestion: impl Into<String>) {
        self.note(Severity::Error, Cause::Itself, at, &message.into(), &suggestion.into());
    }

    pub(crate) fn warning(&self, at: Span, message: impl Into<String>, suggestion: impl Into<String>) {
        self.note(Severity::Warning, Cause::Itself, at, &message.into(), &suggestion.into());
    }

    pub(crate) fn error_because(
        &self,
        cause: Cause,
        at: Span,
        message: impl Into<String>,
        suggestion: impl Into<String>,
    ) {
        self.note(Severity::Error, cause, at, &message.into(), &suggestion.into());
    }

    /// Keeps a byte range out of every source line shown.
    pub(crate) fn hide(&self, span: Span) {
        self.hidden.borrow_mut().push(span.start..span.end);
    }

    fn note(&self, severity: Severity, cause: Cause, at: Span, message: &str, suggestion: &str) {
        let (at, message) = self.blame(at, message);
        let FilePlace { part, file, place } = self.place_of(at);
        let problem = Problem {
            severity,
            file,
            place,
            source: String::new(),
            width: self.lines.width(at),
            message: secrets::mask(&message),
            suggestion: Some(secrets::mask(suggestion)).filter(|text| !text.is_empty()),
        };
        let line = self.lines.place(at.start).line;
        self.noted.borrow_mut().push(Noted { problem, cause, part, line });
    }

    /// Where a problem of a value is shown: a fact that another file set is shown there.
    fn blame(&self, at: Span, message: &str) -> (Span, String) {
        let Some(FactUse { facts, .. }) = self.facts_at(at) else { return (at, message.to_owned()) };
        let used = self.place_of(at);
        let elsewhere = facts.iter().rev().find(|(_, set)| self.place_of(*set).part != used.part);
        match (elsewhere, facts.as_slice()) {
            (Some((name, set)), _) => (*set, format!("{message}; the fact `{name}` is used at {used}")),
            (None, [(name, set), ..]) => {
                (at, format!("{message}; the value of the fact `{name}` is on line {}", self.line_of(*set)))
            }
            (None, []) => (at, message.to_owned()),
        }
    }

    /// The problems found, in the order of their places, without those that only follow from a syntax error.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        let noted = self.noted.take();
        let torn: BTreeSet<u32> = noted.iter().filter(|n| n.cause == Cause::Syntax).map(|n| n.line).collect();
        let torn_table = |line: u32| {
            let next = torn.range(line..).next();
            next.is_some_and(|torn| (line + 1..=*torn).all(|between| !self.is_header(between)))
        };
        let lost_name = torn.iter().any(|line| self.is_header(*line))
            || noted.iter().any(|n| n.cause == Cause::Missing && torn_table(n.line));
        let mut problems: Vec<(usize, Problem)> = noted
            .into_iter()
            .filter(|Noted { cause, line, .. }| match cause {
                Cause::Syntax | Cause::Secret => true,
                Cause::Missing => !torn_table(*line),
                Cause::Dangling => !lost_name && !torn.contains(line),
                Cause::Itself => !torn.contains(line),
            })
            .map(|noted| (noted.part, Problem { source: self.shown(noted.line), ..noted.problem }))
            .collect();
        problems.sort_by(|(part_a, a), (part_b, b)| {
            (part_a, a.place, a.severity, &a.message).cmp(&(part_b, b.place, b.severity, &b.message))
        });
        problems.dedup();
        problems.into_iter().map(|(_, problem)| problem).collect()
    }

    fn is_header(&self, line: u32) -> bool {
        self.lines.line(line).trim_start().starts_with('[')
    }

    /// A line as it may be shown.
    fn shown(&self, line: u32) -> String {
        let range = self.lines.range(line);
        let mut shown = self.text()[range.clone()].to_owned();
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
