//! Where the deployment is in time, worked out once a second so that drawing only looks things up.

use super::dialog::Dialog;
use super::model::Model;
use crate::checklist::ItemId;
use crate::checklist::offset::Offset;
use crate::deployment::clock::{Going, Hold, Reading};
use crate::deployment::projection::{self, Projection, StepTime};
use crate::deployment::window::{self, AbortBy, Downtime, Level};
use crate::deployment::{Board, Plan, State, timing};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Further from T-0 than this seconds say nothing, and the clock is read by the minute.
const NEAR: TimeDelta = TimeDelta::hours(1);
/// Behind the plan by less than this, in milliseconds, nobody is late: plans are made in minutes.
const LATE: i64 = 30_000;
/// How old the board may be.
const LAPSE: TimeDelta = TimeDelta::seconds(15);

/// The T-clock and what is counted with it, as of one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Helm {
    /// The moment it was worked out for.
    pub at: Option<DateTime<Utc>>,
    /// What the clock reads; nothing before a T-0 is known.
    pub reading: Option<Reading>,
    pub window: Option<WindowLeft>,
    pub abort_by: Option<AbortBy>,
    /// T in milliseconds at abort-by, if the clock goes on as it does.
    pub abort_by_t: Option<i64>,
    pub downtime: Option<Downtime>,
    /// The window's steps, planned against actual.
    pub steps: Vec<StepTime>,
    pub projection: Option<Projection>,
    /// Whether anything of this goes on by itself, and how finely it is shown.
    pub grain: Grain,
}

/// The window as it is reported: its length before T-0, what is left of it afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowLeft {
    /// From T-0 to the end.
    Whole(TimeDelta),
    Left(TimeDelta),
    /// Since it ended.
    Over(TimeDelta),
}

/// How often what is shown changes by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    #[default]
    Still,
    Minutes,
    Seconds,
}

impl Helm {
    #[must_use]
    pub fn of(plan: &Plan, state: &State, board: &Board, now: DateTime<Utc>) -> Self {
        // As fine as the ledger keeps times, so that sums of what is reported agree with each other.
        let now = now.trunc_subsecs(3);
        let downtime = window::downtime(plan, state, now);
        let goes_back = state.is_going_back();
        // The rollback has a clock of its own.
        let hurries = goes_back || away(downtime.as_ref());
        let Some(reading) = state.clock.read(now) else {
            let grain = if hurries { Grain::Seconds } else { Grain::Still };
            return Self { at: Some(now), downtime, grain, ..Self::default() };
        };
        let over = state.closed.is_some() || (state.ending.is_some() && !goes_back);
        // Once it is decided, aborted or going back, the question when to turn back has been answered.
        let answered = over || goes_back || state.decision().is_some() || state.ending.is_some();
        let abort_by = window::abort_by(plan, state, now).filter(|_| !answered);
        let abort_by_t = abort_by.as_ref().filter(|_| reading.going != Going::Held);
        let grain = match reading.going {
            _ if over => Grain::Still,
            Going::Planned if reading.t.unsigned_abs() > NEAR.num_milliseconds().unsigned_abs() => Grain::Minutes,
            Going::Planned | Going::Counting | Going::Held => Grain::Seconds,
        };
        Self {
            at: Some(now),
            reading: Some(reading),
            window: state.clock.window.as_ref().filter(|_| !over).map(|window| left(window.zero, window.end, now)),
            abort_by_t: abort_by_t.map(|abort_by| t_at(state, reading, abort_by.left)),
            abort_by,
            grain: if hurries { Grain::Seconds } else { grain },
            downtime,
            steps: projection::timetable(plan, state, board, now),
            projection: projection::project(plan, state, board, now),
        }
    }

    /// The times of one step of the window.
    pub fn step(&self, item: &ItemId) -> Option<&StepTime> {
        self.steps.iter().find(|step| step.item == *item)
    }

    /// By how many milliseconds a step is late, or was, if that is worth saying.
    pub fn late(&self, item: &ItemId) -> Option<i64> {
        self.step(item)?.late.filter(|late| *late >= LATE)
    }

    /// Whether the clock counts, or is in a hold.
    pub fn is_started(&self) -> bool {
        self.reading.is_some_and(|reading| reading.going != Going::Planned)
    }

    /// How near the nearest limit is: abort-by, the downtime's budget.
    pub fn level(&self) -> Level {
        let abort_by = self.abort_by.as_ref().map_or(Level::Green, |abort_by| abort_by.level);
        let downtime = self.downtime.as_ref().filter(|downtime| downtime.is_away());
        abort_by.max(downtime.map_or(Level::Green, |downtime| downtime.level))
    }
}

fn away(downtime: Option<&Downtime>) -> bool {
    downtime.is_some_and(Downtime::is_away)
}

fn left(zero: DateTime<Utc>, end: DateTime<Utc>, now: DateTime<Utc>) -> WindowLeft {
    if now < zero {
        WindowLeft::Whole(end - zero)
    } else if now < end {
        WindowLeft::Left(end - now)
    } else {
        WindowLeft::Over(now - end)
    }
}

fn t_at(state: &State, reading: Reading, left: TimeDelta) -> i64 {
    let pace = state.clock.count.as_ref().map_or(1, |count| i64::from(count.pace.max(1)));
    reading.t.saturating_add(left.num_milliseconds().saturating_mul(pace))
}

impl Model {
    /// Reads the clock anew when another second has begun.
    pub(super) fn settle_helm(&mut self) {
        if self.helm.at.is_none_or(|at| at.timestamp() != self.now.timestamp()) {
            self.helm = Helm::of(&self.plan, &self.state, &self.board, self.now);
        }
    }

    /// Whether the board is so old that what is only good for a while may be so no more.
    pub(super) fn lapses(&self) -> bool {
        self.board.now().is_some_and(|made| self.now - made >= LAPSE)
    }

    /// Whether an attempt runs, so that time must be shown going on.
    pub fn is_moving(&self) -> bool {
        self.state.running().next().is_some()
    }

    /// How finely time is shown going on where no attempt runs.
    pub fn grain(&self) -> Grain {
        // Since when somebody sits there, and how long until they may be followed.
        let waits = matches!(self.dialog, Some(Dialog::Seat { .. })) && !self.drives();
        if waits { Grain::Seconds } else { self.helm.grain }
    }

    /// The hold active, as long as there is anything to let go on.
    pub fn hold(&self) -> Option<&Hold> {
        let over = self.state.ending.is_some() || self.state.rollback.is_some() || self.state.closed.is_some();
        self.state.clock.hold().filter(|_| !over)
    }

    /// When a step of the window is planned.
    pub fn offset(&self, item: &ItemId) -> Option<Offset> {
        timing::offset(&self.plan, self.plan.item(item)?)
    }
}
