//! Ending a session on the server that is in the way.

use crate::checklist::EnvironmentName;
use crate::checklist::environment::Protection;
use crate::cockpit::dialog::{Dialog, Purpose};
use crate::cockpit::effect::{Effect, Ticket};
use crate::cockpit::form::{Field, Form};
use crate::cockpit::model::{Model, Tone};
use crate::deployment::live::Session;

/// Asks for the reason, and in a protected environment for its name.
pub(super) fn open(model: &mut Model) {
    let Some((environment, live)) = model.server() else {
        model.say(Tone::Plain, "no database server is watched here");
        return;
    };
    let Some(session) = live.culprit().cloned() else {
        let text = if live.queue.is_empty() {
            "No blocker: nobody waits for a lock"
        } else {
            "those in the way are sessions of gonogo itself; cancel the attempt instead"
        };
        model.say(Tone::Plain, text);
        return;
    };
    let environment = environment.clone();
    let what = if session.is_at_work() {
        "Its statement is cancelled on the server; the session stays."
    } else {
        "It is at no statement and keeps its transaction open, so its session is ended and what it did is undone."
    };
    let mut intro = vec![format!("{} as {}, {}", session.name(), session.user, session.state)];
    intro.extend(Some(session.query.clone()).filter(|query| !query.is_empty()));
    intro.push(what.to_owned());
    let mut fields = vec![Field::text("reason", "", "why")];
    if is_protected(model, &environment) {
        intro.push(format!("{environment} is protected. Type its name."));
        fields.push(Field::text("name", "", environment.to_string()));
    }
    let form = Form::new("Terminate blocking session", "end session", fields).with_intro(intro);
    let purpose = Purpose::EndBlocker(environment, Box::new(session));
    model.dialog = Some(Dialog::Form { form: Box::new(form), purpose, ticket: None });
}

/// Hands it to the server, or says what is lacking: the field and the sentence.
pub(super) fn submit(
    model: &Model,
    environment: EnvironmentName,
    session: Box<Session>,
    [reason, typed]: [String; 2],
) -> Result<impl FnOnce(Ticket) -> Effect + use<>, (usize, String)> {
    if reason.is_empty() {
        return Err((0, "a reason is needed: say in a few words why".to_owned()));
    }
    if is_protected(model, &environment) && typed != environment.as_str() {
        return Err((1, format!("type the environment's name, {environment}")));
    }
    Ok(move |ticket| Effect::EndBlocker { ticket, environment, session, reason })
}

fn is_protected(model: &Model, environment: &EnvironmentName) -> bool {
    model.plan.environment(environment).is_none_or(|environment| environment.protection == Protection::Protected)
}
