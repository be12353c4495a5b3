//! What a measurement is held against.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A bound on one measurement, in the unit the measurement carries: `{ measure = "duration", at_most = 30, unit = "s" }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub measure: String,
    pub bound: Bound,
    pub unit: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// Below this number, not equal to it.
    Below(f64),
    AtMost(f64),
    AtLeast(f64),
    Equals(f64),
}

impl Bound {
    pub fn holds(self, value: f64) -> bool {
        match self {
            Bound::Below(bound) => value < bound,
            Bound::AtMost(bound) => value <= bound,
            Bound::AtLeast(bound) => value >= bound,
            Bound::Equals(bound) => (value - bound).abs() < f64::EPSILON,
        }
    }

    /// The bound of a target as it is worded: `< 200 ms`.
    #[must_use]
    pub fn of(words: &str) -> Option<Self> {
        let mut words = words.split(' ');
        let (sign, number) = (words.next()?, words.next()?.parse().ok()?);
        let all = [Self::Below(number), Self::AtMost(number), Self::AtLeast(number), Self::Equals(number)];
        all.into_iter().find(|bound| bound.sign() == sign)
    }

    pub fn number(self) -> f64 {
        match self {
            Bound::Below(bound) | Bound::AtMost(bound) | Bound::AtLeast(bound) | Bound::Equals(bound) => bound,
        }
    }

    pub fn sign(self) -> &'static str {
        match self {
            Bound::Below(_) => "<",
            Bound::AtMost(_) => "≤",
            Bound::AtLeast(_) => "≥",
            Bound::Equals(_) => "=",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.bound.sign(), self.bound.number(), self.unit)
    }
}
