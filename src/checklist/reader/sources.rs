//! The texts that one checklist is read from: the checklist itself, and the overlays laid over it, in order.
//!
//! They stand one behind the other in one text, so that a span shows by itself which file it is in.

use crate::checklist::span::{Lines, Place, Span};
use std::ops::Range;

#[derive(Debug)]
pub(crate) struct Sources {
    text: String,
    parts: Vec<Part>,
}

/// One file's share of the text.
#[derive(Debug)]
pub(crate) struct Part {
    pub file: String,
    pub range: Range<usize>,
    /// Lines of the whole text before this part.
    lines_before: u32,
}

/// A place people can go to, with its file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FilePlace {
    /// Which of the files, counted from 0.
    pub part: usize,
    pub file: String,
    pub place: Place,
}

impl Sources {
    /// `files` are names and texts; the first is the checklist. Byte order marks that some editors write are left out.
    #[must_use]
    pub(crate) fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut sources = Self { text: String::new(), parts: Vec::new() };
        let mut lines_before = 0;
        for (file, text) in files {
            if !sources.parts.is_empty() {
                sources.text.push('\n');
                lines_before += 1;
            }
            let start = sources.text.len();
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            sources.text.push_str(text);
            sources.parts.push(Part { file: file.to_owned(), range: start..sources.text.len(), lines_before });
            lines_before += u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
        }
        sources
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(crate) fn part_of(&self, offset: usize) -> usize {
        self.parts.partition_point(|part| part.range.start <= offset).saturating_sub(1)
    }

    /// The place of an offset in its own file.
    pub(crate) fn place(&self, lines: &Lines<'_>, at: Span) -> FilePlace {
        let whole = lines.place(at.start);
        let part = self.part_of(at.start);
        let (file, before) = self.parts.get(part).map_or(("", 0), |part| (&*part.file, part.lines_before));
        let place = Place { line: whole.line.saturating_sub(before), column: whole.column };
        FilePlace { part, file: file.to_owned(), place }
    }
}

impl std::fmt::Display for FilePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.place.line)
    }
}
