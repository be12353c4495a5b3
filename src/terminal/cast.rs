//! A recording in the format of asciinema (version 2): frames drawn to a file instead of a terminal.

use super::session::harmlessly;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use serde_json::json;
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Duration;

/// What a frame writes, until it is taken into the recording.
#[derive(Debug, Clone, Default)]
struct Reel(Rc<RefCell<Vec<u8>>>);

impl Write for Reel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A recording that is being written.
pub(crate) struct Cast<W> {
    out: W,
    reel: Reel,
    screen: Terminal<CrosstermBackend<Reel>>,
    shown: Option<Buffer>,
}

impl<W: Write> Cast<W> {
    /// Begins a recording of so many columns and lines; `began` in seconds since 1970.
    pub(crate) fn begin(mut out: W, (columns, lines): (u16, u16), title: &str, began: i64) -> io::Result<Self> {
        let header = json!({
            "version": 2, "width": columns, "height": lines, "timestamp": began, "title": title,
            "env": { "TERM": "xterm-256color" },
        });
        writeln!(out, "{header}")?;
        let reel = Reel::default();
        // A terminal that plays it shows its cursor and whatever was there before.
        reel.clone().write_all(b"\x1b[?25l\x1b[2J\x1b[H")?;
        let viewport = Viewport::Fixed(Rect::new(0, 0, columns, lines));
        let screen = Terminal::with_options(CrosstermBackend::new(reel.clone()), TerminalOptions { viewport })?;
        Ok(Self { out, reel, screen, shown: None })
    }

    /// Draws a frame that is shown so long after the beginning; one that changes nothing takes no place.
    pub(crate) fn frame(&mut self, after: Duration, draw: impl FnOnce(&mut Frame)) -> io::Result<()> {
        let drawn = self.screen.draw(|frame| harmlessly(frame, draw))?.buffer.clone();
        let written = std::mem::take(&mut *self.reel.0.borrow_mut());
        // The library hides the cursor and resets colours for every frame.
        if self.shown.as_ref() == Some(&drawn) {
            return Ok(());
        }
        self.shown = Some(drawn);
        self.event(after, &String::from_utf8_lossy(&written))
    }

    /// Keeps the last frame on the screen until then, and ends the recording.
    pub(crate) fn end(mut self, after: Duration) -> io::Result<W> {
        self.event(after, "\x1b[0m")?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn event(&mut self, after: Duration, data: &str) -> io::Result<()> {
        // Microseconds are as fine as the format is used.
        let seconds = (after.as_secs_f64() * 1e6).round() / 1e6;
        writeln!(self.out, "{}", json!([seconds, "o", data]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::widgets::Paragraph;

    #[test]
    fn a_recording_plays_back_to_what_was_drawn() {
        let mut cast = Cast::begin(Vec::new(), (20, 2), "T", 1_795_000_000).unwrap();
        for (ms, text) in [(0, "first"), (40, "first"), (1_500, "second \u{1b}[2J")] {
            let draw = |frame: &mut Frame| frame.render_widget(Paragraph::new(text), frame.area());
            cast.frame(Duration::from_millis(ms), draw).unwrap();
        }
        let text = String::from_utf8(cast.end(Duration::from_secs(3)).unwrap()).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["version"], 2);
        assert_eq!((&lines[0]["width"], &lines[0]["height"]), (&json!(20), &json!(2)));
        let times: Vec<f64> = lines[1..].iter().map(|line| line[0].as_f64().unwrap()).collect();
        assert!((times[1] - 1.5).abs() < 1e-9 && times.is_sorted(), "{times:?}");
        let mut screen = vt100::Parser::new(2, 20, 0);
        for line in &lines[1..] {
            assert_eq!(line[1], "o");
            screen.process(line[2].as_str().unwrap().as_bytes());
        }
        assert!(screen.screen().contents().starts_with("second"), "{}", screen.screen().contents());
    }
}
