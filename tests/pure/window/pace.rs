//! A rehearsal's clock that runs faster than time passes.

use super::flight::Flight;
use chrono::TimeDelta;
use gonogo::checklist::offset::Offset;
use gonogo::deployment::{Intent, Verdict};

pub(crate) fn start(flight: &mut Flight, pace: u32) {
    let zero = flight.now + TimeDelta::seconds(600 / i64::from(pace));
    let end = Some(zero + TimeDelta::seconds(1_800 / i64::from(pace)));
    flight.ask("Ada", "a", Intent::PlanWindow { zero, end }).unwrap();
    let from = Some(Offset::parse("T-10m").unwrap());
    flight.ask("Ada", "a", Intent::StartClock { from, pace }).unwrap();
}

#[test]
fn it_reaches_t_0_when_the_window_says_so_and_steps_wait_by_it() {
    let mut flight = Flight::rehearsal();
    flight.prepare("Ada", "a");
    start(&mut flight, 20);
    let started = flight.now;
    assert_eq!(flight.tell("clock"), "T-00:10:00 counting");
    let at = |seconds: i64| (started + TimeDelta::seconds(seconds)).format("%H:%M:%S").to_string();
    assert_eq!(flight.tell("waits go/before/stop"), format!("until {}", at(27)));
    // What is promised for the rollback shrinks with the window that it has to fit into: 120 s less 45 s.
    assert_eq!(flight.tell("abort-by"), format!("{} green, budget", at(75)));
    flight.pass(10);
    assert_eq!(flight.tell("clock"), "T-00:06:40 counting");
    flight.ask("Ada", "a", Intent::HoldClock { reason: "wait".into() }).unwrap();
    flight.pass(6);
    flight.ask("Ada", "a", Intent::ResumeClock { reason: None }).unwrap();
    assert_eq!(flight.tell("clock"), "T-00:06:40 counting");
    assert_eq!(flight.tell("waits go/before/stop"), format!("until {}", at(33)));
}

#[test]
fn work_goes_no_faster_because_the_clock_does() {
    let mut flight = Flight::rehearsal();
    flight.prepare("Ada", "a");
    start(&mut flight, 20);
    flight.pass(30);
    assert_eq!(flight.tell("clock"), "T+00:00:00 counting");
    // Upgrading staging took 90 s and the probe 0.1 s, which is half an hour and 2 s of this clock.
    let finish = flight.tell("finish");
    assert!(finish.starts_with("T+00:30:02 at "), "{finish}");
    let before = flight.now;
    flight.ask("Ada", "a", Intent::CheckItem { item: "go/before/tell".into(), note: None }).unwrap();
    flight.attempt("Ada", "a", "go/before/stop", Verdict::Pass, 0).unwrap();
    flight.attempt("Ada", "a", "go/move/upgrade", Verdict::Pass, 90_000).unwrap();
    assert_eq!(flight.now, before + TimeDelta::seconds(90));
    assert_eq!(flight.tell("clock"), "T+00:30:00 counting");
}

#[test]
fn downtime_is_measured_where_no_step_has_an_offset() {
    let mut flight = Flight::without_offsets();
    flight.prepare("Ada", "a");
    start(&mut flight, 1);
    flight.ask("Ada", "a", Intent::CheckItem { item: "go/before/tell".into(), note: None }).unwrap();
    assert_eq!(flight.tell("downtime"), "none");
    flight.attempt("Ada", "a", "go/before/stop", Verdict::Pass, 5_000).unwrap();
    assert_eq!(flight.tell("downtime"), "5 s away green");
}
