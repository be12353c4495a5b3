//! Parts of a checklist.

use gonogo::checklist::check::{
    Command, CommandSource, Direction, Http, Migration, MigrationTarget, Query, QueryCount, Schema, Sql,
};
use gonogo::checklist::environment::{Migrator, MigratorKind, Protection, Revision, Writes};
use gonogo::checklist::evidence::Reference;
use gonogo::checklist::model::Order;
use gonogo::checklist::target::Bound;
use gonogo::checklist::{Check, Environment, EnvironmentKind, Item, Phase, Section, Target};
use std::collections::BTreeMap;

pub(crate) fn item(id: &str, title: &str, check: Check) -> Item {
    Item { id: id.into(), title: title.into(), seed_lines: vec![38], check, ..Item::default() }
}

pub(crate) fn target(measure: &str, bound: Bound, unit: &str) -> Target {
    Target { measure: measure.into(), bound, unit: unit.into() }
}

pub(crate) fn section(id: &str, title: &str, order: Order, items: Vec<Item>) -> Section {
    Section { id: id.into(), title: title.into(), order, items, ..Section::default() }
}

pub(crate) fn phase(id: &str, title: &str, slot: &str, gate: &[&str], sections: Vec<Section>) -> Phase {
    let mut phase = Phase {
        id: id.into(),
        title: title.into(),
        slot: Some(slot.into()),
        gate: gate.iter().map(|text| Reference::parse(text)).collect(),
        sections,
        ..Phase::default()
    };
    for section in &mut phase.sections {
        for item in &mut section.items {
            fill_slot(item, slot);
        }
    }
    phase
}

fn fill_slot(item: &mut Item, slot: &str) {
    item.slot.get_or_insert_with(|| slot.into());
    for child in &mut item.items {
        fill_slot(child, slot);
    }
}

pub(crate) fn command(text: &str) -> Check {
    Check::Command(Command {
        source: CommandSource::Run(text.into()),
        exit: vec![0],
        contains: None,
        lacks: None,
        pattern: None,
        numbers: Vec::new(),
    })
}

pub(crate) fn sql(query: &str) -> Check {
    Check::Sql(Sql {
        query: Query::Any(query.into()),
        expect: None,
        measure: "value".into(),
        unit: "rows".into(),
        among: None,
        since: None,
    })
}

pub(crate) fn http(path: &str) -> Check {
    Check::Http(Http {
        requests: 30,
        warmup: 5,
        queries: Some(QueryCount::Header("x-query-count".into())),
        at_least_records: Some(100),
        ..Http::get(path)
    })
}

pub(crate) fn schema(table: &str) -> Check {
    Check::Schema(Schema { table: Some(table.into()), at_least_indexes: Some(6), ..Schema::default() })
}

pub(crate) fn migration(direction: Direction, to: &str) -> Check {
    Check::Migration(Migration {
        direction,
        to: to.into(),
        from: None,
        on: MigrationTarget::Environment,
        rewrites: vec!["process_data".into()],
    })
}

pub(crate) fn environment(slot: &str, protection: Protection) -> Environment {
    let revision = |id: &str, title: &str| Revision { id: id.into(), title: title.into() };
    Environment {
        slot: slot.into(),
        kind: EnvironmentKind::Rehearsal,
        protection,
        writes: Writes::Allowed,
        database: Some("sqlite:${REHEARSAL}/neurohub.db".into()),
        migrator: Some(Migrator::new(
            MigratorKind::Sqlx,
            "\"$GONOGO\" rehearsal migrate --database \"$GONOGO_DATABASE_URL\"",
            vec![
                revision("0001", "initial schema"),
                revision("0002", "add wip link, constraints and time zones"),
                revision("0003", "add wip unique index"),
            ],
        )),
        commands: BTreeMap::from([("stop".to_owned(), "\"$GONOGO\" rehearsal service stop production".to_owned())]),
        lacks: BTreeMap::from([(
            "python-backend".to_owned(),
            "the simulated application has no Python code".to_owned(),
        )]),
        ..Environment::default()
    }
}
