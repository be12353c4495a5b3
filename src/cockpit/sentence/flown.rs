//! Sentences for what belongs to flying: seats, clock, polls, roles, overrides, sensing, endings.

use super::{Bearing, with};
use crate::checklist::offset::Span;
use crate::checklist::{GroupId, RoleId};
use crate::deployment::fact::RolledBack;
use crate::deployment::poll::Answer;
use crate::deployment::roles::title_of;
use crate::deployment::{Fact, Plan, clock};

pub fn flown(plan: &Plan, fact: &Fact) -> (Bearing, String) {
    match fact {
        Fact::SeatTaken { seat, .. } => (Bearing::Plain, format!("took the {}'s seat", seat.word())),
        Fact::SeatHandedOver { to, word, .. } => (Bearing::Plain, format!("handed the captain's seat to {to}: {word}")),
        Fact::SeatTakenOver { from, reason, .. } => {
            (Bearing::Doubtful, format!("took the captain's seat over from {from}: {reason}"))
        }
        Fact::SeatLeft { seat, .. } => (Bearing::Plain, format!("left the {}'s seat", seat.word())),
        Fact::SeatFoundEmpty { .. } => (Bearing::Doubtful, "found the captain gone".to_owned()),
        Fact::WindowPlanned { zero, end } => {
            let (zero, end) = (zero.format("%Y-%m-%d %H:%M"), end.format("%Y-%m-%d %H:%M"));
            (Bearing::Plain, format!("planned T-0 at {zero} UTC, the window's end at {end} UTC"))
        }
        Fact::ClockStarted { from, pace: 1 } => {
            (Bearing::Begins, format!("started the clock at {}", clock::text(from.millis())))
        }
        Fact::ClockStarted { from, pace } => {
            let from = clock::text(from.millis());
            (Bearing::Begins, format!("started the clock at {from}, {pace} times as fast"))
        }
        Fact::ClockHeld { reason } => (Bearing::Bad, format!("held the clock: {reason}")),
        Fact::ClockResumed { reason } => (Bearing::Begins, with("let the clock go on".to_owned(), reason.as_deref())),
        Fact::EstimatesAdopted(estimates) => {
            (Bearing::Plain, format!("took {} durations over from {}", estimates.durations.len(), estimates.source))
        }
        Fact::RoleAssigned { group, role, person } => {
            (Bearing::Plain, format!("made {person} {}", role_title(plan, group, role)))
        }
        Fact::RoleReleased { group, role, reason } => {
            (Bearing::Doubtful, format!("left {} to nobody: {reason}", role_title(plan, group, role)))
        }
        Fact::OverrideRequested(asked) => {
            let text = format!("asks to open the gate of {} all the same: {}", phase(plan, &asked.phase), asked.reason);
            (Bearing::Doubtful, text)
        }
        Fact::OverrideConfirmed { phase: id, word, .. } => {
            (Bearing::Doubtful, format!("agreed to open the gate of {} all the same: {word}", phase(plan, id)))
        }
        Fact::PollOpened { stations, reason } => {
            (Bearing::Begins, with(format!("polls {} stations", stations.len()), reason.as_deref()))
        }
        Fact::PollAnswered { station, answer, reason } => {
            let bearing = match answer {
                Answer::Go => Bearing::Good,
                Answer::NoGo => Bearing::Bad,
                Answer::Abstain => Bearing::Doubtful,
            };
            (bearing, with(format!("{station}: {}", answer.word().to_uppercase()), reason.as_deref()))
        }
        Fact::DecisionReopened { reason } => (Bearing::Doubtful, format!("took the decision back: {reason}")),
        other => ended(plan, other),
    }
}

fn ended(plan: &Plan, fact: &Fact) -> (Bearing, String) {
    let title = |id| plan.item(id).map_or_else(|| id.to_string(), |item| item.title.clone());
    match fact {
        Fact::ItemRegressed { item, reason, .. } => {
            (Bearing::Bad, format!("{} does not hold any more: {reason}", title(item)))
        }
        Fact::ItemRecovered { item, detail } => {
            (Bearing::Good, with(format!("{} holds again", title(item)), Some(detail)))
        }
        Fact::Acknowledged { record, note } => (Bearing::Plain, with(format!("has seen {record}"), note.as_deref())),
        Fact::Aborted { reason } => (Bearing::Bad, format!("aborted: {reason}")),
        Fact::Failed { reason } => (Bearing::Bad, format!("declared it failed: {reason}")),
        Fact::RollbackBegun { reason } => (Bearing::Bad, format!("began the way back: {reason}")),
        Fact::RolledBack(RolledBack { took_ms, unverified, note }) => {
            let took = Span::from_millis(took_ms / 1_000 * 1_000);
            let (bearing, how) = match unverified.len() {
                0 => (Bearing::Good, "the old state is verified".to_owned()),
                more => (Bearing::Doubtful, format!("{more} things are not verified")),
            };
            (bearing, with(format!("ended the way back after {took}: {how}"), note.as_deref()))
        }
        Fact::Closed { note } => (Bearing::Plain, with("closed the deployment".to_owned(), note.as_deref())),
        Fact::NotificationFailed { event, target, reason } => {
            (Bearing::Doubtful, format!("could not tell {target} of {event}: {reason}"))
        }
        // Told before this is asked.
        _ => (Bearing::Plain, String::new()),
    }
}

fn role_title(plan: &Plan, group: &GroupId, role: &RoleId) -> String {
    title_of(plan, &(group.clone(), role.clone()))
}

fn phase(plan: &Plan, id: &crate::checklist::PhaseId) -> String {
    plan.checklist().phase(id).map_or_else(|| id.to_string(), |phase| phase.title.clone())
}
