//! The facts of flying, as a strategy.

use super::*;
use crate::checklist::PaneId;
use crate::checklist::offset::Offset;
use crate::deployment::alerts::{AlertNumber, Trouble};
use crate::deployment::fact::{AlertRaised, EstimatesAdopted, Observed, OverrideRequested, RolledBack};
use crate::deployment::seat::{Seat, SessionId};

fn session() -> impl Strategy<Value = SessionId> {
    text().prop_map(SessionId::new)
}

fn seat() -> impl Strategy<Value = Seat> {
    prop_oneof![Just(Seat::Captain), Just(Seat::Reviewer), Just(Seat::OnCall), Just(Seat::Observer)]
}

fn seats() -> impl Strategy<Value = Fact> {
    prop_oneof![
        (seat(), session()).prop_map(|(seat, session)| Fact::SeatTaken { seat, session }),
        (session(), text(), text()).prop_map(|(session, to, word)| Fact::SeatHandedOver { session, to, word }),
        (session(), text(), text()).prop_map(|(session, from, reason)| Fact::SeatTakenOver { session, from, reason }),
        (seat(), session()).prop_map(|(seat, session)| Fact::SeatLeft { seat, session }),
        session().prop_map(|session| Fact::SeatFoundEmpty { session }),
    ]
}

/// To the millisecond, as the intents make them.
fn to_millis() -> impl Strategy<Value = DateTime<Utc>> {
    time().prop_map(|time| time.trunc_subsecs(3))
}

fn clock() -> impl Strategy<Value = Fact> {
    // A checklist's offset, never longer than a length of time may be.
    let from = (-3_000_000_000_000_i64..3_000_000_000_000).prop_map(Offset::from_millis);
    let durations = btree_map(text().prop_map(|t| t.as_str().into()), count(), 0..3);
    prop_oneof![
        (to_millis(), to_millis()).prop_map(|(zero, end)| Fact::WindowPlanned { zero, end }),
        (from, any::<u32>()).prop_map(|(from, pace)| Fact::ClockStarted { from, pace }),
        any::<u32>().prop_map(|pace| Fact::ClockPaced { pace }),
        text().prop_map(|reason| Fact::ClockHeld { reason }),
        option::of(text()).prop_map(|reason| Fact::ClockResumed { reason }),
        (text(), durations, option::of(count())).prop_map(|(source, durations, rollback_ms)| {
            Fact::EstimatesAdopted(EstimatesAdopted { source, durations, rollback_ms }.into())
        }),
    ]
}

fn people() -> impl Strategy<Value = Fact> {
    let role = || (text(), text()).prop_map(|(group, role)| (group.as_str().into(), role.as_str().into()));
    let asked = (text(), text(), vec(text(), 0..3), vec(text(), 0..3)).prop_map(|(phase, reason, a, b)| {
        let phase = phase.as_str().into();
        Fact::OverrideRequested(OverrideRequested { phase, reason, requirements: a, missing: b }.into())
    });
    prop_oneof![
        (role(), text()).prop_map(|((group, role), person)| Fact::RoleAssigned { group, role, person }),
        (role(), text()).prop_map(|((group, role), reason)| Fact::RoleReleased { group, role, reason }),
        asked,
        (text(), count(), text()).prop_map(|(phase, request, word)| Fact::OverrideConfirmed {
            phase: phase.as_str().into(),
            request: Seq(request),
            word,
        }),
        (vec(text(), 0..3), option::of(text())).prop_map(|(stations, reason)| Fact::PollOpened { stations, reason }),
        (text(), answer(), option::of(text())).prop_map(|(station, answer, reason)| Fact::PollAnswered {
            station,
            answer,
            reason
        }),
    ]
}

fn endings() -> impl Strategy<Value = Fact> {
    prop_oneof![
        text().prop_map(|reason| Fact::DecisionReopened { reason }),
        (text(), text(), any::<u32>(), measured()).prop_map(|(item, reason, failures, measured)| {
            Fact::ItemRegressed { item: item.as_str().into(), reason, failures, measured }
        }),
        (text(), text()).prop_map(|(item, detail)| Fact::ItemRecovered { item: item.as_str().into(), detail }),
        (count(), option::of(text())).prop_map(|(record, note)| Fact::Acknowledged { record: Seq(record), note }),
        text().prop_map(|reason| Fact::Aborted { reason }),
        text().prop_map(|reason| Fact::Failed { reason }),
        text().prop_map(|reason| Fact::RollbackBegun { reason }),
        (count(), vec(text(), 0..3), option::of(text())).prop_map(|(took_ms, unverified, note)| {
            Fact::RolledBack(RolledBack { took_ms, unverified, note }.into())
        }),
        option::of(text()).prop_map(|note| Fact::Closed { note }),
        (vec(text().prop_map(|t| t.as_str().into()), 0..3), any::<u32>())
            .prop_map(|(items, overdue)| Fact::ItemsDue { items, overdue }),
        (option::of(text()), option::of(text()), text()).prop_map(|(to, note, text)| Fact::HandoverRecorded {
            to,
            note,
            text
        }),
        (text(), text(), text()).prop_map(|(event, target, reason)| Fact::NotificationFailed { event, target, reason }),
    ]
}

fn seen() -> impl Strategy<Value = Observed> {
    let verdict = prop_oneof![Just(Trouble::OverTarget), Just(Trouble::NoData), Just(Trouble::WorseThanBaseline)];
    let value = option::of(-1.0e9_f64..1.0e9);
    (verdict, value, text(), option::of(text()), to_millis(), text(), option::of(text())).prop_map(
        |(verdict, value, unit, target, since, sentence, expected)| Observed {
            verdict,
            value,
            unit,
            target,
            since,
            sentence,
            expected,
        },
    )
}

fn alerts() -> impl Strategy<Value = Fact> {
    let number = || any::<u32>().prop_map(AlertNumber);
    let pane = || text().prop_map(PaneId::new);
    prop_oneof![
        (number(), pane(), text(), seen()).prop_map(|(alert, pane, environment, seen)| {
            Fact::AlertRaised(AlertRaised { alert, pane, environment: environment.as_str().into(), seen }.into())
        }),
        (number(), pane(), seen()).prop_map(|(alert, pane, seen)| Fact::AlertChanged {
            alert,
            pane,
            seen: Box::new(seen)
        }),
        (number(), pane(), option::of(text())).prop_map(|(alert, pane, note)| Fact::AlertAcknowledged {
            alert,
            pane,
            note
        }),
        (number(), pane(), to_millis(), option::of(0.0_f64..1.0e6), text()).prop_map(
            |(alert, pane, since, value, sentence)| Fact::AlertCleared { alert, pane, since, value, sentence }
        ),
        (option::of(pane()), to_millis(), text()).prop_map(|(pane, until, reason)| Fact::AlertSilenced {
            pane,
            until,
            reason
        }),
        option::of(pane()).prop_map(|pane| Fact::SilenceEnded { pane }),
    ]
}

pub(super) fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![seats(), clock(), people(), endings(), alerts()]
}
