//! The zone of times that name none.

use serde::{Serialize, Serializer};
use std::fmt;

/// The zone that a log's times are read in where its lines name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// Minutes east of UTC.
    East(i32),
    /// That of the host which reads the log, with its summer time.
    OfHost,
}

impl Zone {
    /// `UTC`, `local`, or an offset such as `+09:00`, `+0900` and `-03`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "UTC" | "Z" => return Some(Self::East(0)),
            "local" => return Some(Self::OfHost),
            _ => {}
        }
        let (sign, rest) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let digits = match rest.len() {
            5 if rest.as_bytes()[2] == b':' => rest.replacen(':', "", 1),
            2 | 4 => rest.to_owned(),
            _ => return None,
        };
        if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let hours: i32 = digits[..2].parse().ok()?;
        let minutes: i32 = digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Ok(0), str::parse).ok()?;
        (hours <= 14 && minutes < 60).then_some(Self::East(sign * (hours * 60 + minutes)))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::East(0) => f.write_str("UTC"),
            Self::East(minutes) => {
                let sign = if *minutes < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
            Self::OfHost => f.write_str("local"),
        }
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read_and_worded() {
        for (text, worded) in [
            ("UTC", "UTC"),
            ("Z", "UTC"),
            ("local", "local"),
            ("+09:00", "+09:00"),
            ("+0900", "+09:00"),
            ("+09", "+09:00"),
            ("-03:30", "-03:30"),
            ("+00:00", "UTC"),
        ] {
            assert_eq!(Zone::parse(text).unwrap().to_string(), worded, "{text}");
        }
        for text in ["", "utc", "09:00", "+9", "+99", "+09:60", "+0:900", "Europe/Berlin", "+é", "+12345"] {
            assert_eq!(Zone::parse(text), None, "{text}");
        }
    }
}
