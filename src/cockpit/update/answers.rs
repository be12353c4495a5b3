//! Answers to requests.

use super::{flying, forms, seat, window};
use crate::cockpit::action::Action;
use crate::cockpit::autopilot::{self, Autopilot, Waiting};
use crate::cockpit::dialog::{Dialog, Purpose};
use crate::cockpit::effect::{Effect, Ticket};
use crate::cockpit::form::Stage;
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::msg::Declined;

/// A request was carried out.
pub(super) fn done(model: &mut Model, done: Ticket) -> Vec<Effect> {
    if let Some(effects) = window::goes_on(model, done) {
        return effects;
    }
    if let Some(Dialog::Form { ticket: Some(ticket), purpose, .. }) = &model.dialog
        && *ticket == done
    {
        let purpose = purpose.clone();
        model.dialog = None;
        if let Purpose::Waive(item) = &purpose {
            model.undoable = Some((done, format!("waived {}", model.title(item))));
        }
        flying::done(model, &purpose);
    }
    if let Some((_, what)) = model.undoable.take_if(|(ticket, _)| *ticket == done) {
        let undo = model.keymap.hint(Action::TakeBack);
        model.say(Tone::Good, format!("{what}   {undo} undo"));
    }
    if let Autopilot::On { crew, waiting: Waiting::Answer(ticket, started) } = model.autopilot.clone()
        && ticket == done
    {
        let waiting = started.map_or(Waiting::Nothing, Waiting::Attempt);
        model.autopilot = Autopilot::On { crew, waiting };
        return autopilot::drive(model);
    }
    Vec::new()
}

/// A request was refused; a form that made it stays open with the reason.
pub(super) fn refused(model: &mut Model, refused: Ticket, declined: &Declined) -> Vec<Effect> {
    if let Some(Dialog::Form { form, purpose, ticket }) = &mut model.dialog
        && *ticket == Some(refused)
    {
        form.error = Some(declined.why.clone());
        form.stage = Stage::Filling;
        form.focus = forms::missing(purpose, form).unwrap_or(form.focus);
        *ticket = None;
        return Vec::new();
    }
    let why = seat::pointed(model, declined);
    if model.autopilot.is_on() {
        autopilot::stop(model, Tone::Bad, &why);
    } else {
        model.say(Tone::Bad, why);
    }
    Vec::new()
}
