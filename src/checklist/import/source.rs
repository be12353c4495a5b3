//! A document's bytes as text, and the rollback from the text to the bytes.

use crate::checklist::span::Span;

/// Text read from a file. Byte sequences that are no UTF-8 became one replacement character each; offsets into the
/// text are translated back, so that a span given out is always one of the file as it is now on disk.
#[derive(Debug, Clone)]
pub(super) struct Source {
    text: String,
    /// Where text and file part: an offset in the text, and the offset in the file it stands for.
    checkpoints: Vec<(usize, usize)>,
    line_starts: Vec<usize>,
    replaced: Vec<usize>,
}

impl Source {
    /// Reads bytes as UTF-8 without the byte order mark.
    #[must_use]
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mark = "\u{feff}".len();
        let (bytes, skipped) =
            if bytes.starts_with("\u{feff}".as_bytes()) { (&bytes[mark..], mark) } else { (bytes, 0) };
        let mut text = String::with_capacity(bytes.len());
        let mut checkpoints = vec![(0, skipped)];
        let mut replaced = Vec::new();
        let mut read = skipped;
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            read += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                replaced.push(text.len());
                text.push(char::REPLACEMENT_CHARACTER);
                read += chunk.invalid().len();
                checkpoints.push((text.len(), read));
            }
        }
        let line_starts = line_starts(&text);
        Self { text, checkpoints, line_starts, replaced }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The same document with other text of the same length; offsets keep their meaning.
    #[must_use]
    pub(super) fn with_text(&self, text: String) -> Self {
        let line_starts = line_starts(&text);
        Self { text, line_starts, ..self.clone() }
    }

    /// The line, counted from 1, that the byte at `offset` of the text stands on.
    pub(super) fn line(&self, offset: usize) -> u32 {
        u32::try_from(self.line_starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// The offset that a line starts at, and its text.
    pub(super) fn line_at(&self, line: u32) -> Option<(usize, &str)> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.line_starts.get(index)?;
        let end = self.line_starts.get(index + 1).copied().unwrap_or(self.text.len());
        Some((start, self.text[start..end].trim_end_matches(['\r', '\n'])))
    }

    /// Every line with its number and the offset it starts at, without line ends.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u32, usize, &str)> {
        self.line_starts.iter().enumerate().map(|(index, start)| {
            let end = self.line_starts.get(index + 1).copied().unwrap_or(self.text.len());
            let line = self.text[*start..end].trim_end_matches(['\r', '\n']);
            (u32::try_from(index + 1).unwrap_or(u32::MAX), *start, line)
        })
    }

    /// The span of the file that a range of the text stands for.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span { start: self.in_file(start), end: self.in_file(end) }
    }

    /// The lines that hold bytes which are no UTF-8, each once.
    pub(super) fn replaced_lines(&self) -> Vec<u32> {
        let mut lines: Vec<u32> = self.replaced.iter().map(|at| self.line(*at)).collect();
        lines.dedup();
        lines
    }

    fn in_file(&self, offset: usize) -> usize {
        let next = self.checkpoints.partition_point(|(text, _)| *text <= offset);
        let (text, file) = self.checkpoints[next.saturating_sub(1)];
        file + (offset - text)
    }
}

/// Where lines start; CRLF, LF and a lone CR end one.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
            starts.push(at + 1);
        }
    }
    if starts.len() > 1 && starts.last() == Some(&text.len()) {
        starts.pop();
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_those_of_the_file() {
        let bytes = b"\xef\xbb\xbfa\xff\xfe b\r\nc";
        let source = Source::new(bytes);
        assert_eq!(source.text(), "a\u{fffd}\u{fffd} b\r\nc");
        let at = source.text().find('b').unwrap();
        let span = source.span(at, at + 1);
        assert_eq!(&bytes[span.start..span.end], b"b");
        let at = source.text().find('c').unwrap();
        let span = source.span(at, at + 1);
        assert_eq!(&bytes[span.start..span.end], b"c");
        assert_eq!(source.replaced_lines(), [1]);
    }

    #[test]
    fn lines_end_as_they_do_on_any_system() {
        let source = Source::new(b"a\r\nb\rc\nd\n");
        let lines: Vec<_> = source.lines().map(|(number, _, line)| (number, line.to_owned())).collect();
        assert_eq!(lines, [(1, "a".into()), (2, "b".into()), (3, "c".into()), (4, "d".into())]);
        assert_eq!(source.line(source.text().find('d').unwrap()), 4);
        assert_eq!(Source::new(b"").lines().count(), 1);
    }
}
