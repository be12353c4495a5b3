//! The checklists that a ledger follows: the one it was opened with, and those taken over since, each kept in its folder.

use super::Ledger;
use super::create::write_new;
use super::error::{AppendError, LedgerError};
use super::layout::Layout;
use super::storage::{Sharing, sync_folder};
use crate::checklist::{self, Checklist, Digest, EnvironmentName, SlotId};
use crate::deployment::amendment::Amended;
use crate::deployment::fact::LedgerOpened;
use crate::deployment::intent::Amendment;
use crate::deployment::{Fact, Intent, Operator, Plan, Record, Seq};
use crate::input;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

impl Ledger {
    /// Takes another checklist over. Its text is kept beside the one before, and is there before the record is.
    ///
    /// # Errors
    /// As [`Ledger::append`]; a refusal leaves everything as it was.
    pub(super) fn amend(&mut self, by: &Operator, amendment: Amendment) -> Result<Vec<Arc<Record>>, AppendError> {
        let (layout, text) = (self.layout.clone(), Arc::clone(&amendment.text));
        self.append_with(by, Intent::AmendChecklist(amendment), move |facts| {
            for fact in facts {
                if let Fact::ChecklistAmended(amended) = fact {
                    let sharing = Sharing::of_folder(layout.evidence());
                    write_new(sharing, &layout.snapshot(&amended.snapshot), text.as_bytes())
                        .map_err(io::Error::other)?;
                    sync_folder(layout.evidence())?;
                }
            }
            Ok(())
        })
    }

    /// Keeps the plan at the checklist that was taken over last.
    pub(super) fn follow_amended(&mut self) -> Result<(), LedgerError> {
        let Some((_, amended)) = self.state.amendments.last() else { return Ok(()) };
        if *self.plan.digest() != amended.digest {
            let bindings = self.plan.bindings().clone();
            self.plan = Arc::new(read_followed(&self.layout, &amended.snapshot, &amended.digest, bindings)?);
        }
        Ok(())
    }
}

impl Ledger {
    /// The plans that were followed, each with the record it was followed from, the first one first.
    ///
    /// # Errors
    /// When one of the checklists kept in the ledger's folder is gone or not what was recorded.
    pub fn plans(&self) -> Result<Vec<(Seq, Arc<Plan>)>, LedgerError> {
        let Some((stamp, opened)) = &self.state.opened else { return Ok(Vec::new()) };
        let bindings = self.plan.bindings();
        let first = read_followed(&self.layout, &opened.snapshot, &opened.digest, bindings.clone())?;
        let mut plans = vec![(stamp.seq, Arc::new(first))];
        for (stamp, amended) in &self.state.amendments {
            let plan = read_followed(&self.layout, &amended.snapshot, &amended.digest, bindings.clone())?;
            plans.push((stamp.seq, Arc::new(plan)));
        }
        Ok(plans)
    }
}

/// The opening as it would stand with the checklist taken over last.
pub(super) fn active(opened: &LedgerOpened, records: &[Arc<Record>]) -> LedgerOpened {
    let last = records.iter().rev().find_map(|record| match &record.fact {
        Fact::ChecklistAmended(amended) => Some(&**amended),
        _ => None,
    });
    match last {
        None => opened.clone(),
        Some(Amended { digest, snapshot, .. }) => {
            LedgerOpened { digest: digest.clone(), snapshot: snapshot.clone(), ..opened.clone() }
        }
    }
}

/// The plan of a checklist that was opened or taken over, from its snapshot.
fn read_followed(
    layout: &Layout,
    snapshot: &str,
    digest: &Digest,
    bindings: BTreeMap<SlotId, EnvironmentName>,
) -> Result<Plan, LedgerError> {
    let path = layout.snapshot(snapshot);
    let unusable = |why: String| LedgerError::Snapshot { path: path.clone(), why };
    let text = read_text(&path).map_err(&unusable)?;
    let checklist = read_checklist(snapshot, &text).map_err(&unusable)?;
    let plan = Plan::new(Arc::new(checklist), bindings);
    if plan.digest() != digest {
        let (opened, found) = (digest.clone(), plan.digest().clone());
        return Err(LedgerError::SnapshotAltered { path: path.clone(), opened, found });
    }
    Ok(plan)
}

/// The text of a snapshot, as far as a document may go.
pub(super) fn read_text(path: &Path) -> Result<String, String> {
    let bytes = input::read(path, input::DOCUMENT).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// Every snapshot of a ledger that is gone or not what was recorded: by its bytes, and in ledgers from before those were
/// recorded by its meaning. The meaning of the one active is looked at when a ledger is opened.
pub(crate) fn spoiled_snapshots(ledger: &Ledger) -> Vec<String> {
    let opened = ledger.state.opened.as_ref().map(|(_, o)| (&o.snapshot, &o.digest, o.snapshot_sha256.as_ref()));
    let amended = ledger.state.amendments.iter().map(|(_, a)| (&a.snapshot, &a.digest, a.snapshot_sha256.as_ref()));
    let spoiled = opened.into_iter().chain(amended).filter_map(|(name, digest, sha256)| {
        let path = ledger.layout.snapshot(name);
        let bytes = match input::read(&path, input::DOCUMENT) {
            Ok(bytes) => bytes,
            Err(error) => return Some(format!("the snapshot {} cannot be read: {error}", path.display())),
        };
        let same = match sha256 {
            Some(sha256) => Digest::of(&bytes) == *sha256,
            None => plan_of(ledger, name, digest).is_some(),
        };
        (!same).then(|| format!("the snapshot {} is not what was recorded", path.display()))
    });
    spoiled.collect()
}

/// The plan that was followed under a digest: the one active, or an earlier snapshot's.
#[must_use]
pub(crate) fn plan_of(ledger: &Ledger, name: &str, digest: &Digest) -> Option<Arc<Plan>> {
    if ledger.plan.digest() == digest {
        return Some(Arc::clone(&ledger.plan));
    }
    let text = read_text(&ledger.layout.snapshot(name)).ok()?;
    let plan = Plan::new(Arc::new(read_checklist(name, &text).ok()?), ledger.plan.bindings().clone());
    (plan.digest() == digest).then(|| Arc::new(plan))
}

/// Reads a snapshot as the opening did.
pub(super) fn read_checklist(file: &str, text: &str) -> Result<Checklist, String> {
    checklist::reader::read(file, text).map_err(|problems| {
        let more = problems.len().saturating_sub(1);
        let first = problems.first().map_or("it is no checklist", |problem| problem.message.as_str());
        if more == 0 { first.to_owned() } else { format!("{first}, and {more} more") }
    })
}
