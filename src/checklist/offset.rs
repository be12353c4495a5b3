//! Lengths of time and offsets from T-0, as people write them: `30s`, `5m`, `24h`, `7d`, `T-10m`, `T+1m`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{self, Write as _};
use std::time::Duration;

/// A length of time, whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(Duration);

impl Span {
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    pub const fn duration(self) -> Duration {
        self.0
    }

    /// Reads `250ms`, `1.5s`, `5m`, `24h`, `7d` and sums such as `1h30m`.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let refuse = || TimeError::NotALength(text.to_owned());
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(refuse());
        }
        let mut millis = 0.0_f64;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(refuse)?;
            let number: f64 = rest[..digits].parse().map_err(|_| refuse())?;
            rest = &rest[digits..];
            let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let scale = match &rest[..letters] {
                "ms" => 1.0,
                "s" => 1_000.0,
                "m" | "min" => 60_000.0,
                "h" => 3_600_000.0,
                "d" => 86_400_000.0,
                _ => return Err(refuse()),
            };
            millis += number * scale;
            rest = rest[letters..].trim_start();
        }
        // A century is longer than any window and keeps every later sum far from overflow.
        if !millis.is_finite() || millis > 3.2e12 {
            return Err(TimeError::TooLong(text.to_owned()));
        }
        // Whole microseconds, of which a hundred years are counted exactly: seconds in binary fractions lose a millisecond.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded above, and no digit is negative"
        )]
        Ok(Self(Duration::from_micros((millis * 1_000.0).round() as u64)))
    }
}

/// Why a text is no time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeError {
    NotALength(String),
    TooLong(String),
    NotAnOffset(String),
}

impl TimeError {
    /// What is wrong with it.
    pub fn what(&self) -> String {
        match self {
            Self::NotALength(text) => format!("`{text}` is no length of time"),
            Self::TooLong(text) => format!("`{text}` is longer than a hundred years"),
            Self::NotAnOffset(text) => format!("`{text}` is no offset"),
        }
    }

    /// What to write instead.
    pub const fn next(&self) -> &'static str {
        match self {
            Self::NotALength(_) => "write for example 250ms, 30s, 5m, 24h or 7d",
            Self::TooLong(_) => "write a shorter one",
            Self::NotAnOffset(_) => "write for example T-10m, T+0 or T+90s",
        }
    }
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what(), self.next())
    }
}

impl std::error::Error for TimeError {}

impl fmt::Display for Span {
    /// The shortest exact form: `5m`, `1h30m`, `1.5s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis == 0 {
            return f.pad("0s");
        }
        let mut text = String::new();
        let mut rest = millis;
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
            if rest >= size {
                let _ = write!(text, "{}{unit}", rest / size);
                rest %= size;
            }
        }
        f.pad(&text)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// When a step is planned, counted from T-0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offset {
    millis: i64,
}

impl Offset {
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self { millis }
    }

    pub const fn millis(self) -> i64 {
        self.millis
    }

    /// Reads `T-10m`, `T+90s`, `T-0`, with any sign character people paste.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let refuse = || TimeError::NotAnOffset(text.to_owned());
        let rest = text.trim().strip_prefix(['T', 't']).ok_or_else(refuse)?.trim_start();
        let mut chars = rest.chars();
        let sign = match chars.next() {
            Some('+') => 1,
            Some('-' | '−' | '–') => -1,
            _ => return Err(refuse()),
        };
        let rest = chars.as_str().trim();
        let millis = if rest == "0" { 0 } else { Span::parse(rest).map_err(|_| refuse())?.duration().as_millis() };
        Ok(Self { millis: sign * i64::try_from(millis).map_err(|_| refuse())? })
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.millis < 0 { '-' } else { '+' };
        let size = Span::from_millis(self.millis.unsigned_abs());
        if self.millis == 0 { f.pad("T+0") } else { f.pad(&format!("T{sign}{size}")) }
    }
}

impl Serialize for Offset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // With the sign that it has always had there: digests of checklists in ledgers rest on it.
        serializer.collect_str(&self.to_string().replace('-', "−"))
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_offset_reads_back_to_the_millisecond() {
        for millis in [953_339_647_703, -953_339_647_703, 1, 86_400_001] {
            assert_eq!(Offset::parse(&Offset::from_millis(millis).to_string()), Ok(Offset::from_millis(millis)));
        }
    }

    #[test]
    fn spans_read_what_people_write() {
        assert_eq!(Span::parse("1h30m").unwrap().duration().as_secs(), 5_400);
        assert_eq!(Span::parse("1.5s").unwrap().duration().as_millis(), 1_500);
        assert_eq!(Span::parse("250ms").unwrap().to_string(), "250ms");
        for wrong in ["", "5", "m", "5 parsecs", "1e9d", "99999999999d"] {
            assert!(Span::parse(wrong).is_err(), "{wrong} was accepted");
        }
    }

    #[test]
    fn offsets_keep_their_sign() {
        assert_eq!(Offset::parse("T-10m").unwrap().millis(), -600_000);
        assert_eq!(Offset::parse("T−10m").unwrap().to_string(), "T-10m");
        assert_eq!(Offset::parse("T+0").unwrap().to_string(), "T+0");
        assert!(Offset::parse("10m").is_err());
    }
}
