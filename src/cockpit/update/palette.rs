//! Keys in the palette, and in the help, which is one.

use crate::cockpit::action::Action;
use crate::cockpit::dialog::Dialog;
use crate::cockpit::form;
use crate::cockpit::key::{Code, Key};
use crate::cockpit::model::Model;
use crate::cockpit::palette::{Kind, Palette};
use crate::cockpit::relevance;

pub(super) fn open(model: &mut Model, kind: Kind) {
    let ranks = Action::ALL.iter().map(|action| (*action, relevance::of(model, *action))).collect();
    model.dialog = Some(Dialog::Palette(Box::new(Palette::new(kind, &model.keymap, ranks))));
}

/// Takes a key; gives the action that was chosen with it.
pub(super) fn key(model: &mut Model, key: Key) -> Option<Action> {
    let page = isize::try_from(model.windows.dialog.saturating_sub(1).max(1)).unwrap_or(1);
    let Some(Dialog::Palette(palette)) = &mut model.dialog else { return None };
    let len = palette.found.len();
    match (key.code, key.ctrl) {
        (Code::Enter, _) => {
            let chosen = palette.chosen();
            // With nothing found the text stays, to be mended.
            if chosen.is_some() {
                model.dialog = None;
            }
            return chosen;
        }
        (Code::Esc, _) | (Code::Char('c'), true) => model.dialog = None,
        (Code::Char('?'), _) if palette.kind == Kind::Keys && palette.input.value().is_empty() => model.dialog = None,
        (Code::Backspace, _) if palette.input.value().is_empty() => model.dialog = None,
        (Code::Down | Code::Tab, _) | (Code::Char('n'), true) => palette.cursor.step(1, len),
        (Code::Up | Code::BackTab, _) | (Code::Char('p'), true) => palette.cursor.step(-1, len),
        (Code::PageDown, _) => palette.cursor.step(page, len),
        (Code::PageUp, _) => palette.cursor.step(-page, len),
        _ => {
            if form::edit(&mut palette.input, key) {
                palette.look(&model.keymap);
            }
        }
    }
    None
}

/// Moves the cursor in the list of what was found.
pub(super) fn step(palette: &mut Palette, by: isize) {
    let len = palette.found.len();
    palette.cursor.step(by, len);
}

pub(super) fn paste(palette: &mut Palette, keymap: &crate::cockpit::Keymap, text: &str) {
    form::insert(&mut palette.input, text);
    palette.look(keymap);
}
