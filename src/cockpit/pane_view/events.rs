//! What happened to the deployment, as the markers that stand in the charts.

use crate::checklist::check::{Check, CommandSource};
use crate::checklist::model::Risk;
use crate::checklist::{EnvironmentName, Item};
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::fact::Approval;
use crate::deployment::{Fact, Plan, Record, Verdict};
use std::collections::BTreeMap;

/// One marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub at_ms: i64,
    pub kind: Kind,
    /// One word or two.
    pub label: String,
    /// Where it happened; none when it concerns all of them.
    pub environment: Option<EnvironmentName>,
}

/// What it was. Where several fall together, the first of this list gives them their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Zero,
    Rollback,
    End,
    Migration,
    Hold,
    /// Another step that changed something: the service stopped, released, started.
    Release,
}

impl Event {
    #[must_use]
    pub fn concerns(&self, environment: &EnvironmentName) -> bool {
        self.environment.as_ref().is_none_or(|own| own == environment)
    }
}

/// The markers of a deployment in the order of time.
#[must_use]
pub fn of<R: AsRef<Record>>(plan: &Plan, records: impl IntoIterator<Item = R>) -> Vec<Event> {
    let mut events = Vec::new();
    let mut count = Count::default();
    let mut attempts: BTreeMap<AttemptNumber, (Kind, String)> = BTreeMap::new();
    for record in records {
        let record = record.as_ref();
        let at_ms = record.at.timestamp_millis();
        let mut mark = |kind, label: &str, environment: Option<&EnvironmentName>| {
            events.push(Event { at_ms, kind, label: label.to_owned(), environment: environment.cloned() });
        };
        match &record.fact {
            Fact::AttemptStarted { environment, item, attempt, .. } => {
                let Some((kind, label)) = plan.item(item).and_then(|item| changes(plan, item)) else { continue };
                mark(kind, &label, Some(environment));
                attempts.insert(*attempt, (kind, label));
            }
            Fact::AttemptFinished { environment, attempt, outcome, .. } => {
                let Some((kind, label)) = attempts.remove(attempt) else { continue };
                let failed = outcome.verdict == Verdict::Fail;
                if kind == Kind::Migration || failed {
                    let how = if failed { "failed" } else { "done" };
                    mark(kind, &format!("{label} {how}"), Some(environment));
                }
            }
            Fact::WindowPlanned { zero, .. } => count = Count { planned: Some(zero.timestamp_millis()), ..count },
            Fact::ClockStarted { from, pace } => count.start(at_ms, from.millis(), *pace),
            Fact::ClockHeld { .. } => {
                count.hold(at_ms);
                mark(Kind::Hold, "hold", None);
            }
            Fact::ClockResumed { .. } => {
                count.resume(at_ms);
                mark(Kind::Hold, "resumed", None);
            }
            Fact::Decided(decided) => {
                mark(Kind::End, if decided.decision == Approval::Go { "GO" } else { "NO-GO" }, None);
            }
            Fact::Aborted { .. } => mark(Kind::End, "aborted", None),
            Fact::Failed { .. } => mark(Kind::End, "failed", None),
            Fact::Closed { .. } => mark(Kind::End, "closed", None),
            Fact::RollbackBegun { .. } => mark(Kind::Rollback, "rollback", None),
            Fact::RolledBack(_) => mark(Kind::Rollback, "rolled back", None),
            Fact::LedgerOpened(_)
            | Fact::ChecklistAmended(_)
            | Fact::EnvironmentReached { .. }
            | Fact::ItemChecked { .. }
            | Fact::ItemUnchecked { .. }
            | Fact::ItemWaived { .. }
            | Fact::WaiverWithdrawn { .. }
            | Fact::ValueFilled { .. }
            | Fact::ItemJudged { .. }
            | Fact::CommandArmed { .. }
            | Fact::CommandDisarmed { .. }
            | Fact::AttemptLost { .. }
            | Fact::AttemptResolved { .. }
            | Fact::CancelRequested { .. }
            | Fact::BlockerCancelled { .. }
            | Fact::MigrationPreflighted(_)
            | Fact::NoteAdded { .. }
            | Fact::IssueOpened { .. }
            | Fact::IssueUpdated { .. }
            | Fact::LessonAdded { .. }
            | Fact::Signed(_)
            | Fact::SignoffWithdrawn { .. }
            | Fact::SignersRecorded(_)
            | Fact::Anchored(_)
            | Fact::DecisionReopened { .. }
            | Fact::SeatTaken { .. }
            | Fact::SeatHandedOver { .. }
            | Fact::SeatTakenOver { .. }
            | Fact::SeatLeft { .. }
            | Fact::SeatFoundEmpty { .. }
            | Fact::EstimatesAdopted(_)
            | Fact::RoleAssigned { .. }
            | Fact::RoleReleased { .. }
            | Fact::OverrideRequested(_)
            | Fact::OverrideConfirmed { .. }
            | Fact::PollOpened { .. }
            | Fact::PollAnswered { .. }
            | Fact::ItemRegressed { .. }
            | Fact::ItemRecovered { .. }
            | Fact::Acknowledged { .. }
            | Fact::NotificationFailed { .. }
            | Fact::LedgerRepaired { .. } => {}
        }
    }
    if let Some(at_ms) = count.zero() {
        events.push(Event { at_ms, kind: Kind::Zero, label: "T-0".to_owned(), environment: None });
    }
    events.sort_by_key(|event| (event.at_ms, event.kind));
    events
}

/// What a step is marked as, when it changes anything: its command's name, or its title.
fn changes(plan: &Plan, item: &Item) -> Option<(Kind, String)> {
    let forward = plan.phase_of(&item.id).is_none_or(|phase| phase.way.is_forward());
    if item.risk != Risk::Changes || !forward {
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
