//! The keys worth knowing here and now, made from the keymap.

use super::glyphs::Glyphs;
use super::text;
use crate::checklist::check::Completion;
use crate::checklist::proposal::ProposalLanguage;
use crate::cockpit::action::Action;
use crate::cockpit::advice::Next;
use crate::cockpit::alerts::Entry;
use crate::cockpit::model::{Access, Panel};
use crate::cockpit::round::{self, Stage};
use crate::cockpit::screens::Screen;
use crate::cockpit::{Dialog, Model};
use crate::deployment::ItemStatus;
use crate::deployment::alerts::Standing;
use crate::deployment::state::ItemHistory;

/// A key with what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    pub action: Action,
    pub key: String,
    pub word: String,
}

impl Hint {
    fn width(&self) -> usize {
        text::width(&self.key) + 1 + text::width(&self.word)
    }
}

/// The hints that fit into so many columns, the more important ones first; the one for help always stays.
pub fn hints(model: &Model, glyphs: &Glyphs, columns: usize) -> Vec<Hint> {
    let mut chosen: Vec<Hint> = Vec::new();
    let typing = model.search.as_ref().is_some_and(|search| search.typing);
    if matches!(model.dialog, Some(Dialog::Form { .. } | Dialog::Palette(_))) || (model.dialog.is_none() && typing) {
        // Keys are letters now; what else they do is reported beside the text.
        return chosen;
    }
    let Some(help) = hint(model, glyphs, Action::Help, None) else { return chosen };
    let mut used = help.width();
    for (action, word) in wanted(model) {
        let Some(hint) = hint(model, glyphs, action, word) else { continue };
        let more = hint.width() + 2;
        if used + more > columns {
            break;
        }
        used += more;
        chosen.push(hint);
    }
    chosen.push(help);
    chosen
}

fn hint(model: &Model, glyphs: &Glyphs, action: Action, word: Option<&str>) -> Option<Hint> {
    let key = glyphs.spell(model.keymap.keys(action).next()?.to_string().into()).into_owned();
    Some(Hint { action, key, word: word.unwrap_or(action.word()).to_owned() })
}

type Wanted = (Action, Option<&'static str>);

/// What to hint at, the most important first.
fn wanted(model: &Model) -> Vec<Wanted> {
    match &model.dialog {
        Some(Dialog::Details { .. }) => {
            return vec![
                (Action::Back, Some("close")),
                (Action::Down, None),
                (Action::Up, None),
                (Action::PageDown, None),
            ];
        }
        Some(Dialog::Command { item, .. }) => {
            let several = model.plan.item(item).is_some_and(|item| item.proposals.len() > 1);
            let mut list = vec![(Action::Go, Some("enable"))];
            list.extend(several.then_some((Action::Right, Some("next command"))));
            list.extend([(Action::Down, None), (Action::Back, Some("cancel"))]);
            return list;
        }
        Some(Dialog::Evidence(shown)) => {
            if shown.opened.is_some() {
                let keys = [(Action::Back, Some("back to the evidence")), (Action::Down, None), (Action::Up, None)];
                return keys.into_iter().chain([(Action::PageDown, None)]).collect();
            }
            let sees_end = shown.end.is_some_and(|end| shown.scroll >= end);
            let go = match (shown.chosen, sees_end) {
                (Some(_), _) => "open",
                (None, true) => "sign",
                (None, false) => "next page",
            };
            let mut keys = vec![(Action::Go, Some(go)), (Action::Down, None), (Action::Up, None)];
            keys.extend((shown.seen && shown.chosen.is_some()).then_some((Action::Sign, Some("sign"))));
            keys.push((Action::Back, Some("close")));
            return keys;
        }
        Some(Dialog::Seat { at }) => {
            let verb = super::dialog::seat::verb(model, *at).map(|verb| (Action::Go, Some(verb)));
            return verb.into_iter().chain([(Action::Back, Some("close"))]).collect();
        }
        Some(Dialog::Roles { .. }) => {
            let keys =
                [(Action::Go, Some("assign")), (Action::TakeBack, None), (Action::Down, None), (Action::Up, None)];
            return keys.into_iter().chain([(Action::Back, Some("close"))]).collect();
        }
        Some(Dialog::Notice { .. }) => return vec![(Action::Back, Some("close"))],
        Some(Dialog::Autopilot { .. }) => {
            return vec![(Action::Go, Some("start")), (Action::Back, Some("cancel"))];
        }
        Some(Dialog::Form { .. } | Dialog::Palette(_)) => return Vec::new(),
        None => {}
    }
    if model.leads {
        let led = |action: &&Action| model.keymap.keys(**action).any(|key| key.led);
        return Action::ALL.iter().filter(led).map(|action| (*action, None)).collect();
    }
    if model.autopilot.is_on() && model.screen == Screen::Panes {
        let pause = (Action::Autopilot, Some("pause autopilot"));
        return std::iter::once(pause).chain(looking(model)).filter(|(action, _)| *action != Action::Back).collect();
    }
    if model.autopilot.is_on() {
        return vec![
            (Action::Autopilot, Some("pause autopilot")),
            (Action::ShowMigration, None),
            (Action::ShowPanes, None),
            (Action::ShowDecision, None),
            (Action::ShowTimeline, None),
            (Action::Quit, None),
        ];
    }
    if model.search.is_some() && matches!(model.screen, Screen::Cockpit | Screen::Checklist) {
        let mut list =
            vec![(Action::NextMatch, None), (Action::PreviousMatch, None), (Action::Back, Some("end search"))];
        list.extend(if model.access == Access::Flies { changing(model) } else { Vec::new() });
        return list;
    }
    let changing = if model.access == Access::Flies { changing(model) } else { Vec::new() };
    // Charts and alerts are there to be looked at; everywhere else doing comes first.
    if matches!(model.screen, Screen::Panes | Screen::Alerts) {
        return looking(model).into_iter().chain(changing).collect();
    }
    changing.into_iter().chain(looking(model)).collect()
}

fn changing(model: &Model) -> Vec<Wanted> {
    if !model.drives() {
        let poll = model.state.poll().map(|_| (Action::Poll, None));
        return [(Action::Seat, None)]
            .into_iter()
            .chain(poll)
            .chain([(Action::Sign, None), (Action::Note, None)])
            .collect();
    }
    let mut list = Vec::new();
    if model.hold().is_some() {
        list.push((Action::Hold, Some("resume clock")));
    }
    if model.state.running().next().is_some() {
        list.push((Action::Cancel, None));
    }
    if model.server().is_some_and(|(_, live)| live.culprit().is_some()) {
        list.push((Action::EndBlocker, None));
    }
    if model.state.closed.is_some() {
        return vec![(Action::Note, None), (Action::Issue, None), (Action::Lesson, None)];
    }
    list.extend(ending(model));
    let gate = model.summary.phases.get(model.phase_cursor.at).is_some_and(|phase| !phase.missing.is_empty());
    match model.screen {
        Screen::Cockpit if model.panel == Panel::Phases && gate => {
            list.extend([(Action::Go, Some("its steps")), (Action::Override, None)]);
        }
        Screen::Cockpit if model.panel == Panel::Phases => list.push((Action::Go, Some("its steps"))),
        Screen::Cockpit | Screen::Checklist => list.extend(on_item(model)),
        Screen::Decision if model.state.decision().is_some() => list.push((Action::Decide, Some("reopen"))),
        Screen::Decision if model.state.ending.is_some() => {}
        Screen::Decision => {
            let first = match round::stage(model) {
                Stage::OpenPoll => Some((Action::Poll, Some("open poll"))),
                Stage::Answer(_) => Some((Action::Poll, Some("answer poll"))),
                Stage::Criteria(_) | Stage::Waits(_) | Stage::Objection(_) | Stage::Decide | Stage::Decided => None,
            };
            let simulates = first.is_some() && model.plan.is_rehearsal() && model.state.poll().is_some();
            let polls = first.is_some();
            list.extend(first);
            list.extend(simulates.then_some((Action::AutopilotSimulated, None)));
            list.push((Action::Decide, None));
            list.extend((!polls).then_some((Action::Poll, None)));
        }
        Screen::Signoffs => {
            list.extend([(Action::Go, Some("sign")), (Action::Issue, None), (Action::Lesson, None)]);
        }
        Screen::Migration | Screen::Timeline => list.push((Action::Go, Some("go to step"))),
        Screen::Panes | Screen::Alerts => {}
    }
    let ended = model.state.ending.is_some() && !model.state.is_going_back();
    if matches!(model.screen, Screen::Cockpit | Screen::Checklist | Screen::Migration) && !ended {
        list.push((Action::Autopilot, None));
        if model.plan.is_rehearsal() {
            list.push((Action::AutopilotSimulated, None));
        }
    }
    if model.helm.is_started() && model.hold().is_none() {
        list.push((Action::Hold, None));
    }
    list.push((Action::Note, None));
    list
}

/// Rollback and closing, as soon as they are what is left.
fn ending(model: &Model) -> Vec<Wanted> {
    match &model.summary.next {
        Next::GoBack => vec![(Action::Rollback, None), (Action::Close, None)],
        Next::EndBack => vec![(Action::Rollback, Some("finish rollback"))],
        Next::Close | Next::Decided(_) => vec![(Action::Close, None)],
        _ => Vec::new(),
    }
}

fn on_item(model: &Model) -> Vec<Wanted> {
    let on_heading = model.screen == Screen::Checklist
        && model.tree_rows.get(model.tree_cursor.at).is_some_and(|row| row.item().is_none());
    if on_heading {
        return vec![(Action::Go, Some("fold"))];
    }
    let Some(item) = model.selected_item() else { return Vec::new() };
    let mut list = Vec::new();
    let forward = model.plan.phase_of(&item.id).is_none_or(|phase| phase.way.is_forward());
    let back = model.state.is_going_back();
    if (back && forward) || (!back && (!forward || model.state.ending.is_some())) {
        // It is not where the deployment is going.
        return list;
    }
    if model.summary.phases.get(model.phase_cursor.at).is_some_and(|phase| !phase.missing.is_empty()) {
        // What stands behind a closed gate can only be passed over, or the gate be opened.
        return vec![(Action::Override, None), (Action::Waive, None)];
    }
    let completed = item.check.kind().completion();
    match (completed, model.board.status(&item.id)) {
        (_, ItemStatus::Lost(_)) => list.push((Action::Resolve, None)),
        (_, ItemStatus::Running(_) | ItemStatus::Inapplicable(_)) => {}
        (Completion::Ticked, ItemStatus::Open) if !item.proposals.is_empty() => {
            let runs = item.proposals.iter().any(|proposal| proposal.language == ProposalLanguage::Shell);
            let look = if runs { (Action::Go, Some("review command")) } else { (Action::Arm, Some("show its SQL")) };
            list.extend([look, (Action::Tick, None)]);
        }
        (Completion::Ticked, ItemStatus::Open) => list.push((Action::Tick, None)),
        (Completion::Filled, _) => list.push((Action::Fill, None)),
        (Completion::Evaluated, _) => list.push((Action::Go, Some("evaluate"))),
        (Completion::Ticked, _) => {}
        (Completion::Run, ItemStatus::Open) => list.push((Action::Go, Some("run"))),
        (Completion::Run, ItemStatus::Outdated(_)) => list.push((Action::Go, Some("measure again"))),
        (Completion::Run, _) => list.push((Action::Go, Some("retry"))),
    }
    let unused = |history: &ItemHistory| history.armed().is_some() && history.current_attempts().is_empty();
    if model.state.history(&item.id).is_some_and(unused) {
        list.push((Action::TakeBack, Some("disable command")));
    } else if !item.proposals.is_empty() && completed != Completion::Ticked {
        list.push((Action::Arm, Some("enable again")));
    }
    match model.board.status(&item.id) {
        ItemStatus::Waived(_) => list.push((Action::TakeBack, None)),
        ItemStatus::Done if completed == Completion::Ticked => list.push((Action::TakeBack, None)),
        ItemStatus::Open | ItemStatus::Failed(_) | ItemStatus::Inconclusive(_) | ItemStatus::Outdated(_) => {
            list.push((Action::Waive, None));
        }
        _ => {}
    }
    list
}

fn on_alert(model: &Model) -> Vec<Wanted> {
    let mut list = match model.alert_entry() {
        Some(Entry::Alert(..)) => vec![(Action::Go, Some("chart"))],
        Some(Entry::Silence(_)) | None => Vec::new(),
    };
    if model.access == Access::Flies {
        list.extend(match model.alert_entry() {
            Some(Entry::Alert(Standing::Cleared, _)) | None => vec![(Action::Silence, None)],
            Some(Entry::Alert(..)) => vec![(Action::Acknowledge, None), (Action::Silence, None)],
            Some(Entry::Silence(_)) => vec![(Action::TakeBack, Some("end silence"))],
        });
    }
    list.extend([(Action::Down, None), (Action::Up, None), (Action::Back, None)]);
    list
}

fn looking(model: &Model) -> Vec<Wanted> {
    match model.screen {
        Screen::Cockpit => vec![
            (Action::Details, None),
            (Action::Right, Some("next phase")),
            (Action::NextPanel, None),
            (Action::Find, None),
            (Action::Palette, None),
            (Action::NextOpen, None),
            (Action::NextFailed, None),
            (Action::ShowDecision, None),
            (Action::ShowSignoffs, None),
            (Action::ShowTimeline, None),
            (Action::Quit, None),
        ],
        Screen::Checklist => vec![
            (Action::Details, None),
            (Action::Filter, None),
            (Action::Left, Some("fold")),
            (Action::Right, Some("unfold")),
            (Action::Find, None),
            (Action::ShowAll, None),
            (Action::NextOpen, None),
            (Action::Back, None),
            (Action::Quit, None),
        ],
        Screen::Panes if model.opened_pane().is_some() => vec![
            (Action::Back, None),
            (Action::Left, Some("cursor")),
            (Action::Right, None),
            (Action::OutputUp, Some("event")),
            (Action::OutputDown, Some("event")),
            (Action::ZoomIn, None),
            (Action::ZoomOut, None),
            (Action::Down, Some("next metric")),
        ],
        Screen::Panes if !model.panes.is_empty() => vec![
            (Action::Go, Some("open")),
            (Action::ZoomIn, None),
            (Action::ZoomOut, None),
            (Action::Down, None),
            (Action::Up, None),
            (Action::OutputUp, Some("last event")),
            (Action::Back, None),
        ],
        Screen::Alerts if model.summary.alerts.entries.is_empty() => vec![(Action::Back, None), (Action::Quit, None)],
        Screen::Alerts => on_alert(model),
        Screen::Timeline if !model.helm.steps.is_empty() => {
            vec![(Action::Filter, None), (Action::Back, None), (Action::NextPanel, None), (Action::Down, None)]
        }
        Screen::Timeline => {
            vec![(Action::Filter, None), (Action::Back, None), (Action::Down, None), (Action::Up, None)]
        }
        _ => vec![(Action::Back, None), (Action::Down, None), (Action::Up, None), (Action::Quit, None)],
    }
}
