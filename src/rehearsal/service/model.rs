//! How long answers take where the days of a rehearsal pass, by a model.
//!
//! A machine that is busy with something else makes a simulated service slow, and a simulated day would raise alerts that
//! say nothing of the release. So there the service reports how long each answer takes by what it did: a base, a share for
//! each query, what it waited on purpose, and a spread that is drawn from a seed. Whoever watches a rehearsal takes that
//! number (`x-simulated-ms`) in place of the time by the clock; a real service is always measured by the clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Milliseconds of every answer, and of each query in it.
const BASE_MS: f64 = 3.0;
const QUERY_MS: f64 = 0.12;

/// By how much an answer takes longer or shorter at most.
const SPREAD: f64 = 0.25;

/// Bytes that the service takes, and by how much that moves.
const MEMORY: u64 = 96 << 20;
const MEMORY_MOVES: f64 = (1_u64 << 20) as f64;

const SEED: u64 = 0x6e65_7572_6f68_7562;

/// One service's model.
#[derive(Debug, Default)]
pub(super) struct Model {
    answered: AtomicU64,
}

impl Model {
    /// How long the next answer takes, with so many queries and what was waited on purpose.
    pub(super) fn next(&self, queries: u64, waited: Duration) -> Duration {
        let number = self.answered.fetch_add(1, Ordering::Relaxed);
        let work = (BASE_MS + QUERY_MS * queries as f64) * (1.0 + SPREAD * spread(number));
        waited + Duration::from_secs_f64(work / 1_000.0)
    }

    /// The memory in use, with so much of it leaked: a debug build that warms up on a busy machine grows for minutes.
    pub(super) fn memory(&self, leaked: u64) -> u64 {
        let moves = MEMORY_MOVES * (1.0 + spread(self.answered.load(Ordering::Relaxed)));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2 MiB")]
        let moves = moves as u64;
        MEMORY + leaked + moves
    }
}

/// Between -1 and 1, more often in the middle; the same for the same number.
fn spread(number: u64) -> f64 {
    let share = |salt: u64| {
        let mut bits = SEED.wrapping_add(number.wrapping_mul(2).wrapping_add(salt).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    share(0) + share(1) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_takes_as_long_as_its_queries_and_what_it_waited_whatever_the_machine_does() {
        let (one, other) = (Model::default(), Model::default());
        let took: Vec<Duration> = (0..200).map(|_| one.next(201, Duration::ZERO)).collect();
        assert_eq!(took, (0..200).map(|_| other.next(201, Duration::ZERO)).collect::<Vec<_>>());
        let (least, most) = (took.iter().min().unwrap(), took.iter().max().unwrap());
        assert!(*least > Duration::from_millis(20) && *most < Duration::from_millis(35), "{least:?} to {most:?}");
        let waited = one.next(4, Duration::from_millis(700));
        assert!(waited > Duration::from_millis(702) && waited < Duration::from_millis(706), "{waited:?}");
    }
}
