//! The captain's seat: its dialog, its forms, and what is said when it changes hands.

use super::forms;
use crate::cockpit::action::Action;
use crate::cockpit::autopilot;
use crate::cockpit::dialog::{Dialog, Purpose};
use crate::cockpit::effect::Effect;
use crate::cockpit::form::{Field, Form};
use crate::cockpit::key::{Code, Key};
use crate::cockpit::model::{Access, Model, Tone};
use crate::cockpit::msg::Declined;
use crate::cockpit::screens::Screen;
use crate::cockpit::seat::{Offer, Sitting};
use crate::deployment::seat::Seat;
use crate::deployment::{Fact, Intent, Record};

/// Shows who sits there. Whether somebody else's session still lives is looked at now.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    model.dialog = Some(Dialog::Seat { at: 0 });
    if model.access != Access::Flies || !matches!(model.sitting(), Sitting::Other { gone: None, .. }) {
        return Vec::new();
    }
    let ticket = model.ticket();
    vec![Effect::AppendRecord { ticket, intent: Intent::ReportSeatEmpty, simulated: None }]
}

/// Says at the start that somebody else drives, and what is left to do here.
pub(crate) fn arrive(model: &mut Model) {
    let why = model.not_driving();
    model.say(Tone::Bad, format!("{why}; until then you review here: looking, signing and notes work"));
}

/// Keys while the seat is looked at.
pub(crate) fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    let offers = model.offers();
    let Some(Dialog::Seat { at }) = &mut model.dialog else { return Vec::new() };
    *at = (*at).min(offers.len().saturating_sub(1));
    match (key.code, model.keymap.action(key)) {
        (Code::Enter, _) => match offers.get(*at) {
            Some(offer) => return choose(model, *offer),
            None => model.dialog = None,
        },
        (Code::Tab, _) | (_, Some(Action::Down)) => *at = (*at + 1) % offers.len().max(1),
        (Code::BackTab, _) | (_, Some(Action::Up)) => *at = (*at + offers.len().max(1) - 1) % offers.len().max(1),
        _ => model.dialog = None,
    }
    Vec::new()
}

fn choose(model: &mut Model, offer: Offer) -> Vec<Effect> {
    match offer {
        Offer::Take => ask(model, Intent::TakeSeat { seat: Seat::Captain }),
        Offer::Leave => ask(model, Intent::LeaveSeat),
        Offer::HandOver => {
            let fields = vec![
                Field::text("to", "", "the name they state, or their user"),
                Field::lines("word", "", "what they have to know"),
            ];
            let intro = vec![
                "Nobody drives until they have taken it.".to_owned(),
                "Until then you may take it back.".to_owned(),
            ];
            let form = Form::new("Hand the captain's seat over", "hand it over", fields).with_intro(intro);
            forms::open(model, Purpose::HandOver, form);
            Vec::new()
        }
        Offer::TakeOver { wait_s: 0 } => {
            let from = match model.sitting() {
                Sitting::Other { name, .. } => format!("{name} is gone."),
                Sitting::OnItsWay { from, to, .. } => format!("{from} handed it to {to}, who has not taken it."),
                Sitting::Never | Sitting::You | Sitting::Empty => String::new(),
            };
            let fields = vec![Field::lines("reason", "", "why you take it over")];
            let form = Form::new("Take the captain's seat over", "take it over", fields).with_intro(vec![from]);
            forms::open(model, Purpose::TakeOver, form);
            Vec::new()
        }
        Offer::TakeOver { wait_s } => {
            model.say(Tone::Plain, format!("they may still come back; in {wait_s} s the seat can be taken over"));
            Vec::new()
        }
    }
}

fn ask(model: &mut Model, intent: Intent) -> Vec<Effect> {
    model.dialog = None;
    let ticket = model.ticket();
    vec![Effect::AppendRecord { ticket, intent, simulated: None }]
}

/// Why an action is refused in this session before anything is asked for; what only looks is never refused.
pub(crate) fn refusal(model: &Model, action: Action) -> Option<String> {
    let drives = match action {
        // On the alerts screen it ends a silence, which everybody may who is there for more than looking.
        Action::TakeBack if model.screen == Screen::Alerts => false,
        Action::Tick
        | Action::TakeBack
        | Action::Waive
        | Action::Fill
        | Action::Arm
        | Action::EndBlocker
        | Action::Resolve
        | Action::Autopilot
        | Action::AutopilotSimulated
        | Action::PlanWindow => true,
        Action::Decide => model.screen == Screen::Decision,
        // To stop must never wait for a seat; to let go on is the captain's.
        Action::Hold if model.hold().is_some() => true,
        Action::Hold | Action::Cancel => return (!model.may_stop()).then(|| model.not_driving()),
        Action::Go
        | Action::Seat
        | Action::Poll
        | Action::Roles
        | Action::Amend
        | Action::Acknowledge
        | Action::Silence
        | Action::Override
        | Action::Abort
        | Action::Rollback
        | Action::Close
        | Action::Sign
        | Action::Note
        | Action::Issue
        | Action::Handover
        | Action::Lesson
        | Action::ShowCockpit
        | Action::ShowChecklist
        | Action::ShowMigration
        | Action::ShowPanes
        | Action::ShowDecision
        | Action::ShowSignoffs
        | Action::ShowTimeline
        | Action::ShowAlerts
        | Action::Up
        | Action::Down
        | Action::PageUp
        | Action::PageDown
        | Action::First
        | Action::Last
        | Action::Left
        | Action::Right
        | Action::NextPanel
        | Action::OutputUp
        | Action::OutputDown
        | Action::ZoomIn
        | Action::ZoomOut
        | Action::NextOpen
        | Action::NextFailed
        | Action::NextMine
        | Action::Filter
        | Action::ShowAll
        | Action::FollowRunning
        | Action::Find
        | Action::NextMatch
        | Action::PreviousMatch
        | Action::Palette
        | Action::Details
        | Action::Copy
        | Action::CopyLedger
        | Action::Mouse
        | Action::NextTheme
        | Action::Help
        | Action::Back
        | Action::Suspend
        | Action::Quit => false,
    };
    (drives && !model.drives()).then(|| model.not_driving())
}

/// Says why a key that drives does nothing here.
pub(crate) fn refuse(model: &mut Model) -> Vec<Effect> {
    let why = model.not_driving();
    model.say(Tone::Bad, why);
    Vec::new()
}

/// A refusal of the ledger, with the key that shows the way where it is about the seat.
pub(crate) fn pointed(model: &Model, declined: &Declined) -> String {
    let Declined { why, about_seat } = declined;
    if model.access == Access::Flies && !model.drives() && *about_seat {
        format!("{why}; {} shows the seat", model.keymap.hint(Action::Seat))
    } else {
        why.clone()
    }
}

/// Shows what has become of the seat. `drove` is whether this session had it before the record.
pub(crate) fn tell(model: &mut Model, record: &Record, drove: bool) {
    let by = record.by.says.clone();
    let key = model.keymap.hint(Action::Seat);
    let drives = matches!(model.sitting(), Sitting::You);
    match &record.fact {
        Fact::SeatTaken { seat: Seat::Captain, .. } | Fact::SeatTakenOver { .. } if drives => {
            close(model);
            model.say(Tone::Good, "the captain's seat is yours");
        }
        Fact::SeatTakenOver { from, reason, .. } if drove => {
            let lines = vec![format!("{by} took it over from {from}: {reason}"), review(model)];
            lose(model, "The captain's seat is not yours any more", lines);
        }
        Fact::SeatTaken { seat: Seat::Captain, .. } | Fact::SeatTakenOver { .. } => {
            model.say(Tone::Plain, format!("{by} sits in the captain's seat now"));
        }
        Fact::SeatHandedOver { to, word, session } => {
            if *session == model.session {
                close(model);
                lose_autopilot(model);
                model.say(Tone::Plain, format!("handed over to {to}; {key} takes it back until they have taken it"));
            } else if matches!(model.sitting(), Sitting::OnItsWay { yours: true, .. }) {
                model.say(Tone::Good, format!("{by} hands you the captain's seat: {word}; {key} takes it"));
            } else {
                model.say(Tone::Plain, format!("{by} hands the captain's seat to {to}: {word}"));
            }
        }
        Fact::SeatLeft { seat: Seat::Captain, .. } => {
            lose_autopilot(model);
            model.say(Tone::Plain, format!("nobody sits in the captain's seat now; {key} takes it"));
        }
        Fact::SeatFoundEmpty { .. } => {
            let Sitting::Other { name, .. } = model.sitting() else { return };
            model.say(Tone::Bad, format!("{name}, the captain, is gone; {key} shows when the seat may be taken over"));
        }
        _ => {}
    }
}

fn review(model: &Model) -> String {
    let key = model.keymap.hint(Action::Seat);
    format!("Running steps continue. You may still look, sign and note; {key} shows the seat.")
}

fn lose(model: &mut Model, title: &str, lines: Vec<String>) {
    lose_autopilot(model);
    model.dialog = Some(Dialog::Notice { title: title.to_owned(), lines });
}

fn lose_autopilot(model: &mut Model) {
    if model.autopilot.is_on() {
        autopilot::stop(model, Tone::Plain, "the captain's seat was released");
    }
}

/// What was offered is no longer true.
fn close(model: &mut Model) {
    if matches!(model.dialog, Some(Dialog::Seat { .. })) {
        model.dialog = None;
    }
}
