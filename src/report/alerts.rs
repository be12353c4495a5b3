//! Alerts of the watched metrics: how many in the first 24 hours and 7 days, who acknowledged them, how long they lasted.

use super::View;
use super::words::{Said, Time, Tone, Took};
use crate::deployment::alerts::{Alert as Folded, Standing, notice};
use crate::deployment::events::{self, Kind};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Alerts {
    /// The first 24 hours and 7 days after T-0; before T-0, and without one, none.
    pub periods: Vec<Period>,
    /// Every alert, oldest first.
    pub alerts: Vec<Alert>,
    /// Every silence, oldest first.
    pub silences: Vec<Silence>,
}

/// Counts of alerts raised in a time. What was expected (a step had stopped the service) is counted apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Period {
    /// `24 hours` or `7 days`.
    pub name: String,
    pub from: Time,
    pub to: Time,
    /// The time is not over yet.
    pub running: bool,
    pub raised: usize,
    pub acknowledged: usize,
    pub cleared: usize,
    /// Neither cleared nor acknowledged.
    pub unanswered: usize,
    pub expected: usize,
    pub longest_ms: Option<Took>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Alert {
    pub number: u32,
    pub metric: String,
    pub title: String,
    pub environment: String,
    /// `open`, `acknowledged`, `silenced`, `expected` or `cleared`.
    pub state: String,
    /// `over target`, `no data` or `worse than baseline`, as seen last.
    pub verdict: String,
    pub value: Option<f64>,
    pub unit: String,
    pub target: Option<String>,
    /// Verdict, value and target in words.
    pub words: String,
    pub sentence: String,
    pub expected: Option<String>,
    pub since: Time,
    pub raised: Time,
    pub acknowledged: Option<Said>,
    pub note: Option<String>,
    pub cleared: Option<Time>,
    pub lasted_ms: Took,
    pub tone: Tone,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Silence {
    /// Null where all metrics were silenced.
    pub metric: Option<String>,
    pub title: String,
    pub from: Said,
    pub until: Time,
    pub reason: String,
    /// Ended before its time.
    pub ended: Option<Said>,
}

impl Alerts {
    pub(super) fn of(at: &View<'_>) -> Self {
        let folded = &at.state.alerts;
        let silences = folded.silences().iter().map(|silence| Silence {
            metric: silence.pane.as_ref().map(ToString::to_string),
            title: silence.pane.as_ref().map_or_else(|| "all metrics".to_owned(), |pane| notice::title(at.plan, pane)),
            from: Said::of(&silence.stamp),
            until: Time(silence.until),
            reason: silence.reason.clone(),
            ended: silence.ended.as_ref().map(Said::of),
        });
        Self {
            periods: periods(at),
            alerts: folded.all().iter().map(|alert| self::alert(at, alert)).collect(),
            silences: silences.collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.silences.is_empty()
    }
}

impl Period {
    /// `3 raised, 2 acknowledged, 3 cleared, 0 unanswered; longest 12 min 03 s`
    pub fn words(&self) -> String {
        let Self { raised, acknowledged, cleared, unanswered, expected, .. } = self;
        let longest = self.longest_ms.map(|longest| format!("; longest {longest}")).unwrap_or_default();
        let expected =
            if *expected > 0 { format!("; {expected} expected while stopped by a step") } else { String::new() };
        let running = if self.running { " (so far)" } else { "" };
        format!(
            "{raised} raised, {acknowledged} acknowledged, {cleared} cleared, {unanswered} unanswered{longest}{expected}{running}"
        )
    }
}

fn alert(at: &View<'_>, alert: &Folded) -> Alert {
    let standing = at.state.alerts.standing(alert, at.as_of);
    let seen = &alert.seen;
    Alert {
        number: alert.number.0,
        metric: alert.pane.to_string(),
        title: notice::title(at.plan, &alert.pane),
        environment: alert.environment.to_string(),
        state: standing.word().to_owned(),
        verdict: seen.verdict.word().to_owned(),
        value: seen.value,
        unit: seen.unit.clone(),
        target: seen.target.clone(),
        words: notice::state(seen),
        sentence: seen.sentence.clone(),
        expected: seen.expected.clone(),
        since: Time(alert.since()),
        raised: Time(alert.raised.at),
        acknowledged: alert.acknowledgements.first().map(|(stamp, _)| Said::of(stamp)),
        note: alert.acknowledgements.iter().rev().find_map(|(_, note)| note.clone()),
        cleared: alert.cleared.as_ref().map(|cleared| Time(cleared.since)),
        lasted_ms: Took(u64::try_from(alert.lasted(at.as_of).num_milliseconds()).unwrap_or(0)),
        tone: match standing {
            Standing::Open => Tone::Bad,
            Standing::Acknowledged | Standing::Silenced => Tone::Doubtful,
            Standing::Expected | Standing::Cleared => Tone::Plain,
        },
    }
}

fn periods(at: &View<'_>) -> Vec<Period> {
    let Some(from) = zero(at) else { return Vec::new() };
    lengths().into_iter().map(|(name, length)| period(at, name, from, from + length)).collect()
}

/// T-0, where it has passed.
pub(super) fn zero(at: &View<'_>) -> Option<DateTime<Utc>> {
    let marks = events::of(at.plan, at.records);
    let zero = marks.iter().find(|mark| mark.kind == Kind::Zero).map(|mark| mark.at_ms);
    zero.and_then(DateTime::from_timestamp_millis).filter(|zero| *zero <= at.as_of)
}

/// The times after T-0 that are accounted for.
pub(super) fn lengths() -> [(&'static str, TimeDelta); 2] {
    [("24 hours", TimeDelta::hours(24)), ("7 days", TimeDelta::days(7))]
}

fn period(at: &View<'_>, name: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Period {
    let within = at.state.alerts.all().iter().filter(|alert| (from..to).contains(&alert.raised.at));
    let (expected, raised): (Vec<&Folded>, Vec<&Folded>) = within.partition(|alert| alert.seen.expected.is_some());
    let longest = raised.iter().map(|alert| alert.lasted_in_all(at.as_of.min(to)).num_milliseconds()).max();
    Period {
        name: name.to_owned(),
        from: Time(from),
        to: Time(to),
        running: at.as_of < to,
        raised: raised.len(),
        acknowledged: raised.iter().filter(|alert| !alert.acknowledgements.is_empty()).count(),
        cleared: raised.iter().filter(|alert| !alert.is_open()).count(),
        unanswered: raised.iter().filter(|alert| alert.is_open() && alert.acknowledged().is_none()).count(),
        expected: expected.len(),
        longest_ms: longest.and_then(|longest| u64::try_from(longest).ok()).map(Took),
    }
}
