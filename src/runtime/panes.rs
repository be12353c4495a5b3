//! The panes' numbers: sampled beside the loop, kept in the ledger's folder, handed to the screen.

use crate::checklist::pane::Pane;
use crate::checklist::{EnvironmentName, PaneId, check};
use crate::cockpit::Msg;
use crate::cockpit::msg::Sample;
use crate::cockpit::pane_view::series as cockpit;
use crate::config::variables::{self, Source};
use crate::database::{Database, DatabaseError, Dialect, Purpose};
use crate::deployment::Plan;
use crate::metrics::probe::Probe;
use crate::metrics::sampler::query::{Answering, QueryFailure};
use crate::metrics::sampler::{self, Query, Sampler, Watched};
use crate::metrics::store::{self, Store, Writer};
use chrono::DateTime;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc::{self, UnboundedSender};

/// Samples read back when a cockpit opens.
const HISTORY: u32 = 200;

/// Reads what is kept of the panes, one question after the other.
pub struct Kept {
    questions: UnboundedSender<Question>,
}

struct Question {
    pane: PaneId,
    environment: EnvironmentName,
    span_ms: Range<i64>,
    width_ms: i64,
}

impl Kept {
    pub fn new(plan: &Plan, evidence: &Path, sender: &UnboundedSender<Msg>) -> Self {
        let every = |pane: &Pane| i64::try_from(pane.every.duration().as_millis()).unwrap_or(i64::MAX);
        let every: BTreeMap<PaneId, i64> =
            plan.checklist().panes.iter().map(|pane| (pane.id.clone(), every(pane))).collect();
        let (evidence, sender) = (evidence.to_owned(), sender.clone());
        let (questions, mut inbox) = mpsc::unbounded_channel::<Question>();
        tokio::spawn(async move {
            while let Some(question) = inbox.recv().await {
                let Question { pane, environment, span_ms, width_ms } = question;
                // What cannot be read is not known: the chart begins where it did.
                let Ok(points) = store::between(&evidence, &environment, &pane, span_ms).await else { continue };
                let points: Vec<cockpit::Point> = points
                    .into_iter()
                    .map(|point| cockpit::Point { at_ms: point.at_ms, value: point.value.map_err(|gap| gap.reason.into()) })
                    .collect();
                let buckets = cockpit::buckets(&points, width_ms, every.get(&pane).copied().unwrap_or(1_000));
                if sender.send(Msg::Buckets { pane, buckets }).is_err() {
                    return;
                }
            }
        });
        Self { questions }
    }

    /// Asks for a pane's buckets; they come as a message.
    pub fn read(&self, pane: PaneId, environment: EnvironmentName, span_ms: Range<i64>, width_ms: i64) {
        let _ = self.questions.send(Question { pane, environment, span_ms, width_ms });
    }
}

/// Starts sampling the panes of a plan whose targets are known. A pane whose variables are not set shows why as its gap.
/// The numbers are kept in `evidence`; whoever only watches keeps none.
pub fn start(plan: &Plan, ledger: &Path, evidence: Option<&Path>, sender: &UnboundedSender<Msg>) {
    if plan.checklist().panes.is_empty() {
        return;
    }
    let home = std::path::absolute(ledger).ok().and_then(|path| path.parent().map(Path::to_owned)).unwrap_or_default();
    let watched = watched(plan, &home, sender);
    let (evidence, sender) = (evidence.map(Path::to_owned), sender.clone());
    tokio::spawn(async move {
        let writer = match evidence {
            Some(evidence) => keep(&evidence, &watched, &sender).await,
            None => None,
        };
        sample(watched, writer, &sender).await;
    });
}

/// Opens the store, shows what it holds, and gives who writes to it.
async fn keep(evidence: &Path, watched: &[Watched], sender: &UnboundedSender<Msg>) -> Option<Writer> {
    match Store::open(evidence).await {
        Ok(store) => {
            read_back(&store, watched, sender).await;
            Some(Writer::start(store))
        }
        Err(error) => {
            let why = format!("the panes' numbers are shown and not kept: {error}");
            let _ = sender.send(Msg::WorkerFailed { worker: "metrics", why });
            None
        }
    }
}

fn watched(plan: &Plan, home: &Path, sender: &UnboundedSender<Msg>) -> Vec<Watched> {
    let mut watched = Vec::new();
    for pane in &plan.checklist().panes {
        let Some((name, environment)) = plan.environment_in(&pane.slot) else { continue };
        match Source::of(environment.kind, home) {
            Ok(source) => {
                let environment = variables::resolve_known(environment, &source).environment;
                let query = environment
                    .database
                    .clone()
                    .map(|url| Arc::new(EnvironmentDatabase { url, home: home.to_owned() }) as Arc<dyn Query>);
                watched.push(Watched { pane: pane.clone(), environment_name: name.clone(), environment, query });
            }
            Err(error) => {
                let sample = Sample { pane: pane.id.clone(), at: chrono::Utc::now(), value: Err(error.to_string()) };
                let _ = sender.send(Msg::Sampled(vec![sample]));
            }
        }
    }
    watched
}

/// What was sampled before this cockpit opened.
async fn read_back(store: &Store, watched: &[Watched], sender: &UnboundedSender<Msg>) {
    for one in watched {
        let Ok(points) = store.last(&one.environment_name, &one.pane.id, HISTORY).await else { continue };
        let samples = points.into_iter().filter_map(|point| {
            let at = DateTime::from_timestamp_millis(point.at_ms)?;
            Some(Sample { pane: one.pane.id.clone(), at, value: point.value.map_err(|gap| gap.reason) })
        });
        let _ = sender.send(Msg::Sampled(samples.collect()));
    }
}

async fn sample(watched: Vec<Watched>, writer: Option<Writer>, sender: &UnboundedSender<Msg>) {
    let probe = Probe::new();
    let (samples, mut inbox) = mpsc::channel(64);
    let _sampler = Sampler::start(watched, &probe, &samples);
    drop(samples);
    while let Some(sample) = inbox.recv().await {
        let msg = message(&sample);
        if let Some(writer) = &writer {
            // A writer that cannot keep up loses history, never a number on the screen.
            let _ = writer.push(sample);
        }
        if sender.send(msg).is_err() {
            return;
        }
    }
}

fn message(sample: &sampler::Sample) -> Msg {
    let value = sample.value.clone().map_err(|gap| gap.reason);
    Msg::Sampled(vec![Sample { pane: sample.pane.clone(), at: sample.time, value }])
}

/// One environment's database as panes ask it: opened for each question, read-only, and let go.
struct EnvironmentDatabase {
    url: String,
    home: PathBuf,
}

impl Query for EnvironmentDatabase {
    fn number<'a>(&'a self, query: &'a check::Query) -> Answering<'a> {
        Box::pin(async move {
            let mut database = self.open().await?;
            let text = match query {
                check::Query::Any(text) => Some(text.as_str()),
                check::Query::Each { sqlite, postgres } => match database.dialect() {
                    Dialect::Sqlite => sqlite.as_deref(),
                    Dialect::Postgres => postgres.as_deref(),
                },
            };
            let Some(text) = text else {
                let why = format!("the pane has no query for {}", database.dialect().word());
                return Err(QueryFailure::NoNumber(why));
            };
            let value = database.scalar(text).await;
            database.close().await;
            let number = value.map_err(failure)?.and_then(|value| value.number());
            number.ok_or_else(|| QueryFailure::NoNumber("the query gave no number".to_owned()))
        })
    }

    fn size(&self) -> Answering<'_> {
        Box::pin(async move {
            let mut database = self.open().await?;
            let size = database.size().await;
            database.close().await;
            size.map(|bytes| bytes as f64).map_err(failure)
        })
    }
}

impl EnvironmentDatabase {
    async fn open(&self) -> Result<Database, QueryFailure> {
        Database::connect(&self.url, &self.home, Purpose::Observe).await.map_err(failure)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn failure(error: DatabaseError) -> QueryFailure {
    QueryFailure::Unreachable(error.to_string())
}
