//! Measures sensed items again while this cockpit drives. What comes of it goes to the ledger, and from there to the
//! screen like every record.

use crate::attempts::open_databases::OpenDatabases;
use crate::attempts::sensing::Sensing;
use crate::cockpit::Msg;
use crate::deployment::seat::SessionId;
use crate::deployment::{Operator, Plan};
use crate::ledger::Ledger;
use crate::ledger::watch::Watcher;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// How long after a trouble with the ledger it is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// Starts measuring again what the plan has sensed; nothing when it has none.
pub(super) fn start(plan: &Plan, ledger: &Path, session: &SessionId, by: &Operator, sender: &UnboundedSender<Msg>) {
    if plan.checklist().items().all(|item| item.sense.is_none()) {
        return;
    }
    let (path, session, by, sender) = (ledger.to_owned(), session.clone(), by.clone(), sender.clone());
    tokio::spawn(async move {
        let to = sender.clone();
        let work = tokio::spawn(async move { Box::pin(sense(&path, session, by, &to)).await });
        let why = match work.await {
            Ok(Ok(())) => return,
            Ok(Err(why)) => why,
            Err(_) => "it panicked".to_owned(),
        };
        let _ = sender.send(Msg::WorkerFailed { worker: "sensing", why });
    });
}

async fn sense(path: &Path, session: SessionId, by: Operator, sender: &UnboundedSender<Msg>) -> Result<(), String> {
    let mut ledger = Ledger::open(path).map_err(|error| error.to_string())?;
    ledger.act_for(session.clone());
    let (_watcher, mut wakes) = Watcher::new(path).map_err(|error| error.to_string())?;
    let mut sensing = Sensing::new(Box::new(ledger), by, session, Arc::new(OpenDatabases));
    while !sender.is_closed() {
        // A ledger that cannot be read or written just now is notified of by whoever keeps it.
        let pause = match sensing.turn().and_then(|_| sensing.next_in()) {
            Ok(Some(pause)) => pause,
            Ok(None) => Duration::MAX,
            Err(_) => AGAIN,
        };
        tokio::select! {
            () = sender.closed() => return Ok(()),
            woken = wakes.recv() => if woken.is_none() {
                return Err("the ledger is not watched any more".to_owned());
            },
            () = sensing.finished() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    Ok(())
}
