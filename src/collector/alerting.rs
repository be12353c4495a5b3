//! What the collector sees becomes alerts: each sample is looked at, changes go into the ledger, and people are notified.
//!
//! Of the ledger a collector has only this: it raises, changes and clears alerts, and records whom it could not tell. It
//! sits in no seat.

use crate::attempts::notify::{self, Targets, Unsent};
use crate::checklist::PaneId;
use crate::deployment::alerts::Trouble;
use crate::deployment::alerts::fact::AlertFact;
use crate::deployment::alerts::limiter::{Due, Limiter};
use crate::deployment::alerts::watch::Watch;
use crate::deployment::metrics::{PaneVerdict, Streak, Watched};
use crate::deployment::notice;
use crate::deployment::{Intent, Operator, Record};
use crate::ledger::Ledger;
use crate::metrics::Store;
use crate::metrics::sampler::Sample;
use chrono::Utc;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;

/// How long ending waits for people who are being reported.
const LEAVING: Duration = Duration::from_secs(6);

pub(crate) struct Alerting {
    by: Operator,
    panes: HashMap<PaneId, Looked>,
    watch: Watch,
    limiter: Limiter,
    targets: Arc<Targets>,
    /// How many records were looked at.
    seen: usize,
    telling: JoinSet<()>,
    unsent: UnboundedReceiver<Unsent>,
    sender: UnboundedSender<Unsent>,
}

/// A metric with how its looks amount.
struct Looked {
    watched: Watched,
    streak: Streak,
}

impl Alerting {
    /// As the ledger and the store leave it.
    pub(crate) async fn start(ledger: &Ledger, store: &Store, by: Operator) -> Self {
        let (sender, unsent) = mpsc::unbounded_channel();
        let (plan, now_ms) = (ledger.plan(), Utc::now().timestamp_millis());
        let mut panes = HashMap::new();
        for pane in &plan.checklist().panes {
            let Some((environment, _)) = plan.environment_in(&pane.slot) else { continue };
            // Without its past a metric begins now.
            let kept = store.watched(pane, environment, now_ms).await;
            let watched = kept.unwrap_or_else(|_| Watched::new(pane.clone(), environment.clone()));
            let open = ledger.state().alerts.of(&pane.id);
            let value = open.and_then(|open| open.seen.value);
            let standing = open.map_or(PaneVerdict::Inconclusive, |open| match open.seen.verdict {
                Trouble::OverTarget => PaneVerdict::OverTarget,
                Trouble::WorseThanBaseline => PaneVerdict::WorseThanBaseline,
                Trouble::NoData => PaneVerdict::NoData,
            });
            let streak = Streak::resume(pane, environment.clone(), standing, value);
            panes.insert(pane.id.clone(), Looked { watched, streak });
        }
        let targets = Targets::of(plan, ledger.layout().home()).unwrap_or_default();
        Self {
            by,
            panes,
            watch: Watch::default(),
            limiter: Limiter::resume(ledger.records(), Utc::now()),
            targets: Arc::new(targets),
            seen: ledger.records().len(),
            telling: JoinSet::new(),
            unsent,
            sender,
        }
    }

    /// Looks at a metric anew, with one sample more.
    pub(crate) fn look(&mut self, ledger: &Ledger, sample: &Sample) {
        let Some(looked) = self.panes.get_mut(&sample.pane) else { return };
        if looked.watched.environment != sample.environment {
            return;
        }
        looked.watched.set_back(sample.time);
        looked.watched.push(sample.time, sample.value.clone().map_err(|gap| gap.reason));
        let seen = looked.watched.assess(ledger.plan(), ledger.state(), sample.time);
        let number_at = looked.watched.number_at();
        if let Some(change) = looked.streak.look(sample.time, &seen, number_at) {
            self.watch.take(&change, number_at.is_some());
        }
    }

    /// A time in which nothing was collected is no look at anything.
    pub(crate) fn missed(&mut self, hole: &Sample) {
        let looked = self.panes.get_mut(&hole.pane).filter(|looked| looked.watched.environment == hole.environment);
        if let Some(looked) = looked {
            looked.watched.set_back(hole.time);
            looked.watched.push(hole.time, hole.value.clone().map_err(|gap| gap.reason));
        }
    }

    /// Records what is due and reports what is recorded. What cannot be recorded now is tried again the next time; gives
    /// why it cannot.
    pub(crate) fn settle(&mut self, ledger: &mut Ledger) -> Option<String> {
        let mut trouble = None;
        for intent in self.watch.due(ledger.plan(), ledger.state(), Utc::now()) {
            if let Err(error) = ledger.append(&self.by, intent) {
                trouble = Some(format!("alerts cannot be recorded: {error}"));
            }
        }
        while let Ok(Unsent { event, target, reason }) = self.unsent.try_recv() {
            let event = event.to_owned();
            // It is said on the screen where it can be; nobody waits for it.
            let _ = ledger.append(&self.by, Intent::ReportNotice { event, target, reason });
        }
        self.tell(ledger);
        trouble
    }

    fn tell(&mut self, ledger: &Ledger) {
        let fresh = ledger.records().get(self.seen..).unwrap_or_default();
        self.seen += fresh.len();
        for record in fresh {
            self.limiter.offer(record);
            if is_of_alert(record) {
                let (targets, plan, record) =
                    (Arc::clone(&self.targets), Arc::clone(ledger.plan()), Arc::clone(record));
                let sender = self.sender.clone();
                self.telling.spawn(async move {
                    if let Some(unsent) = targets.annotate(&plan, &record).await {
                        let _ = sender.send(unsent);
                    }
                });
            }
        }
        let (alerts, now) = (&ledger.state().alerts, Utc::now());
        for due in self.limiter.due(now, |pane| alerts.is_quiet(pane, now)) {
            let found = ledger.records().binary_search_by_key(&due.seq, |record| record.seq);
            if let Some(record) = found.ok().and_then(|at| ledger.records().get(at)) {
                self.deliver(ledger, record, due);
            }
        }
        while self.telling.try_join_next().is_some() {}
    }

    fn deliver(&mut self, ledger: &Ledger, record: &Record, due: Due) {
        let Some(mut reported) = notice::notice(ledger.plan(), record) else { return };
        let Some(first) = ledger.records().first() else { return };
        match due.suppressed {
            0 => {}
            1 => reported.text.push_str(" (1 earlier change was not sent)"),
            more => {
                let _ = write!(reported.text, " ({more} earlier changes were not sent)");
            }
        }
        let body = notice::body(&reported, record, &notify::anchor(&first.sum, record)).to_string();
        let (targets, sender) = (Arc::clone(&self.targets), self.sender.clone());
        self.telling.spawn(async move {
            for unsent in targets.deliver(&reported, &body).await {
                let _ = sender.send(unsent);
            }
        });
    }

    /// Waits a moment for those who are being reported.
    pub(crate) async fn finish(mut self) {
        let reported = async { while self.telling.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LEAVING, reported).await;
    }
}

/// What the collector records, and nobody else reports.
pub(super) fn is_of_alert(record: &Record) -> bool {
    AlertFact::of(&record.fact).is_some_and(|fact| fact.is_of_collector())
}
