//! The environments that fill slots.

use super::document;
use super::marks::{Marks, UNNAMED};
use super::table::TableReader;
use super::value::{self, Found};
use crate::checklist::environment::{
    Environment, EnvironmentKind, Migrator, MigratorKind, Protection, Revision, Writes,
};
use crate::checklist::ids::{EnvironmentName, SlotId};
use std::collections::BTreeMap;

pub fn read(document: &mut TableReader<'_>, marks: &mut Marks) -> BTreeMap<EnvironmentName, Environment> {
    let mut environments = BTreeMap::new();
    let Some(all) = document.table("environments", "the environments") else { return environments };
    for (name, value) in all.entries() {
        value::check_id(all.report(), &name.value, name.at);
        let Some(table) = value.get_ref().as_table() else {
            value::expected(all.report(), &name.value, "a table", value, "{ slot = \"…\" }");
            continue;
        };
        let table = TableReader::new(all.report(), table, value.span().into(), "an environment");
        let key = EnvironmentName::new(name.value);
        marks.environments.insert(key.clone(), name.at);
        environments.insert(key, read_environment(table, marks));
    }
    environments
}

fn read_environment(mut table: TableReader<'_>, marks: &mut Marks) -> Environment {
    table.require("slot", "\"…\"");
    let slot = document::slot(&mut table, marks).unwrap_or_else(|| SlotId::new(UNNAMED));
    let kinds = [("real", EnvironmentKind::Real), ("rehearsal", EnvironmentKind::Rehearsal)];
    let kind = table.word("kind", &kinds);
    let protection = table.word("protection", &[("open", Protection::Open), ("protected", Protection::Protected)]);
    let writes = table.word("writes", &[("forbidden", Writes::Forbidden), ("allowed", Writes::Allowed)]);
    let mut text = |key| {
        let text = table.text(key);
        if let Some(text) = &text {
            document::report_empty(table.report(), text, key);
        }
        // One of a wrong type is there nevertheless, and nobody need be told that it is lacking.
        table.has(key).then(|| document::or_empty(text))
    };
    let environment = Environment {
        slot,
        kind: kind.map(|kind| kind.value).unwrap_or_default(),
        protection: protection.map(|protection| protection.value).unwrap_or_default(),
        writes: writes.map(|writes| writes.value).unwrap_or_default(),
        database: text("database"),
        scratch: text("scratch"),
        url: text("url"),
        folder: text("folder"),
        backups: text("backups"),
        log: text("log"),
        disk: text("disk"),
        shell: text("shell"),
        migrator: table.table("migrator", "a migrator").map(read_migrator),
        commands: named(table.table("commands", "the commands")),
        lacks: named(table.table("lacks", "what is lacking")),
    };
    table.finish();
    environment
}

fn named(table: Option<TableReader<'_>>) -> BTreeMap<String, String> {
    let Some(table) = table else { return BTreeMap::new() };
    let report = table.report();
    let keep = |(name, text): (Found<String>, Found<String>)| {
        document::report_empty(report, &text, &name.value);
        (name.value, text.value)
    };
    table.named_texts().into_iter().map(keep).collect()
}

fn read_migrator(mut table: TableReader<'_>) -> Migrator {
    table.require("kind", "\"alembic\"");
    let kind = table.word("kind", &[("alembic", MigratorKind::Alembic), ("sqlx", MigratorKind::Sqlx)]);
    let command = document::or_empty(table.required_text("command"));
    let mut known: BTreeMap<String, u32> = BTreeMap::new();
    let mut revisions = Vec::new();
    for mut table in table.tables("revisions", "a revision") {
        if let Some(id) = table.required_text("id") {
            let line = table.report().line_of(id.at);
            match known.get(&id.value) {
                Some(first) => table.report().error(
                    id.at,
                    format!("the revision `{}` is already there on line {first}", id.value),
                    "remove one of the two",
                ),
                None => drop(known.insert(id.value.clone(), line)),
            }
            revisions.push(Revision { id: id.value, title: document::or_empty(table.required_text("title")) });
        } else {
            table.required_text("title");
        }
        table.finish();
    }
    table.finish();
    Migrator { kind: kind.map_or(MigratorKind::Alembic, |kind| kind.value), revisions, command }
}
