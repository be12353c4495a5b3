//! Writing samples in batches, away from the loop.

use super::{Store, StoreError};
use crate::metrics::sampler::Sample;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How many samples may wait; further ones are dropped rather than making anyone wait.
const QUEUE: usize = 4_096;

/// Samples of about this long share a transaction.
const GATHER: Duration = Duration::from_millis(500);

/// The end of a channel into the store.
#[derive(Debug)]
pub struct Writer {
    samples: mpsc::Sender<Sample>,
    task: JoinHandle<Result<(), StoreError>>,
}

impl Writer {
    /// Starts writing on the current tokio runtime.
    #[must_use]
    pub fn start(store: Store) -> Self {
        let (samples, queue) = mpsc::channel(QUEUE);
        Self { samples, task: tokio::spawn(write(store, queue)) }
    }

    /// Hands a sample over without waiting. Gives it back when the store cannot keep up or has failed; the number on
    /// the screen is right all the same.
    ///
    /// # Errors
    /// The sample, when it will not be written.
    pub fn push(&self, sample: Sample) -> Result<(), Box<Sample>> {
        self.samples.try_send(sample).map_err(|refused| {
            let (mpsc::error::TrySendError::Full(sample) | mpsc::error::TrySendError::Closed(sample)) = refused;
            Box::new(sample)
        })
    }

    /// Writes what is still waiting and ends.
    ///
    /// # Errors
    /// Why writing ended early, if it did.
    pub async fn finish(self) -> Result<(), StoreError> {
        drop(self.samples);
        // A panic in there can only come from a defect; what was written stays written.
        self.task.await.unwrap_or(Ok(()))
    }
}

async fn write(store: Store, mut queue: mpsc::Receiver<Sample>) -> Result<(), StoreError> {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, QUEUE).await > 0 {
        let gathered = async { while queue.recv_many(&mut batch, QUEUE).await > 0 && batch.len() < QUEUE {} };
        // Whatever came by then is written, whether the time is up or the channel is closed.
        let _ = tokio::time::timeout(GATHER, gathered).await;
        store.append(&batch).await?;
        batch.clear();
    }
    store.close().await;
    Ok(())
}
