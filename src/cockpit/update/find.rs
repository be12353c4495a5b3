//! Searching: opening, typing, going from match to match, and back to where one was.

use crate::checklist::ItemId;
use crate::cockpit::action::Action;
use crate::cockpit::form;
use crate::cockpit::key::{Code, Key};
use crate::cockpit::model::{Follow, Model, Panel, Tone};
use crate::cockpit::screens::Screen;
use crate::cockpit::search::{self, Before, Search};
use crate::deployment::Plan;
use crate::deployment::state::notes;
use std::collections::BTreeSet;
use tui_input::Input;

/// Where from the line in hand a match is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The line itself first.
    Here,
    On,
    Back,
}

/// Begins a search on the lists of items; from another screen on the whole checklist.
pub(super) fn open(model: &mut Model) {
    let before = Before {
        screen: model.screen,
        panel: model.panel,
        selected: model.selected.clone(),
        phase_cursor: model.phase_cursor,
        item_cursor: model.item_cursor,
        tree_cursor: model.tree_cursor,
        folds: model.folds.clone(),
        follow: model.follow,
    };
    if !matches!(model.screen, Screen::Cockpit | Screen::Checklist) {
        model.screen = Screen::Checklist;
    }
    model.follow = Follow::Free;
    model.search = Some(Search { input: Input::default(), typing: true, matches: Vec::new(), before });
}

/// A key while the text is being typed.
pub(super) fn key(model: &mut Model, key: Key) {
    let Some(search) = &mut model.search else { return };
    match key.code {
        Code::Esc => back(model),
        Code::Char('c') if key.ctrl => back(model),
        Code::Backspace | Code::Enter if search.text().is_empty() => back(model),
        Code::Enter => search.typing = false,
        Code::Down => step(model, Way::On),
        Code::Up => step(model, Way::Back),
        _ => {
            if form::edit(&mut search.input, key) {
                look(model);
            }
        }
    }
}

/// Text pasted while it is being typed.
pub(super) fn paste(model: &mut Model, text: &str) {
    if let Some(search) = model.search.as_mut().filter(|search| search.typing) {
        form::insert(&mut search.input, text);
        look(model);
    }
}

/// Leaves a search whose matches are marked; the cursor stays where it is.
pub(super) fn leave(model: &mut Model) -> bool {
    model.search.take().is_some()
}

fn back(model: &mut Model) {
    let Some(Search { before, .. }) = model.search.take() else { return };
    model.screen = before.screen;
    model.panel = before.panel;
    model.selected = before.selected;
    model.phase_cursor = before.phase_cursor;
    model.item_cursor = before.item_cursor;
    model.tree_cursor = before.tree_cursor;
    model.folds = before.folds;
    model.follow = before.follow;
    model.lay_rows();
}

/// Searches anew and goes to the first match from where the search began; without one, back to there.
fn look(model: &mut Model) {
    let Some(search) = &mut model.search else { return };
    search.matches = search::matches(&model.plan, notes(&model.state, &model.records), search.input.value());
    let Before { selected, phase_cursor, item_cursor, tree_cursor, folds, panel, .. } = search.before.clone();
    let found = nearest(&model.plan, &search.matches, selected.as_ref(), Way::Here);
    // What the last letter unfolded folds again, so that only the way to this match is open.
    model.folds = folds;
    if let Some(item) = found {
        go(model, &item);
        return;
    }
    model.selected = selected;
    model.panel = panel;
    model.phase_cursor = phase_cursor;
    model.item_cursor = item_cursor;
    model.tree_cursor = tree_cursor;
    model.lay_rows();
}

fn go(model: &mut Model, item: &ItemId) {
    model.follow = Follow::Free;
    model.panel = Panel::Items;
    model.select(item);
}

/// To the next match, or the one before, round the ends.
pub(super) fn step(model: &mut Model, way: Way) {
    let Some(search) = model.search.as_ref().filter(|search| !search.text().is_empty()) else {
        let find = model.keymap.hint(Action::Find);
        model.say(Tone::Plain, format!("No search yet; {find} searches"));
        return;
    };
    if search.matches.is_empty() {
        model.say(Tone::Plain, format!("Nothing found for `{}`", search.text()));
        return;
    }
    let Some(item) = nearest(&model.plan, &search.matches, model.selected.as_ref(), way) else { return };
    if !matches!(model.screen, Screen::Cockpit | Screen::Checklist) {
        model.screen = Screen::Checklist;
    }
    go(model, &item);
}

/// The nearest match in the order of the checklist, round its ends.
fn nearest(plan: &Plan, matches: &[ItemId], from: Option<&ItemId>, way: Way) -> Option<ItemId> {
    let known: BTreeSet<&ItemId> = matches.iter().collect();
    let order: Vec<&ItemId> = plan.checklist().items().map(|item| &item.id).collect();
    let here = order.iter().position(|id| Some(*id) == from).unwrap_or(0);
    let (before, after) = order.split_at(here);
    let wanted = |id: &&&ItemId| known.contains(**id);
    let found = match way {
        Way::Here => after.iter().chain(before).find(wanted),
        Way::On => after.iter().skip(1).chain(before).chain(after.first()).find(wanted),
        Way::Back => before.iter().rev().chain(after.iter().rev()).find(wanted),
    };
    found.map(|id| (*id).clone())
}
