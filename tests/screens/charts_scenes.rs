//! Moments of the metrics screen: an hour around T-0, a pane opened on it, a week.

use super::scenes::keys;
use super::window;
use chrono::{DateTime, TimeDelta, Utc};
use gonogo::cockpit::key::Code;
use gonogo::cockpit::msg::Sample;
use gonogo::cockpit::{Key, Model, Msg, update};
use gonogo::deployment::{Fact, Verdict};

/// Every moment by its name.
pub(crate) const ALL: [&str; 5] = ["panes-night", "panes-open", "panes-event", "panes-week", "panes-many"];

pub(crate) fn scene(name: &str) -> Option<Model> {
    let three = Key::char('3');
    let enter = Key::plain(Code::Enter);
    Some(match name {
        "panes-night" => keys(night(1), &[three, Key::char('-')]),
        "panes-open" => keys(night(1), &[three, enter]),
        "panes-event" => keys(night(1), &[three, enter, Key::char('['), Key::char('['), Key::char('[')]),
        "panes-week" => keys(week(), &[three, enter, Key::char('-'), Key::char('-'), Key::char('-'), Key::char('-')]),
        "panes-many" => keys(night(4), &[three, Key::plain(Code::Down)]),
        _ => return None,
    })
}

/// Half an hour before T-0 and ten minutes after it: stopped, migrated, held for a while. Every pane of the checklist
/// stands there so many times.
pub(crate) fn night(times: usize) -> Model {
    let mut checklist = window::timed();
    let panes = checklist.panes.clone();
    for time in 1..times {
        checklist.panes.extend(panes.iter().cloned().map(|mut pane| {
            pane.id = format!("{}-{time}", pane.id).as_str().into();
            pane.title = format!("{} {time}", pane.title);
            pane
        }));
    }
    let mut flight = super::flight::Flight::of(checklist);
    let began = flight.now;
    flight.run(
        "before/baseline/lots",
        40,
        Verdict::Pass,
        "30 of 30 requests answered 200",
        &[("latency-p95", 374.0, "ms"), ("queries", 201.0, "queries")],
    );
    flight.wait(1_200);
    let mut flight = window::start(flight, -480);
    flight.wait(414).run("production/window/stop", 3_640, Verdict::Pass, "exit status 0", &[]);
    flight.wait(57).run("production/window/upgrade", 18_200, Verdict::Pass, "at 0003", &[]);
    flight.wait(120).fact(Fact::ClockHeld { reason: "the DBA looks".into() });
    flight.wait(60).fact(Fact::ClockResumed { reason: None });
    flight.wait(360);
    let mut model = flight.model();
    let zero = began + TimeDelta::seconds(1_682);
    feed(&mut model, began, zero, 2);
    model
}

/// The same a week later, sampled every minute, with two hours in which nobody looked.
fn week() -> Model {
    let mut flight = window::started(-480);
    let zero = flight.now + TimeDelta::seconds(480);
    flight.wait(7 * 86_400);
    let mut model = flight.model();
    for pane in &mut model.panes {
        pane.hold(gonogo::cockpit::pane_view::series::Series::new(60_000));
    }
    let began = model.now - TimeDelta::days(7);
    feed(&mut model, began, zero, 60);
    model
}

/// Every so many seconds a sample of each pane: slow before T-0, away for a minute around it, fast after it.
fn feed(model: &mut Model, began: DateTime<Utc>, zero: DateTime<Utc>, every: i64) {
    let panes: Vec<(String, f64, f64)> = model
        .panes
        .iter()
        .enumerate()
        .map(|(at, view)| {
            let far = at as f64 / 3.0;
            let (old, new) = match view.pane.unit.as_str() {
                "ms" => (330.0, 24.0 + 40.0 * far),
                "queries" => (201.0, 2.0),
                _ => (30.4e6, 52.1e6),
            };
            (view.pane.id.to_string(), old, new)
        })
        .collect();
    let mut at = began;
    let mut turn = 0_u32;
    while at <= model.now {
        let second = (at - zero).num_seconds();
        let slept = (200_000..207_200).contains(&second);
        let samples = panes.iter().map(|(pane, old, new)| {
            let wave = f64::from(turn * turn % 11) / 10.0 - 0.5;
            let size = if pane.starts_with("lots") { 0.3 } else { 0.0 };
            let value = if second < 0 { old } else { new } * (1.0 + wave * size);
            let away = (-60..25).contains(&second) && !pane.starts_with("size");
            let value = if away { Err("connection refused".to_owned()) } else { Ok(value) };
            Sample { pane: pane.as_str().into(), at, value }
        });
        if !slept {
            let samples = samples.collect();
            update(model, Msg::Sampled(samples));
        }
        turn = turn.wrapping_add(1) % 9_973;
        at += TimeDelta::seconds(every);
    }
}
