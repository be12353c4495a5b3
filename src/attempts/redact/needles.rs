//! Looks for many byte strings at once, in whatever spelling.

use super::spelling::{Spelled, is_introducer};
use std::collections::{BTreeSet, HashSet};

/// A secret may be wrapped over lines once this much of it is read; before, every line end would be waited behind.
const WRAPPED_FROM: usize = 2;
/// In a line of a few bytes.
const WRAPPED_FROM_SHORT: usize = 1;
/// The most line ends and indentation read within one match.
const MOST_BLANKS: u16 = 160;
const BACKSPACE: u8 = 8;
/// From this many steps on, places already looked at are remembered.
const STEPS: usize = 128;

/// Byte strings to look for, in order, so that those that begin alike are one range.
pub(super) struct Needles {
    sorted: Vec<Vec<u8>>,
    /// Pairs of bytes that may begin a match, a bit each.
    pairs: Vec<u64>,
    /// Three bytes that begin a needle as they are, a bit for each of their hashes.
    starts: Vec<u64>,
    /// Pairs that begin what is none of the needles.
    marked: Vec<u64>,
    begins: [bool; 256],
}

/// So many steps end any search: only a secret made of nothing but escapes takes as many.
const MOST_STEPS: usize = 20_000;

/// What was found at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// The longest match, in bytes.
    Match(usize),
    /// It depends on what comes.
    Open,
}

impl Needles {
    #[must_use]
    pub(super) fn new(needles: BTreeSet<Vec<u8>>) -> Self {
        let sorted: Vec<Vec<u8>> = needles.into_iter().filter(|needle| needle.len() > 2).collect();
        let (mut pairs, mut starts, mut marked) = (vec![0; 1024], vec![0; 1024], vec![0; 1024]);
        let mut begins = [false; 256];
        for needle in &sorted {
            begins[usize::from(needle[0])] = true;
            set(&mut pairs, pair(needle[0], needle[1]));
            // Printed twice over itself, as for a bold letter.
            for first in [needle[0], b'_'] {
                set(&mut pairs, pair(first, BACKSPACE));
                set(&mut marked, pair(first, BACKSPACE));
                begins[usize::from(first)] = true;
            }
            // One letter a line.
            for end in [b'\n', b'\r'] {
                set(&mut pairs, pair(needle[0], end));
                set(&mut marked, pair(needle[0], end));
            }
            set(&mut starts, start(needle));
        }
        let spelled = |byte: u8| is_introducer(byte) && !sorted.is_empty();
        for (first, next) in (0..=u8::MAX).flat_map(|first| (0..=u8::MAX).map(move |next| (first, next))) {
            if spelled(first) && may_follow(first, next, &begins) || begins[usize::from(first)] && spelled(next) {
                set(&mut pairs, pair(first, next));
            }
        }
        for byte in 0..=u8::MAX {
            begins[usize::from(byte)] |= spelled(byte);
        }
        Self { sorted, pairs, starts, marked, begins }
    }

    pub(super) fn sorted(&self) -> &[Vec<u8>] {
        &self.sorted
    }

    /// How many of the last bytes begin a needle that is longer, where they are at least so many.
    pub(super) fn begun_at_the_end(&self, bytes: &[u8], least: usize) -> usize {
        let longest = |needle: &Vec<u8>| (least..needle.len()).rev().find(|length| bytes.ends_with(&needle[..*length]));
        self.sorted.iter().filter_map(longest).max().unwrap_or(0)
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Counts two bytes among those that may begin something.
    pub(super) fn mark(&mut self, first: u8, next: u8) {
        set(&mut self.pairs, pair(first, next));
        set(&mut self.marked, pair(first, next));
        self.begins[usize::from(first)] = true;
    }

    /// Counts three bytes among those that may begin something.
    pub(crate) fn mark_start(&mut self, begins: &[u8]) {
        set(&mut self.pairs, pair(begins[0], begins[1]));
        set(&mut self.starts, start(begins));
        self.begins[usize::from(begins[0])] = true;
    }

    /// Where in `bytes` something may begin, at the earliest; their length when nowhere.
    pub(super) fn candidate(&self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while let Some(found) = bytes[at..].windows(2).position(|two| is_set(&self.pairs, pair(two[0], two[1]))) {
            at += found;
            let rest = &bytes[at..];
            let spelled = |byte: &u8| is_introducer(*byte) || matches!(byte, b'\n' | b'\r');
            let plain = rest.len() > 2 && !rest[..3].iter().any(spelled);
            if !plain || is_set(&self.starts, start(rest)) || is_set(&self.marked, pair(rest[0], rest[1])) {
                return at;
            }
            at += 1;
        }
        match bytes.last() {
            Some(last) if self.begins[usize::from(*last)] => bytes.len() - 1,
            _ => bytes.len(),
        }
    }

    /// What begins with the first of `bytes`; `last` says that nothing comes after them, `short` that the line
    /// is short up to here.
    pub(super) fn find(&self, bytes: &[u8], last: bool, short: bool) -> Found {
        // Bytes of no character, or a half of one, stand in a needle only to be found where they are spelled.
        if is_within(bytes[0]) {
            return Found::Nothing;
        }
        let spelled = Spelled::new(bytes);
        let wrapped_from = if short { WRAPPED_FROM_SHORT } else { WRAPPED_FROM };
        match (Search { needles: self, spelled: &spelled, wrapped_from }).longest() {
            _ if spelled.ended() && !last => Found::Open,
            0 => Found::Nothing,
            length => Found::Match(length + bytes[length..].iter().take_while(|byte| is_within(**byte)).count()),
        }
    }
}

/// Whether a byte goes on with a character of UTF-8.
fn is_within(byte: u8) -> bool {
    (0x80..0xc0).contains(&byte)
}

fn pair(first: u8, next: u8) -> usize {
    usize::from(first) << 8 | usize::from(next)
}

/// A hash of the first three bytes, of 16 bits.
fn start(bytes: &[u8]) -> usize {
    pair(bytes[0], bytes[1]).wrapping_mul(0x9e37) >> 4 & 0xffff ^ usize::from(bytes[2]).wrapping_mul(0x0101)
}

fn set(bits: &mut [u64], bit: usize) {
    bits[bit / 64] |= 1 << (bit % 64);
}

fn is_set(bits: &[u64], bit: usize) -> bool {
    bits[bit / 64] & 1 << (bit % 64) != 0
}

/// Whether an introducer and the byte after it may begin a needle. A quote alone is mostly just a quote.
fn may_follow(introducer: u8, next: u8, begins: &[bool; 256]) -> bool {
    match introducer {
        b'%' => next.is_ascii_hexdigit() || next == b'%',
        b'&' => next.is_ascii_alphabetic() || next == b'#',
        b'+' => begins[usize::from(b' ')],
        b'\'' => begins[usize::from(b'\'')] && matches!(next, b'\'' | b'\\' | b'"'),
        b'"' => begins[usize::from(b'"')] && matches!(next, b'\'' | b'"'),
        b'$' => begins[usize::from(b'$')] && next == b'$',
        _ => true,
    }
}

/// Needles from `low` up to `high` agree in their first `depth` bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    low: usize,
    high: usize,
    depth: usize,
}

/// Line ends and indentation read so far.
#[derive(Clone, Copy, Default)]
struct Blanks {
    count: u16,
    /// At the beginning of a line.
    indent: bool,
}

struct Search<'s> {
    needles: &'s Needles,
    spelled: &'s Spelled<'s>,
    wrapped_from: usize,
}

impl Search<'_> {
    /// The length of the longest match. The places still open are kept in a list and not on the stack, which a long secret
    /// made of escapes would exhaust.
    fn longest(&self) -> usize {
        let (mut best, mut steps, mut seen) = (0, 0, HashSet::new());
        let mut open = vec![(Place { low: 0, high: self.needles.sorted.len(), depth: 0 }, 0, Blanks::default())];
        while let Some((mut place, at, blanks)) = open.pop() {
            steps += 1;
            if steps > MOST_STEPS {
                break;
            }
            if steps > STEPS && !seen.insert((place, at)) {
                continue;
            }
            if place.depth > 0 && self.needles.sorted[place.low].len() == place.depth {
                best = best.max(self.struck_again(place, at));
                place.low += 1;
            }
            if place.low == place.high {
                continue;
            }
            if let Some(next) = self.overstruck(place, at) {
                open.push((place, next, blanks));
            }
            self.spelled.each(at, &mut |read, next| {
                let blank = matches!(read, b"\n" | b"\r") || blanks.indent && matches!(read, b" " | b"\t");
                if blank && place.depth >= self.wrapped_from && blanks.count < MOST_BLANKS {
                    open.push((place, next, Blanks { count: blanks.count + 1, indent: true }));
                }
                if let Some(place) = self.narrowed(place, read) {
                    open.push((place, next, Blanks { indent: false, ..blanks }));
                }
            });
        }
        best
    }

    /// Where a match ends whose last letter is struck once more.
    fn struck_again(&self, place: Place, at: usize) -> usize {
        let Some(last) = self.needles.sorted[place.low].last() else { return at };
        let mut end = at;
        while self.spelled.has(end, &[BACKSPACE, *last]) {
            end += 2;
        }
        self.spelled.may_be_struck(end);
        end
    }

    /// Behind what only makes a letter bold or underlined: the letter before once more, or a line under the next.
    fn overstruck(&self, place: Place, at: usize) -> Option<usize> {
        let before = place.depth.checked_sub(1).and_then(|depth| self.needles.sorted[place.low].get(depth).copied());
        let bold = before.is_some_and(|before| self.spelled.has(at, &[BACKSPACE, before]));
        (bold || self.spelled.has(at, &[b'_', BACKSPACE])).then_some(at + 2)
    }

    fn narrowed(&self, mut place: Place, read: &[u8]) -> Option<Place> {
        for byte in read {
            let range = &self.needles.sorted[place.low..place.high];
            let at = |needle: &Vec<u8>| needle.get(place.depth).copied();
            let low = range.partition_point(|needle| at(needle) < Some(*byte));
            let high = low + range[low..].partition_point(|needle| at(needle) == Some(*byte));
            if low == high {
                return None;
            }
            place = Place { low: place.low + low, high: place.low + high, depth: place.depth + 1 };
        }
        Some(place)
    }
}
