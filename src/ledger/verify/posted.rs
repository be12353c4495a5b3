//! A head as one line, posted elsewhere: whoever has the line can tell later whether a ledger extends it.

use crate::checklist::Digest;
use crate::deployment::{Record, Seq};
use chrono::{DateTime, Utc};
use std::fmt;
use std::str::FromStr;

const WORD: &str = "gonogo-anchor-1";

/// `gonogo-anchor-1 ledger=… seq=12 sum=… at=…`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Posted {
    /// The sum of the first record, which no other ledger has.
    pub ledger: Digest,
    pub seq: Seq,
    pub sum: Digest,
    pub at: DateTime<Utc>,
}

impl Posted {
    /// The head of these records; nothing where there is none.
    pub(crate) fn of(records: &[impl AsRef<Record>]) -> Option<Self> {
        let (first, last) = (records.first()?.as_ref(), records.last()?.as_ref());
        Some(Self { ledger: first.sum.clone(), seq: last.seq, sum: last.sum.clone(), at: last.at })
    }

    /// Every line of a text, as in the file that `gonogo anchor --every` fills.
    ///
    /// # Errors
    /// When something in it is no such line.
    pub(crate) fn all(text: &str) -> Result<Vec<Self>, NotPosted> {
        let mut pieces: Vec<String> = Vec::new();
        for line in text.lines() {
            match pieces.last_mut() {
                Some(last) if !line.contains(WORD) || !last.contains(WORD) => {
                    last.push('\n');
                    last.push_str(line);
                }
                _ => pieces.push(line.to_owned()),
            }
        }
        if pieces.is_empty() {
            pieces.push(String::new());
        }
        pieces.iter().map(|piece| piece.parse()).collect()
    }
}

/// Why a text is not one line of `gonogo anchor`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotPosted {
    #[error("this is no line of gonogo anchor: {0}")]
    NoLine(String),
    #[error(
        "more follows the line of gonogo anchor, from `{0}` on; give the line alone, and each line with an --anchor of its own"
    )]
    More(String),
}

impl fmt::Display for Posted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ledger, seq, sum, at } = self;
        write!(f, "{WORD} ledger={ledger} seq={} sum={sum} at={}", seq.0, at.format("%Y-%m-%dT%H:%M:%S%.3fZ"))
    }
}

impl FromStr for Posted {
    type Err = NotPosted;

    /// Finds the line in what was posted: a ticket may have put a name or quotes around it.
    fn from_str(text: &str) -> Result<Self, NotPosted> {
        let refuse = || NotPosted::NoLine(text.trim().to_owned());
        let (_, rest) = text.split_once(WORD).ok_or_else(refuse)?;
        let mut fields = rest.split_whitespace();
        let mut field = |key: &str| fields.next().and_then(|field| field.strip_prefix(key)).ok_or_else(refuse);
        let (ledger, seq, sum) = (field("ledger=")?, field("seq=")?, field("sum=")?);
        let at = field("at=")?.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        // Something was added to what was posted, or two lines were given as one: nobody can tell which is meant.
        if let Some(more) = fields.find(|word| word.contains(char::is_alphanumeric)) {
            return Err(NotPosted::More(crate::harmless::line(more).to_string()));
        }
        let is_sum = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_sum(ledger) || !is_sum(sum) {
            return Err(refuse());
        }
        Ok(Self {
            ledger: Digest::read(ledger),
            seq: Seq(seq.parse().map_err(|_| refuse())?),
            sum: Digest::read(sum),
            at: at.parse().map_err(|_| refuse())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again_in_what_was_posted() {
        let posted = Posted {
            ledger: Digest::of(b"first"),
            seq: Seq(12),
            sum: Digest::of(b"head"),
            at: "2026-11-27T02:00:00.250Z".parse().unwrap(),
        };
        let line = posted.to_string();
        assert_eq!(line.parse(), Ok(posted.clone()));
        assert_eq!(format!("ada: `{line}`\n").parse(), Ok(posted.clone()));
        assert_eq!(format!("> \"{line}\" .\n").parse(), Ok(posted.clone()));
        for more in [" rm", " seq=13", &format!("\n{line}"), "\n\nposted by ada"] {
            let why = format!("{line}{more}").parse::<Posted>().unwrap_err();
            assert!(matches!(why, NotPosted::More(_)), "{why}");
        }
        let mut later = posted.clone();
        later.seq = Seq(13);
        assert_eq!(Posted::all(&format!("posted:\n{line}\n\n{later}\n")), Ok(vec![posted.clone(), later]));
        assert!(Posted::all("").is_err() && Posted::all(&format!("{line}\nmore\n{line}")).is_err());
        for other in ["", "gonogo-anchor-1", &line.replace("seq=12", "seq=x"), &line.replace("sum=", "sum=0")] {
            assert!(other.parse::<Posted>().is_err(), "{other}");
        }
    }
}
