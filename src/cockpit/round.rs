//! From criteria over the poll to the decision: which of them is next, and for whom. Whatever names a key for it (the status
//! line, the band, the forms) asks here, so that a line never promises what its key does not do.

use super::action::Action;
use super::model::Model;
use crate::deployment::Intent;
use crate::deployment::criteria::Call;
use crate::deployment::poll::{self, Answer, Poll, Station};
use crate::deployment::seat::is_named;

/// What is next on the way to the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// So many criteria have no verdict, or say NO-GO.
    Criteria(usize),
    OpenPoll,
    Answer(Station),
    /// Somebody else answers; the sentence names them.
    Waits(String),
    /// A role said NO-GO.
    Objection(String),
    Decide,
    Decided,
}

/// What the poll asks of the person at the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    Open,
    Answer(Station),
    /// Nothing; for the reason reported.
    Wait(String),
}

/// The stage that the deployment has come to.
pub fn stage(model: &Model) -> Stage {
    if model.state.decision().is_some() {
        return Stage::Decided;
    }
    let counts = &model.summary.counts;
    let call = model.summary.outlook.as_ref().map_or(Call::Inconclusive, |outlook| outlook.call);
    if !matches!(call, Call::Go | Call::DoesNotApply) {
        return Stage::Criteria(counts.due() - counts.met());
    }
    let stations = poll::stations(&model.plan);
    if stations.is_empty() {
        return Stage::Decide;
    }
    let Some(round) = model.state.poll() else { return Stage::OpenPoll };
    if let Some(no) = round.no_gos().next() {
        return Stage::Objection(poll::title_of(&model.plan, &no.station));
    }
    match round.next() {
        None => Stage::Decide,
        Some(next) => match turn(model, round, &stations) {
            Turn::Answer(station) if station.id == next => Stage::Answer(station),
            Turn::Open | Turn::Answer(_) | Turn::Wait(_) => Stage::Waits(poll::title_of(&model.plan, next)),
        },
    }
}

/// The stage in words, with the keys that carry it on. Where criteria are missing, how many; the poll before the decision.
pub fn words(model: &Model) -> String {
    let key = |action| model.keymap.hint(action);
    let (poll, decide) = (key(Action::Poll), key(Action::Decide));
    match stage(model) {
        Stage::Criteria(0) | Stage::Decide => format!("{decide} record the decision"),
        Stage::Criteria(1) => "1 criterion is not GO".to_owned(),
        Stage::Criteria(open) => format!("{open} criteria are not GO"),
        Stage::OpenPoll => format!("criteria met; {poll} open the poll, then decide"),
        Stage::Answer(station) => {
            let simulate = if model.plan.is_rehearsal() {
                format!(" ({} simulates the answers)", key(Action::AutopilotSimulated))
            } else {
                String::new()
            };
            format!("{poll} answer the poll for {}{simulate}, then decide", station.title)
        }
        Stage::Waits(who) => format!("poll waiting for {who}, then decide"),
        Stage::Objection(who) => format!("{who} said NO-GO; {poll} ask again, {decide} decide"),
        Stage::Decided => "decided".to_owned(),
    }
}

/// In a rehearsal: the next answer to an open poll, and whose it is. Roles that were given to somebody answer themselves, and
/// nobody answers over a NO-GO.
pub(super) fn simulated(model: &Model) -> Option<(Intent, String)> {
    let poll = model.state.poll().filter(|poll| poll.no_gos().next().is_none())?;
    let next = poll.next()?;
    let station = poll::stations(&model.plan).into_iter().find(|station| station.id == next)?;
    if holder(model, &station).is_some() {
        return None;
    }
    let intent = Intent::AnswerPoll { station: station.id, answer: Answer::Go, reason: None };
    Some((intent, station.title))
}

/// The person that a station's role was given to.
pub fn holder<'a>(model: &'a Model, station: &Station) -> Option<&'a str> {
    let held = model.state.roles.get(&(station.group.clone(), station.role.clone()))?;
    Some(held.person.as_str())
}

/// What the poll under way asks of the person at the keys.
pub fn turn(model: &Model, poll: &Poll, stations: &[Station]) -> Turn {
    let own: Vec<&Station> =
        stations.iter().filter(|s| holder(model, s).is_some_and(|held| is_named(held, &model.operator))).collect();
    let asked = poll.next().and_then(|next| stations.iter().find(|station| station.id == next));
    if let Some(asked) = asked {
        let may = match holder(model, asked) {
            Some(held) => is_named(held, &model.operator),
            // Whoever has a station of their own does not slip into another one's by mistake.
            None => own.is_empty() || model.drives(),
        };
        if may {
            return Turn::Answer(asked.clone());
        }
    }
    let said_no = |station: &&&Station| poll.answer(&station.id).is_some_and(|a| a.answer == Answer::NoGo);
    let answered = |station: &&&Station| poll.answer(&station.id).is_some();
    if let Some(again) = own.iter().find(said_no).or(own.iter().find(answered)) {
        return Turn::Answer((*again).clone());
    }
    match asked {
        Some(asked) => {
            let who = holder(model, asked).map(|held| format!(", which is {held}")).unwrap_or_default();
            Turn::Wait(format!("Poll waiting for {}{who}: poll roles answer in order", asked.title))
        }
        None if poll.no_gos().next().is_some() => Turn::Open,
        None => Turn::Wait(format!("Poll complete: {} decide", model.keymap.hint(Action::Decide))),
    }
}
