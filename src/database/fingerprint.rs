//! An order-free fingerprint of rows.
//!
//! Each row is written out with every value tagged and its length before it, hashed with SHA-256, and the first 128
//! bits are summed modulo 2^128. A sum does not care for order; it counts a row as often as it is there (an exclusive
//! or would lose pairs); and because the hash is over the whole row, values swapped between two rows change it.
//!
//! A number is written out in decimal and counts as equal to the text of just these digits: a column declared anew may
//! hold the same values in another storage class. `05` and `5` are different.

use sha2::{Digest, Sha256};
use std::io::Write as _;

/// Names the method, so that a later one is never compared with this one.
pub const METHOD: &str = "rows1";

const NULL: u8 = 0;
const TEXT: u8 = 1;
const BLOB: u8 = 2;

/// Takes values row by row.
#[derive(Debug, Default)]
pub struct Fingerprint {
    row: Vec<u8>,
    sum: u128,
    rows: u64,
}

impl Fingerprint {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn null(&mut self) {
        self.row.push(NULL);
    }

    pub fn text(&mut self, bytes: &[u8]) {
        self.value(TEXT, bytes);
    }

    pub fn blob(&mut self, bytes: &[u8]) {
        self.value(BLOB, bytes);
    }

    pub fn integer(&mut self, number: i64) {
        let mut digits = [0_u8; 20];
        let mut at = digits.len();
        let mut rest = number.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            at -= 1;
            digits[at] = b'-';
        }
        self.value(TEXT, &digits[at..]);
    }

    /// A whole number counts as the integer it is; other numbers by the shortest decimal that reads back the same.
    pub fn real(&mut self, number: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "whole and far inside the range of 64 bits")]
        if number.fract() == 0.0 && number.abs() < 9.0e15 {
            return self.integer(number as i64);
        }
        let mut text = [0_u8; 32];
        let room = text.len();
        let mut rest = &mut text[..];
        let written =
            if (1e-5..1e15).contains(&number.abs()) { write!(rest, "{number}") } else { write!(rest, "{number:e}") };
        // The shortest decimal of a double has at most 24 characters in either form.
        debug_assert!(written.is_ok(), "{number:e}");
        let used = room - rest.len();
        self.value(TEXT, &text[..used]);
    }

    /// Ends a row and adds it to the sum.
    pub fn end_row(&mut self) {
        let hash = Sha256::digest(&self.row);
        let mut first = [0_u8; 16];
        first.copy_from_slice(&hash[..16]);
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(first));
        self.rows += 1;
        self.row.clear();
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// `rows1:` and 32 hexadecimal digits.
    pub fn finish(&self) -> String {
        format!("{METHOD}:{:032x}", self.sum)
    }

    fn value(&mut self, tag: u8, bytes: &[u8]) {
        self.row.push(tag);
        // Seven bits a byte, so that short values, nearly all of them, cost one byte.
        let mut length = bytes.len();
        while length > 0x7f {
            self.row.push(0x80 | u8::try_from(length & 0x7f).unwrap_or_default());
            length >>= 7;
        }
        self.row.push(u8::try_from(length).unwrap_or_default());
        self.row.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(rows: &[Vec<&str>]) -> String {
        let mut print = Fingerprint::new();
        for row in rows {
            for value in row {
                print.text(value.as_bytes());
            }
            print.end_row();
        }
        print.finish()
    }

    #[test]
    fn order_is_free_but_swaps_repeats_and_shifted_borders_are_not() {
        let plain = of(&[vec!["a", "1"], vec!["b", "2"]]);
        assert_eq!(plain, of(&[vec!["b", "2"], vec!["a", "1"]]));
        assert_ne!(plain, of(&[vec!["a", "2"], vec!["b", "1"]]));
        assert_ne!(of(&[vec!["ab", "c"]]), of(&[vec!["a", "bc"]]));
        assert_ne!(of(&[]), of(&[vec!["a"], vec!["a"]]));
        assert_ne!(of(&[vec!["a"], vec!["a"]]), of(&[vec!["b"], vec!["b"]]));
    }

    fn single(give: impl FnOnce(&mut Fingerprint)) -> String {
        let mut print = Fingerprint::new();
        give(&mut print);
        print.end_row();
        print.finish()
    }

    #[test]
    fn storage_classes_meet_only_where_the_digits_are_the_same() {
        let five = single(|p| p.integer(5));
        assert_eq!(five, single(|p| p.real(5.0)));
        assert_eq!(five, single(|p| p.text(b"5")));
        assert_ne!(five, single(|p| p.text(b"05")));
        assert_ne!(five, single(|p| p.blob(b"5")));
        assert_eq!(single(|p| p.real(0.1)), single(|p| p.text(b"0.1")));
        assert_ne!(single(Fingerprint::null), single(|p| p.text(b"")));
        assert_ne!(single(|p| p.text(b"")), single(|p| p.blob(b"")));
    }

    proptest! {
        #[test]
        fn integers_are_written_as_decimal(number: i64) {
            prop_assert_eq!(single(|p| p.integer(number)), single(|p| p.text(number.to_string().as_bytes())));
        }

        #[test]
        fn different_reals_differ(a: f64, b: f64) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(single(|p| p.real(a)) == single(|p| p.real(b)), a.partial_cmp(&b) == Some(std::cmp::Ordering::Equal));
        }
    }
}
