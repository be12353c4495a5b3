//! The statuses that an answer may have: one, some, or a whole class.

use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::RangeInclusive;

/// Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statuses(Vec<RangeInclusive<u16>>);

impl Statuses {
    #[must_use]
    pub fn one(status: u16) -> Self {
        Self(vec![status..=status])
    }

    /// From the words of a checklist: `200`, `2xx`, `200-204`.
    ///
    /// # Errors
    /// When there is no word, or one is none of these.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, StatusError> {
        let ranges: Vec<_> = words.into_iter().map(range).collect::<Result<_, _>>()?;
        if ranges.is_empty() { Err(StatusError::None) } else { Ok(Self(ranges)) }
    }

    pub fn has(&self, status: u16) -> bool {
        self.0.iter().any(|range| range.contains(&status))
    }
}

/// Why words name no statuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    #[error("no status is given")]
    None,
    #[error("`{}` is no HTTP status", .0.escape_debug())]
    Not(String),
}

impl Default for Statuses {
    fn default() -> Self {
        Self::one(200)
    }
}

fn range(word: &str) -> Result<RangeInclusive<u16>, StatusError> {
    let wrong = || StatusError::Not(word.to_owned());
    let number = |text: &str| text.trim().parse::<u16>().ok().filter(|status| (100..=599).contains(status));
    let word = word.trim();
    if let Some(class) = word.to_ascii_lowercase().strip_suffix("xx") {
        let class = class.parse::<u16>().ok().filter(|class| (1..=5).contains(class)).ok_or_else(wrong)?;
        return Ok(class * 100..=class * 100 + 99);
    }
    let (from, to) = word.split_once('-').unwrap_or((word, word));
    let (from, to) = number(from).zip(number(to)).filter(|(from, to)| from <= to).ok_or_else(wrong)?;
    Ok(from..=to)
}

fn shown(range: &RangeInclusive<u16>) -> String {
    let (from, to) = (range.start(), range.end());
    match (from == to, from % 100 == 0 && *to == from + 99) {
        (true, _) => from.to_string(),
        (false, true) => format!("{}xx", from / 100),
        (false, false) => format!("{from}-{to}"),
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.iter().map(shown).collect();
        f.write_str(&words.join(" or "))
    }
}

/// A single status stays a number, so that digests of older checklists stay as they are.
impl Serialize for Statuses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [range] if range.start() == range.end() => serializer.serialize_u16(*range.start()),
            ranges => serializer.collect_seq(ranges.iter().map(shown)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_some_a_class_and_a_range() {
        let statuses = Statuses::parse(["200", "3XX", "404-410"]).unwrap();
        for (status, has) in
            [(200, true), (201, false), (300, true), (399, true), (404, true), (410, true), (411, false)]
        {
            assert_eq!(statuses.has(status), has, "{status}");
        }
        assert_eq!(statuses.to_string(), "200 or 3xx or 404-410");
        for wrong in ["", "6xx", "99", "600", "204-200", "ok"] {
            assert!(Statuses::parse([wrong]).is_err(), "{wrong}");
        }
        assert!(Statuses::parse([]).is_err());
    }
}
