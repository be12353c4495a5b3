//! Drawing never panics, however small or large the terminal is and whatever was pressed.

use crate::fixture::checklist::large;
use crate::fixture::flight::Flight;
use crate::fixture::scenes::{self, scene};
use crate::startup;
use gonogo::cockpit::key::Code;
use gonogo::cockpit::msg::{Mouse, MouseDid};
use gonogo::cockpit::start::{self, Start, StartMsg};
use gonogo::cockpit::{Key, Model, Msg, update};
use gonogo::config::theme::Theme;
use gonogo::screen::{Glyphs, draw, draw_start};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn paint(model: &mut Model, columns: u16, lines: u16, glyphs: &Glyphs) {
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    let mut windows = model.windows;
    terminal.draw(|frame| windows = draw(frame, model, &Theme::dark(), glyphs)).unwrap();
    update(model, Msg::LaidOut(Box::new(windows)));
}

#[test]
fn the_smallest_sizes_are_survived_by_every_scene() {
    for name in scenes::all() {
        let mut model = scene(name);
        for (columns, lines) in (1..8).flat_map(|c| (1..5).map(move |l| (c, l))) {
            paint(&mut model, columns, lines, &Glyphs::unicode());
        }
        for (columns, lines) in
            [(60, 16), (60, 17), (61, 16), (99, 16), (100, 16), (119, 16), (120, 16), (300, 16), (60, 100)]
        {
            paint(&mut model, columns, lines, &Glyphs::ascii());
        }
    }
}

#[test]
fn a_checklist_of_thousands_is_drawn_at_its_end() {
    let mut flight = Flight::of(large(1_467));
    for at in 0..10_000 {
        flight.tick(&format!("p{}/s/i{}", at % 1_467 / 100, at % 1_467 % 100));
    }
    let mut model = flight.model();
    for key in ['0', 'G', '1', 'G', '6', 'G', '4', '5'] {
        update(&mut model, Msg::Key(Key::char(key)));
        model.settle();
        paint(&mut model, 200, 60, &Glyphs::unicode());
    }
    assert_eq!(model.records.len(), 10_001);
}

fn key() -> impl Strategy<Value = Key> {
    let letters =
        prop::sample::select("0123456jkdoxglnwvuisafmMyYJKpOPXRENSTh? GAr[]+-한ن/:.,".chars().collect::<Vec<_>>())
            .prop_map(Key::char);
    let codes = prop::sample::select(vec![
        Code::Enter,
        Code::Esc,
        Code::Tab,
        Code::Left,
        Code::Right,
        Code::PageDown,
        Code::PageUp,
        Code::End,
        Code::Home,
    ]);
    prop_oneof![letters, codes.prop_map(Key::plain)]
}

fn mouse() -> impl Strategy<Value = Msg> {
    let did = prop::sample::select(vec![MouseDid::Click, MouseDid::WheelUp, MouseDid::WheelDown]);
    (did, 0_u16..120, 0_u16..40).prop_map(|(did, column, line)| Msg::Mouse(Mouse { did, column, line }))
}

fn paint_start(start: &mut Start, columns: u16, lines: u16, glyphs: &Glyphs) {
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    let mut height = 0;
    terminal.draw(|frame| height = draw_start(frame, start, &Theme::dark(), glyphs)).unwrap();
    start::update(start, StartMsg::LaidOut(height));
}

#[test]
fn the_start_screen_survives_the_smallest_sizes() {
    for name in startup::STARTS {
        let mut start = startup::start(name);
        for (columns, lines) in (1..8).flat_map(|c| (1..5).map(move |l| (c, l))).chain([(60, 16), (61, 17), (300, 100)])
        {
            paint_start(&mut start, columns, lines, &Glyphs::ascii());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_size_and_any_keys(
        at in 0..scenes::all().count(),
        keys in prop::collection::vec(prop_oneof![4 => key().prop_map(Msg::Key), 1 => mouse()], 0..12),
        sizes in prop::collection::vec((1_u16..=300, 1_u16..=100), 1..3),
    ) {
        let mut model = scene(scenes::all().nth(at).unwrap());
        for msg in keys {
            update(&mut model, msg);
            model.settle();
            paint(&mut model, 90, 26, &Glyphs::unicode());
        }
        for (columns, lines) in sizes {
            paint(&mut model, columns, lines, &Glyphs::unicode());
        }
    }

    #[test]
    fn any_size_and_any_keys_at_the_start(
        at in 0..startup::STARTS.len(),
        keys in prop::collection::vec(key(), 0..12),
        (columns, lines) in (1_u16..=300, 1_u16..=100),
    ) {
        let mut start = startup::start(startup::STARTS[at]);
        for key in keys {
            start::update(&mut start, StartMsg::Key(key));
            paint_start(&mut start, columns, lines, &Glyphs::unicode());
        }
    }
}
