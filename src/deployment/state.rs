//! The state of a deployment: the fold of its records, and nothing else.

mod flight;

use super::attempt::{Attempt, AttemptNumber, AttemptPhase, CancelRequest};
use super::clock::Clock;
use super::fact::{Decided, EstimatesAdopted, Fact, IssueAccount, LedgerOpened, Preflighted, Signed, Waiver};
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
use crate::checklist::{Digest, EnvironmentName, ItemId};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

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
    pub notes: Vec<(Stamp, Option<ItemId>, String)>,
    /// Issue `n` stands at index `n - 1`.
    pub issues: Vec<Issue>,
    pub lessons: Vec<(Stamp, String)>,
    pub signed: Vec<(Stamp, Signed)>,
    pub decisions: Vec<(Stamp, Decided)>,
    /// When the last decision was last taken back.
    pub reopened: Option<Stamp>,
    pub seats: Seats,
    pub clock: Clock,
    /// When each item was begun and settled.
    pub times: BTreeMap<ItemId, Times>,
    pub estimates: Option<(Stamp, EstimatesAdopted)>,
    pub roles: Roles,
    pub overrides: Vec<Override>,
    /// Every round, oldest first; see [`State::poll`].
    pub polls: Vec<Poll>,
    /// Records that somebody has acknowledged, and who.
    pub acknowledged: BTreeMap<Seq, (Stamp, Option<String>)>,
    /// Records that ask to be acknowledged.
    pub alerts: Vec<Seq>,
    pub ending: Option<Ended>,
    pub rollback: Option<Rollback>,
    pub closed: Option<(Stamp, Option<String>)>,
    /// What could not be told to somebody: event, target, reason.
    pub unsent: Vec<(Stamp, [String; 3])>,
    pub repairs: Vec<(Stamp, String, u64)>,
}

/// Who and when, and where in the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    pub seq: Seq,
    pub at: DateTime<Utc>,
    pub by: Operator,
}

/// What has happened to one item.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ItemHistory {
    pub checked: Option<Stamp>,
    pub waived: Option<Waived>,
    pub value: Option<(Stamp, String)>,
    pub judged: Option<Judged>,
    /// Set while what is measured again by itself does not hold.
    pub regressed: Option<Regressed>,
    pub attempts: Vec<AttemptNumber>,
    /// The commands armed, the one in force last. One that never ran is no longer there when another took its place.
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
pub struct Judged {
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
    #[must_use]
    pub fn armed(&self) -> Option<&Armed> {
        self.armed.last()
    }

    /// The attempts that ran what the item asks for now: all of them, or those since its command was armed.
    #[must_use]
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

    #[must_use]
    pub fn history(&self, item: &ItemId) -> Option<&ItemHistory> {
        self.items.get(item)
    }

    #[must_use]
    pub fn attempt(&self, number: AttemptNumber) -> Option<&Attempt> {
        self.attempts.get(usize::try_from(number.0).ok()?.checked_sub(1)?)
    }

    /// The latest attempt of an item.
    #[must_use]
    pub fn latest(&self, item: &ItemId) -> Option<&Attempt> {
        self.attempt(*self.history(item)?.attempts.last()?)
    }

    /// The latest attempt of an item that passed.
    #[must_use]
    pub fn latest_passed(&self, item: &ItemId) -> Option<&Attempt> {
        let numbers = self.history(item)?.attempts.iter().rev();
        numbers
            .filter_map(|number| self.attempt(*number))
            .find(|attempt| attempt.outcome().is_some_and(|outcome| outcome.verdict == Verdict::Pass))
    }

    pub fn running(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().filter(|attempt| attempt.is_running())
    }

    /// Folds one record in. Records come in order; one that speaks of something unknown changes nothing, so that an
    /// older program still reads a newer ledger's neighbours.
    pub fn apply(&mut self, record: &Record) {
        let stamp = Stamp { seq: record.seq, at: record.at, by: record.by.clone() };
        self.first.get_or_insert_with(|| record.sum.clone());
        self.head = Some((record.seq, record.sum.clone()));
        self.last_at = Some(record.at);
        match &record.fact {
            Fact::LedgerOpened(opened) => self.opened = Some((stamp, opened.clone())),
            Fact::EnvironmentReached { environment, identity } => {
                self.reached.insert(environment.clone(), identity.clone());
            }
            Fact::ItemChecked { item, note } => {
                if let Some(note) = note {
                    self.note(stamp.clone(), Some(item), note);
                }
                self.note_settled(item, stamp.at);
                self.entry(item).checked = Some(stamp);
            }
            Fact::ItemUnchecked { item, .. } => self.entry(item).checked = None,
            Fact::ItemWaived { item, how, reason, until } => {
                self.note_settled(item, stamp.at);
                self.entry(item).waived = Some(Waived { stamp, how: *how, reason: reason.clone(), until: *until });
            }
            Fact::WaiverWithdrawn { item, .. } => self.entry(item).waived = None,
            Fact::ValueFilled { item, value, .. } => {
                self.note_settled(item, stamp.at);
                self.entry(item).value = Some((stamp, value.clone()));
            }
            Fact::ItemJudged { item, verdict, detail, measured, attempts } => {
                self.note_settled(item, stamp.at);
                self.entry(item).judged = Some(Judged {
                    stamp,
                    verdict: *verdict,
                    detail: detail.clone(),
                    measured: measured.clone(),
                    attempts: attempts.clone(),
                });
            }
            Fact::CommandArmed { item, proposal, command } => {
                let armed = Armed { stamp, proposal: *proposal, command: command.clone(), before: 0 };
                self.entry(item).arm(armed);
            }
            Fact::CommandDisarmed { item, .. } => {
                self.entry(item).armed.pop();
            }
            // It changed the server and nothing of the deployment; the timeline tells of it.
            Fact::BlockerCancelled { .. } => {}
            Fact::MigrationPreflighted(found) => {
                self.preflights.insert(found.environment.clone(), found.clone());
            }
            Fact::NoteAdded { item, text } => self.note(stamp, item.as_ref(), text),
            Fact::IssueOpened { title, account, .. } => {
                self.issues.push(Issue { opened: stamp, title: title.clone(), account: account.clone() });
            }
            Fact::IssueUpdated { issue, account } => self.update_issue(*issue, account),
            Fact::LessonAdded { text } => self.lessons.push((stamp, text.clone())),
            Fact::Signed(signed) => self.signed.push((stamp, signed.clone())),
            Fact::Decided(decided) => self.decisions.push((stamp, decided.clone())),
            Fact::LedgerRepaired { kept, bytes } => self.repairs.push((stamp, kept.clone(), *bytes)),
            Fact::AttemptStarted { .. }
            | Fact::AttemptFinished { .. }
            | Fact::AttemptLost { .. }
            | Fact::AttemptResolved { .. }
            | Fact::CancelRequested { .. } => self.apply_attempt(stamp, &record.fact),
            other => self.apply_flight(stamp, other),
        }
    }

    fn apply_attempt(&mut self, stamp: Stamp, fact: &Fact) {
        match fact {
            Fact::AttemptStarted { environment, item, attempt, .. } => {
                self.note_begin(item, stamp.at);
                self.attempts.push(Attempt {
                    number: *attempt,
                    item: item.clone(),
                    environment: environment.clone(),
                    by: stamp.by,
                    started: stamp.at,
                    phase: AttemptPhase::Running { cancel: None },
                });
                self.entry(item).attempts.push(*attempt);
            }
            Fact::AttemptFinished { item, attempt, outcome, .. } => {
                self.note_settled(item, stamp.at);
                self.entry(item).regressed = None;
                self.set_phase(*attempt, AttemptPhase::Finished(outcome.clone()));
            }
            Fact::AttemptLost { attempt, reason, .. } => {
                self.set_phase(*attempt, AttemptPhase::Lost { why: reason.clone(), resolution: None });
            }
            Fact::AttemptResolved { attempt, reason, .. } => {
                if let Some(Attempt { phase: AttemptPhase::Lost { resolution, .. }, .. }) = self.attempt_mut(*attempt) {
                    *resolution = Some(reason.clone());
                }
            }
            Fact::CancelRequested { attempt, reason, .. } => {
                if let Some(Attempt { phase: AttemptPhase::Running { cancel }, .. }) = self.attempt_mut(*attempt) {
                    *cancel = Some(CancelRequest { by: stamp.by, at: stamp.at, why: reason.clone() });
                }
            }
            _ => {}
        }
    }

    fn entry(&mut self, item: &ItemId) -> &mut ItemHistory {
        self.items.entry(item.clone()).or_default()
    }

    fn note(&mut self, stamp: Stamp, item: Option<&ItemId>, text: &str) {
        if let Some(item) = item {
            self.entry(item).notes += 1;
        }
        self.notes.push((stamp, item.cloned(), text.to_owned()));
    }

    fn attempt_mut(&mut self, number: AttemptNumber) -> Option<&mut Attempt> {
        self.attempts.get_mut(usize::try_from(number.0).ok()?.checked_sub(1)?)
    }

    fn set_phase(&mut self, number: AttemptNumber, phase: AttemptPhase) {
        if let Some(attempt) = self.attempt_mut(number) {
            attempt.phase = phase;
        }
    }

    fn update_issue(&mut self, number: u32, account: &IssueAccount) {
        let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        if let Some(issue) = index.and_then(|index| self.issues.get_mut(index)) {
            let IssueAccount { resolution, impact, mitigation } = account.clone();
            issue.account.resolution = resolution.or(issue.account.resolution.take());
            issue.account.impact = impact.or(issue.account.impact.take());
            issue.account.mitigation = mitigation.or(issue.account.mitigation.take());
        }
    }
}
