//! The verdict of one look at a metric, and what it rests on.

use super::availability::Availability;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a metric stands. What was not measured is never [`PaneVerdict::Ok`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaneVerdict {
    Ok,
    OverTarget,
    WorseThanBaseline,
    /// Nothing is known now: never measured, the source is down, or the newest number is too old.
    NoData,
    /// There are numbers, and too few of them, or nothing to compare them with.
    Inconclusive,
}

impl PaneVerdict {
    pub const ALL: [Self; 5] = [Self::Ok, Self::OverTarget, Self::WorseThanBaseline, Self::NoData, Self::Inconclusive];

    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::OverTarget => "over target",
            Self::WorseThanBaseline => "worse than baseline",
            Self::NoData => "no data",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// Whether somebody has to look. An inconclusive metric neither is bad nor shows that it is good.
    pub fn is_bad(self) -> bool {
        match self {
            Self::OverTarget | Self::WorseThanBaseline | Self::NoData => true,
            Self::Ok | Self::Inconclusive => false,
        }
    }

    /// The place in a list that shows the worst first.
    pub fn rank(self) -> u8 {
        match self {
            Self::OverTarget => 0,
            Self::WorseThanBaseline => 1,
            Self::NoData => 2,
            Self::Inconclusive => 3,
            Self::Ok => 4,
        }
    }
}

/// By how many percent the number differs from the baseline, with its interval. Negative: it fell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub percent: f64,
    pub low: f64,
    pub high: f64,
}

impl fmt::Display for Change {
    /// `+22 % [15, 29]`, `−99 % [−99, −98]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, high] = [self.low, self.high].map(|end| {
            let end = end.round();
            if end < 0.0 { format!("−{}", -end) } else { format!("{}", end.abs()) }
        });
        f.pad(&format!("{} [{low}, {high}]", super::compare::percent(self.percent)))
    }
}

/// One look at a metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    pub verdict: PaneVerdict,
    /// Whether anything is expected of it: a target, stability, an objective or a baseline.
    pub evaluated: bool,
    /// The number that was evaluated: the newest, or of request times the 95th percentile of the last ones.
    pub value: Option<f64>,
    pub unit: String,
    /// As the checklist writes it: `< 200 ms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What the baseline comes to, in the same unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Of a metric of availability: what the probes come to, with the budget left and how fast it burns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Box<Availability>>,
    /// Why it stands so, with the method where that matters.
    pub sentence: String,
}

impl Assessment {
    /// A look that found no number.
    #[must_use]
    pub fn no_data(unit: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(PaneVerdict::NoData, unit, why)
    }

    /// The verdict in words; of a metric that nothing is expected of, that.
    pub fn word(&self) -> &'static str {
        if !self.evaluated && self.verdict == PaneVerdict::Inconclusive { "no target" } else { self.verdict.word() }
    }

    #[must_use]
    pub fn new(verdict: PaneVerdict, unit: impl Into<String>, sentence: impl Into<String>) -> Self {
        let (unit, sentence) = (unit.into(), sentence.into());
        Self {
            verdict,
            evaluated: true,
            value: None,
            unit,
            target: None,
            baseline: None,
            change: None,
            availability: None,
            sentence,
        }
    }
}
