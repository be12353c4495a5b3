//! Opening forms and turning what was filled in into intents.

use crate::checklist::check::ValueForm;
use crate::checklist::{Check, ItemId};
use crate::cockpit::dialog::{Dialog, Purpose};
use crate::cockpit::effect::Effect;
use crate::cockpit::form::{Field, Form, Stage};
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::screens::Screen;
use crate::deployment::destruction;
use crate::deployment::fact::{IssueAccount, Waiver};
use crate::deployment::{Intent, ItemStatus};
use chrono::Duration;

const WAIVERS: [Waiver; 4] = [Waiver::Skipped, Waiver::Overridden, Waiver::Inapplicable, Waiver::Deferred];
/// The place of deferred among them.
const DEFERRED: usize = 3;
pub(super) const DECISIONS: [&str; 2] = ["go", "no-go"];

pub(super) fn open(model: &mut Model, purpose: Purpose, form: Form) {
    model.dialog = Some(Dialog::Form { form: Box::new(form), purpose, ticket: None });
}

pub(super) fn waive(model: &mut Model) {
    let Some(item) = model.selected.clone() else { return };
    match model.board.status(&item) {
        ItemStatus::Done | ItemStatus::Inapplicable(_) => {
            let word = model.board.status(&item).word();
            model.say(Tone::Plain, format!("Nothing to waive: this step is {word} already"));
            return;
        }
        _ => {}
    }
    let fields = vec![
        Field::choice("how", &["skipped", "overridden", "inapplicable", "deferred"], 0),
        Field::lines("reason", "", "why"),
        Field::text("due in", "", "24h, 7d").only(0, DEFERRED),
    ];
    let intro =
        vec![model.title(&item), "overridden: accepted risk, you vouch for it. skipped: unverified.".to_owned()];
    open(model, Purpose::Waive(item), Form::new("Waive step", "record waiver", fields).with_intro(intro));
}

pub(super) fn take_back(model: &mut Model) {
    let Some(item) = model.selected.clone() else { return };
    let history = model.state.history(&item);
    let waived = history.is_some_and(|history| history.waived.is_some());
    if !waived && super::arming::take_back(model, &item) {
        return;
    }
    let history = model.state.history(&item);
    if !history.is_some_and(|h| h.checked.is_some() || h.waived.is_some()) {
        model.say(Tone::Plain, "Nothing to undo on this step");
        return;
    }
    let form = Form::new("Undo", "record undo", vec![Field::lines("reason", "", "why")]);
    let intro = vec![model.title(&item)];
    open(model, Purpose::TakeBack(item), form.with_intro(intro));
}

pub(super) fn fill(model: &mut Model) {
    let Some(item) = model.selected_item() else { return };
    let Check::Value(value) = &item.check else {
        model.say(Tone::Plain, "No value to enter on this step");
        return;
    };
    let id = item.id.clone();
    let known = model.state.history(&id).and_then(|history| history.value.as_ref()).map_or("", |(_, text)| text);
    let mut hint = value.unit.clone().unwrap_or_default();
    if value.form == ValueForm::Number && hint.is_empty() {
        "a number".clone_into(&mut hint);
    }
    if !value.choices.is_empty() {
        hint = value.choices.join(" / ");
    }
    let intro = vec![item.title.clone(), value.label.clone()];
    let form = Form::new("Enter value", "record value", vec![Field::text("value", known, hint)]).with_intro(intro);
    open(model, Purpose::Fill(id), form);
}

pub(super) fn note(model: &mut Model) {
    let Some(item) = model.selected.clone() else { return };
    let form = Form::new("Add note", "record note", vec![Field::lines("note", "", "what others should know")]);
    let intro = vec![model.title(&item)];
    open(model, Purpose::Note(item), form.with_intro(intro));
}

/// On the sign-offs screen an issue that is not resolved is opened again to add to it; elsewhere a new one is written.
pub(super) fn issue(model: &mut Model) {
    let unresolved = model.state.issues.iter().rposition(|issue| issue.account.resolution.is_none());
    if let (Screen::Signoffs, Some(index)) = (model.screen, unresolved) {
        let issue = &model.state.issues[index];
        let known = |field: &Option<String>| field.clone().unwrap_or_default();
        let fields = vec![
            Field::lines("resolution", &known(&issue.account.resolution), "how it was resolved"),
            Field::lines("impact", &known(&issue.account.impact), "what it did"),
            Field::lines("mitigation", &known(&issue.account.mitigation), "what keeps it from coming back"),
        ];
        let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
        let intro = vec![format!("#{number} {}", issue.title)];
        let form = Form::new("Update issue", "record issue", fields).with_intro(intro);
        open(model, Purpose::UpdateIssue(number), form);
        return;
    }
    let fields = vec![
        Field::text("issue", "", "what happened"),
        Field::lines("resolution", "", "optional"),
        Field::lines("impact", "", "optional"),
        Field::lines("mitigation", "", "optional"),
    ];
    open(model, Purpose::OpenIssue, Form::new("Record issue", "record issue", fields));
}

pub(super) fn lesson(model: &mut Model) {
    let form = Form::new("Record lesson", "record lesson", vec![Field::lines("lesson", "", "what to do differently")]);
    open(model, Purpose::Lesson, form);
}

pub(super) fn confirm(model: &mut Model, item: ItemId) {
    let Some(line) = model.plan.item(&item) else { return };
    let environment = model.plan.environment_of(line).map(|(name, _)| name.to_string()).unwrap_or_default();
    let command = model.plan.environment_of(line).and_then(|(_, environment)| line.check.kind().command(environment));
    let mut intro = vec![line.title.clone()];
    intro.extend(command);
    let destroyed = destruction::of(&model.plan, line);
    let database =
        destroyed.and_then(|(name, environment)| destruction::database_name(&model.state, name, environment));
    let wanted = match (destroyed, database) {
        (Some(_), Some(database)) => {
            intro.push(format!("This destroys data in {environment}. Type the name of its database to run it."));
            database
        }
        (Some(_), None) => {
            intro.push(format!("This destroys data in {environment}. Type the name of its database to run it."));
            String::new()
        }
        (None, _) => {
            intro.push(format!("This changes {environment}. Type its name to run it."));
            environment
        }
    };
    let form = Form::new("Confirm", "run", vec![Field::exact("name", wanted)]).with_intro(intro);
    open(model, Purpose::Confirm(item), form);
}

pub(super) fn cancel(model: &mut Model) {
    let chosen = model.shown_attempt().filter(|attempt| attempt.is_running());
    let Some(attempt) = chosen.or_else(|| model.state.running().last()) else {
        model.say(Tone::Plain, "nothing is running");
        return;
    };
    let number = attempt.number;
    let intro = vec![model.title(&attempt.item), "It gets TERM, then KILL after a grace period.".to_owned()];
    let form = Form::new("Stop running step", "stop step", vec![Field::lines("reason", "", "why")]);
    open(model, Purpose::Cancel(number), form.with_intro(intro));
}

pub(super) fn resolve(model: &mut Model) {
    let lost = model.selected.iter().chain(model.plan.order()).find_map(|id| match model.board.status(id) {
        ItemStatus::Lost(number) => Some((id.clone(), *number)),
        _ => None,
    });
    let Some((item, number)) = lost else {
        model.say(Tone::Plain, "No attempt lost contact");
        return;
    };
    let intro =
        vec![model.title(&item), format!("Attempt {number} lost contact, outcome unknown. Check the system first.")];
    let form = Form::new("Record outcome", "record outcome", vec![Field::lines("found", "", "what you found")]);
    open(model, Purpose::Resolve(number), form.with_intro(intro));
}

/// A text is back from the person's editor.
pub(super) fn edited(model: &mut Model, text: Result<String, String>) {
    match (&mut model.dialog, text) {
        (Some(Dialog::Form { form, .. }), text) => form.edited(text),
        (_, Err(why)) => model.say(Tone::Bad, why),
        (_, Ok(_)) => {}
    }
}

/// Shows what the fields mean where a form shows that while it is typed.
pub(super) fn show_typed(model: &mut Model) {
    super::arming::show_filled(model);
    super::window::show_planned(model);
}

/// Turns what was filled in into a request, or says what is wrong with it.
pub(super) fn submit(model: &mut Model) -> Vec<Effect> {
    let Some(Dialog::Form { form, purpose, .. }) = &model.dialog else { return Vec::new() };
    let purpose = purpose.clone();
    let text = |index: usize| form.text(index).trim().to_owned();
    let some = |index: usize| Some(text(index)).filter(|text| !text.is_empty());
    let account =
        |first: usize| IssueAccount { resolution: some(first), impact: some(first + 1), mitigation: some(first + 2) };
    let intent = match purpose {
        Purpose::Waive(item) => {
            let how = WAIVERS.get(form.choice(0)).copied().unwrap_or(Waiver::Skipped);
            let until = match (how, crate::checklist::offset::Span::parse(form.text(2))) {
                (Waiver::Deferred, Ok(span)) => {
                    Some(model.now + Duration::from_std(span.duration()).unwrap_or_default())
                }
                (Waiver::Deferred, Err(why)) => return refuse(model, 2, why.to_string()),
                _ => None,
            };
            Intent::WaiveItem { item, how, reason: text(1), until }
        }
        Purpose::TakeBack(item) => {
            let waived = model.state.history(&item).is_some_and(|history| history.waived.is_some());
            let reason = text(0);
            if waived { Intent::WithdrawWaiver { item, reason } } else { Intent::UncheckItem { item, reason } }
        }
        Purpose::Fill(item) => Intent::FillValue { item, value: text(0) },
        Purpose::Note(item) => Intent::AddNote { item: Some(item), text: text(0) },
        Purpose::OpenIssue => Intent::OpenIssue { title: text(0), account: account(1) },
        Purpose::UpdateIssue(issue) => Intent::UpdateIssue { issue, account: account(0) },
        Purpose::Lesson => Intent::AddLesson { text: text(0) },
        Purpose::Sign(group, role, shown) => return super::signing::submit(model, group, role, &shown),
        Purpose::Decide => match super::poll::decision(model, form) {
            super::poll::Filled::Decide(intent) => *intent,
            super::poll::Filled::PollFirst => {
                super::poll::poll(model);
                return Vec::new();
            }
            super::poll::Filled::Wrong(field, why) => return refuse(model, field, why),
        },
        Purpose::Arm(item, proposal) => match super::arming::intent(model, &item, proposal) {
            Some(intent) => intent,
            None => return Vec::new(),
        },
        Purpose::Disarm(item) => Intent::DisarmCommand { item, reason: text(0) },
        Purpose::Cancel(attempt) => Intent::RequestCancel { attempt, reason: text(0) },
        Purpose::Resolve(attempt) => Intent::ResolveAttempt { attempt, reason: text(0) },
        Purpose::EndBlocker(environment, session) => {
            let typed = [text(0), text(1)];
            return match super::blocker::submit(model, environment, session, typed) {
                Ok(effect) => hand_over(model, effect),
                Err((field, why)) => refuse(model, field, why),
            };
        }
        Purpose::HandOver => Intent::HandOverSeat { to: text(0), word: text(1) },
        Purpose::TakeOver => Intent::TakeOverSeat { reason: text(0) },
        Purpose::PlanWindow(_) => return super::window::submit(model),
        Purpose::WriteHandover(written) => Intent::RecordHandover { to: some(0), note: some(1), text: written },
        Purpose::Hold => Intent::HoldClock { reason: text(0) },
        Purpose::Resume => Intent::ResumeClock { reason: some(0) },
        Purpose::Confirm(item) => {
            let confirmation = some(0);
            return hand_over(model, |ticket| Effect::StartAttempt { ticket, item, confirmation, simulated: None });
        }
        other => match super::flying::intent(model, form, other) {
            Ok(intent) => intent,
            Err((field, why)) => return refuse(model, field, why),
        },
    };
    hand_over(model, |ticket| Effect::AppendRecord { ticket, intent, simulated: None })
}

pub(super) fn hand_over(
    model: &mut Model,
    effect: impl FnOnce(crate::cockpit::effect::Ticket) -> Effect,
) -> Vec<Effect> {
    let given = model.ticket();
    if let Some(Dialog::Form { form, ticket, .. }) = &mut model.dialog {
        form.stage = Stage::Recording;
        form.error = None;
        *ticket = Some(given);
    }
    vec![effect(given)]
}

/// The fields that cannot stay empty, as the choices stand; they are marked.
pub fn needed(purpose: &Purpose, form: &Form) -> Vec<usize> {
    let needed: &[usize] = match purpose {
        Purpose::Sign(..) if form.choice(1) == 1 => &[0, 2],
        Purpose::Waive(_) if form.choice(0) == DEFERRED => &[1, 2],
        Purpose::Waive(_) => &[1],
        Purpose::UpdateIssue(_) | Purpose::PlanWindow(_) | Purpose::Resume | Purpose::WriteHandover(_) => &[],
        Purpose::HandOver => &[0, 1],
        Purpose::Decide => return super::poll::needed(form),
        Purpose::Arm(..) => return super::arming::needed(form),
        Purpose::TakeBack(_)
        | Purpose::Fill(_)
        | Purpose::Note(_)
        | Purpose::OpenIssue
        | Purpose::Lesson
        | Purpose::Sign(..)
        | Purpose::Disarm(_)
        | Purpose::Cancel(_)
        | Purpose::Resolve(_)
        | Purpose::EndBlocker(..)
        | Purpose::Confirm(_) => &[0],
        other => return super::flying::needed(other, form),
    };
    needed.to_vec()
}

/// The first empty field that cannot stay empty: where the person goes on after a refusal.
pub(super) fn missing(purpose: &Purpose, form: &Form) -> Option<usize> {
    needed(purpose, form).into_iter().find(|index| form.is_empty(*index))
}

pub(super) fn refuse(model: &mut Model, field: usize, why: String) -> Vec<Effect> {
    if let Some(Dialog::Form { form, .. }) = &mut model.dialog {
        form.error = Some(why);
        form.focus = field;
    }
    Vec::new()
}
