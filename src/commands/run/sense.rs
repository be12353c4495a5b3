//! `gonogo run --sense`: measures sensed items again until none is left or somebody ends it.

use crate::attempts::open_databases::OpenDatabases;
use crate::attempts::sensing::{Change, Sensed, Sensing};
use crate::commands::Failure;
use crate::deployment::{Operator, Plan};
use crate::ledger::Ledger;
use crate::ledger::watch::Watcher;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Says every change of verdict. Exit status 1 when one that was lost has not come back.
pub(super) async fn sense(ledger: &Ledger, by: &Operator, out: &mut dyn Write) -> Result<u8, Failure> {
    let path: &Path = ledger.path();
    let session = ledger.session().clone();
    let plan = ledger.plan().clone();
    let mut book = Ledger::open(path)?;
    book.act_for(session.clone());
    let (_watcher, mut wakes) = Watcher::new(path)?;
    let mut sensing = Sensing::new(Box::new(book), by.clone(), session, Arc::new(OpenDatabases));
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut lost = 0_usize;
    writeln!(out, "\nmeasuring again until nothing is left to; Ctrl-C ends it")?;
    out.flush()?;
    while let Some(pause) = sensing.next_in()? {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = sensing.finished() => {}
            _ = wakes.recv() => {}
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = hang_up.recv() => break,
        }
        let sensed = sensing.turn()?;
        for one in sensed {
            lost = match one.change {
                Some(Change::Lost) => lost + 1,
                Some(Change::Recovered) => lost.saturating_sub(1),
                None => lost,
            };
            tell(&plan, &one, out)?;
        }
    }
    Ok(u8::from(lost > 0))
}

fn tell(plan: &Plan, sensed: &Sensed, out: &mut dyn Write) -> Result<(), Failure> {
    let word = match sensed.change {
        Some(Change::Lost) => "lost",
        Some(Change::Recovered) => "recovered",
        None => return Ok(()),
    };
    let title = plan.item(&sensed.item).map_or(sensed.item.as_str(), |item| item.title.as_str());
    writeln!(out, "  {word:<9} {title}: {}", sensed.detail)?;
    out.flush()?;
    Ok(())
}
