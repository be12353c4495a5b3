//! The fold of what belongs to flying: seats, clock, polls, roles, overrides, sensing, endings.

use super::{Stamp, State};
use crate::deployment::fact::{Fact, OverrideRequested};
use crate::deployment::overrides::Override;
use crate::deployment::poll::Poll;
use crate::deployment::roles::Assignment;
use crate::deployment::rollback::{Ended, Ending, Rollback};
use crate::deployment::seat::Seat;
use crate::deployment::sensing::Regressed;

impl State {
    pub(super) fn apply_flight(&mut self, stamp: Stamp, fact: &Fact) {
        match fact {
            Fact::SeatTaken { .. }
            | Fact::SeatTakenOver { .. }
            | Fact::SeatHandedOver { .. }
            | Fact::SeatLeft { .. }
            | Fact::SeatFoundEmpty { .. } => self.apply_seat(stamp, fact),
            Fact::WindowPlanned { zero, end } => self.clock.plan(stamp, *zero, *end),
            Fact::ClockStarted { from, pace } => self.clock.start(stamp, from.millis(), *pace),
            Fact::ClockHeld { reason } => self.clock.hold_at(stamp, reason.clone()),
            Fact::ClockResumed { reason } => self.clock.resume(&stamp, reason.clone()),
            Fact::EstimatesAdopted(estimates) => self.estimates = Some((stamp, estimates.clone())),
            Fact::RoleAssigned { group, role, person } => {
                let person = person.clone();
                self.roles.insert((group.clone(), role.clone()), Assignment { stamp, person });
            }
            Fact::RoleReleased { group, role, .. } => drop(self.roles.remove(&(group.clone(), role.clone()))),
            Fact::OverrideRequested(OverrideRequested { phase, reason, requirements, missing }) => {
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
                self.alerts.push(stamp.seq);
                self.entry(item).regressed = Some(Regressed { stamp, reason: reason.clone() });
            }
            Fact::ItemRecovered { item, .. } => self.entry(item).regressed = None,
            Fact::Acknowledged { record, note } => {
                self.acknowledged.entry(*record).or_insert((stamp, note.clone()));
            }
            Fact::NotificationFailed { event, target, reason } => {
                self.alerts.push(stamp.seq);
                self.unsent.push((stamp, [event.clone(), target.clone(), reason.clone()]));
            }
            other => self.apply_ending(stamp, other),
        }
    }

    fn apply_seat(&mut self, stamp: Stamp, fact: &Fact) {
        match fact {
            Fact::SeatTaken { seat, session } => self.seats.take(*seat, session.clone(), stamp),
            Fact::SeatTakenOver { session, .. } => self.seats.take(Seat::Captain, session.clone(), stamp),
            Fact::SeatHandedOver { to, word, .. } => self.seats.hand_over(stamp, to.clone(), word.clone()),
            Fact::SeatLeft { session, .. } => self.seats.leave(session, stamp),
            Fact::SeatFoundEmpty { session } => self.seats.see_gone(session, stamp.at),
            _ => {}
        }
    }

    fn apply_ending(&mut self, stamp: Stamp, fact: &Fact) {
        match fact {
            Fact::Aborted { reason } => self.end(stamp, Ending::Aborted, reason),
            Fact::Failed { reason } => self.end(stamp, Ending::Failed, reason),
            Fact::RollbackBegun { reason } => {
                self.rollback = Some(Rollback { begun: stamp, reason: reason.clone(), over: None });
            }
            Fact::RolledBack(rolled_back) => {
                if let Some(rollback) = &mut self.rollback {
                    rollback.over = Some((stamp, rolled_back.clone()));
                }
            }
            Fact::Closed { note } => self.closed = Some((stamp, note.clone())),
            _ => {}
        }
    }

    fn end(&mut self, stamp: Stamp, ending: Ending, reason: &str) {
        self.ending = Some(Ended { stamp, ending, reason: reason.to_owned() });
    }
}
