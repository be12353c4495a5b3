//! A checklist taken over while a cockpit is open: the screen follows it.

use super::fixture::checklist;
use super::fixture::flight::Flight;
use crate::picture::{paint, whole};
use gonogo::checklist::ItemId;
use gonogo::cockpit::key::Code;
use gonogo::cockpit::msg::Msg;
use gonogo::cockpit::offer::Offer;
use gonogo::cockpit::update::update;
use gonogo::cockpit::{Effect, Key, Model};
use gonogo::config::theme::Theme;
use gonogo::deployment::amendment::Amended;
use gonogo::deployment::{Fact, Intent, ItemStatus, Plan};
use gonogo::screen::Glyphs;
use std::sync::Arc;

#[test]
fn an_open_cockpit_follows_the_checklist_that_was_taken_over() {
    let written = checklist::checklist();
    let id: ItemId = written.items().next().unwrap().id.clone();
    let mut flight = Flight::of(written.clone());
    flight.tick(id.as_str());
    let mut model = flight.model();
    model.settle();
    let mut other = written;
    other.phases[0].sections[0].items[0].title = "Read another guide".into();
    let bindings = flight.plan.bindings().clone();
    let plan = Arc::new(Plan::new(Arc::new(other), bindings));
    let seen = flight.records.len();
    flight.fact(Fact::ChecklistAmended(
        Amended {
            checklist: "neurohub.toml".into(),
            before: flight.plan.digest().clone(),
            digest: plan.digest().clone(),
            snapshot: "checklist-2.toml".into(),
            snapshot_sha256: None,
            reason: "the guide was the wrong one".into(),
            added: Vec::new(),
            removed: Vec::new(),
            changed: vec![id.clone()],
            after_failure: Vec::new(),
            targets: Vec::new(),
            loosened: Vec::new(),
            relaxed: Vec::new(),
        }
        .into(),
    ));
    let records = flight.records[seen..].iter().cloned().map(Arc::new).collect();
    update(&mut model, Msg::Amended(Arc::clone(&plan)));
    update(&mut model, Msg::Recorded(records));
    assert_eq!(model.title(&id), "Read another guide");
    assert_eq!(*model.board.status(&id), ItemStatus::Open);
    assert_eq!(model.plan.digest(), plan.digest());
}

/// A cockpit whose checklist file now reads like this.
fn edited(edit: impl FnOnce(&mut gonogo::checklist::Checklist)) -> Model {
    let mut model = Flight::of(checklist::checklist()).model();
    let mut other = checklist::checklist();
    edit(&mut other);
    let offer = Offer::Readable { file: "neurohub.toml".into(), text: "# text".into(), checklist: Arc::new(other) };
    update(&mut model, Msg::Offered(Some(Box::new(offer))));
    model.settle();
    model
}

fn drawn(model: &Model) -> String {
    whole(&paint(model, &Theme::dark(), &Glyphs::unicode(), 120, 40).0)
}

#[test]
fn an_edited_checklist_is_announced_shown_and_adopted_with_a_reason() {
    let mut model = edited(|checklist| checklist.phases[0].sections[0].items[0].title = "Read another guide".into());
    let text = drawn(&model);
    assert!(text.contains("neurohub.toml was edited: 1 step changed; not adopted yet"), "{text}");
    assert!(text.contains("C adopt checklist"), "{text}");
    assert!(update(&mut model, Msg::Key(Key::char('C'))).is_empty());
    let text = drawn(&model);
    for part in ["Adopt neurohub.toml", "~ Read another guide", "renamed, was", "Sign-offs given so far go stale"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    for letter in "it was the wrong one".chars() {
        update(&mut model, Msg::Key(Key::char(letter)));
    }
    let effects = update(&mut model, Msg::Key(Key::plain(Code::Enter)));
    let [Effect::AppendRecord { intent: Intent::AmendChecklist(amendment), .. }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!((amendment.reason.as_str(), &*amendment.text), ("it was the wrong one", "# text"));
    // Adopted, by whomever, it is no news any more.
    let plan = Arc::new(Plan::new(Arc::clone(&amendment.checklist), model.plan.bindings().clone()));
    update(&mut model, Msg::Amended(plan));
    model.settle();
    assert!(model.offered.is_none() && !drawn(&model).contains("was edited"));
}

#[test]
fn an_edit_that_means_the_same_or_cannot_be_read_is_not_adopted() {
    let mut model = edited(|_| {});
    assert!(model.offered.is_none());
    update(&mut model, Msg::Key(Key::char('C')));
    assert!(drawn(&model).contains("the checklist file was not edited since it was adopted"));
    let problems = vec!["neurohub.toml:3:1: unknown key `titel`\n  |".to_owned()];
    let broken = Offer::Broken { file: "neurohub.toml".into(), problems };
    update(&mut model, Msg::Offered(Some(Box::new(broken))));
    model.settle();
    assert!(drawn(&model).contains("neurohub.toml was edited and has errors: neurohub.toml:3:1: unknown key `titel`"));
    assert!(update(&mut model, Msg::Key(Key::char('C'))).is_empty());
    assert!(drawn(&model).contains("neurohub.toml has errors"));
    update(&mut model, Msg::Key(Key::plain(Code::Esc)));
    // Put right again: nothing is reported.
    update(&mut model, Msg::Offered(None));
    model.settle();
    assert!(!drawn(&model).contains("was edited"));
}

#[test]
fn what_was_loosened_after_a_failure_stands_on_the_decision_screen() {
    let written = checklist::checklist();
    let criterion = written.items().find(|item| item.due.is_some()).unwrap().id.clone();
    let mut flight = Flight::of(written);
    let digest = flight.plan.digest().clone();
    flight.fact(Fact::ChecklistAmended(
        Amended {
            checklist: "neurohub.toml".into(),
            before: digest.clone(),
            digest,
            snapshot: "checklist-2.toml".into(),
            snapshot_sha256: None,
            reason: "too strict".into(),
            added: Vec::new(),
            removed: Vec::new(),
            changed: Vec::new(),
            after_failure: Vec::new(),
            targets: Vec::new(),
            loosened: vec![format!("{criterion}: rows: ≤ 5 rows → ≤ 9 rows, after attempt 0001 failed")],
            relaxed: Vec::new(),
        }
        .into(),
    ));
    let mut model = flight.model();
    update(&mut model, Msg::Key(Key::char('4')));
    let text = drawn(&model);
    assert!(text.contains("! loosened") && text.contains("≤ 5 rows → ≤ 9 rows"), "{text}");
    assert!(text.contains("LOOSENED: rows"), "beside the criterion:\n{text}");
}
