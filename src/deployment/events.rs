//! What happened to the deployment, as the markers that stand in charts and go to Grafana.

use crate::checklist::check::{Check, CommandSource};
use crate::checklist::{EnvironmentName, Item, PaneId};
use crate::deployment::about::{About, News};
use crate::deployment::alerts::fact::AlertFact;
use crate::deployment::fact::{AlertRaised, Approval};
use crate::deployment::{Fact, Plan, Record, Verdict};

/// One marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub at_ms: i64,
    pub kind: Kind,
    /// One word or two.
    pub label: String,
    /// Where it happened; none when it concerns all of them.
    pub environment: Option<EnvironmentName>,
    /// Of an alert: the metric that it is of.
    pub pane: Option<PaneId>,
}

/// What it was. Where several fall together, the first of this list gives them their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Zero,
    Rollback,
    End,
    Migration,
    Alert,
    Hold,
    /// Another step that changed something: the service stopped, released, started.
    Release,
    /// An alert was acknowledged or is over.
    Calm,
}

impl Event {
    pub fn concerns(&self, environment: &EnvironmentName, pane: &PaneId) -> bool {
        let here = self.environment.as_ref().is_none_or(|own| own == environment);
        here && self.pane.as_ref().is_none_or(|own| own == pane)
    }
}

/// The markers of a deployment in the order of time.
pub fn of<R: AsRef<Record>>(plan: &Plan, records: impl IntoIterator<Item = R>) -> Vec<Event> {
    let mut events = Vec::new();
    let mut count = Count::default();
    for record in records {
        let record = record.as_ref();
        count.take(record);
        events.extend(mark(plan, record));
    }
    if let Some(at_ms) = count.zero() {
        events.push(Event { at_ms, kind: Kind::Zero, label: "T-0".to_owned(), environment: None, pane: None });
    }
    events.sort_by_key(|event| (event.at_ms, event.kind));
    events
}

/// What one record is marked with.
fn mark(plan: &Plan, record: &Record) -> Option<Event> {
    let (kind, label, environment, pane) = match About::of(&record.fact).news? {
        News::AttemptStarted { environment, item } => {
            let (kind, label) = plan.item(item).and_then(|item| changes(plan, item))?;
            (kind, label, Some(environment), None)
        }
        News::AttemptFinished { environment, item, outcome } => {
            let (kind, label) = plan.item(item).and_then(|item| changes(plan, item))?;
            let failed = outcome.verdict == Verdict::Fail;
            if kind != Kind::Migration && !failed {
                return None;
            }
            let how = if failed { "failed" } else { "done" };
            (kind, format!("{label} {how}"), Some(environment), None)
        }
        News::Alert(AlertFact::Raised(AlertRaised { alert, pane, environment, seen })) => {
            let what = if seen.expected.is_some() { "expected gap" } else { "alert" };
            (Kind::Alert, format!("{what} {alert}"), Some(environment), Some(pane))
        }
        News::Alert(AlertFact::Changed { alert, pane, seen }) => {
            (Kind::Alert, format!("alert {alert} {}", seen.verdict.word()), None, Some(pane))
        }
        News::Alert(AlertFact::Acknowledged { alert, pane, .. }) => {
            (Kind::Calm, format!("ack {alert}"), None, Some(pane))
        }
        News::Alert(AlertFact::Cleared { alert, pane, .. }) => (Kind::Calm, format!("clear {alert}"), None, Some(pane)),
        News::ClockHeld { .. } => (Kind::Hold, "hold".to_owned(), None, None),
        News::ClockResumed => (Kind::Hold, "resumed".to_owned(), None, None),
        News::Decided(decided) => {
            let word = if decided.decision == Approval::Go { "GO" } else { "NO-GO" };
            (Kind::End, word.to_owned(), None, None)
        }
        News::Aborted { .. } => (Kind::End, "aborted".to_owned(), None, None),
        News::Failed { .. } => (Kind::End, "failed".to_owned(), None, None),
        News::Closed => (Kind::End, "closed".to_owned(), None, None),
        News::RollbackBegun { .. } => (Kind::Rollback, "rollback".to_owned(), None, None),
        News::RolledBack(_) => (Kind::Rollback, "rolled back".to_owned(), None, None),
        News::Alert(AlertFact::Silenced { .. } | AlertFact::SilenceEnded { .. })
        | News::AttemptLost { .. }
        | News::ItemRegressed { .. }
        | News::ItemRecovered { .. }
        | News::ItemsDue { .. }
        | News::ClockStarted { .. }
        | News::PollOpened { .. }
        | News::PollAnswered { .. }
        | News::OverrideRequested(_)
        | News::Signed(_)
        | News::SeatTakenOver { .. }
        | News::Handover { .. }
        | News::Anchored(_) => return None,
    };
    let at_ms = record.at.timestamp_millis();
    Some(Event { at_ms, kind, label, environment: environment.cloned(), pane: pane.cloned() })
}

/// What a step is marked as, when it changes anything: its command's name, or its title.
pub(super) fn changes(plan: &Plan, item: &Item) -> Option<(Kind, String)> {
    if !plan.changes_forward(item) {
        return None;
    }
    if let Check::Migration(_) = &item.check {
        return Some((Kind::Migration, "migration".to_owned()));
    }
    let Check::Command(command) = &item.check else { return None };
    Some(match &command.source {
        CommandSource::Use(name) => (Kind::Release, name.clone()),
        CommandSource::Run(_) => (Kind::Release, item.title.clone()),
    })
}

/// The T-clock as far as it takes to tell when it read zero.
#[derive(Debug, Default)]
struct Count {
    planned: Option<i64>,
    stood: i64,
    since: Option<i64>,
    pace: i64,
    started: bool,
    zero: Option<i64>,
}

impl Count {
    fn take(&mut self, record: &Record) {
        let at_ms = record.at.timestamp_millis();
        if let Fact::WindowPlanned { zero, .. } = &record.fact {
            self.planned = Some(zero.timestamp_millis());
        } else if let Fact::ClockStarted { from, pace } = &record.fact {
            self.start(at_ms, from.millis(), *pace);
        } else if let Fact::ClockPaced { pace } = &record.fact {
            self.run_at(at_ms, *pace);
        } else if let Fact::ClockHeld { .. } = &record.fact {
            self.hold(at_ms);
        } else if let Fact::ClockResumed { .. } = &record.fact {
            self.resume(at_ms);
        }
    }

    fn start(&mut self, at_ms: i64, from: i64, pace: u32) {
        (self.stood, self.since, self.pace) = (from, Some(at_ms), i64::from(pace.max(1)));
        (self.started, self.zero) = (true, None);
    }

    /// When it reads zero if it counts on.
    fn next_zero(&self) -> Option<i64> {
        let since = self.since.filter(|_| self.stood <= 0)?;
        Some(since.saturating_sub(self.stood / self.pace.max(1)))
    }

    fn hold(&mut self, at_ms: i64) {
        let Some(since) = self.since else { return };
        self.zero = self.zero.or(self.next_zero().filter(|zero| *zero <= at_ms));
        self.stood = self.stood.saturating_add(at_ms.saturating_sub(since).max(0).saturating_mul(self.pace));
        self.since = None;
    }

    fn run_at(&mut self, at_ms: i64, pace: u32) {
        let ran = self.since.is_some();
        self.hold(at_ms);
        self.pace = i64::from(pace.max(1));
        self.since = ran.then_some(at_ms);
    }

    fn resume(&mut self, at_ms: i64) {
        if self.started {
            self.since = self.since.or(Some(at_ms));
        }
    }

    /// When it read zero, or will; as planned as long as nobody has started it.
    fn zero(&self) -> Option<i64> {
        if self.started { self.zero.or(self.next_zero()) } else { self.planned }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_0_is_when_the_clock_read_zero_whatever_was_held() {
        let mut count = Count { planned: Some(7), ..Count::default() };
        assert_eq!(count.zero(), Some(7));
        count.start(100_000, -60_000, 1);
        assert_eq!(count.zero(), Some(160_000));
        count.hold(130_000);
        assert_eq!(count.zero(), None, "nobody knows while it is held");
        count.resume(150_000);
        assert_eq!(count.zero(), Some(180_000));
        // A hold after it moves it no more.
        count.hold(200_000);
        count.resume(900_000);
        assert_eq!(count.zero(), Some(180_000));
        count.start(1_000_000, -120_000, 20);
        assert_eq!(count.zero(), Some(1_006_000));
    }
}
