//! Bytes as the terminal sends them, made into keys, mouse and pastes.
//!
//! Pastes are taken out of the bytes before anything parses them: a parser that looks through all it has again for every
//! byte makes a paste of a megabyte last for minutes. What was pasted must never act as keys, on however slow a line, and
//! a paste whose end mark is lost must not swallow later keys: see [`State`].

use super::super::events::{Input, input};
use std::time::{Duration, Instant};
use terminput::Event;

const PASTE: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";
/// A paste of more bytes than this is refused: no note is as long.
const LONGEST_PASTE: usize = 1 << 20;
/// A paste that is silent for so long before its end mark is given up; so is the rest of a key's sequence.
const PATIENCE: Duration = Duration::from_secs(1);
/// A paste is given up after so long, even where bytes still come.
const LONGEST: Duration = Duration::from_secs(30);
/// How long after a paste was given up bytes that come in bulk are taken for the rest of it.
const WARY: Duration = Duration::from_secs(5);
/// How long a lone escape may be the beginning of a key that a slow line brings in pieces, and how long bytes are collected
/// to tell a key from bulk.
const ESCAPE: Duration = Duration::from_millis(25);
/// How long a bracket after an escape that was taken for the key may still be the rest of its sequence.
const BRACKET: Duration = Duration::from_millis(250);
/// No key is longer than this; what is longer is noise.
const LONGEST_KEY: usize = 64;

/// Bytes as they come in, made into input.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    state: State,
    /// What may be the beginning of a key, or is collected.
    held: Vec<u8>,
    /// When bytes last came in.
    since: Option<Instant>,
    /// When a lone escape was last taken for the key.
    escaped: Option<Instant>,
    /// `held` begins with an escape that was given out as the key already.
    late: bool,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Keys,
    Paste(Paste),
    /// A paste was given up while bytes came: they are dropped until the end mark or a silence.
    Dropping,
    /// A paste was given up, or a sequence broke off: single keys are keys, bulk is dropped.
    Wary {
        until: Instant,
    },
}

#[derive(Debug)]
struct Paste {
    text: Vec<u8>,
    /// Bytes beyond the limit.
    beyond: usize,
    began: Instant,
}

impl Paste {
    fn take(&mut self, byte: u8) {
        self.text.push(byte);
        // The end mark has to be seen beyond the limit too.
        if self.text.len() > LONGEST_PASTE + PASTE_END.len() {
            let more = self.text.len() - PASTE_END.len();
            self.beyond += more - LONGEST_PASTE;
            self.text.drain(LONGEST_PASTE..more);
        }
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.beyond
    }

    fn ended(mut self) -> Input {
        self.text.truncate(self.text.len() - PASTE_END.len());
        if self.bytes() > LONGEST_PASTE {
            return Input::PasteRefused(self.bytes());
        }
        Input::Paste(String::from_utf8_lossy(&self.text).into_owned())
    }
}

impl Splitter {
    /// Takes bytes that came in at `now`. Whoever was stopped meanwhile has heard of no silence: only [`Splitter::lapse`]
    /// gives anything up.
    pub(super) fn feed(&mut self, bytes: &[u8], now: Instant, found: &mut dyn FnMut(Input)) {
        self.since = Some(now);
        for byte in bytes {
            self.take(*byte, now, found);
        }
    }

    fn take(&mut self, byte: u8, now: Instant, found: &mut dyn FnMut(Input)) {
        match &mut self.state {
            State::Paste(paste) => {
                paste.take(byte);
                if paste.text.ends_with(PASTE_END)
                    && let State::Paste(paste) = std::mem::take(&mut self.state)
                {
                    found(paste.ended());
                }
            }
            State::Dropping => {
                self.held.push(byte);
                if self.held.ends_with(PASTE_END) {
                    (self.state, self.held) = (State::Keys, Vec::new());
                } else if self.held.len() >= PASTE_END.len() {
                    self.held.remove(0);
                }
            }
            State::Wary { .. } => {
                self.held.push(byte);
                if self.held.ends_with(PASTE) {
                    self.begin_paste(now);
                } else if self.held.ends_with(PASTE_END) {
                    (self.state, self.held) = (State::Keys, Vec::new());
                } else if self.held.len() > LONGEST_KEY {
                    // More than any key: only its end may still be a mark.
                    let middle = LONGEST_KEY - PASTE.len();
                    self.held.drain(middle..=middle);
                }
            }
            State::Keys => {
                let escaped = self.escaped.take().is_some_and(|at| now.saturating_duration_since(at) < PATIENCE);
                if escaped && matches!(byte, b'[' | b'O') {
                    (self.held, self.late) = (vec![b'\x1b'], true);
                }
                self.held.push(byte);
                if self.held == PASTE {
                    self.begin_paste(now);
                } else if self.held.as_slice() != b"\x1b" && !(self.late && self.held.len() == 2) {
                    self.parse(found);
                }
            }
        }
    }

    fn begin_paste(&mut self, now: Instant) {
        self.held.clear();
        self.late = false;
        self.state = State::Paste(Paste { text: Vec::new(), beyond: 0, began: now });
    }

    /// What time decides: a lone escape is the key, a paste without an end is given up.
    pub(super) fn lapse(&mut self, now: Instant, found: &mut dyn FnMut(Input)) {
        if self.wait(now).is_none_or(|wait| !wait.is_zero()) {
            return;
        }
        let silent = self.since.is_none_or(|since| now.saturating_duration_since(since) >= PATIENCE);
        match &self.state {
            State::Paste(paste) => {
                found(Input::PasteCut(paste.bytes()));
                self.state = if silent { State::Wary { until: now + WARY } } else { State::Dropping };
            }
            State::Dropping => {
                self.held.clear();
                self.state = State::Wary { until: now + WARY };
            }
            State::Wary { until } => self.tell_keys_from_bulk(*until, now, found),
            State::Keys if self.held.as_slice() == b"\x1b" => {
                self.parse(found);
                self.escaped = Some(now);
            }
            State::Keys if self.late && self.held.len() == 2 => {
                self.late = false;
                self.held.remove(0);
                self.parse(found);
            }
            State::Keys => {
                // What is left of a broken sequence is no keys.
                (self.held, self.late) = (Vec::new(), false);
                self.state = State::Wary { until: now + WARY };
            }
        }
    }

    /// Decides over what was collected: one key is a key, more are the rest of something.
    fn tell_keys_from_bulk(&mut self, until: Instant, now: Instant, found: &mut dyn FnMut(Input)) {
        let held = std::mem::take(&mut self.held);
        self.state = State::Keys;
        if held.is_empty() {
            return;
        }
        let (mut parser, mut keys) = (Self::default(), Vec::new());
        parser.feed(&held, now, &mut |input| keys.push(input));
        parser.lapse(now + PATIENCE, &mut |input| keys.push(input));
        if keys.len() <= 1 && held.len() < LONGEST_KEY {
            keys.into_iter().for_each(found);
            self.state = if now < until { State::Wary { until } } else { State::Keys };
        } else {
            self.state = State::Wary { until: now + WARY };
        }
    }

    /// How long to wait for more before [`Splitter::lapse`] has something to do.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        let since = self.since?;
        let due = match &self.state {
            State::Paste(paste) => (since + PATIENCE).min(paste.began + LONGEST),
            State::Wary { until } if self.held.is_empty() => *until,
            State::Wary { .. } => since + ESCAPE,
            State::Keys if self.held.is_empty() => return None,
            State::Keys if self.held.as_slice() == b"\x1b" => since + ESCAPE,
            State::Keys if self.late && self.held.len() == 2 => since + BRACKET,
            State::Keys | State::Dropping => since + PATIENCE,
        };
        Some(due.saturating_duration_since(now))
    }

    fn parse(&mut self, found: &mut dyn FnMut(Input)) {
        match Event::parse_from(&self.held) {
            Ok(None) if self.held.len() < LONGEST_KEY => return,
            Ok(event) => event.and_then(input).into_iter().for_each(found),
            Err(_) => {}
        }
        (self.held, self.late) = (Vec::new(), false);
    }
}

#[cfg(test)]
mod tests;
