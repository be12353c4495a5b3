//! Measuring again what is sensed. That is no attempt: it has no supervisor and leaves no files, and the ledger hears of a
//! change of verdict only.

use super::assignment::Assignment;
use super::book::{Book, BookError};
use super::carry_out;
use super::console::Console;
use super::databases::Databases;
use super::outcome::{completed, not_started};
use super::supervisor::{home_of, secrets_of};
use crate::checklist::offset::Span;
use crate::checklist::{EnvironmentName, Item, ItemId};
use crate::config::variables::{self, Resolved, Source};
use crate::deployment::attempt::{AttemptNumber, End, Outcome};
use crate::deployment::clock::Steady;
use crate::deployment::measurement::Verdict;
use crate::deployment::progress::Progress;
use crate::deployment::seat::SessionId;
use crate::deployment::sensing::{self, Run};
use crate::deployment::{Board, Intent, Operator, Plan, State};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

/// How long one measurement may take whose item does not say.
const LIMIT: Duration = Duration::from_secs(30);
/// Commands that must end early have this long after each signal.
const GRACE: Duration = Duration::from_secs(2);
/// After this much more than its limit a measurement is not waited for: something in it blocks.
const BLOCKED: Duration = Duration::from_secs(10);

/// What measurements came to, from their threads.
type Outcomes = (UnboundedSender<(ItemId, Outcome)>, UnboundedReceiver<(ItemId, Outcome)>);

/// One session's sensing. Only the session that drives measures. Every measurement has a thread, a runtime and a deadline
/// of its own: a read that never returns keeps nobody else from being measured.
pub(crate) struct Sensing {
    book: Box<dyn Book>,
    by: Operator,
    session: SessionId,
    databases: Arc<dyn Databases>,
    clock: Steadily,
    /// When each item was measured last.
    measured: BTreeMap<ItemId, DateTime<Utc>>,
    /// Failures in a row of each item, since the attempt that is its latest.
    runs: BTreeMap<ItemId, (Option<AttemptNumber>, Run)>,
    /// What is being measured, and when it counts as failed if nothing has come of it by then.
    running: BTreeMap<ItemId, DateTime<Utc>>,
    outcomes: Outcomes,
    /// What came of measurements and was not reported yet.
    arrived: Vec<(ItemId, Outcome)>,
}

/// What one measurement came to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sensed {
    pub item: ItemId,
    pub verdict: Verdict,
    pub detail: String,
    pub change: Option<Change>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It does not hold any more.
    Lost,
    Recovered,
}

/// Time by a clock that nobody sets.
struct Steadily {
    began: Instant,
    steady: Steady,
}

impl Steadily {
    fn now(&self) -> DateTime<Utc> {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.steady.now(Utc::now(), ms).0
    }
}

/// Nobody follows what is measured again.
struct Unheard;

impl Console for Unheard {
    fn line(&self, _text: &str) {}

    fn output(&self, _bytes: &[u8]) {}

    fn progress(&self, _progress: &Progress) {}
}

impl Sensing {
    /// `book` records in the name of `session`.
    #[must_use]
    pub(crate) fn new(book: Box<dyn Book>, by: Operator, session: SessionId, databases: Arc<dyn Databases>) -> Self {
        let clock = Steadily { began: Instant::now(), steady: Steady::set(Utc::now(), 0) };
        Self {
            book,
            by,
            session,
            databases,
            clock,
            measured: BTreeMap::new(),
            runs: BTreeMap::new(),
            running: BTreeMap::new(),
            outcomes: unbounded_channel(),
            arrived: Vec::new(),
        }
    }

    /// How long until a turn has something to do; nothing while there is nothing, or somebody else drives.
    pub(crate) fn next_in(&mut self) -> Result<Option<Duration>, BookError> {
        self.book.refresh()?;
        let (plan, state, now) = (self.book.plan(), self.book.state(), self.clock.now());
        if !state.seats.drives(&self.session) {
            return Ok(None);
        }
        let due = sensing::times(&plan, &state, &Board::at(&plan, &state, now), now, &self.measured);
        let due = due.into_iter().filter(|(item, _)| !self.running.contains_key(*item)).map(|(_, at)| at);
        let next = due.chain(self.running.values().copied()).min();
        Ok(next.map(|at| (at - now).to_std().unwrap_or_default()))
    }

    /// Waits until a measurement has come to something.
    pub(crate) async fn finished(&mut self) {
        match self.outcomes.1.recv().await {
            Some(outcome) => self.arrived.push(outcome),
            None => std::future::pending().await,
        }
    }

    /// Shows the ledger what measurements have come to, those included that are over their time, and begins everything
    /// that is due. Waits for none of them.
    ///
    /// # Errors
    /// When the ledger cannot be read or written; that a change was refused is none.
    pub(crate) fn turn(&mut self) -> Result<Vec<Sensed>, BookError> {
        let mut sensed = Vec::new();
        while let Ok(outcome) = self.outcomes.1.try_recv() {
            self.arrived.push(outcome);
        }
        for (item, outcome) in std::mem::take(&mut self.arrived) {
            self.running.remove(&item);
            self.measured.insert(item.clone(), self.clock.now());
            sensed.push(self.report(&item, outcome)?);
        }
        self.book.refresh()?;
        let (plan, state, now) = (self.book.plan(), self.book.state(), self.clock.now());
        if !state.seats.drives(&self.session) {
            return Ok(sensed);
        }
        let over: Vec<ItemId> =
            self.running.iter().filter(|(_, by)| **by <= now).map(|(item, _)| item.clone()).collect();
        for id in over {
            let Some(item) = plan.item(&id) else { continue };
            let every = item.sense.as_ref().map_or(LIMIT, |sense| sense.every.duration());
            self.running.insert(id.clone(), now + every);
            let detail = format!(
                "no answer in {}",
                Span::from_millis(u64::try_from(limit(item).as_millis()).unwrap_or(u64::MAX))
            );
            sensed.push(self.report(&id, completed(Verdict::Fail, detail, Vec::new()))?);
        }
        for id in sensing::due(&plan, &state, &Board::at(&plan, &state, now), now, &self.measured) {
            if let Some(item) = plan.item(&id).filter(|_| !self.running.contains_key(&id)) {
                self.running.insert(id, now + limit(item) + BLOCKED);
                self.begin(item.clone(), &plan, &state);
            }
        }
        Ok(sensed)
    }

    fn begin(&self, item: Item, plan: &Arc<Plan>, state: &Arc<State>) {
        let to = self.outcomes.0.clone();
        let measuring = Measuring {
            plan: Arc::clone(plan),
            state: Arc::clone(state),
            databases: Arc::clone(&self.databases),
            home: home_of(self.book.path()),
            evidence: self.book.evidence(),
        };
        let id = item.id.clone();
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let outcome = match runtime {
                Ok(runtime) => runtime.block_on(measuring.measure(&item)),
                Err(error) => not_started(error.to_string()),
            };
            let _ = to.send((item.id, outcome));
        };
        if let Err(error) = std::thread::Builder::new().name("sensing".to_owned()).spawn(work) {
            let _ = self.outcomes.0.send((id, not_started(error.to_string())));
        }
    }

    fn report(&mut self, item: &ItemId, outcome: Outcome) -> Result<Sensed, BookError> {
        let latest = self.book.state().latest(item).map(|attempt| attempt.number);
        let (attempt, run) = self.runs.entry(item.clone()).or_default();
        if *attempt != latest {
            (*attempt, *run) = (latest, Run::default());
        }
        let failures = run.take(outcome.verdict);
        let Outcome { verdict, detail, measured, .. } = outcome;
        let lost = |state: &State| state.history(item).is_some_and(|history| history.regressed.is_some());
        self.book.refresh()?;
        let before = lost(&self.book.state());
        let intent = Intent::ReportSensed { item: item.clone(), verdict, detail: detail.clone(), measured, failures };
        match self.book.append(&self.by, intent) {
            // Somebody took the seat meanwhile, or ended the deployment: then it is theirs.
            Ok(()) | Err(BookError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
        let change = match (before, lost(&self.book.state())) {
            (false, true) => Some(Change::Lost),
            (true, false) => Some(Change::Recovered),
            _ => None,
        };
        Ok(Sensed { item: item.clone(), verdict, detail, change })
    }
}

/// What one measurement needs, on a thread of its own.
struct Measuring {
    plan: Arc<Plan>,
    state: Arc<State>,
    databases: Arc<dyn Databases>,
    home: PathBuf,
    evidence: PathBuf,
}

impl Measuring {
    async fn measure(self, item: &Item) -> Outcome {
        let Self { plan, state, databases, home, evidence } = self;
        let Some((name, environment)) = plan.environment_of(item) else {
            return not_started("no environment fills its slot");
        };
        let resolved = Source::of(environment.kind, &home);
        let resolved = resolved.and_then(|source| variables::resolve(environment, item, &source));
        let resolved = match resolved {
            Ok(resolved) => resolved,
            Err(error) => return not_started(error.to_string()),
        };
        if let Some(why) = elsewhere(databases.as_ref(), &state, item, name, &resolved).await {
            return not_started(why);
        }
        let secrets = Arc::new(secrets_of(environment, &resolved).remembering(&evidence));
        let (stop, stopped) = watch::channel(None);
        let assignment = Assignment {
            plan: Arc::clone(&plan),
            state: Arc::clone(&state),
            item: item.clone(),
            attempt: AttemptNumber(0),
            environment_name: name.clone(),
            environment: resolved.environment,
            variables: resolved.variables,
            home,
            evidence,
            secrets: Arc::clone(&secrets),
            stop: stopped,
        };
        let mut outcome = bounded(&assignment, &stop, limit(item), databases.as_ref()).await;
        outcome.detail = secrets.mask(&outcome.detail);
        outcome
    }
}

fn limit(item: &Item) -> Duration {
    item.timeout.map_or(LIMIT, Span::duration)
}

/// Why the database is not the one that the deployment reached first, if it is not.
async fn elsewhere(
    databases: &dyn Databases,
    state: &State,
    item: &Item,
    name: &EnvironmentName,
    resolved: &Resolved,
) -> Option<String> {
    if !item.check.reaches_database() {
        return None;
    }
    let recorded = state.reached.get(name)?;
    let found = databases.identity(resolved.environment.database.as_deref()?).await.ok()?;
    (found != *recorded).then(|| format!("{name} is another database now than the one that was reached first"))
}

async fn bounded(
    assignment: &Assignment,
    stop: &watch::Sender<Option<End>>,
    limit: Duration,
    databases: &dyn Databases,
) -> Outcome {
    let mut work = Box::pin(carry_out::carry_out(assignment, &Unheard, GRACE, databases));
    tokio::select! {
        outcome = &mut work => return outcome,
        () = tokio::time::sleep(limit) => {}
    }
    stop.send_replace(Some(End::TimedOut));
    // What does not end when it is asked to is let go.
    let given_up = || completed(Verdict::Fail, "it did not end in time and was given up", Vec::new());
    tokio::time::timeout(GRACE * 4, work).await.unwrap_or_else(|_| given_up())
}
