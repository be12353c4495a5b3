//! Lines of text in several tones, made before it is known where they go.

use super::palette::Tone;
use super::text;

/// A line in runs of one tone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub runs: Vec<(Tone, String)>,
}

impl Line {
    #[must_use]
    pub(super) fn blank() -> Self {
        Self::default()
    }

    #[must_use]
    pub(super) fn of(tone: Tone, text: impl Into<String>) -> Self {
        Self::blank().with(tone, text)
    }

    #[must_use]
    pub(super) fn with(mut self, tone: Tone, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.runs.push((tone, text));
        }
        self
    }

    pub(super) fn width(&self) -> usize {
        self.runs.iter().map(|(_, text)| text::width(text)).sum()
    }
}

/// A block of lines that grows from the top, as wide as its place.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub lines: Vec<Line>,
    columns: usize,
}

/// Columns of the labels in front of fields, where there is little room and where there is enough.
const LABEL: [usize; 2] = [8, 10];
const ENOUGH: usize = 44;

impl Block {
    #[must_use]
    pub(super) fn new(columns: usize) -> Self {
        Self { lines: Vec::new(), columns }
    }

    pub(super) fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// An empty line, unless there is one already or nothing stands above it.
    pub(super) fn space(&mut self) {
        if self.lines.last().is_some_and(|line| !line.runs.is_empty()) {
            self.lines.push(Line::blank());
        }
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.space();
        self.push(Line::of(Tone::Heading, text));
    }

    pub(super) fn paragraph(&mut self, tone: Tone, text: &str) {
        self.at_most(usize::MAX, tone, text);
    }

    /// A paragraph of at most so many lines; the last one shows when something was left out.
    pub(super) fn at_most(&mut self, lines: usize, tone: Tone, text: &str) {
        self.hanging(&Line::blank(), 0, lines, tone, text);
    }

    /// A paragraph behind a first word, its later lines below its first letter.
    pub(super) fn behind(&mut self, first: &Line, lines: usize, tone: Tone, text: &str) {
        let indent = first.width();
        self.hanging(first, indent, lines, tone, text);
    }

    /// A label with what it says beside it.
    pub(super) fn field(&mut self, label: &str, tone: Tone, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let wide = LABEL[usize::from(self.columns >= ENOUGH)];
        let first = Line::of(Tone::Dim, format!("{label:<wide$} "));
        self.behind(&first, usize::MAX, tone, text);
    }

    fn hanging(&mut self, first: &Line, indent: usize, lines: usize, tone: Tone, text: &str) {
        let columns = self.columns.saturating_sub(indent).max(1);
        // Lines stay lines: a command of three never reads as one.
        let mut wrapped: Vec<String> = text.lines().flat_map(|line| text::wrap(line, columns)).collect();
        if wrapped.len() > lines && text.trim().lines().count() > 1 {
            // What is left out of several lines is counted, and never runs into the last one.
            let more = format!(" … +{}", wrapped.len() - lines);
            wrapped.truncate(lines);
            if let Some(last) = wrapped.last_mut() {
                let room = columns.saturating_sub(text::width(&more)).max(1);
                let own = text::pieces(last, room).into_iter().next().unwrap_or_default();
                *last = format!("{}{more}", own.trim_end());
            }
        } else if wrapped.len() > lines {
            let rest = wrapped.split_off(lines.saturating_sub(1)).join(" ");
            wrapped.push(rest);
        }
        if wrapped.is_empty() && indent > 0 {
            wrapped.push(String::new());
        }
        for (at, piece) in wrapped.into_iter().enumerate() {
            let line = if at == 0 { first.clone() } else { Line::of(Tone::Text, " ".repeat(indent)) };
            self.push(line.with(tone, piece));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(block: &Block) -> Vec<String> {
        block.lines.iter().map(|line| line.runs.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn a_note_keeps_its_lines() {
        let mut block = Block::new(60);
        block.field("note", Tone::Text, "cd /srv\n./stop.sh\n\n./start.sh");
        let lines: Vec<String> = plain(&block).iter().map(|line| line.trim().to_owned()).collect();
        assert_eq!(lines[1..], ["./stop.sh", "./start.sh"]);
    }

    #[test]
    fn fields_hang_below_their_first_word() {
        let mut block = Block::new(20);
        block.field("check", Tone::Text, "one two three");
        block.field("note", Tone::Text, " ");
        assert_eq!(plain(&block), ["check    one two", "         three"]);
    }

    #[test]
    fn lines_of_a_command_never_run_together() {
        let mut block = Block::new(20);
        block.behind(&Line::of(Tone::Accent, "$ "), 3, Tone::Text, "set -e\ncd /srv\n./stop.sh\n./start.sh");
        assert_eq!(plain(&block), ["$ set -e", "  cd /srv", "  ./stop.sh … +1"]);
    }

    #[test]
    fn a_short_paragraph_keeps_its_rest_on_the_last_line_to_be_cut_there() {
        let mut block = Block::new(5);
        block.at_most(2, Tone::Text, "one two three four");
        assert_eq!(plain(&block), ["one", "two three four"]);
    }
}
