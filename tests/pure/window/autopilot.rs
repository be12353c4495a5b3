//! The autopilot in a window: it waits for the clock, and for nobody's key.

use super::flight::{Flight, person};
use super::pace::start;
use chrono::TimeDelta;
use gonogo::cockpit::model::Access;
use gonogo::cockpit::{Effect, Key, Model, Msg, update};
use gonogo::deployment::Intent;

fn cockpit(flight: &Flight) -> Model {
    let records = flight.records.clone();
    Model::new(flight.plan.clone(), records, person("Ada"), Access::Flies, flight.now)
}

/// Time goes on by so much on the screen.
fn wait(flight: &mut Flight, model: &mut Model, seconds: i64) -> Vec<Effect> {
    flight.now += TimeDelta::seconds(seconds);
    update(model, Msg::Tick(flight.now))
}

/// Carries out what the cockpit asks of the ledger.
fn record(flight: &mut Flight, model: &mut Model, effects: &[Effect]) -> Vec<Effect> {
    let [Effect::AppendRecord { ticket, intent, .. }] = effects else { panic!("{effects:?}") };
    let before = flight.records.len();
    flight.ask("Ada", "a", intent.clone()).unwrap();
    let mut more = reported(flight, model, before);
    more.extend(update(model, Msg::Done(*ticket)));
    more
}

fn reported(flight: &Flight, model: &mut Model, from: usize) -> Vec<Effect> {
    let fresh = flight.records[from..].iter().cloned().map(Into::into).collect();
    update(model, Msg::Recorded(fresh))
}

fn starts(effects: &[Effect]) -> Option<&str> {
    effects.iter().find_map(|effect| match effect {
        Effect::StartAttempt { item, .. } => Some(item.as_str()),
        _ => None,
    })
}

#[test]
fn it_waits_for_an_offset_and_stops_where_the_clock_is_held() {
    let mut flight = Flight::rehearsal();
    flight.prepare("Ada", "a");
    start(&mut flight, 20);
    let mut model = cockpit(&flight);
    // Simulated people tick the line of T-10 at once; the next is planned for T-1, which is 27 s from here.
    let ticks = update(&mut model, Msg::Key(Key::char('A')));
    let after = record(&mut flight, &mut model, &ticks);
    assert_eq!(after, Vec::new());
    assert!(model.autopilot.is_on());
    assert_eq!(wait(&mut flight, &mut model, 26), Vec::new());

    let before = flight.records.len();
    flight.ask("Ada", "a", Intent::HoldClock { reason: "wait".into() }).unwrap();
    assert_eq!(reported(&flight, &mut model, before), Vec::new());
    assert!(!model.autopilot.is_on(), "on HOLD it stops");
    let paused = model.paused.clone().unwrap();
    assert_eq!(paused, "HOLD: wait; H resumes the clock, then a the autopilot");
    assert_eq!(wait(&mut flight, &mut model, 60), Vec::new(), "the clock stands");
    let before = flight.records.len();
    flight.ask("Ada", "a", Intent::ResumeClock { reason: None }).unwrap();
    assert_eq!(reported(&flight, &mut model, before), Vec::new());
    assert_eq!(wait(&mut flight, &mut model, 2), Vec::new(), "whoever resumed starts it on purpose");
    let begun = update(&mut model, Msg::Key(Key::char('A')));
    assert_eq!(starts(&begun), Some("go/before/stop"));
}
