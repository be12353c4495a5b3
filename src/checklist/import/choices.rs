//! Lines that ask for one of several answers: `Decision: ☐ GO ☐ NO-GO`.

use super::{blanks, boxes};
use std::ops::Range;

/// The most characters of an answer; a longer one is a task.
const LONGEST: usize = 40;
/// The most answers of one line.
const MOST: usize = 16;

#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// Empty when the line says nothing.
    pub label: String,
    pub options: Vec<String>,
    /// The first box on the line, in bytes.
    pub range: Range<usize>,
}

/// The choice that a line asks for: two boxes or more, or one behind a label with a colon.
#[must_use]
pub fn find(line: &str) -> Option<Choice> {
    let first = boxes::anywhere(line)?;
    let range = first.start..first.end;
    let lead = &line[..first.start];
    let label = blanks::title(lead.trim_start_matches([' ', '\t', '>', '-', '*', '+', '•']));
    let mut options = Vec::new();
    let mut rest = &line[first.end..];
    while let Some(next) = boxes::anywhere(rest) {
        options.push(tidy(&rest[..next.start]));
        rest = &rest[next.end..];
        if options.len() > MOST {
            return None;
        }
    }
    options.push(tidy(rest));
    let colon = lead.trim_end_matches([' ', '*', '_']).ends_with([':', '：']);
    let short = options.iter().all(|option| !option.is_empty() && option.chars().count() <= LONGEST);
    (short && (options.len() > 1 || (colon && !label.is_empty()))).then_some(Choice { label, options, range })
}

fn tidy(text: &str) -> String {
    let text = blanks::title(text);
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | ';' | '|' | '*')).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_tasks() {
        let read = |line: &str| find(line).map(|choice| (choice.label, choice.options));
        let choice = |label: &str, options: &[&str]| {
            Some((label.to_owned(), options.iter().map(|option| (*option).to_owned()).collect::<Vec<_>>()))
        };
        assert_eq!(read("**Verdict:** ☐ GO ☐ NO-GO"), choice("Verdict", &["GO", "NO-GO"]));
        assert_eq!(read("Kind: [ ] major / [x] minor"), choice("Kind", &["major", "minor"]));
        assert_eq!(read("☐ yes ☐ no"), choice("", &["yes", "no"]));
        assert_eq!(read("- Told: ☐ YES"), choice("Told", &["YES"]));
        for line in ["☐ Take the backup", "Use `[ ]` here", "no box", "one ☐ in a sentence"] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
