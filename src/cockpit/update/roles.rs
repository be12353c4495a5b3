//! Who has which role.

use super::flying::{SOME_REASON, says_no};
use super::forms;
use crate::checklist::{GroupId, RoleId};
use crate::cockpit::action::Action;
use crate::cockpit::dialog::{Dialog, Purpose};
use crate::cockpit::form::{Field, Form};
use crate::cockpit::key::{Code, Key};
use crate::cockpit::list::ListCursor;
use crate::cockpit::model::{Access, Model, Tone};
use crate::deployment::Intent;
use crate::deployment::roles::title_of;

/// Every role with its group, in the order of the checklist.
fn all(model: &Model) -> Vec<(GroupId, RoleId)> {
    let groups = model.plan.checklist().signoffs.iter();
    groups.flat_map(|group| group.roles.iter().map(|role| (group.id.clone(), role.id.clone()))).collect()
}

pub(super) fn open(model: &mut Model) {
    if all(model).is_empty() {
        model.say(Tone::Plain, "this checklist has no roles: no sign-off asks for one");
        return;
    }
    model.dialog = Some(Dialog::Roles { cursor: ListCursor::default() });
}

/// Opens the list with the cursor on a role.
pub(super) fn open_at(model: &mut Model, group: &GroupId, role: &RoleId) {
    let at = all(model).iter().position(|(g, r)| g == group && r == role).unwrap_or(0);
    model.dialog = Some(Dialog::Roles { cursor: ListCursor { at, top: 0 } });
}

pub(super) fn key(model: &mut Model, key: Key) {
    let roles = all(model);
    let Some(Dialog::Roles { cursor }) = &mut model.dialog else { return };
    let page = isize::try_from(model.windows.dialog.max(1)).unwrap_or(1);
    let chosen = roles.get(cursor.at).cloned();
    match (key.code, model.keymap.action(key)) {
        (Code::Enter, _) => chosen.into_iter().for_each(|role| assign(model, role)),
        (_, Some(Action::TakeBack)) => chosen.into_iter().for_each(|role| release(model, role)),
        (_, Some(Action::Down)) => cursor.step(1, roles.len()),
        (_, Some(Action::Up)) => cursor.step(-1, roles.len()),
        (_, Some(Action::PageDown)) => cursor.step(page, roles.len()),
        (_, Some(Action::PageUp)) => cursor.step(-page, roles.len()),
        (_, Some(Action::First)) => cursor.step(isize::MIN / 2, roles.len()),
        (_, Some(Action::Last)) => cursor.step(isize::MAX / 2, roles.len()),
        _ => model.dialog = None,
    }
}

/// Whether this cockpit only looks on, which it then says.
fn only_watches(model: &mut Model) -> bool {
    let watches = model.access != Access::Flies;
    if watches {
        model.dialog = None;
        model.say(Tone::Bad, "this cockpit only watches; open the ledger with `gonogo open` to give roles");
    }
    watches
}

fn assign(model: &mut Model, (group, role): (GroupId, RoleId)) {
    let intent = Intent::AssignRole { group: group.clone(), role: role.clone(), person: SOME_REASON.to_owned() };
    if only_watches(model) {
        return;
    }
    if says_no(model, intent) {
        model.dialog = None;
        return;
    }
    let key = (group, role);
    let held = model.state.roles.get(&key).map(|held| held.person.clone());
    let mut intro = vec![title_of(&model.plan, &key)];
    intro.push("Only this person signs and answers the poll in it: the name they state, or their user.".to_owned());
    let fields = vec![Field::text("person", held.as_deref().unwrap_or_default(), "a name, or a user")];
    let (group, role) = key;
    forms::open(model, Purpose::AssignRole(group, role), Form::new("Assign role", "assign", fields).with_intro(intro));
}

fn release(model: &mut Model, (group, role): (GroupId, RoleId)) {
    let intent = Intent::ReleaseRole { group: group.clone(), role: role.clone(), reason: SOME_REASON.to_owned() };
    if only_watches(model) {
        return;
    }
    if says_no(model, intent) {
        model.dialog = None;
        return;
    }
    let intro = vec![title_of(&model.plan, &(group.clone(), role.clone()))];
    let fields = vec![Field::lines("reason", "", "why it is left to nobody")];
    forms::open(
        model,
        Purpose::ReleaseRole(group, role),
        Form::new("Take a role back", "take it back", fields).with_intro(intro),
    );
}
