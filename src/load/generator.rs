//! Sending: a thread with a runtime of its own, and in it one task a connection.

use super::connection::Connection;
use super::failure::{ErrorKind, Failure};
use super::line::Line;
use super::pace::Pace;
use super::report::Report;
use super::tally::{Ended, Tally, Waited};
use super::target::Watch;
use super::{Latencies, Plan};
use hdrhistogram::CreationError;
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::{JoinSet, LocalSet};

/// Between two accounts of how far it is.
const REPORTS: Duration = Duration::from_millis(100);

/// So many seconds are notified of meanwhile; the report has them all.
const SECONDS: usize = 60;

/// How far a load test is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    pub elapsed: Duration,
    pub warming_up: bool,
    pub done: u64,
    pub total: u64,
    pub errors: u64,
    pub p50: Option<Duration>,
    pub p95: Option<Duration>,
    /// Answers in each of the last seconds; the last of them is not over.
    pub seconds: Vec<u32>,
}

/// Why there is no load test.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("the load generator could not start: {0}")]
    NotStarted(io::Error),
    /// What is wrong with the address, without user or password.
    #[error("{0}")]
    Address(String),
    #[error("the load generator broke off")]
    BrokeOff,
    #[error(transparent)]
    Histogram(#[from] CreationError),
}

/// A load test under way; it ends when this is dropped.
pub struct Running {
    pub progress: watch::Receiver<Progress>,
    stop: watch::Sender<bool>,
    report: oneshot::Receiver<Result<Report, LoadError>>,
}

impl Running {
    /// Sends nothing more; the report shows what there was.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// When it could not begin. Requests that fail are no error here.
    pub async fn finished(&mut self) -> Result<Report, LoadError> {
        (&mut self.report).await.unwrap_or(Err(LoadError::BrokeOff))
    }
}

/// Begins a load test.
///
/// # Errors
/// When there is no thread for it.
pub fn start(plan: Plan) -> Result<Running, LoadError> {
    let (stop, stopped) = watch::channel(false);
    let (reported, progress) = watch::channel(Progress::default());
    let (done, report) = oneshot::channel();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let ended = match runtime {
            Ok(runtime) => runtime.block_on(LocalSet::new().run_until(run(plan, reported, stopped))),
            Err(error) => Err(LoadError::NotStarted(error)),
        };
        let _ = done.send(ended);
    };
    thread::Builder::new().name("load".to_owned()).spawn(work).map_err(LoadError::NotStarted)?;
    Ok(Running { progress, stop, report })
}

async fn run(
    plan: Plan,
    reported: watch::Sender<Progress>,
    mut stopped: watch::Receiver<bool>,
) -> Result<Report, LoadError> {
    let line = Rc::new(Line::to(&plan.sample).await.map_err(LoadError::Address)?);
    if plan.warmup > 0 {
        let round = Round::new(&plan, &line, Pace::Closed { requests: plan.warmup.into() })?;
        round.carry_out(&reported, &mut stopped, true).await;
    }
    let round = Round::new(&plan, &line, plan.pace)?;
    let watch = Watch::of(line.address);
    let cut_off = round.carry_out(&reported, &mut stopped, false).await;
    let over = round.began.elapsed();
    let tally = round.tally.borrow().clone();
    Ok(Report {
        pace: plan.pace,
        connections: plan.connections,
        tally,
        over,
        opened: round.opened.get(),
        stopped: cut_off,
        target: watch.reported(),
    })
}

/// The requests of one pace, shared by the tasks that send them.
struct Round {
    line: Rc<Line>,
    pace: Pace,
    connections: u32,
    timeout: Duration,
    began: Instant,
    next: Cell<u64>,
    opened: Cell<u64>,
    tally: RefCell<Tally>,
    /// One permit for every request of an open loop that is due.
    due: Arc<Semaphore>,
}

impl Round {
    fn new(plan: &Plan, line: &Rc<Line>, pace: Pace) -> Result<Rc<Self>, LoadError> {
        Ok(Rc::new(Self {
            line: Rc::clone(line),
            pace,
            connections: plan.connections.max(1),
            timeout: plan.timeout,
            began: Instant::now(),
            next: Cell::new(0),
            opened: Cell::new(0),
            tally: RefCell::new(Tally::new()?),
            due: Arc::new(Semaphore::new(0)),
        }))
    }

    /// Sends everything. Shows whether it was stopped before.
    async fn carry_out(
        self: &Rc<Self>,
        reported: &watch::Sender<Progress>,
        stopped: &mut watch::Receiver<bool>,
        warming_up: bool,
    ) -> bool {
        let mut senders = JoinSet::new();
        for _ in 0..u64::from(self.connections).min(self.pace.total()) {
            let round = Rc::clone(self);
            senders.spawn_local(async move { round.send_on_one_connection().await });
        }
        let (ends, ended) = channel::<()>();
        if let Pace::Open { .. } = self.pace {
            let (pace, began, due) = (self.pace, self.began, Arc::clone(&self.due));
            let keeps = thread::Builder::new().name("load-pace".to_owned());
            if keeps.spawn(move || keep_pace(pace, began, &due, &ended)).is_err() {
                // Nobody waits for what nobody gives; the report says that not everything was sent.
                self.due.close();
            }
        }
        let reports = async {
            let mut timer = tokio::time::interval(REPORTS);
            loop {
                timer.tick().await;
                reported.send_replace(self.progress(warming_up));
            }
        };
        let all = async { while senders.join_next().await.is_some() {} };
        let cut_off = tokio::select! {
            () = all => false,
            () = reports => false,
            _ = stopped.wait_for(|stop| *stop) => true,
        };
        drop(ends);
        reported.send_replace(self.progress(warming_up));
        cut_off
    }

    async fn send_on_one_connection(&self) {
        let mut connection = Connection::default();
        loop {
            let index = self.next.get();
            if index >= self.pace.total() {
                return;
            }
            self.next.set(index + 1);
            let due = match self.pace.due(index) {
                None => Instant::now(),
                Some(due) => {
                    // Permits come in the order of waiting, as numbers do. One that is there already waited for us.
                    let waited = if let Ok(permit) = self.due.try_acquire() {
                        permit.forget();
                        Waited::ForConnection
                    } else {
                        let Ok(permit) = self.due.acquire().await else { return };
                        permit.forget();
                        Waited::ForTurn
                    };
                    let due = self.began + due;
                    self.tally.borrow_mut().began(due.elapsed(), waited);
                    due
                }
            };
            let ended = if self.is_over() {
                let failure = Failure::new(ErrorKind::NotSent, "not sent in time: every connection was busy");
                Ended { latency: Some(due.elapsed()), bytes: 0, failure: Some(failure) }
            } else {
                self.send(&mut connection, due).await
            };
            self.opened.set(self.opened.get() + std::mem::take(&mut connection.opened));
            self.tally.borrow_mut().add(ended, self.began.elapsed());
        }
    }

    async fn send(&self, connection: &mut Connection, due: Instant) -> Ended {
        match tokio::time::timeout(self.timeout, connection.send(&self.line)).await {
            Ok(Ok(answer)) => Ended { latency: Some(due.elapsed()), bytes: answer.bytes, failure: answer.wrong },
            Ok(Err(failure)) => Ended { latency: None, bytes: 0, failure: Some(failure) },
            // Leaving out the slowest would make a service look fast that is only gone.
            Err(_) => {
                let reason = format!("no answer within {} s", self.timeout.as_secs_f64());
                let failure = Failure::new(ErrorKind::TimedOut, reason);
                Ended { latency: Some(due.elapsed()), bytes: 0, failure: Some(failure) }
            }
        }
    }

    /// Whether an open loop had its time, and as long again as one answer may take.
    fn is_over(&self) -> bool {
        match self.pace {
            Pace::Closed { .. } => false,
            Pace::Open { lasts, .. } => self.began.elapsed() > lasts + self.timeout,
        }
    }

    fn progress(&self, warming_up: bool) -> Progress {
        let tally = self.tally.borrow();
        let at = |latencies: &Latencies, quantile| latencies.reported_at(quantile);
        Progress {
            elapsed: self.began.elapsed(),
            warming_up,
            done: tally.done,
            total: self.pace.total(),
            errors: tally.failed(),
            p50: at(&tally.latencies, 0.5),
            p95: at(&tally.latencies, 0.95),
            seconds: tally.seconds[tally.seconds.len().saturating_sub(SECONDS)..].to_vec(),
        }
    }
}

/// Gives a permit whenever a request is due. A thread of its own, because the runtime's timers are a millisecond wide.
fn keep_pace(pace: Pace, began: Instant, due: &Semaphore, ended: &Receiver<()>) {
    let mut given = 0;
    while given < pace.total() {
        let now = pace.due_by(began.elapsed());
        if now > given {
            due.add_permits(usize::try_from(now - given).unwrap_or(1));
            given = now;
        } else if let Some(next) = pace.due(given) {
            let wait = next.saturating_sub(began.elapsed());
            if ended.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }
}
