//! Moments of a window: the clock before T-0, counting, held; limits near and passed; the captain's seat in other hands.

use super::checklist;
use super::flight::{Flight, captain};
use super::scenes::{keys, typed};
use super::stages::sign;
use chrono::{FixedOffset, TimeDelta};
use gonogo::checklist::Checklist;
use gonogo::checklist::offset::{Offset, Span};
use gonogo::cockpit::key::Code;
use gonogo::cockpit::model::{Access, Aside};
use gonogo::cockpit::{Key, Model, Msg, update};
use gonogo::deployment::attempt::AttemptNumber;
use gonogo::deployment::fact::{Approval, EstimatesAdopted};
use gonogo::deployment::seat::{Seat, SessionId};
use gonogo::deployment::{Fact, Operator, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every moment by its name.
pub(crate) const ALL: [&str; 19] = [
    "clock-planned",
    "clock-before",
    "clock-running",
    "clock-held",
    "clock-amber",
    "clock-red",
    "clock-over",
    "clock-watching",
    "seat-other",
    "seat-gone",
    "seat-handed",
    "timeline-steps",
    "dialog-seat",
    "dialog-seat-other",
    "dialog-seat-gone",
    "dialog-hand-over",
    "dialog-window",
    "dialog-hold",
    "dialog-resume",
];

pub(crate) fn scene(name: &str) -> Option<Model> {
    Some(match name {
        "clock-planned" => planned(36_000).model(),
        "clock-before" => with_zone(started(-480).model()),
        "clock-running" => with_zone(flown().model()),
        "clock-held" => held().model(),
        "clock-amber" => later(810),
        "clock-red" => later(935),
        "clock-over" => later(1_900),
        "clock-watching" => watching(),
        "seat-other" => keys(others().model(), &[Key::char(' ')]),
        "seat-gone" => gone(12),
        "seat-handed" => handed(),
        "timeline-steps" => keys(flown().model(), &[Key::char('6')]),
        "dialog-seat" => keys(flown().model(), &[Key::char('S')]),
        "dialog-seat-other" => keys(others().model(), &[Key::char('S')]),
        "dialog-seat-gone" => keys(gone(12), &[Key::char('S')]),
        "dialog-hand-over" => typed(keys(flown().model(), &[Key::char('S'), Key::plain(Code::Enter)]), "Kim Minsu"),
        "dialog-window" => typed(keys(sat().model(), &[Key::char('T'), Key::ctrl('u')]), "02:00"),
        "dialog-hold" => typed(keys(flown().model(), &[Key::char('H')]), "the DBA looks at the locks"),
        "dialog-resume" => keys(held().model(), &[Key::char('H')]),
        _ => return None,
    })
}

/// A window of half an hour, its steps each at their time.
pub(crate) fn timed() -> Checklist {
    let mut checklist = checklist::checklist();
    checklist.window.duration = Some(Span::from_millis(1_800_000));
    checklist.window.downtime = Some(Span::from_millis(300_000));
    checklist.window.rollback = Some(Span::from_millis(900_000));
    let offsets = [("stop", -60_000), ("upgrade", 0), ("current", 60_000), ("rows", 60_000)];
    let section = checklist
        .phases
        .iter_mut()
        .flat_map(|phase| &mut phase.sections)
        .find(|s| s.id.as_str() == "production/window");
    for item in &mut section.unwrap().items {
        let own = offsets.iter().find(|(id, _)| item.id.as_str().ends_with(id));
        item.offset = own.map(|(_, millis)| Offset::from_millis(*millis));
        if item.id.as_str().ends_with("announce") {
            item.latest = Some(Offset::from_millis(-86_400_000));
        }
    }
    checklist
}

/// The session of these scenes sits.
pub(crate) fn sat() -> Flight {
    let mut flight = Flight::of(timed());
    flight.fact(Fact::SeatTaken { seat: Seat::Captain, session: SessionId::default() });
    flight
}

/// T-0 so many seconds from now.
fn plan(mut flight: Flight, seconds: i64) -> Flight {
    let zero = flight.now + TimeDelta::seconds(seconds);
    flight.fact(Fact::WindowPlanned { zero, end: zero + TimeDelta::minutes(30) });
    flight
}

fn planned(seconds: i64) -> Flight {
    plan(sat(), seconds)
}

pub(crate) fn start(flight: Flight, from: i64) -> Flight {
    let mut flight = plan(flight, -from);
    flight.fact(Fact::ClockStarted { from: Offset::from_millis(from * 1_000), pace: 1 });
    flight
}

/// The clock counts from an offset in seconds.
pub(crate) fn started(from: i64) -> Flight {
    start(sat(), from)
}

/// All that the gate of production asks for.
fn ready() -> Flight {
    let mut flight = sat();
    flight.tick("setup/read/report").tick("setup/read/guide");
    for item in ["backup/make", "backup/verify", "schema/tables", "schema/orphans", "baseline/lots"] {
        flight.run(&format!("before/{item}"), 40, Verdict::Pass, "as it should be", &[]);
    }
    let value = "vault/neurohub, the DBAs".to_owned();
    flight.fact(Fact::ValueFilled { item: "before/backup/place".into(), value, unit: None });
    for item in ["serials", "equipment"] {
        flight.run(&format!("before/baseline/all/{item}"), 40, Verdict::Pass, "as it should be", &[]);
    }
    flight.fact(Fact::ItemEvaluated {
        item: "before/baseline/all".into(),
        verdict: Verdict::Pass,
        detail: "2 of 2 hold".into(),
        measured: Vec::new(),
        attempts: vec![AttemptNumber(6), AttemptNumber(7)],
    });
    sign(&mut flight, "staging", "qa-lead", "Kim Minsu", Approval::Go, None);
    sign(&mut flight, "staging", "dba", "Ana Berg", Approval::Go, None);
    flight
}

/// At T+00:00:16: the service is stopped, the migration runs.
fn flown() -> Flight {
    let mut flight = start(ready(), -480);
    let durations =
        BTreeMap::from([("production/window/upgrade".into(), 18_200), ("production/window/rows".into(), 900)]);
    let source = "F2X NeuroHub refactoring, rehearsal-staging and rehearsal-production".to_owned();
    flight.fact(Fact::EstimatesAdopted(EstimatesAdopted { source, durations, rollback_ms: Some(840_000) }.into()));
    flight.tick("production/window/announce");
    flight.wait(414).run("production/window/stop", 3_640, Verdict::Pass, "exit status 0", &[]);
    flight.wait(57);
    flight.start("production/window/upgrade");
    flight.wait(14);
    flight
}

fn held() -> Flight {
    let mut flight = start(ready(), -480);
    flight.wait(300).fact(Fact::ClockHeld { reason: "the DBA looks at a session that holds process_data".into() });
    flight.wait(132);
    flight
}

/// The migration goes on for so long after T-0.
fn later(seconds: i64) -> Model {
    let mut flight = start(ready(), -480);
    flight.run("production/window/stop", 3_640, Verdict::Pass, "exit status 0", &[]);
    flight.wait(480 + seconds);
    flight.model()
}

fn with_zone(mut model: Model) -> Model {
    update(&mut model, Msg::Zone(FixedOffset::east_opt(32_400).unwrap()));
    model
}

fn watching() -> Model {
    let flight = flown();
    let mut model = flight.model();
    model.access = Access::Watches;
    keys(model, &[Key::char('H')])
}

fn other() -> Operator {
    Operator { says: "Kim Minsu".into(), user: "kim".into(), ..captain() }
}

/// Kim drives from another session.
pub(crate) fn others() -> Flight {
    let mut flight = Flight::of(timed());
    flight.by = other();
    flight.fact(Fact::SeatTaken { seat: Seat::Captain, session: SessionId::new("3fa9c01d") });
    let zero = flight.now + TimeDelta::seconds(480);
    flight.wait(5).fact(Fact::WindowPlanned { zero, end: zero + TimeDelta::minutes(30) });
    flight.wait(5).fact(Fact::ClockStarted { from: Offset::from_millis(-470_000), pace: 1 });
    flight.wait(30);
    flight
}

/// Kim's session was seen to be gone so many seconds ago.
pub(crate) fn gone(seconds: i64) -> Model {
    let mut flight = others();
    flight.by = captain();
    flight.fact(Fact::SeatFoundEmpty { session: SessionId::new("3fa9c01d") });
    flight.wait(seconds);
    flight.model()
}

fn handed() -> Model {
    let mut model = others().model();
    let mut flight = others();
    let word = "lots is slow, look at it before you go on".to_owned();
    flight.fact(Fact::SeatHandedOver { session: SessionId::new("3fa9c01d"), to: "captain".into(), word });
    update(&mut model, Msg::Recorded(flight.records.into_iter().map(Arc::new).collect()));
    model.aside = Aside::Main;
    model
}
