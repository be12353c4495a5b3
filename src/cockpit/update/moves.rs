//! Moving about: cursors, panels, screens, folds.

use super::{filter, mine, scroll};
use crate::checklist::ItemId;
use crate::cockpit::action::Action;
use crate::cockpit::advice::Next;
use crate::cockpit::effect::Effect;
use crate::cockpit::list::ListCursor;
use crate::cockpit::model::{Aside, Follow, Model, Panel, Tone};
use crate::cockpit::screens::Screen;
use crate::cockpit::tree::Row;
use crate::deployment::ItemStatus;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Up => step(model, -1),
        Action::Down => step(model, 1),
        Action::PageUp => step(model, -page(model)),
        Action::PageDown => step(model, page(model)),
        Action::First => step(model, isize::MIN / 2),
        Action::Last => step(model, isize::MAX / 2),
        Action::Left => left(model),
        Action::Right => right(model),
        Action::NextPanel => scroll::next_part(model),
        Action::OutputUp => scroll::output_half(model, -1),
        Action::OutputDown => scroll::output_half(model, 1),
        Action::NextOpen => next_open(model),
        Action::NextFailed => seek(model, "failed", |status| {
            matches!(status, ItemStatus::Failed(_) | ItemStatus::Inconclusive(_) | ItemStatus::Lost(_))
        }),
        Action::NextMine => mine::next(model),
        Action::FollowRunning => follow(model),
        Action::ShowAll => filter::show_all(model),
        Action::Filter => filter::next(model),
        Action::ShowCockpit => show(model, Screen::Cockpit),
        Action::ShowChecklist => show(model, Screen::Checklist),
        Action::ShowMigration => show(model, Screen::Migration),
        Action::ShowPanes => show(model, Screen::Panes),
        Action::ShowDecision => show(model, Screen::Decision),
        Action::ShowSignoffs => show(model, Screen::Signoffs),
        Action::ShowTimeline => show(model, Screen::Timeline),
        Action::ShowAlerts => show(model, Screen::Alerts),
        Action::ZoomIn | Action::ZoomOut => {
            let metrics = model.keymap.hint(Action::ShowPanes);
            model.say(Tone::Plain, format!("Only metrics zoom; {metrics} metrics"));
        }
        // Done where they come in.
        Action::Go
        | Action::Tick
        | Action::Fill
        | Action::Arm
        | Action::Waive
        | Action::TakeBack
        | Action::Cancel
        | Action::EndBlocker
        | Action::Resolve
        | Action::Autopilot
        | Action::AutopilotSimulated
        | Action::Seat
        | Action::PlanWindow
        | Action::Hold
        | Action::Poll
        | Action::Decide
        | Action::Roles
        | Action::Amend
        | Action::Acknowledge
        | Action::Silence
        | Action::Override
        | Action::Abort
        | Action::Rollback
        | Action::Close
        | Action::Sign
        | Action::Note
        | Action::Issue
        | Action::Handover
        | Action::Lesson
        | Action::Find
        | Action::NextMatch
        | Action::PreviousMatch
        | Action::Palette
        | Action::Details
        | Action::Copy
        | Action::CopyLedger
        | Action::Mouse
        | Action::NextTheme
        | Action::Help
        | Action::Back
        | Action::Suspend
        | Action::Quit => {}
    }
    read_selected(model)
}

/// The output of an attempt that ended before this cockpit began is read when its item comes in hand.
pub(super) fn read_selected(model: &mut Model) -> Vec<Effect> {
    let shown = model.output_attempt().or_else(|| model.shown_attempt().map(|attempt| attempt.number));
    let Some(attempt) = shown else { return Vec::new() };
    if model.outputs.contains_key(&attempt) {
        return Vec::new();
    }
    // An empty view is put there at once so that moving back and forth asks only once.
    model.outputs.entry(attempt).or_default();
    vec![Effect::ReadOutput { attempt }]
}

pub(super) fn show(model: &mut Model, screen: Screen) {
    if model.screen != screen {
        model.aside = Aside::Main;
    }
    model.screen = screen;
    if screen == Screen::Timeline {
        // The newest record is what people come for.
        let last = model.log.len().saturating_sub(1);
        model.cursors.insert(screen, ListCursor { at: last, top: last });
        model.asides.remove(&screen);
    }
}

fn page(model: &Model) -> isize {
    let shown = model.windows.shown;
    let lines = match (model.screen, model.panel) {
        _ if scroll::has_the_keys(model) => usize::try_from(shown.end.saturating_sub(shown.first)).unwrap_or(1),
        (Screen::Cockpit, Panel::Phases) => model.windows.phases,
        (Screen::Cockpit, Panel::Items | Panel::Output) => model.windows.items,
        (Screen::Checklist, _) => model.windows.tree,
        _ if model.aside == Aside::Beside => model.windows.aside,
        _ => model.windows.list,
    };
    isize::try_from(lines.saturating_sub(1).max(1)).unwrap_or(1)
}

pub(super) fn step(model: &mut Model, by: isize) {
    if scroll::has_the_keys(model) {
        scroll::output(model, by);
        return;
    }
    model.follow = Follow::Free;
    match (model.screen, model.panel) {
        (Screen::Cockpit, Panel::Phases) => {
            let mut cursor = model.phase_cursor;
            cursor.step(by, model.phases_shown());
            to_phase(model, cursor.at);
        }
        (Screen::Cockpit, Panel::Items | Panel::Output) => {
            let rows = &model.item_rows;
            model.item_cursor.step(by, rows.len());
            skip_headings(model, by);
            if let Some(id) = model.item_rows.get(model.item_cursor.at).and_then(Row::item).cloned() {
                keep_selected(model, &id);
            }
        }
        (Screen::Checklist, _) => {
            let mut cursor = model.tree_cursor;
            cursor.step(by, model.tree_rows.len());
            to_tree_row(model, cursor.at);
        }
        (screen, _) if model.aside == Aside::Beside => scroll::beside(model, screen, by),
        (Screen::Migration, _) => {
            let len = model.windows.list_end + 1;
            model.cursors.entry(Screen::Migration).or_default().step(by, len);
        }
        (screen, _) => {
            let len = list_len(model, screen);
            model.cursors.entry(screen).or_default().step(by, len);
        }
    }
}

/// Puts a phase in hand, and its first open item.
pub(super) fn to_phase(model: &mut Model, at: usize) {
    if at != model.phase_cursor.at && at < model.plan.checklist().phases.len() {
        model.phase_cursor.at = at;
        model.item_cursor = ListCursor::default();
        model.lay_rows();
        select_first_in_rows(model);
    }
}

/// Puts the cursor on a line of the full checklist.
pub(super) fn to_tree_row(model: &mut Model, at: usize) {
    model.tree_cursor.at = at;
    if let Some(id) = model.tree_rows.get(at).and_then(Row::item).cloned() {
        let tree_cursor = model.tree_cursor;
        keep_selected(model, &id);
        model.tree_cursor = tree_cursor;
    }
}

/// Section headings in the cockpit's list are no resting place: the cursor goes on in the direction it came from.
pub(super) fn skip_headings(model: &mut Model, by: isize) {
    let is_item = |at: usize| model.item_rows.get(at).is_some_and(|row| row.item().is_some());
    let mut at = model.item_cursor.at;
    while !is_item(at) {
        let next = at.saturating_add_signed(by.signum());
        if next == at || next >= model.item_rows.len() {
            // At the edge: the nearest item the other way.
            at = (0..model.item_rows.len())
                .min_by_key(|i| if is_item(*i) { i.abs_diff(at) } else { usize::MAX })
                .unwrap_or(0);
            break;
        }
        at = next;
    }
    model.item_cursor.at = at;
}

fn select_first_in_rows(model: &mut Model) {
    let open = model.item_rows.iter().filter_map(Row::item).find(|id| !model.board.status(id).is_complete());
    let first = open.or_else(|| model.item_rows.iter().find_map(Row::item)).cloned();
    if let Some(id) = first {
        keep_selected(model, &id);
    }
}

fn keep_selected(model: &mut Model, id: &ItemId) {
    let (items, phases) = (model.item_cursor, model.phase_cursor);
    model.select(id);
    // The windows stay where they are; only the lines in hand change.
    model.item_cursor.top = items.top;
    model.phase_cursor.top = phases.top;
}

/// How many lines the list of a full screen has.
pub(super) fn list_len(model: &Model, screen: Screen) -> usize {
    let checklist = model.plan.checklist();
    match screen {
        Screen::Timeline => model.log.len(),
        Screen::Alerts => model.summary.alerts.entries.len(),
        Screen::Panes => model.panes.len(),
        Screen::Decision => checklist.items().filter(|item| item.due.is_some()).count(),
        Screen::Signoffs => checklist.signoffs.iter().map(|group| group.roles.len()).sum(),
        Screen::Cockpit | Screen::Checklist | Screen::Migration => 0,
    }
}

/// To the phase before or after the one in hand.
fn beside(model: &mut Model, by: isize) {
    let at = model.phase_cursor.at.saturating_add_signed(by);
    if at < model.phases_shown() {
        model.follow = Follow::Free;
        to_phase(model, at);
    }
}

fn left(model: &mut Model) {
    match model.screen {
        Screen::Cockpit if model.panel == Panel::Output => model.panel = Panel::Items,
        Screen::Cockpit => beside(model, -1),
        Screen::Checklist => fold(model),
        _ => {}
    }
}

fn right(model: &mut Model) {
    match model.screen {
        Screen::Cockpit => beside(model, 1),
        Screen::Checklist => {
            if let Some(row) = model.tree_rows.get(model.tree_cursor.at).cloned() {
                model.folds.unfold(&row);
                model.lay_rows();
            }
        }
        _ => {}
    }
}

/// Folds the line in hand, or goes to the heading it stands under.
fn fold(model: &mut Model) {
    let at = model.tree_cursor.at;
    let Some(row) = model.tree_rows.get(at).cloned() else { return };
    let foldable = match &row {
        Row::Item(id, _) => model.plan.item(id).is_some_and(|item| !item.items.is_empty()),
        Row::Collapsed(..) => false,
        Row::Phase(_) | Row::Section(_) => true,
    };
    if foldable && !model.folds.is_folded(&row) {
        model.folds.fold(&row);
        model.lay_rows();
        return;
    }
    let depth = |row: &Row| match row {
        Row::Phase(_) => 0,
        Row::Section(_) => 1,
        Row::Item(_, depth) => depth + 2,
        Row::Collapsed(..) => 2,
    };
    let above = model.tree_rows.iter().take(at).rposition(|other| depth(other) < depth(&row));
    if let Some(above) = above {
        model.tree_cursor.at = above;
    }
}

/// On a heading of the full checklist, folds or unfolds it; false on an item.
pub(super) fn toggle_heading(model: &mut Model) -> bool {
    if model.screen == Screen::Cockpit && model.panel == Panel::Phases {
        model.panel = Panel::Items;
        return true;
    }
    if model.screen != Screen::Checklist {
        return false;
    }
    if let Some(Row::Collapsed(..)) = model.tree_rows.get(model.tree_cursor.at) {
        filter::show_all(model);
        return true;
    }
    let Some(row @ (Row::Phase(_) | Row::Section(_))) = model.tree_rows.get(model.tree_cursor.at).cloned() else {
        return false;
    };
    if model.folds.is_folded(&row) {
        model.folds.unfold(&row);
    } else {
        model.folds.fold(&row);
    }
    model.lay_rows();
    true
}

/// To what the status line proposes, and from there to one open item after the other.
fn next_open(model: &mut Model) {
    let proposed = match &model.summary.next {
        Next::Run(id) | Next::Person(id) | Next::Repair(id) => Some(id.clone()),
        _ => None,
    };
    match proposed.filter(|id| model.selected.as_ref() != Some(id) && !is_behind(model, id)) {
        Some(id) => {
            model.follow = Follow::Free;
            model.select(&id);
        }
        None => seek(model, "open", |status| matches!(status, ItemStatus::Open | ItemStatus::Outdated(_))),
    }
}

/// Whether the cursor has gone past an item to other open ones.
fn is_behind(model: &Model, id: &ItemId) -> bool {
    let place = |wanted: &ItemId| model.plan.order().iter().position(|other| other == wanted);
    let open = model
        .selected
        .as_ref()
        .is_some_and(|here| matches!(model.board.status(here), ItemStatus::Open | ItemStatus::Outdated(_)));
    open && model.selected.as_ref().and_then(place) >= place(id)
}

fn seek(model: &mut Model, what: &str, wanted: impl Fn(&ItemStatus) -> bool) {
    let order: Vec<ItemId> = model.plan.checklist().items().map(|item| item.id.clone()).collect();
    let here = order.iter().position(|id| Some(id) == model.selected.as_ref()).map_or(0, |at| at + 1);
    let (before, after) = order.split_at(here.min(order.len()));
    let found = after.iter().chain(before).find(|id| wanted(model.board.status(id))).cloned();
    match found {
        Some(id) => {
            model.follow = Follow::Free;
            model.select(&id);
        }
        None => model.say(Tone::Plain, format!("No step is {what}")),
    }
}

fn follow(model: &mut Model) {
    if model.follow == Follow::Running {
        model.follow = Follow::Free;
        model.say(Tone::Plain, "Following is off");
        return;
    }
    model.follow = Follow::Running;
    let running = model.state.running().last().map(|attempt| attempt.item.clone());
    match running {
        Some(item) => model.select(&item),
        None => model.say(Tone::Plain, "Following: the cursor goes with the next step that runs"),
    }
}
