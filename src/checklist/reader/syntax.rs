//! Text that is no TOML.

use super::report::{Cause, Report};
use crate::checklist::span::Span;

/// Notes one of the parser's errors with what to do about it.
/// `before` is how much other text stands before the one that was parsed.
pub(super) fn note(report: &Report<'_>, error: &toml::de::Error, before: usize) {
    let message = error.message().trim();
    let at = error.span().unwrap_or_default();
    let at = Span { start: at.start + before, end: at.end + before };
    if message == "duplicate key" {
        // Nothing is torn by this one: the first value stands.
        let key = report.text().get(at.start..at.end).unwrap_or("it");
        report.error(at, format!("`{key}` is written twice in one table"), "remove one of the two");
        return;
    }
    let (what, hint) = match message.split_once(", expected ") {
        Some((what, "nothing")) => (what, "remove it".to_owned()),
        Some((what, expected)) => (what, format!("write {} here", expected.replace("newline", "a new line"))),
        None => (message, hint(message).to_owned()),
    };
    report.error_because(Cause::Syntax, at, format!("this is no TOML: {what}"), hint);
}

fn hint(message: &str) -> &'static str {
    if message.contains("recurs") {
        "nest less deeply"
    } else if message.contains("cannot extend") || message.contains("duplicate") {
        "give the table or the value another name"
    } else {
        "compare with https://toml.io"
    }
}
