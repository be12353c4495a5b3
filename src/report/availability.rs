//! How available the services were after T-0, and who handed over to whom last.

use super::View;
use super::words::{Said, Time, Took};
use crate::checklist::PaneId;
use crate::checklist::pane::Source;
use crate::deployment::measurement::Number;
use crate::deployment::metrics::availability::{self, Part};
use crate::deployment::metrics::{Assessment, Watched};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The metrics of availability, with their numbers as the store keeps them and how they stand.
pub(crate) type Probed = BTreeMap<PaneId, (Watched, Assessment)>;

/// A service against its objective.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Service {
    pub metric: String,
    pub title: String,
    pub environment: String,
    /// Percent of the period in which it has to work.
    pub objective: f64,
    pub period_ms: Took,
    /// `ok`, `over target`, `no data` or `inconclusive`, as of the report.
    pub verdict: String,
    pub sentence: String,
    /// In percent; null where nothing is known.
    pub availability: Option<f64>,
    /// What is left of the period's error budget in percent; below 0 it is overdrawn.
    pub budget_left: Option<f64>,
    pub burns: Vec<Burn>,
    /// The first 24 hours and 7 days after T-0; before T-0, and without one, none.
    pub periods: Vec<Period>,
}

/// How many times too fast the error budget burns.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Burn {
    pub over_ms: Took,
    /// How much of the window is measured; the rate is that of this time.
    pub measured_ms: Took,
    pub rate: f64,
    pub lately_ms: Took,
    pub lately: f64,
    /// From this rate on, in both windows, somebody has to look.
    pub limit: f64,
    pub alarm: bool,
}

/// A part of the time, with the error budget of its own length.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Period {
    /// `24 hours` or `7 days`.
    pub name: String,
    pub from: Time,
    pub to: Time,
    /// The time is not over yet.
    pub running: bool,
    /// In percent; null where nothing is known.
    pub availability: Option<f64>,
    pub down_ms: Option<Took>,
    pub budget_left: Option<f64>,
    /// Percent of the time that has passed.
    pub known: f64,
    /// Whether it met the objective; null as long as it is running or less than 95 % is known.
    pub met: Option<bool>,
}

/// What one person left to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Handover {
    pub from: Said,
    pub to: Option<String>,
    pub note: Option<String>,
    pub text: String,
}

pub(super) fn services(at: &View<'_>, probed: &Probed) -> Vec<Service> {
    let zero = super::alerts::zero(at);
    let one = at.plan.checklist().panes.iter().filter_map(|pane| {
        let Source::Availability { objective, .. } = &pane.source else { return None };
        let (environment, _) = at.plan.environment_in(&pane.slot)?;
        let (watched, seen) = probed.get(&pane.id)?;
        let found = seen.availability.as_deref();
        let burns = found.map(|found| found.burns.iter().map(burn).collect()).unwrap_or_default();
        let period = |(name, length): (&str, chrono::TimeDelta)| {
            let (from, to) = (zero?, zero? + length);
            let span = (from.timestamp_millis(), to.timestamp_millis());
            let part = availability::part(&watched.series, *objective, span, at.as_of.timestamp_millis());
            Some(Period::of(name, (from, to), part, objective.percent, at.as_of))
        };
        Some(Service {
            metric: pane.id.to_string(),
            title: pane.title.clone(),
            environment: environment.to_string(),
            objective: objective.percent,
            period_ms: Took(u64::try_from(objective.over.duration().as_millis()).unwrap_or(u64::MAX)),
            verdict: seen.verdict.word().to_owned(),
            sentence: seen.sentence.clone(),
            availability: found.map(|found| found.percent),
            budget_left: found.map(|found| found.budget_left * 100.0),
            burns,
            periods: super::alerts::lengths().into_iter().filter_map(period).collect(),
        })
    });
    one.collect()
}

pub(super) fn last_handover(at: &View<'_>) -> Option<Handover> {
    let last = at.state.handovers.last()?;
    let (to, note, text) = (last.to.clone(), last.note.clone(), last.text.clone());
    Some(Handover { from: Said::of(&last.stamp), to, note, text })
}

fn burn(burn: &availability::Burn) -> Burn {
    let took = |ms: i64| Took(u64::try_from(ms).unwrap_or(0));
    Burn {
        over_ms: took(burn.over_ms),
        measured_ms: took(burn.measured_ms),
        rate: burn.rate,
        lately_ms: took(burn.lately_ms),
        lately: burn.lately,
        limit: burn.limit,
        alarm: burn.alarms(),
    }
}

impl Service {
    /// Objective, availability, and what is left of the budget, in words.
    pub fn words(&self) -> String {
        let rates = self.burns.iter().map(|burn| {
            let whole = burn.measured_ms.0 as f64 >= burn.over_ms.0 as f64 * availability::COVERED;
            let of = if whole { String::new() } else { format!(" (of {})", burn.measured_ms) };
            format!("{} over {}{of}", rounded(burn.rate, 100.0), burn.over_ms)
        });
        let rates: Vec<String> = rates.collect();
        let rates = if rates.is_empty() { String::new() } else { format!("; burn rate {}", rates.join(", ")) };
        format!("{}{rates}", self.sentence)
    }
}

impl Period {
    fn of(
        name: &str,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        part: Option<Part>,
        objective: f64,
        as_of: DateTime<Utc>,
    ) -> Self {
        let running = as_of < to;
        let known = part.map_or(0.0, |part| part.covered);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds, zero at least")]
        let down = |part: Part| Took(part.down_ms.max(0.0).round() as u64);
        let reported = part.filter(|_| !running && known >= availability::COVERED);
        Self {
            name: name.to_owned(),
            from: Time(from),
            to: Time(to),
            running,
            availability: part.map(|part| part.percent),
            down_ms: part.map(down),
            budget_left: part.map(|part| part.budget_left * 100.0),
            known: known * 100.0,
            met: reported.map(|part| part.percent >= objective),
        }
    }

    /// `99.93 %, down 1 min 00 s, 31 % of the error budget left: objective met`
    pub fn words(&self) -> String {
        let Self { availability: Some(percent), down_ms: Some(down), budget_left: Some(left), .. } = self else {
            return "no data".to_owned();
        };
        let budget = if *left < 0.0 {
            format!("error budget overdrawn by {} %", rounded(-left, 1.0))
        } else {
            format!("{} % of the error budget left", rounded(*left, 1.0))
        };
        // Rounded down, so that a missed objective never reads as met.
        let percent = Number((percent * 1_000.0).floor() / 1_000.0);
        let end = match (self.met, self.running) {
            (Some(true), _) => "objective met".to_owned(),
            (Some(false), _) => "objective missed".to_owned(),
            (None, true) => "so far".to_owned(),
            (None, false) => format!("inconclusive, {} % of the time has data", rounded(self.known.floor(), 1.0)),
        };
        format!("{percent} %, down {down}, {budget}: {end}")
    }
}

fn rounded(value: f64, places: f64) -> Number {
    Number((value * places).round() / places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_period_is_met_only_when_it_is_over_and_known() {
        let from = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let to = from + TimeDelta::hours(24);
        let words = |percent: f64, covered: f64, as_of| {
            let down_ms = (1.0 - percent / 100.0) * 86_400_000.0;
            let part = Part { percent, down_ms, covered, budget_left: 1.0 - (100.0 - percent) / 0.1 };
            Period::of("24 hours", (from, to), Some(part), 99.9, as_of).words()
        };
        let half = from + TimeDelta::hours(12);
        assert_eq!(words(100.0, 1.0, to), "100 %, down 0 ms, 100 % of the error budget left: objective met");
        assert!(words(99.8999, 1.0, to).ends_with("error budget overdrawn by 0 %: objective missed"));
        assert!(words(99.8999, 1.0, to).starts_with("99.899 %"), "never rounded up to what it missed");
        assert!(words(100.0, 1.0, half).ends_with(": so far"));
        assert!(words(100.0, 0.941, to).ends_with(": inconclusive, 94 % of the time has data"));
        assert_eq!(Period::of("24 hours", (from, to), None, 99.9, to).words(), "no data");
    }
}
