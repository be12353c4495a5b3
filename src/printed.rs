//! Standard output and standard error: the only way to them, so that nothing from outside reaches a terminal as
//! anything but text. Only the cockpit's own session writes to a terminal directly.

#![allow(clippy::disallowed_methods, reason = "this is the one place that names them")]

use crate::harmless;
use clap::ValueEnum;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, IsTerminal as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// When what is printed has colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set; everywhere where `CLICOLOR_FORCE` is set
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    /// The choice in a command line, before it is understood: errors have colours too.
    #[must_use]
    pub fn typed(arguments: &[std::ffi::OsString]) -> Self {
        let mut words = arguments.iter().filter_map(|word| word.to_str()).take_while(|word| *word != "--");
        let mut chosen = None;
        while let Some(word) = words.next() {
            let value = word.strip_prefix("--color=").or_else(|| (word == "--color").then(|| words.next()).flatten());
            chosen = value.and_then(|value| Self::from_str(value, false).ok()).or(chosen);
        }
        chosen.unwrap_or_default()
    }

    /// Whether a stream has colours: `set` shows which variables of the environment are set, and to what.
    fn on(self, is_terminal: bool, set: impl Fn(&str) -> Option<String>) -> bool {
        let given = |name: &str| set(name).filter(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if given("NO_COLOR").is_some() => false,
            Self::Auto if given("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            Self::Auto => is_terminal && given("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}

static OUT_HAS_COLOR: AtomicBool = AtomicBool::new(false);
static ERR_HAS_COLOR: AtomicBool = AtomicBool::new(false);

/// Decides once, at the start, which of the two streams have colours.
pub fn choose(color: Color) {
    let set = |name: &str| std::env::var(name).ok();
    OUT_HAS_COLOR.store(color.on(io::stdout().is_terminal(), set), Ordering::Relaxed);
    ERR_HAS_COLOR.store(color.on(io::stderr().is_terminal(), set), Ordering::Relaxed);
}

/// What a word means; the colour follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    Good,
    Bad,
    Warning,
    Heading,
    Dim,
}

/// Marks of colours inside a text: characters that are none, for use inside a program. Where a text from outside holds one it
/// colours a word and does nothing else.
const MARKS: [(char, &str); 6] = [
    ('\u{fdd0}', "\x1b[0m"),
    ('\u{fdd1}', "\x1b[32m"),
    ('\u{fdd2}', "\x1b[1;31m"),
    ('\u{fdd3}', "\x1b[33m"),
    ('\u{fdd4}', "\x1b[1m"),
    ('\u{fdd5}', "\x1b[2m"),
];

/// The text in a colour, for [`out`] and [`err`]; columns are to be filled up before.
pub fn painted(paint: Paint, text: &str) -> String {
    let mark = match paint {
        Paint::Good => '\u{fdd1}',
        Paint::Bad => '\u{fdd2}',
        Paint::Warning => '\u{fdd3}',
        Paint::Heading => '\u{fdd4}',
        Paint::Dim => '\u{fdd5}',
    };
    format!("{mark}{text}\u{fdd0}")
}

/// The text with its marks as colours, or without them.
fn colored(text: &str, has_color: bool) -> String {
    let mut spelled = String::with_capacity(text.len());
    for c in text.chars() {
        match MARKS.iter().find(|(mark, _)| *mark == c) {
            Some((_, code)) if has_color => spelled.push_str(code),
            Some(_) => {}
            None => spelled.push(c),
        }
    }
    spelled
}

/// A writer whose text does nothing to a terminal: newline and tab pass, every other character that controls, turns or
/// hides is written out.
#[derive(Debug)]
pub struct Harmless<W> {
    inner: W,
    has_color: bool,
    /// The beginning of a character whose end has not come.
    cut: Vec<u8>,
}

impl<W: Write> Harmless<W> {
    pub fn new(inner: W) -> Self {
        Self { inner, has_color: false, cut: Vec::new() }
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        self.inner.write_all(colored(&harmless::text(text), self.has_color).as_bytes())
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
pub fn out() -> Harmless<io::Stdout> {
    Harmless { has_color: OUT_HAS_COLOR.load(Ordering::Relaxed), ..Harmless::new(io::stdout()) }
}

/// Standard error.
pub fn err() -> Harmless<io::Stderr> {
    Harmless { has_color: ERR_HAS_COLOR.load(Ordering::Relaxed), ..Harmless::new(io::stderr()) }
}

/// Whether a person sits in front of it: standard input and output are a terminal.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal() && io::stdin().is_terminal()
}

/// Whether standard output goes into a file or a device such as `/dev/null`, where scripts send it; not to a pipe.
pub fn is_kept() -> bool {
    let kind = rustix::fs::fstat(io::stdout()).map(|about| rustix::fs::FileType::from_raw_mode(about.st_mode));
    !io::stdout().is_terminal()
        && kind.is_ok_and(|kind| kind != rustix::fs::FileType::Fifo && kind != rustix::fs::FileType::Socket)
}

/// Writes a line over the one that the cursor is in; nothing where standard output is no terminal.
pub fn replace_line(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    if !out.is_terminal() {
        return Ok(());
    }
    write!(out, "\r\x1b[2K{}", harmless::line(text))?;
    out.flush()
}

/// Whether whoever read standard output reads no more: the other end of the pipe is closed.
pub fn is_abandoned() -> bool {
    let out = io::stdout();
    let mut watched = [PollFd::new(&out, PollFlags::empty())];
    poll(&mut watched, Some(&Timespec::default())).is_ok()
        && watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL)
}

/// The same on standard error.
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
    fn the_option_wins_over_the_environment_and_no_color_over_force() {
        let env = |pairs: &'static [(&'static str, &'static str)]| {
            move |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let auto = Color::Auto;
        assert!(auto.on(true, env(&[])) && !auto.on(false, env(&[])));
        assert!(!auto.on(true, env(&[("NO_COLOR", "1")])) && auto.on(true, env(&[("NO_COLOR", "")])));
        assert!(auto.on(false, env(&[("CLICOLOR_FORCE", "1")])) && !auto.on(false, env(&[("CLICOLOR_FORCE", "0")])));
        assert!(!auto.on(true, env(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")])));
        assert!(!auto.on(true, env(&[("TERM", "dumb")])));
        assert!(Color::Always.on(false, env(&[("NO_COLOR", "1")])) && !Color::Never.on(true, env(&[])));
        let typed = |words: &str| Color::typed(&words.split(' ').map(Into::into).collect::<Vec<_>>());
        assert_eq!(typed("gonogo lint x.toml --color never"), Color::Never);
        assert_eq!(typed("gonogo --color=always status -- --color=never"), Color::Always);
        assert_eq!(typed("gonogo --color purple status"), Color::Auto);
    }

    #[test]
    fn marks_are_colours_or_nothing() {
        let text = format!("{}: no", painted(Paint::Bad, "error"));
        assert_eq!(colored(&text, true), "\x1b[1;31merror\x1b[0m: no");
        assert_eq!(colored(&text, false), "error: no");
    }

    #[test]
    fn nothing_from_outside_is_more_than_text() {
        assert_eq!(
            written(&[b"a\tb\n\x1b]52;c;eA==\x07\xc2\x9b\xff\xe2\x80", b"\xae\xc3", b"\xa9\n"]),
            "a\tb\n\\u001b]52;c;eA==\\u0007\\u009b\u{fffd}\\u202e\u{e9}\n"
        );
    }
}
