//! What time it is, whatever is done to the host's clock meanwhile.

use crate::deployment::clock::Steady;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Instant;

/// Read where the system has it: it counts steadily and while the host sleeps too.
const UPTIME: &str = "/proc/uptime";

/// A wall clock that does not jump.
pub(super) struct Timepiece {
    steady: Steady,
    source: Source,
}

enum Source {
    Uptime,
    /// Stands while the host sleeps, so that a sleep shows as a clock that was set.
    Since(Instant),
}

impl Timepiece {
    #[must_use]
    pub(super) fn set() -> Self {
        let (source, ms) = match uptime_ms() {
            Some(ms) => (Source::Uptime, ms),
            None => (Source::Since(Instant::now()), 0),
        };
        Self { steady: Steady::set(Utc::now(), ms), source }
    }

    /// The time now, and by how much the host's clock was set forward (or back) since.
    pub(super) fn now(&self) -> (DateTime<Utc>, Option<TimeDelta>) {
        let wall = Utc::now();
        let passed = match self.source {
            Source::Uptime => uptime_ms(),
            Source::Since(began) => u64::try_from(began.elapsed().as_millis()).ok(),
        };
        passed.map_or((wall, None), |passed| self.steady.now(wall, passed))
    }
}

/// `12345.67 98765.43`: seconds since the host was started, and what nobody asks for here.
fn uptime_ms() -> Option<u64> {
    let text = std::fs::read_to_string(UPTIME).ok()?;
    let (seconds, hundredths) = text.split_whitespace().next()?.split_once('.')?;
    let seconds: u64 = seconds.parse().ok()?;
    let hundredths: u64 = hundredths.get(..2)?.parse().ok()?;
    Some(seconds.checked_mul(1_000)? + hundredths * 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_with_the_wall_while_nobody_sets_that() {
        let piece = Timepiece::set();
        let (now, set) = piece.now();
        assert!((Utc::now() - now).abs() < TimeDelta::seconds(2));
        assert_eq!(set, None);
    }
}
