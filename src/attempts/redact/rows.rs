//! Rows of dumps, as `hexdump`, `xxd` and `od` write them: an offset, bytes in columns, perhaps the text beside them. A
//! secret that is in several rows is whole in none of them, so a row is masked that holds a piece of one.

use super::MASK;
use std::collections::HashSet;

/// So many bytes in a row are a piece of a secret.
const PIECE: usize = 4;
/// No row of a dump is longer.
const LONGEST: usize = 320;
const OFFSET: std::ops::RangeInclusive<usize> = 4..=16;

/// Every piece of the secrets.
#[derive(Debug, Clone, Default)]
pub(super) struct Pieces(HashSet<[u8; PIECE]>);

impl Pieces {
    pub(super) fn add(&mut self, value: &[u8]) {
        self.0.extend(value.windows(PIECE).filter_map(|piece| piece.first_chunk().copied()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        bytes.windows(PIECE).any(|piece| piece.first_chunk().is_some_and(|piece| self.0.contains(piece)))
    }
}

/// Holds a line back for as long as it may be a row of a dump.
#[derive(Debug)]
pub(super) struct Rows {
    line: Vec<u8>,
    /// At the beginning of a line, or within one that may be a row.
    may_be: bool,
}

impl Default for Rows {
    fn default() -> Self {
        Self { line: Vec::new(), may_be: true }
    }
}

impl Rows {
    /// Takes the next bytes of a text, and gives those that are no row, and rows with their pieces masked.
    pub(super) fn take(&mut self, bytes: &[u8], pieces: &Pieces, out: &mut Vec<u8>) {
        if pieces.is_empty() {
            out.extend_from_slice(bytes);
            return;
        }
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            let is_end = matches!(byte, b'\n' | b'\r');
            if !self.may_be {
                let plain =
                    rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(rest.len(), |end| end + 1);
                out.extend_from_slice(&rest[..plain]);
                self.may_be = rest[..plain].ends_with(b"\n") || rest[..plain].ends_with(b"\r");
                rest = &rest[plain..];
                continue;
            }
            if is_end {
                self.end(pieces, out);
                out.push(byte);
            } else {
                self.line.push(byte);
                if !begins_row(&self.line) {
                    self.give_up(out);
                }
            }
            rest = after;
        }
    }

    /// What is held back is no row: an escape came, which no dump writes.
    pub(super) fn give_up(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.line);
        self.may_be = false;
    }

    /// The line ends here.
    pub(super) fn end(&mut self, pieces: &Pieces, out: &mut Vec<u8>) {
        match self.line.iter().position(|byte| matches!(byte, b' ' | b':' | b'\t')) {
            Some(offset) if readings(&self.line[offset..]).iter().any(|bytes| pieces.is_in(bytes)) => {
                out.extend_from_slice(&self.line[..offset]);
                out.extend_from_slice(b"  ");
                out.extend_from_slice(MASK.as_bytes());
                self.line.clear();
            }
            _ => out.append(&mut self.line),
        }
        self.may_be = true;
    }
}

/// Whether a line begins as a row does: digits of an offset, then a blank or a colon, then digits or a single character.
fn begins_row(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let Some(next) = line.get(digits) else { return digits <= *OFFSET.end() };
    let columns = line[digits..].strip_prefix(b":").unwrap_or(&line[digits..]).trim_ascii_start();
    let first = columns.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let is_column = first.len() < 2 || first[0] == b'\\' || first.iter().all(u8::is_ascii_hexdigit);
    OFFSET.contains(&digits) && matches!(next, b' ' | b':' | b'\t') && is_column && line.len() <= LONGEST
}

/// The bytes that the columns behind an offset may stand for: pairs of digits, words of either order, octal numbers,
/// single characters; and the text beside them.
fn readings(columns: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(columns).into_owned();
    let text = text.trim_start_matches(':');
    let numbers = text.split('|').next().unwrap_or_default();
    let words: Vec<&str> = numbers.split_whitespace().collect();
    let hex = |size: usize, turned: bool| -> Vec<u8> {
        let is_hex = |word: &&&str| word.len() == size && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        words
            .iter()
            .take_while(is_hex)
            .flat_map(|word| {
                let mut bytes: Vec<u8> =
                    (0..size / 2).filter_map(|at| u8::from_str_radix(&word[at * 2..at * 2 + 2], 16).ok()).collect();
                if turned {
                    bytes.reverse();
                }
                bytes
            })
            .collect()
    };
    let mut found: Vec<Vec<u8>> =
        [2, 4, 8, 16].into_iter().flat_map(|size| [hex(size, false), hex(size, true)]).collect();
    // A last column may be a shorter one.
    found.push(words.iter().filter_map(|word| u8::from_str_radix(word, 8).ok()).collect());
    found.push(words.iter().filter_map(|word| word.parse().ok()).collect());
    let single = |word: &&str| match word.as_bytes() {
        [byte] => Some(*byte),
        [b'\\', escape] => Some(match escape {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'0' => 0,
            other => *other,
        }),
        digits => str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 8).ok()),
    };
    found.push(words.iter().filter_map(single).collect());
    // hexdump puts bars around the text, xxd two blanks before it.
    found.extend(text.split('|').nth(1).map(|text| text.as_bytes().to_vec()));
    found.extend(text.rsplit("  ").next().map(|text| text.as_bytes().to_vec()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const SECRET: &[u8] = b"tok-AABBCCDDEEFFGGHH-long-enough";

    fn shown(text: &str, cuts: usize) -> String {
        let mut pieces = Pieces::default();
        pieces.add(SECRET);
        let (mut rows, mut out) = (Rows::default(), Vec::new());
        for part in text.as_bytes().chunks(cuts) {
            rows.take(part, &pieces, &mut out);
        }
        rows.end(&pieces, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[rstest]
    // hexdump -C
    #[case(
        "00000000  78 3d 74 6f 6b 2d 41 41  42 42 43 43 44 44 45 45  |x=tok-AABBCCDDEE|\n00000010  46 46 47 47 48 48 2d 6c  6f 6e 67 2d 65 6e 6f 75  |FFGGHH-long-enou|\n"
    )]
    // xxd
    #[case(
        "00000000: 783d 746f 6b2d 4141 4242 4343 4444 4545  x=tok-AABBCCDDEE\n00000010: 4646 4747 4848 2d6c 6f6e 672d 656e 6f75  FFGGHH-long-enou\n"
    )]
    // od -x, od -c, od -to1, od -tx4
    #[case("0000000 3d78 6f74 2d6b 4141 4242 4343 4444 4545\n0000020 4646 4747 4848 6c2d 6e6f 2d67 6e65 756f\n")]
    #[case(
        "0000000   x   =   t   o   k   -   A   A   B   B   C   C   D   D   E   E\n0000020   F   F   G   G   H   H   -   l   o   n   g   -   e   n   o   u\n"
    )]
    #[case(
        "0000000 170 075 164 157 153 055 101 101 102 102 103 103 104 104 105 105\n0000020 106 106 107 107 110 110 055 154 157 156 147 055 145 156 157 165\n"
    )]
    fn rows_that_hold_a_piece_of_a_secret_are_masked(#[case] dump: &str) {
        for cuts in [1, 7, 1000] {
            let text = format!("before\n{dump}after 0000: 1\n");
            let shown = shown(&text, cuts);
            assert_eq!(shown.matches(MASK).count(), 2, "{shown}");
            for left in ["4343", "C   C", "43 43", "103", "AABB", "long"] {
                assert!(!shown.contains(left), "{left}: {shown}");
            }
            assert!(shown.starts_with("before\n0000") && shown.ends_with("after 0000: 1\n"), "{shown}");
        }
    }

    #[test]
    fn what_is_no_row_is_not_held_back() {
        let mut pieces = Pieces::default();
        pieces.add(SECRET);
        let (mut rows, mut out) = (Rows::default(), Vec::new());
        rows.take(b"1234 rows. Go on? [y/N] ", &pieces, &mut out);
        assert_eq!(out, b"1234 rows. Go on? [y/N] ");
    }

    #[rstest]
    #[case("00000000  6e 6f 74 68 69 6e 67 20  68 65 72 65 0a           |nothing here.|\n")]
    #[case("2026-11-27 03:30:57 all is well, 12 rows\n1234 rows in 5 tables\nabcd: 1 2 3\ndeadbeef")]
    #[case("cafe \u{1F600} and\r\n0000 \r50%\r100%\n")]
    fn all_else_stays_as_it_is(#[case] text: &str) {
        for cuts in [1, 3, 1000] {
            assert_eq!(shown(text, cuts), text);
        }
    }
}
