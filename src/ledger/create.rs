//! Opening a checklist for flight: the ledger with its first record, its folder and the snapshot.

use super::anchor::Anchor;
use super::error::LedgerError;
use super::layout::Layout;
use super::reading::{read_whole, system_clock};
use super::storage::{Sharing, lock, refuse_network, sync_folder, write_error};
use super::text::{HEADER, render};
use super::{Clock, Ledger, Place};
use crate::checklist::{Digest, EnvironmentName, SlotId};
use crate::deployment::decide::Context;
use crate::deployment::fact::LedgerOpened;
use crate::deployment::{Intent, Operator, Plan, Seq, State, decide};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

/// The snapshot's name in the ledger's folder.
const SNAPSHOT: &str = "checklist.toml";

/// What a ledger is opened with.
#[derive(Debug, Clone)]
pub struct LedgerOpening<'a> {
    /// File name of the checklist, for people.
    pub checklist_file_name: String,
    /// Its text as read, with variables unexpanded; becomes the snapshot.
    pub checklist_text: &'a str,
    pub bindings: BTreeMap<SlotId, EnvironmentName>,
    pub plan: Arc<Plan>,
    /// A group on this host that may read and write the ledger, by name or number; without one only its owner may.
    pub group: Option<String>,
}

impl Ledger {
    /// Makes the ledger at `path`, with its folder, the snapshot and the record of its opening, all of it synced. It
    /// appears whole or not at all.
    ///
    /// # Errors
    /// When it exists already, or the place cannot be written or lies on a network file system.
    pub fn create(path: impl AsRef<Path>, opening: &LedgerOpening<'_>, by: &Operator) -> Result<Self, LedgerError> {
        Self::create_at(path, opening, by, system_clock())
    }

    /// [`Ledger::create`] with a clock of one's own.
    pub fn create_at(
        path: impl AsRef<Path>,
        opening: &LedgerOpening<'_>,
        by: &Operator,
        clock: Clock,
    ) -> Result<Self, LedgerError> {
        let layout = Layout::new(path.as_ref());
        let sharing = Sharing::with_group(opening.group.as_deref())?;
        refuse_existing(&layout)?;
        refuse_network(layout.home())?;
        let evidence = layout.evidence();
        sharing.create_folder(evidence).map_err(|error| write_error("make", evidence, error))?;
        let locked = lock(sharing, &layout.lock()).map_err(|error| write_error("lock", &layout.lock(), error))?;
        // Again under the lock: two may open at once, and only one of them wins.
        refuse_existing(&layout)?;
        let attempts = layout.attempts();
        sharing.create_folder(&attempts).map_err(|error| write_error("make", &attempts, error))?;
        write_new(sharing, &layout.snapshot(SNAPSHOT), opening.checklist_text.as_bytes())?;
        sync_folder(evidence).map_err(|error| write_error("sync", evidence, error))?;

        let text = first_text(opening, by, &clock)?;
        let new = layout.ledger().with_extension("toml.new");
        write_new(sharing, &new, text.as_bytes())?;
        appear(&new, layout.ledger())?;
        sync_folder(layout.home()).map_err(|error| write_error("sync", layout.home(), error))?;

        let (identity, replayed) = read_whole(layout.ledger(), None)?;
        let ledger = Self {
            identity,
            plan: opening.plan.clone(),
            state: State::replay(&replayed.records),
            records: replayed.records,
            offsets: replayed.offsets,
            end: replayed.end,
            incomplete: 0,
            clock,
            place: Place::Local,
            session: super::seat::new_session(),
            seat: None,
            mask: super::unmasked(),
            layout,
        };
        // A missing anchor only makes a later cut harder to notice; the record itself is on disk.
        drop(Anchor::open(&ledger.layout)?.write(&ledger.head()));
        super::reserve::keep(&ledger.layout);
        drop(locked);
        tracing::info!(seq = 1, kind = "ledger-opened", "recorded");
        Ok(ledger)
    }
}

/// The header and the record of the opening.
fn first_text(opening: &LedgerOpening<'_>, by: &Operator, clock: &Clock) -> Result<String, LedgerError> {
    let plan = &opening.plan;
    let bound = opening.bindings.values();
    let kinds = bound.filter_map(|name| plan.environment(name).map(|environment| (name.clone(), environment.kind)));
    let intent = Intent::OpenLedger(LedgerOpened {
        title: plan.checklist().title.clone(),
        checklist: opening.checklist_file_name.clone(),
        digest: plan.digest().clone(),
        snapshot: SNAPSHOT.to_owned(),
        snapshot_sha256: Some(Digest::of(opening.checklist_text.as_bytes())),
        environments: opening.bindings.clone(),
        kinds: kinds.collect(),
    });
    let context = Context::new(clock(), by.clone());
    let facts = decide(plan, &State::default(), &context, intent);
    let facts = facts.map_err(|refusal| LedgerError::Unwritable(refusal.to_string()))?;
    let mut text = HEADER.to_owned();
    let mut head = super::chain::Head::start();
    for fact in &facts {
        let seq = Seq(head.seq.0 + 1);
        let (record, sum) =
            render(seq, context.at, by, fact, &head.sum, &super::unmasked()).map_err(LedgerError::Unwritable)?;
        text.push_str(&record);
        head = super::chain::Head { seq, sum };
    }
    Ok(text)
}

fn refuse_existing(layout: &Layout) -> Result<(), LedgerError> {
    if fs::symlink_metadata(layout.ledger()).is_ok() {
        return Err(LedgerError::Exists(layout.ledger().to_owned()));
    }
    // An opening that was interrupted leaves a folder behind, but never an acknowledged head.
    if fs::symlink_metadata(layout.head()).is_ok() {
        return Err(LedgerError::EvidenceLeft(layout.evidence().to_owned()));
    }
    Ok(())
}

/// Writes and syncs a file; one that an interrupted opening left behind is replaced.
pub(super) fn write_new(sharing: Sharing, path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    let failed = |error| write_error("write", path, error);
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let mut file = sharing.create_file(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}

/// Gives a finished file its name without ever replacing another.
fn appear(new: &Path, path: &Path) -> Result<(), LedgerError> {
    match renameat_with(CWD, new, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => Err(LedgerError::Exists(path.to_owned())),
        // Not every file system can rename without replacing; the lock keeps other gonogos out, and it was just looked.
        Err(Errno::INVAL | Errno::NOSYS) => fs::rename(new, path).map_err(|error| write_error("name", path, error)),
        Err(error) => Err(write_error("name", path, error.into())),
    }
}
