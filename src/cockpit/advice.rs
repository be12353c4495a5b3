//! The one next thing to do, in a sentence.

use super::action::Action;
use super::model::{Access, Model};
use super::round::{self, Stage};
use super::screens::Screen;
use super::seat::Sitting;
use super::window::span;
use crate::checklist::check::Completion;
use crate::checklist::model::Phase;
use crate::checklist::{Item, ItemId};
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::flight::{self, Crew, Step};
use crate::deployment::{ItemStatus, criteria, rollback, timing};
use chrono::TimeDelta;
use std::sync::Arc;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

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
    /// It ended with something changed, and there is a rollback.
    GoBack,
    /// The rollback has nothing left to carry out.
    EndBack,
    /// It is over, and only has to be closed.
    Close,
    Closed,
}

impl Next {
    /// The step it is about.
    pub fn item(&self) -> Option<&ItemId> {
        match self {
            Next::Wait(id) | Next::Resolve(id, _) | Next::Run(id) | Next::Person(id) | Next::Repair(id) => Some(id),
            Next::Decide | Next::Decided(_) | Next::GoBack | Next::EndBack | Next::Close | Next::Closed => None,
        }
    }
}

/// Works out what comes next.
pub fn next(model: &Model) -> Next {
    if model.state.closed.is_some() {
        return Next::Closed;
    }
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
    let back = model.state.is_going_back();
    if model.state.ending.is_some() && !back {
        let undo = model.state.rollback.is_none() && rollback::has_changed(&plan, &model.state);
        return if undo && rollback::phases(&plan).next().is_some() { Next::GoBack } else { Next::Close };
    }
    let decided = model.state.decision().is_some();
    // Production may be down behind a failed step, so nothing else is proposed before it.
    if !decided && let Some(failed) = failed(model) {
        return Next::Repair(failed);
    }
    let mut board = model.board.clone();
    if let Some(Step::Run(id) | Step::Evaluate(id)) = flight::next(&plan, &model.state, &mut board, Crew::People) {
        return Next::Run(id);
    }
    if let Some(item) = flight::person_needed(&plan, &model.state, &mut board) {
        return Next::Person(item.id.clone());
    }
    if back {
        return Next::EndBack;
    }
    if !decided && let Some(blocking) = blocking(model) {
        return Next::Repair(blocking);
    }
    if decided { Next::Decided(criteria::outcome(&model.state).to_uppercase()) } else { Next::Decide }
}

/// The first item up to the decision that failed of itself, not because another one did; on the rollback the first of
/// that.
pub fn failed(model: &Model) -> Option<ItemId> {
    let phases: Vec<&Phase> = if model.state.is_going_back() {
        rollback::phases(&model.plan).collect()
    } else {
        flight::phases_to_decision(&model.plan).collect()
    };
    let mut items = phases.into_iter().flat_map(Phase::items);
    let failed = items.find(|item| {
        matches!(model.board.status(&item.id), ItemStatus::Failed(_))
            && item.check.kind().completion() != Completion::Evaluated
    });
    failed.map(|item| item.id.clone())
}

/// The first step up to the decision that did not pass, whether it failed or could not be measured: what is left in the way
/// where nothing can start any more.
pub(crate) fn blocking(model: &Model) -> Option<ItemId> {
    let mut items = flight::phases_to_decision(&model.plan).flat_map(Phase::items).filter(|item| item.due.is_none());
    let blocks =
        |item: &&Item| matches!(model.board.status(&item.id), ItemStatus::Failed(_) | ItemStatus::Inconclusive(_));
    items.find(blocks).map(|item| item.id.clone())
}

/// How a step that did not pass is called.
fn unpassed(model: &Model, id: &ItemId) -> &'static str {
    if matches!(model.board.status(id), ItemStatus::Inconclusive(_)) { "is inconclusive" } else { "failed" }
}

/// What stands before the sentence.
pub fn label(model: &Model) -> &'static str {
    match model.access {
        Access::Watches => return "WATCHING",
        Access::Replays => return "THEN",
        Access::Flies => {}
    }
    if model.hold().is_some() && model.drives() { "HOLD" } else { "NEXT" }
}

/// The step that comes after the one that runs, in the order of the checklist.
pub fn after(model: &Model) -> Option<ItemId> {
    let running = model.state.running().last()?.item.clone();
    let mut order = model.plan.order().iter().skip_while(|id| **id != running).skip(1);
    let back = |id: &ItemId| rollback::phases(&model.plan).any(|phase| phase.id == id.phase());
    let open = |id: &&ItemId| {
        matches!(model.board.status(id), ItemStatus::Open | ItemStatus::Outdated(_)) && back(id) == back(&running)
    };
    order.find(open).cloned()
}

/// The sentence for the status line, with the keys to press, in so many columns: a long title is cut, the keys never.
pub fn sentence(model: &Model, columns: usize) -> String {
    let whole = tell(model, &|id| model.title(id));
    let over = whole.width().saturating_sub(columns);
    if over == 0 {
        return whole;
    }
    tell(model, &|id| {
        let title = model.title(id);
        let room = title.width().saturating_sub(over + 1).max(LEAST_TITLE);
        if title.width() <= room {
            return title;
        }
        let mut cut = String::new();
        for c in title.chars() {
            if cut.width() + c.width().unwrap_or(0) > room {
                break;
            }
            cut.push(c);
        }
        format!("{}…", cut.trim_end())
    })
}

/// Columns of a title that are always reported.
const LEAST_TITLE: usize = 14;

fn tell(model: &Model, title: &dyn Fn(&ItemId) -> String) -> String {
    let key = |action| model.keymap.hint(action);
    match model.access {
        Access::Flies => {}
        Access::Watches | Access::Replays => return stands(model, title),
    }
    if !model.drives() {
        return reviews(model, title);
    }
    if model.hold().is_some() {
        return format!("{} resumes the clock; {}", key(Action::Hold), stands(model, title));
    }
    drives(model, title)
}

/// Where the deployment stands, for those who only look.
fn stands(model: &Model, title: &dyn Fn(&ItemId) -> String) -> String {
    match &model.summary.next {
        Next::Wait(id) => format!("{} is running", title(id)),
        Next::Run(id) | Next::Person(id) => format!("next is {}{}", title(id), in_time(model, id)),
        Next::Repair(id) => format!("{} {}", title(id), unpassed(model, id)),
        Next::Resolve(id, _) => format!("{} has no known outcome", title(id)),
        Next::Decide => "the decision is next".to_owned(),
        Next::Decided(word) => format!("decided {word}"),
        Next::GoBack => "rollback is next".to_owned(),
        Next::EndBack => "the rollback steps are complete".to_owned(),
        Next::Close => "only closing is left".to_owned(),
        Next::Closed => "closed".to_owned(),
    }
}

/// For those who are here while somebody else drives, or nobody does.
fn reviews(model: &Model, title: &dyn Fn(&ItemId) -> String) -> String {
    let key = model.keymap.hint(Action::Seat);
    match model.sitting() {
        Sitting::Other { name, gone: None, is_you: false } => {
            format!("{name} drives: {}; {key} shows the seat", stands(model, title))
        }
        _ => model.not_driving(),
    }
}

/// How a step of the window is in time: late, or not due yet.
fn in_time(model: &Model, id: &ItemId) -> String {
    let Some(step) = model.helm.step(id) else { return String::new() };
    let Some(reading) = model.helm.reading else { return String::new() };
    let early = step.planned.millis().saturating_sub(reading.t);
    let words = |ms: i64| span(TimeDelta::milliseconds(ms));
    match model.helm.late(id) {
        Some(late) => format!(", late by {}", words(late)),
        None if early >= 1_000 => format!(", planned {}, in {}", step.planned, words(early)),
        None => String::new(),
    }
}

/// Before the first step of the window its clock wants to be started.
fn clock_first(model: &Model, id: &ItemId) -> Option<String> {
    let begun = |item: &ItemId| model.state.times.get(item).is_some_and(|times| times.begun.is_some());
    if model.helm.is_started() || model.plan.checklist().window.duration.is_none() || model.offset(id).is_none() {
        return None;
    }
    let first = !timing::steps(&model.plan).iter().any(|(step, _)| begun(&step.id));
    let key = model.keymap.hint(Action::PlanWindow);
    let what = if model.helm.reading.is_some() { "start the clock" } else { "plan the window" };
    first.then(|| format!("{key} {what}"))
}

fn drives(model: &Model, title: &dyn Fn(&ItemId) -> String) -> String {
    let key = |action| model.keymap.hint(action);
    let in_hand = |id: &ItemId| model.selected.as_ref() == Some(id);
    match &model.summary.next {
        Next::Wait(id) => format!("{} is running", title(id)),
        Next::Resolve(id, number) => {
            let resolve = key(Action::Resolve);
            format!("Attempt {number} of {} lost contact: check the system, then {resolve} record outcome", title(id))
        }
        Next::Run(id) => {
            let run = go_to(model, id, "run");
            if let Some(clock) = clock_first(model, id) {
                return format!("{}: {run}, {clock}", title(id));
            }
            let simulate = if model.plan.is_rehearsal() {
                format!(", {} simulate", key(Action::AutopilotSimulated))
            } else {
                String::new()
            };
            format!("{}{}: {run}, {} autopilot{simulate}", title(id), in_time(model, id), key(Action::Autopilot))
        }
        Next::Person(id) => {
            let value = model.plan.item(id).is_some_and(|item| item.check.kind().completion() == Completion::Filled);
            let proposes = model.plan.item(id).is_some_and(|item| !item.proposals.is_empty());
            let how = match (value, in_hand(id)) {
                (_, false) => go_to(model, id, ""),
                (true, true) => format!("{} enter value", key(Action::Go)),
                (false, true) if proposes => {
                    format!("{} review its command, {} tick", key(Action::Arm), key(Action::Tick))
                }
                (false, true) => format!("{} tick", key(Action::Go)),
            };
            format!("Manual step: {}{}: {how}", title(id), in_time(model, id))
        }
        Next::Repair(id) => {
            let (find, run, waive) = (key(Action::NextFailed), key(Action::Go), key(Action::Waive));
            let find = if in_hand(id) { String::new() } else { format!("{find} jump, ") };
            format!("{} {}: {find}{run} retry, {waive} waive", title(id), unpassed(model, id))
        }
        Next::Decide if model.screen == Screen::Decision => round::words(model),
        Next::Decide => format!("{}: {} go/no-go", stage_word(model), key(Action::ShowDecision)),
        Next::Decided(word) => format!("Decided {word}: {} close the deployment", key(Action::Close)),
        Next::GoBack => {
            format!("{} roll back, {} close as it is", key(Action::Rollback), key(Action::Close))
        }
        Next::EndBack => format!("Rollback steps complete: {} finish the rollback", key(Action::Rollback)),
        Next::Close => format!("{} close, {} note", key(Action::Close), key(Action::Note)),
        Next::Closed => format!("Closed: {} note, {} lesson", key(Action::Note), key(Action::Lesson)),
    }
}

/// Which of criteria, poll and decision is next, seen from another screen.
fn stage_word(model: &Model) -> &'static str {
    match round::stage(model) {
        Stage::Criteria(open) if open > 0 => "Criteria",
        Stage::OpenPoll | Stage::Answer(_) | Stage::Waits(_) | Stage::Objection(_) => "Poll",
        Stage::Criteria(_) | Stage::Decide | Stage::Decided => "Decision",
    }
}

/// The key that acts on a step, or the one that goes to it first.
fn go_to(model: &Model, id: &ItemId, verb: &str) -> String {
    if model.selected.as_ref() == Some(id) && !verb.is_empty() {
        return format!("{} {verb}", model.keymap.hint(Action::Go));
    }
    format!("{} jump", model.keymap.hint(Action::NextOpen))
}
