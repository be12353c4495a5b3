//! Who may do what, and how the captain's seat changes hands.

use super::rules::rules;
use super::{Context, reason, text};
use crate::deployment::fact::Fact;
use crate::deployment::intent::Intent;
use crate::deployment::refusal::Refusal;
use crate::deployment::seat::{Captain, Duty, GONE_LONG_ENOUGH, Holder, Seat, SeatLock};
use crate::deployment::state::State;
use chrono::TimeDelta;

/// Refuses what another seat has to do.
pub(crate) fn refuse_wrong_seat(state: &State, context: &Context, intent: &Intent) -> Result<(), Refusal> {
    let (duty, _) = rules(intent);
    let own = state.seats.of(&context.session);
    let allowed = match duty {
        Duty::Anyone => true,
        Duty::Note => own != Some(Seat::Observer),
        Duty::Review => !matches!(own, Some(Seat::Observer | Seat::OnCall)),
        Duty::Drive => state.seats.drives(&context.session),
        Duty::Stop => {
            let is_captain = state.seats.holder().is_some_and(|holder| holder.is_person(&context.by));
            state.seats.drives(&context.session) || is_captain
        }
    };
    if allowed {
        return Ok(());
    }
    if let Some(seat) = own.filter(|_| matches!(duty, Duty::Note | Duty::Review)) {
        return Err(Refusal::WrongSeat { seat: seat.word() });
    }
    Err(match &state.seats.captain {
        Captain::Held(holder) => {
            Refusal::NotYourSeat { holder: holder.stamp.by.to_string(), session: holder.session.clone() }
        }
        Captain::Handed(handed) => Refusal::SeatOnItsWay { from: handed.from.by.to_string(), to: handed.to.clone() },
        Captain::Left(_) | Captain::Never => Refusal::NobodyDrives,
    })
}

pub(crate) fn take(state: &State, context: &Context, seat: Seat) -> Result<Vec<Fact>, Refusal> {
    let taken = || vec![Fact::SeatTaken { seat, session: context.session.clone() }];
    if seat != Seat::Captain {
        let same = state.seats.of(&context.session) == Some(seat);
        return Ok(if same { Vec::new() } else { taken() });
    }
    if context.lock != SeatLock::Ours {
        return Err(held_by_another(state, context));
    }
    match &state.seats.captain {
        Captain::Never | Captain::Left(_) => Ok(taken()),
        Captain::Held(holder) if holder.session == context.session => Ok(Vec::new()),
        // The lock is free, so this is where they sat before.
        Captain::Held(holder) if holder.is_person(&context.by) => Ok(taken()),
        Captain::Held(holder) => Err(abandoned(holder, context)),
        Captain::Handed(handed) => {
            let takes_back = crate::deployment::seat::same_person(&handed.from.by, &context.by);
            if handed.is_for(&context.by) || takes_back {
                Ok(taken())
            } else {
                Err(Refusal::SeatOnItsWay { from: handed.from.by.to_string(), to: handed.to.clone() })
            }
        }
    }
}

/// The one who holds the lock may not have recorded it yet.
fn held_by_another(state: &State, context: &Context) -> Refusal {
    match state.seats.holder().filter(|holder| holder.session != context.session) {
        Some(holder) => Refusal::NotYourSeat { holder: holder.stamp.by.to_string(), session: holder.session.clone() },
        None => Refusal::SeatBusy,
    }
}

fn abandoned(holder: &Holder, context: &Context) -> Refusal {
    let since = holder.gone.map_or(TimeDelta::zero(), |at| (context.at - at).max(TimeDelta::zero()));
    let wait = (GONE_LONG_ENOUGH - since).max(TimeDelta::zero());
    Refusal::SeatAbandoned { holder: holder.stamp.by.to_string(), wait_s: wait.num_seconds() }
}

/// From a captain who is gone, or who handed the seat to somebody that does not come.
pub(crate) fn take_over(state: &State, context: &Context, why: &str) -> Result<Vec<Fact>, Refusal> {
    if context.lock != SeatLock::Ours {
        return Err(held_by_another(state, context));
    }
    let why = reason(why)?;
    let (from, since) = match &state.seats.captain {
        Captain::Held(holder) if holder.session == context.session => return Ok(Vec::new()),
        Captain::Held(holder) => (holder.stamp.by.clone(), holder.gone),
        Captain::Handed(handed) => (handed.from.by.clone(), Some(handed.from.at)),
        Captain::Never | Captain::Left(_) => return take(state, context, Seat::Captain),
    };
    let gone = since.map_or(TimeDelta::zero(), |at| context.at - at);
    let may = gone >= GONE_LONG_ENOUGH || crate::deployment::seat::same_person(&from, &context.by);
    if !may {
        let wait = (GONE_LONG_ENOUGH - gone.max(TimeDelta::zero())).num_seconds();
        return Err(Refusal::SeatAbandoned { holder: from.to_string(), wait_s: wait });
    }
    Ok(vec![Fact::SeatTakenOver { session: context.session.clone(), from: from.says.clone(), reason: why }])
}

pub(crate) fn hand_over(state: &State, context: &Context, to: &str, word: &str) -> Result<Vec<Fact>, Refusal> {
    let (to, word) = (text(to)?, text(word)?);
    refuse_unless_captain(state, context)?;
    Ok(vec![Fact::SeatHandedOver { session: context.session.clone(), to, word }])
}

fn refuse_unless_captain(state: &State, context: &Context) -> Result<(), Refusal> {
    match state.seats.holder() {
        Some(holder) if holder.session == context.session => Ok(()),
        Some(holder) => {
            Err(Refusal::NotYourSeat { holder: holder.stamp.by.to_string(), session: holder.session.clone() })
        }
        None => Err(Refusal::NobodyDrives),
    }
}

pub(crate) fn leave(state: &State, context: &Context) -> Vec<Fact> {
    let seat = state.seats.of(&context.session);
    seat.map(|seat| Fact::SeatLeft { seat, session: context.session.clone() }).into_iter().collect()
}

/// Recorded once for each who is gone: from then on the time counts until somebody may take over.
pub(crate) fn report_empty(state: &State, context: &Context) -> Vec<Fact> {
    let holder = state.seats.holder().filter(|holder| holder.session != context.session && holder.gone.is_none());
    match holder.filter(|_| context.lock == SeatLock::Free) {
        Some(holder) => vec![Fact::SeatFoundEmpty { session: holder.session.clone() }],
        None => Vec::new(),
    }
}
