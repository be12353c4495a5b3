//! What the keys of the captain's seat, the window and the hold do, in the right state and in the wrong one.

use super::fixture::scenes::{keys, typed};
use super::fixture::window::{gone, others, sat, scene, started};
use chrono::TimeDelta;
use gonogo::checklist::offset::Offset;
use gonogo::cockpit::helm::Grain;
use gonogo::cockpit::key::Code;
use gonogo::cockpit::model::Access;
use gonogo::cockpit::{Dialog, Effect, Key, Model, Msg, update};
use gonogo::deployment::seat::{Seat, SessionId};
use gonogo::deployment::{Fact, Intent, Refusal};
use std::sync::Arc;

fn scene_of(name: &str) -> Model {
    scene(name).unwrap()
}

fn answer(model: &Model) -> String {
    model.answer.as_ref().map(|answer| answer.text.clone()).unwrap_or_default()
}

fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    let effects = update(model, Msg::Key(key));
    model.settle();
    effects
}

fn enter(model: &mut Model) -> Vec<Effect> {
    press(model, Key::plain(Code::Enter))
}

fn intents(effects: Vec<Effect>) -> Vec<Intent> {
    let intent = |effect| match effect {
        Effect::AppendRecord { intent, .. } => intent,
        other => panic!("{other:?} is no record"),
    };
    effects.into_iter().map(intent).collect()
}

fn error(model: &Model) -> (usize, String) {
    let Some(Dialog::Form { form, .. }) = &model.dialog else { panic!("no form is open: {:?}", model.dialog) };
    (form.focus, form.error.clone().unwrap_or_default())
}

fn clear_and_type(model: Model, text: &str) -> Model {
    typed(keys(model, &[Key::ctrl('u')]), text)
}

#[test]
fn where_another_sits_every_key_that_drives_says_who_and_names_the_key_to_the_seat() {
    for key in [' ', 'w', 'u', 'v', 'E', 'r', 'b', 'a', 'A', 'T', 'c', 'H']
        .map(Key::char)
        .into_iter()
        .chain([Key::plain(Code::Enter)])
    {
        let mut model = others().model();
        assert_eq!(press(&mut model, key), [], "{key} did something");
        assert!(model.dialog.is_none(), "{key} opened {:?}", model.dialog);
        let said = answer(&model);
        assert!(said.contains("the captain's seat is Kim Minsu's; S shows the seat"), "{key}: {said}");
    }
    let mut model = keys(others().model(), &[Key::char('4')]);
    press(&mut model, Key::char('D'));
    assert!(model.dialog.is_none() && answer(&model).contains("Kim Minsu's; S"), "{}", answer(&model));
    // Looking, noting and signing are everybody's.
    for key in ['e', 'i', 'L', 'd', '?'] {
        assert!(keys(others().model(), &[Key::char(key)]).dialog.is_some(), "{key}");
    }
    let model = keys(others().model(), &[Key::char('5'), Key::plain(Code::Enter)]);
    assert!(matches!(model.dialog, Some(Dialog::Evidence(_))));
}

#[test]
fn what_the_ledger_refuses_for_the_seat_names_the_key_too() {
    let mut model = others().model();
    let refusal = Refusal::NotYourSeat { holder: "Kim Minsu".into(), session: SessionId::new("3fa9c01d") };
    update(&mut model, Msg::Refused(gonogo::cockpit::effect::Ticket(9), (&refusal).into()));
    assert!(answer(&model).ends_with("; S shows the seat"), "{}", answer(&model));
    update(&mut model, Msg::Arrived);
    assert!(answer(&model).contains("Kim Minsu's; S shows"), "{}", answer(&model));
}

#[test]
fn the_captain_may_stop_from_another_session_and_let_nothing_go_on_there() {
    let mut flight = started(-480);
    let mut model = flight.model();
    model.session = SessionId::new("elsewhere");
    model = keys(model, &[Key::char('H')]);
    assert!(matches!(model.dialog, Some(Dialog::Form { .. })), "{}", answer(&model));
    flight.fact(Fact::ClockHeld { reason: "why".into() });
    let mut model = flight.model();
    model.session = SessionId::new("elsewhere");
    model = keys(model, &[Key::char('H')]);
    assert!(model.dialog.is_none() && answer(&model).contains("another session; S"), "{}", answer(&model));
}

#[test]
fn the_seat_offers_what_is_possible_and_nothing_else() {
    // Who lives is not followed; whether they live is looked at when the dialog opens.
    let mut model = others().model();
    assert_eq!(intents(press(&mut model, Key::char('S'))), [Intent::ReportSeatEmpty]);
    assert_eq!(enter(&mut model), []);
    assert!(model.dialog.is_none());
    // Who is gone is followed after half a minute, with a reason.
    let mut model = keys(gone(12), &[Key::char('S')]);
    assert_eq!(enter(&mut model), []);
    assert!(answer(&model).contains("in 18 s"), "{}", answer(&model));
    let later = model.now + TimeDelta::seconds(18);
    update(&mut model, Msg::Tick(later));
    assert_eq!(enter(&mut model), []);
    let mut model = typed(model, "their line dropped");
    assert_eq!(intents(enter(&mut model)), [Intent::TakeOverSeat { reason: "their line dropped".into() }]);
    // Handed to this person it is taken without more ado.
    let mut model = keys(scene_of("seat-handed"), &[Key::char('S')]);
    assert_eq!(intents(enter(&mut model)), [Intent::TakeSeat { seat: Seat::Captain }]);
    // One's own is handed over or left.
    let mut model = keys(sat().model(), &[Key::char('S'), Key::char('j')]);
    assert_eq!(intents(enter(&mut model)), [Intent::LeaveSeat]);
    let mut flight = sat();
    flight.fact(Fact::SeatLeft { seat: Seat::Captain, session: SessionId::default() });
    let mut model = keys(flight.model(), &[Key::char('S')]);
    assert_eq!(intents(enter(&mut model)), [Intent::TakeSeat { seat: Seat::Captain }]);
    // Whoever only watches looks.
    let mut model = others().model();
    model.access = Access::Watches;
    assert_eq!(press(&mut model, Key::char('S')), []);
    assert!(matches!(model.dialog, Some(Dialog::Seat { .. })) && model.offers().is_empty());
}

#[test]
fn a_hand_over_wants_a_name_and_a_word() {
    let mut model = scene_of("dialog-hand-over");
    enter(&mut model);
    let mut model = typed(model, "lots is slow");
    let intent = Intent::HandOverSeat { to: "Kim Minsu".into(), word: "lots is slow".into() };
    assert_eq!(intents(enter(&mut model)), [intent]);
    let Some(Dialog::Form { ticket: Some(ticket), .. }) = model.dialog else { panic!("nothing was handed over") };
    update(&mut model, Msg::Refused(ticket, "text is needed here".to_owned().into()));
    assert_eq!(error(&model).1, "text is needed here");
}

#[test]
fn losing_the_seat_is_reported_at_once_and_stops_the_autopilot() {
    let mut flight = sat();
    let mut model = keys(flight.model(), &[Key::char('A')]);
    assert!(model.autopilot.is_on());
    flight.by.says = "Ana".into();
    flight.fact(Fact::SeatTakenOver {
        session: SessionId::new("other"),
        from: "captain".into(),
        reason: "no answer".into(),
    });
    update(&mut model, Msg::Recorded(flight.records.into_iter().map(Arc::new).collect()));
    assert!(!model.autopilot.is_on());
    let Some(Dialog::Notice { title, lines }) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert!(title.contains("not yours any more") && lines[0].contains("Ana") && lines[0].contains("no answer"));
}

#[test]
fn the_window_is_planned_and_then_the_clock_started_in_this_order() {
    let model = keys(sat().model(), &[Key::char('T')]);
    let model = clear_and_type(model, "2026-11-22 15:00");
    let mut model = keys(model, &[Key::plain(Code::Tab), Key::plain(Code::Tab), Key::plain(Code::Tab)]);
    let zero = model.now + TimeDelta::hours(1);
    let plan = Intent::PlanWindow { zero, end: Some(zero + TimeDelta::minutes(30)) };
    assert_eq!(intents(enter(&mut model)), [plan]);
    let Some(Dialog::Form { ticket: Some(ticket), .. }) = model.dialog else { panic!("nothing was handed over") };
    let next = update(&mut model, Msg::Done(ticket));
    assert_eq!(intents(next), [Intent::StartClock { from: None, pace: 1 }]);
    let Some(Dialog::Form { ticket: Some(ticket), .. }) = model.dialog else { panic!("the form went away") };
    assert_eq!(update(&mut model, Msg::Done(ticket)), []);
    assert!(model.dialog.is_none());
}

#[test]
fn a_window_that_is_refused_starts_no_clock() {
    let mut model =
        keys(sat().model(), &[Key::char('T'), Key::plain(Code::Tab), Key::plain(Code::Tab), Key::plain(Code::Tab)]);
    enter(&mut model);
    let Some(Dialog::Form { ticket: Some(ticket), .. }) = model.dialog else { panic!("nothing was handed over") };
    assert_eq!(update(&mut model, Msg::Refused(ticket, "the ledger cannot be written".to_owned().into())), []);
    assert_eq!(error(&model).1, "the ledger cannot be written");
}

#[test]
fn what_is_wrong_with_a_window_is_said_where_its_field_is() {
    let open = || keys(sat().model(), &[Key::char('T')]);
    let tab = Key::plain(Code::Tab);
    let submitted = |mut model: Model| {
        assert_eq!(update(&mut model, Msg::Key(Key { ctrl: true, ..Key::plain(Code::Enter) })), []);
        error(&model)
    };
    let (field, why) = submitted(clear_and_type(open(), "tomorrow"));
    assert!(field == 0 && why.contains("`tomorrow` is no time"), "{field}: {why}");
    let (field, why) = submitted(keys(open(), &[Key::ctrl('u')]));
    assert!(field == 0 && why.contains("when T-0 is"), "{field}: {why}");
    let (field, why) = submitted(clear_and_type(keys(open(), &[tab]), "2020-01-01 00:00"));
    assert!(field == 1 && why.contains("before T-0"), "{field}: {why}");
    let (field, why) = submitted(typed(keys(open(), &[tab, tab, Key::plain(Code::Right), tab]), "10"));
    assert!(field == 3 && why.contains("no offset"), "{field}: {why}");
    let (field, why) = submitted(clear_and_type(keys(open(), &[tab, tab, tab]), "99"));
    assert!(field == 4 && why.contains("1 to 20"), "{field}: {why}");
}

#[test]
fn an_offset_and_a_pace_are_handed_on() {
    let tab = Key::plain(Code::Tab);
    let model = keys(sat().model(), &[Key::char('T'), tab, tab, Key::plain(Code::Right), tab]);
    let mut model = clear_and_type(keys(typed(model, "T-10m"), &[tab]), "10");
    enter(&mut model);
    let Some(Dialog::Form { ticket: Some(ticket), .. }) = model.dialog else { panic!("nothing was handed over") };
    let start = Intent::StartClock { from: Some(Offset::from_millis(-600_000)), pace: 10 };
    assert_eq!(intents(update(&mut model, Msg::Done(ticket))), [start]);
}

#[test]
fn a_counting_clock_is_held_before_it_is_planned_anew() {
    let mut model = started(-480).model();
    press(&mut model, Key::char('T'));
    assert!(model.dialog.is_none() && answer(&model).contains("H holds it"), "{}", answer(&model));
    assert!(matches!(keys(scene_of("clock-held"), &[Key::char('T')]).dialog, Some(Dialog::Form { .. })));
}

#[test]
fn the_hold_key_holds_with_a_reason_and_lets_go_on_without() {
    let mut model = keys(sat().model(), &[Key::char('H')]);
    assert!(model.dialog.is_none() && answer(&model).contains("T plans the window"), "{}", answer(&model));
    model = typed(keys(started(-480).model(), &[Key::char('H')]), "wait");
    assert_eq!(intents(enter(&mut model)), [Intent::HoldClock { reason: "wait".into() }]);
    let mut model = scene_of("dialog-resume");
    assert_eq!(intents(enter(&mut model)), [Intent::ResumeClock { reason: None }]);
    let mut model = scene_of("clock-watching");
    assert_eq!(press(&mut model, Key::char('H')), []);
    assert!(model.dialog.is_none() && answer(&model).contains("Read-only"));
}

#[test]
fn time_goes_on_only_while_something_counts() {
    let grain = |model: &Model| model.grain();
    assert_eq!(grain(&sat().model()), Grain::Still);
    assert_eq!(grain(&scene_of("clock-planned")), Grain::Minutes);
    assert_eq!(grain(&scene_of("clock-before")), Grain::Seconds);
    assert_eq!(grain(&scene_of("clock-held")), Grain::Seconds);
    // The age of a sitting, and the wait until it may be followed.
    assert_eq!(grain(&scene_of("dialog-seat")), Grain::Seconds);
    let mut flight = sat();
    flight.fact(Fact::SeatTaken { seat: Seat::Captain, session: SessionId::new("other") });
    assert_eq!(grain(&keys(flight.model(), &[Key::char('S')])), Grain::Seconds);
    let mut flight = started(-480);
    flight.fact(Fact::Aborted { reason: "not tonight".into() });
    assert_eq!(grain(&flight.model()), Grain::Still);
}

#[test]
fn a_clock_that_was_set_is_reported_until_it_is_right_again() {
    let mut model = sat().model();
    update(&mut model, Msg::ClockSet(Some(TimeDelta::hours(-1))));
    update(&mut model, Msg::ClockSet(Some(TimeDelta::hours(1))));
    assert_eq!(model.warnings.len(), 1);
    assert!(model.warnings[0].contains("set forward by 1 h 00 min"), "{}", model.warnings[0]);
    update(&mut model, Msg::ClockSet(None));
    assert!(model.warnings.is_empty());
}
