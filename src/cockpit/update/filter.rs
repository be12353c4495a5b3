//! What of the checklist and the timeline is shown.

use super::moves;
use crate::cockpit::action::Action;
use crate::cockpit::filter::Filter;
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::screens::Screen;
use crate::cockpit::tree::Row;

/// Shows steps that are not applicable, and phases kept for later, or leaves them out again.
pub(super) fn show_all(model: &mut Model) {
    model.shows_all = !model.shows_all;
    let hidden = model.selected_item().cloned().filter(|_| !model.shows_all);
    model.lay_rows();
    let gone = hidden.is_some_and(|item| !model.item_rows.iter().any(|row| row.item() == Some(&item.id)));
    if gone {
        model.selected = None;
        model.phase_cursor.clamp(model.phases_shown());
        model.lay_rows();
        moves::skip_headings(model, 1);
        if let Some(id) = model.item_rows.get(model.item_cursor.at).and_then(Row::item).cloned() {
            model.select(&id);
        }
    }
    let (key, na) = (model.keymap.hint(Action::ShowAll), model.summary.total.inapplicable);
    let words = if model.shows_all {
        format!("all steps shown, {na} not applicable; {key} collapses them")
    } else {
        format!("{na} steps not applicable are collapsed; {key} shows them")
    };
    model.say(Tone::Plain, words);
}

/// The next filter of the timeline or of the checklist, whose screen is shown first.
pub(super) fn next(model: &mut Model) {
    if model.screen == Screen::Timeline {
        model.log_filter = model.log_filter.next();
        model.lay_log();
        moves::show(model, Screen::Timeline);
        return;
    }
    if model.screen == Screen::Checklist {
        model.filter = model.filter.next();
    } else {
        moves::show(model, Screen::Checklist);
    }
    model.lay_rows();
    let on_item = |row: &Row| row.item().is_some() && row.item() == model.selected.as_ref();
    let at = model.tree_rows.iter().position(on_item);
    let first = || model.tree_rows.iter().position(|row| row.item().is_some());
    if let Some(at) = at.or_else(first).filter(|_| model.filter != Filter::All || at.is_some()) {
        moves::to_tree_row(model, at);
    }
}
