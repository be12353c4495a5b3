//! The window and the clock: planning, starting, holding and letting go on.

use super::forms;
use crate::checklist::offset::Offset;
use crate::cockpit::action::Action;
use crate::cockpit::dialog::{Dialog, Purpose, WindowStep};
use crate::cockpit::effect::{Effect, Ticket};
use crate::cockpit::form::{Field, Form};
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::when;
use crate::cockpit::window::{due_before, span};
use crate::deployment::Intent;
use crate::deployment::clock::Going;
use chrono::{DateTime, TimeDelta, Utc};

/// The fields of the form, by their places.
const ZERO: usize = 0;
const END: usize = 1;
const START: usize = 2;
const FROM: usize = 3;
const PACE: usize = 4;

const STARTS: [&str; 3] = ["not yet", "now, towards T-0", "now, at an offset"];
/// The places among them.
const TOWARDS: usize = 1;
const AT_OFFSET: usize = 2;

/// The fastest that a rehearsal's clock runs.
const FASTEST: u32 = 20;

/// Lines of what has to be complete before T-0 that are reported.
const NOTICES: usize = 3;

/// Asks for T-0, the window's end and the start of the clock.
pub(super) fn plan(model: &mut Model) {
    if model.helm.reading.is_some_and(|reading| reading.going == Going::Counting) {
        let hold = model.keymap.hint(Action::Hold);
        model.say(Tone::Plain, format!("the clock is counting; {hold} holds it, then it can be planned anew"));
        return;
    }
    if model.state.closed.is_some() || model.state.ending.is_some() {
        model.say(Tone::Plain, "this deployment is over; there is no window to plan");
        return;
    }
    let planned = model.state.clock.window.as_ref();
    let duration = model.plan.checklist().window.duration;
    let rehearsal = model.plan.is_rehearsal();
    let zero = planned.map(|window| when::text(window.zero));
    // A rehearsal is flown now; when a real window begins only a person knows.
    let zero = zero.unwrap_or_else(|| if rehearsal { "+10m".to_owned() } else { String::new() });
    let end = planned.map(|window| when::text(window.end));
    let end = end.or_else(|| duration.map(|duration| format!("+{duration}"))).unwrap_or_default();
    let start = if planned.is_some() || rehearsal { TOWARDS } else { 0 };
    let mut fields = vec![
        Field::text("T-0", &zero, "2026-11-23 02:00 or 02:00, both UTC, or +30m"),
        Field::text("end", &end, "as T-0, or +30m behind T-0"),
        Field::choice("clock", &STARTS, start),
        Field::text("from", "", "T-10m").only(START, AT_OFFSET),
    ];
    if rehearsal {
        fields.push(Field::text("pace", "1", "1 to 20 times as fast"));
    }
    let form = Form::new("Plan the window", "record", fields);
    forms::open(model, Purpose::PlanWindow(WindowStep::Planning), form);
    show_planned(model);
}

/// What was typed, as moments.
struct Typed {
    zero: DateTime<Utc>,
    end: Option<DateTime<Utc>>,
    start: Option<(Option<Offset>, u32)>,
}

/// Reads the form; else the field and what is wrong with it.
fn read(model: &Model, form: &Form) -> Result<Typed, (usize, String)> {
    if form.text(ZERO).trim().is_empty() {
        return Err((ZERO, "say when T-0 is".to_owned()));
    }
    let zero = when::parse(form.text(ZERO), model.now).map_err(|why| (ZERO, why.to_string()))?;
    let end = match form.text(END).trim() {
        "" => None,
        text => Some(when::parse(text, zero).map_err(|why| (END, why.to_string()))?),
    };
    if end.is_none() && model.plan.checklist().window.duration.is_none() {
        return Err((END, "say when the window ends; the checklist promises no duration".to_owned()));
    }
    if end.is_some_and(|end| end <= zero) {
        return Err((END, "the window would end before T-0".to_owned()));
    }
    let start = match form.choice(START) {
        TOWARDS => Some(None),
        AT_OFFSET => Some(Some(Offset::parse(form.text(FROM)).map_err(|why| (FROM, why.to_string()))?)),
        _ => None,
    };
    let pace = match form.text(PACE).trim() {
        "" => 1,
        text => text
            .parse()
            .ok()
            .filter(|pace| (1..=FASTEST).contains(pace))
            .ok_or_else(|| (PACE, format!("`{text}` is no pace; write a number from 1 to {FASTEST}")))?,
    };
    Ok(Typed { zero, end, start: start.map(|from| (from, pace)) })
}

/// Shows above the fields what they mean, and what has to be complete before such a T-0.
pub(super) fn show_planned(model: &mut Model) {
    let Some(Dialog::Form { form, purpose: Purpose::PlanWindow(_), .. }) = &model.dialog else { return };
    let intro = match read(model, form) {
        Err((_, why)) => vec![why],
        Ok(typed) => reported(model, &typed),
    };
    if let Some(Dialog::Form { form, .. }) = &mut model.dialog {
        form.intro = intro;
    }
}

fn reported(model: &Model, typed: &Typed) -> Vec<String> {
    let duration = model.plan.checklist().window.duration;
    let promised = || typed.zero.checked_add_signed(TimeDelta::from_std(duration?.duration()).ok()?);
    let end = typed.end.or_else(promised).unwrap_or(typed.zero);
    let until = typed.zero - model.now;
    let when = if until < TimeDelta::zero() {
        format!("{} ago", span(-until))
    } else if until < TimeDelta::seconds(1) {
        "now".to_owned()
    } else {
        format!("in {}", span(until))
    };
    let length = span(end - typed.zero);
    // The day of the end is reported where it is another one.
    let mut ends = when::text(end);
    if end.date_naive() == typed.zero.date_naive() {
        ends = ends.split_off(11);
    }
    let mut lines =
        vec![format!("T-0 is {when}: {} UTC. The window: {length}, until {ends} UTC.", when::text(typed.zero))];
    let due = due_before(model, typed.zero);
    let more = due.len().saturating_sub(NOTICES);
    lines.extend(due.into_iter().take(NOTICES));
    if more > 0 {
        lines.push(format!("and {more} more have a latest time before T-0"));
    }
    lines
}

/// Turns what was filled in into the first thing to record; the second comes when that is on disk.
pub(super) fn submit(model: &mut Model) -> Vec<Effect> {
    let Some(Dialog::Form { form, .. }) = &model.dialog else { return Vec::new() };
    let typed = match read(model, form) {
        Ok(typed) => typed,
        Err((field, why)) => return forms::refuse(model, field, why),
    };
    let known = model.state.clock.window.as_ref();
    let same = known.is_some_and(|known| known.zero == typed.zero && Some(known.end) == typed.end);
    let is_planned = same && model.state.clock.count.is_none();
    let next = match typed.start {
        Some((from, pace)) if is_planned => return start(model, from, pace),
        None if is_planned => {
            model.dialog = None;
            model.say(Tone::Plain, "the window is planned so already");
            return Vec::new();
        }
        Some((from, pace)) => WindowStep::Starting { from, pace },
        None => WindowStep::Planning,
    };
    if let Some(Dialog::Form { purpose, .. }) = &mut model.dialog {
        *purpose = Purpose::PlanWindow(next);
    }
    let intent = Intent::PlanWindow { zero: typed.zero, end: typed.end };
    forms::hand_over(model, |ticket| Effect::AppendRecord { ticket, intent, simulated: None })
}

fn start(model: &mut Model, from: Option<Offset>, pace: u32) -> Vec<Effect> {
    if let Some(Dialog::Form { purpose, .. }) = &mut model.dialog {
        *purpose = Purpose::PlanWindow(WindowStep::Planning);
    }
    let intent = Intent::StartClock { from, pace };
    forms::hand_over(model, |ticket| Effect::AppendRecord { ticket, intent, simulated: None })
}

/// The window is on disk; if the clock is to be started, that comes now.
pub(super) fn goes_on(model: &mut Model, done: Ticket) -> Option<Vec<Effect>> {
    let Some(Dialog::Form { purpose: Purpose::PlanWindow(step), ticket: Some(ticket), .. }) = &model.dialog else {
        return None;
    };
    match step {
        WindowStep::Starting { from, pace } if *ticket == done => {
            let (from, pace) = (*from, *pace);
            Some(start(model, from, pace))
        }
        _ => None,
    }
}

/// Asks why the clock is held, or what let it go on.
pub(super) fn hold(model: &mut Model) {
    if let Some(hold) = model.hold() {
        let intro = vec![format!("Held by {}: {}", hold.held.by, hold.reason)];
        let fields = vec![Field::lines("word", "", "optional")];
        let form = Form::new("Resume clock", "resume clock", fields).with_intro(intro);
        forms::open(model, Purpose::Resume, form);
        return;
    }
    if model.state.closed.is_some() || model.state.ending.is_some() {
        model.say(Tone::Plain, "this deployment is over; there is no clock to hold");
        return;
    }
    if !model.helm.is_started() {
        let plan = model.keymap.hint(Action::PlanWindow);
        model.say(Tone::Plain, format!("no clock is counting; {plan} plans the window and starts it"));
        return;
    }
    let form =
        Form::new("Hold the clock", "hold", vec![Field::lines("reason", "", "why it must wait")]).with_intro(vec![
            "T stands still. Running steps continue; no step of the window starts until it is resumed.".to_owned(),
        ]);
    forms::open(model, Purpose::Hold, form);
}
