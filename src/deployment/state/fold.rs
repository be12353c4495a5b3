//! The fold: what each kind of record does to the state.

use super::{Armed, Evaluated, Handover, Issue, ItemHistory, Stamp, State, Waived, Withdrawn};
use crate::checklist::ItemId;
use crate::deployment::attempt::{Attempt, AttemptNumber, AttemptPhase, CancelRequest};
use crate::deployment::fact::{Fact, IssueAccount, OverrideRequested};
use crate::deployment::measurement::Verdict;
use crate::deployment::overrides::Override;
use crate::deployment::poll::Poll;
use crate::deployment::record::{Record, Seq};
use crate::deployment::roles::Assignment;
use crate::deployment::rollback::{Ended, Ending, Rollback};
use crate::deployment::seat::Seat;
use crate::deployment::sensing::Regressed;

impl State {
    /// Folds one record in. Records come in order; one that speaks of something unknown changes nothing, so that an
    /// older program still reads a newer ledger's neighbours.
    pub fn apply(&mut self, record: &Record) {
        let stamp = Stamp::from(record);
        self.first.get_or_insert_with(|| record.sum.clone());
        self.head = Some((record.seq, record.sum.clone()));
        self.last_at = Some(record.at);
        match &record.fact {
            Fact::LedgerOpened(opened) => self.opened = Some((stamp, (**opened).clone())),
            Fact::ChecklistAmended(amended) => {
                for item in amended.changed.iter().chain(&amended.removed) {
                    self.open_again(item);
                }
                self.amendments.push((stamp, (**amended).clone()));
            }
            Fact::EnvironmentReached { environment, identity } => {
                self.reached.insert(environment.clone(), identity.clone());
            }
            Fact::ItemChecked { item, note } => {
                if note.is_some() {
                    self.note(stamp.seq, Some(item));
                }
                self.note_completed(item, stamp.at);
                self.entry(item).checked = Some(stamp);
            }
            Fact::ItemUnchecked { item, .. } => self.entry(item).checked = None,
            Fact::ItemWaived { item, how, reason, until } => {
                self.note_completed(item, stamp.at);
                self.entry(item).waived = Some(Waived { stamp, how: *how, reason: reason.clone(), until: *until });
            }
            Fact::WaiverWithdrawn { item, .. } => self.entry(item).waived = None,
            Fact::ValueFilled { item, value, .. } => {
                self.note_completed(item, stamp.at);
                self.entry(item).value = Some((stamp, value.clone()));
            }
            Fact::ItemEvaluated { item, verdict, detail, measured, attempts } => {
                self.note_completed(item, stamp.at);
                self.note_verdict(item, *verdict, || format!("record {}", stamp.seq.0));
                self.entry(item).evaluated = Some(Evaluated {
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
            // They changed nothing of the deployment; the timeline reports them.
            Fact::BlockerCancelled { .. } | Fact::Anchored(_) => {}
            Fact::MigrationPreflighted(found) => {
                self.preflights.insert(found.environment.clone(), (**found).clone());
            }
            Fact::NoteAdded { item, .. } => self.note(stamp.seq, item.as_ref()),
            Fact::IssueOpened { title, account, .. } => {
                self.issues.push(Issue { opened: stamp, title: title.clone(), account: (**account).clone() });
            }
            Fact::IssueUpdated { issue, account } => self.update_issue(*issue, account),
            Fact::LessonAdded { text } => self.lessons.push((stamp, text.clone())),
            Fact::Signed(signed) => self.signed.push((stamp, (**signed).clone())),
            Fact::SignoffWithdrawn { group, role, reason } => {
                let (group, role, reason) = (group.clone(), role.clone(), reason.clone());
                self.withdrawn.push(Withdrawn { stamp, group, role, reason });
            }
            Fact::SignersRecorded(signers) => self.signers.push((stamp, (**signers).clone())),
            Fact::Decided(decided) => self.decisions.push((stamp, (**decided).clone())),
            Fact::LedgerRepaired { kept, bytes } => self.repairs.push((stamp, kept.clone(), *bytes)),
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
                // One that began under an earlier meaning of its item counts for that one alone.
                if self.entry(item).attempts.contains(attempt) {
                    self.note_completed(item, stamp.at);
                    self.entry(item).regressed = None;
                }
                self.note_verdict(item, outcome.verdict, || format!("attempt {attempt}"));
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
            Fact::SeatTaken { seat, session } => self.seats.take(*seat, session.clone(), stamp),
            Fact::SeatTakenOver { session, .. } => self.seats.take(Seat::Captain, session.clone(), stamp),
            Fact::SeatHandedOver { to, word, .. } => self.seats.hand_over(stamp, to.clone(), word.clone()),
            Fact::SeatLeft { session, .. } => self.seats.leave(session, stamp),
            Fact::SeatFoundEmpty { session } => self.seats.see_gone(session, stamp.at),
            Fact::WindowPlanned { zero, end } => self.clock.plan(stamp, *zero, *end),
            Fact::ClockStarted { from, pace } => self.clock.start(stamp, from.millis(), *pace),
            Fact::ClockHeld { reason } => self.clock.hold_at(stamp, reason.clone()),
            Fact::ClockResumed { reason } => self.clock.resume(&stamp, reason.clone()),
            Fact::ClockPaced { pace } => self.clock.run_at(stamp.at, *pace),
            Fact::ItemsDue { items, .. } => self.reminded.extend(items.iter().map(|item| (item.clone(), stamp.at))),
            Fact::HandoverRecorded { to, note, text } => {
                let (to, note, text) = (to.clone(), note.clone(), text.clone());
                self.handovers.push(Handover { stamp, to, note, text });
            }
            Fact::EstimatesAdopted(estimates) => self.estimates = Some((stamp, (**estimates).clone())),
            Fact::RoleAssigned { group, role, person } => {
                let person = person.clone();
                self.roles.insert((group.clone(), role.clone()), Assignment { stamp, person });
            }
            Fact::RoleReleased { group, role, .. } => drop(self.roles.remove(&(group.clone(), role.clone()))),
            Fact::OverrideRequested(asked) => {
                let OverrideRequested { phase, reason, requirements, missing } = &**asked;
                self.overrides.push(Override {
                    requested: stamp,
                    phase: phase.clone(),
                    reason: reason.clone(),
                    requirements: requirements.clone(),
                    missing: missing.clone(),
                    confirmed: None,
                });
            }
            Fact::OverrideConfirmed { request, word, .. } => {
                let known = self.overrides.iter_mut().find(|known| known.requested.seq == *request);
                if let Some(known) = known {
                    known.confirmed = Some((stamp, word.clone()));
                }
            }
            Fact::PollOpened { stations, reason } => {
                let (stations, reason) = (stations.clone(), reason.clone());
                self.polls.push(Poll { opened: stamp, reason, stations, answers: Vec::new() });
            }
            Fact::PollAnswered { station, answer, reason } => {
                if let Some(poll) = self.polls.last_mut() {
                    poll.take(stamp, station, *answer, reason.as_deref());
                }
            }
            Fact::DecisionReopened { .. } => self.reopened = Some(stamp),
            Fact::ItemRegressed { item, reason, .. } => {
                self.asking.push(stamp.seq);
                self.entry(item).regressed = Some(Regressed { stamp, reason: reason.clone() });
            }
            Fact::ItemRecovered { item, .. } => self.entry(item).regressed = None,
            Fact::Acknowledged { record, note } => {
                self.acknowledged.entry(*record).or_insert((stamp, note.clone()));
            }
            Fact::NotificationFailed { event, target, reason } => {
                self.asking.push(stamp.seq);
                self.unsent.push((stamp, [event.clone(), target.clone(), reason.clone()]));
            }
            Fact::AlertRaised(_)
            | Fact::AlertChanged { .. }
            | Fact::AlertAcknowledged { .. }
            | Fact::AlertCleared { .. }
            | Fact::AlertSilenced { .. }
            | Fact::SilenceEnded { .. } => self.alerts.apply(&stamp, &record.fact),
            Fact::Aborted { reason } => self.end(stamp, Ending::Aborted, reason),
            Fact::Failed { reason } => self.end(stamp, Ending::Failed, reason),
            Fact::RollbackBegun { reason } => {
                self.rollback = Some(Rollback { begun: stamp, reason: reason.clone(), over: None });
            }
            Fact::RolledBack(rolled_back) => {
                if let Some(rollback) = &mut self.rollback {
                    rollback.over = Some((stamp, (**rolled_back).clone()));
                }
            }
            Fact::Closed { note } => self.closed = Some((stamp, note.clone())),
        }
    }

    fn entry(&mut self, item: &ItemId) -> &mut ItemHistory {
        self.items.entry(item.clone()).or_default()
    }

    /// What was done for an item counts no more; the attempts themselves stay in the ledger.
    fn open_again(&mut self, item: &ItemId) {
        self.times.remove(item);
        if let Some(history) = self.items.get_mut(item) {
            *history = ItemHistory { notes: history.notes, ..ItemHistory::default() };
        }
    }

    fn note_verdict(&mut self, item: &ItemId, verdict: Verdict, record: impl FnOnce() -> String) {
        match verdict {
            Verdict::Fail => drop(self.failed.insert(item.clone(), record())),
            Verdict::Pass => drop(self.failed.remove(item)),
            Verdict::Inconclusive => {}
        }
    }

    fn note(&mut self, seq: Seq, item: Option<&ItemId>) {
        if let Some(item) = item {
            self.entry(item).notes += 1;
        }
        self.notes.push(seq);
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

    fn end(&mut self, stamp: Stamp, ending: Ending, reason: &str) {
        self.ending = Some(Ended { stamp, ending, reason: reason.to_owned() });
    }
}
