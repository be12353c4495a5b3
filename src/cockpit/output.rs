//! An attempt's output as lines with colours, kept as a terminal would show it.

use crate::deployment::attempt::AttemptNumber;
use std::collections::VecDeque;
use std::fmt;

/// Lines that the terminal itself remembers; they are taken out before there are so many.
const SCROLLBACK: usize = 400;
const ROWS: u16 = 40;
const COLUMNS: u16 = 160;
/// Lines kept to scroll back to.
const KEPT: usize = 4_000;
/// What one piece may cost before the lines it moved up are taken out: a line for each line feed, and one for each width.
const BUDGET: usize = 150 * COLUMNS as usize;

/// A running terminal for one attempt's output. The spool was made harmless before it came here.
pub struct OutputView {
    parser: vt100::Parser,
    /// Where in the spool the next byte stands.
    pub next: u64,
    /// Bytes of the spool that were not read; a line of the output stands where they were.
    pub skipped: u64,
    /// Lines that have left the terminal's window at the top and change no more.
    history: VecDeque<OutputLine>,
    /// Lines that were dropped from the history because it was full.
    dropped: u64,
    /// The lines in the terminal's window.
    window: Vec<OutputLine>,
    stale: bool,
}

/// Where a person has scrolled to in an output: the line after the last one shown, counted from the first there ever was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scroll {
    pub attempt: AttemptNumber,
    pub end: u64,
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
            history: VecDeque::new(),
            dropped: 0,
            window: Vec::new(),
            stale: false,
        }
    }
}

impl fmt::Debug for OutputView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputView {{ next: {}, lines: {} }}", self.next, self.len())
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
            let missing = from - self.next;
            self.skipped += missing;
            // The escape sequence that was cut in two by the gap must not swallow the words.
            let words = format!("\x18\x1b[0m\r\n\x1b[2m[{missing} bytes are not shown; the log has them]\x1b[0m\r\n");
            let (_, column) = self.parser.screen().cursor_position();
            let words = if column == 0 { words.replacen("\r\n", "", 1) } else { words };
            self.process(words.as_bytes());
        }
        let known = usize::try_from(self.next.saturating_sub(from)).unwrap_or(usize::MAX);
        let fresh = if from > self.next { bytes } else { bytes.get(known..).unwrap_or_default() };
        // A spool holds bare line feeds where the program wrote to no terminal; a terminal needs the return too.
        let mut piece = Vec::with_capacity(fresh.len().min(BUDGET) + 16);
        let mut last = 0_u8;
        let mut cost = 0;
        for &byte in fresh {
            if byte == b'\n' && last != b'\r' {
                piece.push(b'\r');
            }
            piece.push(byte);
            last = byte;
            cost += if byte == b'\n' { usize::from(COLUMNS) } else { 1 };
            if cost >= BUDGET {
                self.process(&piece);
                piece.clear();
                cost = 0;
            }
        }
        self.process(&piece);
        self.next = end;
        self.stale = true;
    }

    fn process(&mut self, piece: &[u8]) {
        self.parser.process(piece);
        self.stale = true;
        let screen = self.parser.screen_mut();
        screen.set_scrollback(SCROLLBACK);
        let above = screen.scrollback();
        screen.set_scrollback(0);
        // A few lines stay: making the terminal anew for each one would cost more than it keeps.
        if above > usize::from(ROWS) {
            self.take_out(above);
        }
    }

    /// Moves the lines above the window into the history, and goes on with a terminal that remembers none.
    fn take_out(&mut self, above: usize) {
        let screen = self.parser.screen_mut();
        let mut left = above;
        while left > 0 {
            screen.set_scrollback(left);
            let take = left.min(usize::from(ROWS));
            for row in 0..u16::try_from(take).unwrap_or(ROWS) {
                self.history.push_back(line(screen, row));
            }
            left -= take;
        }
        screen.set_scrollback(0);
        let state = screen.state_formatted();
        self.parser = vt100::Parser::new(ROWS, COLUMNS, SCROLLBACK);
        self.parser.process(&state);
        while self.history.len() > KEPT {
            self.history.pop_front();
            self.dropped += 1;
        }
    }

    /// Brings the lines up to date; called once before a frame, not for every chunk.
    pub fn settle(&mut self) {
        if !self.stale {
            return;
        }
        self.stale = false;
        self.window.clear();
        let screen = self.parser.screen_mut();
        screen.set_scrollback(SCROLLBACK);
        let mut above = screen.scrollback();
        while above > 0 {
            screen.set_scrollback(above);
            let take = above.min(usize::from(ROWS));
            for row in 0..u16::try_from(take).unwrap_or(ROWS) {
                self.window.push(line(screen, row));
            }
            above -= take;
        }
        screen.set_scrollback(0);
        for row in 0..ROWS {
            self.window.push(line(screen, row));
        }
        while self.window.last().is_some_and(Vec::is_empty) {
            self.window.pop();
        }
    }

    /// How many lines are kept.
    pub fn len(&self) -> usize {
        self.history.len() + self.window.len()
    }

    pub fn is_empty(&self) -> bool {
        self.next == 0
    }

    /// The number of the first line kept, counted from the first there ever was.
    pub fn first(&self) -> u64 {
        self.dropped
    }

    /// The number after the last line.
    pub fn end(&self) -> u64 {
        self.dropped + self.len() as u64
    }

    /// A kept line by its number.
    pub fn line(&self, number: u64) -> Option<&OutputLine> {
        let at = usize::try_from(number.checked_sub(self.dropped)?).ok()?;
        self.history.get(at).or_else(|| self.window.get(at.checked_sub(self.history.len())?))
    }

    /// The lines kept, the last one last.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &OutputLine> {
        self.history.iter().chain(&self.window)
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
        view.lines().map(|line| line.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn a_progress_bar_that_rewrites_its_line_stays_one_line() {
        let mut view = OutputView::default();
        view.feed(0, b"start\n10 %\r20 %\r\x1b[32m30 %\x1b[0m");
        view.settle();
        assert_eq!(plain(&view), ["start", "30 %"]);
        assert_eq!(view.line(1).unwrap()[0].0.colour, Some(2));
    }

    #[test]
    fn what_comes_twice_shows_once_and_a_gap_is_counted() {
        let mut view = OutputView::default();
        view.feed(0, b"one\n");
        view.feed(0, b"one\ntwo\n");
        view.feed(20, b"three\n");
        view.settle();
        let gap = "[12 bytes are not shown; the log has them]";
        assert_eq!(plain(&view), ["one", "two", gap, "three"]);
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

    #[test]
    fn a_flood_keeps_the_last_thousands_by_their_numbers() {
        let mut view = OutputView::default();
        let mut from = 0;
        for part in 0..10 {
            let lines = (part * 1_000..(part + 1) * 1_000).map(|n| format!("\x1b[3{}mline {n}\n", n % 8));
            let text = lines.collect::<Vec<_>>().concat();
            view.feed(from, text.as_bytes());
            from += text.len() as u64;
        }
        view.settle();
        assert_eq!(view.end(), 10_000);
        assert!(view.len() >= KEPT && view.len() < KEPT + 200, "{}", view.len());
        for number in [view.first(), 7_777, 9_990, 9_999] {
            assert_eq!(view.line(number).unwrap()[0].1, format!("line {number}"));
            assert_eq!(u64::from(view.line(number).unwrap()[0].0.colour.unwrap()), number % 8);
        }
        assert_eq!((view.line(view.first().wrapping_sub(1)), view.line(10_000)), (None, None));
    }

    #[test]
    fn a_line_that_is_wider_than_the_terminal_counts_as_it_is_shown() {
        let mut view = OutputView::default();
        let text = format!("{}\nlast\n", "x".repeat(100_000));
        view.feed(0, text.as_bytes());
        view.settle();
        assert_eq!(view.end(), 100_000 / 160 + 1);
        assert_eq!(plain(&view).last().unwrap(), "last");
        assert_eq!(plain(&view).concat().len(), 100_004);
    }

    #[test]
    fn output_read_from_its_middle_says_so_first() {
        let mut view = OutputView::default();
        view.feed(5_000, b"one\n");
        view.settle();
        assert_eq!(plain(&view), ["[5000 bytes are not shown; the log has them]", "one"]);
    }
}
