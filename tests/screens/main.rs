//! Every screen and dialog as it was accepted, and what must hold of all of them.

#![allow(clippy::print_stdout, reason = "a test may say what it saw")]
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made fails its test")]

mod alerting;
mod amended;
mod charts;
mod dialogs;
mod evidence;
mod finding;
mod fixture;
mod picture;
mod replay;
mod round;
mod screen_never_panics;
mod startup;
mod steering;

use fixture::checklist;
use fixture::flight::Flight;
use fixture::scenes::{self, keys, scene};
use gonogo::cockpit::key::Code;
use gonogo::cockpit::model::Panel;
use gonogo::cockpit::start::StartMsg;
use gonogo::cockpit::{Key, Model, Msg, update};
use gonogo::config::theme::Theme;
use gonogo::screen::Glyphs;
use gonogo::screen::hints::hints;
use picture::{letters, paint, paint_start, styles, whole};
use std::fmt::Write as _;

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

#[test]
fn every_screen_looks_as_it_was_accepted() {
    let (dark, mono, unicode) = (Theme::dark(), Theme::mono(), Glyphs::unicode());
    for name in scenes::all() {
        let mut model = scene(name);
        let mut account = String::new();
        for (columns, lines) in SIZES {
            // Charts are made ready for the width that they were drawn in, as the loop does.
            model.windows.chart = paint(&model, &dark, &unicode, columns, lines).1.chart;
            model.settle();
            let (coloured, _) = paint(&model, &dark, &unicode, columns, lines);
            let (plain, _) = paint(&model, &mono, &unicode, columns, lines);
            assert_eq!(whole(&coloured), whole(&plain), "{name}: the theme changes what is reported");
            let _ = writeln!(account, "{columns}x{lines}\n{}\n", whole(&coloured));
            let _ = writeln!(account, "dark\n{}\nmono\n{}", styles(&coloured), styles(&plain));
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, account);
        });
    }
}

#[test]
fn the_start_screen_looks_as_it_was_accepted() {
    let (dark, mono, unicode) = (Theme::dark(), Theme::mono(), Glyphs::unicode());
    for name in startup::STARTS {
        let start = startup::start(name);
        let mut account = String::new();
        for (columns, lines) in SIZES {
            let (coloured, _) = paint_start(&start, &dark, &unicode, columns, lines);
            let (plain, _) = paint_start(&start, &mono, &unicode, columns, lines);
            assert_eq!(whole(&coloured), whole(&plain), "{name}: the theme changes what is reported");
            let _ = writeln!(account, "{columns}x{lines}\n{}\n", whole(&coloured));
            let _ = writeln!(account, "dark\n{}\nmono\n{}", styles(&coloured), styles(&plain));
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, account);
        });
    }
}

#[test]
fn what_can_be_opened_is_in_sight_when_the_cursor_is_on_it() {
    for (columns, lines) in [(60, 16), (80, 24), (200, 60)] {
        let mut start = startup::start("start");
        for at in (0..start.entries.len()).chain((0..start.entries.len()).rev()) {
            start.cursor.at = at;
            let (_, height) = paint_start(&start, &Theme::dark(), &Glyphs::unicode(), columns, lines);
            gonogo::cockpit::start::update(&mut start, StartMsg::LaidOut(height));
            let shown = whole(&paint_start(&start, &Theme::dark(), &Glyphs::unicode(), columns, lines).0);
            let head: String = start.entries[at].title.chars().take(8).collect();
            assert!(shown.contains(&head), "{head} at {columns}x{lines}\n{shown}");
        }
    }
    let small = whole(&paint_start(&startup::start("start"), &Theme::dark(), &Glyphs::unicode(), 59, 16).0);
    assert!(small.contains("60×16"), "{small}");
}

#[test]
fn the_hints_shown_are_in_the_keymap_and_fit() {
    for name in scenes::all() {
        let model = scene(name);
        for columns in [60_u16, 80, 100, 120, 200] {
            let shown = hints(&model, &Glyphs::unicode(), usize::from(columns) - 2);
            for hint in &shown {
                let bound = model.keymap.keys(hint.action).any(|key| key.to_string() == hint.key);
                assert!(bound, "{name}: {} is not the key of {:?}", hint.key, hint.action);
            }
            let line: Vec<String> = shown.iter().map(|hint| format!("{} {}", hint.key, hint.word)).collect();
            let (buffer, _) = paint(&model, &Theme::dark(), &Glyphs::unicode(), columns, 30);
            assert_eq!(letters(&buffer).last().unwrap().trim(), line.join("  "), "{name} at {columns}");
        }
    }
}

/// Draws, shows the model how the lists came out as the loop does, and draws again.
fn completed(model: &mut Model, columns: u16, lines: u16) -> String {
    let (_, windows) = paint(model, &Theme::dark(), &Glyphs::unicode(), columns, lines);
    update(model, Msg::LaidOut(Box::new(windows)));
    model.settle();
    whole(&paint(model, &Theme::dark(), &Glyphs::unicode(), columns, lines).0)
}

#[test]
fn the_line_in_hand_is_always_in_sight() {
    let moves = [
        Key::plain(Code::Down),
        Key::plain(Code::PageDown),
        Key::plain(Code::PageDown),
        Key::plain(Code::Up),
        Key::plain(Code::End),
        Key::plain(Code::PageUp),
        Key::char('o'),
        Key::plain(Code::Home),
    ];
    for screen in ['0', '1'] {
        for (columns, lines) in [(60, 16), (80, 24), (100, 30), (120, 40), (200, 60)] {
            let mut model = keys(Flight::of(checklist::large(400)).model(), &[Key::char(screen)]);
            completed(&mut model, columns, lines);
            for key in moves {
                model = keys(model, &[key]);
                let shown = completed(&mut model, columns, lines);
                let row = model.tree_rows.get(model.tree_cursor.at).cloned();
                let on_item = screen == '0' || row.is_some_and(|row| row.item().is_some());
                let title = model.title(model.selected.as_ref().unwrap());
                assert!(!on_item || shown.contains(&title), "{title} after {key} at {columns}x{lines}\n{shown}");
            }
        }
    }
}

#[test]
fn the_phase_in_hand_is_in_sight_on_one_column_too() {
    let mut model = Flight::of(checklist::large(1_400)).model();
    model.panel = Panel::Phases;
    for key in [Key::plain(Code::End), Key::plain(Code::Up), Key::plain(Code::Home)] {
        model = keys(model, &[key]);
        let phase = &model.plan.checklist().phases[model.phase_cursor.at].title.clone();
        let shown = completed(&mut model, 60, 16);
        assert!(shown.contains(phase.as_str()), "{phase}\n{shown}");
    }
}

#[test]
fn untrusted_text_brings_no_command_to_the_terminal() {
    let mut model = scene("cockpit-foreign");
    model.answer = None;
    model.trouble = Some("a\x1b]0;title\x07b\u{202e}c\u{9b}31m".to_owned());
    for screen in "0123456".chars() {
        model = keys(model, &[Key::char(screen)]);
        let (buffer, _) = paint(&model, &Theme::dark(), &Glyphs::unicode(), 120, 40);
        let bad = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!buffer.content().iter().any(|cell| cell.symbol().chars().any(bad)));
    }
}

#[test]
fn ascii_signs_leave_nothing_else_on_the_screen() {
    for name in scenes::all().filter(|name| *name != "cockpit-foreign") {
        let (buffer, _) = paint(&scene(name), &Theme::mono(), &Glyphs::ascii(), 120, 40);
        for line in letters(&buffer) {
            assert!(line.is_ascii(), "{name}: {line}");
        }
    }
}

#[test]
fn what_runs_is_never_shown_complete() {
    let mut model = scenes::running();
    let number = model.state.running().next().unwrap().number;
    let progress = model.progress.get_mut(&number).unwrap();
    progress.done = progress.total.unwrap();
    for (screen, columns) in [('0', 120), ('0', 80), ('2', 120)] {
        let model = keys(scenes::running(), &[Key::char(screen)]);
        let shown = whole(&paint(&model, &Theme::dark(), &Glyphs::unicode(), columns, 40).0);
        assert!(shown.contains("67 %"), "{shown}");
    }
    for screen in ['0', '2'] {
        model = keys(model, &[Key::char(screen)]);
        let shown = whole(&paint(&model, &Theme::dark(), &Glyphs::unicode(), 120, 40).0);
        assert!(shown.contains("99 %") && !shown.contains("100 %"), "{shown}");
    }
}

#[test]
fn a_window_too_small_says_what_it_needs() {
    let (buffer, _) = paint(&scene("cockpit-running"), &Theme::dark(), &Glyphs::unicode(), 59, 30);
    assert!(whole(&buffer).contains("60×16"), "{}", whole(&buffer));
    let (buffer, _) = paint(&scene("cockpit-running"), &Theme::dark(), &Glyphs::unicode(), 60, 16);
    assert!(!whole(&buffer).contains("60×16"));
}

#[test]
fn a_long_title_never_hides_the_key_to_press() {
    let mut checklist = checklist::large(3);
    for (script, title) in [("latin", "goes on and on ".repeat(51)), ("한국어", "마이그레이션 ".repeat(60))] {
        checklist.phases[0].sections[0].items[0].title = title;
        for (columns, lines) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
            let model = Flight::of(checklist.clone()).model();
            let shown = whole(&paint(&model, &Theme::dark(), &Glyphs::unicode(), columns, lines).0);
            assert!(shown.contains("⏎ tick"), "{script} at {columns}x{lines}\n{shown}");
        }
    }
}

#[test]
fn without_migration_and_panes_the_item_in_hand_stands_beside_the_list() {
    let mut checklist = checklist::large(60);
    checklist.panes.clear();
    let model = Flight::of(checklist).model();
    let shown = letters(&paint(&model, &Theme::dark(), &Glyphs::unicode(), 200, 60).0);
    assert!(shown[4].contains("manual") && !shown.iter().any(|line| line.contains("Migration")), "{shown:#?}");
    assert!(shown.iter().any(|line| line.contains("Item 37 of phase 0")), "{shown:#?}");
}

#[test]
fn the_theme_key_goes_round_and_says_the_name() {
    let mut model = scene("cockpit-fresh");
    model.themes = Theme::NAMES.map(ToOwned::to_owned).to_vec();
    for name in Theme::NAMES.into_iter().cycle().skip(1).take(Theme::NAMES.len()) {
        model = keys(model, &[Key::char('t')]);
        assert_eq!(model.themes[model.theme], name);
        let shown = whole(&paint(&model, &Theme::dark(), &Glyphs::unicode(), 80, 24).0);
        assert!(shown.contains(&format!("theme {name}")), "{shown}");
    }
}

#[test]
fn a_theme_with_a_ground_of_its_own_covers_every_cell() {
    for name in ["dark", "light", "high-contrast", "colour-blind"] {
        for scene in ["cockpit-running", "dialog-help", "palette"] {
            let (buffer, _) = paint(&scenes::scene(scene), &Theme::named(name).unwrap(), &Glyphs::unicode(), 120, 40);
            assert!(buffer.content().iter().all(|cell| cell.bg != ratatui::style::Color::Reset), "{name}: {scene}");
        }
    }
}

#[test]
fn a_fast_clock_counts_everything_planned_as_fast() {
    let mut flight = fixture::window::sat();
    // Twenty times as fast: half an hour of window is a minute and a half.
    let zero = flight.now + chrono::TimeDelta::seconds(6);
    flight.fact(gonogo::deployment::Fact::WindowPlanned { zero, end: zero + chrono::TimeDelta::seconds(90) });
    flight.fact(gonogo::deployment::Fact::ClockStarted {
        from: gonogo::checklist::offset::Offset::from_millis(-120_000),
        pace: 20,
    });
    flight.wait(30);
    let shown = whole(&paint(&flight.model(), &Theme::dark(), &Glyphs::unicode(), 120, 36).0);
    let strip = shown.lines().nth(1).unwrap().to_owned();
    // T+8:00 of 30:00, and a rollback of 15 minutes.
    assert!(strip.contains("T+00:08:00 ×20") && strip.contains("WINDOW LEFT 22:00"), "{strip}");
    assert!(strip.contains("ABORT BY T+15:00 (07:00)"), "{strip}");
}

/// A checklist of which some steps do not apply here, and which can go back.
fn with_a_rollback() -> Model {
    let mut checklist = checklist::checklist();
    let back = checklist::large(2).phases.remove(0);
    checklist.phases.push(gonogo::checklist::Phase {
        id: "back".into(),
        title: "Rollback".to_owned(),
        way: gonogo::checklist::model::Way::Back,
        ..back
    });
    Flight::of(checklist).model()
}

#[test]
fn the_rollback_is_kept_for_later_and_shown_when_asked_for() {
    let shown = |model: &Model| whole(&paint(model, &Theme::dark(), &Glyphs::unicode(), 120, 40).0);
    let mut model = with_a_rollback();
    assert!(!shown(&keys(with_a_rollback(), &[Key::char('1')])).contains("Rollback"));
    let last = model.phases_shown();
    for _ in 0..30 {
        model = keys(model, &[Key::char('l')]);
    }
    assert_eq!(model.phase_cursor.at, last - 1, "the last phase that is shown");
    model = keys(model, &[Key::char('z'), Key::char('1')]);
    let back = gonogo::cockpit::tree::Row::Phase("back".into());
    assert!(model.tree_rows.contains(&back), "{:?}", model.tree_rows);
}

#[test]
fn filters_show_what_they_say_and_no_heading_without_a_step() {
    let mut model = keys(scene("cockpit-failed"), &[Key::char('1')]);
    model = keys(model, &[Key::char('f'), Key::char('f')]);
    let steps: Vec<String> =
        model.tree_rows.iter().filter_map(|row| row.item()).map(|item| model.title(item)).collect();
    assert!(!steps.is_empty() && steps.len() < 6, "{steps:?}");
    let failed = model.summary.total.failed;
    let is_failed = |item: &gonogo::checklist::ItemId| {
        matches!(
            model.board.status(item),
            gonogo::deployment::ItemStatus::Failed(_)
                | gonogo::deployment::ItemStatus::Inconclusive(_)
                | gonogo::deployment::ItemStatus::Lost(_)
        )
    };
    assert!(failed > 0 && model.tree_rows.iter().filter_map(|row| row.item()).any(is_failed));
    let shown = whole(&paint(&model, &Theme::dark(), &Glyphs::unicode(), 120, 40).0);
    assert!(shown.contains("[failed"), "{shown}");
}

#[test]
fn the_cursor_starts_on_what_comes_next() {
    for name in ["cockpit-fresh", "cockpit-failed"] {
        let model = scene(name);
        let fresh = Model::new(
            std::sync::Arc::clone(&model.plan),
            model.records.clone(),
            model.operator.clone(),
            model.access,
            model.now,
        );
        let next = fresh.summary.next.item().cloned();
        assert!(next.is_none() || fresh.selected == next, "{name}: {:?} is not {next:?}", fresh.selected);
    }
}

#[test]
fn the_timeline_folds_the_start_of_a_step_into_its_end() {
    let mut model = scene("timeline");
    assert!(model.log.len() < model.records.len());
    let everything = model.log.len();
    model = keys(model, &[Key::char('f')]);
    assert!(model.log.len() < everything, "decisions only");
    model = keys(model, &[Key::char('0'), Key::char('6')]);
    assert_eq!(model.log_filter.word(), "decisions", "a filter stays until it is changed");
}
