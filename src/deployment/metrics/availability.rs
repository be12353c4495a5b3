//! Availability over a period, from probes: what of the error budget is left, and how fast it burns.
//!
//! The series holds 100 where the probed service worked and 0 where it did not, one number for each time that it was asked. Each
//! counts by the time it stands for; a time in which nobody looked is neither up nor down. Watches go by the same rule.
//!
//! The rates are those of Google's SRE workbook: fast over an hour and still in its last five minutes, and so on. A rate is the
//! share of the measured time that was down, by the share that may be: what of the budget is used is the rate times the measured
//! time by the period.

use super::series::{Piece, Series};
use super::verdict::PaneVerdict;
use crate::checklist::offset::Span;
use crate::checklist::pane::Objective;
use crate::deployment::measurement::{Number, digits};
use serde::Serialize;
use std::fmt::Write as _;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Burn rate, over how long, and over how long lately.
const ALARMS: [(f64, i64, i64); 3] =
    [(14.4, HOUR, 5 * MINUTE), (6.0, 6 * HOUR, 30 * MINUTE), (1.0, 72 * HOUR, 6 * HOUR)];

/// Less of a time is too little to speak for it.
pub(crate) const COVERED: f64 = 0.95;

/// The least time that anything is said of.
pub(crate) const SHORTEST: i64 = 5 * MINUTE;

/// What the probes of a period come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Availability {
    /// Percent of the time that is known.
    pub percent: f64,
    /// How much of the period has passed, and how much of that is known, from 0 to 1.
    pub elapsed_ms: i64,
    pub covered: f64,
    /// What is left of the error budget of the whole period: 1 all of it, below 0 it is overdrawn.
    pub budget_left: f64,
    /// How many times too fast the budget burns, over each of the longer times.
    pub burns: Vec<Burn>,
    /// How often it is asked; what happens between two times is not measured.
    pub every_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Burn {
    /// Of the measured part of each window.
    pub rate: f64,
    pub lately: f64,
    /// From this rate on somebody has to look.
    pub limit: f64,
    pub over_ms: i64,
    pub lately_ms: i64,
    /// How much of either window is measured.
    pub measured_ms: i64,
    pub lately_measured_ms: i64,
}

impl Burn {
    /// In both windows. Where less than half of one is measured, it has to have been down for as long as half of it would allow: one
    /// failure in the first minutes is no alarm.
    pub(crate) fn alarms(&self) -> bool {
        let is_over = |rate: f64, measured: i64, window: i64| {
            rate >= self.limit && rate * measured as f64 >= self.limit * window as f64 / 2.0
        };
        is_over(self.rate, self.measured_ms, self.over_ms)
            && is_over(self.lately, self.lately_measured_ms, self.lately_ms)
    }

    /// `1h`; with less data than that `1h (of 4m)`.
    pub(crate) fn window(&self) -> String {
        let (window, measured) = (span(self.over_ms), span(self.measured_ms));
        let whole = self.measured_ms as f64 >= self.over_ms as f64 * COVERED;
        if whole { window.to_string() } else { format!("{window} (of {measured})") }
    }
}

/// How long a sample stands for: until the next one. Where that stays away, for its own interval; the rest is not measured.
pub(crate) fn stands_for(silent_ms: i64, every_ms: i64) -> i64 {
    if silent_ms <= every_ms.saturating_mul(3) { silent_ms.max(0) } else { every_ms }
}

/// What the probes of a part of the period come to; its budget is that of the part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Part {
    /// Percent of the time that is known.
    pub percent: f64,
    pub down_ms: f64,
    /// How much of the part that has passed is known, from 0 to 1.
    pub covered: f64,
    /// 1 all of the part's error budget, below 0 it is overdrawn.
    pub budget_left: f64,
}

/// Of the time from `from` to `to`, as far as it has passed; none while nothing of it is known.
pub(crate) fn part(series: &Series, objective: Objective, (from, to): (i64, i64), now_ms: i64) -> Option<Part> {
    let end = to.min(now_ms.saturating_add(1));
    let probes = Probes::of(series, from, end);
    if probes.known_ms <= 0.0 {
        return None;
    }
    let length = to.saturating_sub(from).max(1) as f64;
    Some(Part {
        percent: (1.0 - probes.down_share()) * 100.0,
        down_ms: probes.down_ms,
        covered: (probes.known_ms / end.saturating_sub(from).max(1) as f64).min(1.0),
        budget_left: 1.0 - probes.down_ms / (objective.allowed() * length),
    })
}

/// None while nothing is known.
pub(crate) fn availability(series: &Series, objective: Objective, now_ms: i64) -> Option<Availability> {
    let over_ms = millis(objective.over);
    let end = now_ms.saturating_add(1);
    let start = series.from_ms()?.max(end.saturating_sub(over_ms));
    let elapsed_ms = end.saturating_sub(start).max(1);
    let all = Probes::of(series, start, end);
    if all.known_ms <= 0.0 {
        return None;
    }
    let allowed = objective.allowed();
    let burn = |(limit, over_ms, lately_ms): (f64, i64, i64)| {
        let rate = |length: i64| {
            let probes = Probes::of(series, end.saturating_sub(length), end);
            (probes.down_share() / allowed, probes.whole_ms())
        };
        let ((rate, measured_ms), (lately, lately_measured_ms)) = (rate(over_ms), rate(lately_ms));
        Burn { rate, lately, limit, over_ms, lately_ms, measured_ms, lately_measured_ms }
    };
    Some(Availability {
        percent: (1.0 - all.down_share()) * 100.0,
        elapsed_ms,
        covered: (all.known_ms / elapsed_ms as f64).min(1.0),
        budget_left: 1.0 - all.down_ms / (allowed * over_ms as f64),
        burns: ALARMS.into_iter().map(burn).collect(),
        every_ms: series.every_ms(),
    })
}

impl Availability {
    pub(crate) fn verdict(&self) -> PaneVerdict {
        if self.budget_left < 0.0 || self.burns.iter().any(Burn::alarms) {
            PaneVerdict::OverTarget
        } else if self.covered < COVERED || self.elapsed_ms < SHORTEST {
            PaneVerdict::Inconclusive
        } else {
            PaneVerdict::Ok
        }
    }

    /// `burn rate 0.4 over 1h, 0.2 over 6h (of 2h), 0.2 over 3d (of 2h)`: at 1 the budget lasts just as long as the period.
    pub(crate) fn rates(&self) -> String {
        let rate = |burn: &Burn| format!("{} over {}", Number((burn.rate * 100.0).round() / 100.0), burn.window());
        format!("burn rate {}", self.burns.iter().map(rate).collect::<Vec<_>>().join(", "))
    }

    pub(crate) fn sentence(&self, objective: Objective) -> String {
        let Self { percent, elapsed_ms, covered, budget_left, burns, every_ms } = self;
        let trimmed = |text: String| {
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
        };
        let round = |value: f64, places: usize, marks: &[f64]| trimmed(digits(value, places, marks));
        let budget = if *budget_left < 0.0 {
            format!("error budget overdrawn by {} %", round(-budget_left * 100.0, 0, &[0.0]))
        } else {
            format!("{} % of the error budget left", round(budget_left * 100.0, 0, &[0.0, 100.0]))
        };
        let mut text = format!(
            "{} % of {}, asked every {}; objective {objective}; {budget}",
            round(*percent, 3, &[objective.percent, 100.0]),
            span(*elapsed_ms),
            Span::from_millis(u64::try_from(*every_ms).unwrap_or(0))
        );
        if let Some(burn) = burns.iter().find(|burn| burn.alarms()) {
            let _ = write!(
                text,
                "; it burns {} times too fast over {} and {} over {} (limit {})",
                round(burn.rate, 1, &[burn.limit]),
                burn.window(),
                round(burn.lately, 1, &[burn.limit]),
                span(burn.lately_ms),
                burn.limit
            );
        }
        if *covered < COVERED {
            let _ = write!(text, "; only {} % of the time has data", round((covered * 100.0).floor(), 0, &[]));
        } else if *elapsed_ms < SHORTEST {
            let _ = write!(text, "; too short to tell before {}", span(SHORTEST));
        }
        text
    }
}

fn millis(span: Span) -> i64 {
    i64::try_from(span.duration().as_millis()).unwrap_or(i64::MAX)
}

/// Whole seconds, of long times whole minutes.
fn span(ms: i64) -> Span {
    let whole = if ms < HOUR { 1_000 } else { MINUTE };
    Span::from_millis(u64::try_from((ms + whole / 2) / whole * whole).unwrap_or(0))
}

/// Milliseconds that probes speak for.
struct Probes {
    known_ms: f64,
    down_ms: f64,
}

impl Probes {
    fn of(series: &Series, from: i64, to: i64) -> Self {
        let mut probes = Self { known_ms: 0.0, down_ms: 0.0 };
        let every = series.every_ms();
        let mut pieces = series.pieces(from..to).peekable();
        while let Some(piece) = pieces.next() {
            let Some(up) = piece.average() else { continue };
            let known = match piece {
                Piece::Point(point) => {
                    let next = pieces.peek().map_or(to, Piece::start_ms).min(to);
                    stands_for(next.saturating_sub(point.at_ms), every) as f64
                }
                Piece::Bucket(bucket) => {
                    let width = bucket.width_ms as f64;
                    let sampled = bucket.count as f64 * every as f64;
                    // An interval that does not divide a bucket has one sample more or less in it, and an answer may take long.
                    let whole = bucket.gap.is_none() && sampled * 1.6 >= width;
                    let inside = bucket.end_ms().min(to).saturating_sub(bucket.start_ms.max(from));
                    (if whole { width } else { sampled.min(width) }) * inside as f64 / width.max(1.0)
                }
            };
            probes.known_ms += known;
            probes.down_ms += known * (1.0 - up / 100.0).clamp(0.0, 1.0);
        }
        probes
    }

    /// The share of the measured time that was down.
    fn down_share(&self) -> f64 {
        if self.known_ms > 0.0 { self.down_ms / self.known_ms } else { 0.0 }
    }

    fn whole_ms(&self) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a week")]
        let whole = self.known_ms.round() as i64;
        whole
    }
}

#[cfg(test)]
mod tests;
