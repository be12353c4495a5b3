//! Looking at a proposed command, filling it in, arming it, and taking that back.

use super::forms;
use crate::checklist::check::{Command, Completion, Kind};
use crate::checklist::proposal::{FIRST_LINE, Proposal, ProposalLanguage, destructive};
use crate::checklist::{Item, ItemId};
use crate::cockpit::action::Action;
use crate::cockpit::describe::place;
use crate::cockpit::dialog::{Dialog, Purpose};
use crate::cockpit::form::{Field, Form};
use crate::cockpit::key::{Code, Key};
use crate::cockpit::model::{Model, Tone};
use crate::deployment::{Intent, ItemStatus};
use std::collections::BTreeMap;

/// Labels of the fields that are no placeholders.
const DESTROYS: &str = "what it does";
const ENVIRONMENT: &str = "environment";

/// Lines of a command that a form shows; the whole of it was shown before.
const SHOWN: usize = 6;

/// Whether a step waits with a command that could be run.
pub(super) fn is_offered(item: &Item, status: &ItemStatus) -> bool {
    *status == ItemStatus::Open && item.proposals.iter().any(|proposal| proposal.language == ProposalLanguage::Shell)
}

/// Shows the command to look at first: the first that could be armed and has not run.
pub(super) fn look(model: &mut Model) {
    let Some(item) = model.selected_item() else { return };
    if item.proposals.is_empty() {
        model.say(Tone::Plain, "No command to enable here");
        return;
    }
    if *model.board.status(&item.id) == ItemStatus::Done && item.check.kind().completion() == Completion::Ticked {
        let undo = model.keymap.hint(Action::TakeBack);
        model.say(Tone::Plain, format!("Ticked already; {undo} undoes that, then its command can be enabled"));
        return;
    }
    let id = item.id.clone();
    let last = model.state.history(&id).and_then(|history| history.armed()).map_or(0, |armed| armed.proposal);
    let numbered = (1_u32..).zip(&item.proposals);
    let shell = |(_, proposal): &(u32, &Proposal)| proposal.language == ProposalLanguage::Shell;
    let next = numbered.clone().filter(shell).find(|(number, _)| *number > last);
    let first = next.or_else(|| numbered.clone().find(shell)).map_or(1, |(number, _)| number);
    model.dialog = Some(Dialog::Command { item: id, proposal: first, scroll: 0 });
}

/// Keys while a command is looked at.
pub(super) fn key(model: &mut Model, key: Key) {
    let Some(Dialog::Command { item, proposal, scroll }) = &mut model.dialog else { return };
    let count = model.plan.item(item).map_or(0, |item| u32::try_from(item.proposals.len()).unwrap_or(u32::MAX)).max(1);
    let page = model.windows.dialog.max(1);
    match (key.code, model.keymap.action(key)) {
        (Code::Enter, _) => {
            let (item, proposal) = (item.clone(), *proposal);
            fill(model, &item, proposal);
        }
        (Code::Tab, _) | (_, Some(Action::Right | Action::NextPanel)) => {
            (*proposal, *scroll) = (*proposal % count + 1, 0);
        }
        (Code::BackTab, _) | (_, Some(Action::Left)) => {
            (*proposal, *scroll) = ((*proposal + count - 2) % count + 1, 0);
        }
        (_, Some(Action::Down)) => *scroll = scroll.saturating_add(1),
        (_, Some(Action::Up)) => *scroll = scroll.saturating_sub(1),
        (_, Some(Action::PageDown)) => *scroll = scroll.saturating_add(page),
        (_, Some(Action::PageUp)) => *scroll = scroll.saturating_sub(page),
        (_, Some(Action::First)) => *scroll = 0,
        _ => model.dialog = None,
    }
}

/// Opens the form that arms a command: a field for everything that is to be filled in or typed.
fn fill(model: &mut Model, id: &ItemId, number: u32) {
    let Some((item, proposal)) = proposed(model, id, number) else { return };
    if proposal.language == ProposalLanguage::Sql {
        model.dialog = None;
        model.say(Tone::Bad, "SQL is not run from a document; run it by hand, or write an `sql` check");
        return;
    }
    let places = proposal.placeholders();
    let mut fields: Vec<Field> = places.iter().map(|place| Field::text(place.clone(), "", "value")).collect();
    let variables = proposal.variables().into_iter();
    fields.extend(variables.map(|name| Field::text(name, "", "empty: from the environment gonogo runs in")));
    let ends = "set -e ends it at the first command that fails; set +e goes on";
    fields.extend(proposal.first_line().map(|line| Field::text(FIRST_LINE, line, ends)));
    fields.extend(destructive(&proposal.text).map(destroys));
    let environment = model.plan.environment_of(item).map(|(name, _)| name.to_string()).unwrap_or_default();
    if model.plan.is_protected(item) {
        fields.push(Field::text(ENVIRONMENT, "", environment));
    }
    let form = Form::new("Arm a command", "arm it", fields);
    forms::open(model, Purpose::Arm(id.clone(), number), form);
    show_filled(model);
}

fn destroys(what: &'static str) -> Field {
    Field::text(DESTROYS, "", format!("type: {what}"))
}

fn proposed<'a>(model: &'a Model, id: &ItemId, number: u32) -> Option<(&'a Item, &'a Proposal)> {
    let item = model.plan.item(id)?;
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    Some((item, item.proposals.get(index)?))
}

/// What was typed into the fields of placeholders and variables.
fn values(form: &Form) -> BTreeMap<String, String> {
    let own = |label: &str| label != DESTROYS && label != ENVIRONMENT;
    let fields = form.fields.iter().enumerate().filter(|(_, field)| own(&field.label));
    let values = fields.map(|(at, field)| (field.label.to_string(), form.text(at).trim().to_owned()));
    values.filter(|(_, value)| !value.is_empty()).collect()
}

fn typed(form: &Form, label: &str) -> Option<String> {
    let at = form.fields.iter().position(|field| field.label == label)?;
    Some(form.text(at).trim().to_owned()).filter(|text| !text.is_empty())
}

/// Shows above the fields what would run, with the values typed so far.
pub(super) fn show_filled(model: &mut Model) {
    let Some(Dialog::Form { form, purpose: Purpose::Arm(id, number), .. }) = &model.dialog else { return };
    let Some((item, proposal)) = proposed(model, id, *number) else { return };
    let mut values = values(form);
    for place in proposal.placeholders() {
        values.entry(place.clone()).or_insert(place);
    }
    let command = proposal.armed(&values).unwrap_or_else(|_| proposal.text.clone());
    let mut intro = vec![item.title.clone()];
    intro.extend(command.lines().filter(|line| !line.trim().is_empty()).take(SHOWN).map(|line| format!("$ {line}")));
    let more = command.lines().filter(|line| !line.trim().is_empty()).count().saturating_sub(SHOWN);
    if more > 0 {
        intro.push(format!("and {more} more lines, as they were shown"));
    }
    intro.extend(Command::running(command).hollow(&[]).map(|hollow| format!("Caution: {}.", hollow.why)));
    intro.push(format!("It will run in {}, and with exit status 0 the item is done.", place(model, item)));
    if let Some(Dialog::Form { form, .. }) = &mut model.dialog {
        form.intro = intro;
    }
}

/// The intent of a filled form; `None` when something is asked first.
pub(super) fn intent(model: &mut Model, id: &ItemId, number: u32) -> Option<Intent> {
    let Some(Dialog::Form { form, .. }) = &model.dialog else { return None };
    let (values, destroys_typed, confirmation) = (values(form), typed(form, DESTROYS), typed(form, ENVIRONMENT));
    let asked = form.fields.iter().any(|field| field.label == DESTROYS);
    let (_, proposal) = proposed(model, id, number)?;
    let brought_in = proposal.armed(&values).ok().and_then(|command| destructive(&command)).filter(|_| !asked);
    if let (Some(what), Some(Dialog::Form { form, .. })) = (brought_in, &mut model.dialog) {
        form.fields.push(destroys(what));
        form.focus = form.fields.len() - 1;
        form.error = Some(format!("filled in like this it {what}; type `{what}` to arm it"));
        return None;
    }
    let item = id.clone();
    Some(Intent::ArmCommand { item, proposal: number, values, destroys: destroys_typed, confirmation })
}

/// The fields that cannot stay empty.
pub(super) fn needed(form: &Form) -> Vec<usize> {
    let optional = |label: &str| label.starts_with('$') || label == FIRST_LINE;
    (0..form.fields.len()).filter(|at| !optional(&form.fields[*at].label)).collect()
}

/// Opens the form that disarms a command that has not run; false when there is none.
pub(super) fn take_back(model: &mut Model, item: &ItemId) -> bool {
    let history = model.state.history(item);
    let Some(armed) = history.filter(|history| history.current_attempts().is_empty()).and_then(|h| h.armed()) else {
        return false;
    };
    let first = armed.command.lines().next().unwrap_or_default().to_owned();
    let form = Form::new("Disarm a command", "disarm it", vec![Field::text("reason", "", "why it shall not run")]);
    let intro = vec![model.title(item), format!("$ {first}")];
    forms::open(model, Purpose::Disarm(item.clone()), form.with_intro(intro));
    true
}
