//! Measuring again what is sensed. That is no attempt: it has no supervisor and leaves no files, and the ledger hears of a
//! change of verdict only.

use super::assignment::Assignment;
use super::book::{Book, BookError};
use super::carry_out;
use super::console::Console;
use super::databases::Databases;
use super::outcome::{completed, not_started};
use super::supervisor::{home_of, secrets_of};
use crate::checklist::{EnvironmentName, Item, ItemId};
use crate::config::variables::{self, Resolved, Source};
use crate::deployment::attempt::{AttemptNumber, End, Outcome};
use crate::deployment::clock::Steady;
use crate::deployment::measurement::Verdict;
use crate::deployment::progress::Progress;
use crate::deployment::seat::SessionId;
use crate::deployment::sensing::{self, Run};
use crate::deployment::{Board, Intent, Operator, State};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long one measurement may take whose item does not say.
const LIMIT: Duration = Duration::from_secs(30);
/// Commands that must end early have this long after each signal.
const GRACE: Duration = Duration::from_secs(2);

/// One session's sensing. Only the session that drives measures.
pub struct Sensing {
    book: Box<dyn Book>,
    by: Operator,
    session: SessionId,
    databases: Arc<dyn Databases>,
    clock: Steadily,
    /// When each item was measured last.
    measured: BTreeMap<ItemId, DateTime<Utc>>,
    /// Failures in a row of each item, since the attempt that is its latest.
    runs: BTreeMap<ItemId, (Option<AttemptNumber>, Run)>,
}

/// What one measurement came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensed {
    pub item: ItemId,
    pub verdict: Verdict,
    pub detail: String,
    pub change: Option<Change>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
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
    pub fn new(book: Box<dyn Book>, by: Operator, session: SessionId, databases: Arc<dyn Databases>) -> Self {
        let clock = Steadily { began: Instant::now(), steady: Steady::set(Utc::now(), 0) };
        Self { book, by, session, databases, clock, measured: BTreeMap::new(), runs: BTreeMap::new() }
    }

    /// How long until something is to be measured; nothing while there is nothing, or somebody else drives.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn next_in(&mut self) -> Result<Option<Duration>, BookError> {
        self.book.refresh()?;
        let (plan, state, now) = (self.book.plan(), self.book.state(), self.clock.now());
        if !state.seats.drives(&self.session) {
            return Ok(None);
        }
        let next = sensing::next(&plan, &state, &mut Board::at(&plan, &state, now), now, &self.measured);
        Ok(next.map(|at| (at - now).to_std().unwrap_or_default()))
    }

    /// Measures everything that is due, one after the other, and tells the ledger.
    ///
    /// # Errors
    /// When the ledger cannot be read or written; that a change was refused is none.
    pub async fn turn(&mut self) -> Result<Vec<Sensed>, BookError> {
        self.book.refresh()?;
        let (plan, state, now) = (self.book.plan(), self.book.state(), self.clock.now());
        if !state.seats.drives(&self.session) {
            return Ok(Vec::new());
        }
        let due = sensing::due(&plan, &state, &mut Board::at(&plan, &state, now), now, &self.measured);
        let mut sensed = Vec::new();
        for item in due {
            let Some(item) = plan.item(&item) else { continue };
            let outcome = self.measure(item).await;
            self.measured.insert(item.id.clone(), self.clock.now());
            sensed.push(self.report(&item.id, outcome)?);
        }
        Ok(sensed)
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

    async fn measure(&mut self, item: &Item) -> Outcome {
        let (plan, state) = (self.book.plan(), self.book.state());
        let Some((name, environment)) = plan.environment_of(item) else {
            return not_started("no environment fills its slot");
        };
        let home = home_of(self.book.path());
        let resolved = Source::of(environment.kind, &home);
        let resolved = resolved.and_then(|source| variables::resolve(environment, item, &source));
        let resolved = match resolved {
            Ok(resolved) => resolved,
            Err(error) => return not_started(error.to_string()),
        };
        if let Some(why) = elsewhere(self.databases.as_ref(), &state, item, name, &resolved).await {
            return not_started(why);
        }
        let secrets = secrets_of(environment, &resolved);
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
            evidence: self.book.evidence(),
            stop: stopped,
        };
        let limit = item.timeout.map_or(LIMIT, crate::checklist::offset::Span::duration);
        let mut outcome = bounded(&assignment, &stop, limit, self.databases.as_ref()).await;
        outcome.detail = secrets.mask(&outcome.detail);
        outcome
    }
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
    // What does not end when it is told to is let go.
    let given_up = || completed(Verdict::Fail, "it did not end in time and was given up", Vec::new());
    tokio::time::timeout(GRACE * 4, work).await.unwrap_or_else(|_| given_up())
}
