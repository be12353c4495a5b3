//! Small checklists for tests.

use gonogo::checklist::model::{FORMAT, Slot};
use gonogo::checklist::{Check, Checklist, Environment, Item, Phase, Section};
use gonogo::deployment::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) fn environment() -> Environment {
    Environment { slot: "production".into(), ..Environment::default() }
}

pub(crate) fn item(id: &str, check: Check) -> Item {
    Item { id: id.into(), title: id.into(), slot: Some("production".into()), check, line: 1, ..Item::default() }
}

pub(crate) fn plan(environment: Environment, items: Vec<Item>) -> Arc<Plan> {
    let section = Section { id: "p/s".into(), title: "s".into(), items, ..Section::default() };
    let phase = Phase { id: "p".into(), title: "p".into(), sections: vec![section], ..Phase::default() };
    let checklist = Checklist {
        format: FORMAT,
        id: "test".into(),
        title: "test".into(),
        slots: vec![Slot { id: "production".into(), title: "Production".into() }],
        environments: BTreeMap::from([("real-production".into(), environment)]),
        phases: vec![phase],
        ..Checklist::default()
    };
    Arc::new(Plan::new(Arc::new(checklist), BTreeMap::from([("production".into(), "real-production".into())])))
}
