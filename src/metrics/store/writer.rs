//! Writing samples in batches, away from those who take them.

use super::{Store, StoreError};
use crate::metrics::sampler::Sample;
use chrono::Utc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How many samples may wait to be written, all panes together; of more the oldest are let go.
const QUEUE: usize = 50_000;

/// Samples of about this long share a transaction.
const GATHER: Duration = Duration::from_secs(1);

/// How long after a failure it is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// How often samples are put together into buckets, and how often old ones are let go.
const ROLLS: Duration = Duration::from_mins(1);
const LETS_GO: Duration = Duration::from_mins(10);

/// The end of a channel into the store.
#[derive(Debug)]
pub struct Writer {
    samples: mpsc::Sender<Sample>,
    trouble: watch::Receiver<Option<String>>,
    task: JoinHandle<Result<(), StoreError>>,
}

impl Writer {
    /// Starts writing on the current tokio runtime.
    #[must_use]
    pub fn start(store: Store) -> Self {
        let (samples, queue) = mpsc::channel(4_096);
        let (tell, trouble) = watch::channel(None);
        Self { samples, trouble, task: tokio::spawn(Writing::new(store, tell).write(queue)) }
    }

    /// Hands a sample over without waiting. Gives it back when the store cannot keep up.
    ///
    /// # Errors
    /// The sample, when it will not be written.
    pub fn push(&self, sample: Sample) -> Result<(), Box<Sample>> {
        self.samples.try_send(sample).map_err(|refused| {
            let (mpsc::error::TrySendError::Full(sample) | mpsc::error::TrySendError::Closed(sample)) = refused;
            Box::new(sample)
        })
    }

    /// Why nothing can be written at the moment; `None` when all is well.
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.trouble.clone()
    }

    /// Writes what is still waiting and ends.
    ///
    /// # Errors
    /// Why the last of it could not be written.
    pub async fn finish(self) -> Result<(), StoreError> {
        drop(self.samples);
        // A panic in there can only come from a defect; what was written stays written.
        self.task.await.unwrap_or(Ok(()))
    }
}

struct Writing {
    store: Store,
    tell: watch::Sender<Option<String>>,
    /// What waits to be written, oldest first.
    batch: Vec<Sample>,
    lost: usize,
    rolled: Instant,
    let_go: Instant,
}

impl Writing {
    fn new(store: Store, tell: watch::Sender<Option<String>>) -> Self {
        let now = Instant::now();
        Self { store, tell, batch: Vec::new(), lost: 0, rolled: now, let_go: now }
    }

    async fn write(mut self, mut queue: mpsc::Receiver<Sample>) -> Result<(), StoreError> {
        while queue.recv_many(&mut self.batch, QUEUE).await > 0 {
            let until = Instant::now() + if self.tell.borrow().is_some() { AGAIN } else { GATHER };
            // Whatever came by then is written, whether the time is up or the channel is closed.
            let gathered = async { while queue.recv_many(&mut self.batch, QUEUE).await > 0 {} };
            let _ = tokio::time::timeout_at(until, gathered).await;
            let kept = self.keep().await;
            self.say(&kept);
        }
        let last = if self.batch.is_empty() { Ok(()) } else { self.store.append(&self.batch).await };
        let rolled = self.store.roll().await;
        self.store.close().await;
        last.and(rolled)
    }

    /// Writes what waits, and now and then puts older things in order.
    async fn keep(&mut self) -> Result<(), StoreError> {
        if self.batch.len() > QUEUE {
            let over = self.batch.len() - QUEUE;
            self.batch.drain(..over);
            self.lost += over;
        }
        self.store.append(&self.batch).await?;
        self.batch.clear();
        let now = Instant::now();
        if now - self.let_go >= LETS_GO {
            let passed_ms = i64::try_from((now - self.let_go).as_millis()).unwrap_or(i64::MAX);
            self.let_go = now;
            self.store.let_go(Utc::now().timestamp_millis(), passed_ms).await?;
        } else if now - self.rolled >= ROLLS {
            self.rolled = now;
            self.store.roll().await?;
        }
        Ok(())
    }

    fn say(&self, kept: &Result<(), StoreError>) {
        let trouble = kept.as_ref().err().map(|error| match (self.batch.len(), self.lost) {
            (waiting, 0) => format!("{error}; {waiting} samples wait in memory"),
            (waiting, lost) => format!("{error}; {waiting} samples wait in memory, {lost} older ones are lost"),
        });
        self.tell.send_if_modified(|reported| {
            let changed = *reported != trouble;
            *reported = trouble;
            changed
        });
    }
}
