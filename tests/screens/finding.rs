//! Searching the checklist: what is found, where the cursor goes, and the rollback.

use crate::fixture::checklist;
use crate::fixture::flight::Flight;
use crate::fixture::scenes::keys;
use crate::picture::{letters, paint, whole};
use gonogo::cockpit::key::Code;
use gonogo::cockpit::{Key, Model, Screen};
use gonogo::config::theme::Theme;
use gonogo::deployment::Fact;
use gonogo::screen::Glyphs;
use ratatui::style::Modifier;

fn model() -> Model {
    let mut flight = Flight::of(checklist::checklist());
    flight.fact(Fact::NoteAdded { item: Some("setup/read/guide".into()), text: "read aloud in the HANGAR".into() });
    flight.model()
}

fn find(model: Model, text: &str) -> Model {
    let mut typed = vec![Key::char('/')];
    typed.extend(text.chars().map(Key::char));
    keys(model, &typed)
}

fn in_hand(model: &Model) -> &str {
    model.selected.as_ref().unwrap().as_str()
}

fn shown(model: &Model) -> String {
    whole(&paint(model, &Theme::dark(), &Glyphs::unicode(), 80, 24).0)
}

#[test]
fn the_cursor_goes_to_the_first_match_and_escape_takes_it_back() {
    let before = model();
    let (selected, folds) = (before.selected.clone(), before.folds.clone());
    let model = find(before, "BASELINE");
    assert_eq!(in_hand(&model), "before/baseline/lots");
    assert!(shown(&model).contains("1 of 2"), "{}", shown(&model));
    let model = keys(model, &[Key::plain(Code::Esc)]);
    assert_eq!((model.selected.clone(), model.folds.clone(), model.screen), (selected, folds, Screen::Cockpit));
    assert!(model.search.is_none());
}

#[test]
fn matches_are_gone_through_in_a_circle() {
    let model = keys(find(model(), "baseline"), &[Key::plain(Code::Enter), Key::char('.')]);
    assert_eq!(in_hand(&model), "before/baseline/all");
    assert!(shown(&model).contains("/baseline 2 of 2"), "{}", shown(&model));
    let model = keys(model, &[Key::char('.')]);
    assert_eq!(in_hand(&model), "before/baseline/lots");
    let model = keys(model, &[Key::char(',')]);
    assert_eq!(in_hand(&model), "before/baseline/all");
    // Leaving the marks leaves the cursor.
    let model = keys(model, &[Key::plain(Code::Esc)]);
    assert_eq!((in_hand(&model), model.search.is_none()), ("before/baseline/all", true));
}

#[test]
fn notes_are_searched_too_and_it_is_said() {
    let written = find(model(), "hangar");
    assert_eq!(in_hand(&written), "setup/read/guide");
    assert!(shown(&written).contains("in a note"), "{}", shown(&written));
    let planned = find(model(), "number of queries says");
    assert_eq!(in_hand(&planned), "before/baseline/all/serials");
}

#[test]
fn letters_are_letters_while_they_are_typed() {
    let model = find(model(), "q?w");
    assert!(model.dialog.is_none());
    assert_eq!(model.search.as_ref().unwrap().text(), "q?w");
    assert!(shown(&model).contains("nothing found"), "{}", shown(&model));
    assert_eq!(letters(&paint(&model, &Theme::dark(), &Glyphs::unicode(), 80, 24).0).last().unwrap(), "");
}

#[test]
fn matches_are_marked_by_more_than_colour() {
    let model = keys(find(model(), "guide"), &[Key::plain(Code::Enter)]);
    let (buffer, _) = paint(&model, &Theme::mono(), &Glyphs::unicode(), 80, 24);
    let lines = letters(&buffer);
    let row = lines.iter().position(|line| line.contains("The migration guide is read")).unwrap();
    let letters_before = |word: &str| lines[row].split(word).next().unwrap().chars().count();
    let underlined = |column: usize| {
        let cell = buffer.cell((u16::try_from(column).unwrap(), u16::try_from(row).unwrap())).unwrap();
        cell.modifier.contains(Modifier::UNDERLINED)
    };
    let at = letters_before("guide");
    assert!((at..at + 5).all(underlined), "{}", lines[row]);
    assert!(!underlined(at - 1) && !underlined(at + 5), "{}", lines[row]);
}
