//! The mouse: off until somebody turns it on. A click selects and folds, the wheel scrolls what it stands over.

use super::{moves, palette, scroll};
use crate::cockpit::action::Action;
use crate::cockpit::dialog::Dialog;
use crate::cockpit::effect::{Capture, Effect, Order};
use crate::cockpit::model::{Aside, Model, Panel, Tone};
use crate::cockpit::msg::{Mouse, MouseDid};
use crate::cockpit::screens::Screen;
use crate::cockpit::tree::Row;

/// Lines that one notch of the wheel moves.
const NOTCH: isize = 3;

pub(super) fn toggle(model: &mut Model) -> Vec<Effect> {
    model.mouse = if model.mouse == Capture::On { Capture::Off } else { Capture::On };
    let off = model.keymap.hint(Action::Mouse);
    let words = match model.mouse {
        Capture::On => format!("mouse on: a click selects, the wheel scrolls; {off} turns it off"),
        Capture::Off => "mouse off: the terminal marks and copies with it again".to_owned(),
    };
    model.say(Tone::Plain, words);
    vec![Order::CaptureMouse(model.mouse).into()]
}

pub(super) fn take(model: &mut Model, mouse: Mouse) -> Vec<Effect> {
    let by = match mouse.did {
        MouseDid::Click => return click(model, mouse),
        MouseDid::WheelUp => -NOTCH,
        MouseDid::WheelDown => NOTCH,
    };
    wheel(model, mouse, by)
}

fn click(model: &mut Model, mouse: Mouse) -> Vec<Effect> {
    let (column, line) = (mouse.column, mouse.line);
    let places = model.windows.places;
    if let Some(dialog) = &mut model.dialog {
        let Dialog::Palette(open) = dialog else { return Vec::new() };
        if places.dialog.holds(column, line) && places.dialog.at(line) < open.found.len() {
            open.cursor.at = places.dialog.at(line);
        }
        return Vec::new();
    }
    let tab = places.tabs.iter().zip(Screen::ALL).find(|(place, _)| place.holds(column, line));
    if let Some((_, screen)) = tab {
        moves::show(model, screen);
        return moves::read_selected(model);
    }
    match model.screen {
        Screen::Cockpit => on_cockpit(model, column, line),
        Screen::Checklist if places.tree.holds(column, line) => {
            let at = places.tree.at(line);
            if at < model.tree_rows.len() {
                moves::to_tree_row(model, at);
                // A heading that is clicked opens or closes.
                moves::toggle_heading(model);
            }
        }
        _ if places.output.holds(column, line) || places.aside.holds(column, line) => {
            model.aside = Aside::Beside;
            if model.screen == Screen::Decision {
                model.asides.entry(Screen::Decision).or_default().at =
                    places.aside.at(line).min(model.windows.aside_end);
            }
        }
        screen if places.list.holds(column, line) => {
            model.aside = Aside::Main;
            let at = places.list.beside(column, line);
            let at = if screen == Screen::Signoffs { role_at(model, at) } else { Some(at) };
            if let Some(at) = at.filter(|at| *at < moves::list_len(model, screen)) {
                model.cursors.entry(screen).or_default().at = at;
            }
        }
        _ => {}
    }
    moves::read_selected(model)
}

fn on_cockpit(model: &mut Model, column: u16, line: u16) {
    let places = model.windows.places;
    if places.phases.holds(column, line) {
        model.panel = Panel::Phases;
        moves::to_phase(model, places.phases.at(line));
    } else if places.items.holds(column, line) {
        model.panel = Panel::Items;
        let row = model.item_rows.get(places.items.at(line)).and_then(Row::item).cloned();
        if let Some(item) = row {
            model.follow = crate::cockpit::model::Follow::Free;
            model.select(&item);
        }
    } else if places.output.holds(column, line) && model.output_attempt().is_some() {
        model.panel = Panel::Output;
    }
}

/// The sign-off on a line of the table, where headings stand between the roles.
fn role_at(model: &Model, line: usize) -> Option<usize> {
    let mut left = line;
    let mut role = 0;
    for group in &model.plan.checklist().signoffs {
        left = left.checked_sub(1)?;
        if left < group.roles.len() {
            return Some(role + left);
        }
        left -= group.roles.len();
        role += group.roles.len();
    }
    None
}

fn wheel(model: &mut Model, mouse: Mouse, by: isize) -> Vec<Effect> {
    let (column, line) = (mouse.column, mouse.line);
    let places = model.windows.places;
    match &mut model.dialog {
        Some(Dialog::Palette(open)) => {
            palette::step(open, by);
            return Vec::new();
        }
        Some(Dialog::Details { scroll, .. }) => {
            *scroll = scroll.saturating_add_signed(by);
            return Vec::new();
        }
        Some(Dialog::Evidence(shown)) => {
            if let Some(opened) = &mut shown.opened {
                opened.scroll = opened.scroll.saturating_add_signed(by);
            } else {
                shown.chosen = None;
                shown.scroll = shown.scroll.saturating_add_signed(by);
            }
            return Vec::new();
        }
        Some(_) => return Vec::new(),
        None => {}
    }
    if places.output.holds(column, line) {
        scroll::output(model, by);
        return Vec::new();
    }
    if places.aside.holds(column, line) {
        let screen = model.screen;
        scroll::beside(model, screen, by);
        return Vec::new();
    }
    // The wheel moves in what it stands over, without taking the keys there.
    let (panel, aside) = (model.panel, model.aside);
    model.aside = Aside::Main;
    if places.phases.holds(column, line) {
        model.panel = Panel::Phases;
    } else if places.items.holds(column, line) {
        model.panel = Panel::Items;
    } else if model.screen == Screen::Cockpit {
        model.aside = aside;
        return Vec::new();
    }
    moves::step(model, by);
    (model.panel, model.aside) = (panel, aside);
    moves::read_selected(model)
}
