//! The records of a ledger in order, with their moments, the checklists they were made under, and which are events.

use crate::checklist::Check;
use crate::checklist::model::Risk;
use crate::cockpit::sentence::{Bearing, sentence};
use crate::deployment::notice::notice;
use crate::deployment::{Fact, Plan, Record, Seq};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// What happened, whole. Positions count records: at 3 the third has just been made.
#[derive(Debug, Clone)]
pub struct History {
    records: Vec<Arc<Record>>,
    /// From which record on which plan was followed; the first from the beginning.
    plans: Vec<(Seq, Arc<Plan>)>,
    /// The time of each record, never before that of the one before: a clock that was set back is not gone back with.
    moments: Vec<DateTime<Utc>>,
    /// How each record that is an event bears on the deployment.
    events: Arc<[Option<Bearing>]>,
}

impl History {
    /// `plans` in the order of their records, never empty. `None` without a record: then there is nothing to show.
    #[must_use]
    pub fn new(records: Vec<Arc<Record>>, plans: Vec<(Seq, Arc<Plan>)>) -> Option<Self> {
        let mut latest = records.first()?.at;
        plans.first()?;
        let moments = records.iter().map(|record| {
            latest = latest.max(record.at);
            latest
        });
        let moments = moments.collect();
        let mut history = Self { records, plans, moments, events: Arc::from([]) };
        let events = history.records.iter().map(|record| event(history.plan_of(record.seq), record));
        history.events = events.collect();
        Some(history)
    }

    pub fn records(&self) -> &[Arc<Record>] {
        &self.records
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Every plan that was followed, the first one first.
    pub fn plans(&self) -> impl Iterator<Item = &Arc<Plan>> {
        self.plans.iter().map(|(_, plan)| plan)
    }

    pub fn events(&self) -> &Arc<[Option<Bearing>]> {
        &self.events
    }

    /// The plan that was followed once so many records were made, without what persons armed.
    #[must_use]
    pub fn plan(&self, count: usize) -> &Arc<Plan> {
        self.plan_of(Seq(count as u64))
    }

    fn plan_of(&self, seq: Seq) -> &Arc<Plan> {
        let after = self.plans.partition_point(|(from, _)| *from <= seq);
        &self.plans[after.saturating_sub(1)].1
    }

    /// When so many records were made.
    pub fn moment(&self, count: usize) -> DateTime<Utc> {
        let at = count.saturating_sub(1).min(self.moments.len().saturating_sub(1));
        self.moments.get(at).copied().unwrap_or_default()
    }

    pub fn end(&self) -> DateTime<Utc> {
        self.moment(self.len())
    }

    /// How many records had been made by a moment.
    pub fn until(&self, now: DateTime<Utc>) -> usize {
        self.moments.partition_point(|moment| *moment <= now)
    }

    /// The position of the next event; the end where there is none.
    pub fn event_after(&self, count: usize) -> usize {
        let next = self.events.iter().enumerate().skip(count).find(|(_, event)| event.is_some());
        next.map_or(self.len(), |(at, _)| at + 1)
    }

    /// The position of the event before; the beginning where there is none.
    pub fn event_before(&self, count: usize) -> usize {
        let before = self.events.iter().take(count.saturating_sub(1)).rposition(Option::is_some);
        before.map_or(1, |at| at + 1)
    }
}

/// Whether a record is one that people look for: what others were notified of, what is bad or doubtful, and what changed an
/// environment.
fn event(plan: &Plan, record: &Record) -> Option<Bearing> {
    let bearing = sentence(plan, record).bearing;
    let changing = match &record.fact {
        Fact::AttemptStarted { item, .. } | Fact::AttemptFinished { item, .. } => {
            plan.item(item).is_some_and(|item| item.risk == Risk::Changes || matches!(item.check, Check::Migration(_)))
        }
        _ => false,
    };
    let is_event = changing || matches!(bearing, Bearing::Bad | Bearing::Doubtful) || notice(plan, record).is_some();
    is_event.then_some(bearing)
}
