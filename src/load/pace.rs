//! When requests are due. Pure.

use std::fmt;
use std::time::Duration;

/// How requests follow one another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// Closed loop: each connection sends the next request when it has the answer to the last.
    Closed { requests: u64 },
    /// Open loop: so many requests a second for a time, whatever the answers take. A latency counts from when its request
    /// was due, so that a service that stops answering cannot slow down those who would ask it.
    Open { rate: f64, lasts: Duration },
}

impl Pace {
    /// So many in all; an open loop sends one at least.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the product is rounded and not negative"
    )]
    pub fn total(self) -> u64 {
        match self {
            Self::Closed { requests } => requests,
            // What a product of decimals lacks to a whole number is no request less.
            Self::Open { rate, lasts } => ((rate * lasts.as_secs_f64() + 1e-6).floor() as u64).max(1),
        }
    }

    /// When a request is due, counted from the start; none in a closed loop.
    pub fn due(self, index: u64) -> Option<Duration> {
        match self {
            Self::Closed { .. } => None,
            Self::Open { rate, .. } => Some(Duration::try_from_secs_f64(index as f64 / rate).unwrap_or(Duration::MAX)),
        }
    }

    /// So many are due by then.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the product is not negative")]
    pub fn due_by(self, elapsed: Duration) -> u64 {
        match self {
            Self::Closed { requests } => requests,
            Self::Open { rate, .. } => {
                let near = (rate * elapsed.as_secs_f64()).floor() as u64;
                // The quotient of `due` and this product round apart by one at most.
                let due = |index: u64| self.due(index).is_some_and(|due| due <= elapsed);
                let least = near.saturating_sub(1);
                (least..=near + 1).find(|index| !due(*index)).unwrap_or(near + 2).min(self.total())
            }
        }
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { requests } => write!(f, "{requests} requests"),
            Self::Open { rate, lasts } => write!(f, "{rate} requests/s for {} s", lasts.as_secs_f64()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(rate: f64, seconds: f64) -> Pace {
        Pace::Open { rate, lasts: Duration::from_secs_f64(seconds) }
    }

    #[test]
    fn a_constant_rate_is_even_and_whole() {
        assert_eq!(open(100.0, 2.0).total(), 200);
        assert_eq!(open(0.1, 30.0).total(), 3, "0.1 × 30 is a little less than 3 in binary");
        assert_eq!(open(0.5, 1.0).total(), 1);
        assert_eq!(open(3.0, 1.0).due(0), Some(Duration::ZERO));
        assert_eq!(open(4.0, 1.0).due(3), Some(Duration::from_millis(750)));
        assert_eq!(Pace::Closed { requests: 5 }.due(3), None);
    }

    #[test]
    fn due_and_due_by_agree_at_every_request() {
        for pace in [open(3.0, 100.0), open(7.3, 50.0), open(1_000.0, 1.5), open(0.3, 60.0), open(49_999.0, 0.1)] {
            for index in 0..pace.total() {
                let due = pace.due(index).unwrap();
                assert_eq!(pace.due_by(due), index + 1, "{pace} at {index}");
                assert_eq!(pace.due_by(due.saturating_sub(Duration::from_nanos(1))).max(1), index.max(1), "{pace}");
            }
            assert_eq!(pace.due_by(Duration::from_secs(1_000_000)), pace.total());
        }
    }
}
