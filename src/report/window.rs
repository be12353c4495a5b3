//! The window, planned against actual, with downtime and holds.

use super::View;
use super::words::{Count, Said, Time, Took};
use crate::deployment::projection::StepTime;
use crate::deployment::timing::Basis;
use crate::deployment::window::{self, Level};
use crate::deployment::{Board, State, projection, timing};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Window {
    /// T-0 as planned.
    pub zero: Option<Time>,
    /// The planned end.
    pub end: Option<Time>,
    pub planned_by: Option<Said>,
    /// When the T-clock was started.
    pub started: Option<Said>,
    /// T-seconds a second; above 1 in a rehearsal only.
    pub pace: u32,
    /// When the first step was begun and the last one was over, where all are.
    pub begun: Option<Time>,
    pub finished: Option<Time>,
    pub steps: Vec<Step>,
    pub holds: Vec<Hold>,
    pub downtime: Option<Downtime>,
}

/// A step of the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    pub item: String,
    pub title: String,
    pub status: String,
    /// As the checklist writes it: `T-10m`.
    pub offset: String,
    /// When that is by the wall with T-0 as planned; holds do not move it.
    pub planned: Option<Time>,
    pub begun: Option<Time>,
    pub completed: Option<Time>,
    /// What the T-clock read when it was begun.
    pub begun_t_ms: Option<Count>,
    pub took_ms: Option<Took>,
    pub expected_ms: Option<Took>,
    /// Behind the plan.
    pub late_ms: Option<Took>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Hold {
    pub held: Said,
    pub reason: String,
    /// What the T-clock stood at.
    pub t_ms: Count,
    pub resumed: Option<Said>,
    pub length_ms: Took,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Downtime {
    pub environment: String,
    pub total_ms: Took,
    pub budget_ms: Option<Took>,
    pub exceeded: bool,
    pub spells: Vec<Spell>,
}

/// One time that users were without the service; it still lasts where the end is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Spell {
    pub from: Time,
    pub to: Option<Time>,
}

impl Window {
    pub(super) fn of(at: &View<'_>, board: &Board) -> Self {
        let (plan, state, now) = (at.plan, at.state, at.as_of);
        let clock = &state.clock;
        let zero = clock.window.as_ref().map(|window| window.zero);
        let steps: Vec<Step> = projection::timetable(plan, state, board, now)
            .into_iter()
            .map(|step| {
                let (begun, completed) = (step.begun, step.completed);
                Step {
                    title: at.title(&step.item),
                    status: board.status(&step.item).word().to_owned(),
                    offset: step.planned.to_string(),
                    planned: zero.and_then(|zero| {
                        let offset = TimeDelta::try_milliseconds(step.planned.millis())?;
                        zero.checked_add_signed(offset).map(Time)
                    }),
                    begun: begun.map(|moment| Time(moment.at)),
                    completed: completed.map(|moment| Time(moment.at)),
                    begun_t_ms: begun.and_then(|moment| moment.t).map(Count),
                    took_ms: begun.zip(completed).map(|(begun, completed)| Took::between(begun.at, completed.at)),
                    expected_ms: expected(state, &step).map(Took),
                    late_ms: step.late.and_then(|late| u64::try_from(late).ok()).map(Took),
                    item: step.item.to_string(),
                }
            })
            .collect();
        let over = timing::steps(plan).iter().all(|(item, _)| board.status(&item.id).is_complete());
        let finished = steps.iter().filter_map(|step| step.completed).max().filter(|_| over);
        Self {
            zero: zero.map(Time),
            end: clock.window.as_ref().map(|window| Time(window.end)),
            planned_by: clock.window.as_ref().map(|window| Said::of(&window.stamp)),
            started: clock.count.as_ref().map(|count| Said::of(&count.started)),
            pace: clock.pace(),
            begun: steps.iter().filter_map(|step| step.begun).min(),
            finished,
            steps,
            holds: clock
                .holds
                .iter()
                .map(|hold| Hold {
                    held: Said::of(&hold.held),
                    reason: hold.reason.clone(),
                    t_ms: Count(hold.at_t),
                    resumed: hold.resumed.as_ref().map(|(stamp, _)| Said::of(stamp)),
                    length_ms: Took::between(hold.held.at, hold.resumed.as_ref().map_or(now, |(stamp, _)| stamp.at)),
                })
                .collect(),
            downtime: window::downtime(plan, state, now).map(|downtime| Downtime {
                environment: downtime.environment.to_string(),
                total_ms: Took(downtime.ms),
                budget_ms: downtime.budget_ms.map(Took),
                exceeded: downtime.level == Level::Red,
                spells: downtime
                    .spells
                    .iter()
                    .map(|(from, to)| Spell { from: Time(*from), to: to.map(Time) })
                    .collect(),
            }),
        }
    }

    /// Whether there is anything to tell of a window.
    pub fn is_empty(&self) -> bool {
        self.zero.is_none() && self.steps.iter().all(|step| step.begun.is_none())
    }

    /// From the first to the last moment that the window's line shows.
    pub fn extent(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let steps = self.steps.iter().flat_map(|step| [step.planned, step.begun, step.completed]).flatten();
        let holds = self.holds.iter().flat_map(|hold| [Some(hold.held.at), hold.resumed.as_ref().map(|said| said.at)]);
        let spells =
            self.downtime.iter().flat_map(|downtime| &downtime.spells).flat_map(|spell| [Some(spell.from), spell.to]);
        let all: Vec<DateTime<Utc>> =
            steps.chain(holds.flatten()).chain(spells.flatten()).chain(self.end).map(|time| time.0).collect();
        let (first, last) = (*all.iter().min()?, *all.iter().max()?);
        (first < last).then_some((first, last))
    }
}

/// How long a step was expected to take before it was taken: what it lasted itself is no expectation.
fn expected(state: &State, step: &StepTime) -> Option<u64> {
    let rehearsed = state.estimates.as_ref().and_then(|(_, known)| known.durations.get(&step.item)).copied();
    rehearsed.or_else(|| step.estimate.filter(|estimate| estimate.basis != Basis::Earlier).map(|estimate| estimate.ms))
}
