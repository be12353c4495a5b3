//! Masks secrets in output, in whatever form they come, also when one is split over two reads, wrapped over lines or
//! coloured in its middle.

mod assigned;
mod forms;
mod header;
mod names;
mod needles;
pub(crate) mod remembered;
mod rows;
mod secrets;
mod shapes;
mod spelling;
mod step;

pub use names::{is_proof, is_secret_name};
pub use secrets::{Secrets, cut, passwords_in};

use assigned::{Byte, Decision, End, Pending};
use needles::Found;
use remembered::Words;
use rows::Rows;
use secrets::Known;
use std::collections::VecDeque;
use std::sync::Arc;
use step::Step;

/// What stands where a secret stood.
pub const MASK: &str = "****";
/// Lines as short as this may be what a text is folded into.
const SHORT_LINE: usize = 8;
/// So much of a line is kept to look for the name of a value in.
const LONGEST_LINE: usize = 160;
/// A private key that does not end is followed no further.
const LONGEST_BLOCK: usize = 32 * 1024;
/// Escapes kept back inside a possible secret; colours beyond them are lost.
const MOST_ESCAPES: usize = 512;

/// Masks a stream. Only what may still turn out to be the beginning of a secret is held back, so nothing needs a timer
/// and what comes out does not depend on where the stream was cut.
#[derive(Debug)]
pub struct Redactor {
    /// Where more may come up; `None` for one text.
    secrets: Option<Arc<Secrets>>,
    known: Arc<Known>,
    words: Words,
    rows: Rows,
    held: Vec<u8>,
    /// Escapes that came between held bytes: the index of the byte they stand before.
    escapes: VecDeque<(usize, Vec<u8>)>,
    /// The last two bytes that were decided on.
    before: [u8; 2],
    /// Bytes of the line that were decided on.
    column: usize,
    /// What was decided on of the line, the last of it.
    line: Vec<u8>,
    /// The line before it.
    above: Vec<u8>,
    /// A value of which the name says that it is a secret, until its end.
    value: Option<Value>,
    /// A name and its separator were read, and the value comes.
    pending: Option<Pending>,
    /// So many bytes of a private key may still come.
    block: usize,
    /// So many bytes from here on belong to a secret.
    covered: usize,
    /// Nothing came after the last mask: another one would tell how long the secret is.
    masked: bool,
}

/// A value that is masked whatever it is.
#[derive(Debug, Clone, Copy)]
struct Value {
    end: End,
    escaped: bool,
}

impl Redactor {
    #[must_use]
    pub fn new(secrets: Arc<Secrets>) -> Self {
        let known = secrets.known();
        Self { secrets: Some(secrets), ..Self::knowing(known) }
    }

    fn knowing(known: Arc<Known>) -> Self {
        Self {
            secrets: None,
            known,
            words: Words::default(),
            rows: Rows::default(),
            held: Vec::new(),
            escapes: VecDeque::new(),
            before: [0; 2],
            column: 0,
            line: Vec::new(),
            above: Vec::new(),
            value: None,
            pending: None,
            block: 0,
            covered: 0,
            masked: false,
        }
    }

    pub fn text(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if let Some(secrets) = &self.secrets {
            self.known = secrets.known();
        }
        let mut words = Vec::with_capacity(bytes.len());
        self.words.take(bytes, &self.known.remembered, &mut words);
        self.rows.take(&words, &self.known.pieces, &mut self.held);
        self.advance(false, out);
    }

    /// An escape changes how text looks, not what it says: it neither ends nor hides a secret.
    pub fn escape(&mut self, sequence: &[u8], out: &mut Vec<u8>) {
        self.last_word();
        self.rows.give_up(&mut self.held);
        if self.held.is_empty() {
            out.extend_from_slice(sequence);
        } else if self.escapes.len() < MOST_ESCAPES {
            self.escapes.push_back((self.held.len(), sequence.to_vec()));
        }
    }

    /// Nothing more comes: what was held back is no secret.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        self.last_word();
        self.rows.end(&self.known.pieces, &mut self.held);
        self.advance(true, out);
        (self.value, self.pending) = (None, None);
    }

    fn last_word(&mut self) {
        let mut word = Vec::new();
        self.words.end(&self.known.remembered, &mut word);
        self.rows.take(&word, &self.known.pieces, &mut self.held);
    }

    fn advance(&mut self, last: bool, out: &mut Vec<u8>) {
        let mut at = 0;
        while at < self.held.len() {
            self.release_escapes(at, out);
            if self.covered == 0
                && let Some(mut value) = self.value
            {
                let byte = self.held[at];
                if value.ends(byte) {
                    self.value = None;
                } else {
                    // A secret that is known may begin in it and be longer.
                    match if value.end == End::Line { Found::Nothing } else { self.known_at(at, last) } {
                        Found::Open => break,
                        Found::Match(length) => {
                            self.covered = length;
                            continue;
                        }
                        Found::Nothing => {}
                    }
                    self.value = Some(value);
                    self.mask(out);
                    self.pass_over(byte);
                    at += 1;
                    continue;
                }
            }
            if self.block > 0 && self.covered == 0 {
                match self.in_block(at, last) {
                    None => break,
                    Some(true) => {
                        let byte = self.held[at];
                        self.block -= 1;
                        if matches!(byte, b'\n' | b'\r') {
                            out.push(byte);
                            self.masked = false;
                        } else {
                            self.mask(out);
                        }
                        self.pass_over(byte);
                        at += 1;
                        continue;
                    }
                    Some(false) => self.block = 0,
                }
            }
            if self.covered > 0 {
                // Another secret, or the next part of a long one, may begin within the one that is masked.
                match self.known_at(at, last) {
                    Found::Open => break,
                    Found::Match(length) => self.covered = self.covered.max(length),
                    Found::Nothing => {}
                }
                self.covered -= 1;
                self.mask(out);
                let byte = self.held[at];
                self.pass_over(byte);
                // What was wrapped over lines still takes as many.
                if matches!(byte, b'\n' | b'\r') {
                    out.push(byte);
                    self.masked = false;
                }
                at += 1;
                continue;
            }
            if let Some(mut pending) = self.pending.take() {
                match self.known_at(at, last) {
                    Found::Open => {
                        self.pending = Some(pending);
                        break;
                    }
                    Found::Match(length) => {
                        self.covered = length;
                        continue;
                    }
                    Found::Nothing => {}
                }
                match pending.step(self.held[at]) {
                    Byte::Before => {
                        self.pending = Some(pending);
                        self.pass(at, 1, out);
                        at += 1;
                        continue;
                    }
                    Byte::First => match pending.decide(&self.held[at..], last) {
                        Decision::Open => {
                            self.pending = Some(pending);
                            break;
                        }
                        Decision::Mask(end) => {
                            self.value = Some(Value { end, escaped: false });
                            continue;
                        }
                        Decision::Skip => {
                            self.pending = Some(pending);
                            self.pass(at, 1, out);
                            at += 1;
                            continue;
                        }
                        Decision::Leave => {}
                    },
                    Byte::Other => {}
                }
            }
            if self.escapes.is_empty() {
                let plain = self.known.needles.candidate(&self.held[at..]);
                self.pass(at, plain, out);
                at += plain;
                if at == self.held.len() {
                    break;
                }
            }
            match self.decide(at, last) {
                Step::Wait => break,
                Step::Pass => {
                    self.pass(at, 1, out);
                    at += 1;
                }
                Step::Secret(length) => self.covered = length,
                Step::Value(length, end) => {
                    self.pass(at, length, out);
                    at += length;
                    self.value = Some(Value { end, escaped: false });
                }
                Step::Assigned(length, pending) => {
                    self.pass(at, length, out);
                    at += length;
                    self.pending = Some(pending);
                }
                Step::Block(length) => {
                    self.pass(at, length, out);
                    at += length;
                    self.block = LONGEST_BLOCK;
                }
                Step::Password(range) => {
                    // What comes before the password may be a secret too, so no more than this is decided.
                    self.replace(at + range.start..at + range.end);
                    self.pass(at, 1, out);
                    at += 1;
                }
            }
        }
        self.release_escapes(at, out);
        self.held.drain(..at);
        for (index, _) in &mut self.escapes {
            *index -= at;
        }
    }

    /// A known secret that begins here.
    fn known_at(&self, at: usize, last: bool) -> Found {
        let rest = &self.held[at..];
        let begins = self.known.needles.candidate(rest) == 0;
        if begins { self.known.needles.find(rest, last, self.in_short_line()) } else { Found::Nothing }
    }

    /// Whether a private key goes on here; `None` as long as that is open.
    fn in_block(&self, at: usize, last: bool) -> Option<bool> {
        let rest = &self.held[at..];
        let ends = shapes::BLOCK_ENDS;
        if !ends.iter().zip(rest).all(|(a, b)| a == b) {
            return Some(true);
        }
        (rest.len() >= ends.len() || last).then_some(rest.len() < ends.len())
    }

    /// Hands on bytes as they are.
    fn pass(&mut self, at: usize, count: usize, out: &mut Vec<u8>) {
        for index in at..at + count {
            if !self.escapes.is_empty() {
                self.release_escapes(index, out);
            }
            if self.escapes.is_empty() {
                out.extend_from_slice(&self.held[index..at + count]);
                break;
            }
            out.push(self.held[index]);
        }
        self.masked &= count == 0;
        for byte in at..at + count {
            self.pass_over(self.held[byte]);
        }
    }

    fn pass_over(&mut self, byte: u8) {
        self.before = [self.before[1], byte];
        if matches!(byte, b'\n' | b'\r') {
            self.column = 0;
            // A line may end with two bytes.
            if !self.line.is_empty() {
                std::mem::swap(&mut self.above, &mut self.line);
            }
            self.line.clear();
        } else {
            self.column += 1;
            if self.line.len() == 2 * LONGEST_LINE {
                self.line.drain(..LONGEST_LINE);
            }
            self.line.push(byte);
        }
    }

    /// Whether the line is so short here that a text may be folded into such lines.
    fn in_short_line(&self) -> bool {
        self.column < SHORT_LINE
    }

    fn mask(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.masked, true) {
            out.extend_from_slice(MASK.as_bytes());
        }
    }

    /// Puts the mask in place of held bytes that were not handed on yet.
    fn replace(&mut self, range: std::ops::Range<usize>) {
        for (index, _) in &mut self.escapes {
            if *index >= range.end {
                *index = *index - range.len() + MASK.len();
            } else if *index > range.start {
                *index = range.start;
            }
        }
        self.held.splice(range, MASK.bytes());
    }

    fn release_escapes(&mut self, at: usize, out: &mut Vec<u8>) {
        while self.escapes.front().is_some_and(|(index, _)| *index <= at) {
            if let Some((_, sequence)) = self.escapes.pop_front() {
                out.extend_from_slice(&sequence);
                self.masked &= self.covered > 0 || self.value.is_some();
            }
        }
    }
}

impl Value {
    /// Whether a byte ends the value. Line ends always do.
    fn ends(&mut self, byte: u8) -> bool {
        let escaped = self.escaped;
        self.escaped = byte == b'\\' && !escaped;
        let quote = matches!(self.end, End::Quote(quote) if quote == byte);
        assigned::ends(self.end, byte) && !(quote && escaped)
    }
}

#[cfg(test)]
mod tests;
