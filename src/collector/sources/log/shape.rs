//! What kind of error a line of a log shows: its text without what differs each time. Pure.

use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// Letters of a shape.
const LONGEST: usize = 400;

/// Lines of one event.
const MOST_LINES: usize = 400;

/// An error by its shape, with one of its kind as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shape {
    pub text: String,
    /// It was in the log before the deployment was watched.
    pub known: bool,
    pub count: u64,
    pub first_ms: i64,
    pub last_ms: i64,
    /// With its secrets masked.
    pub sample: String,
}

/// The shape of an event: of a traceback the last line, which names the error, and where it was raised.
pub(super) fn of(event: &str) -> String {
    let mut lines = event.lines();
    let first = lines.next().unwrap_or_default();
    let rest: Vec<&str> = lines.collect();
    let last = rest.iter().rev().find(|line| !line.starts_with([' ', '\t']) && !line.is_empty());
    let raised =
        rest.iter().rev().find(|line| line.trim_start().starts_with("File \"") || line.trim_start().starts_with("at "));
    let whole: Vec<&str> = [Some(first), raised.copied(), last.copied()].into_iter().flatten().collect();
    masked(&whole.join(" | "))
}

/// A text with times, ids, numbers and quoted values masked.
fn masked(text: &str) -> String {
    static PATTERNS: OnceLock<Vec<(Regex, &'static str)>> = OnceLock::new();
    let patterns = PATTERNS.get_or_init(|| {
        let all = [
            (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?", "<time>"),
            (r"\b\d\d:\d\d:\d\d([.,]\d+)?\b", "<time>"),
            (r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>"),
            (r#""(\\.|[^"\\])*""#, "<text>"),
            (r"'(\\.|[^'\\])*'", "<text>"),
            (r"(?i)\b0x[0-9a-f]+\b", "<id>"),
            (r"(?i)\b[0-9a-f]*\d[0-9a-f]*[a-f][0-9a-f]{4,}\b|(?i)\b[0-9a-f]+[a-f]\d[0-9a-f]{4,}\b", "<id>"),
            (r"\d+(\.\d+)*", "<n>"),
        ];
        all.into_iter().filter_map(|(pattern, word)| Some((Regex::new(pattern).ok()?, word))).collect()
    });
    let mut text = text.trim().to_owned();
    for (pattern, word) in patterns {
        text = pattern.replace_all(&text, *word).into_owned();
    }
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// Puts lines together into events: a traceback is one, with the line that names the error.
#[derive(Debug, Default)]
pub(super) struct Events {
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    lines: Vec<String>,
    /// A traceback ends with the first line that is not indented.
    traceback: bool,
}

impl Events {
    /// The events that are complete, or that nothing was added to by these lines. One begins with a line that matches.
    pub(super) fn of(&mut self, lines: &[String], begins: &Regex) -> Vec<String> {
        let mut done = Vec::new();
        for line in lines {
            if let Some(open) = &mut self.open {
                let indented = line.starts_with([' ', '\t']) || line.is_empty();
                let traceback = line.starts_with("Traceback ");
                let continues = indented || traceback || line.starts_with("Caused by:") || open.traceback;
                if continues && open.lines.len() < MOST_LINES {
                    open.traceback = traceback || (open.traceback && indented);
                    open.lines.push(line.clone());
                    continue;
                }
                done.extend(self.close());
            }
            if begins.is_match(line) {
                self.open = Some(Open { lines: vec![line.clone()], traceback: line.starts_with("Traceback ") });
            }
        }
        // Its last line has come unless it is a traceback whose error is still to be named.
        if lines.is_empty() || self.open.as_ref().is_some_and(|open| !open.traceback) {
            done.extend(self.close());
        }
        done
    }

    fn close(&mut self) -> Option<String> {
        self.open.take().map(|open| open.lines.join("\n"))
    }
}
