//! The metrics screen: its grid, its keys, and that what is drawn says what was measured.

use crate::fixture::charts::night;
use crate::fixture::scenes::{keys, scene};
use crate::picture::{letters, paint, whole};
use chrono::TimeDelta;
use gonogo::cockpit::key::Code;
use gonogo::cockpit::model::Access;
use gonogo::cockpit::msg::{Mouse, MouseDid, Sample};
use gonogo::cockpit::pane_view::board::Zoom;
use gonogo::cockpit::pane_view::series::{Bucket, MINUTE, Point};
use gonogo::cockpit::{Effect, Key, Model, Msg, Screen, update};
use gonogo::config::theme::Theme;
use gonogo::screen::Glyphs;
use ratatui::style::Color;

/// As the loop draws: again when the charts were made ready for another width.
fn drawn(model: &mut Model, columns: u16, lines: u16, glyphs: &Glyphs) -> String {
    let (_, windows) = paint(model, &Theme::dark(), glyphs, columns, lines);
    update(model, Msg::LaidOut(Box::new(windows)));
    model.settle();
    let (buffer, windows) = paint(model, &Theme::dark(), glyphs, columns, lines);
    update(model, Msg::LaidOut(Box::new(windows)));
    assert!(!model.charts_are_coarse(), "a third frame would look different at {columns}x{lines}");
    whole(&buffer)
}

fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    let effects = update(model, Msg::Key(key));
    model.settle();
    effects
}

#[test]
fn the_grid_is_as_large_as_the_terminal_allows() {
    for (columns, lines, across, shown) in [(80, 24, 1, 3), (120, 36, 2, 6), (200, 60, 3, 12), (60, 16, 1, 1)] {
        let mut model = keys(night(4), &[Key::char('3')]);
        let text = drawn(&mut model, columns, lines, &Glyphs::unicode());
        assert_eq!((model.windows.across, model.windows.list), (across, shown), "{columns}x{lines}\n{text}");
    }
    // Sixteen fit on the largest.
    let mut model = keys(night(6), &[Key::char('3')]);
    drawn(&mut model, 200, 60, &Glyphs::unicode());
    assert_eq!((model.windows.across, model.windows.list), (4, 16));
}

#[test]
fn the_worst_stands_first_and_the_cursor_stays_on_its_pane() {
    let mut model = keys(night(1), &[Key::char('3'), Key::plain(Code::Right)]);
    let in_hand = model.pane_in_hand().unwrap().pane.id.clone();
    let first = |model: &Model| model.panes[model.charts.order[0]].pane.id.to_string();
    assert_eq!(first(&model), "lots");
    let sample = |pane: &str, at, value| Sample { pane: pane.into(), at, value };
    let at = model.now;
    update(&mut model, Msg::Sampled(vec![sample("queries", at, Ok(400.0))]));
    model.settle();
    assert_eq!(first(&model), "queries");
    assert_eq!(model.pane_in_hand().unwrap().pane.id, in_hand);
    // No data is worse than a target that is met.
    update(&mut model, Msg::Sampled(vec![sample("queries", at, Ok(1.0)), sample("size", at, Err("away".into()))]));
    model.settle();
    assert_eq!(first(&model), "size");
}

#[test]
fn every_pane_can_be_reached_and_seen() {
    for (columns, lines) in [(60, 16), (80, 24), (120, 36), (200, 60)] {
        let mut model = keys(night(6), &[Key::char('3')]);
        for _ in 0..model.panes.len() {
            let text = drawn(&mut model, columns, lines, &Glyphs::unicode());
            let title = model.pane_in_hand().unwrap().pane.title.clone();
            assert!(["✔", "·", "✗"].iter().any(|sign| text.contains(&format!("▌{sign} {title} "))), "{title}\n{text}");
            press(&mut model, Key::plain(Code::Right));
        }
        assert_eq!(model.cursor(Screen::Panes).at, model.panes.len() - 1);
        press(&mut model, Key::plain(Code::Home));
        assert_eq!(model.cursor(Screen::Panes).at, 0);
    }
}

#[test]
fn enter_opens_a_pane_and_escape_goes_back() {
    let mut model = keys(night(1), &[Key::char('3'), Key::plain(Code::Right), Key::plain(Code::Enter)]);
    assert_eq!(model.opened_pane().unwrap().1.pane.id.as_str(), "queries");
    let text = drawn(&mut model, 120, 36, &Glyphs::unicode());
    assert!(text.contains("target ≤ 4 queries") && text.contains("baseline 201 queries −99 % [−99, −99]"), "{text}");
    press(&mut model, Key::plain(Code::Down));
    assert_eq!(model.opened_pane().unwrap().1.pane.id.as_str(), "size");
    press(&mut model, Key::plain(Code::Esc));
    assert!(model.opened_pane().is_none() && model.screen == Screen::Panes);
    assert_eq!(model.pane_in_hand().unwrap().pane.id.as_str(), "size");
    press(&mut model, Key::plain(Code::Esc));
    assert_eq!(model.screen, Screen::Cockpit);
}

#[test]
fn who_only_watches_may_look_at_every_chart() {
    let mut model = keys(night(1), &[Key::char('3')]);
    model.access = Access::Watches;
    press(&mut model, Key::plain(Code::Enter));
    assert!(model.opened_pane().is_some() && model.answer.is_none(), "{:?}", model.answer);
}

#[test]
fn looking_at_charts_leaves_the_autopilot_on() {
    let mut model = keys(scene("cockpit-autopilot"), &[Key::char('3')]);
    for key in [Key::plain(Code::Enter), Key::char('+'), Key::char('['), Key::plain(Code::Left)] {
        press(&mut model, key);
        assert!(model.autopilot.is_on(), "{key} paused it");
    }
    press(&mut model, Key::plain(Code::Esc));
    assert!(model.autopilot.is_on() && model.opened_pane().is_none());
}

#[test]
fn the_zoom_goes_from_all_to_a_week_and_back() {
    let mut model = keys(night(1), &[Key::char('3')]);
    let mut seen = vec![model.charts.zoom];
    for _ in 0..6 {
        press(&mut model, Key::char('-'));
        seen.push(model.charts.zoom);
    }
    assert_eq!(seen[1..5], [Zoom::SixHours, Zoom::Day, Zoom::Week, Zoom::Week], "an hour is in sight already");
    for zoom in [Zoom::Day, Zoom::SixHours, Zoom::Hour, Zoom::FiveMinutes, Zoom::FiveMinutes] {
        press(&mut model, Key::char('+'));
        assert_eq!(model.charts.zoom, zoom);
        let span = model.charts.span.end - model.charts.span.start;
        assert!(span <= zoom.longest_ms() && span * 10 > zoom.longest_ms() * 9, "{zoom:?}: {span}");
    }
}

#[test]
fn what_is_not_held_is_asked_for_once_and_drawn_when_it_comes() {
    let mut model = night(1);
    let asked = |effects: &[Effect]| {
        let widths = effects.iter().filter_map(|effect| match effect {
            Effect::ReadBuckets { pane, span_ms, width_ms, .. } => {
                Some((pane.to_string(), span_ms.end - span_ms.start, *width_ms))
            }
            _ => None,
        });
        widths.collect::<Vec<_>>()
    };
    let first = press(&mut model, Key::char('3'));
    assert_eq!(asked(&first).len(), 3, "{first:?}");
    assert!(asked(&first).iter().all(|(_, _, width)| *width == MINUTE));
    assert!(asked(&press(&mut model, Key::char('j'))).is_empty(), "it was asked for already");
    press(&mut model, Key::char('g'));
    press(&mut model, Key::plain(Code::Enter));
    let day = press(&mut model, Key::char('-'));
    let day = asked(&day).into_iter().chain(asked(&press(&mut model, Key::char('-')))).collect::<Vec<_>>();
    assert!(day.iter().all(|(pane, _, _)| pane == "lots") && day.len() == 2, "only the open pane: {day:?}");
    let from = (model.now - TimeDelta::hours(20)).timestamp_millis();
    let bucket = |at: i64| {
        let points: Vec<Point> = (0..30).map(|n| Point { at_ms: at + n * 2_000, value: Ok(900.0) }).collect();
        Bucket::of(at, MINUTE, &points, None, MINUTE)
    };
    let buckets = (0..600).map(|at| bucket(from + at * MINUTE)).collect();
    update(&mut model, Msg::Buckets { pane: "lots".into(), buckets });
    model.settle();
    let numbers = model.charts.ready[0].numbers.unwrap();
    assert!((numbers.max - 900.0).abs() < 1e-9 && !numbers.exact, "{numbers:?}");
    let text = drawn(&mut model, 120, 36, &Glyphs::unicode());
    assert!(text.contains("max 900 ms") && text.contains("median ≈ "), "{text}");
}

#[test]
fn events_are_stepped_through_and_named() {
    let mut model = keys(night(1), &[Key::char('3'), Key::plain(Code::Enter)]);
    let mut names = Vec::new();
    for _ in 0..6 {
        press(&mut model, Key::char('['));
        let readout = model.charts.readout.clone().unwrap();
        names.push(readout.event.unwrap().label);
    }
    assert_eq!(names, ["resumed", "hold", "migration done", "T-0", "migration", "stop"]);
    let text = drawn(&mut model, 120, 36, &Glyphs::unicode());
    assert!(text.contains("no data: connection refused") && text.contains("before T-0   stop"), "{text}");
    press(&mut model, Key::char(']'));
    assert_eq!(model.charts.readout.as_ref().unwrap().event.as_ref().unwrap().label, "migration");
    for _ in 0..6 {
        press(&mut model, Key::char(']'));
    }
    assert_eq!(model.charts.cursor_ms, None, "past the last it follows what comes");
    // An event out of sight takes the window with it.
    press(&mut model, Key::char('+'));
    press(&mut model, Key::char('+'));
    for _ in 0..5 {
        press(&mut model, Key::char('['));
    }
    let cursor = model.charts.cursor_ms.unwrap();
    assert!(model.charts.span.contains(&cursor));
}

#[test]
fn the_cursor_reads_out_what_was_measured_there() {
    let mut model = keys(night(1), &[Key::char('3'), Key::plain(Code::Right), Key::plain(Code::Enter)]);
    drawn(&mut model, 120, 36, &Glyphs::unicode());
    press(&mut model, Key::plain(Code::Left));
    let readout = model.charts.readout.clone().unwrap();
    let (least, most, count) = readout.numbers.unwrap();
    assert!((least - 2.0).abs() < 1e-9 && (most - 2.0).abs() < 1e-9 && count > 0, "{readout:?}");
    press(&mut model, Key::plain(Code::Home));
    assert_eq!(model.charts.readout.as_ref().unwrap().numbers, None, "nothing was measured then");
    let text = drawn(&mut model, 120, 36, &Glyphs::unicode());
    assert!(text.contains("no sample here"), "{text}");
    press(&mut model, Key::plain(Code::End));
    assert_eq!(model.charts.cursor_ms, None);
}

#[test]
fn a_number_that_is_too_old_says_so() {
    let mut model = keys(night(1), &[Key::char('3')]);
    let later = model.now + TimeDelta::minutes(14);
    update(&mut model, Msg::Tick(later));
    model.settle();
    let text = drawn(&mut model, 120, 36, &Glyphs::unicode());
    assert!(text.contains("14 min old") && !text.contains("ok "), "{text}");
    assert!(text.contains("no data"), "the time since is no gap\n{text}");
}

#[test]
fn what_is_beyond_the_target_is_marked_without_colour_too() {
    for name in Theme::NAMES {
        let mut model = scene("panes-open");
        drawn(&mut model, 120, 36, &Glyphs::unicode());
        let theme = Theme::named(name).unwrap();
        let (buffer, _) = paint(&model, &theme, &Glyphs::unicode(), 120, 36);
        let axis = |sign: &str| letters(&buffer).iter().filter(|line| line.contains(sign)).count();
        assert!(axis("┃") >= 8 && axis("│") >= 20, "{name}\n{}", whole(&buffer));
        let grounds = buffer.content().iter().filter(|cell| cell.symbol() == " ").map(|cell| cell.bg);
        let tinted = grounds.filter(|ground| *ground != buffer.content()[0].bg).count();
        assert_eq!(tinted > 500, name != "mono", "{name}: {tinted} cells are tinted");
    }
    let (buffer, _) = paint(&scene("panes-open"), &Theme::mono(), &Glyphs::ascii(), 120, 36);
    let text = whole(&buffer);
    assert!(text.contains('!') && text.contains("====") && text.contains("- - -") && text.contains('*'), "{text}");
    assert!(buffer.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
}

#[test]
fn a_click_takes_the_chart_it_stands_on() {
    let mut model = keys(night(4), &[Key::char('3'), Key::char('M')]);
    drawn(&mut model, 120, 36, &Glyphs::unicode());
    for (column, line, at) in [(5, 6, 0), (70, 6, 1), (5, 17, 2), (119, 17, 3), (119, 30, 5)] {
        update(&mut model, Msg::Mouse(Mouse { did: MouseDid::Click, column, line }));
        assert_eq!(model.cursor(Screen::Panes).at, at, "{column}, {line}");
    }
}

#[test]
fn the_main_screen_shows_the_worst_with_their_lines() {
    let mut model = night(1);
    let at = model.now;
    update(&mut model, Msg::Sampled(vec![Sample { pane: "size".into(), at, value: Err("locked".into()) }]));
    model.settle();
    let text = drawn(&mut model, 120, 36, &Glyphs::unicode());
    let line =
        |word: &str| text.lines().position(|line| line.contains(word)).unwrap_or_else(|| panic!("{word}\n{text}"));
    assert!(line("? size of") < line("✔ lots") && text.contains("locked"), "{text}");
    assert!(text.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "{text}");
}

#[test]
fn esc_closes_what_is_open_and_never_pauses_the_autopilot() {
    let esc = Key::plain(Code::Esc);
    let mut model = scene("cockpit-autopilot");
    let flies = |model: &Model, what: &str| assert!(model.autopilot.is_on(), "{what}: {:?}", model.paused);
    for key in ['3', 'd', '?', ':', '6', '1', '/'] {
        for open in [&[Key::char(key)][..], &[Key::char(key), Key::plain(Code::Enter)]] {
            let reads = open.len() == 1 || key == '3';
            for key in open.iter().filter(|_| reads) {
                press(&mut model, *key);
            }
            flies(&model, &format!("{key} opened"));
            let mut presses = 0;
            while model.dialog.is_some() || model.search.is_some() || model.screen != Screen::Cockpit {
                press(&mut model, esc);
                presses += 1;
                assert!(presses < 5, "{key} is never closed");
            }
            flies(&model, &format!("{key} closed"));
        }
    }
    // An opened metric closes to the metrics, and only then they close.
    press(&mut model, Key::char('3'));
    press(&mut model, Key::plain(Code::Enter));
    assert!(model.opened_pane().is_some());
    press(&mut model, esc);
    assert_eq!((model.opened_pane().is_some(), model.screen), (false, Screen::Panes));
    press(&mut model, esc);
    flies(&model, "metrics");
    for key in [esc, Key::char('j'), Key::char('o'), Key::char('z'), Key::char('f'), esc] {
        press(&mut model, key);
        flies(&model, &format!("{key} on the overview"));
    }
    press(&mut model, Key::char('a'));
    assert!(!model.autopilot.is_on());
    // Why it is paused stays in sight on the smallest screen people use, once the answer has gone.
    model.answer = None;
    let text = drawn(&mut model, 80, 24, &Glyphs::unicode());
    assert!(text.contains("PAUSED a was pressed"), "{text}");
}
