//! Numbers measured, and the verdicts made from them.

use crate::checklist::Target;
use crate::checklist::target::Bound;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How long one revision of a migration took; `of` names it.
pub(crate) const REVISION_TIME: &str = "revision-time";

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

impl Measurement {
    /// The most it can be, where nothing but that is known of it: its margin reaches down to nothing.
    pub fn most(&self) -> Option<f64> {
        let margin = self.margin?;
        (self.value > 0.0 && margin >= self.value).then_some(self.value + margin)
    }

    /// Value, margin, unit and what it is of, in as many digits as make a comparison with `bound` true.
    pub fn words(&self, bound: Option<Bound>) -> String {
        let number = |value: f64| bound.map_or_else(|| Number(value).to_string(), |bound| beside(value, bound));
        let value = match (self.most(), self.margin) {
            (Some(most), _) => format!("≤ {}", number(most)),
            (None, Some(margin)) => format!("{} ± {}", Number(self.value), Number(margin)),
            (None, None) => number(self.value),
        };
        let of = self.of.as_ref().map(|of| format!(" on {of}")).unwrap_or_default();
        format!("{value} {}{of}", self.unit)
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.words(None))
    }
}

/// A number with at least so many decimals, and as many more as it takes to stand where the number does: on the same side
/// of each of `marks`, or on it.
pub(crate) fn digits(value: f64, places: usize, marks: &[f64]) -> String {
    let texts = (places..=MOST_DIGITS).map(|places| format!("{value:.places$}"));
    let is_true = |text: &String| stands_like(text, value, marks);
    texts.into_iter().find(is_true).unwrap_or_else(|| value.to_string())
}

/// A number as it is worded beside the bound it is compared with: whoever reads both sees the same as who compared them.
pub(crate) fn beside(value: f64, bound: Bound) -> String {
    let plain = Number(value).to_string();
    let mark = [bound.number()];
    if stands_like(&plain, value, &mark) { plain } else { digits(value, 1, &mark) }
}

/// Whether a text stands to each of `marks` as the number does that it words.
pub(super) fn stands_like(text: &str, value: f64, marks: &[f64]) -> bool {
    let same = |shown: f64| marks.iter().all(|mark| shown.partial_cmp(mark) == value.partial_cmp(mark));
    text.parse().is_ok_and(same)
}

/// More decimals than any measurement has.
const MOST_DIGITS: usize = 15;

/// A number as people read it: whole when whole or large, else up to three decimals, more where it is smaller than that.
pub(crate) struct Number(pub f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        let text = if value.fract().abs() < 1e-9 || value.abs() >= 1_000.0 {
            format!("{value:.0}")
        } else if value.abs() >= 100.0 {
            format!("{value:.1}")
        } else {
            // What is not nothing is not shown as nothing.
            let text = digits(value, 3, &[0.0]);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        f.pad(&text)
    }
}

/// What came of looking. Missing data is never a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Pass,
    /// Looked, and cannot tell.
    Inconclusive,
    Fail,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        self.into()
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
pub(crate) fn evaluate(targets: &[Target], measured: &[Measurement]) -> (Verdict, String) {
    let mut verdict = Verdict::Pass;
    let mut parts = Vec::new();
    for target in targets {
        let found = measured.iter().filter(|m| m.name == target.measure).map(|m| evaluate_one(target, m));
        let worst = found.reduce(|worst, other| if other.0 > worst.0 { other } else { worst });
        let (one, part) =
            worst.unwrap_or_else(|| (Verdict::Inconclusive, format!("{} was not measured ({target})", target.measure)));
        verdict = verdict.and(one);
        parts.push(part);
    }
    (verdict, parts.join("; "))
}

fn evaluate_one(target: &Target, m: &Measurement) -> (Verdict, String) {
    if m.unit != target.unit {
        let why = format!("{} was measured in {}, the target is in {}", target.measure, m.unit, target.unit);
        return (Verdict::Inconclusive, why);
    }
    if !m.value.is_finite() {
        return (Verdict::Inconclusive, format!("{} is not a number", m.name));
    }
    let words = format!("{} {}", m.name, m.words(Some(target.bound)));
    match m.against(target.bound) {
        Verdict::Pass => (Verdict::Pass, format!("{words} ({target})")),
        Verdict::Inconclusive => (Verdict::Inconclusive, format!("{words} may be on either side of {target}")),
        Verdict::Fail => (Verdict::Fail, format!("{words}, target {target}")),
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
        let (verdict, why) = evaluate(&[target("duration", Bound::Below(30.0), "s")], &[]);
        assert_eq!(verdict, Verdict::Inconclusive);
        assert_eq!(why, "duration was not measured (< 30 s)");
    }

    #[test]
    fn another_unit_is_inconclusive_and_a_breach_fails() {
        let measured = [Measurement::new("duration", 31.0, "s")];
        assert_eq!(evaluate(&[target("duration", Bound::Below(30.0), "ms")], &measured).0, Verdict::Inconclusive);
        assert_eq!(evaluate(&[target("duration", Bound::Below(30.0), "s")], &measured).0, Verdict::Fail);
        assert_eq!(evaluate(&[target("duration", Bound::AtMost(31.0), "s")], &measured).0, Verdict::Pass);
    }

    #[test]
    fn a_value_is_worded_so_that_its_verdict_is_true_to_the_reader() {
        let worded =
            |value: f64, bound: Bound| evaluate(&[target("m", bound, "ms")], &[Measurement::new("m", value, "ms")]).1;
        assert_eq!(worded(200.0004, Bound::AtMost(200.0)), "m 200.0004 ms, target ≤ 200 ms");
        assert_eq!(worded(199.9996, Bound::Below(200.0)), "m 199.9996 ms (< 200 ms)");
        assert_eq!(worded(99.9999, Bound::Below(100.0)), "m 99.9999 ms (< 100 ms)");
        assert_eq!(worded(1_000.4, Bound::AtMost(1_000.0)), "m 1000.4 ms, target ≤ 1000 ms");
        assert_eq!(worded(0.000_04, Bound::Equals(0.0)), "m 0.00004 ms, target = 0 ms");
        assert_eq!(worded(182.37, Bound::Below(200.0)), "m 182.4 ms (< 200 ms)");
        assert_eq!(Number(0.000_4).to_string(), "0.0004");
        assert_eq!((Number(0.0).to_string(), Number(-0.0).to_string()), ("0".to_owned(), "-0".to_owned()));
        assert_eq!(digits(99.97, 1, &[95.0, 100.0]), "99.97");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_compared_reads_as_it_was_compared(mark in -1e6_f64..1e6, offset in -1e-3_f64..1e-3, round in 0_u8..4) {
            let mark = (mark * 10_f64.powi(i32::from(round))).round() / 10_f64.powi(i32::from(round));
            for value in [mark, mark + offset, mark + offset * 1e-6] {
                for bound in [Bound::Below(mark), Bound::AtMost(mark), Bound::AtLeast(mark)] {
                    let shown: f64 = beside(value, bound).parse().unwrap();
                    proptest::prop_assert_eq!(bound.holds(shown), bound.holds(value), "{} beside {:?}", beside(value, bound), bound);
                    let words = crate::deployment::numbers::quantity_beside(value, "ms", Some(bound));
                    proptest::prop_assert!(!words.is_empty());
                }
            }
        }
    }

    #[test]
    fn what_is_only_bounded_is_reported_as_the_most_it_can_be() {
        let lock = Measurement::new("lock", 0.1, "s").within(0.1);
        let of = |bound: Bound| evaluate(&[target("lock", bound, "s")], std::slice::from_ref(&lock));
        assert_eq!(of(Bound::Below(5.0)), (Verdict::Pass, "lock ≤ 0.2 s (< 5 s)".to_owned()));
        assert_eq!(
            of(Bound::Below(0.15)),
            (Verdict::Inconclusive, "lock ≤ 0.2 s may be on either side of < 0.15 s".to_owned())
        );
    }

    #[test]
    fn the_worst_of_several_counts_and_a_margin_may_leave_it_open() {
        let lock = |table: &str, value: f64| Measurement::new("lock", value, "s").of(table).within(0.5);
        let below = [target("lock", Bound::Below(5.0), "s")];
        let (verdict, why) = evaluate(&below, &[lock("lots", 1.0), lock("serials", 0.5)]);
        assert_eq!((verdict, why.as_str()), (Verdict::Pass, "lock 1 ± 0.5 s on lots (< 5 s)"));
        let (verdict, why) = evaluate(&below, &[lock("lots", 1.0), lock("serials", 4.8)]);
        assert_eq!(
            (verdict, why.as_str()),
            (Verdict::Inconclusive, "lock 4.8 ± 0.5 s on serials may be on either side of < 5 s")
        );
        let (verdict, why) = evaluate(&below, &[lock("lots", 4.8), lock("serials", 5.5)]);
        assert_eq!((verdict, why.as_str()), (Verdict::Fail, "lock 5.5 ± 0.5 s on serials, target < 5 s"));
    }
}
