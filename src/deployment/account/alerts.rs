//! Alerts and silences for scripts and for people without the screen.

use crate::checklist::{EnvironmentName, PaneId};
use crate::deployment::alerts::notice::title;
use crate::deployment::alerts::{Alert, Silence, Standing, Trouble};
use crate::deployment::{Plan, State};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// `asking` counts those that nobody has acknowledged, silenced or expected; `open` holds every alert that is not over,
/// those that ask for somebody first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenAlerts {
    pub asking: usize,
    pub open: Vec<AlertLine>,
    pub silences: Vec<SilenceLine>,
}

/// `value` is in `unit`. `since` is when the trouble began, `cleared` when it was over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlertLine {
    pub number: u32,
    pub state: Standing,
    pub metric: PaneId,
    pub title: String,
    pub environment: EnvironmentName,
    pub verdict: Trouble,
    pub value: Option<f64>,
    pub unit: String,
    pub target: Option<String>,
    pub sentence: String,
    pub expected: Option<String>,
    /// Since when it has been what it is, and since when it has been anything.
    pub since: DateTime<Utc>,
    pub began: DateTime<Utc>,
    pub raised: DateTime<Utc>,
    pub acknowledged: Option<DateTime<Utc>>,
    pub acknowledged_by: Option<String>,
    pub note: Option<String>,
    pub cleared: Option<DateTime<Utc>>,
    pub cleared_because: Option<String>,
    pub lasted_ms: u64,
}

/// `metric` is null where all of them are silenced.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SilenceLine {
    pub metric: Option<PaneId>,
    pub until: DateTime<Utc>,
    pub by: String,
    pub reason: String,
}

pub(crate) fn open_alerts(plan: &Plan, state: &State, now: DateTime<Utc>) -> OpenAlerts {
    let all = lines(plan, state, now).into_iter();
    let silences = state.alerts.silences().iter().filter(|silence| silence.is_active(now));
    OpenAlerts {
        asking: state.alerts.asking(now).len(),
        open: all.filter(|line| line.state != Standing::Cleared).collect(),
        silences: silences.map(silence).collect(),
    }
}

/// Every alert: those that ask for somebody first, then what is known, then what is over.
pub(crate) fn lines(plan: &Plan, state: &State, now: DateTime<Utc>) -> Vec<AlertLine> {
    state.alerts.in_order(now).into_iter().map(|(standing, alert)| line(plan, standing, alert, now)).collect()
}

fn line(plan: &Plan, standing: Standing, alert: &Alert, now: DateTime<Utc>) -> AlertLine {
    let seen = &alert.seen;
    // What is over shows who had acknowledged it, also before it became another trouble.
    let acknowledged = alert.acknowledged().or_else(|| {
        let last = alert.acknowledgements.last();
        last.filter(|_| standing == Standing::Cleared)
    });
    AlertLine {
        number: alert.number.0,
        state: standing,
        metric: alert.pane.clone(),
        title: title(plan, &alert.pane),
        environment: alert.environment.clone(),
        verdict: seen.verdict,
        value: seen.value,
        unit: seen.unit.clone(),
        target: seen.target.clone(),
        sentence: seen.sentence.clone(),
        expected: seen.expected.clone(),
        since: alert.since(),
        began: alert.began,
        raised: alert.raised.at,
        acknowledged: acknowledged.map(|(stamp, _)| stamp.at),
        acknowledged_by: acknowledged.map(|(stamp, _)| stamp.by.says.clone()),
        note: alert.acknowledgements.iter().rev().find_map(|(_, note)| note.clone()),
        cleared: alert.cleared.as_ref().map(|cleared| cleared.since),
        cleared_because: alert.cleared.as_ref().map(|cleared| cleared.sentence.clone()),
        lasted_ms: u64::try_from(alert.lasted(now).num_milliseconds()).unwrap_or(0),
    }
}

pub(crate) fn silence(silence: &Silence) -> SilenceLine {
    let (metric, by) = (silence.pane.clone(), silence.stamp.by.says.clone());
    SilenceLine { metric, until: silence.until, by, reason: silence.reason.clone() }
}
