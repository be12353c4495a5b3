//! Places in a source text.

use std::ops::Range;

/// A byte range of a source text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// A place people can go to: line and column count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

/// A text and where its lines begin, to turn byte offsets into places. Offsets beyond the text stand for its end.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    #[must_use]
    pub(crate) fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// The place of the character that the byte at `offset` belongs to.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let offset = self.text.floor_char_boundary(offset);
        let index = self.index(offset);
        let column = self.text[self.starts[index]..offset].chars().count() + 1;
        Place { line: number(index + 1), column: number(column) }
    }

    /// The byte range of a line, counted from 1, without its line end.
    pub(crate) fn range(&self, line: u32) -> Range<usize> {
        let index = (line as usize).saturating_sub(1).min(self.starts.len() - 1);
        let start = self.starts[index];
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let line = self.text[start..end].trim_end_matches('\r');
        start..start + line.len()
    }

    /// A line, counted from 1, without its line end.
    pub(crate) fn line(&self, line: u32) -> &'t str {
        &self.text[self.range(line)]
    }

    /// How many characters of its first line a span covers, at least one.
    pub(crate) fn width(&self, span: Span) -> usize {
        let start = self.text.floor_char_boundary(span.start);
        let line = self.range(number(self.index(start) + 1));
        let end = self.text.floor_char_boundary(span.end.min(line.end)).max(start);
        self.text[start..end].chars().count().max(1)
    }

    /// Counted from 0.
    fn index(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "a = 1\r\nü日 = x\n";
        let lines = Lines::new(text);
        let at = text.find('x').unwrap();
        assert_eq!(lines.place(at), Place { line: 2, column: 6 });
        assert_eq!(lines.line(1), "a = 1");
        assert_eq!(lines.line(2), "ü日 = x");
        assert_eq!(lines.line(3), "");
        // The second byte of a character is at the same place as its first.
        assert_eq!(lines.place(8), Place { line: 2, column: 1 });
    }

    #[test]
    fn a_span_is_as_wide_as_its_part_of_the_first_line() {
        let text = "日本 = [\n1]";
        let lines = Lines::new(text);
        assert_eq!(lines.width(Span { start: 0, end: 6 }), 2);
        assert_eq!(lines.width(Span { start: 9, end: text.len() }), 1);
        assert_eq!(lines.width(Span { start: 900, end: 901 }), 1);
        assert_eq!(lines.place(900), Place { line: 2, column: 3 });
    }
}
