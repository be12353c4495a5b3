//! Alerts on the screen: what asks for somebody is seen from everywhere, and each key does what its hint says.

use crate::fixture::alerts::trouble;
use crate::fixture::scenes::{keys, scene};
use crate::picture::{letters, paint, whole};
use gonogo::checklist::PaneId;
use gonogo::cockpit::key::Code;
use gonogo::cockpit::{Effect, Key, Model, Msg, Screen, update};
use gonogo::config::theme::Theme;
use gonogo::deployment::Intent;
use gonogo::deployment::alerts::AlertNumber;
use gonogo::screen::Glyphs;

fn text(model: &Model, columns: u16, lines: u16) -> String {
    whole(&paint(model, &Theme::dark(), &Glyphs::unicode(), columns, lines).0)
}

fn press(model: &mut Model, typed: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for c in typed.chars() {
        let key = if c == '\n' { Key::plain(Code::Enter) } else { Key::char(c) };
        effects = update(model, Msg::Key(key));
        model.settle();
    }
    effects
}

fn intent(effects: &[Effect]) -> &Intent {
    let [Effect::AppendRecord { intent, .. }] = effects else { panic!("{effects:?}") };
    intent
}

#[test]
fn an_alert_that_asks_is_reported_on_every_screen_at_every_size() {
    for key in "01234567".chars() {
        let model = keys(trouble(), &[Key::char(key)]);
        for (columns, lines) in [(60, 16), (80, 24), (120, 36), (200, 60)] {
            let drawn = text(&model, columns, lines);
            let word = if key == '7' { "1 OPEN" } else { "1 ALERT  lots: over target" };
            assert!(drawn.contains(word), "{key} at {columns}x{lines}\n{drawn}");
        }
    }
    let quiet = text(&scene("alerts-none"), 80, 24);
    assert!(quiet.contains("No alerts.") && !quiet.contains("OPEN"), "{quiet}");
}

#[test]
fn every_screen_is_named_in_the_header_of_a_small_terminal() {
    let drawn = paint(&trouble(), &Theme::dark(), &Glyphs::unicode(), 80, 24).0;
    let tabs = letters(&drawn)[2].clone();
    for name in ["overview", "steps", "migration", "metrics", "go/no-go", "sign-offs", "log", "7 alerts"] {
        assert!(tabs.contains(name), "{name}: {tabs}");
    }
}

#[test]
fn a_metric_with_an_alert_comes_first() {
    let mut model = trouble();
    let first = |model: &Model| model.panes[model.charts.order[0]].pane.id.to_string();
    assert_eq!(first(&model), "lots");
    press(&mut model, "7\n");
    assert_eq!(model.screen, Screen::Panes);
    assert_eq!(model.opened_pane().map(|(_, view)| view.pane.id.clone()), Some(PaneId::new("lots")));
}

#[test]
fn keys_acknowledge_silence_and_end_a_silence() {
    let mut model = trouble();
    press(&mut model, "K");
    let effects = press(&mut model, "on it\n");
    let note = Some("on it".to_owned());
    assert_eq!(*intent(&effects), Intent::AcknowledgeAlert { alert: AlertNumber(4), note });

    let mut model = keys(trouble(), &[Key::char('7')]);
    press(&mut model, "z");
    // Two hours are offered; then the reason; the choice stays with this metric.
    let effects = press(&mut model, "\nrebuild\n\n");
    let Intent::SilenceAlerts { pane, until, reason } = intent(&effects) else { panic!("{effects:?}") };
    assert_eq!((pane.as_ref().map(PaneId::as_str), reason.as_str()), (Some("lots"), "rebuild"));
    assert_eq!((*until - model.now).num_minutes(), 120);

    let mut model = scene("alerts-silence");
    let effects = press(&mut model, "u");
    assert_eq!(*intent(&effects), Intent::EndSilence { pane: Some("queries".into()) });
    let mut model = keys(trouble(), &[Key::char('7'), Key::char('G')]);
    press(&mut model, "K");
    assert!(model.dialog.is_none(), "what is over needs no acknowledgement");
}

#[test]
fn alerts_are_markers_of_their_own_metric_only() {
    let model = trouble();
    let labels = |pane: &str| -> Vec<String> {
        let view = model.panes.iter().find(|view| view.pane.id.as_str() == pane).unwrap();
        model.events_of(view).filter(|event| event.pane.is_some()).map(|event| event.label.clone()).collect()
    };
    assert_eq!(labels("lots"), ["alert 1", "clear 1", "alert 4"]);
    assert_eq!(labels("queries"), ["expected gap 2"]);
    assert_eq!(labels("size"), ["alert 3", "ack 3"]);
}
