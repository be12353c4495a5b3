//! The collector: takes the numbers of every pane, in a process of its own, for as long as a deployment is watched.
//!
//! One a ledger, by `collect.lock`. A cockpit that drives starts it in a session of its own, so that the cockpit may die
//! and the watch goes on. Cockpits take no numbers themselves; they read the store.

mod database;
mod holes;
pub mod lease;
pub mod sources;
pub mod spawn;
mod targets;
pub mod unit;

use crate::checklist::{EnvironmentName, PaneId};
use crate::deployment::Plan;
use crate::ledger::Ledger;
use crate::metrics::Store;
use crate::metrics::sampler::{Sample, Sampler, Watched};
use crate::metrics::series::Gap;
use crate::metrics::store::{StoreError, Writer};
use chrono::Utc;
use holes::Holes;
use lease::Lease;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::interval;

/// How often it is looked whether the ledger is still there, still open, and follows the same checklist.
const LOOKS: Duration = Duration::from_secs(2);

/// Why a collector ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By a signal.
    Told,
    /// The deployment is closed.
    Closed,
    /// The ledger is not there any more.
    Gone,
}

#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("signals cannot be listened for: {0}")]
    Signals(#[from] io::Error),
}

/// Takes numbers until it is told to end, the deployment is closed, or the ledger is gone. Everything taken is written
/// before it returns.
///
/// # Errors
/// When the store cannot be opened, or its last samples cannot be written.
pub async fn collect(mut ledger: Ledger, mut lease: Lease) -> Result<Ended, CollectError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let store = Store::open(ledger.evidence()).await?;
    let mut holes = Holes::after(&store.described().await?);
    let writer = Writer::start(store.clone());
    let mut trouble = writer.trouble();
    let home = home_of(ledger.path());
    let mut watching = Watching::start(&ledger, &home, &store).await?;
    let mut looks = interval(LOOKS);
    let ended = loop {
        tokio::select! {
            _ = terminate.recv() => break Ended::Told,
            _ = interrupt.recv() => break Ended::Told,
            Some(sample) = watching.samples.recv() => {
                for one in holes.before(&sample).into_iter().chain([sample]) {
                    // The writer keeps far more than it can fall behind by; what it gives back shows as a hole.
                    let _ = writer.push(one);
                }
            }
            changed = trouble.changed() => {
                let told = if changed.is_ok() { trouble.borrow_and_update().clone() } else { Some(WRITER.to_owned()) };
                lease.tell(told);
                if changed.is_err() {
                    break Ended::Told;
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
                if !Arc::ptr_eq(&watching.plan, ledger.plan()) {
                    watching = Watching::start(&ledger, &home, &store).await?;
                }
            }
        }
    };
    let why = match ended {
        Ended::Told => "the collector was stopped",
        Ended::Closed => "the deployment was closed",
        Ended::Gone => "the ledger is gone",
    };
    for (environment, pane) in watching.series {
        let _ = writer.push(gap(environment, pane, why));
    }
    let kept = writer.finish().await;
    if ended != Ended::Gone {
        kept?;
    }
    Ok(ended)
}

const WRITER: &str = "the collector's writer stopped";

fn gap(environment: EnvironmentName, pane: PaneId, why: &str) -> Sample {
    let value = Err(Gap::new(why));
    Sample { pane, environment, at: std::time::Instant::now(), time: Utc::now(), value }
}

/// The panes of a plan, being sampled.
struct Watching {
    plan: Arc<Plan>,
    series: Vec<(EnvironmentName, PaneId)>,
    samples: mpsc::Receiver<Sample>,
    _sampler: Sampler,
}

impl Watching {
    async fn start(ledger: &Ledger, home: &Path, store: &Store) -> Result<Self, StoreError> {
        let plan = ledger.plan();
        let watched = targets::watched(plan, home, ledger.evidence());
        for Watched { pane, environment_name, .. } in &watched {
            // On a full disk it is described later or never; its samples are kept all the same.
            match store.describe(environment_name, &pane.id, &pane.unit, pane.every.duration()).await {
                Ok(()) | Err(StoreError::Full { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let series = watched.iter().map(|one| (one.environment_name.clone(), one.pane.id.clone())).collect();
        let (sender, samples) = mpsc::channel(256);
        let sampler = Sampler::start(watched, &sender);
        Ok(Self { plan: Arc::clone(plan), series, samples, _sampler: sampler })
    }
}

/// The folder a ledger stands in, from the root on.
fn home_of(ledger: &Path) -> PathBuf {
    std::path::absolute(ledger).ok().and_then(|path| path.parent().map(Path::to_owned)).unwrap_or_default()
}
