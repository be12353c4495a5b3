//! Small checklists for tests.

use gonogo::checklist::environment::{Protection, Writes};
use gonogo::checklist::model::{Access, FORMAT, Journal, Order, Risk, Slot, Way, Window};
use gonogo::checklist::{Check, Checklist, Environment, EnvironmentKind, Item, Phase, Section};
use gonogo::deployment::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) fn environment() -> Environment {
    Environment {
        slot: "production".into(),
        kind: EnvironmentKind::Real,
        protection: Protection::Open,
        writes: Writes::Forbidden,
        database: None,
        observer_role: None,
        scratch: None,
        url: None,
        ca: None,
        folder: None,
        backups: None,
        log: None,
        disk: None,
        shell: None,
        auth: None,
        migrator: None,
        commands: BTreeMap::new(),
        lacks: BTreeMap::new(),
        secrets: Vec::new(),
    }
}

pub(crate) fn item(id: &str, check: Check) -> Item {
    Item {
        id: id.into(),
        title: id.into(),
        seed_lines: Vec::new(),
        ours: None,
        note: None,
        slot: Some("production".into()),
        check,
        proposals: Vec::new(),
        targets: Vec::new(),
        after: Vec::new(),
        needs: Vec::new(),
        access: Access::Reads,
        risk: Risk::Routine,
        offset: None,
        due: None,
        timeout: None,
        sense: None,
        no_return: None,
        latest: None,
        fresh: None,
        inapplicable: None,
        items: Vec::new(),
        line: 1,
    }
}

pub(crate) fn plan(environment: Environment, items: Vec<Item>) -> Arc<Plan> {
    let section = Section {
        id: "p/s".into(),
        title: "s".into(),
        slot: None,
        note: None,
        order: Order::Free,
        after: Vec::new(),
        offset: None,
        within: None,
        items,
    };
    let phase = Phase {
        id: "p".into(),
        title: "p".into(),
        slot: None,
        note: None,
        gate: Vec::new(),
        gate_within: Vec::new(),
        way: Way::Forward,
        sections: vec![section],
    };
    let checklist = Checklist {
        format: FORMAT,
        id: "test".into(),
        title: "test".into(),
        summary: None,
        source: None,
        window: Window::default(),
        slots: vec![Slot { id: "production".into(), title: "Production".into() }],
        environments: BTreeMap::from([("real-production".into(), environment)]),
        variants: BTreeMap::new(),
        phases: vec![phase],
        panes: Vec::new(),
        signoffs: Vec::new(),
        allowed_signers: None,
        journal: Journal::default(),
    };
    Arc::new(Plan::new(Arc::new(checklist), BTreeMap::from([("production".into(), "real-production".into())])))
}
