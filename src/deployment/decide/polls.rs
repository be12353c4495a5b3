//! The poll and the decision.

use super::{Context, reason, tidy};
use crate::deployment::amendment;
use crate::deployment::criteria;
use crate::deployment::fact::{Approval, Decided, Fact, Head};
use crate::deployment::plan::Plan;
use crate::deployment::poll::{self, Answer};
use crate::deployment::refusal::Refusal;
use crate::deployment::roles;
use crate::deployment::state::State;
use crate::deployment::status::Board;

pub(super) fn open(plan: &Plan, state: &State, why: Option<String>) -> Result<Vec<Fact>, Refusal> {
    let stations: Vec<String> = poll::stations(plan).into_iter().map(|station| station.id).collect();
    if stations.is_empty() {
        return Err(Refusal::NoStations);
    }
    // A round with a NO-GO in it may be begun anew; one that nobody objected to goes on where it is.
    if let Some(poll) = state.poll()
        && poll.no_gos().next().is_none()
    {
        return Err(Refusal::PollOpen(
            poll.next().map_or_else(|| "the decision".to_owned(), |next| poll::title_of(plan, next)),
        ));
    }
    Ok(vec![Fact::PollOpened { stations, reason: tidy(why) }])
}

/// Stations answer in order; one that has answered may think again. A no-go holds a clock that counts.
pub(super) fn answer(
    plan: &Plan,
    state: &State,
    context: &Context,
    station: &str,
    answer: Answer,
    why: Option<String>,
) -> Result<Vec<Fact>, Refusal> {
    let stations = poll::stations(plan);
    let Some(known) = stations.iter().find(|known| known.id == station) else {
        let stations = stations.into_iter().map(|station| station.id).collect();
        return Err(Refusal::NoSuchStation { station: station.to_owned(), stations });
    };
    let poll = state.poll().ok_or(Refusal::NoPoll)?;
    if let Some(person) = roles::held_by_another(state, &known.group, &known.role, &context.by) {
        return Err(Refusal::RoleOfAnother { role: known.title.clone(), person: person.to_owned() });
    }
    let turn = poll.next();
    if poll.answer(station).is_none() && turn != Some(station) {
        let next = turn.map(|turn| poll::title_of(plan, turn)).unwrap_or_default();
        return Err(Refusal::NotYourTurn { station: known.title.clone(), next });
    }
    let why = tidy(why);
    if answer == Answer::NoGo && why.is_none() {
        return Err(Refusal::ReasonMissing);
    }
    let mut facts = vec![Fact::PollAnswered { station: station.to_owned(), answer, reason: why.clone() }];
    if answer == Answer::NoGo && state.clock.count.is_some() && state.clock.hold().is_none() {
        facts.push(Fact::ClockHeld { reason: format!("{} says NO-GO: {}", known.title, why.unwrap_or_default()) });
    }
    Ok(facts)
}

/// GO takes criteria that say so and, when stations were asked, every one of them without a NO-GO.
pub(super) fn decide(
    plan: &Plan,
    state: &State,
    context: &Context,
    decision: Approval,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    super::endings::refuse_ended(state)?;
    if let Some((stamp, decided)) = state.decision() {
        return Err(Refusal::DecidedAlready { decision: decided.decision.word(), by: stamp.by.to_string() });
    }
    let mut board = Board::at(plan, state, context.at);
    if decision == Approval::Go {
        let mut reasons = state.poll().map(|poll| poll.against(plan)).unwrap_or_default();
        if let Err(more) = criteria::may_go(plan, state, &mut board) {
            reasons.extend(more);
        }
        if !reasons.is_empty() {
            return Err(Refusal::NotGo { reasons });
        }
    } else if why.trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    Ok(vec![Fact::Decided(
        Decided {
            decision,
            reason: why.trim().to_owned(),
            checklist: plan.digest().clone(),
            loosened: amendment::loosened(state).map(ToOwned::to_owned).collect(),
            relaxed: amendment::relaxations(state),
            criteria: criteria::stood(plan, state, &board),
            answers: state.poll().map(poll::Poll::stood).unwrap_or_default(),
            head: state.head.as_ref().map(|(seq, sum)| Head { seq: *seq, sum: sum.clone() }),
        }
        .into(),
    )])
}

pub(super) fn reopen(state: &State, why: &str) -> Result<Vec<Fact>, Refusal> {
    if state.decision().is_none() {
        return Err(Refusal::NothingDecided);
    }
    Ok(vec![Fact::DecisionReopened { reason: reason(why)? }])
}
