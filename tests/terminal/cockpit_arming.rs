//! Arming on the screen, key by key, without a terminal.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use common::deployment::Deployment;
use gonogo::cockpit::dialog::Purpose;
use gonogo::cockpit::key::Code;
use gonogo::cockpit::model::Access;
use gonogo::cockpit::{Dialog, Effect, Key, Model, Msg, update};
use gonogo::deployment::Intent;
use std::collections::BTreeMap;

const PLAN: &str = r#"
format = 1
id = "p"
title = "P"
[[slot]]
id = "here"
title = "Here"
[environments.here]
slot = "here"
folder = "/srv/app"
[[phase]]
id = "p"
title = "P"
slot = "here"
[[phase.section]]
id = "s"
title = "S"
[[phase.section.item]]
id = "tidy"
title = "Tidy up"
[[phase.section.item.proposal]]
text = "<tool> \"$TARGET\" --as <tool>"
[[phase.section.item.proposal]]
language = "sql"
text = "SELECT 1;"
[[phase.section.item]]
id = "plain"
title = "Look"
"#;

fn model() -> (Deployment, Model) {
    model_with(Access::Flies)
}

fn model_with(access: Access) -> (Deployment, Model) {
    let deployment = Deployment::open(PLAN, &[("here", "here")]);
    let model =
        Model::new(deployment.plan.clone(), deployment.records.clone(), deployment.by.clone(), access, deployment.now);
    (deployment, model)
}

fn press(model: &mut Model, keys: &[Key]) -> Vec<Effect> {
    keys.iter().flat_map(|key| update(model, Msg::Key(*key))).collect()
}

fn type_in(model: &mut Model, text: &str) {
    let keys: Vec<Key> = text.chars().map(Key::char).collect();
    press(model, &keys);
}

const ENTER: Key = Key::plain(Code::Enter);
const TAB: Key = Key::plain(Code::Tab);

fn intent(effects: &[Effect]) -> &Intent {
    let [Effect::AppendRecord { intent, .. }] = effects else { panic!("{effects:?}") };
    intent
}

fn form(model: &Model) -> &gonogo::cockpit::form::Form {
    let Some(Dialog::Form { form, .. }) = &model.dialog else { panic!("{:?}", model.dialog) };
    form
}

#[test]
fn a_command_is_looked_at_filled_in_and_handed_to_the_ledger() {
    let (mut deployment, mut model) = model();
    press(&mut model, &[Key::char('E')]);
    assert!(matches!(&model.dialog, Some(Dialog::Command { proposal: 1, .. })), "{:?}", model.dialog);
    press(&mut model, &[TAB]);
    assert!(matches!(&model.dialog, Some(Dialog::Command { proposal: 2, .. })));
    // SQL is shown and goes nowhere.
    press(&mut model, &[ENTER]);
    assert!(model.dialog.is_none() && model.answer.as_ref().unwrap().text.contains("SQL is not run"));
    press(&mut model, &[Key::char('E'), TAB, TAB, ENTER]);
    let labels: Vec<&str> = form(&model).fields.iter().map(|field| field.label.as_ref()).collect();
    assert_eq!(labels, ["<tool>", "$TARGET"]);
    assert!(form(&model).intro.last().unwrap().contains("run in /srv/app (here)"));
    type_in(&mut model, "ls");
    assert_eq!(form(&model).intro[1], "$ ls \"$TARGET\" --as ls");
    press(&mut model, &[TAB]);
    type_in(&mut model, "build");
    assert_eq!(form(&model).intro[1], "$ ls \"build\" --as ls");
    let effects = press(&mut model, &[ENTER]);
    let values = BTreeMap::from([("<tool>".to_owned(), "ls".to_owned()), ("$TARGET".to_owned(), "build".to_owned())]);
    let wanted =
        Intent::ArmCommand { item: "p/s/tidy".into(), proposal: 1, values, destroys: None, confirmation: None };
    assert_eq!(*intent(&effects), wanted);
    let records = deployment.ask(wanted).unwrap();
    update(&mut model, Msg::Recorded(records.into_iter().map(Into::into).collect()));
    // The item now runs what was armed; until it does, that can be taken back.
    model.dialog = None;
    assert!(matches!(&press(&mut model, &[ENTER])[..], [Effect::StartAttempt { .. }]));
    press(&mut model, &[Key::char('u')]);
    assert!(matches!(&model.dialog, Some(Dialog::Form { purpose: Purpose::Disarm(_), .. })), "{:?}", model.dialog);
    type_in(&mut model, "no");
    let disarm = Intent::DisarmCommand { item: "p/s/tidy".into(), reason: "no".into() };
    assert_eq!(*intent(&press(&mut model, &[ENTER])), disarm);
    let records = deployment.ask(disarm).unwrap();
    update(&mut model, Msg::Recorded(records.into_iter().map(Into::into).collect()));
    model.dialog = None;
    // Enter never ticks past a command; the tick has a key of its own.
    assert!(press(&mut model, &[ENTER]).is_empty());
    assert!(matches!(&model.dialog, Some(Dialog::Command { .. })), "{:?}", model.dialog);
    model.dialog = None;
    let tick = press(&mut model, &[Key::char(' ')]);
    assert!(matches!(intent(&tick), Intent::CheckItem { .. }));
    let records = deployment.ask(intent(&tick).clone()).unwrap();
    update(&mut model, Msg::Recorded(records.into_iter().map(Into::into).collect()));
    press(&mut model, &[Key::char('E')]);
    assert!(model.dialog.is_none());
    assert_eq!(model.answer.as_ref().unwrap().text, "Ticked already; u undoes that, then its command can be enabled");
}

#[test]
fn a_value_that_destroys_asks_for_one_more_word() {
    let (_, mut model) = model();
    press(&mut model, &[Key::char('E'), ENTER]);
    type_in(&mut model, "rm -rf");
    assert!(press(&mut model, &[TAB, ENTER]).is_empty());
    let asked = form(&model);
    assert_eq!((asked.fields.len(), asked.focus), (3, 2));
    assert_eq!(asked.error.as_deref(), Some("filled in like this it removes files; type `removes files` to arm it"));
    type_in(&mut model, "removes files");
    let effects = press(&mut model, &[ENTER]);
    let Intent::ArmCommand { destroys, values, .. } = intent(&effects) else { panic!("{effects:?}") };
    assert_eq!(destroys.as_deref(), Some("removes files"));
    // What is left empty comes from the environment, and is no value.
    assert_eq!(values.len(), 1);
}

#[test]
fn an_item_without_a_command_says_so_and_watching_arms_nothing() {
    let (_, mut model) = model();
    press(&mut model, &[Key::char('j'), Key::char('E')]);
    assert!(model.dialog.is_none() && model.answer.as_ref().unwrap().text == "No command to enable here");
    let (_, mut model) = model_with(Access::Watches);
    press(&mut model, &[Key::char('g'), Key::char('E')]);
    assert!(model.dialog.is_none() && model.answer.as_ref().unwrap().text.contains("Read-only"));
}
