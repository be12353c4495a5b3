//! The environments that fill slots.

use super::document;
use super::marks::{Marks, UNNAMED};
use super::table::TableReader;
use super::value::{self, Found};
use crate::checklist::environment::{
    Environment, EnvironmentKind, Migrator, MigratorKind, Patterns, Protection, Revision, Writes,
};
use crate::checklist::ids::{EnvironmentName, SlotId};
use std::collections::BTreeMap;

pub(super) fn read(document: &mut TableReader<'_>, marks: &mut Marks) -> BTreeMap<EnvironmentName, Environment> {
    let mut environments = BTreeMap::new();
    let everywhere = secrets(document);
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
        let mut environment = read_environment(table, marks);
        environment.secrets.extend_from_slice(&everywhere);
        environment.secrets.sort();
        environment.secrets.dedup();
        environments.insert(key, environment);
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
    // Read before, and put in place.
    table.value("facts");
    let mut text = |key| {
        let text = table.text(key);
        if let Some(text) = &text {
            document::report_empty(table.report(), text, key);
        }
        // One of a wrong type is there nevertheless, and nobody need be reported that it is lacking.
        table.has(key).then(|| document::or_empty(text))
    };
    let environment = Environment {
        slot,
        kind: kind.map(|kind| kind.value).unwrap_or_default(),
        protection: protection.map(|protection| protection.value).unwrap_or_default(),
        writes: writes.map(|writes| writes.value).unwrap_or_default(),
        database: text("database"),
        observer_role: text("observer_role"),
        scratch: text("scratch"),
        url: text("url"),
        ca: text("ca"),
        folder: text("folder"),
        backups: text("backups"),
        log: text("log"),
        disk: text("disk"),
        shell: text("shell"),
        auth: table.table("auth", "an auth").and_then(super::auth::read),
        migrator: table.table("migrator", "a migrator").map(read_migrator),
        commands: named(table.table("commands", "the commands")),
        lacks: named(table.table("lacks", "what is lacking")),
        secrets: secrets(&mut table),
    };
    table.finish();
    environment
}

/// The names of variables whose values are secrets.
fn secrets(table: &mut TableReader<'_>) -> Vec<String> {
    let names = table.texts("secrets");
    for name in &names {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.value.is_empty() || !name.value.chars().all(fits) {
            let message = format!("`{}` is no name of a variable", name.value);
            table.report().error(name.at, message, "write the name alone: secrets = [\"API_PIN\"]");
        }
    }
    names.into_iter().map(|name| name.value).collect()
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

const KINDS: [(&str, MigratorKind); 5] = [
    ("alembic", MigratorKind::Alembic),
    ("sqlx", MigratorKind::Sqlx),
    ("dbmate", MigratorKind::Dbmate),
    ("flyway", MigratorKind::Flyway),
    ("command", MigratorKind::Command),
];

fn read_migrator(mut table: TableReader<'_>) -> Migrator {
    table.require("kind", "\"alembic\"");
    let kind = table.word("kind", &KINDS).map(|kind| kind.value);
    let command = document::or_empty(table.required_text("command"));
    let mut whole = |key| {
        let text = table.text(key)?;
        document::report_empty(table.report(), &text, key);
        Some(text)
    };
    let (downgrade, current, version_table) = (whole("downgrade"), whole("current"), whole("version_table"));
    if let (Some(kind), Some(downgrade)) = (kind, &downgrade)
        && kind != MigratorKind::Command
    {
        let message = "`downgrade` is for migrators of kind `command`; the others have words of their own for it";
        table.report().error(downgrade.at, message, "remove it");
    }
    let patterns = table.table("patterns", "the patterns").map(read_patterns);
    let lock_timeout = table.time("lock_timeout").map(|time| time.value);
    let attested = table.word("database", &[("measured", false), ("attested", true)]).is_some_and(|word| word.value);
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
    Migrator {
        kind: kind.unwrap_or(MigratorKind::Alembic),
        revisions,
        command,
        downgrade: downgrade.map(|text| text.value),
        current: current.map(|text| text.value),
        patterns,
        lock_timeout,
        version_table: version_table.map(|text| text.value),
        attested,
    }
}

/// The names of groups that a pattern may hold.
const GROUPS: [(&str, &[&str]); 4] = [
    ("running", &["revision", "from", "to", "way", "words"]),
    ("done", &["revision", "rows", "locked", "took"]),
    ("progress", &["revision", "done", "total", "words"]),
    ("error", &["text"]),
];

fn read_patterns(mut table: TableReader<'_>) -> Patterns {
    let mut pattern = |(key, groups): (&'static str, &[&str])| {
        let text = table.pattern(key)?;
        let regex = regex::Regex::new(&text.value).ok()?;
        for group in regex.capture_names().flatten().filter(|group| !groups.contains(group)) {
            let message = format!("`{key}`: nobody reads a group `{group}`");
            table.report().error(text.at, message, format!("name it one of {}", groups.join(", ")));
        }
        let counts = |group: &str| regex.capture_names().flatten().any(|name| name == group);
        if key == "progress" && !(counts("done") && counts("total")) {
            let message = "`progress` needs the groups `done` and `total`";
            table.report().error(text.at, message, r"write for example (?<done>\d+)/(?<total>\d+)");
        }
        Some(text.value)
    };
    let [running, done, progress, error] = GROUPS.map(&mut pattern);
    table.finish();
    Patterns { running, done, progress, error }
}
