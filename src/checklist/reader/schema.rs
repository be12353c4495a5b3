//! Checks on the catalog of the environment's database.

use super::document;
use super::table::TableReader;
use crate::checklist::check::{
    Column, Constraint, ForeignKey, Index, Nullability, PlanUse, Presence, Schema, Uniqueness,
};

const ACTIONS: [&str; 5] = ["restrict", "cascade", "no action", "set null", "set default"];

pub fn read(table: &mut TableReader<'_>) -> Schema {
    table.call("a schema check");
    let name = if table.has("table") { table.required_text("table") } else { table.text("table") };
    let schema = Schema {
        table: name.map(|name| name.value),
        tables: texts(table, "tables"),
        columns: table.tables("columns", "a column").into_iter().map(read_column).collect(),
        indexes: table.tables("indexes", "an index").into_iter().map(read_index).collect(),
        constraints: table.tables("constraints", "a constraint").into_iter().map(read_constraint).collect(),
        foreign_keys: table.tables("foreign_keys", "a foreign key").into_iter().map(read_foreign_key).collect(),
        at_least_indexes: table.whole("at_least_indexes", 0..=u32::MAX).map(|count| count.value),
    };
    let of_table = ["columns", "indexes", "constraints", "foreign_keys", "at_least_indexes"];
    match of_table.into_iter().find(|key| table.has(key)) {
        Some(key) if !table.has("table") => {
            let message = format!("`{key}` are expected, but no `table` to find them in");
            table.report().error(table.key_at(key), message, "add `table = \"…\"`");
        }
        None if !table.has("table") && !table.has("tables") => {
            table.report().error(table.at(), "the check expects nothing of the schema", "add `table` or `tables`");
        }
        _ => {}
    }
    schema
}

fn texts(table: &mut TableReader<'_>, key: &'static str) -> Vec<String> {
    table.texts(key).into_iter().map(|text| text.value).collect()
}

fn presence(table: &mut TableReader<'_>) -> Presence {
    match table.flag("absent") {
        Some(absent) if absent.value => Presence::Absent,
        _ => Presence::Present,
    }
}

fn read_column(mut table: TableReader<'_>) -> Column {
    let nullable = [("nullable", Nullability::Nullable), ("required", Nullability::Required)];
    let column = Column {
        name: document::or_empty(table.required_text("name")),
        presence: presence(&mut table),
        types: table.text_or_texts("type").into_iter().map(|text| text.value).collect(),
        nullable: table.word("nullable", &nullable).map(|nullable| nullable.value),
        default: table.text("default").map(|text| text.value),
    };
    absent_alone(&table, column.presence, &["type", "nullable", "default"]);
    table.finish();
    column
}

fn read_index(mut table: TableReader<'_>) -> Index {
    let index = Index {
        name: document::or_empty(table.required_text("name")),
        presence: presence(&mut table),
        columns: texts(&mut table, "columns"),
        uniqueness: match table.flag("unique") {
            Some(unique) if unique.value => Uniqueness::Unique,
            _ => Uniqueness::Either,
        },
        method: table.text("method").map(|text| text.value),
        predicate: table.text("predicate").map(|text| text.value),
        serves: table.text("serves").map(|text| text.value),
        plan: table
            .word("plan", &[("usable", PlanUse::Usable), ("chosen", PlanUse::Chosen)])
            .map(|plan| plan.value)
            .unwrap_or_default(),
    };
    if table.has("plan") && !table.has("serves") {
        let at = table.key_at("plan");
        table.report().error(at, "`plan` says nothing without a statement", "add `serves = \"SELECT …\"`");
    }
    absent_alone(&table, index.presence, &["columns", "unique", "method", "predicate", "serves", "plan"]);
    table.finish();
    index
}

fn read_constraint(mut table: TableReader<'_>) -> Constraint {
    let constraint = Constraint {
        name: document::or_empty(table.required_text("name")),
        presence: presence(&mut table),
        contains: table.text("contains").map(|text| text.value),
    };
    absent_alone(&table, constraint.presence, &["contains"]);
    table.finish();
    constraint
}

/// What must not be there has no properties.
fn absent_alone(table: &TableReader<'_>, presence: Presence, properties: &[&'static str]) {
    if presence == Presence::Absent
        && let Some(property) = properties.iter().find(|key| table.has(key))
    {
        let message = format!("`{property}` is expected of something that must be absent");
        table.report().error(table.key_at(property), message, format!("remove `{property}` or `absent`"));
    }
}

fn read_foreign_key(mut table: TableReader<'_>) -> ForeignKey {
    let actions = ACTIONS.map(|action| (action, action));
    let key = ForeignKey {
        column: document::or_empty(table.required_text("column")),
        references: document::or_empty(table.required_text("references")),
        on_delete: table.word("on_delete", &actions).map(|action| action.value.to_owned()),
        on_update: table.word("on_update", &actions).map(|action| action.value.to_owned()),
    };
    table.finish();
    key
}
