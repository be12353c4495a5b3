//! Holding a series against its target and its baseline.

use super::{Point, Reading, Series};
use crate::checklist::target::Bound;
use crate::checklist::{EnvironmentName, Target};
use crate::deployment::Verdict;
use crate::deployment::measurement::Number;
use std::ops::Range;

/// By how much a number may be on the wrong side of its baseline before it counts as worse: measurements scatter.
const SCATTER: f64 = 0.10;

/// What an item measured before the change.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    pub value: f64,
    pub unit: String,
    pub environment: EnvironmentName,
}

/// What a pane's series is held against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub environment: &'a EnvironmentName,
    /// The unit of the series.
    pub unit: &'a str,
    pub reading: Reading,
    pub target: Option<&'a Target>,
    /// `None` also when the baseline item has not measured anything yet.
    pub baseline: Option<&'a Baseline>,
    /// How often samples come, in milliseconds; three missed ones make the series out of date.
    pub every_ms: i64,
}

/// A verdict, the sentence that explains it, and the comparison with the baseline beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The target's where there is one, else the comparison's.
    pub verdict: Verdict,
    pub sentence: String,
    pub comparison: Option<Comparison>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Pass when not worse than the baseline, fail when worse by more than a tenth, inconclusive across environments.
    pub verdict: Verdict,
    pub sentence: String,
    /// Change against the baseline in percent, negative when the number fell; absent when it cannot be told.
    pub change: Option<f64>,
}

/// Judges the numbers of a span that ends at `now`. Missing, late or broken data is inconclusive, never a pass.
#[must_use]
pub fn judge(series: &Series, span_ms: Range<i64>, expected: &Expected<'_>) -> Judgement {
    let value = match current(series, span_ms, expected) {
        Ok(value) => value,
        Err(why) => return Judgement { verdict: Verdict::Inconclusive, sentence: why, comparison: None },
    };
    let comparison = expected.baseline.map(|baseline| compare(value, baseline, expected));
    let shown = format!("{} {} {}", expected.reading.word(), Number(value), expected.unit);
    let (verdict, mut sentence) = match (expected.target, &comparison) {
        (Some(target), _) if target.unit != expected.unit => {
            (Verdict::Inconclusive, format!("{shown}, and the target is in {}", target.unit))
        }
        (Some(target), _) if target.bound.holds(value) => (Verdict::Pass, format!("{shown} ({target})")),
        (Some(target), _) => (Verdict::Fail, format!("{shown}, target {target}")),
        (None, Some(comparison)) => (comparison.verdict, shown),
        (None, None) => (Verdict::Inconclusive, format!("{shown}, with nothing to hold it against")),
    };
    if let Some(comparison) = &comparison {
        sentence = format!("{sentence}; {}", comparison.sentence);
    }
    Judgement { verdict, sentence, comparison }
}

/// The number to judge, or why there is none.
fn current(series: &Series, span_ms: Range<i64>, expected: &Expected<'_>) -> Result<f64, String> {
    let now = span_ms.end;
    let Some(last) = series.last() else { return Err("nothing measured yet".to_owned()) };
    // The newest point may carry the very millisecond that the span ends at.
    let Some(summary) = series.summary(span_ms.start..now.saturating_add(1)) else {
        return Err(match &last.value {
            Err(gap) => format!("no data: {gap}"),
            Ok(_) => format!("no data for {}", age(last, now)),
        });
    };
    if let Err(gap) = &last.value {
        return Err(format!("no data now: {gap}; last was {} {}", Number(summary.last), expected.unit));
    }
    if now.saturating_sub(last.at_ms) > expected.every_ms.saturating_mul(3).max(3_000) {
        return Err(format!("no data for {}; last was {} {}", age(last, now), Number(summary.last), expected.unit));
    }
    Ok(summary.read(expected.reading))
}

fn age(point: &Point, now: i64) -> String {
    format!("{} s", now.saturating_sub(point.at_ms) / 1_000)
}

fn compare(value: f64, baseline: &Baseline, expected: &Expected<'_>) -> Comparison {
    let inconclusive = |sentence: String| Comparison { verdict: Verdict::Inconclusive, sentence, change: None };
    if baseline.environment != *expected.environment {
        let Baseline { environment, .. } = baseline;
        return inconclusive(format!("the baseline is from {environment}, which cannot be compared"));
    }
    if baseline.unit != expected.unit {
        return inconclusive(format!("the baseline is in {}, which cannot be compared", baseline.unit));
    }
    if !baseline.value.is_finite() {
        return inconclusive("the baseline is not a number".to_owned());
    }
    let more_is_better = matches!(expected.target.map(|target| target.bound), Some(Bound::AtLeast(_)));
    let room = baseline.value.abs() * SCATTER;
    let is_worse = if more_is_better { value < baseline.value - room } else { value > baseline.value + room };
    let verdict = if is_worse { Verdict::Fail } else { Verdict::Pass };
    let base = format!("baseline {} {}", Number(baseline.value), baseline.unit);
    if baseline.value == 0.0 {
        return Comparison { verdict, sentence: base, change: None };
    }
    let change = (value - baseline.value) / baseline.value.abs() * 100.0;
    let rounded = change.round();
    let words = match rounded {
        c if c < 0.0 => format!("{:.0} % lower", -c),
        c if c > 0.0 => format!("{c:.0} % higher"),
        _ => "unchanged".to_owned(),
    };
    Comparison { verdict, sentence: format!("{base}, {words}"), change: Some(change) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::series::Gap;

    fn series(values: &[Result<f64, &str>]) -> Series {
        let mut series = Series::new(100);
        for (index, value) in values.iter().enumerate() {
            let at_ms = i64::try_from(index).unwrap() * 1_000;
            series.push(Point { at_ms, value: value.map_err(Gap::new) });
        }
        series
    }

    fn judged(values: &[Result<f64, &str>], target: Option<Bound>, baseline: Option<(f64, &str)>) -> Judgement {
        let environment = EnvironmentName::new("production");
        let target = target.map(|bound| Target { measure: "lots".into(), bound, unit: "ms".into() });
        let baseline =
            baseline.map(|(value, environment)| Baseline { value, unit: "ms".into(), environment: environment.into() });
        let expected = Expected {
            environment: &environment,
            unit: "ms",
            reading: Reading::Last,
            target: target.as_ref(),
            baseline: baseline.as_ref(),
            every_ms: 1_000,
        };
        judge(&series(values), 0..i64::try_from(values.len()).unwrap() * 1_000, &expected)
    }

    #[test]
    fn the_target_decides_and_the_baseline_explains() {
        let at_most = Some(Bound::AtMost(200.0));
        let judgement = judged(&[Ok(182.0)], at_most, Some((2_600.0, "production")));
        assert_eq!(judgement.verdict, Verdict::Pass);
        assert_eq!(judgement.sentence, "now 182 ms (≤ 200 ms); baseline 2600 ms, 93 % lower");
        assert_eq!(judged(&[Ok(201.0)], at_most, None).verdict, Verdict::Fail);
        assert_eq!(judged(&[Ok(201.0)], None, None).verdict, Verdict::Inconclusive);
    }

    #[test]
    fn missing_data_is_inconclusive() {
        let at_most = Some(Bound::AtMost(200.0));
        assert_eq!(judged(&[], at_most, None).sentence, "nothing measured yet");
        let gap = judged(&[Ok(5.0), Err("connection refused")], at_most, None);
        assert_eq!(gap.verdict, Verdict::Inconclusive);
        assert_eq!(gap.sentence, "no data now: connection refused; last was 5 ms");
        let environment = EnvironmentName::new("production");
        let expected = Expected {
            environment: &environment,
            unit: "ms",
            reading: Reading::Last,
            target: None,
            baseline: None,
            every_ms: 1_000,
        };
        let late = judge(&series(&[Ok(5.0)]), 0..9_000, &expected);
        assert_eq!((late.verdict, late.sentence.as_str()), (Verdict::Inconclusive, "no data for 9 s; last was 5 ms"));
    }

    #[test]
    fn another_environment_cannot_be_compared() {
        let alone = judged(&[Ok(1.0)], None, Some((9.0, "staging")));
        assert_eq!(alone.verdict, Verdict::Inconclusive);
        let beside = judged(&[Ok(1.0)], Some(Bound::AtMost(2.0)), Some((9.0, "staging")));
        assert_eq!(beside.verdict, Verdict::Pass);
        assert_eq!(beside.comparison.unwrap().verdict, Verdict::Inconclusive);
    }

    #[test]
    fn without_a_target_worse_than_the_baseline_fails() {
        assert_eq!(judged(&[Ok(109.0)], None, Some((100.0, "production"))).verdict, Verdict::Pass);
        assert_eq!(judged(&[Ok(111.0)], None, Some((100.0, "production"))).verdict, Verdict::Fail);
        let slower = judged(&[Ok(80.0)], Some(Bound::AtLeast(50.0)), Some((100.0, "production")));
        assert_eq!(slower.comparison.unwrap().verdict, Verdict::Fail, "less throughput is worse");
    }
}
