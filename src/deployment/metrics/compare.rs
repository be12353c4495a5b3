//! What a difference from a baseline means.

use super::estimate::{Difference, SURE, Sample};
use super::verdict::PaneVerdict;
use crate::checklist::pane::Statistic;

/// What is less than this is no change that anybody acts on, however sure it is. In percent.
pub(crate) const PRACTICAL: f64 = 10.0;

/// `worse` is 1 where more is worse, -1 where less is. Worse than the baseline is what is worse by more than chance would
/// have it, and by more than [`PRACTICAL`].
pub(crate) fn verdict(found: &Difference, worse: f64) -> PaneVerdict {
    let sure = if worse > 0.0 { found.low > 0.0 } else { found.high < 0.0 };
    // From zero every difference is a large one.
    let large = found.change.is_none_or(|change| change.percent * worse >= PRACTICAL);
    if sure && large { PaneVerdict::WorseThanBaseline } else { PaneVerdict::Ok }
}

/// `+22 % [15, 29], medians of 120 samples and 1800, bootstrap 99 %`.
pub(crate) fn words(found: &Difference, before: &Sample, after: &Sample, statistic: Statistic, unit: &str) -> String {
    let change = if let Some(change) = &found.change {
        change.to_string()
    } else {
        let [by, low, high] =
            [found.after - found.before, found.low, found.high].map(crate::deployment::measurement::Number);
        format!("{by} {unit} more [{low}, {high}]")
    };
    let what = match statistic {
        Statistic::Median => "medians",
        Statistic::P95 => "p95s",
    };
    let of = if before.is_single() {
        format!("{what} of {} samples against one number", after.count())
    } else {
        format!("{what} of {} and {} samples", before.count(), after.count())
    };
    format!("{change}, {of}, bootstrap {SURE} %")
}

/// `+22 %`, `−98 %`, `±0 %`.
pub(crate) fn percent(share: f64) -> String {
    let rounded = share.round();
    if rounded == 0.0 {
        "±0 %".to_owned()
    } else if rounded < 0.0 {
        format!("−{:.0} %", -rounded)
    } else {
        format!("+{rounded:.0} %")
    }
}
