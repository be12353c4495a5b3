//! What is wrong with a checklist, said so that its author can mend it.

use super::span::Place;
use std::fmt;

/// One problem. Shown as `file:line:column`, the source line, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    pub file: String,
    pub place: Place,
    /// The source line, without its line end.
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

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let Place { line, column } = self.place;
        writeln!(f, "{}:{line}:{column}: {word}: {}", self.file, self.message)?;
        let number = line.to_string();
        writeln!(f, "  {number} | {}", self.source.replace('\t', " "))?;
        let indent = " ".repeat(number.len() + 5 + (column as usize).saturating_sub(1));
        write!(f, "{indent}{}", "^".repeat(self.width.max(1)))?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, "\n  {} = {suggestion}", " ".repeat(number.len()))?;
        }
        Ok(())
    }
}
