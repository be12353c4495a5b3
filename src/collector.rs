//! The collector: takes the numbers of every pane, in a process of its own, for as long as a deployment is watched.
//!
//! One a ledger, by `collect.lock`. A cockpit that drives starts it in a session of its own, so that the cockpit may die
//! and the watch goes on. Cockpits take no numbers themselves; they read the store.

pub(crate) mod alerting;
mod database;
mod holes;
pub mod lease;
mod probes;
mod reminders;
pub(crate) mod sources;
pub(crate) mod spawn;
mod targets;
pub(crate) mod unit;
mod watches;

use crate::checklist::{EnvironmentName, PaneId};
use crate::deployment::Plan;
use crate::ledger::{Ledger, operator};
use crate::metrics::Store;
use crate::metrics::sampler::{Sample, Sampler, Watched};
use crate::metrics::series::{Gap, Point};
use crate::metrics::sources::Missing;
use crate::metrics::store::{Described, StoreError, Writer};
use alerting::Alerting;
use chrono::{DateTime, Utc};
use holes::Holes;
use lease::Lease;
use probes::Probes;
use reminders::Reminders;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::interval;
use watches::Watches;

/// How often it is looked whether the ledger is still there, still open, and follows the same checklist.
const LOOKS: Duration = Duration::from_secs(2);

/// What it goes by in the ledger.
const NAME: &str = "collector";

/// How much of the past is asked for, and in which steps.
const FILL_MS: i64 = 24 * 3_600_000;
const FILL_STEP: Duration = Duration::from_mins(1);

/// Why a collector ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By a signal.
    Reported,
    /// The deployment is closed.
    Closed,
    /// The ledger is not there any more.
    Gone,
    /// Nobody flies the rehearsal any more.
    Left,
}

#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("signals cannot be listened for: {0}")]
    Signals(#[from] io::Error),
}

/// Takes numbers until it is asked to end, the deployment is closed, or the ledger is gone. Everything taken is written
/// before it returns. One that a cockpit started (`detached`) ends with a rehearsal that was left: a real deployment is
/// watched whether or not anybody looks, a rehearsal is not.
///
/// # Errors
/// When the store cannot be opened, or its last samples cannot be written.
pub async fn collect(mut ledger: Ledger, mut lease: Lease, detached: bool) -> Result<Ended, CollectError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let store = Store::open(ledger.evidence()).await?;
    let mut holes = Holes::after(&store.described().await?, now_ms());
    let writer = Writer::start(store.clone());
    let mut trouble = writer.trouble();
    let home = home_of(ledger.path());
    let mut watching = Watching::start(&ledger, &home, &store).await?;
    let by = operator::current(Some(NAME));
    let mut alerting = Alerting::start(&ledger, &store, by.clone()).await;
    let (mut writing, mut raising) = (None, None);
    let mut looks = interval(LOOKS);
    let mut was_left = false;
    let mut watches = Watches::default();
    let mut reminders = Reminders::after(&ledger);
    let ended = loop {
        tokio::select! {
            _ = terminate.recv() => break Ended::Reported,
            _ = interrupt.recv() => break Ended::Reported,
            Some(sample) = watching.samples.recv() => {
                // What has come is kept first: looking at it may take long where the machine is busy.
                let mut fresh = vec![sample];
                while let Ok(sample) = watching.samples.try_recv() {
                    fresh.push(sample);
                }
                let with_probes = fresh.into_iter().flat_map(|sample| {
                    let shown: Vec<Sample> = watching.probes.from(&sample).collect();
                    [sample].into_iter().chain(shown)
                });
                let with_holes = with_probes.flat_map(|sample| {
                    let hole = holes.before(&sample, watching.silence(&sample));
                    hole.into_iter().map(|hole| (hole, true)).chain([(sample, false)])
                });
                let fresh: Vec<(Sample, bool)> = with_holes.collect();
                for (one, _) in &fresh {
                    // The writer keeps far more than it can fall behind by; what it gives back shows as a hole.
                    let _ = writer.push(one.clone());
                }
                for (one, is_hole) in &fresh {
                    if *is_hole { alerting.missed(one) } else { alerting.look(&ledger, one) }
                }
            }
            changed = trouble.changed() => {
                writing = if changed.is_ok() { trouble.borrow_and_update().clone() } else { Some(WRITER.to_owned()) };
                lease.tell(writing.clone().or_else(|| raising.clone()));
                if changed.is_err() {
                    break Ended::Reported;
                }
            }
            _ = looks.tick() => {
                if !ledger.path().exists() {
                    break Ended::Gone;
                }
                // A ledger that cannot be read at the moment is looked at again; the watch goes on meanwhile.
                let _ = ledger.follow();
                if ledger.state().closed.is_some() {
                    break Ended::Closed;
                }
                let left = detached && is_left(&ledger);
                if left && std::mem::replace(&mut was_left, left) {
                    break Ended::Left;
                }
                was_left = left;
                watches.turn(&ledger, &by, Utc::now()).await;
                reminders.turn(&mut ledger, &by, Utc::now());
                if !Arc::ptr_eq(&watching.plan, ledger.plan()) {
                    watching = Watching::start(&ledger, &home, &store).await?;
                    alerting.finish().await;
                    alerting = Alerting::start(&ledger, &store, by.clone()).await;
                }
                let why = alerting.settle(&mut ledger);
                if why != raising {
                    raising = why;
                    lease.tell(writing.clone().or_else(|| raising.clone()));
                }
            }
        }
    };
    let why = match ended {
        Ended::Reported => "the collector was stopped",
        Ended::Closed => "the deployment was closed",
        Ended::Gone => "the ledger is gone",
        Ended::Left => "no cockpit drives the rehearsal",
    };
    for (environment, pane) in watching.series.into_keys() {
        let _ = writer.push(gap(environment, pane, why));
    }
    let kept = writer.finish().await;
    alerting.finish().await;
    if ended != Ended::Gone {
        kept?;
    }
    Ok(ended)
}

/// Nobody sits at a rehearsal, and nothing runs in it.
fn is_left(ledger: &Ledger) -> bool {
    let state = ledger.state();
    ledger.plan().is_rehearsal() && state.seats.holder().is_none() && state.running().next().is_none()
}

const WRITER: &str = "the collector's writer stopped";

fn gap(environment: EnvironmentName, pane: PaneId, why: &str) -> Sample {
    let value = Err(Gap::new(why));
    Sample { pane, environment, at: std::time::Instant::now(), time: Utc::now(), value }
}

/// The panes of a plan, being sampled.
struct Watching {
    plan: Arc<Plan>,
    /// Every series, with how long it may be silent while this collector runs.
    series: HashMap<(EnvironmentName, PaneId), Duration>,
    samples: mpsc::Receiver<Sample>,
    probes: Probes,
    _sampler: Sampler,
}

impl Watching {
    async fn start(ledger: &Ledger, home: &Path, store: &Store) -> Result<Self, StoreError> {
        let plan = ledger.plan();
        let probes = Probes::of(plan);
        let mut watched = targets::watched(plan, home, ledger.evidence(), &probes);
        for pane in &plan.checklist().panes {
            let Some((environment, _)) = plan.environment_in(&pane.slot) else { continue };
            // On a full disk it is described later or never; its samples are kept all the same.
            match store.describe(environment, &pane.id, &pane.unit, pane.interval().duration()).await {
                Ok(()) | Err(StoreError::Full { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let known = store.described().await.unwrap_or_default();
        fill(&mut watched, &known, store).await;
        let mut series = HashMap::new();
        for one in &mut watched {
            let own = |series: &&Described| series.pane == one.pane.id && series.environment == one.environment_name;
            let age_ms = known.iter().find(own).and_then(|series| series.last_ms).map(|last| now_ms() - last);
            one.sampled_ago = age_ms.and_then(|age| Some(Duration::from_millis(u64::try_from(age).ok()?)));
            let silence = holes::expected(one.pane.interval().duration(), one.backs_off, one.limit);
            series.insert((one.environment_name.clone(), one.pane.id.clone()), silence);
        }
        for (environment, of, pane) in probes.names() {
            let silence = series.get(&(environment.clone(), of.clone())).copied().unwrap_or_default();
            series.insert((environment.clone(), pane.clone()), silence);
        }
        let (sender, samples) = mpsc::channel(256);
        let sampling = Sampler::start(watched, &sender);
        Ok(Self { plan: Arc::clone(plan), series, samples, probes, _sampler: sampling })
    }

    /// How long the series of a sample may have been silent before it.
    fn silence(&self, sample: &Sample) -> Duration {
        self.series.get(&(sample.environment.clone(), sample.pane.clone())).copied().unwrap_or_default()
    }
}

fn now_ms() -> i64 {
    Utc::now().timestamp_millis()
}

/// Gives panes that were never sampled what their sources know of the day before, so that there is something to compare
/// with from the first sample on. A server that does not answer is not asked for the others.
async fn fill(watched: &mut [Watched], known: &[Described], store: &Store) {
    let now_ms = now_ms();
    for one in watched {
        let is_new = |series: &Described| {
            series.pane == one.pane.id && series.environment == one.environment_name && series.last_ms.is_none()
        };
        if !known.iter().any(is_new) {
            continue;
        }
        let step = one.pane.interval().duration().max(FILL_STEP);
        let Some(past) = one.source.past(now_ms - FILL_MS..now_ms, step) else { continue };
        let points = match past.await {
            Ok(points) => points,
            Err(Missing::Down(_) | Missing::Unreached(_)) => return,
            Err(Missing::Failing(_) | Missing::Unusable(_)) => continue,
        };
        let sample = |point: Point| {
            let time = DateTime::from_timestamp_millis(point.at_ms)?;
            let (pane, environment) = (one.pane.id.clone(), one.environment_name.clone());
            Some(Sample { pane, environment, at: std::time::Instant::now(), time, value: point.value })
        };
        let samples: Vec<Sample> = points.into_iter().filter_map(sample).collect();
        // Without it the pane begins now.
        let _ = store.append(&samples).await;
    }
}

/// The folder a ledger is in, from the root on.
fn home_of(ledger: &Path) -> PathBuf {
    std::path::absolute(ledger).ok().and_then(|path| path.parent().map(Path::to_owned)).unwrap_or_default()
}
