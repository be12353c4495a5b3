//! What the forms of the deployment window share: asking the core before one opens, and turning one into an intent.

use crate::checklist::EnvironmentName;
use crate::cockpit::dialog::Purpose;
use crate::cockpit::form::{Field, Form};
use crate::cockpit::model::{Model, Tone};
use crate::deployment::poll::Answer;
use crate::deployment::rollback::{self, Ending};
use crate::deployment::seat::SeatLock;
use crate::deployment::{Board, Context, Intent, Refusal, decide};

pub(super) const ANSWERS: [&str; 3] = ["go", "no-go", "abstain"];
pub(super) const ENDINGS: [&str; 2] = ["aborted", "failed"];
/// Labels of fields that are found by their names, because not every form has them.
pub(super) const REASON: &str = "reason";
pub(super) const NAME: &str = "name";
pub(super) const HOW: &str = "how";

/// Stands for the reason that is not known yet while the core is asked whether a form would have any use.
pub(super) const SOME_REASON: &str = "…";

/// What the core would say to this intent of the person at the keys. It decides again under the ledger's lock; asking
/// first spares a person filling in what is refused in any case.
pub(super) fn refused(model: &Model, intent: Intent) -> Option<Refusal> {
    let (by, session) = (model.operator.clone(), model.session.clone());
    let context = Context { at: model.now, by, session, lock: SeatLock::Others };
    decide(&model.plan, &model.state, &context, intent).err()
}

/// Says why not; true when it was refused.
pub(super) fn says_no(model: &mut Model, intent: Intent) -> bool {
    let Some(refusal) = refused(model, intent) else { return false };
    let why = super::seat::pointed(model, &(&refusal).into());
    model.say(Tone::Bad, why);
    true
}

/// The protected environment that the deployment can change, if there is one.
pub(super) fn protected(model: &Model) -> Option<EnvironmentName> {
    model.plan.protected().cloned()
}

/// A field for the protected environment's name, where there is such an environment.
pub(super) fn name_field(model: &Model) -> Option<Field> {
    protected(model).map(|name| Field::exact(NAME, name.to_string()))
}

pub(super) fn place(form: &Form, label: &str) -> Option<usize> {
    form.fields.iter().position(|field| field.label == label)
}

fn ending(form: &Form) -> Ending {
    match place(form, HOW).map(|at| form.choice(at)) {
        Some(0) => Ending::Aborted,
        _ => Ending::Failed,
    }
}

/// The answer that is picked in a form of the poll.
fn answer(form: &Form) -> Answer {
    match form.choice(0) {
        0 => Answer::Go,
        1 => Answer::NoGo,
        _ => Answer::Abstain,
    }
}

/// The intent of a filled form, or the field that is wrong and why.
pub(super) fn intent(model: &Model, form: &Form, purpose: Purpose) -> Result<Intent, (usize, String)> {
    let text = |index: usize| form.text(index).trim().to_owned();
    let some = |index: usize| Some(text(index)).filter(|text| !text.is_empty());
    let reason = || place(form, REASON).map(text).unwrap_or_default();
    if let (Some(at), Some(name)) = (place(form, NAME), protected(model))
        && text(at) != name.as_str()
    {
        return Err((at, format!("type the environment's name, {name}")));
    }
    Ok(match purpose {
        Purpose::OpenPoll => Intent::OpenPoll { reason: some(0) },
        Purpose::AnswerPoll(station) => Intent::AnswerPoll { station, answer: answer(form), reason: some(1) },
        Purpose::ReopenDecision => Intent::ReopenDecision { reason: text(0) },
        Purpose::RequestOverride(phase) => Intent::RequestOverride { phase, reason: text(0) },
        Purpose::ConfirmOverride(phase) => Intent::ConfirmOverride { phase, word: text(0) },
        Purpose::AssignRole(group, role) => Intent::AssignRole { group, role, person: text(0) },
        Purpose::ReleaseRole(group, role) => Intent::ReleaseRole { group, role, reason: text(0) },
        Purpose::Abort => Intent::Abort { ending: ending(form), reason: reason() },
        Purpose::BeginRollback => Intent::BeginRollback { ending: ending(form), reason: reason() },
        Purpose::EndRollback => Intent::EndRollback { note: some(0) },
        Purpose::Close => Intent::Close { note: some(0) },
        Purpose::AcknowledgeAlert(alert) => Intent::AcknowledgeAlert { alert, note: some(0) },
        Purpose::Silence(pane) => return super::alerts::silencing(model, form, pane),
        Purpose::Acknowledge(record) => Intent::Acknowledge { record, note: some(0) },
        Purpose::Amend => return super::amend::intent(model, text(0)),
        // Turned into intents before this is asked.
        Purpose::Waive(..)
        | Purpose::Fill(..)
        | Purpose::Note(..)
        | Purpose::OpenIssue
        | Purpose::UpdateIssue(..)
        | Purpose::Lesson
        | Purpose::Sign(..)
        | Purpose::Decide
        | Purpose::Confirm(..)
        | Purpose::Arm(..)
        | Purpose::Disarm(..)
        | Purpose::Cancel(..)
        | Purpose::Resolve(..)
        | Purpose::EndBlocker(..)
        | Purpose::TakeBack(..)
        | Purpose::HandOver
        | Purpose::TakeOver
        | Purpose::PlanWindow(..)
        | Purpose::Hold
        | Purpose::Resume
        | Purpose::WriteHandover(..) => return Err((0, "this form records nothing by itself".to_owned())),
    })
}

/// The fields that cannot stay empty.
pub(super) fn needed(purpose: &Purpose, form: &Form) -> Vec<usize> {
    match purpose {
        Purpose::AnswerPoll(_) if answer(form) == Answer::NoGo => vec![1],
        Purpose::OpenPoll | Purpose::AnswerPoll(_) | Purpose::AcknowledgeAlert(_) | Purpose::Acknowledge(_) => {
            Vec::new()
        }
        Purpose::Silence(_) => vec![0, 1],
        Purpose::Abort | Purpose::BeginRollback | Purpose::Close | Purpose::RequestOverride(_) => {
            [REASON, NAME].iter().filter_map(|label| place(form, label)).collect()
        }
        _ => vec![0],
    }
}

/// What is said and shown once the ledger has it.
pub(super) fn done(model: &mut Model, purpose: &Purpose) {
    let back = model.keymap.hint(crate::cockpit::Action::Rollback);
    match purpose {
        Purpose::AssignRole(group, role) | Purpose::ReleaseRole(group, role) => {
            super::roles::open_at(model, group, role);
        }
        Purpose::Abort => {
            let changed = rollback::has_changed(&model.plan, &model.state);
            let way = rollback::phases(&model.plan).next().is_some();
            let word = model.state.ending.as_ref().map_or("aborted", |ended| ended.ending.word());
            let next = match (changed, way) {
                (true, true) => format!("a protected environment was changed; {back} rolls back"),
                (true, false) => "a protected environment was changed, and the checklist has no rollback".to_owned(),
                (false, _) => "nothing protected was changed, so there is nothing to undo".to_owned(),
            };
            model.say(Tone::Plain, format!("{word}: {next}"));
        }
        Purpose::EndRollback => super::endings::afterwards(model),
        Purpose::RequestOverride(phase) => {
            let text = format!(
                "asked; a second person agrees on their own cockpit, or by gonogo override LEDGER agree {phase} WORD"
            );
            model.say(Tone::Plain, text);
        }
        _ => {}
    }
}

/// What the rollback has not shown as of now.
pub(super) fn unverified(model: &Model) -> Vec<String> {
    rollback::unverified(&model.plan, &model.state, &Board::at(&model.plan, &model.state, model.now))
}
