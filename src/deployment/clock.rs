//! The T-clock: what it reads, folded from its records and a time handed in.
//!
//! The clock counts wall time from where it was started, stands while it is held, and goes on where it stood. A wall
//! clock that jumps back never makes it run backwards; a jump forward counts as time that passed, so whoever shows it
//! hands in a time that is kept steady ([`Steady`]).

use super::state::Stamp;
use chrono::{DateTime, TimeDelta, Utc};

/// The clock as the records leave it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Clock {
    pub window: Option<WindowPlanned>,
    pub count: Option<Count>,
    /// Every hold of this deployment, oldest first.
    pub holds: Vec<Hold>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WindowPlanned {
    pub stamp: Stamp,
    /// T-0 as planned.
    pub zero: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// A count that was started.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    pub started: Stamp,
    /// T in milliseconds when the count last began to run or was held.
    stood: i64,
    /// Since when it runs; none while it is held.
    since: Option<DateTime<Utc>>,
    /// T-seconds that pass in a second.
    pub pace: u32,
    /// How it ran and stood so far, oldest first; never empty.
    stretches: Vec<Stretch>,
}

/// From here on the clock ran at one pace, or stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    at: DateTime<Utc>,
    /// What it read then.
    t: i64,
    pace: u32,
    counts: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    pub held: Stamp,
    pub reason: String,
    /// T in milliseconds where the clock stands or stood.
    pub at_t: i64,
    pub resumed: Option<(Stamp, Option<String>)>,
}

/// From this pace on days pass in minutes; no window is flown so fast.
const HURRIED: u32 = 60;

/// What the clock reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Milliseconds since T-0, negative before it.
    pub t: i64,
    pub going: Going,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Going {
    /// A T-0 is planned and nobody has started the count yet.
    Planned,
    Counting,
    Held,
}

impl Going {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl Clock {
    /// What the clock reads at `now`; nothing before a T-0 is known.
    pub fn read(&self, now: DateTime<Utc>) -> Option<Reading> {
        if let Some(count) = &self.count {
            let going = if count.since.is_some() { Going::Counting } else { Going::Held };
            return Some(Reading { t: count.t(now), going });
        }
        let zero = self.window.as_ref()?.zero;
        Some(Reading { t: (now - zero).num_milliseconds(), going: Going::Planned })
    }

    /// The hold active.
    pub fn hold(&self) -> Option<&Hold> {
        self.holds.last().filter(|hold| hold.resumed.is_none())
    }

    /// When the clock will read `t`, if it goes on from `now` without another hold.
    pub fn wall(&self, t: i64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let reading = self.read(now)?;
        let pace = i64::from(self.pace());
        now.checked_add_signed(TimeDelta::try_milliseconds(t.saturating_sub(reading.t) / pace)?)
    }

    /// T-seconds that pass in a second: 1 but in a rehearsal.
    pub fn pace(&self) -> u32 {
        self.count.as_ref().map_or(1, |count| count.pace.max(1))
    }

    /// Whether days pass in minutes, which they do in a rehearsal only.
    pub fn is_hurried(&self) -> bool {
        self.pace() >= HURRIED
    }

    /// When the clock read zero, or will if nobody holds it; nothing before a T-0 is known, or while it is held before it.
    pub fn zero(&self) -> Option<DateTime<Utc>> {
        let Some(count) = &self.count else { return self.window.as_ref().map(|window| window.zero) };
        let last = count.stretches.iter().rfind(|stretch| stretch.t <= 0).or(count.stretches.first())?;
        let wait = last.t.saturating_neg() / if last.t < 0 { i64::from(last.pace) } else { 1 };
        (last.counts || last.t >= 0).then(|| last.at.checked_add_signed(TimeDelta::try_milliseconds(wait)?)).flatten()
    }

    /// When a length of time that began at `from` is over. Days pass faster where a rehearsal's clock does; a clock that
    /// stands holds up no time that is watched.
    pub fn after(&self, from: DateTime<Utc>, ms: i64) -> Option<DateTime<Utc>> {
        let stretches = self.count.as_ref().map_or(&[][..], |count| &count.stretches);
        let (mut at, mut left, mut pace) = (from, ms, 1);
        for stretch in stretches {
            if stretch.at > at {
                let passes = (stretch.at - at).num_milliseconds().saturating_mul(pace);
                if passes >= left {
                    break;
                }
                (at, left) = (stretch.at, left - passes);
            }
            pace = if stretch.counts { i64::from(stretch.pace) } else { 1 };
        }
        at.checked_add_signed(TimeDelta::try_milliseconds(left / pace)?)
    }

    /// Where a length of time from `from` to `until` is to be watched from. Where a rehearsal's clock begins to hurry in it,
    /// from there: the minutes before are next to nothing of a day, and would have as many samples as all that is left of it.
    pub fn watched_from(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> DateTime<Utc> {
        let stretches = self.count.as_ref().map_or(&[][..], |count| &count.stretches);
        let hurries = stretches.iter().find(|stretch| stretch.counts && stretch.pace >= HURRIED).map(|first| first.at);
        hurries.filter(|at| *at > from && *at < until).unwrap_or(from)
    }

    pub(super) fn plan(&mut self, stamp: Stamp, zero: DateTime<Utc>, end: DateTime<Utc>) {
        self.end_hold(&stamp, None);
        self.window = Some(WindowPlanned { stamp, zero, end });
        self.count = None;
    }

    pub(super) fn start(&mut self, started: Stamp, from: i64, pace: u32) {
        let (at, pace) = (started.at, pace.max(1));
        let stretches = vec![Stretch { at, t: from, pace, counts: true }];
        self.count = Some(Count { started, stood: from, since: Some(at), pace, stretches });
    }

    pub(super) fn run_at(&mut self, at: DateTime<Utc>, pace: u32) {
        let Some(count) = &mut self.count else { return };
        count.stood = count.t(at);
        count.since = count.since.map(|since| since.max(at));
        count.pace = pace.max(1);
        count.note(at);
    }

    pub(super) fn hold_at(&mut self, held: Stamp, reason: String) {
        let Some(count) = &mut self.count else { return };
        count.stood = count.t(held.at);
        if count.since.take().is_some() {
            count.note(held.at);
            self.holds.push(Hold { at_t: count.stood, held, reason, resumed: None });
        }
    }

    pub(super) fn resume(&mut self, stamp: &Stamp, reason: Option<String>) {
        let Some(count) = &mut self.count else { return };
        count.since = count.since.or(Some(stamp.at));
        count.note(stamp.at);
        self.end_hold(stamp, reason);
    }

    fn end_hold(&mut self, stamp: &Stamp, reason: Option<String>) {
        if let Some(hold) = self.holds.last_mut().filter(|hold| hold.resumed.is_none()) {
            hold.resumed = Some((stamp.clone(), reason));
        }
    }
}

impl Count {
    /// Keeps how it runs from now on.
    fn note(&mut self, at: DateTime<Utc>) {
        self.stretches.push(Stretch { at, t: self.stood, pace: self.pace, counts: self.since.is_some() });
    }

    fn t(&self, now: DateTime<Utc>) -> i64 {
        let ran = self.since.map_or(0, |since| (now - since).num_milliseconds().max(0));
        self.stood.saturating_add(ran.saturating_mul(i64::from(self.pace)))
    }
}

/// A wall clock that does not jump. It is set once and then goes by a clock that counts steadily and while the host
/// sleeps too; when the wall goes another way, it says so and keeps its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steady {
    wall: DateTime<Utc>,
    /// Milliseconds on the steady clock when it was set.
    set_at: u64,
}

/// How far the wall clock is from where it should be, at least this much.
const JUMP: TimeDelta = TimeDelta::seconds(2);

impl Steady {
    #[must_use]
    pub fn set(wall: DateTime<Utc>, steady_ms: u64) -> Self {
        Self { wall, set_at: steady_ms }
    }

    /// The time now, and by how much the wall clock was set forward (or back) since.
    pub fn now(&self, wall: DateTime<Utc>, steady_ms: u64) -> (DateTime<Utc>, Option<TimeDelta>) {
        let passed = i64::try_from(steady_ms.saturating_sub(self.set_at)).unwrap_or(i64::MAX);
        let passed = TimeDelta::try_milliseconds(passed).unwrap_or(TimeDelta::MAX);
        let now = self.wall.checked_add_signed(passed).unwrap_or(self.wall);
        let off = wall - now;
        (now, (off.abs() >= JUMP).then_some(off))
    }
}

/// T as people write it: `T-00:09:30`, `T+00:01:05`, days in front where there are any.
pub fn text(t: i64) -> String {
    let sign = if t < 0 { '-' } else { '+' };
    // T-0 is the moment it says; the last second before it reads T-00:00:01.
    let seconds = if t < 0 { t.unsigned_abs().div_ceil(1_000) } else { t.unsigned_abs() / 1_000 };
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let days = if days > 0 { format!("{days}d ") } else { String::new() };
    format!("T{sign}{days}{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    #[test]
    fn t_is_written_with_its_sign_and_reaches_zero_at_zero() {
        assert_eq!(text(-570_000), "T-00:09:30");
        assert_eq!(text(-1), "T-00:00:01");
        assert_eq!(text(0), "T+00:00:00");
        assert_eq!(text(65_999), "T+00:01:05");
        assert_eq!(text(-90_000_000), "T-1d 01:00:00");
    }

    fn stamp(at: DateTime<Utc>) -> Stamp {
        use crate::deployment::{Operator, Seq};
        let by = Operator { user: "ada".into(), says: "ada".into(), host: "here".into(), simulated: None };
        Stamp { seq: Seq(1), at, by: by.into() }
    }

    #[test]
    fn days_pass_as_fast_as_the_clock_and_a_hold_holds_up_none_of_them() {
        let start = Utc.with_ymd_and_hms(2026, 11, 22, 2, 0, 0).unwrap();
        let second = |n| start + TimeDelta::seconds(n);
        let mut clock = Clock::default();
        assert_eq!((clock.zero(), clock.after(start, 5_000)), (None, Some(second(5))));
        clock.start(stamp(start), -100_000, 1);
        assert_eq!(clock.zero(), Some(second(100)));
        clock.hold_at(stamp(second(50)), "why".into());
        assert_eq!(clock.zero(), None, "held before zero");
        clock.resume(&stamp(second(70)), None);
        assert_eq!(clock.zero(), Some(second(120)));
        clock.run_at(second(220), 100);
        assert_eq!(clock.zero(), Some(second(120)), "what was stays");
        assert_eq!(clock.read(second(230)).unwrap().t, 100_000 + 1_000_000);
        // 100 s at the usual pace, then 900 s in nine.
        assert_eq!(clock.after(second(120), 1_000_000), Some(second(229)));
        assert_eq!(clock.after(second(120), 100_000), Some(second(220)));
        assert_eq!(clock.after(second(300), 1_000), Some(second(300) + TimeDelta::milliseconds(10)));
        assert_eq!(clock.after(second(40), 20_000), Some(second(60)), "a hold holds nothing up");
        assert_eq!(clock.watched_from(second(120), second(229)), second(220), "the days alone");
        assert_eq!(clock.watched_from(second(120), second(220)), second(120));
        assert_eq!(clock.watched_from(second(222), second(229)), second(222));
        assert_eq!(Clock::default().watched_from(second(1), second(9)), second(1));
    }

    #[test]
    fn a_wall_clock_set_forward_is_reported_and_not_followed() {
        let wall = Utc.with_ymd_and_hms(2026, 11, 22, 2, 0, 0).unwrap();
        let steady = Steady::set(wall, 5_000);
        let later = wall + TimeDelta::seconds(10);
        assert_eq!(steady.now(later, 15_000), (later, None));
        let (now, jump) = steady.now(later + TimeDelta::hours(1), 15_000);
        assert_eq!((now, jump), (later, Some(TimeDelta::hours(1))));
        // An hour asleep counts on both clocks and is no jump.
        let slept = later + TimeDelta::hours(1);
        assert_eq!(steady.now(slept, 3_615_000), (slept, None));
    }
}
