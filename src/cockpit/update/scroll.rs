//! Scrolling: an output back and on, and the second parts of the full screens.

use super::moves::list_len;
use crate::cockpit::dialog::Dialog;
use crate::cockpit::list::ListCursor;
use crate::cockpit::model::{Aside, Model, Panel, Tone};
use crate::cockpit::msg::Windows;
use crate::cockpit::output::Scroll;
use crate::cockpit::screens::Screen;

/// To the next panel of the cockpit, or the other part of a full screen.
pub(super) fn next_part(model: &mut Model) {
    match model.screen {
        Screen::Cockpit => {
            let output = model.shown_attempt().is_some();
            model.panel = match model.panel {
                Panel::Phases => Panel::Items,
                Panel::Items if output => Panel::Output,
                Panel::Items | Panel::Output => Panel::Phases,
            };
        }
        Screen::Migration | Screen::Decision | Screen::Signoffs => {
            model.aside = if model.aside == Aside::Main { Aside::Beside } else { Aside::Main };
        }
        Screen::Timeline if !model.helm.steps.is_empty() => {
            model.aside = if model.aside == Aside::Main { Aside::Beside } else { Aside::Main };
        }
        Screen::Checklist | Screen::Panes | Screen::Timeline | Screen::Alerts => {}
    }
}

/// Whether up and down scroll an output.
pub(super) fn has_the_keys(model: &Model) -> bool {
    let focused = match model.screen {
        Screen::Cockpit => model.panel == Panel::Output,
        Screen::Migration => model.aside == Aside::Beside,
        _ => false,
    };
    focused && model.output_attempt().is_some()
}

/// Half a window back or on.
pub(super) fn output_half(model: &mut Model, way: isize) {
    if model.output_attempt().is_none() {
        model.say(Tone::Plain, "No output to scroll here");
        return;
    }
    let lines = model.windows.shown.end.saturating_sub(model.windows.shown.first);
    let half = isize::try_from(lines / 2).unwrap_or(1).max(1);
    output(model, way * half);
}

/// So many lines back or on; at the end it follows what comes.
pub(super) fn output(model: &mut Model, by: isize) {
    let Some(attempt) = model.output_attempt() else { return };
    let Some(view) = model.outputs.get(&attempt) else { return };
    let here = model.scrolled_to(attempt).unwrap_or(view.end());
    let by = i64::try_from(by).unwrap_or(i64::MAX);
    let there = here.saturating_add_signed(by).max(view.first());
    model.scroll = (there < view.end()).then_some(Scroll { attempt, end: there });
}

/// After a frame: a window at the very top shows more than was asked for, and stays where it is.
pub(super) fn settle(model: &mut Model) {
    let shown = model.windows.shown;
    if let (Some(attempt), Some(scroll)) = (model.output_attempt(), &mut model.scroll)
        && scroll.attempt == attempt
        && scroll.end < shown.end
    {
        scroll.end = shown.end;
    }
    let (lines, end) = (model.windows.aside, model.windows.aside_end);
    if let Some(cursor) = model.asides.get_mut(&model.screen) {
        cursor.at = cursor.at.min(end);
        cursor.top = if model.screen == Screen::Decision { cursor.window(lines, end + 1) } else { cursor.at };
    }
}

/// Moves in the second part of a full screen: a list of reasons, or a text.
pub(super) fn beside(model: &mut Model, screen: Screen, by: isize) {
    let len = model.windows.aside_end + 1;
    // The steps of the window go with the one in hand until somebody scrolls, and are scrolled from there.
    let at = if screen == Screen::Timeline { model.windows.places.aside.top } else { 0 };
    let cursor: &mut ListCursor = model.asides.entry(screen).or_insert(ListCursor { at, top: at });
    cursor.step(by, len);
}

pub(super) fn settle_windows(model: &mut Model, windows: &Windows) {
    model.windows = *windows;
    settle(model);
    if let Some(Dialog::Details { scroll, .. } | Dialog::Command { scroll, .. }) = &mut model.dialog {
        *scroll = (*scroll).min(windows.dialog_end);
    }
    if let Some(Dialog::Form { form, .. }) = &mut model.dialog {
        form.scroll = form.scroll.min(windows.dialog_end);
    }
    if let Some(Dialog::Evidence(shown)) = &mut model.dialog {
        super::signing::settle(shown, windows.dialog_end);
    }
    if let Some(Dialog::Palette(palette)) = &mut model.dialog {
        palette.cursor.settle(windows.dialog, palette.found.len());
    }
    model.phase_cursor.settle(windows.phases, model.plan.checklist().phases.len());
    model.item_cursor.settle(windows.items, model.item_rows.len());
    model.tree_cursor.settle(windows.tree, model.tree_rows.len());
    if model.screen == Screen::Migration {
        let cursor = model.cursors.entry(Screen::Migration).or_default();
        cursor.at = cursor.at.min(windows.list_end);
        return;
    }
    let len = list_len(model, model.screen);
    if let Some(cursor) = model.cursors.get_mut(&model.screen) {
        if model.screen == Screen::Panes {
            // Charts come and go by whole lines of them, which the screen lays out.
            cursor.clamp(len);
            cursor.top = windows.places.list.top;
            return;
        }
        cursor.settle(windows.list, len);
    }
}
