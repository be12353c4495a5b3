//! Availability over a period, from probes: what of the error budget is left, and how fast it burns.
//!
//! The series holds 100 where the probed service worked and 0 where it did not, sampled by time; a time in which nobody
//! looked is in neither. The rates are those of Google's SRE workbook: fast over an hour and still in its last five minutes,
//! and so on.

use super::series::Series;
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
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Burn {
    pub rate: f64,
    pub lately: f64,
    /// From this rate on somebody has to look.
    pub limit: f64,
    pub over_ms: i64,
    pub lately_ms: i64,
}

impl Burn {
    pub(crate) fn alarms(&self) -> bool {
        self.rate >= self.limit && self.lately >= self.limit
    }
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
        percent: (1.0 - probes.down_ms / probes.known_ms) * 100.0,
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
            // Where less than half of a time is known, what is not known counts as up: burning has to be shown.
            probes.down_ms / probes.known_ms.max(length as f64 / 2.0) / allowed
        };
        Burn { rate: rate(over_ms), lately: rate(lately_ms), limit, over_ms, lately_ms }
    };
    Some(Availability {
        percent: (1.0 - all.down_ms / all.known_ms) * 100.0,
        elapsed_ms,
        covered: (all.known_ms / elapsed_ms as f64).min(1.0),
        budget_left: 1.0 - all.down_ms / (allowed * over_ms as f64),
        burns: ALARMS.into_iter().map(burn).collect(),
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

    /// `burn rate 0.4 over 1h, 0.2 over 6h, 0 over 3d`: at 1 the budget lasts just as long as the period.
    pub(crate) fn rates(&self) -> String {
        let rate = |burn: &Burn| format!("{} over {}", Number((burn.rate * 100.0).round() / 100.0), span(burn.over_ms));
        format!("burn rate {}", self.burns.iter().map(rate).collect::<Vec<_>>().join(", "))
    }

    pub(crate) fn sentence(&self, objective: Objective) -> String {
        let Self { percent, elapsed_ms, covered, budget_left, burns } = self;
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
            "{} % of {}; objective {objective}; {budget}",
            round(*percent, 3, &[objective.percent, 100.0]),
            span(*elapsed_ms)
        );
        if let Some(burn) = burns.iter().find(|burn| burn.alarms()) {
            let _ = write!(
                text,
                "; it burns {} times too fast over {} and {} over {} (limit {})",
                round(burn.rate, 1, &[burn.limit]),
                span(burn.over_ms),
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
        let each = series.every_ms() as f64;
        for piece in series.pieces(from..to).filter(|piece| piece.start_ms() >= from) {
            let Some(up) = piece.average() else { continue };
            let known = piece.count() as f64 * each;
            probes.known_ms += known;
            probes.down_ms += known * (1.0 - up / 100.0).clamp(0.0, 1.0);
        }
        probes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECTIVE: Objective = Objective { percent: 99.9, over: Span::from_millis(7 * 24 * 3_600_000) };

    /// Probed every ten seconds for so many minutes.
    fn probed(minutes: i64, at: impl Fn(i64) -> Result<bool, &'static str>) -> (Series, i64) {
        let mut series = Series::new(10_000);
        for second in (0..minutes * 60).step_by(10) {
            let value = at(second).map(|up| if up { 100.0 } else { 0.0 });
            series.push(second * 1_000, value.map_err(ToOwned::to_owned));
        }
        (series, (minutes * 60 - 10) * 1_000)
    }

    fn evaluated(minutes: i64, at: impl Fn(i64) -> Result<bool, &'static str>) -> (PaneVerdict, Availability, String) {
        let (series, now) = probed(minutes, at);
        let found = availability(&series, OBJECTIVE, now).unwrap();
        (found.verdict(), found.clone(), found.sentence(OBJECTIVE))
    }

    #[test]
    fn a_day_without_a_failure_keeps_all_of_its_budget() {
        let (verdict, found, sentence) = evaluated(24 * 60, |_| Ok(true));
        assert_eq!((verdict, found.percent, found.budget_left), (PaneVerdict::Ok, 100.0, 1.0));
        assert_eq!(sentence, "100 % of 1d; objective ≥ 99.9 % over 7d; 100 % of the error budget left");
    }

    #[test]
    fn what_was_down_is_taken_from_the_budget_of_the_whole_period() {
        // One minute of the 10 min 4.8 s that 99.9 % of a week allow, twenty hours ago.
        let (verdict, found, sentence) = evaluated(24 * 60, |second| Ok(!(14_400..14_460).contains(&second)));
        assert_eq!(verdict, PaneVerdict::Ok, "{sentence}");
        assert!((found.budget_left - (1.0 - 60.0 / 604.8)).abs() < 1e-6, "{found:?}");
        assert!((found.percent - (1.0 - 60.0 / 86_400.0) * 100.0).abs() < 1e-6, "{found:?}");
        assert!(sentence.contains("90 % of the error budget left"), "{sentence}");
        let (verdict, found, _) = evaluated(24 * 60, |second| Ok(second >= 700));
        assert!(found.budget_left < 0.0 && verdict == PaneVerdict::OverTarget);
    }

    #[test]
    fn a_gap_is_neither_up_nor_down_and_is_reported() {
        let gap = |second: i64| if (3_600..14_400).contains(&second) { Err("no collector ran") } else { Ok(true) };
        let (verdict, found, sentence) = evaluated(24 * 60, gap);
        assert_eq!((verdict, found.percent, found.budget_left), (PaneVerdict::Inconclusive, 100.0, 1.0));
        assert!((found.covered - 21.0 / 24.0).abs() < 0.01, "{found:?}");
        assert!(sentence.ends_with("only 87 % of the time has data"), "{sentence}");
        let never: (Series, i64) = probed(60, |_| Err("no collector ran"));
        assert_eq!(availability(&never.0, OBJECTIVE, never.1), None);
    }

    #[test]
    fn the_three_alarms_of_the_workbook_go_off_and_stop() {
        // Down for all of the last three minutes: 50 times too fast over an hour.
        let (verdict, found, sentence) = evaluated(24 * 60, |second| Ok(second < 86_400 - 180));
        assert_eq!(verdict, PaneVerdict::OverTarget, "{sentence}");
        assert!((found.burns[0].rate - 50.0).abs() < 1.0 && found.burns[0].alarms(), "{found:?}");
        assert!(sentence.contains("times too fast over 1h and 600 over 5m (limit 14.4)"), "{sentence}");
        // Most of an hour later it burns no more, though the hour still shows it.
        let over = evaluated(24 * 60, |second| Ok(!(83_000..83_180).contains(&second)));
        assert!(over.1.burns[0].rate > 14.4 && !over.1.burns[0].alarms(), "{:?}", over.1);
        assert!(!over.1.burns[1].alarms(), "8 times too fast over 6 h, and 0 lately: {:?}", over.1);
        // Every 90th probe for a day: 11 times too fast, which five minutes alone would not show.
        let (verdict, found, _) = evaluated(24 * 60, |second| Ok(second % 900 != 0));
        assert!(found.burns[1].rate > 6.0 && verdict == PaneVerdict::OverTarget, "{found:?}");
        // Twice too fast for three days.
        let (_, found, _) = evaluated(72 * 60, |second| Ok(second % 5_000 != 0));
        assert!(found.burns[2].alarms() && !found.burns[0].alarms() && !found.burns[1].alarms(), "{found:?}");
    }

    #[test]
    fn a_part_has_the_budget_of_its_own_length_and_says_how_much_is_known() {
        let (series, now) = probed(2 * 24 * 60, |second| Ok(!(3_600..3_660).contains(&second)));
        let day = 24 * HOUR;
        let first = part(&series, OBJECTIVE, (0, day), now).unwrap();
        assert!((first.down_ms - 60_000.0).abs() < 1e-6 && (first.covered - 1.0).abs() < 1e-9, "{first:?}");
        // 86.4 s are allowed a day.
        assert!((first.budget_left - (1.0 - 60.0 / 86.4)).abs() < 1e-6, "{first:?}");
        assert!((part(&series, OBJECTIVE, (day, 2 * day), now).unwrap().percent - 100.0).abs() < 1e-9);
        // Of a week two days have passed.
        let week = part(&series, OBJECTIVE, (0, 7 * day), now).unwrap();
        assert!(week.covered > 0.99 && (week.budget_left - (1.0 - 60.0 / 604.8)).abs() < 1e-6, "{week:?}");
        assert_eq!(part(&series, OBJECTIVE, (3 * day, 4 * day), now), None);
        let (_, found, _) = evaluated(24 * 60, |second| Ok(second < 86_400 - 180));
        assert_eq!(found.rates(), "burn rate 50 over 1h, 8.33 over 6h, 1.39 over 3d");
    }

    #[test]
    fn a_single_failure_in_the_first_minutes_is_no_alarm() {
        let (verdict, found, sentence) = evaluated(4, |second| Ok(second != 60));
        assert_eq!(verdict, PaneVerdict::Inconclusive, "{sentence}");
        assert!(found.percent < 99.9 && found.burns.iter().all(|burn| !burn.alarms()), "{found:?}");
    }
}
