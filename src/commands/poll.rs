//! `gonogo poll` and `gonogo decide`: the go/no-go round and the decision without the screen.

use super::window::confirm_ending;
use super::{Failure, acting, open, seat};
use crate::cli::window::{Decide, Poll};
use crate::deployment::Intent;
use crate::deployment::fact::Approval;
use crate::deployment::poll::{self, Answer};
use crate::harmless::one_line;
use crate::ledger::Ledger;
use serde_json::json;
use std::io::Write;

pub(crate) fn poll(asked: Poll, out: &mut dyn Write) -> Result<u8, Failure> {
    let asked = asked.resolved();
    let by = acting(&asked.on.by);
    if asked.open {
        return seat::drive(&asked.on.ledger, &by, |ledger| {
            ledger.append(&by, Intent::OpenPoll { reason: asked.reason })?;
            tell(ledger, asked.json, out)
        });
    }
    let Some(station) = asked.station else {
        return tell(&Ledger::open(&asked.on.ledger)?, asked.json, out);
    };
    let answer = match (asked.go, asked.no_go, asked.abstain) {
        (true, ..) => Answer::Go,
        (_, true, _) => Answer::NoGo,
        (.., true) => Answer::Abstain,
        _ => return Err(Failure::usage("no answer given\nhint: `gonogo poll answer ROLE go|no-go|abstain`")),
    };
    let mut ledger = open::open_ledger(&asked.on.ledger, &by)?;
    ledger.append(&by, Intent::AnswerPoll { station, answer, reason: asked.reason })?;
    tell(&ledger, asked.json, out)?;
    Ok(0)
}

/// Records the decision by the rules of the screen: a poll first unless it is said to go without, the environment's name
/// typed. Exit status as that of the decision.
pub(crate) fn decide(asked: Decide, out: &mut dyn Write) -> Result<u8, Failure> {
    let asked = asked.resolved();
    let by = acting(&asked.on.by);
    let path = asked.on.ledger.clone();
    if asked.reopen {
        return seat::drive(&path, &by, |ledger| {
            ledger.append(&by, Intent::ReopenDecision { reason: asked.reason.unwrap_or_default() })?;
            writeln!(out, "the decision is reopened")?;
            Ok(0)
        });
    }
    let decision = if asked.go { Approval::Go } else { Approval::NoGo };
    let word = decision.word().to_uppercase();
    {
        let ledger = open::open_ledger(&path, &by)?;
        let not_taken = poll::not_taken(ledger.plan(), ledger.state());
        if let Some(why) = not_taken.filter(|_| !asked.without_poll) {
            let shown = path.display();
            let next = format!("`gonogo poll {shown} open` opens it; add --without-poll to decide all the same");
            return Err(Failure::refused(format!("not decided: {why}\nhint: {next}")));
        }
    }
    confirm_ending(&path, &format!("record {word}"), &asked.confirmed, out)?;
    seat::drive(&path, &by, |ledger| {
        ledger.append(&by, Intent::Decide { decision, reason: asked.reason.unwrap_or_default() })?;
        writeln!(out, "decided {word}")?;
        Ok(if decision == Approval::Go { 0 } else { super::NO_GO })
    })
}

/// Every poll role with its answer. Exit status 6 when one says NO-GO.
fn tell(ledger: &Ledger, json: bool, out: &mut dyn Write) -> Result<u8, Failure> {
    let stations = poll::stations(ledger.plan());
    if json {
        let poll = ledger.state().poll();
        let roles: Vec<_> = stations
            .iter()
            .map(|station| {
                let answer = poll.and_then(|poll| poll.answer(&station.id));
                json!({
                    "role": station.id,
                    "title": station.title,
                    "answer": answer.map(|answered| answered.answer.word()),
                    "by": answer.map(|answered| answered.stamp.by.to_string()),
                    "at": answer.map(|answered| answered.stamp.at),
                    "reason": answer.and_then(|answered| answered.reason.as_deref()),
                })
            })
            .collect();
        let next = poll.and_then(|poll| poll.next());
        writeln!(out, "{:#}", json!({ "format": 1, "open": poll.is_some(), "next": next, "roles": roles }))?;
        return Ok(if poll.is_some_and(|poll| poll.no_gos().next().is_some()) { super::NO_GO } else { 0 });
    }
    let Some(poll) = ledger.state().poll() else {
        writeln!(out, "no poll is open; its roles are:")?;
        for station in stations {
            writeln!(out, "  {} ({})", station.id, one_line(&station.title))?;
        }
        return Ok(0);
    };
    for station in &poll.stations {
        let title = stations.iter().find(|known| known.id == *station).map_or(station.as_str(), |known| &known.title);
        let title = one_line(title);
        match poll.answer(station) {
            Some(answered) => {
                let reason = answered.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                let word = answered.answer.word().to_uppercase();
                writeln!(out, "  {title}: {word}, {}{}", answered.stamp.by, one_line(&reason))?;
            }
            None if poll.next() == Some(station) => writeln!(out, "  {title}: asked now ({station})")?,
            None => writeln!(out, "  {title}: –")?,
        }
    }
    Ok(if poll.no_gos().next().is_some() { super::NO_GO } else { 0 })
}
