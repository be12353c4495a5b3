//! The go/no-go round and the decision.

use super::flying::{ANSWERS, NAME, REASON, SOME_REASON, name_field, place, protected, says_no};
use super::forms::{self, DECISIONS};
use super::moves;
use crate::cockpit::dialog::Purpose;
use crate::cockpit::form::{Field, Form};
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::round::{Turn, turn};
use crate::cockpit::screens::Screen;
use crate::deployment::Intent;
use crate::deployment::coverage::Coverage;
use crate::deployment::criteria::{Call, Outlook};
use crate::deployment::fact::Approval;
use crate::deployment::poll::{self, Answer, Station};

/// The field that asks whether to decide without a poll, and what it offers.
const POLL: &str = "poll";
const POLL_FIRST: [&str; 2] = ["open the poll first", "decide without a poll"];

/// Opens the poll, or answers it for the station of the person at the keys.
pub(super) fn poll(model: &mut Model) {
    let stations = poll::stations(&model.plan);
    let turn = match model.state.poll() {
        None => Turn::Open,
        Some(poll) => turn(model, poll, &stations),
    };
    match turn {
        Turn::Open => open(model, &stations),
        Turn::Answer(station) => answer(model, &station),
        Turn::Wait(why) => model.say(Tone::Plain, why),
    }
}

fn open(model: &mut Model, stations: &[Station]) {
    if says_no(model, Intent::OpenPoll { reason: None }) {
        return;
    }
    let titles: Vec<&str> = stations.iter().map(|station| station.title.as_str()).collect();
    let mut intro = vec![format!("Order: {}.", titles.join(", "))];
    if let Some((stamp, decided)) = model.state.decision() {
        let word = decided.decision.word().to_uppercase();
        intro.push(format!("It revokes the decision {word} by {}.", stamp.by));
    }
    if let Some(poll) = model.state.poll() {
        intro.extend(poll.no_gos().map(|no| reported(stations, &no.station, no.reason.as_deref())));
        intro.push("A new round begins; every poll role answers again.".to_owned());
    }
    intro.push("A single NO-GO puts the clock on HOLD.".to_owned());
    let form = Form::new("Open poll", "open poll", vec![Field::lines("reason", "", "optional")]);
    moves::show(model, Screen::Decision);
    forms::open(model, Purpose::OpenPoll, form.with_intro(intro));
}

fn reported(stations: &[Station], station: &str, reason: Option<&str>) -> String {
    let title = stations.iter().find(|known| known.id == station).map_or(station, |known| &known.title);
    format!("{title} said NO-GO: {}", reason.unwrap_or_default())
}

fn answer(model: &mut Model, station: &Station) {
    let id = station.id.clone();
    if says_no(model, Intent::AnswerPoll { station: id.clone(), answer: Answer::Go, reason: None }) {
        return;
    }
    let known = model.state.poll().and_then(|poll| poll.answer(&id)).map(|answered| answered.answer);
    let at = known.map_or(0, |answer| ANSWERS.iter().position(|word| *word == answer.word()).unwrap_or(0));
    let mut intro = vec![station.title.clone()];
    intro.extend(known.map(|answer| format!("Answered {} before; the latest answer counts.", answer.word())));
    if let Some(outlook) = &model.summary.outlook {
        intro.push(match (outlook.call, outlook.reasons.as_slice()) {
            (Call::Go | Call::DoesNotApply, _) => "Every criterion due now says GO.".to_owned(),
            (call, []) => format!("So far this is {}.", call.word().to_uppercase()),
            (call, [first, ..]) => format!("So far this is {}: {}", call.word().to_uppercase(), first.text),
        });
    }
    let counts = model.state.clock.count.is_some() && model.state.clock.hold().is_none();
    if counts {
        intro.push("A NO-GO puts the clock on HOLD.".to_owned());
    }
    let fields = vec![Field::choice("answer", &ANSWERS, at), Field::lines("reason", "", "required for NO-GO")];
    moves::show(model, Screen::Decision);
    forms::open(model, Purpose::AnswerPoll(id), Form::new("Answer poll", "record answer", fields).with_intro(intro));
}

/// Records the decision, or takes it back when there is one.
pub(super) fn decide(model: &mut Model) {
    if model.state.decision().is_some() {
        reopen(model);
        return;
    }
    if says_no(model, Intent::Decide { decision: Approval::NoGo, reason: SOME_REASON.to_owned() }) {
        return;
    }
    let outlook = model.summary.outlook.clone().unwrap_or(Outlook {
        call: Call::Inconclusive,
        coverage: Coverage::default(),
        reasons: Vec::new(),
    });
    let against = model.state.poll().map(|poll| poll.against(&model.plan)).unwrap_or_default();
    let is_go = outlook.call == Call::Go && against.is_empty();
    let mut intro = Vec::new();
    if outlook.call == Call::Go {
        intro.push(format!("{}.", outlook.coverage.after("Every criterion due now says GO")));
    } else {
        intro.push(format!("So far this is {}:", outlook.call.word().to_uppercase()));
        intro.extend(outlook.reasons.iter().take(3).map(|reason| format!("• {}", reason.text)));
    }
    intro.extend(against.iter().take(2).map(|no| format!("• {no}")));
    let mut fields = vec![
        Field::open_choice("decision", &DECISIONS),
        Field::lines(REASON, "", if is_go { "optional for GO" } else { "why; required for NO-GO" }),
    ];
    if let Some(missing) = without_poll(model) {
        intro.push(missing);
        fields.push(Field::choice(POLL, &POLL_FIRST, 0));
    }
    let answers = model.state.poll().map_or(0, |poll| poll.answers.len());
    let digest = model.plan.digest().short();
    intro.push(match answers {
        0 => format!("The decision covers checklist {digest}, the criteria and the ledger up to now."),
        _ => {
            format!("The decision covers checklist {digest}, the criteria, {answers} answers and the ledger up to now.")
        }
    });
    fields.extend(name_field(model));
    forms::open(model, Purpose::Decide, Form::new("Go/No-Go", "record decision", fields).with_intro(intro));
}

/// Says that nobody was asked, where somebody could have been.
fn without_poll(model: &Model) -> Option<String> {
    poll::not_taken(&model.plan, &model.state)
}

/// What a filled form of the decision asks for.
pub(super) enum Filled {
    Decide(Box<Intent>),
    /// Nobody was asked yet, and shall be.
    PollFirst,
    /// The field that is wrong, and why.
    Wrong(usize, String),
}

/// Reads the form: the poll first where the person chose that, a reason for NO-GO, the environment's name.
pub(super) fn decision(model: &Model, form: &Form) -> Filled {
    if place(form, POLL).is_some_and(|at| form.choice(at) == 0) {
        return Filled::PollFirst;
    }
    let decision = match form.choice(0) {
        0 => Approval::Go,
        1 => Approval::NoGo,
        _ => return Filled::Wrong(0, "choose go or no-go first".to_owned()),
    };
    if let (Some(at), Some(name)) = (place(form, NAME), protected(model))
        && form.text(at).trim() != name.as_str()
    {
        return Filled::Wrong(at, format!("type the environment's name, {name}"));
    }
    Filled::Decide(Box::new(Intent::Decide { decision, reason: form.text(1).trim().to_owned() }))
}

/// The fields of the decision that cannot stay empty.
pub(super) fn needed(form: &Form) -> Vec<usize> {
    if place(form, POLL).is_some_and(|at| form.choice(at) == 0) {
        return Vec::new();
    }
    let reason = (form.choice(0) == 1).then_some(1);
    std::iter::once(0).chain(reason).chain(place(form, NAME)).collect()
}

fn reopen(model: &mut Model) {
    if says_no(model, Intent::ReopenDecision { reason: SOME_REASON.to_owned() }) {
        return;
    }
    let Some((stamp, decided)) = model.state.decision() else { return };
    let intro = vec![
        format!("Decided {} by {}.", decided.decision.word().to_uppercase(), stamp.by),
        "It no longer counts and another one can be recorded. Both stay in the ledger.".to_owned(),
    ];
    let form = Form::new("Reopen decision", "reopen decision", vec![Field::lines("reason", "", "what has changed")]);
    forms::open(model, Purpose::ReopenDecision, form.with_intro(intro));
}
