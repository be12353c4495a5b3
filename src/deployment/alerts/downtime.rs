//! When a service is away because a step took it away: what then has no data is expected, and wakes nobody.
//!
//! Only what asks the service itself; only from the step that stopped it on; and not for longer than the checklist
//! promises: who stopped production and forgot to start it is called.

use crate::checklist::check::kind::Switches;
use crate::checklist::pane::{Asks, Pane};
use crate::checklist::{EnvironmentName, ItemId};
use crate::deployment::attempt::AttemptPhase;
use crate::deployment::measurement::Verdict;
use crate::deployment::plan::Plan;
use crate::deployment::state::State;
use crate::deployment::{numbers, window};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a stopped service is expected to stay away where the checklist promises nothing.
pub(crate) const UNSTATED: TimeDelta = TimeDelta::minutes(30);

/// How long a metric may take to have data again once the service is healthy, and beyond a promised end.
pub(crate) const GRACE: TimeDelta = TimeDelta::seconds(60);

/// How long a changed service may take to show what it is: a 95th percentile reaches back over minutes of samples.
pub(crate) const ARRIVAL: TimeDelta = TimeDelta::minutes(5);

/// A service that a step took away.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Absence {
    item: ItemId,
    from: DateTime<Utc>,
    /// When a probe found it healthy again.
    back: Option<DateTime<Utc>>,
}

/// Why it is expected that this metric has no data now; nothing when it is not.
pub(crate) fn expected(plan: &Plan, state: &State, pane: &Pane, now: DateTime<Utc>) -> Option<String> {
    if pane.source.asks() != Asks::Service {
        return None;
    }
    let (environment, _) = plan.environment_in(&pane.slot)?;
    let absence = absence(plan, state, environment)?;
    let until = absence.from.checked_add_signed(promised(plan) + GRACE)?;
    let until = absence.back.map_or(until, |back| until.min(back + GRACE));
    if now >= until {
        return None;
    }
    let title = plan.item(&absence.item).map_or(absence.item.as_str(), |item| item.title.as_str());
    Some(format!("service stopped by \"{title}\" at {} UTC", numbers::time(absence.from)))
}

/// Why a metric that was never well raises no alert yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Awaits {
    /// It shows the release that goes; a target is for the one that comes.
    Release,
    /// The release is there, and has until then to show what it is.
    Settling(DateTime<Utc>),
}

impl Awaits {
    pub(crate) fn words(self) -> String {
        match self {
            Self::Release => "before the release".to_owned(),
            Self::Settling(until) => format!("the release settles until {} UTC", numbers::time(until)),
        }
    }
}

/// Whether the change has still to arrive in an environment: its service is not healthy again after a step stopped it, or
/// has only just become so, and it need not be by now. Before that a metric that was never well shows the release that goes,
/// and one that never had a number what only the release that comes has. Alerts and screens go by this one rule.
pub(crate) fn awaits(plan: &Plan, state: &State, environment: &EnvironmentName, now: DateTime<Utc>) -> Option<Awaits> {
    if !state.decisions.is_empty() || state.ending.is_some() {
        return None;
    }
    let back = absence(plan, state, environment).and_then(|absence| absence.back);
    if back.is_some_and(|back| now >= back + ARRIVAL) {
        return None;
    }
    let pace = i32::try_from(state.clock.pace()).unwrap_or(1);
    let late = (promised(plan) + ARRIVAL).checked_mul(pace).unwrap_or(TimeDelta::MAX).num_milliseconds();
    if state.clock.read(now).is_some_and(|reading| reading.t >= late) {
        return None;
    }
    Some(back.map_or(Awaits::Release, |back| Awaits::Settling(back + ARRIVAL)))
}

/// Since when numbers of an environment are those of the release that is there: its service was healthy again, or was
/// stopped and is not healthy yet. None where no step ever stopped it.
pub(crate) fn released(plan: &Plan, state: &State, environment: &EnvironmentName) -> Option<DateTime<Utc>> {
    absence(plan, state, environment).map(|absence| absence.back.unwrap_or(absence.from))
}

/// How long a service that a step stopped may stay away.
fn promised(plan: &Plan) -> TimeDelta {
    let promised = plan.checklist().window.downtime;
    promised.and_then(|span| TimeDelta::from_std(span.duration()).ok()).unwrap_or(UNSTATED)
}

/// The last time that a step took the service of an environment away.
fn absence(plan: &Plan, state: &State, environment: &EnvironmentName) -> Option<Absence> {
    let mut last: Option<Absence> = None;
    for attempt in state.attempts.iter().filter(|attempt| attempt.environment == *environment) {
        let Some(item) = plan.item(&attempt.item) else { continue };
        let Some(switches) = item.check.kind().switches() else { continue };
        match (&attempt.phase, switches) {
            // It goes away while the step still runs.
            (AttemptPhase::Running { .. }, Switches::Stop) => {}
            (AttemptPhase::Finished(outcome), Switches::Stop) if outcome.verdict == Verdict::Pass => {}
            (AttemptPhase::Finished(outcome), Switches::Health) if outcome.verdict == Verdict::Pass => {
                if let Some(last) = last.as_mut().filter(|last| last.back.is_none()) {
                    last.back = window::ended(attempt);
                }
                continue;
            }
            _ => continue,
        }
        // A probe that waits for silence after the stop is part of the same absence.
        if last.as_ref().is_none_or(|last| last.back.is_some()) {
            last = Some(Absence { item: attempt.item.clone(), from: attempt.started, back: None });
        }
    }
    last
}
