//! Checks on the environment's database, but for its schema.

use super::checks;
use super::marks::{Holder, Marks};
use super::table::TableReader;
use crate::checklist::check::{
    Backup, BackupStage, Columns, Consistency, Depth, Direction, Expectation, Look, Migration, MigrationTarget, Query,
    Rows, Sql,
};
use crate::checklist::target::Target;

#[derive(Clone, Copy)]
enum Expect {
    Empty,
    Rows,
    Refused,
}

pub fn read_sql(table: &mut TableReader<'_>, targets: &[Target]) -> Sql {
    table.call("an sql check");
    let query = query(table);
    let equals = table.text("equals").map(|text| text.value);
    let words = [("empty", Expect::Empty), ("rows", Expect::Rows), ("refused", Expect::Refused)];
    let expect = table.word("expect", &words).map(|expect| expect.value);
    if table.has("equals") && table.has("expect") {
        let at = table.key_at("equals").max(table.key_at("expect"));
        table.report().error(at, "the check has both `equals` and `expect`", "keep one of the two");
    }
    if !table.has("equals") && !table.has("expect") && targets.is_empty() {
        let suggestion = "add `equals = \"…\"`, `expect = \"empty\"` or a target";
        table.report().warning(table.at(), "the query's value is held against nothing", suggestion);
    }
    let expect = equals.map(Expectation::Equals).or(expect.map(|expect| match expect {
        Expect::Empty => Expectation::Empty,
        Expect::Rows => Expectation::Rows,
        Expect::Refused => Expectation::Refused,
    }));
    let measure = table.text("measure").map_or_else(|| "value".to_owned(), |text| text.value);
    // A value that says no unit is in the unit it is held against.
    let held = targets.iter().find(|target| target.measure == measure).map(|target| target.unit.clone());
    let unit = table.text("unit").map(|text| text.value).or(held).unwrap_or_default();
    Sql { query, expect, measure, unit }
}

/// A query for both dialects or one for each.
pub fn query(table: &mut TableReader<'_>) -> Query {
    let nothing = Query::Any(String::new());
    if !table.require("query", "\"SELECT …\"") {
        return nothing;
    }
    let each = table.value("query").is_some_and(|value| value.get_ref().is_table());
    if !each {
        return table.required_text("query").map_or(nothing, |query| Query::Any(query.value));
    }
    let Some(mut queries) = table.table("query", "a query") else { return nothing };
    let mut dialect = |key| if queries.has(key) { queries.required_text(key) } else { queries.text(key) };
    let (sqlite, postgres) = (dialect("sqlite"), dialect("postgres"));
    if !queries.has("sqlite") && !queries.has("postgres") {
        queries.missing("sqlite", "\"…\"` and `postgres = \"…\"");
    }
    queries.finish();
    Query::Each { sqlite: sqlite.map(|query| query.value), postgres: postgres.map(|query| query.value) }
}

pub fn read_consistency(table: &mut TableReader<'_>) -> Consistency {
    table.call("a consistency check");
    let look_for: Vec<Look> = table.words("look_for", &Look::WORDS).into_iter().map(|look| look.value).collect();
    let tables = table.texts("tables").into_iter().map(|text| text.value).collect();
    let mut of = |key| table.tables(key, "a table's columns").into_iter().filter_map(read_columns).collect();
    let (required, unique) = (of("required"), of("unique"));
    let look_for = if table.has("look_for") { look_for } else { Look::USUAL.to_vec() };
    Consistency { look_for, tables, required, unique }
}

fn read_columns(mut table: TableReader<'_>) -> Option<Columns> {
    let name = table.required_text("table");
    table.require("columns", "[\"…\"]");
    let columns = table.texts("columns").into_iter().map(|text| text.value).collect();
    table.finish();
    Some(Columns { table: name?.value, columns })
}

pub fn read_rows(table: &mut TableReader<'_>, holder: &Holder, marks: &mut Marks) -> Rows {
    table.call("a rows check");
    let tables = table.texts("tables").into_iter().map(|text| text.value).collect();
    let against = checks::item(table, "against", holder, marks);
    let depth = table.word("depth", &[("counts", Depth::Counts), ("fingerprints", Depth::Fingerprints)]);
    Rows { tables, against, depth: depth.map(|depth| depth.value).unwrap_or_default() }
}

pub fn read_backup(table: &mut TableReader<'_>, holder: &Holder, marks: &mut Marks) -> Backup {
    table.call("a backup check");
    let stages = [
        ("full", BackupStage::Full),
        ("make", BackupStage::Make),
        ("verify", BackupStage::Verify),
        ("restore", BackupStage::Restore),
        ("swap", BackupStage::Swap),
    ];
    let stage = table.word("stage", &stages).map(|stage| stage.value).unwrap_or_default();
    let of = checks::item(table, "of", holder, marks);
    let makes = matches!(stage, BackupStage::Full | BackupStage::Make);
    if makes && table.has("of") {
        let suggestion = "remove `of`, or write `stage = \"verify\"` or `\"restore\"`";
        table.report().error(
            table.key_at("of"),
            "this check makes a backup of its own, so that `of` has no use",
            suggestion,
        );
    } else if !makes {
        table.require("of", "\"…\"` with the item that made the backup: `\"phase/section/item\"");
    }
    Backup { stage, of }
}

pub fn read_migration(table: &mut TableReader<'_>) -> Option<Migration> {
    table.call("a migration check");
    table.require("direction", "\"upgrade\"");
    let directions =
        [("upgrade", Direction::Upgrade), ("downgrade", Direction::Downgrade), ("current", Direction::Current)];
    let direction = table.word("direction", &directions).map(|direction| direction.value);
    let to = if table.has("to") { table.required_text("to") } else { table.text("to") };
    if direction == Some(Direction::Downgrade) {
        table.require("to", "\"-1\"");
    }
    let from = table.text("from");
    if direction == Some(Direction::Current)
        && let Some(from) = &from
    {
        let message = "`from` is for migrations that run; this one only asks where the database is";
        table.report().error(from.at, message, "remove it, or write `to`");
    }
    let from = from.map(|from| from.value);
    let on = [("environment", MigrationTarget::Environment), ("scratch", MigrationTarget::Scratch)];
    let on = table.word("on", &on).map(|on| on.value).unwrap_or_default();
    let rewrites = table.texts("rewrites").into_iter().map(|text| text.value).collect();
    let to = to.map_or_else(|| "head".to_owned(), |to| to.value);
    Some(Migration { direction: direction?, to, from, on, rewrites })
}
