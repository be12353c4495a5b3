//! What is wrong with a checklist, said so that its author can mend it.

use super::span::{Lines, Place, Span};
use std::fmt;
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// One problem. Shown as `file:line:column`, the source line, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    pub file: String,
    pub place: Place,
    /// The source line, without its line end. Passwords in it are masked.
    pub source: String,
    /// How many characters the mark below the source line covers, at least one.
    pub width: usize,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do about it, in the imperative.
    pub suggestion: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The checklist cannot be flown.
    Error,
    /// It can, but its author should look.
    Warning,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

impl Problem {
    /// An error at a byte range of a text, or at its beginning where the range is not known. Of a message that goes on
    /// for lines, as parsers write them, the first is kept.
    #[must_use]
    pub fn at(file: &str, text: &str, span: Option<Range<usize>>, message: &str, suggestion: Option<String>) -> Self {
        let (lines, span) = (Lines::new(text), Span::from(span.unwrap_or_default()));
        let place = lines.place(span.start);
        Self {
            severity: Severity::Error,
            file: file.to_owned(),
            place,
            source: lines.line(place.line).to_owned(),
            width: lines.width(span),
            message: message.lines().next().unwrap_or_default().to_owned(),
            suggestion,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column } = self.place;
        let (file, word) = (harmless(&self.file), self.severity.word());
        writeln!(f, "{file}:{line}:{column}: {word}: {}", harmless(&self.message))?;
        let number = line.to_string();
        let source = harmless(&self.source);
        writeln!(f, "  {number} | {source}")?;
        // The mark is laid out in cells, so that it stands below its text after wide characters too.
        let before = (column as usize).saturating_sub(1);
        let indent = number.len() + 5 + cells(source.chars().take(before));
        let mark = cells(source.chars().skip(before).take(self.width)).max(1);
        write!(f, "{}{}", " ".repeat(indent), "^".repeat(mark))?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, "\n  {} = {}", " ".repeat(number.len()), harmless(suggestion))?;
        }
        Ok(())
    }
}

fn cells(chars: impl Iterator<Item = char>) -> usize {
    chars.map(|c| c.width().unwrap_or(0)).sum()
}

/// The text without characters that would steer a terminal or reorder what it shows.
pub fn harmless(text: &str) -> String {
    let tame = |c: char| match c {
        '\t' => ' ',
        '\n' => '␊',
        c if c.is_control() => '\u{fffd}',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    };
    text.chars().map(tame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(source: &str, column: u32, width: usize) -> Problem {
        Problem {
            severity: Severity::Warning,
            file: "a.toml".into(),
            place: Place { line: 12, column },
            source: source.into(),
            width,
            message: "something is off".into(),
            suggestion: Some("look again".into()),
        }
    }

    #[test]
    fn the_mark_stands_below_its_text() {
        let shown = problem("\tid = \"日本\" x", 12, 1).to_string();
        assert_eq!(
            shown,
            "a.toml:12:12: warning: something is off\n  12 |  id = \"日本\" x\n                    ^\n     = look again"
        );
        let cells_before_x = " id = \"日本\" ".chars().map(|c| c.width().unwrap()).sum::<usize>();
        let mark = shown.lines().nth(2).unwrap().find('^').unwrap();
        assert_eq!(mark, "  12 | ".len() + cells_before_x);
    }

    #[test]
    fn what_would_steer_a_terminal_is_not_shown() {
        let mut problem = problem("\u{1b}[2J\u{202e}x", 1, 1);
        problem.message = "`\u{7}\u{9b}` is no key".into();
        let shown = problem.to_string();
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{shown:?}");
    }
}
