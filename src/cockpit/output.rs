//! An attempt's output as lines with colours, kept as a terminal would show it.

use std::fmt;

/// Lines kept above the window of the terminal.
const SCROLLBACK: usize = 400;
const ROWS: u16 = 40;
const COLUMNS: u16 = 160;

/// A running terminal for one attempt's output. The spool was made harmless before it came here.
pub struct OutputView {
    parser: vt100::Parser,
    /// Where in the spool the next byte stands.
    pub next: u64,
    /// Bytes at the beginning of the spool that were not read.
    pub skipped: u64,
    lines: Vec<OutputLine>,
    stale: bool,
}

/// A line in runs of one ink.
pub type OutputLine = Vec<(Ink, String)>;

/// How a run of output is drawn; the theme decides what the colours look like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ink {
    /// One of the 256 terminal colours.
    pub colour: Option<u8>,
    pub bold: bool,
    pub dim: bool,
}

impl Default for OutputView {
    fn default() -> Self {
        Self {
            parser: vt100::Parser::new(ROWS, COLUMNS, SCROLLBACK),
            next: 0,
            skipped: 0,
            lines: Vec::new(),
            stale: false,
        }
    }
}

impl fmt::Debug for OutputView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputView {{ next: {}, lines: {} }}", self.next, self.lines.len())
    }
}

impl OutputView {
    /// Takes bytes that stand at `from` in the spool. What was there already is passed over; a gap is counted.
    pub fn feed(&mut self, from: u64, bytes: &[u8]) {
        let end = from + bytes.len() as u64;
        if end <= self.next {
            return;
        }
        if from > self.next {
            self.skipped += from - self.next;
        }
        let known = usize::try_from(self.next.saturating_sub(from)).unwrap_or(usize::MAX);
        let fresh = bytes.get(known..).unwrap_or_default();
        // A spool holds bare line feeds where the program wrote to no terminal; a terminal needs the return too.
        let mut piece = Vec::with_capacity(fresh.len() + 16);
        let mut last = 0_u8;
        for &byte in fresh {
            if byte == b'\n' && last != b'\r' {
                piece.push(b'\r');
            }
            piece.push(byte);
            last = byte;
        }
        self.parser.process(&piece);
        self.next = end;
        self.stale = true;
    }

    /// Brings the lines up to date; called once before a frame, not for every chunk.
    pub fn settle(&mut self) {
        if !self.stale {
            return;
        }
        self.stale = false;
        self.lines.clear();
        let screen = self.parser.screen_mut();
        screen.set_scrollback(SCROLLBACK);
        let mut above = screen.scrollback();
        while above > 0 {
            screen.set_scrollback(above);
            let take = above.min(usize::from(ROWS));
            for row in 0..u16::try_from(take).unwrap_or(ROWS) {
                self.lines.push(line(screen, row));
            }
            above -= take;
        }
        screen.set_scrollback(0);
        for row in 0..ROWS {
            self.lines.push(line(screen, row));
        }
        while self.lines.last().is_some_and(Vec::is_empty) {
            self.lines.pop();
        }
    }

    /// The lines kept, the last one last.
    #[must_use]
    pub fn lines(&self) -> &[OutputLine] {
        &self.lines
    }
}

fn line(screen: &vt100::Screen, row: u16) -> OutputLine {
    let mut runs: OutputLine = Vec::new();
    let mut blanks = 0_usize;
    for column in 0..COLUMNS {
        let Some(cell) = screen.cell(row, column) else { break };
        if cell.is_wide_continuation() {
            continue;
        }
        if !cell.has_contents() || cell.contents() == " " {
            blanks += 1;
            continue;
        }
        let ink = Ink { colour: colour(cell.fgcolor()), bold: cell.bold(), dim: cell.dim() };
        let gap = " ".repeat(std::mem::take(&mut blanks));
        match runs.last_mut() {
            Some((last, text)) if *last == ink => {
                text.push_str(&gap);
                text.push_str(cell.contents());
            }
            _ => runs.push((ink, gap + cell.contents())),
        }
    }
    runs
}

fn colour(colour: vt100::Color) -> Option<u8> {
    match colour {
        vt100::Color::Idx(index) => Some(index),
        vt100::Color::Default | vt100::Color::Rgb(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(view: &OutputView) -> Vec<String> {
        view.lines().iter().map(|line| line.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn a_progress_bar_that_rewrites_its_line_stays_one_line() {
        let mut view = OutputView::default();
        view.feed(0, b"start\n10 %\r20 %\r\x1b[32m30 %\x1b[0m");
        view.settle();
        assert_eq!(plain(&view), ["start", "30 %"]);
        assert_eq!(view.lines()[1][0].0.colour, Some(2));
    }

    #[test]
    fn what_comes_twice_shows_once_and_a_gap_is_counted() {
        let mut view = OutputView::default();
        view.feed(0, b"one\n");
        view.feed(0, b"one\ntwo\n");
        view.feed(20, b"three\n");
        view.settle();
        assert_eq!(plain(&view), ["one", "two", "three"]);
        assert_eq!((view.next, view.skipped), (26, 12));
    }

    #[test]
    fn lines_above_the_window_are_kept_in_order() {
        let mut view = OutputView::default();
        let text = (0..300).map(|n| format!("line {n}\n")).collect::<Vec<_>>().concat();
        view.feed(0, text.as_bytes());
        view.settle();
        let lines = plain(&view);
        assert_eq!(lines.len(), 300);
        assert_eq!((lines[0].as_str(), lines[299].as_str()), ("line 0", "line 299"));
    }
}
