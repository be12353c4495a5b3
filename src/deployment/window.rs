//! What the window promises against what it has left: abort-by, downtime, notice.

use super::attempt::{Attempt, AttemptPhase};
use super::measurement::Verdict;
use super::plan::Plan;
use super::rollback;
use super::state::State;
use super::timing::Basis;
use crate::checklist::check::kind::Switches;
use crate::checklist::{EnvironmentName, Item, SlotId};
use chrono::{DateTime, TimeDelta, Utc};

/// From here on abort-by is amber.
pub const AMBER: TimeDelta = TimeDelta::minutes(2);

/// How near a limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Level {
    Green,
    Amber,
    Red,
}

impl Level {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// The latest moment at which going back still fits into the window.
#[derive(Debug, Clone, PartialEq)]
pub struct AbortBy {
    pub at: DateTime<Utc>,
    /// Until then; negative once it has passed.
    pub left: TimeDelta,
    pub level: Level,
    /// How long going back is expected to take.
    pub rollback_ms: u64,
    /// Whether that was measured, or is only promised.
    pub basis: Basis,
}

/// Window end minus the time a rollback takes. Nothing while either is unknown.
pub fn abort_by(plan: &Plan, state: &State, now: DateTime<Utc>) -> Option<AbortBy> {
    let end = state.clock.window.as_ref()?.end;
    let (rollback_ms, basis) = rollback::estimate(plan, state)?;
    // Where a rehearsal's clock runs faster, so does what the checklist promises; what was measured was measured by the wall.
    let pace = if basis == Basis::Promise { u64::from(state.clock.pace()) } else { 1 };
    let rollback_ms = rollback_ms / pace;
    let at = end.checked_sub_signed(TimeDelta::try_milliseconds(i64::try_from(rollback_ms).ok()?)?)?;
    let left = at - now;
    let level = match left {
        left if left <= TimeDelta::zero() => Level::Red,
        left if left <= AMBER / i32::try_from(state.clock.pace()).unwrap_or(1) => Level::Amber,
        _ => Level::Green,
    };
    Some(AbortBy { at, left, level, rollback_ms, basis })
}

/// How long users have been without the service.
#[derive(Debug, Clone, PartialEq)]
pub struct Downtime {
    pub environment: EnvironmentName,
    /// Each time it was away; an end is missing while it still is.
    pub spells: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>,
    pub ms: u64,
    pub budget_ms: Option<u64>,
    /// Amber from four fifths of the budget on.
    pub level: Level,
}

impl Downtime {
    pub fn is_away(&self) -> bool {
        self.spells.last().is_some_and(|(_, end)| end.is_none())
    }
}

/// The downtime of the window's own environment: the one that the steps with offsets run in.
pub fn downtime(plan: &Plan, state: &State, now: DateTime<Utc>) -> Option<Downtime> {
    let slot = window_slot(plan)?;
    let (environment, _) = plan.environment_in(&slot)?;
    let mut spells: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> = Vec::new();
    let here = state.attempts.iter().filter(|attempt| attempt.environment == *environment);
    for attempt in here {
        let Some((at, service)) = plan.item(&attempt.item).and_then(|item| reported(item, attempt)) else { continue };
        let away = spells.last().is_some_and(|(_, end)| end.is_none());
        match (service, away) {
            (Service::Away, false) => spells.push((at, None)),
            (Service::Back, true) => {
                if let Some(last) = spells.last_mut() {
                    last.1 = Some(at.max(last.0));
                }
            }
            _ => {}
        }
    }
    if spells.is_empty() {
        return None;
    }
    let length = |(from, to): &(DateTime<Utc>, Option<DateTime<Utc>>)| {
        u64::try_from((to.unwrap_or(now) - *from).num_milliseconds()).unwrap_or(0)
    };
    let ms: u64 = spells.iter().map(length).sum();
    let budget = plan.checklist().window.downtime;
    let budget_ms = budget.map(|budget| u64::try_from(budget.duration().as_millis()).unwrap_or(u64::MAX));
    let level = match budget_ms {
        Some(budget) if ms > budget => Level::Red,
        Some(budget) if ms.saturating_mul(5) >= budget.saturating_mul(4) => Level::Amber,
        _ => Level::Green,
    };
    Some(Downtime { environment: environment.clone(), spells, ms, budget_ms, level })
}

/// The slot of the first step with an offset; where none has one, that in which the service is stopped, of several the
/// protected one.
fn window_slot(plan: &Plan) -> Option<SlotId> {
    let timed = super::timing::steps(plan).iter().find_map(|(item, _)| item.slot.clone());
    timed.or_else(|| {
        let stops = |item: &&Item| item.check.kind().switches() == Some(Switches::Stop);
        let slots: Vec<&SlotId> =
            plan.checklist().items().filter(stops).filter_map(|item| item.slot.as_ref()).collect();
        let protected =
            |slot: &&&SlotId| plan.environment_in(slot).is_some_and(|(name, _)| plan.protected() == Some(name));
        slots.iter().find(protected).or(slots.last()).map(|slot| (*slot).clone())
    })
}

enum Service {
    Away,
    Back,
}

/// What an attempt reports the service, and when it did: a stop or a failed health probe takes it away, a healthy probe
/// gives it back. Probes are requests to `/health`, or any that wait for silence.
fn reported(item: &Item, attempt: &Attempt) -> Option<(DateTime<Utc>, Service)> {
    let AttemptPhase::Finished(outcome) = &attempt.phase else { return None };
    match (item.check.kind().switches()?, outcome.verdict) {
        // Users lose it while it stops, not when it has.
        (Switches::Stop, Verdict::Pass) | (Switches::Health, Verdict::Fail) => Some((attempt.started, Service::Away)),
        (Switches::Health, Verdict::Pass) => Some((ended(attempt)?, Service::Back)),
        (Switches::Stop, Verdict::Fail | Verdict::Inconclusive) | (Switches::Health, Verdict::Inconclusive) => None,
    }
}

/// When an attempt ended; nothing while it runs.
pub(super) fn ended(attempt: &Attempt) -> Option<DateTime<Utc>> {
    let took = TimeDelta::try_milliseconds(i64::try_from(attempt.outcome()?.took_ms).ok()?)?;
    attempt.started.checked_add_signed(took)
}

/// When an item must be complete at the latest, once T-0 is planned.
pub fn latest(state: &State, item: &Item) -> Option<DateTime<Utc>> {
    let zero = state.clock.window.as_ref()?.zero;
    zero.checked_add_signed(TimeDelta::try_milliseconds(item.latest?.millis())?)
}
