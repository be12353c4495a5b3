//! Numbers measured, and the verdicts made from them.

use crate::checklist::Target;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One number with its unit, by the name targets use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    pub name: String,
    pub value: f64,
    pub unit: String,
}

impl Measurement {
    pub fn new(name: impl Into<String>, value: f64, unit: impl Into<String>) -> Self {
        Self { name: name.into(), value, unit: unit.into() }
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, unit } = self;
        write!(f, "{name} {} {unit}", Number(*value))
    }
}

/// A number as people read it: whole when whole or large, else up to three significant decimals.
pub struct Number(pub f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        let text = if value.fract().abs() < 1e-9 || value.abs() >= 1_000.0 {
            format!("{value:.0}")
        } else if value.abs() >= 100.0 {
            format!("{value:.1}")
        } else {
            let text = format!("{value:.3}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        f.pad(&text)
    }
}

/// What came of looking. Missing data is never a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Pass,
    /// Looked, and cannot tell.
    Inconclusive,
    Fail,
}

impl Verdict {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Fail => "fail",
        }
    }

    /// The worse of two: a fail beats an inconclusive, which beats a pass.
    #[must_use]
    pub fn and(self, other: Verdict) -> Verdict {
        self.max(other)
    }
}

/// Holds measurements against targets. Gives the verdict and a sentence that names each number with its bound; a target
/// whose measurement is missing, not a number or in another unit is inconclusive.
#[must_use]
pub fn judge(targets: &[Target], measured: &[Measurement]) -> (Verdict, String) {
    let mut verdict = Verdict::Pass;
    let mut parts = Vec::new();
    for target in targets {
        let found = measured.iter().find(|m| m.name == target.measure);
        let (one, part) = match found {
            None => (Verdict::Inconclusive, format!("{} was not measured ({target})", target.measure)),
            Some(m) if m.unit != target.unit => (
                Verdict::Inconclusive,
                format!("{} was measured in {}, the target is in {}", target.measure, m.unit, target.unit),
            ),
            Some(m) if !m.value.is_finite() => (Verdict::Inconclusive, format!("{} is not a number", m.name)),
            Some(m) if target.bound.holds(m.value) => (Verdict::Pass, format!("{m} ({target})")),
            Some(m) => (Verdict::Fail, format!("{m}, target {target}")),
        };
        verdict = verdict.and(one);
        parts.push(part);
    }
    (verdict, parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::target::Bound;

    fn target(measure: &str, bound: Bound, unit: &str) -> Target {
        Target { measure: measure.into(), bound, unit: unit.into() }
    }

    #[test]
    fn a_missing_number_is_never_a_pass() {
        let (verdict, why) = judge(&[target("duration", Bound::Below(30.0), "s")], &[]);
        assert_eq!(verdict, Verdict::Inconclusive);
        assert_eq!(why, "duration was not measured (< 30 s)");
    }

    #[test]
    fn another_unit_is_inconclusive_and_a_breach_fails() {
        let measured = [Measurement::new("duration", 31.0, "s")];
        assert_eq!(judge(&[target("duration", Bound::Below(30.0), "ms")], &measured).0, Verdict::Inconclusive);
        assert_eq!(judge(&[target("duration", Bound::Below(30.0), "s")], &measured).0, Verdict::Fail);
        assert_eq!(judge(&[target("duration", Bound::AtMost(31.0), "s")], &measured).0, Verdict::Pass);
    }
}
