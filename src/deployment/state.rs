//! The state of a deployment: the fold of its records, and nothing else.

mod fold;

use super::alerts::Alerts;
use super::amendment::Amended;
use super::attempt::{Attempt, AttemptNumber};
use super::clock::Clock;
use super::fact::{
    Decided, EstimatesAdopted, Fact, IssueAccount, LedgerOpened, MISSING_HEAD, Preflighted, Signed, SignersRecorded,
    Waiver,
};
use super::measurement::{Measurement, Verdict};
use super::operator::Operator;
use super::overrides::Override;
use super::poll::Poll;
use super::record::{Record, Seq};
use super::roles::Roles;
use super::rollback::{Ended, Rollback};
use super::seat::Seats;
use super::sensing::Regressed;
use super::timing::Times;
use crate::checklist::{Digest, EnvironmentName, GroupId, ItemId, RoleId};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    pub opened: Option<(Stamp, LedgerOpened)>,
    /// The sum of the first record, which no other ledger has.
    pub first: Option<Digest>,
    /// The place of the last record folded in, and its sum.
    pub head: Option<(Seq, Digest)>,
    /// Time of the last record, for people; nothing is ordered by it.
    pub last_at: Option<DateTime<Utc>>,
    pub reached: BTreeMap<EnvironmentName, String>,
    /// The latest of each environment.
    pub preflights: BTreeMap<EnvironmentName, Preflighted>,
    pub items: BTreeMap<ItemId, ItemHistory>,
    /// Attempt `n` stands at index `n - 1`.
    pub attempts: Vec<Attempt>,
    /// The records that hold notes; [`notes`] reads them.
    pub notes: Vec<Seq>,
    /// Issue `n` stands at index `n - 1`.
    pub issues: Vec<Issue>,
    pub lessons: Vec<(Stamp, String)>,
    pub signed: Vec<(Stamp, Signed)>,
    pub withdrawn: Vec<Withdrawn>,
    /// Who might sign, from each record on; the last is active.
    pub signers: Vec<(Stamp, SignersRecorded)>,
    pub decisions: Vec<(Stamp, Decided)>,
    /// When the last decision was last taken back.
    pub reopened: Option<Stamp>,
    pub seats: Seats,
    pub clock: Clock,
    /// When each item was begun and complete.
    pub times: BTreeMap<ItemId, Times>,
    pub estimates: Option<(Stamp, EstimatesAdopted)>,
    pub roles: Roles,
    pub overrides: Vec<Override>,
    /// Every round, oldest first; see [`State::poll`].
    pub polls: Vec<Poll>,
    /// Records that somebody has acknowledged, and who.
    pub acknowledged: BTreeMap<Seq, (Stamp, Option<String>)>,
    /// Records that ask to be acknowledged.
    pub asking: Vec<Seq>,
    pub alerts: Alerts,
    /// When people were last reminded of each line that is due.
    pub reminded: BTreeMap<ItemId, DateTime<Utc>>,
    /// Oldest first.
    pub handovers: Vec<Handover>,
    pub ending: Option<Ended>,
    pub rollback: Option<Rollback>,
    pub closed: Option<(Stamp, Option<String>)>,
    /// What could not be sent to somebody: event, target, reason.
    pub unsent: Vec<(Stamp, [String; 3])>,
    pub repairs: Vec<(Stamp, String, u64)>,
    /// Items whose last verdict was a failure, with the record behind it. It outlives amendments: only a pass ends it.
    pub failed: BTreeMap<ItemId, String>,
    /// The checklists taken over since the opening, the one followed now last.
    pub amendments: Vec<(Stamp, Amended)>,
}

/// A note, as its record holds it.
#[derive(Debug, Clone, Copy)]
pub struct Note<'a> {
    pub record: &'a Record,
    pub item: Option<&'a ItemId>,
    pub text: &'a str,
}

impl<'a> Note<'a> {
    fn of(record: &'a Record) -> Option<Self> {
        let (item, text) = match &record.fact {
            Fact::NoteAdded { item, text } => (item.as_ref(), text),
            Fact::ItemChecked { item, note: Some(text) } => (Some(item), text),
            _ => return None,
        };
        Some(Self { record, item, text })
    }
}

/// The notes in these records of a ledger, the oldest first.
pub fn notes<'a>(state: &'a State, records: &'a [Arc<Record>]) -> impl DoubleEndedIterator<Item = Note<'a>> {
    state.notes.iter().filter_map(|seq| {
        let at = records.binary_search_by_key(seq, |record| record.seq).ok()?;
        Note::of(&records[at])
    })
}

/// What one person left to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Handover {
    pub stamp: Stamp,
    pub to: Option<String>,
    pub note: Option<String>,
    pub text: String,
}

/// A sign-off taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Withdrawn {
    pub stamp: Stamp,
    pub group: GroupId,
    pub role: RoleId,
    pub reason: String,
}

/// Who and when, and where in the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    pub seq: Seq,
    pub at: DateTime<Utc>,
    pub by: Arc<Operator>,
}

impl From<&Record> for Stamp {
    fn from(record: &Record) -> Self {
        Self { seq: record.seq, at: record.at, by: Arc::clone(&record.by) }
    }
}

/// What has happened to one item.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ItemHistory {
    pub checked: Option<Stamp>,
    pub waived: Option<Waived>,
    pub value: Option<(Stamp, String)>,
    pub evaluated: Option<Evaluated>,
    /// Set while what is measured again by itself does not hold.
    pub regressed: Option<Regressed>,
    pub attempts: Vec<AttemptNumber>,
    /// The commands armed, the one active last. One that never ran is no longer there when another took its place.
    pub armed: Vec<Armed>,
    /// How many notes speak of it.
    pub notes: usize,
}

/// A proposed command that a person made runnable.
#[derive(Debug, Clone, PartialEq)]
pub struct Armed {
    pub stamp: Stamp,
    /// Counted from 1.
    pub proposal: u32,
    pub command: String,
    /// How many attempts the item had by then; those after them ran this command.
    pub before: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Waived {
    pub stamp: Stamp,
    pub how: Waiver,
    pub reason: String,
    pub until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    pub stamp: Stamp,
    pub verdict: Verdict,
    pub detail: String,
    pub measured: Vec<Measurement>,
    pub attempts: Vec<AttemptNumber>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    pub opened: Stamp,
    pub title: String,
    pub account: IssueAccount,
}

impl ItemHistory {
    /// The command that is armed now.
    pub fn armed(&self) -> Option<&Armed> {
        self.armed.last()
    }

    /// The attempts that ran what the item asks for now: all of them, or those since its command was armed.
    pub fn current_attempts(&self) -> &[AttemptNumber] {
        self.attempts.get(self.armed().map_or(0, |armed| armed.before)..).unwrap_or_default()
    }

    fn arm(&mut self, armed: Armed) {
        let before = self.attempts.len();
        if self.armed().is_some_and(|last| last.before == before) {
            self.armed.pop();
        }
        self.armed.push(Armed { before, ..armed });
    }
}

impl State {
    /// The state after these records.
    #[must_use]
    pub fn replay(records: impl IntoIterator<Item = impl AsRef<Record>>) -> Self {
        let mut state = Self::default();
        for record in records {
            state.apply(record.as_ref());
        }
        state
    }

    pub fn history(&self, item: &ItemId) -> Option<&ItemHistory> {
        self.items.get(item)
    }

    pub fn attempt(&self, number: AttemptNumber) -> Option<&Attempt> {
        self.attempts.get(usize::try_from(number.0).ok()?.checked_sub(1)?)
    }

    /// The latest attempt of an item.
    pub fn latest(&self, item: &ItemId) -> Option<&Attempt> {
        self.attempt(*self.history(item)?.attempts.last()?)
    }

    /// The latest attempt of an item that passed.
    pub fn latest_passed(&self, item: &ItemId) -> Option<&Attempt> {
        let numbers = self.history(item)?.attempts.iter().rev();
        numbers
            .filter_map(|number| self.attempt(*number))
            .find(|attempt| attempt.outcome().is_some_and(|outcome| outcome.verdict == Verdict::Pass))
    }

    /// Whether a record was written while the file with the head was missing.
    pub(crate) fn misses_head(&self) -> bool {
        self.repairs.iter().any(|(_, kept, _)| kept == MISSING_HEAD)
    }

    pub fn running(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().filter(|attempt| attempt.is_running())
    }
}
