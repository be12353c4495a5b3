//! At most one notification a metric in five minutes. What is held back goes with the next one, and the last state of a
//! metric always gets out.

use super::Alerts;
use super::fact::AlertFact;
use crate::checklist::PaneId;
use crate::deployment::fact::AlertRaised;
use crate::deployment::record::{Record, Seq};
use crate::deployment::state::Stamp;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Between two notifications of one metric.
pub const EVERY: TimeDelta = TimeDelta::minutes(5);

/// What the collector before may have recorded and not reported any more, when it was killed.
const UNCERTAIN: TimeDelta = TimeDelta::seconds(30);

/// Held back for longer than this it is no news to anybody.
const STALE: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limiter {
    panes: BTreeMap<PaneId, Reported>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Reported {
    at: Option<DateTime<Utc>>,
    /// That the alert is open was reported last, and not that it is over.
    open: bool,
    held: Vec<News>,
    /// Changes that came to nothing, to be notified of with the next one.
    passed: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct News {
    seq: Seq,
    at: DateTime<Utc>,
    opens: bool,
}

/// A record to tell of, and how many before it were not reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub seq: Seq,
    pub suppressed: usize,
}

impl Limiter {
    /// Rebuilt from the records of a ledger: a new collector continues where the last one stopped.
    #[must_use]
    pub fn resume<R: AsRef<Record>>(records: impl IntoIterator<Item = R>, now: DateTime<Utc>) -> Self {
        let (mut limiter, mut alerts) = (Self::default(), Alerts::default());
        for record in records {
            let record = record.as_ref();
            alerts.apply(&Stamp { seq: record.seq, at: record.at, by: record.by.clone() }, &record.fact);
            limiter.offer(record);
            if now - record.at >= UNCERTAIN {
                limiter.due(record.at, |pane| alerts.is_quiet(pane, record.at));
            }
        }
        for reported in limiter.panes.values_mut() {
            reported.held.retain(|news| now - news.at < STALE);
            // It may have been reported, so its end is reported too.
            reported.open |= reported.held.iter().any(|news| news.opens);
        }
        limiter
    }

    /// Takes a record up; only those that raise, change or clear an alert are news.
    pub fn offer(&mut self, record: &Record) {
        let Some(fact) = AlertFact::of(&record.fact) else { return };
        let (pane, opens) = match fact {
            AlertFact::Raised(AlertRaised { pane, .. }) | AlertFact::Changed { pane, .. } => (pane, true),
            AlertFact::Cleared { pane, .. } => (pane, false),
            AlertFact::Acknowledged { .. } | AlertFact::Silenced { .. } | AlertFact::SilenceEnded { .. } => return,
        };
        let reported = self.panes.entry(pane.clone()).or_default();
        reported.held.push(News { seq: record.seq, at: record.at, opens });
    }

    /// What may be reported now. Metrics that are quiet wait until they are not.
    pub fn due(&mut self, now: DateTime<Utc>, is_quiet: impl Fn(&PaneId) -> bool) -> Vec<Due> {
        let mut due = Vec::new();
        for (pane, reported) in &mut self.panes {
            let Some(last) = reported.held.last().copied() else { continue };
            // A clock that was set back must not hold news for as long.
            let waits = reported.at.is_some_and(|at| (now - at).abs() < EVERY);
            if waits || is_quiet(pane) {
                continue;
            }
            let before = reported.held.len() - 1;
            reported.held.clear();
            if !last.opens && !reported.open {
                reported.passed += before + 1;
                continue;
            }
            due.push(Due { seq: last.seq, suppressed: std::mem::take(&mut reported.passed) + before });
            (reported.at, reported.open) = (Some(now), last.opens);
        }
        due.sort_by_key(|due| due.seq);
        due
    }
}
