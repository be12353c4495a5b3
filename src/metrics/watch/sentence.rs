//! A watch in one sentence.

use crate::deployment::measurement::digits;
use crate::deployment::watching::{ENOUGH, Period};
use chrono::{DateTime, Utc};

pub(super) struct Reported<'a> {
    pub period: &'a Period,
    pub now: DateTime<Utc>,
    pub coverage: f64,
    pub enough: bool,
    /// The targets with their numbers.
    pub words: &'a str,
    pub lost: Option<&'a str>,
}

pub(super) fn of(reported: &Reported<'_>) -> String {
    let Reported { period, now, coverage, enough, words, lost } = reported;
    let whole_ms = i64::try_from(period.over.duration().as_millis()).unwrap_or(i64::MAX);
    let whole = length(whole_ms);
    // In the time of the checklist, also where a rehearsal's clock runs faster.
    #[expect(clippy::cast_possible_truncation, reason = "a share of a number of milliseconds")]
    let passed = length((whole_ms as f64 * period.share(*now)) as i64);
    let covered = format!("{} % covered", digits(*coverage, 1, &[0.0, ENOUGH, 100.0]));
    let shortened = if period.is_shortened() {
        format!(" (rehearsal: {} by the wall, samples as usual)", length(period.length().num_milliseconds()))
    } else {
        String::new()
    };
    match (lost, period.is_over(*now)) {
        (Some(why), false) => format!("{why}; after {passed} of {whole}{shortened}, {covered}"),
        (Some(why), true) => format!("{why}; over {whole}{shortened}, {covered}"),
        (None, false) => format!("watching, {passed} of {whole}{shortened}, {covered}; so far {words}"),
        (None, true) if *enough => format!("over {whole}{shortened}, {covered}: {words}"),
        (None, true) => format!("{covered} of {whole}{shortened}, {ENOUGH} % are needed: {words}"),
    }
}

/// `45 s`, `30 min`, `6 h`, `7 d`; with a decimal where it is not whole.
pub(super) fn length(ms: i64) -> String {
    let seconds = ms.max(0) as f64 / 1_000.0;
    let (value, unit) = match seconds {
        s if s < 120.0 => (s, "s"),
        s if s < 7_200.0 => (s / 60.0, "min"),
        s if s < 48.0 * 3_600.0 => (s / 3_600.0, "h"),
        s => (s / 86_400.0, "d"),
    };
    let text = format!("{value:.1}");
    format!("{} {unit}", text.strip_suffix(".0").unwrap_or(&text))
}
