//! Alerts: what a watched metric did wrong, who acknowledged it, and when it was well again.
//!
//! The collector is the only one that samples, so it alone raises, changes and clears them; people acknowledge and
//! silence. A metric has at most one open alert. What is expected (the service was stopped by a step) and what is
//! silenced is recorded like everything else, and asks for nobody.

pub(crate) mod downtime;
pub(crate) mod fact;
pub mod limiter;
pub(crate) mod notice;
pub mod watch;

use super::fact::{AlertRaised, Fact, Observed};
use super::record::{Record, Seq};
use super::state::Stamp;
use crate::checklist::{EnvironmentName, PaneId};
use chrono::{DateTime, TimeDelta, Utc};
use fact::AlertFact;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest a silence may last: what is silenced for ever is not watched.
pub const LONGEST_SILENCE: TimeDelta = TimeDelta::days(7);

/// Counts alerts through the whole ledger, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertNumber(pub u32);

impl fmt::Display for AlertNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is wrong with a metric, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    OverTarget,
    WorseThanBaseline,
    /// Never good, never zero: nobody knows.
    NoData,
}

impl Trouble {
    pub fn word(self) -> &'static str {
        match self {
            Trouble::OverTarget => "over target",
            Trouble::NoData => "no data",
            Trouble::WorseThanBaseline => "worse than baseline",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    pub number: AlertNumber,
    pub pane: PaneId,
    pub environment: EnvironmentName,
    pub raised: Stamp,
    /// When the first trouble of it began.
    pub began: DateTime<Utc>,
    /// As it was seen last.
    pub seen: Observed,
    /// When another trouble took the place of the one before.
    pub changed: Option<Stamp>,
    pub acknowledgements: Vec<(Stamp, Option<String>)>,
    pub cleared: Option<Cleared>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Cleared {
    pub stamp: Stamp,
    /// When the numbers were well again.
    pub since: DateTime<Utc>,
    pub value: Option<f64>,
    pub sentence: String,
}

/// How an alert stands with people, in the order in which it concerns them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Asks for somebody.
    Open,
    Acknowledged,
    /// Until the silence ends.
    Silenced,
    /// A step took the service away.
    Expected,
    Cleared,
}

impl Standing {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl Alert {
    pub fn is_open(&self) -> bool {
        self.cleared.is_none()
    }

    /// The first acknowledgement of what it is now: one given before it changed does not count.
    pub fn acknowledged(&self) -> Option<&(Stamp, Option<String>)> {
        let from = self.changed.as_ref().map_or(self.raised.seq, |changed| changed.seq);
        self.acknowledgements.iter().find(|(stamp, _)| stamp.seq > from)
    }

    /// How long what it shows lasted, or has so far.
    pub fn lasted(&self, now: DateTime<Utc>) -> TimeDelta {
        (self.end(now) - self.since()).max(TimeDelta::zero())
    }

    /// How long the metric was not well, whatever was wrong with it.
    pub fn lasted_in_all(&self, now: DateTime<Utc>) -> TimeDelta {
        (self.end(now) - self.began).max(TimeDelta::zero())
    }

    fn end(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.cleared.as_ref().map_or(now, |cleared| cleared.since)
    }

    /// Since when it has been what it is: a trouble that became another one began anew then.
    pub fn since(&self) -> DateTime<Utc> {
        self.seen.since.min(self.changed.as_ref().map_or(self.raised.at, |changed| changed.at))
    }
}

/// A time in which nobody is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Silence {
    pub stamp: Stamp,
    /// All metrics unless one is named.
    pub pane: Option<PaneId>,
    pub until: DateTime<Utc>,
    pub reason: String,
    /// Ended by somebody before its time.
    pub ended: Option<Stamp>,
}

impl Silence {
    pub fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.ended.is_none() && now < self.until
    }

    pub fn covers(&self, pane: &PaneId) -> bool {
        self.pane.as_ref().is_none_or(|own| own == pane)
    }
}

/// Every alert and every silence of a deployment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Alerts {
    /// Alert `n` stands at index `n - 1`.
    all: Vec<Alert>,
    silences: Vec<Silence>,
}

impl Alerts {
    /// Folds one record in; most say nothing of alerts.
    pub fn apply(&mut self, stamp: &Stamp, fact: &Fact) {
        let Some(fact) = AlertFact::of(fact) else { return };
        match fact {
            AlertFact::Raised(AlertRaised { alert, pane, environment, seen }) => self.all.push(Alert {
                number: *alert,
                pane: pane.clone(),
                environment: environment.clone(),
                raised: stamp.clone(),
                began: seen.since.min(stamp.at),
                seen: seen.clone(),
                changed: None,
                acknowledgements: Vec::new(),
                cleared: None,
            }),
            AlertFact::Changed { alert, seen, .. } => {
                if let Some(alert) = self.alert_mut(alert) {
                    alert.seen = seen.clone();
                    alert.changed = Some(stamp.clone());
                }
            }
            AlertFact::Acknowledged { alert, note, .. } => {
                if let Some(alert) = self.alert_mut(alert) {
                    alert.acknowledgements.push((stamp.clone(), note.map(ToOwned::to_owned)));
                }
            }
            AlertFact::Cleared { alert, value, since, sentence, .. } => {
                if let Some(alert) = self.alert_mut(alert) {
                    let (stamp, sentence) = (stamp.clone(), sentence.to_owned());
                    alert.cleared = Some(Cleared { stamp, since, value, sentence });
                }
            }
            AlertFact::Silenced { pane, until, reason } => {
                let (stamp, pane, reason) = (stamp.clone(), pane.cloned(), reason.to_owned());
                // The one before of the same metric is replaced.
                self.silences.retain(|silence| silence.pane != pane || !silence.is_active(stamp.at));
                self.silences.push(Silence { stamp, pane, until, reason, ended: None });
            }
            AlertFact::SilenceEnded { pane } => {
                for silence in &mut self.silences {
                    if silence.pane.as_ref() == pane && silence.is_active(stamp.at) {
                        silence.ended = Some(stamp.clone());
                    }
                }
            }
        }
    }

    /// The alerts of a ledger as far as these records go.
    #[must_use]
    pub fn replay<R: AsRef<Record>>(records: impl IntoIterator<Item = R>) -> Self {
        let mut alerts = Self::default();
        for record in records {
            let record = record.as_ref();
            alerts.apply(&Stamp { seq: record.seq, at: record.at, by: record.by.clone() }, &record.fact);
        }
        alerts
    }

    /// Every alert, oldest first.
    pub fn all(&self) -> &[Alert] {
        &self.all
    }

    /// Every silence, oldest first.
    pub fn silences(&self) -> &[Silence] {
        &self.silences
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.silences.is_empty()
    }

    pub fn alert(&self, number: AlertNumber) -> Option<&Alert> {
        self.all.get(usize::try_from(number.0).ok()?.checked_sub(1)?)
    }

    fn alert_mut(&mut self, number: AlertNumber) -> Option<&mut Alert> {
        self.all.get_mut(usize::try_from(number.0).ok()?.checked_sub(1)?)
    }

    pub fn next(&self) -> AlertNumber {
        AlertNumber(u32::try_from(self.all.len()).unwrap_or(u32::MAX).saturating_add(1))
    }

    pub fn open(&self) -> impl DoubleEndedIterator<Item = &Alert> {
        self.all.iter().filter(|alert| alert.is_open())
    }

    /// The open alert of a metric; there is never a second.
    pub fn of(&self, pane: &PaneId) -> Option<&Alert> {
        self.open().find(|alert| alert.pane == *pane)
    }

    /// The silence active for a metric, the one that ends last.
    pub fn silence(&self, pane: &PaneId, now: DateTime<Utc>) -> Option<&Silence> {
        let active = self.silences.iter().filter(|silence| silence.is_active(now) && silence.covers(pane));
        active.max_by_key(|silence| silence.until)
    }

    pub fn standing(&self, alert: &Alert, now: DateTime<Utc>) -> Standing {
        if !alert.is_open() {
            Standing::Cleared
        } else if alert.acknowledged().is_some() {
            Standing::Acknowledged
        } else if alert.seen.expected.is_some() {
            Standing::Expected
        } else if self.silence(&alert.pane, now).is_some() {
            Standing::Silenced
        } else {
            Standing::Open
        }
    }

    /// Whether nobody is to be called for a metric now: its alert is expected or known, or it is silenced.
    pub fn is_quiet(&self, pane: &PaneId, now: DateTime<Utc>) -> bool {
        let known = |alert: &Alert| alert.seen.expected.is_some() || alert.acknowledged().is_some();
        self.silence(pane, now).is_some() || self.of(pane).is_some_and(known)
    }

    /// Those that ask for somebody, the worst first, then the oldest.
    pub fn asking(&self, now: DateTime<Utc>) -> Vec<&Alert> {
        let mut asking: Vec<&Alert> = self.open().filter(|alert| self.standing(alert, now) == Standing::Open).collect();
        asking.sort_by_key(|alert| alert.severity());
        asking
    }

    /// All of them as people go through them: what asks for somebody first and the worst of it on top; what is over
    /// last, the latest of it first.
    pub fn in_order(&self, now: DateTime<Utc>) -> Vec<(Standing, &Alert)> {
        let mut all: Vec<(Standing, &Alert)> =
            self.all.iter().map(|alert| (self.standing(alert, now), alert)).collect();
        all.sort_by_key(|(standing, alert)| {
            let cleared = alert.cleared.as_ref().map(|cleared| std::cmp::Reverse(cleared.stamp.seq));
            (*standing, cleared, alert.severity())
        });
        all
    }
}

impl Alert {
    fn severity(&self) -> (Trouble, DateTime<Utc>, Seq) {
        (self.seen.verdict, self.since(), self.raised.seq)
    }
}
