//! Standard output and standard error: the only way to them, so that nothing from outside reaches a terminal as
//! anything but text. Only the cockpit's own session writes to a terminal directly.

#![allow(clippy::disallowed_methods, reason = "this is the one place that names them")]

use crate::harmless;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, IsTerminal as _, Write};

/// A writer whose text does nothing to a terminal: newline and tab pass, every other character that controls, turns or
/// hides is written out.
#[derive(Debug)]
pub struct Harmless<W> {
    inner: W,
    /// The beginning of a character whose end has not come.
    cut: Vec<u8>,
}

impl<W: Write> Harmless<W> {
    pub fn new(inner: W) -> Self {
        Self { inner, cut: Vec::new() }
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        self.inner.write_all(harmless::text(text).as_bytes())
    }
}

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let joined = [std::mem::take(&mut self.cut).as_slice(), bytes].concat();
        let mut chunks = joined.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.put(chunk.valid())?;
            let invalid = chunk.invalid();
            let goes_on =
                chunks.peek().is_none() && str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if goes_on {
                self.cut = invalid.to_vec();
            } else if !invalid.is_empty() {
                self.put("\u{fffd}")?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Standard output.
#[must_use]
pub fn out() -> Harmless<io::Stdout> {
    Harmless::new(io::stdout())
}

/// Standard error.
#[must_use]
pub fn err() -> Harmless<io::Stderr> {
    Harmless::new(io::stderr())
}

/// Whether a person sits in front of it: standard input and output are a terminal.
#[must_use]
pub fn is_terminal() -> bool {
    io::stdout().is_terminal() && io::stdin().is_terminal()
}

/// Whether standard output goes into a file or a device such as `/dev/null`, where scripts send it; not to a pipe.
#[must_use]
pub fn is_kept() -> bool {
    let kind = rustix::fs::fstat(io::stdout()).map(|about| rustix::fs::FileType::from_raw_mode(about.st_mode));
    !io::stdout().is_terminal()
        && kind.is_ok_and(|kind| kind != rustix::fs::FileType::Fifo && kind != rustix::fs::FileType::Socket)
}

/// Writes a line over the one that the cursor is in; nothing where standard output is no terminal.
///
/// # Errors
/// When it cannot be written.
pub fn replace_line(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    if !out.is_terminal() {
        return Ok(());
    }
    write!(out, "\r\x1b[2K{}", harmless::line(text))?;
    out.flush()
}

/// Whether whoever read standard output reads no more: the other end of the pipe is closed.
#[must_use]
pub fn is_abandoned() -> bool {
    let out = io::stdout();
    let mut watched = [PollFd::new(&out, PollFlags::empty())];
    poll(&mut watched, Some(&Timespec::default())).is_ok()
        && watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL)
}

/// The same on standard error.
///
/// # Errors
/// When it cannot be written.
pub fn replace_error_line(text: &str) -> io::Result<()> {
    let mut err = io::stderr();
    if !err.is_terminal() {
        return Ok(());
    }
    write!(err, "\r\x1b[2K{}", harmless::line(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pieces: &[&[u8]]) -> String {
        let mut out = Harmless::new(Vec::new());
        for piece in pieces {
            out.write_all(piece).unwrap();
        }
        String::from_utf8(out.inner).unwrap()
    }

    #[test]
    fn nothing_from_outside_is_more_than_text() {
        assert_eq!(
            written(&[b"a\tb\n\x1b]52;c;eA==\x07\xc2\x9b\xff\xe2\x80", b"\xae\xc3", b"\xa9\n"]),
            "a\tb\n\\u001b]52;c;eA==\\u0007\\u009b\u{fffd}\\u202e\u{e9}\n"
        );
    }
}
