//! What a supervisor is asked to carry out.

use super::redact::Secrets;
use crate::checklist::{Environment, EnvironmentName, Item};
use crate::deployment::attempt::{AttemptNumber, End};
use crate::deployment::{Plan, State};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// One attempt with everything its check may need. Checks read it and never change it.
#[derive(Debug, Clone)]
pub struct Assignment {
    pub plan: Arc<Plan>,
    /// The state just after the attempt was recorded as started.
    pub state: Arc<State>,
    pub item: Item,
    pub attempt: AttemptNumber,
    pub environment_name: EnvironmentName,
    /// With every `${VAR}` expanded; never shown, never written.
    pub environment: Environment,
    /// The variables that the environment's definition names, with their values; exported to commands.
    pub variables: BTreeMap<String, String>,
    /// The folder the ledger is in.
    pub home: PathBuf,
    /// `NAME.ledger.d`.
    pub evidence: PathBuf,
    /// What may be shown nowhere; what comes up meanwhile is added.
    pub secrets: Arc<Secrets>,
    /// Becomes `Some` when the attempt must end early, with the reason it must.
    pub stop: watch::Receiver<Option<End>>,
}

impl Assignment {
    /// Waits until the attempt must end early.
    pub async fn stopped(&self) -> End {
        let mut stop = self.stop.clone();
        loop {
            if let Some(end) = *stop.borrow_and_update() {
                return end;
            }
            if stop.changed().await.is_err() {
                // Nobody is left who could ask for it, so it is never asked for.
                std::future::pending::<()>().await;
            }
        }
    }
}
