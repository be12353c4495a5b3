//! The one next thing to do, in a sentence.

use super::action::Action;
use super::model::Model;
use crate::checklist::model::Phase;
use crate::checklist::{Check, ItemId};
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::flight::{self, Crew, Step};
use crate::deployment::{ItemStatus, criteria};
use std::sync::Arc;

/// What comes next. Worked out once after each record; the sentence also knows which line is in hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Next {
    /// Something runs.
    Wait(ItemId),
    Resolve(ItemId, AttemptNumber),
    Run(ItemId),
    /// Only a person can settle it.
    Person(ItemId),
    /// Nothing goes on by itself because this one failed.
    Repair(ItemId),
    #[default]
    Decide,
    Decided(String),
}

/// Works out what comes next.
#[must_use]
pub fn next(model: &Model) -> Next {
    if let Some(attempt) = model.state.running().next() {
        return Next::Wait(attempt.item.clone());
    }
    let plan = Arc::clone(&model.plan);
    let lost = plan.order().iter().find_map(|id| match model.board.status(id) {
        ItemStatus::Lost(number) => Some(Next::Resolve(id.clone(), *number)),
        _ => None,
    });
    if let Some(lost) = lost {
        return lost;
    }
    let mut board = model.board.clone();
    if let Some(Step::Run(id) | Step::Judge(id)) = flight::next(&plan, &model.state, &mut board, Crew::People) {
        return Next::Run(id);
    }
    if let Some(item) = flight::person_needed(&plan, &model.state, &mut board) {
        return Next::Person(item.id.clone());
    }
    if !model.state.decisions.is_empty() {
        return Next::Decided(criteria::outcome(&model.state).to_uppercase());
    }
    let mut items = flight::phases_to_decision(&plan).flat_map(Phase::items);
    let failed = items.find(|item| matches!(board.status(&item.id), ItemStatus::Failed(_)));
    failed.map_or(Next::Decide, |item| Next::Repair(item.id.clone()))
}

/// The sentence for the status line, with the keys to press.
#[must_use]
pub fn sentence(model: &Model) -> String {
    let key = |action| model.keymap.hint(action);
    let in_hand = |id: &ItemId| model.selected.as_ref() == Some(id);
    match &model.summary.next {
        Next::Wait(id) => format!("{} is running", model.title(id)),
        Next::Resolve(id, number) => {
            let resolve = key(Action::Resolve);
            format!("what attempt {number} of {} did is unknown: look, then {resolve} resolves it", model.title(id))
        }
        Next::Run(id) => {
            let run = if in_hand(id) { format!("{} runs it, ", key(Action::Go)) } else { String::new() };
            let crew = if model.plan.is_rehearsal() {
                format!(", {} with stand-ins", key(Action::AutopilotWithStandIns))
            } else {
                String::new()
            };
            format!("next: {}: {run}{} autopilot{crew}", model.title(id), key(Action::Autopilot))
        }
        Next::Person(id) => {
            let value = model.plan.item(id).is_some_and(|item| matches!(item.check, Check::Value(_)));
            let how = match (value, in_hand(id)) {
                (_, false) => format!("{} goes to it", key(Action::NextOpen)),
                (true, true) => format!("{} fills it in", key(Action::Fill)),
                (false, true) => format!("{} ticks it", key(Action::Tick)),
            };
            format!("a person is needed: {}: {how}", model.title(id))
        }
        Next::Repair(id) => {
            let (find, run, waive) = (key(Action::NextFailed), key(Action::Go), key(Action::Waive));
            format!("{} failed: {find} goes to it, {run} runs it again, {waive} waives it", model.title(id))
        }
        Next::Decide => format!("{} shows go/no-go", key(Action::ShowDecision)),
        Next::Decided(word) => format!("decided: {word}"),
    }
}
