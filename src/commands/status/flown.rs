//! Seat, clock, poll and endings in words.

use super::words::Plain;
use crate::checklist::offset::Span;
use crate::deployment::account::flight::Flight;
use crate::deployment::rollback::Ending;
use crate::deployment::{Plan, State};
use chrono::{DateTime, Local, Utc};
use std::io::{self, Write};

pub(super) fn tell(plan: &Plan, state: &State, now: DateTime<Utc>, out: &mut dyn Write) -> io::Result<()> {
    let flight = Flight::of(plan, state, now);
    tell_seat(&flight, out)?;
    tell_clock(&flight, out)?;
    if let Some(ended) = &state.ending {
        let word = match ended.ending {
            Ending::Aborted => "Aborted",
            Ending::Failed => "Failed",
        };
        writeln!(out, "\n{word} by {}: {}", Plain(&ended.stamp.by), Plain(&ended.reason))?;
    }
    if let Some(rollback) = &flight.rollback {
        let word = if rollback.over { "Rolled back" } else { "Rollback under way" };
        let budget = rollback.budget_ms.map(|ms| format!(" of {}", span(ms))).unwrap_or_default();
        writeln!(out, "\n{word}: {}{budget} ({})", span(rollback.ms), rollback.level)?;
        for open in &rollback.unverified {
            writeln!(out, "  not verified: {}", Plain(open))?;
        }
        for no_return in &rollback.no_return {
            writeln!(out, "  no return: {}", Plain(&no_return.text))?;
        }
    }
    if let Some(poll) = &flight.poll {
        writeln!(out, "\nPoll")?;
        for station in &poll.stations {
            let answer = station.answer.map_or("–", crate::deployment::poll::Answer::word).to_uppercase();
            let by = station.by.as_ref().map(|by| format!(", {by}")).unwrap_or_default();
            let reason = station.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            writeln!(out, "  {}: {answer}{}{}", Plain(&station.id), Plain(&by), Plain(&reason))?;
        }
    }
    for concern in &flight.concerns {
        writeln!(out, "  mind: {}", Plain(concern))?;
    }
    if let Some((stamp, note)) = &state.closed {
        writeln!(out, "\nClosed by {}. {}", Plain(&stamp.by), Plain(note.as_deref().unwrap_or_default()))?;
    }
    Ok(())
}

fn tell_seat(flight: &Flight, out: &mut dyn Write) -> io::Result<()> {
    if let Some(captain) = &flight.seat.captain {
        let gone = captain.gone.map(|at| format!(", gone since {} UTC", at.format("%H:%M:%S"))).unwrap_or_default();
        writeln!(out, "  captain: {} (session {}){gone}", Plain(&captain.name), Plain(&captain.session))?;
    }
    match &flight.seat.handed_to {
        Some(to) => writeln!(out, "  the captain's seat is on its way to {}", Plain(to)),
        None => Ok(()),
    }
}

fn tell_clock(flight: &Flight, out: &mut dyn Write) -> io::Result<()> {
    let Some(clock) = &flight.clock else { return Ok(()) };
    writeln!(out, "  clock: {} ({})", clock.reading, clock.state)?;
    if let Some(zero) = clock.zero {
        let local = zero.with_timezone(&Local).format("%H:%M:%S %Z");
        writeln!(out, "  T-0: {} UTC, {local}", zero.format("%Y-%m-%d %H:%M:%S"))?;
    }
    if let Some(hold) = flight.holds.last().filter(|hold| hold.resumed.is_none()) {
        writeln!(out, "  held by {}: {}", Plain(&hold.by), Plain(&hold.reason))?;
    }
    let window = &flight.window;
    if let Some(finish) = &window.finish {
        let unknown = if finish.unknown > 0 { format!(", {} steps unknown", finish.unknown) } else { String::new() };
        writeln!(out, "  over by {} UTC ({}{unknown})", finish.at.format("%H:%M:%S"), finish.basis)?;
    }
    if let Some(abort_by) = &window.abort_by {
        let at = abort_by.at.format("%H:%M:%S");
        let rollback = span(abort_by.rollback_ms);
        writeln!(out, "  abort by {at} UTC ({}; going back takes {rollback}, {})", abort_by.level, abort_by.basis)?;
    }
    if let Some(downtime) = &window.downtime {
        let budget = downtime.budget_ms.map(|ms| format!(" of {}", span(ms))).unwrap_or_default();
        writeln!(out, "  downtime: {}{budget} ({})", span(downtime.ms), downtime.level)?;
    }
    Ok(())
}

fn span(ms: u64) -> Span {
    Span::from_millis(ms / 1_000 * 1_000)
}
