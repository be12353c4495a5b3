//! What the requests come to, added one by one. Pure.

use super::failure::{ErrorKind, Failure};
use hdrhistogram::{CreationError, Histogram};
use std::collections::BTreeMap;
use std::time::Duration;

/// No latency above this can be distinguished; no request is given as long.
const HIGHEST_US: u64 = 120_000_000;

/// A second of a week is the last that is recognised by itself.
const LONGEST: usize = 7 * 86_400;

/// Latencies in microseconds, exact to three figures.
#[derive(Debug, Clone)]
pub struct Latencies(Histogram<u64>);

impl Latencies {
    /// # Errors
    /// Never for these bounds.
    pub fn new() -> Result<Self, CreationError> {
        Histogram::new_with_bounds(1, HIGHEST_US, 3).map(Self)
    }

    pub fn add(&mut self, latency: Duration) {
        self.0.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(HIGHEST_US).max(1));
    }

    pub fn count(&self) -> u64 {
        self.0.len()
    }

    pub fn max(&self) -> Duration {
        Duration::from_micros(self.0.max())
    }

    pub fn min(&self) -> Duration {
        Duration::from_micros(self.0.min())
    }

    pub fn mean(&self) -> Duration {
        Duration::try_from_secs_f64(self.0.mean() / 1e6).unwrap_or_default()
    }

    /// The latency that so large a share of requests stayed within.
    pub fn at(&self, quantile: f64) -> Duration {
        // A bucket's upper end may lie above the slowest request there was.
        Duration::from_micros(self.0.value_at_quantile(quantile).min(self.0.max()))
    }

    /// The same where there are requests enough to tell it: one beyond the quantile, at least.
    pub fn reported_at(&self, quantile: f64) -> Option<Duration> {
        (self.count() >= needed(quantile)).then(|| self.at(quantile))
    }

    /// So many requests took longer than the first and at most as long as the second. Each is in one stretch of several
    /// that follow one another.
    pub fn between(&self, above: Duration, to: Duration) -> u64 {
        let micros = |at: Duration| u64::try_from(at.as_micros()).unwrap_or(u64::MAX);
        let (above, to) = (micros(above), micros(to));
        let inside = |value: u64| value > above && value <= to;
        let recorded = self.0.iter_recorded().filter(|step| inside(step.value_iterated_to()));
        recorded.map(|step| step.count_at_value()).sum()
    }
}

/// So many requests it takes for one of them to lie beyond a quantile.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a quantile lies between 0 and 1")]
pub(crate) fn needed(quantile: f64) -> u64 {
    (1.0 / (1.0 - quantile.clamp(0.0, 0.999_999))).round() as u64
}

/// How one request ended.
#[derive(Debug)]
pub struct Ended {
    /// From when it was due, or begun, to its last byte; absent when there was no answer to time.
    pub latency: Option<Duration>,
    pub bytes: u64,
    pub failure: Option<Failure>,
}

/// The requests so far.
#[derive(Debug, Clone)]
pub struct Tally {
    pub latencies: Latencies,
    pub done: u64,
    pub bytes: u64,
    /// How often which kind of error came.
    pub errors: BTreeMap<ErrorKind, u64>,
    /// What was wrong the first time.
    pub first_error: Option<String>,
    /// Answers in each second since the start.
    pub seconds: Vec<u32>,
    /// Requests that began later than they were due because every connection was busy.
    pub late: Late,
    /// Those that began later although a connection was free: this program did not get its turn.
    pub slow: Late,
}

/// Requests that began later than they were due, by more than a timer's width.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Late {
    pub requests: u64,
    /// The latest of them, by how much.
    pub most: Duration,
}

/// Whether a connection was free when a request was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    ForConnection,
    ForTurn,
}

/// A request begun within this of when it was due began in time: timers and threads take about that.
const PROMPT: Duration = Duration::from_millis(2);

impl Tally {
    pub fn new() -> Result<Self, CreationError> {
        Ok(Self {
            latencies: Latencies::new()?,
            done: 0,
            bytes: 0,
            errors: BTreeMap::new(),
            first_error: None,
            seconds: Vec::new(),
            late: Late::default(),
            slow: Late::default(),
        })
    }

    /// Adds a request that ended so long after the start.
    pub fn add(&mut self, ended: Ended, at: Duration) {
        self.done += 1;
        self.bytes += ended.bytes;
        if let Some(latency) = ended.latency {
            self.latencies.add(latency);
            let second = usize::try_from(at.as_secs()).unwrap_or(usize::MAX);
            if second < LONGEST {
                if self.seconds.len() <= second {
                    self.seconds.resize(second + 1, 0);
                }
                self.seconds[second] += 1;
            }
        }
        if let Some(Failure { kind, reason }) = ended.failure {
            *self.errors.entry(kind).or_default() += 1;
            self.first_error.get_or_insert(reason);
        }
    }

    /// Notes by how much a request began later than it was due.
    pub fn began(&mut self, delay: Duration, waited: Waited) {
        let late = match waited {
            Waited::ForConnection => &mut self.late,
            Waited::ForTurn => &mut self.slow,
        };
        if delay > PROMPT {
            late.requests += 1;
            late.most = late.most.max(delay);
        }
    }

    pub fn failed(&self) -> u64 {
        self.errors.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(millis: u64) -> Ended {
        Ended { latency: Some(Duration::from_millis(millis)), bytes: 10, failure: None }
    }

    #[test]
    fn percentiles_are_those_of_the_requests() {
        let mut tally = Tally::new().unwrap();
        for n in 1..=1_000 {
            tally.add(ended(n), Duration::from_millis(n));
        }
        for (quantile, exact) in [(0.5, 500.0), (0.95, 950.0), (0.99, 990.0), (1.0, 1_000.0)] {
            let reported = tally.latencies.at(quantile).as_secs_f64() * 1_000.0;
            assert!((reported - exact).abs() <= exact * 0.001, "{quantile}: {reported}");
        }
        assert_eq!(tally.latencies.between(Duration::ZERO, Duration::from_secs(9)), 1_000);
        assert_eq!((tally.seconds.as_slice(), tally.bytes), ([999, 1].as_slice(), 10_000));
    }

    #[test]
    fn a_percentile_takes_requests_enough() {
        let mut latencies = Latencies::new().unwrap();
        for _ in 0..99 {
            latencies.add(Duration::from_millis(5));
        }
        assert!(latencies.reported_at(0.95).is_some() && latencies.reported_at(0.99).is_none());
        assert_eq!([0.5, 0.95, 0.99, 0.999].map(needed), [2, 20, 100, 1_000]);
    }

    #[test]
    fn errors_are_counted_by_kind_and_the_first_is_kept() {
        let mut tally = Tally::new().unwrap();
        for (kind, reason) in [(ErrorKind::TimedOut, "a"), (ErrorKind::Status(500), "b"), (ErrorKind::TimedOut, "c")] {
            let failure = Some(Failure::new(kind, reason));
            tally.add(Ended { latency: None, bytes: 0, failure }, Duration::ZERO);
        }
        assert_eq!((tally.failed(), tally.errors[&ErrorKind::TimedOut]), (3, 2));
        assert_eq!((tally.first_error.as_deref(), tally.latencies.count()), (Some("a"), 0));
    }

    #[test]
    fn a_timer_that_is_a_little_late_is_not_counted() {
        let mut tally = Tally::new().unwrap();
        tally.began(Duration::from_micros(200), Waited::ForTurn);
        tally.began(Duration::from_millis(30), Waited::ForConnection);
        tally.began(Duration::from_millis(3), Waited::ForTurn);
        let late = |requests, millis| Late { requests, most: Duration::from_millis(millis) };
        assert_eq!((tally.late, tally.slow), (late(1, 30), late(1, 3)));
    }
}
