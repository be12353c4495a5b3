//! `gonogo poll`: the go/no-go round without the screen.

use super::{Failure, acting, open, seat};
use crate::cli::window::Poll;
use crate::deployment::Intent;
use crate::deployment::poll::{self, Answer};
use crate::ledger::Ledger;
use std::io::Write;

pub fn poll(asked: Poll, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    if asked.open {
        return seat::drive(&asked.on.ledger, &by, |ledger| {
            ledger.append(&by, Intent::OpenPoll { reason: asked.reason })?;
            tell(ledger, out)
        });
    }
    let Some(station) = asked.station else {
        return tell(&Ledger::open(&asked.on.ledger)?, out);
    };
    let answer = match (asked.go, asked.no_go, asked.abstain) {
        (true, ..) => Answer::Go,
        (_, true, _) => Answer::NoGo,
        (.., true) => Answer::Abstain,
        _ => return Err(Failure::usage("say --go, --no-go or --abstain")),
    };
    let mut ledger = open::open_ledger(&asked.on.ledger, &by)?;
    ledger.append(&by, Intent::AnswerPoll { station, answer, reason: asked.reason })?;
    tell(&ledger, out)?;
    Ok(0)
}

/// Every station with its answer. Exit status 1 when one says NO-GO.
fn tell(ledger: &Ledger, out: &mut dyn Write) -> Result<u8, Failure> {
    let stations = poll::stations(ledger.plan());
    let Some(poll) = ledger.state().poll() else {
        writeln!(out, "no poll is open; the stations are:")?;
        for station in stations {
            writeln!(out, "  {} ({})", station.id, station.title)?;
        }
        return Ok(0);
    };
    for station in &poll.stations {
        let title = stations.iter().find(|known| known.id == *station).map_or(station.as_str(), |known| &known.title);
        match poll.answer(station) {
            Some(answered) => {
                let reason = answered.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                let word = answered.answer.word().to_uppercase();
                writeln!(out, "  {title}: {word}, {}{reason}", answered.stamp.by)?;
            }
            None if poll.next() == Some(station) => writeln!(out, "  {title}: is asked ({station})")?,
            None => writeln!(out, "  {title}: –")?,
        }
    }
    Ok(if poll.no_gos().next().is_some() { super::NO_GO } else { 0 })
}
