//! What of all that can be asked for matters here and now: this screen's keys first, what would be refused last.

use super::action::Action;
use super::model::{Access, Model};
use super::screens::Screen;
use super::update::seat;
use crate::checklist::check::Completion;
use crate::deployment::{ItemStatus, rollback};

/// How much an action matters, the most first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relevance {
    /// It belongs to the screen in hand.
    Here,
    Anywhere,
    /// It would do nothing now, and why.
    Refused(String),
    /// It acts, and what is shown is past.
    Never,
}

pub(crate) fn of(model: &Model, action: Action) -> Relevance {
    if action.acts() && model.access == Access::Replays {
        return Relevance::Never;
    }
    match refusal(model, action) {
        Some(why) => Relevance::Refused(why),
        None if belongs(model.screen, action) => Relevance::Here,
        None => Relevance::Anywhere,
    }
}

fn belongs(screen: Screen, action: Action) -> bool {
    use Action as A;
    let step = matches!(
        action,
        A::Go | A::Tick | A::Fill | A::Waive | A::TakeBack | A::Arm | A::Resolve | A::Details | A::Find
    );
    let seek = matches!(action, A::NextOpen | A::NextFailed | A::NextMine | A::ShowAll | A::Left | A::Right);
    match screen {
        Screen::Cockpit => {
            let runs = matches!(action, A::Autopilot | A::AutopilotSimulated | A::Cancel | A::NextPanel);
            step || seek || runs || matches!(action, A::OutputUp | A::OutputDown | A::FollowRunning)
        }
        Screen::Checklist => step || seek || action == A::Filter,
        Screen::Migration => {
            matches!(action, A::Go | A::NextPanel | A::OutputUp | A::OutputDown | A::EndBlocker | A::Cancel)
        }
        Screen::Panes => {
            let moves = matches!(action, A::Left | A::Right | A::OutputUp | A::OutputDown);
            moves || matches!(action, A::Go | A::ZoomIn | A::ZoomOut)
        }
        Screen::Decision => matches!(action, A::Go | A::Decide | A::Poll | A::NextPanel | A::Override),
        Screen::Signoffs => {
            matches!(action, A::Go | A::Sign | A::Issue | A::Lesson | A::Note | A::NextPanel | A::NextMine)
        }
        Screen::Timeline => matches!(action, A::Go | A::Filter | A::NextPanel | A::First | A::Last | A::Copy),
        Screen::Alerts => matches!(action, A::Go | A::Acknowledge | A::Silence | A::TakeBack),
    }
}

/// Why an action would do nothing now.
fn refusal(model: &Model, action: Action) -> Option<String> {
    let no = |why: &str| Some(why.to_owned());
    if action.acts() {
        if model.access == Access::Watches {
            return no("read-only");
        }
        if model.state.closed.is_some() && !matches!(action, Action::Note | Action::Issue | Action::Lesson) {
            return no("the deployment is closed");
        }
    }
    if let Some(why) = seat::refusal(model, action) {
        return Some(why);
    }
    let why = reasons(model).into_iter().find(|(refused, holds, _)| *refused == action && *holds);
    why.map(|(_, _, why)| why.to_owned())
}

/// What may be in the way of an action, and whether it is.
fn reasons(model: &Model) -> [(Action, bool, &'static str); 19] {
    use Action as A;
    let item = model.selected_item();
    let status = item.map(|item| model.board.status(&item.id));
    let completed = item.map(|item| item.check.kind().completion());
    let history = item.and_then(|item| model.state.history(&item.id));
    let undoable = history.is_some_and(|h| h.checked.is_some() || h.waived.is_some() || h.armed().is_some());
    let lost = model.plan.order().iter().any(|id| matches!(model.board.status(id), ItemStatus::Lost(_)));
    let ended = model.state.ending.is_some() && !model.state.is_going_back();
    let waivable = !matches!(status, Some(ItemStatus::Done | ItemStatus::Inapplicable(_)));
    let searches = model.search.is_some();
    [
        (A::Cancel, model.state.running().next().is_none(), "nothing is running"),
        (A::EndBlocker, model.server().is_none_or(|(_, live)| live.culprit().is_none()), "no blocker"),
        (A::Resolve, !lost, "no attempt lost contact"),
        (A::AutopilotSimulated, !model.plan.is_rehearsal(), "rehearsals only"),
        (A::AutopilotSimulated, ended, "the deployment has ended"),
        (A::Autopilot, ended, "the deployment has ended"),
        (A::Tick, completed != Some(Completion::Ticked), "not a manual step"),
        (A::Fill, completed != Some(Completion::Filled), "no value to enter on this step"),
        (A::Arm, item.is_none_or(|item| item.proposals.is_empty()), "no command to enable here"),
        (A::Waive, !waivable, "nothing to waive on this step"),
        (A::TakeBack, !undoable, "nothing to undo on this step"),
        (A::Hold, !model.helm.is_started() && model.hold().is_none(), "the clock has not started"),
        (A::Amend, model.offered.is_none(), "the checklist file was not edited"),
        (A::Override, model.summary.phases.iter().all(|phase| phase.missing.is_empty()), "no gate is closed"),
        (A::Rollback, rollback::phases(&model.plan).next().is_none(), "no rollback in this checklist"),
        (A::NextMatch, !searches, "nothing is searched for"),
        (A::PreviousMatch, !searches, "nothing is searched for"),
        (A::ZoomIn, model.screen != Screen::Panes, "metrics only"),
        (A::ZoomOut, model.screen != Screen::Panes, "metrics only"),
    ]
}
