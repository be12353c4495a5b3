//! A checklist taken over while a cockpit is open: the screen follows it.

use super::fixture::checklist;
use super::fixture::flight::Flight;
use gonogo::checklist::ItemId;
use gonogo::cockpit::msg::Msg;
use gonogo::cockpit::update::update;
use gonogo::deployment::amendment::Amended;
use gonogo::deployment::{Fact, ItemStatus, Plan};
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
    flight.fact(Fact::ChecklistAmended(Amended {
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
        loosened: Vec::new(),
    }));
    let records = flight.records[seen..].iter().cloned().map(Arc::new).collect();
    update(&mut model, Msg::Amended(Arc::clone(&plan)));
    update(&mut model, Msg::Recorded(records));
    assert_eq!(model.title(&id), "Read another guide");
    assert_eq!(*model.board.status(&id), ItemStatus::Open);
    assert_eq!(model.plan.digest(), plan.digest());
}
