//! Finds the records in a ledger's bytes by their lines. Values never span lines, so lines are all that is needed.

use super::text::OPENING;
use crate::checklist::Digest;

/// One whole record as it is now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// What the sum is over: from the opening line up to the `sum` line.
    pub summed: &'a [u8],
    pub sum: Digest,
    /// Bytes from the end of the record before to the end of this one.
    pub length: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'a> {
    Record(Frame<'a>),
    /// The beginning of a record whose rest has not come, or never will.
    Incomplete,
    /// Nothing follows.
    End,
}

/// The empty line and the opening line of a record.
const BEGINNING: &[u8] = b"\n[[record]]\n";
const SUM_KEY: &[u8] = b"sum = ";
const SUM_LINE: usize = 6 + 66 + 1;

/// Finds the record that begins where the one before ended.
///
/// # Errors
/// A sentence about bytes that no gonogo writes.
pub(super) fn next(bytes: &[u8]) -> Result<Next<'_>, String> {
    if bytes.is_empty() {
        return Ok(Next::End);
    }
    let Some(rest) = bytes.strip_prefix(BEGINNING) else {
        // A file system may have grown the file before the bytes came; they read as zeros then.
        let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let begun = BEGINNING.starts_with(&bytes[..written]);
        let strange = || "here stands something that is no record, as if added by hand".to_owned();
        return if begun { Ok(Next::Incomplete) } else { Err(strange()) };
    };
    let mut at = BEGINNING.len();
    let mut begun = 0;
    for newline in memchr::memchr_iter(b'\n', rest) {
        let line = &rest[begun..=newline];
        if line == OPENING.as_bytes() {
            return Err("the next record begins before this one's sum".to_owned());
        }
        if line.starts_with(SUM_KEY) {
            let sum = sum_in(line).ok_or("its `sum` line is no SHA-256")?;
            return Ok(Next::Record(Frame { summed: &bytes[1..at], sum, length: at + line.len() }));
        }
        begun = newline + 1;
        at += line.len();
    }
    Ok(Next::Incomplete)
}

fn sum_in(line: &[u8]) -> Option<Digest> {
    let digits = line.strip_prefix(b"sum = \"")?.strip_suffix(b"\"\n")?;
    let hexadecimal = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if line.len() != SUM_LINE || !digits.iter().all(hexadecimal) {
        return None;
    }
    Some(Digest::read(std::str::from_utf8(digits).ok()?))
}

impl<'a> Frame<'a> {
    /// The fields between the opening line and the sum, once the sum is known to be right.
    ///
    /// # Errors
    /// A sentence when the bytes and the sum do not belong together.
    pub(super) fn fields(&self) -> Result<&'a str, String> {
        if Digest::of(self.summed) != self.sum {
            return Err("its bytes are not those its sum was made of".to_owned());
        }
        let text = std::str::from_utf8(self.summed).map_err(|_| "it is not UTF-8".to_owned())?;
        Ok(text.strip_prefix(OPENING).unwrap_or(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Vec<u8> {
        let body = "[[record]]\nseq = 1\nnote = \"[[record]]\\nsum = \\\"0\\\"\"\n";
        format!("\n{body}sum = \"{}\"\n", Digest::of(body.as_bytes())).into_bytes()
    }

    #[test]
    fn every_prefix_is_incomplete_and_the_whole_is_a_record() {
        let whole = record();
        for end in 1..whole.len() {
            assert_eq!(next(&whole[..end]), Ok(Next::Incomplete), "at {end}");
        }
        let Ok(Next::Record(frame)) = next(&whole) else { panic!("not a record") };
        assert_eq!(frame.length, whole.len());
        assert!(frame.fields().unwrap().starts_with("seq = 1\n"));
    }

    #[test]
    fn zeros_after_a_crash_are_incomplete() {
        assert_eq!(next(&[0; 64]), Ok(Next::Incomplete));
        let mut torn = record()[..30].to_vec();
        torn.extend([0; 40]);
        assert_eq!(next(&torn), Ok(Next::Incomplete));
    }

    #[test]
    fn what_no_gonogo_writes_is_named() {
        assert!(next(b"# by hand\n").is_err());
        assert!(next(b"\n# by hand\n").is_err());
        assert!(next(b"\n[[record]]\nseq = 1\n\n[[record]]\nseq = 2\n").is_err());
        assert!(next(b"\n[[record]]\nseq = 1\nsum = \"12\"\n").is_err());
    }

    #[test]
    fn a_changed_byte_breaks_the_sum() {
        let mut bytes = record();
        bytes[18] = b'7';
        let Ok(Next::Record(frame)) = next(&bytes) else { panic!("not a record") };
        assert!(frame.fields().is_err());
    }
}
