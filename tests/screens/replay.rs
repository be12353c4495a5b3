//! The time line at the foot of a replay, at every size.

use crate::fixture::flight::Flight;
use crate::fixture::{checklist, scenes};
use crate::picture::{letters, paint, styles, whole};
use gonogo::cockpit::Key;
use gonogo::cockpit::key::Code;
use gonogo::cockpit::replay::evidence::NoEvidence;
use gonogo::cockpit::replay::{History, Replay, ReplayMsg};
use gonogo::config::theme::Theme;
use gonogo::deployment::fact::Waiver;
use gonogo::deployment::{Fact, Seq, Verdict};
use gonogo::screen::Glyphs;
use std::fmt::Write as _;
use std::sync::Arc;

fn flight() -> Flight {
    let mut flight = Flight::of(checklist::checklist());
    let items: Vec<String> = flight.plan.order().iter().map(ToString::to_string).collect();
    for item in items.iter().take(3) {
        flight.tick(item);
    }
    flight.wait(30).fact(Fact::ItemWaived {
        item: items[3].as_str().into(),
        how: Waiver::Skipped,
        reason: "no time".into(),
        until: None,
    });
    let run = flight.plan.checklist().items().find(|item| item.check.is_attempted()).unwrap().id.to_string();
    flight.run(&run, 42_000, Verdict::Fail, "exit 1", &[]);
    flight.wait(300).fact(Fact::NoteAdded { item: None, text: "we look into it".into() });
    flight
}

fn replay(flight: &Flight) -> Replay {
    let records = flight.records.iter().cloned().map(Arc::new).collect();
    Replay::new(History::new(records, vec![(Seq(1), flight.plan.clone())]).unwrap(), Box::new(NoEvidence))
}

fn press(replay: &mut Replay, keys: &[Key]) {
    for key in keys {
        replay.update(ReplayMsg::Key(*key));
    }
}

#[test]
fn the_time_line_looks_as_it_was_accepted() {
    let mut replay = replay(&flight());
    press(&mut replay, &[Key::char('$'), Key::char('<')]);
    let mut account = String::new();
    for (columns, lines) in [(80, 24), (120, 36)] {
        let (drawn, _) = paint(replay.model(), &Theme::dark(), &Glyphs::unicode(), columns, lines);
        let _ = writeln!(account, "{columns}x{lines}\n{}\n\n{}", whole(&drawn), styles(&drawn));
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("replay", account);
    });
}

#[test]
fn what_it_shows_of_the_deployment_is_what_the_cockpit_showed() {
    let flight = flight();
    let mut replay = replay(&flight);
    for count in (1..=flight.records.len()).rev() {
        replay.stand_at(count);
        let mut then = self::flight();
        then.records.truncate(count);
        then.now = then.records.last().unwrap().at;
        let mut live = then.model();
        live.select(replay.model().selected.as_ref().unwrap());
        let middle = |model: &gonogo::cockpit::Model, lines| {
            let (drawn, _) = paint(model, &Theme::dark(), &Glyphs::unicode(), 120, lines);
            // Without header and footer, which say whose cockpit it is.
            letters(&drawn).into_iter().skip(3).take(34).collect::<Vec<_>>().join("\n")
        };
        // The time line takes two lines.
        assert_eq!(middle(replay.model(), 42), middle(&live, 40), "at record {count}");
    }
}

#[test]
fn the_time_line_is_drawn_at_every_size_and_while_it_plays() {
    let mut replay = replay(&flight());
    for glyphs in [Glyphs::unicode(), Glyphs::ascii()] {
        for (columns, lines) in [(1, 1), (60, 16), (61, 17), (80, 24), (200, 60), (300, 100)] {
            for keys in [
                &[Key::char('^')][..],
                &[Key::plain(Code::Right); 3],
                &[Key::char('?')],
                &[Key::char('?'), Key::char('6')],
            ] {
                press(&mut replay, keys);
                paint(replay.model(), &Theme::dark(), &glyphs, columns, lines);
            }
        }
    }
    replay.play(10);
    replay.update(ReplayMsg::Passed(chrono::TimeDelta::milliseconds(50)));
    let (drawn, _) = paint(replay.model(), &Theme::mono(), &Glyphs::ascii(), 120, 36);
    let text = whole(&drawn);
    assert!(text.contains("REPLAY > 10x  2026-11-22 14:") && text.contains("REPLAY"), "{text}");
    assert!(scenes::all().count() > 0);
}

#[test]
fn help_and_hints_name_the_keys_of_the_time_line_and_none_that_acts() {
    let mut replay = replay(&flight());
    let (drawn, _) = paint(replay.model(), &Theme::dark(), &Glyphs::unicode(), 120, 36);
    let foot = letters(&drawn).pop().unwrap();
    assert!(foot.contains("space play  ← → record  < > event  ( ) minute  - + speed"), "{foot}");
    assert!(foot.ends_with("? help") && !foot.contains("waive"), "{foot}");
    press(&mut replay, &[Key::char('?')]);
    let (drawn, _) = paint(replay.model(), &Theme::dark(), &Glyphs::unicode(), 120, 60);
    let text = whole(&drawn);
    assert!(text.contains("By one event") && text.contains("Play or pause"), "{text}");
    assert!(!text.contains("Waive step") && !text.contains("Abort"), "{text}");
}
