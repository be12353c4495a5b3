//! Reading a ledger, from the start or on from where reading stopped. Takes no lock and changes nothing on disk.

use super::chain::{Head, Replayed, replay, replay_file};
use super::error::LedgerError;
use super::layout::Layout;
use super::storage::FileIdentity;
use super::{Clock, Ledger, Place, anchor, snapshot};
use crate::deployment::fact::LedgerOpened;
use crate::deployment::{Fact, Plan, Record, Seq, State};
use crate::input;
use chrono::Utc;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

impl Ledger {
    /// Opens a ledger with the checklist it was opened with.
    ///
    /// # Errors
    /// When the ledger is not there, damaged, of another format, or its snapshot cannot be followed.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        Self::open_with(path, |text, opened| {
            let checklist = snapshot::read_checklist(&opened.snapshot, text)?;
            Ok::<_, String>(Plan::new(Arc::new(checklist), opened.environments.clone()))
        })
    }

    /// Opens a ledger with a plan made by `plan` from the snapshot's text and the opening record.
    pub fn open_with<E: ToString>(
        path: impl AsRef<Path>,
        plan: impl FnOnce(&str, &LedgerOpened) -> Result<Plan, E>,
    ) -> Result<Self, LedgerError> {
        let layout = Layout::new(path.as_ref());
        anchor::fits(&layout)?;
        // The anchor first: others may append meanwhile, and the ledger must never look shorter than it is.
        let anchored = anchor::read(&layout);
        let (identity, replayed) = read_whole(layout.ledger(), anchored.as_ref())?;
        if let (true, Some(anchored)) = (replayed.records.is_empty(), &anchored) {
            let (path, offset) = (layout.ledger().to_owned(), replayed.end);
            return Err(LedgerError::Truncated { path, found: Seq(0), offset, anchored: anchored.seq });
        }
        let Some(Fact::LedgerOpened(opened)) = replayed.records.first().map(|record| &record.fact) else {
            return Err(LedgerError::NeverOpened(layout.ledger().to_owned()));
        };
        // The checklist followed now: the one opened, or the one taken over last.
        let opened = &snapshot::active(opened, &replayed.records);
        let path = layout.snapshot(&opened.snapshot);
        let unusable = |why: String| LedgerError::Snapshot { path: path.clone(), why };
        let text = snapshot::read_text(&path).map_err(unusable)?;
        let plan = plan(&text, opened).map_err(|why| unusable(why.to_string()))?;
        if *plan.digest() != opened.digest {
            let (opened, found) = (opened.digest.clone(), plan.digest().clone());
            return Err(LedgerError::SnapshotAltered { path, opened, found });
        }
        let mut ledger = Self {
            identity,
            plan: Arc::new(plan),
            state: State::replay(&replayed.records),
            records: replayed.records,
            offsets: replayed.offsets,
            end: replayed.end,
            incomplete: replayed.incomplete,
            clock: system_clock(),
            place: Place::Unknown,
            session: super::seat::new_session(),
            seat: None,
            mask: super::unmasked(),
            layout,
        };
        ledger.follow_armed();
        ledger.refuse_missing(anchored.as_ref())?;
        Ok(ledger)
    }

    /// Reads what was appended since, by whomever, and folds it in. A record on its way is not there yet.
    ///
    /// # Errors
    /// Damage, or an unreadable file; what was read before stands.
    pub fn follow(&mut self) -> Result<Vec<Arc<Record>>, LedgerError> {
        let mut file = open_file(self.path())?;
        self.read_on(&mut file)
    }

    pub(super) fn read_on(&mut self, file: &mut File) -> Result<Vec<Arc<Record>>, LedgerError> {
        // Once more, where the checklist taken over could not be read before.
        self.follow_amended()?;
        let failed = reading(self.layout.ledger());
        let identity = FileIdentity::of(file).map_err(&failed)?;
        if identity != self.identity {
            self.refuse_other_history(file)?;
            self.identity = identity;
        }
        let length = file.metadata().map_err(&failed)?.len();
        if length < self.end {
            return Err(self.truncated(file)?);
        }
        let replayed = if length == self.end { None } else { Some(self.read_new(file)?) };
        let Some(replayed) = replayed else {
            self.incomplete = 0;
            return Ok(Vec::new());
        };
        self.end = replayed.end;
        self.incomplete = replayed.incomplete;
        self.offsets.extend(replayed.offsets);
        self.take_in(replayed.records.clone())?;
        Ok(replayed.records)
    }

    pub(super) fn take_in(&mut self, records: Vec<Arc<Record>>) -> Result<(), LedgerError> {
        for record in &records {
            self.state.apply(record);
        }
        self.records.extend(records);
        self.follow_amended()?;
        self.follow_armed();
        Ok(())
    }

    /// Keeps the plan at what the state says is armed.
    pub(super) fn follow_armed(&mut self) {
        if let Cow::Owned(plan) = self.plan.active(&self.state) {
            self.plan = Arc::new(plan);
        }
    }

    /// Reads from the last record's `sum` on, so that a file changed under our feet is noticed before its bytes are
    /// taken for something they are not.
    fn read_new(&self, file: &mut File) -> Result<Replayed, LedgerError> {
        let failed = reading(self.layout.ledger());
        let head = self.head();
        let last = format!("sum = \"{}\"\n", head.sum);
        let start = self.end.saturating_sub(last.len() as u64);
        file.seek(SeekFrom::Start(start)).map_err(&failed)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(&failed)?;
        let Some(new) = bytes.strip_prefix(last.as_bytes()) else {
            let why = "it was changed after it had been read".to_owned();
            let offset = self.offsets.last().copied().unwrap_or_default();
            return Err(LedgerError::Altered { path: self.path().to_owned(), seq: head.seq, offset, why });
        };
        replay(self.path(), new, self.end, head)
    }

    /// Another file stands under the ledger's name, as after a copy was put in its place: it must tell the same story.
    fn refuse_other_history(&self, file: &mut File) -> Result<(), LedgerError> {
        let replayed = replay_file(self.path(), file, Some(&self.head()))?;
        let known = self.records.iter().zip(&replayed.records);
        for ((ours, theirs), offset) in known.zip(&replayed.offsets) {
            if ours.sum != theirs.sum {
                let (path, seq, offset) = (self.path().to_owned(), ours.seq, *offset);
                let why = "it is not the record that stood here before".to_owned();
                return Err(LedgerError::Altered { path, seq, offset, why });
            }
        }
        if replayed.records.len() < self.records.len() {
            return Err(self.truncated(file)?);
        }
        Ok(())
    }

    fn truncated(&self, file: &mut File) -> Result<LedgerError, LedgerError> {
        let replayed = replay_file(self.path(), file, Some(&self.head()))?;
        let found = replayed.records.last().map_or(Seq(0), |last| last.seq);
        let (path, anchored) = (self.path().to_owned(), self.head().seq);
        Ok(LedgerError::Truncated { path, found, offset: replayed.end, anchored })
    }

    /// Holds the ledger against the head that was acknowledged last.
    pub(super) fn refuse_missing(&self, anchored: Option<&Head>) -> Result<(), LedgerError> {
        let Some(anchored) = anchored.filter(|anchored| anchored.seq.0 > 0) else { return Ok(()) };
        let index = usize::try_from(anchored.seq.0 - 1).unwrap_or(usize::MAX);
        let path = self.path().to_owned();
        match self.records.get(index) {
            None => {
                let (found, offset) = (self.head().seq, self.end);
                Err(LedgerError::Truncated { path, found, offset, anchored: anchored.seq })
            }
            Some(record) if record.sum != anchored.sum => {
                let (seq, offset) = (record.seq, self.offsets.get(index).copied().unwrap_or_default());
                let why = "it is not the record that was acknowledged".to_owned();
                Err(LedgerError::Altered { path, seq, offset, why })
            }
            Some(_) => Ok(()),
        }
    }
}

pub(super) fn system_clock() -> Clock {
    Arc::new(Utc::now)
}

pub(super) fn open_file(path: &Path) -> Result<File, LedgerError> {
    input::open(path, input::LEDGER).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => LedgerError::NotFound(path.to_owned()),
        io::ErrorKind::InvalidInput => LedgerError::NotALedger { path: path.to_owned(), why: error.to_string() },
        _ => reading(path)(error),
    })
}

pub(super) fn reading(path: &Path) -> impl Fn(io::Error) -> LedgerError + use<> {
    let path = path.to_owned();
    move |source| LedgerError::Io { doing: "read", path: path.clone(), source }
}

pub(super) fn read_whole(path: &Path, anchored: Option<&Head>) -> Result<(FileIdentity, Replayed), LedgerError> {
    let mut file = open_file(path)?;
    let identity = FileIdentity::of(&file).map_err(reading(path))?;
    Ok((identity, replay_file(path, &mut file, anchored)?))
}
