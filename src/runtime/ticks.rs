//! When time is shown going on: only while something counts, and no oftener than it changes.

use super::timepiece::Timepiece;
use crate::cockpit::Msg;
use crate::cockpit::helm::Grain;
use crate::cockpit::model::Model;
use crate::cockpit::seat::Sitting;
use crate::deployment::clock::Going;
use chrono::{DateTime, FixedOffset, Local, Offset as _, TimeDelta, Utc};
use std::time::{Duration, Instant};

/// While an attempt runs.
const RUNNING: Duration = Duration::from_millis(500);
/// A little behind the change, so that a tick never comes before what it is to show.
const BEHIND: Duration = Duration::from_millis(5);
/// How often is looked whether a captain who is somebody else still lives.
const ROUND: Duration = Duration::from_secs(5);

pub(super) struct Ticks {
    timepiece: Timepiece,
    zone: Option<FixedOffset>,
    set: Option<TimeDelta>,
    looked: Option<Instant>,
}

impl Default for Ticks {
    fn default() -> Self {
        Self { timepiece: Timepiece::set(), zone: None, set: None, looked: None }
    }
}

impl Ticks {
    /// What time it is, with what is worth saying about the host's clock.
    pub(super) fn tell(&mut self) -> Vec<Msg> {
        let (now, set) = self.timepiece.now();
        let mut reported = vec![Msg::Tick(now)];
        let zone = Local::now().offset().fix();
        if self.zone.replace(zone) != Some(zone) {
            reported.push(Msg::Zone(zone));
        }
        // A clock that is being drawn straight moves all the time; whole seconds are news enough.
        let seconds = |set: Option<TimeDelta>| set.map(|set| set.num_seconds());
        let moved = match (seconds(self.set), seconds(set)) {
            (Some(before), Some(now)) => before.abs_diff(now) > 1,
            (before, now) => before != now,
        };
        if moved {
            self.set = set;
            reported.push(Msg::ClockSet(set));
        }
        reported
    }

    /// How long until what is shown changes by itself; `None` while nothing counts.
    pub(super) fn pause(&self, model: &Model) -> Option<Duration> {
        if model.is_moving() {
            return Some(RUNNING);
        }
        let (now, _) = self.timepiece.now();
        let step = match model.grain() {
            Grain::Still => return None,
            Grain::Minutes => 60_000,
            Grain::Seconds => 1_000,
        };
        Some(until(model, now, step) + BEHIND)
    }

    /// Whether it is time to look after supervisors and the captain's session.
    pub(super) fn looks_round(&mut self, model: &Model) -> bool {
        let waits = matches!(model.sitting(), Sitting::Other { gone: None, .. });
        let due = model.is_moving() || (waits && self.looked.is_none_or(|looked| looked.elapsed() >= ROUND));
        if due {
            self.looked = Some(Instant::now());
        }
        due
    }
}

/// Until T, or where it does not count the wall, reaches the next whole step of so many milliseconds.
fn until(model: &Model, now: DateTime<Utc>, step: i64) -> Duration {
    let at_one = model.state.clock.count.as_ref().is_none_or(|count| count.pace == 1);
    let reading = model.state.clock.read(now).filter(|reading| reading.going != Going::Held && at_one);
    let at = reading.map_or_else(|| now.timestamp_millis(), |reading| reading.t);
    Duration::from_millis(u64::try_from(step - at.rem_euclid(step)).unwrap_or(1_000))
}
