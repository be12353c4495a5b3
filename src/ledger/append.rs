//! Appending: lock, read on, decide again, write once, sync, acknowledge.

use super::anchor::Anchor;
use super::chain::replay;
use super::error::{AppendError, LedgerError, Left};
use super::reserve;
use super::storage::{Sharing, lock, refuse_network, sync_folder, write_error};
use super::text::render;
use super::{Ledger, Place};
use crate::deployment::decide::Context;
use crate::deployment::fact::MISSING_HEAD;
use crate::deployment::seat::{Captain, Holder, SeatLock};
use crate::deployment::state::Stamp;
use crate::deployment::{Fact, Intent, Operator, Record, Refusal, Seq, decide};
use crate::input;
use chrono::SubsecRound;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

impl Ledger {
    /// Decides `intent` under the lock and records what comes of it. Gives the records that were made; those of others
    /// that were read on the way stand before them in [`Ledger::records`]. Nothing to record is no error.
    ///
    /// # Errors
    /// A refusal, or the reason why nothing could be written. Then nothing of the intent counts as done.
    pub fn append(&mut self, by: &Operator, intent: Intent) -> Result<Vec<Arc<Record>>, AppendError> {
        match intent {
            // Its snapshot is there before the record is.
            Intent::AmendChecklist(amendment) => self.amend(by, amendment),
            intent => self.append_with(by, intent, |_| Ok(())),
        }
    }

    /// [`Ledger::append`] with something to do under the lock, after the decision and before the record is written.
    ///
    /// # Errors
    /// As [`Ledger::append`]; an error of `prepare` leaves the ledger as it was.
    pub fn append_with(
        &mut self,
        by: &Operator,
        intent: Intent,
        prepare: impl FnOnce(&[Fact]) -> io::Result<()>,
    ) -> Result<Vec<Arc<Record>>, AppendError> {
        self.refuse_other_host(by)?;
        self.refuse_unfit_place()?;
        // Held until this returns.
        let _lock = self.lock()?;
        let mut file = self.open_for_appending()?;
        self.read_on(&mut file)?;
        let mut anchor = Anchor::open(&self.layout)?;
        self.refuse_missing(anchor.head().as_ref())?;
        if self.incomplete > 0 {
            self.repair(&mut file, &mut anchor, by)?;
        }
        if anchor.head().is_none() && !self.records.is_empty() && !self.state.misses_head() {
            self.tell_of_missing_head(&mut file, &mut anchor, by)?;
        }
        let (lock, candidate) = self.look_at_seat(&intent)?;
        let context = Context { lock, ..self.context(by) };
        let facts = decide(&self.plan, &self.state, &context, intent).inspect_err(log_refusal)?;
        if facts.is_empty() {
            self.settle_seat(&facts, candidate);
            return Ok(Vec::new());
        }
        prepare(&facts).map_err(LedgerError::NotPrepared)?;
        let records = self.write(&mut file, &mut anchor, &context, &facts)?;
        self.settle_seat(&facts, candidate);
        Ok(records)
    }

    /// Whether `intent` would be recorded now. For what is done first and recorded afterwards.
    ///
    /// # Errors
    /// As [`Ledger::append`]; nothing is written.
    pub fn ask(&mut self, by: &Operator, intent: Intent) -> Result<(), AppendError> {
        self.refuse_other_host(by)?;
        self.follow()?;
        let (lock, _) = self.look_at_seat(&intent)?;
        let context = Context { lock, ..self.context(by) };
        decide(&self.plan, &self.state, &context, intent)?;
        Ok(())
    }

    /// Whether `intent` would be recorded if this session sat in the captain's seat. For whoever takes the seat for one
    /// record: a refused one leaves no trace of a seat.
    ///
    /// # Errors
    /// As [`Ledger::append`]; nothing is written.
    pub(crate) fn ask_from_seat(&mut self, by: &Operator, intent: &Intent) -> Result<(), AppendError> {
        self.refuse_other_host(by)?;
        self.follow()?;
        let context = Context { lock: SeatLock::Ours, ..self.context(by) };
        let seq = self.state.head.as_ref().map_or(Seq(0), |(seq, _)| *seq);
        let stamp = Stamp { seq, at: context.at, by: by.clone().into() };
        let held = Captain::Held(Holder { session: context.session.clone(), stamp, gone: None });
        // Only for the question: a copy of everything that was recorded would be made for one seat.
        let before = std::mem::replace(&mut self.state.seats.captain, held);
        let decided = decide(&self.plan, &self.state, &context, intent.clone());
        self.state.seats.captain = before;
        decided.inspect_err(log_refusal)?;
        Ok(())
    }

    fn context(&self, by: &Operator) -> Context {
        let at = (self.clock)().trunc_subsecs(3);
        Context { session: self.session.clone(), ..Context::new(at, by.clone()) }
    }

    fn refuse_other_host(&self, by: &Operator) -> Result<(), LedgerError> {
        let opened_on = self.records.first().map(|record| &record.by.host);
        match opened_on.filter(|host| **host != by.host) {
            Some(host) => Err(LedgerError::OtherHost { opened_on: host.clone(), here: by.host.clone() }),
            None => Ok(()),
        }
    }

    fn refuse_unfit_place(&mut self) -> Result<(), LedgerError> {
        if self.place == Place::Unknown {
            refuse_network(self.layout.home())?;
            self.place = Place::Local;
        }
        Ok(())
    }

    fn lock(&self) -> Result<File, LedgerError> {
        let path = self.layout.lock();
        let sharing = Sharing::of_folder(self.layout.evidence());
        lock(sharing, &path).map_err(|error| write_error("lock", &path, error))
    }

    fn open_for_appending(&self) -> Result<File, LedgerError> {
        let path = self.path();
        let opened = input::regular(OpenOptions::new().read(true).append(true), path);
        opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => LedgerError::NotFound(path.to_owned()),
            _ => write_error("write", path, error),
        })
    }

    /// Keeps a torn tail aside, cuts it off and says so. Nobody was notified that it had been recorded.
    fn repair(&mut self, file: &mut File, anchor: &mut Anchor, by: &Operator) -> Result<(), LedgerError> {
        let path = self.path().to_owned();
        let mut torn = Vec::new();
        let read = file.seek(SeekFrom::Start(self.end)).and_then(|_| file.read_to_end(&mut torn));
        read.map_err(super::reading::reading(&path))?;
        let kept = self.keep_aside(&torn)?;
        file.set_len(self.end).map_err(|error| write_error("cut", &path, error))?;
        self.incomplete = 0;
        let context = self.context(by);
        let bytes = torn.len() as u64;
        self.write(file, anchor, &context, &[Fact::LedgerRepaired { kept, bytes }])?;
        Ok(())
    }

    /// Records that nobody can tell whether records were cut off before this one: what follows writes the head anew.
    fn tell_of_missing_head(&mut self, file: &mut File, anchor: &mut Anchor, by: &Operator) -> Result<(), LedgerError> {
        tracing::warn!("the head file is missing or unreadable: records may have been cut off");
        let context = self.context(by);
        let missing = Fact::LedgerRepaired { kept: MISSING_HEAD.to_owned(), bytes: 0 };
        self.write(file, anchor, &context, &[missing])?;
        Ok(())
    }

    /// Writes torn bytes to a file of their own and gives its name.
    fn keep_aside(&self, torn: &[u8]) -> Result<String, LedgerError> {
        let evidence = self.layout.evidence();
        let sharing = Sharing::of_folder(evidence);
        let seq = self.head().next_seq().0;
        for number in 1_u32.. {
            let name = format!("torn-{seq}-{number}");
            let path = evidence.join(&name);
            let failed = |error| write_error("write", &path, error);
            let mut file = match sharing.create_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made.map_err(failed)?,
            };
            file.write_all(torn).and_then(|()| file.sync_all()).map_err(failed)?;
            sync_folder(evidence).map_err(failed)?;
            return Ok(name);
        }
        Err(LedgerError::Unwritable("there are too many torn ends in the ledger's folder".to_owned()))
    }

    /// Writes records for these facts with one write, and takes in what a reader will read.
    fn write(
        &mut self,
        file: &mut File,
        anchor: &mut Anchor,
        context: &Context,
        facts: &[Fact],
    ) -> Result<Vec<Arc<Record>>, LedgerError> {
        let mut head = self.head();
        let mut text = String::new();
        for fact in facts {
            let seq = Seq(head.seq.0.saturating_add(1));
            let (record, sum) =
                render(seq, context.at, &context.by, fact, &head.sum, &self.mask).map_err(LedgerError::Unwritable)?;
            text.push_str(&record);
            head = super::chain::Head { seq, sum };
        }
        // Read back before it is written: what cannot be read again must never get into the file.
        let replayed = replay(self.path(), text.as_bytes(), self.end, self.head())
            .map_err(|error| LedgerError::Unwritable(error.to_string()))?;
        let mut put = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        if put.as_ref().is_err_and(|error| reserve::release(&self.layout, error)) {
            put = file.set_len(self.end).and_then(|()| file.write_all(text.as_bytes())).and_then(|()| file.sync_data());
        }
        if let Err(source) = put {
            tracing::error!("not written: {source}");
            let cut = file.set_len(self.end).and_then(|()| file.sync_data());
            let left = if cut.is_ok() { Left::Nothing } else { Left::TornTail };
            return Err(LedgerError::NotWritten { path: self.path().to_owned(), source, left });
        }
        for record in &replayed.records {
            tracing::info!(seq = record.seq.0, kind = <&str>::from(&record.fact), "recorded");
        }
        self.end = replayed.end;
        self.offsets.extend(replayed.offsets);
        self.take_in(replayed.records.clone())?;
        // The records are on disk and count. An anchor that lags only makes a later cut harder to notice.
        drop(anchor.write(&head));
        reserve::keep(&self.layout);
        Ok(replayed.records)
    }
}

fn log_refusal(refusal: &Refusal) {
    tracing::info!(code = <&str>::from(refusal), "refused: {refusal}");
}
