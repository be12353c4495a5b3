//! The panes' numbers, each taken on its own interval.

use super::series::{Gap, Point};
use super::sources::{Missing, Take};
use crate::checklist::pane::Pane;
use crate::checklist::{EnvironmentName, PaneId};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// No source may take longer unless it says so.
pub const LIMIT: Duration = Duration::from_millis(1_500);

/// On a busy machine the simulated service of a rehearsal may come to its answer late, and that is no fault of the release.
pub const SIMULATED_LIMIT: Duration = Duration::from_secs(20);

/// How far the interval grows while a target is down; a pane that is slower by itself keeps its own.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How long a pane that is asked less often while its target is down may be silent.
pub fn longest_silence(every: Duration) -> Duration {
    (every * 3).max(LONGEST_PAUSE + Duration::from_secs(5))
}

/// Panes that are overdue when a collector begins are all sampled within this.
const CATCHES_UP: Duration = Duration::from_secs(2);

/// A pane sampled more often than this would be load rather than observation.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// One number of a pane, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub pane: PaneId,
    pub environment: EnvironmentName,
    /// When it was taken by the monotonic clock, for distances.
    pub at: std::time::Instant,
    /// When it was taken by the wall clock, for people and for the store.
    pub time: DateTime<Utc>,
    pub value: Result<f64, Gap>,
}

impl Sample {
    pub fn point(&self) -> Point {
        Point { at_ms: self.time.timestamp_millis(), value: self.value.clone() }
    }
}

/// A pane with what it looks at.
pub struct Watched {
    pub pane: Pane,
    pub environment_name: EnvironmentName,
    /// What is asked: panes that ask the same wait for each other. Of `HOST /PATH` only a few paths of a host are asked at
    /// once, so that one that does not respond keeps no other waiting.
    pub target: String,
    /// How long ago it was sampled last, by whom ever; none where it never was.
    pub sampled_ago: Option<Duration>,
    /// Asked less often while it is down. Not where its availability counts: the time between two samples is not measured.
    pub backs_off: bool,
    /// How long one number may take.
    pub limit: Duration,
    pub source: Box<dyn Take>,
}

/// Samples until it is dropped.
#[derive(Debug)]
pub struct Sampler {
    tasks: JoinSet<()>,
}

impl Sampler {
    /// Starts one task a pane on the current tokio runtime. A full channel makes the panes wait; a closed one ends them.
    #[must_use]
    pub fn start(watched: Vec<Watched>, samples: &mpsc::Sender<Sample>) -> Self {
        let mut tasks = JoinSet::new();
        let mut targets: HashMap<String, Arc<Mutex<()>>> = HashMap::new();
        let mut hosts: HashMap<String, Arc<Semaphore>> = HashMap::new();
        let count = u32::try_from(watched.len()).unwrap_or(u32::MAX).max(1);
        for (place, one) in (0..).zip(watched) {
            let host = one.target.split_once(" /").map_or(one.target.as_str(), |(host, _)| host).to_owned();
            let host = hosts.entry(host).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE)));
            let target =
                Target { own: Arc::clone(targets.entry(one.target.clone()).or_default()), host: Arc::clone(host) };
            let begins = begins(&one, place, count);
            tasks.spawn(watch(one, samples.clone(), target, begins));
        }
        Self { tasks }
    }

    /// How many panes are being sampled.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

/// Requests under way at a host.
const AT_ONCE: usize = 4;

/// One request is under way at a target, and a few at its host; further ones wait for them.
struct Target {
    own: Arc<Mutex<()>>,
    host: Arc<Semaphore>,
}

/// After which time a pane is sampled first: where another collector sampled it, when it is due. Others are spread, so that
/// panes do not fire together.
fn begins(one: &Watched, place: u32, count: u32) -> Duration {
    let every = every(&one.pane);
    match one.sampled_ago {
        None => every * place / count,
        Some(ago) if ago < every => every.saturating_sub(ago),
        Some(_) => every.min(CATCHES_UP) * place / count,
    }
}

fn every(pane: &Pane) -> Duration {
    pane.every.duration().max(SHORTEST_PAUSE)
}

async fn watch(mut watched: Watched, samples: mpsc::Sender<Sample>, target: Target, begins: Duration) {
    let every = every(&watched.pane);
    let mut pause = every;
    let mut due = Instant::now() + begins;
    loop {
        tokio::time::sleep_until(due).await;
        // Waiting for a target that others ask is no time of the target's own.
        let turn = (target.own.lock().await, target.host.acquire().await);
        let started = Instant::now();
        let taken = match tokio::time::timeout(watched.limit, watched.source.take()).await {
            Ok(taken) => taken,
            Err(_) => Err(Missing::Down(format!("no answer within {} s", watched.limit.as_secs_f64()))),
        };
        drop(turn);
        pause = if watched.backs_off { next_pause(pause, every, &taken) } else { every };
        let sample = Sample {
            pane: watched.pane.id.clone(),
            environment: watched.environment_name.clone(),
            at: started.into_std(),
            time: Utc::now(),
            value: number(taken).inspect_err(|gap| {
                tracing::debug!(
                    pane = watched.pane.id.as_str(),
                    next_in_s = pause.as_secs(),
                    "no number: {}",
                    gap.reason
                );
            }),
        };
        if samples.send(sample).await.is_err() {
            return;
        }
        // Counted from when it was due, so that a slow source is not asked less often than one wants, nor twice at once;
        // what was missed is not made up for.
        due = (due + pause).max(Instant::now().min(started + pause));
    }
}

fn number(taken: Result<f64, Missing>) -> Result<f64, Gap> {
    match taken {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(value) => Err(Gap::new(format!("{value} is not a finite number"))),
        Err(missing) => Err(missing.gap()),
    }
}

/// Doubles while the target is down, up to the longest pause; back to normal as soon as it answers anything.
fn next_pause(before: Duration, every: Duration, taken: &Result<f64, Missing>) -> Duration {
    match taken {
        Err(missing) if missing.is_away() => (before * 2).min(LONGEST_PAUSE.max(every)),
        Ok(_) | Err(_) => every,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::offset::Span;
    use crate::checklist::pane::Source;

    #[test]
    fn the_pause_grows_while_the_target_is_down_and_comes_back() {
        let every = Duration::from_secs(2);
        let down = Err(Missing::Down("refused".into()));
        let mut pause = every;
        let mut pauses = Vec::new();
        for _ in 0..4 {
            pause = next_pause(pause, every, &down);
            pauses.push(pause.as_secs());
        }
        assert_eq!(pauses, [4, 8, 10, 10]);
        assert_eq!(next_pause(pause, every, &Err(Missing::Unusable("answered 500".into()))), every);
        assert_eq!(next_pause(pause, every, &Ok(1.0)), every);
        let slow = Duration::from_mins(1);
        assert_eq!(next_pause(slow, slow, &down), slow, "a slow pane is not hurried");
    }

    #[test]
    fn another_collector_samples_a_pane_when_it_is_due() {
        let pane = |sampled_ago| Watched {
            pane: Pane {
                every: Span::from_millis(10_000),
                ..Pane::new("lots", "production", Source::DatabaseSize, "")
            },
            environment_name: "production".into(),
            target: String::new(),
            sampled_ago,
            backs_off: false,
            limit: LIMIT,
            source: Box::new(crate::metrics::sources::Never(String::new())),
        };
        let seconds = Duration::from_secs_f64;
        assert_eq!(begins(&pane(None), 2, 4), seconds(5.0), "spread over the interval");
        assert_eq!(begins(&pane(Some(seconds(3.0))), 2, 4), seconds(7.0));
        assert_eq!(begins(&pane(Some(seconds(48.0))), 2, 4), seconds(1.0), "overdue ones come first");
    }

    #[test]
    fn what_is_not_finite_is_a_gap() {
        assert_eq!(number(Ok(f64::NAN)).unwrap_err().reason, "NaN is not a finite number");
        assert_eq!(number(Ok(4.0)), Ok(4.0));
    }
}
