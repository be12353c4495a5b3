//! Numbers measured, and the verdicts made from them.

use crate::checklist::Target;
use crate::checklist::target::Bound;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How long one revision of a migration took; `of` names it.
pub const REVISION_TIME: &str = "revision-time";

/// One number with its unit, by the name targets use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    pub name: String,
    pub value: f64,
    pub unit: String,
    /// What it was measured of, where one name stands for several: the table of a lock. The worst comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// How far the value may be off to either side, in its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// What it was made of, the least first; of many, some that stand for their distribution. Empty where they are not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<f64>,
}

impl Measurement {
    pub fn new(name: impl Into<String>, value: f64, unit: impl Into<String>) -> Self {
        Self { name: name.into(), value, unit: unit.into(), of: None, margin: None, samples: Vec::new() }
    }

    #[must_use]
    pub fn of(mut self, what: impl Into<String>) -> Self {
        self.of = Some(what.into());
        self
    }

    #[must_use]
    pub fn within(mut self, margin: f64) -> Self {
        self.margin = Some(margin);
        self
    }

    /// Whether it holds a bound, its margin considered: what may be on either side is inconclusive.
    #[must_use]
    pub fn against(&self, bound: Bound) -> Verdict {
        let margin = self.margin.filter(|margin| margin.is_finite()).unwrap_or_default().abs();
        let ends = [self.value - margin, self.value + margin];
        match ends.iter().filter(|end| bound.holds(**end)).count() {
            2 => Verdict::Pass,
            0 => Verdict::Fail,
            _ => Verdict::Inconclusive,
        }
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, unit, of, margin, samples: _ } = self;
        write!(f, "{name} {}", Number(*value))?;
        if let Some(margin) = margin {
            write!(f, " ± {}", Number(*margin))?;
        }
        write!(f, " {unit}")?;
        of.as_ref().map_or(Ok(()), |of| write!(f, " on {of}"))
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
/// whose measurement is missing, not a number or in another unit is inconclusive. Where several were measured under one
/// name, the worst of them counts.
#[must_use]
pub fn judge(targets: &[Target], measured: &[Measurement]) -> (Verdict, String) {
    let mut verdict = Verdict::Pass;
    let mut parts = Vec::new();
    for target in targets {
        let found = measured.iter().filter(|m| m.name == target.measure).map(|m| judge_one(target, m));
        let worst = found.reduce(|worst, other| if other.0 > worst.0 { other } else { worst });
        let (one, part) =
            worst.unwrap_or_else(|| (Verdict::Inconclusive, format!("{} was not measured ({target})", target.measure)));
        verdict = verdict.and(one);
        parts.push(part);
    }
    (verdict, parts.join("; "))
}

fn judge_one(target: &Target, m: &Measurement) -> (Verdict, String) {
    if m.unit != target.unit {
        let why = format!("{} was measured in {}, the target is in {}", target.measure, m.unit, target.unit);
        return (Verdict::Inconclusive, why);
    }
    if !m.value.is_finite() {
        return (Verdict::Inconclusive, format!("{} is not a number", m.name));
    }
    match m.against(target.bound) {
        Verdict::Pass => (Verdict::Pass, format!("{m} ({target})")),
        Verdict::Inconclusive => (Verdict::Inconclusive, format!("{m} may be on either side of {target}")),
        Verdict::Fail => (Verdict::Fail, format!("{m}, target {target}")),
    }
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

    #[test]
    fn the_worst_of_several_counts_and_a_margin_may_leave_it_open() {
        let lock = |table: &str, value: f64| Measurement::new("lock", value, "s").of(table).within(0.5);
        let below = [target("lock", Bound::Below(5.0), "s")];
        let (verdict, why) = judge(&below, &[lock("lots", 1.0), lock("serials", 0.5)]);
        assert_eq!((verdict, why.as_str()), (Verdict::Pass, "lock 1 ± 0.5 s on lots (< 5 s)"));
        let (verdict, why) = judge(&below, &[lock("lots", 1.0), lock("serials", 4.8)]);
        assert_eq!(
            (verdict, why.as_str()),
            (Verdict::Inconclusive, "lock 4.8 ± 0.5 s on serials may be on either side of < 5 s")
        );
        let (verdict, why) = judge(&below, &[lock("lots", 4.8), lock("serials", 5.5)]);
        assert_eq!((verdict, why.as_str()), (Verdict::Fail, "lock 5.5 ± 0.5 s on serials, target < 5 s"));
    }
}
