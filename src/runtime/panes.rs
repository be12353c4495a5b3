//! The panes' numbers: read from the store that the collector fills, and the collector itself kept going.

use crate::cockpit::Msg;
use crate::cockpit::msg::Sample;
use crate::collector::lease::{self, Standing};
use crate::collector::spawn;
use crate::deployment::Plan;
use crate::metrics::sampler::longest_silence;
use crate::metrics::store::Stored;
use crate::metrics::{Point, Store};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

/// Samples read back when a cockpit opens.
const HISTORY: u32 = 200;

/// Samples read at once while it is open.
const AT_ONCE: u32 = 5_000;

/// How often it is looked for new samples.
const LOOKS: Duration = Duration::from_millis(500);

/// How often it is looked whether the collector lives.
const VISITS: Duration = Duration::from_secs(1);

/// A collector that ended is started again, and not more often than this.
const RESTARTS: Duration = Duration::from_secs(3);

/// Shows the reader of the panes whether this cockpit drives.
#[derive(Debug, Clone, Default)]
pub(super) struct Driving(Arc<AtomicBool>);

impl Driving {
    pub(super) fn tell(&self, drives: bool) {
        self.0.store(drives, Ordering::Relaxed);
    }
}

/// Starts reading the panes of a plan. While this cockpit drives, a collector that is not there is started, in a session
/// of its own: the cockpit may die, the watch goes on.
pub(super) fn start(plan: &Arc<Plan>, ledger: &Path, evidence: &Path, sender: &UnboundedSender<Msg>) -> Driving {
    let driving = Driving::default();
    if plan.checklist().panes.is_empty() || plan.bindings().is_empty() {
        return driving;
    }
    let reader = Reader {
        plan: Arc::clone(plan),
        ledger: ledger.to_owned(),
        evidence: evidence.to_owned(),
        sender: sender.clone(),
        driving: driving.clone(),
        store: None,
        seen: 0,
        last: HashMap::new(),
        failed: false,
    };
    tokio::spawn(reader.run());
    driving
}

struct Reader {
    plan: Arc<Plan>,
    ledger: PathBuf,
    evidence: PathBuf,
    sender: UnboundedSender<Msg>,
    driving: Driving,
    store: Option<Store>,
    /// The number of the sample read last.
    seen: i64,
    /// When each pane had its last sample, and whether its silence was reported since.
    last: HashMap<String, (DateTime<Utc>, bool)>,
    /// That the store cannot be read was reported.
    failed: bool,
}

impl Reader {
    async fn run(mut self) {
        let mut visited: Option<Instant> = None;
        let mut started: Option<Instant> = None;
        let began = Utc::now();
        loop {
            if let Err(why) = self.read().await
                && !std::mem::replace(&mut self.failed, true)
            {
                let _ = self.sender.send(Msg::WorkerFailed { worker: "metrics", why });
            }
            if visited.is_none_or(|at| at.elapsed() >= VISITS) {
                visited = Some(Instant::now());
                let standing = lease::look(&self.evidence);
                let due = started.is_none_or(|at: Instant| at.elapsed() >= RESTARTS);
                if standing == Standing::Free && due && self.driving.0.load(Ordering::Relaxed) {
                    started = Some(Instant::now());
                    self.start_collector();
                }
                self.tell_silence(&standing, began);
            }
            if self.sender.is_closed() {
                return;
            }
            tokio::time::sleep(LOOKS).await;
        }
    }

    fn start_collector(&self) {
        let sender = self.sender.clone();
        let refused = move |status: Option<i32>, said: String| {
            // 4: another one was faster, or the deployment is closed; 0 and signals: it was ended.
            if let Some(status @ (1..=3 | 5..)) = status {
                let why = if said.is_empty() { format!("the collector ended with status {status}") } else { said };
                let _ = sender.send(Msg::WorkerFailed { worker: "metrics", why });
            }
        };
        if let Err(error) = spawn::spawn(&self.ledger, refused) {
            let why = format!("no collector could be started: {error}");
            let _ = self.sender.send(Msg::WorkerFailed { worker: "metrics", why });
        }
    }

    /// Reads what is new, from the beginning what there is.
    async fn read(&mut self) -> Result<(), String> {
        let Some(store) = &self.store else {
            if let Some(store) = Store::look(&self.evidence).await.map_err(|error| error.to_string())? {
                self.seen = store.newest().await.map_err(|error| error.to_string())?;
                let before = read_back(&store, &self.plan, self.seen).await;
                self.store = Some(store);
                self.show(before);
            }
            return Ok(());
        };
        let stored = store.since(self.seen, AT_ONCE).await.map_err(|error| error.to_string())?;
        if let Some(last) = stored.last() {
            self.seen = last.id;
            self.show(stored);
        }
        Ok(())
    }

    fn show(&mut self, stored: Vec<Stored>) {
        let panes = &self.plan.checklist().panes;
        let samples: Vec<Sample> = stored
            .into_iter()
            .filter(|one| {
                // A pane that came by an amendment is not in the plan this began with.
                let slot = panes.iter().find(|pane| pane.id == one.pane).map(|pane| &pane.slot);
                match slot {
                    Some(slot) => self.plan.environment_in(slot).is_some_and(|(name, _)| *name == one.environment),
                    None => self.plan.bindings().values().any(|name| *name == one.environment),
                }
            })
            .filter_map(|one| {
                let Point { at_ms, value } = one.point;
                let at = DateTime::from_timestamp_millis(at_ms)?;
                Some(Sample { pane: one.pane, at, value: value.map_err(|gap| gap.reason) })
            })
            .collect();
        for sample in &samples {
            self.last.insert(sample.pane.to_string(), (sample.at, false));
        }
        if !samples.is_empty() {
            let _ = self.sender.send(Msg::Sampled(samples));
        }
    }

    /// Says of panes that no sample comes any more, and why, as far as it is known: once until one comes again.
    fn tell_silence(&mut self, standing: &Standing, began: DateTime<Utc>) {
        let now = Utc::now();
        let mut silent = Vec::new();
        for pane in &self.plan.checklist().panes {
            let (last, reported) = self.last.get(pane.id.as_str()).copied().unwrap_or((began, false));
            let every = pane.interval().duration();
            let patience = if *standing == Standing::Free { every * 3 } else { longest_silence(every) };
            let waited = (now - last).to_std().unwrap_or_default();
            if reported || waited <= patience.max(Duration::from_secs(3)) {
                continue;
            }
            let why = match standing {
                Standing::Free => "no collector is running".to_owned(),
                Standing::Held(Some(says)) if says.trouble.is_some() => says.trouble.clone().unwrap_or_default(),
                Standing::Held(_) => format!("no sample for {} s", waited.as_secs()),
            };
            self.last.insert(pane.id.to_string(), (last, true));
            silent.push(Sample { pane: pane.id.clone(), at: now, value: Err(why) });
        }
        if !silent.is_empty() {
            let _ = self.sender.send(Msg::Sampled(silent));
        }
    }
}

/// What was sampled before this cockpit opened.
async fn read_back(store: &Store, plan: &Plan, newest: i64) -> Vec<Stored> {
    let mut all = Vec::new();
    for pane in &plan.checklist().panes {
        let Some((environment, _)) = plan.environment_in(&pane.slot) else { continue };
        let points = store.last(environment, &pane.id, HISTORY).await.unwrap_or_default();
        all.extend(points.into_iter().map(|point| Stored {
            id: newest,
            environment: environment.clone(),
            pane: pane.id.clone(),
            point,
        }));
    }
    all
}
