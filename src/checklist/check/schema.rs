//! The database's catalog against an expectation.

use super::kind::{Kind, Measure, Measures, Need, Precondition, Sabotage, Thing, Title};
use crate::checklist::ids::ItemId;
use crate::checklist::reader::checks::Written;
use crate::checklist::reader::document;
use crate::checklist::reader::table::TableReader;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::Write as _;

const ACTIONS: [&str; 5] = ["restrict", "cascade", "no action", "set null", "set default"];

/// One table, and everything expected of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Schema {
    /// Empty when only `tables` is used.
    pub table: Option<String>,
    /// Tables that must be there.
    pub tables: Vec<String>,
    /// Tables that must not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absent_tables: Vec<String>,
    pub columns: Vec<Column>,
    pub indexes: Vec<Index>,
    pub constraints: Vec<Constraint>,
    /// Foreign keys of the table and how they act.
    pub foreign_keys: Vec<ForeignKey>,
    /// The least number of indexes on the table; measured as `indexes`.
    pub at_least_indexes: Option<u32>,
    /// The item that made what must be absent now, where no earlier check found it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present_before: Option<ItemId>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    #[default]
    Present,
    Absent,
}

impl Presence {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_present(&self) -> bool {
        *self == Presence::Present
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    pub name: String,
    pub presence: Presence,
    /// Accepted types, compared without case and with the usual synonyms (`timestamptz`).
    pub types: Vec<String>,
    pub nullable: Option<Nullability>,
    /// Text that the default must contain, without case.
    pub default: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Nullability {
    Nullable,
    Required,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Index {
    pub name: String,
    pub presence: Presence,
    /// Empty: any columns.
    pub columns: Vec<String>,
    pub uniqueness: Uniqueness,
    /// Access method (`gin`); a database without methods says so and evaluates the rest.
    pub method: Option<String>,
    /// Text that the condition of a partial index must contain, white space and case apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicate: Option<String>,
    /// A reading statement that the planner must be able to answer with this index; it is planned and never run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serves: Option<String>,
    /// How sure of that it must be.
    #[serde(skip_serializing_if = "PlanUse::is_usable")]
    pub plan: PlanUse,
}

/// `usable` unless given: a small table is read whole for good reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlanUse {
    /// It would use it if it could not read the table whole.
    #[default]
    Usable,
    /// It uses it, on the rows there are now.
    Chosen,
}

impl PlanUse {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_usable(&self) -> bool {
        *self == PlanUse::Usable
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Uniqueness {
    #[default]
    Either,
    Unique,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Constraint {
    pub name: String,
    pub presence: Presence,
    /// Text that the definition must contain, white space and case apart.
    pub contains: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForeignKey {
    pub column: String,
    pub references: String,
    #[serde(skip_serializing_if = "Presence::is_present")]
    pub presence: Presence,
    /// `restrict`, `cascade`, `no action`, `set null`.
    pub on_delete: Option<String>,
    pub on_update: Option<String>,
}

impl Schema {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let table = &mut written.table;
        table.call("a schema check");
        let name = if table.has("table") { table.required_text("table") } else { table.text("table") };
        let schema = Self {
            table: name.map(|name| name.value),
            tables: texts(table, "tables"),
            absent_tables: texts(table, "absent_tables"),
            columns: table.tables("columns", "a column").into_iter().map(read_column).collect(),
            indexes: table.tables("indexes", "an index").into_iter().map(read_index).collect(),
            constraints: table.tables("constraints", "a constraint").into_iter().map(read_constraint).collect(),
            foreign_keys: table.tables("foreign_keys", "a foreign key").into_iter().map(read_foreign_key).collect(),
            at_least_indexes: table.whole("at_least_indexes", 0..=u32::MAX).map(|count| count.value),
            present_before: None,
        };
        let of_table = ["columns", "indexes", "constraints", "foreign_keys", "at_least_indexes"];
        match of_table.into_iter().find(|key| table.has(key)) {
            Some(key) if !table.has("table") => {
                let message = format!("`{key}` are expected, but no `table` to find them in");
                table.report().error(table.key_at(key), message, "add `table = \"…\"`");
            }
            None if !table.has("table") && !table.has("tables") && !table.has("absent_tables") => {
                table.report().error(table.at(), "the check expects nothing of the schema", "add `table` or `tables`");
            }
            _ => {}
        }
        let present_before = written.item("present_before");
        if present_before.is_some() && schema.things(Presence::Absent).is_empty() {
            let table = &written.table;
            let message = "`present_before` says nothing where nothing must be absent";
            let suggestion = "remove it, or add `absent = true` or `absent_tables`";
            table.report().error(table.key_at("present_before"), message, suggestion);
        }
        Some(Self { present_before, ..schema })
    }

    /// What must be there, or must not.
    fn things(&self, presence: Presence) -> Vec<Thing> {
        let absent = presence == Presence::Absent;
        let named = if absent { &self.absent_tables } else { &self.tables };
        let own = self.table.as_ref().filter(|_| !absent);
        let tables = named.iter().chain(own).map(|table| Thing::table(table)).collect();
        let Some(table) = &self.table else { return tables };
        let columns = self.columns.iter().map(|column| ("column", &column.name, column.presence));
        let indexes = self.indexes.iter().map(|index| ("index", &index.name, index.presence));
        let constraints = self.constraints.iter().map(|one| ("constraint", &one.name, one.presence));
        let all = columns.chain(indexes).chain(constraints).filter(|(_, _, wanted)| *wanted == presence);
        let keys = self.foreign_keys.iter().filter(|key| key.presence == presence);
        let keys = keys.map(|key| Thing::foreign_key(table, &key.column, &key.references));
        tables.into_iter().chain(all.map(|(kind, name, _)| Thing::new(kind, table, name))).chain(keys).collect()
    }
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
        presence: presence(&mut table),
        on_delete: table.word("on_delete", &actions).map(|action| action.value.to_owned()),
        on_update: table.word("on_update", &actions).map(|action| action.value.to_owned()),
    };
    absent_alone(&table, key.presence, &["on_delete", "on_update"]);
    table.finish();
    key
}

impl Kind for Schema {
    fn needs(&self) -> Vec<Need<'_>> {
        vec![Need::Database]
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        vec![Measure::unitless("indexes")]
    }

    fn precondition(&self) -> Precondition<'_> {
        match self.things(Presence::Absent) {
            things if things.is_empty() => Precondition::None,
            things => Precondition::PresentBefore { things, shown_by: self.present_before.as_ref() },
        }
    }

    fn finds(&self) -> Vec<Thing> {
        self.things(Presence::Present)
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        let named = self.table.iter().chain(&self.tables);
        let made = self.absent_tables.iter().take(1).map(|table| Sabotage::Database {
            does: format!("table {table} made"),
            statements: vec![format!("CREATE TABLE \"{table}\" (id INTEGER)")],
        });
        let index = self.indexes.iter().find(|index| index.presence == Presence::Present).map(|index| {
            let statements = vec![format!("DROP INDEX \"{}\"", index.name)];
            Sabotage::Database { does: format!("index {} dropped", index.name), statements }
        });
        let away = named.take(1).map(|table| {
            let statements = vec![format!("ALTER TABLE \"{table}\" RENAME TO \"{table}_sabotaged\"")];
            Sabotage::Database { does: format!("table {table} renamed"), statements }
        });
        index.into_iter().chain(away).chain(made).chain([Sabotage::EmptyDatabase]).collect()
    }

    fn describe(&self, _: Title<'_>) -> Vec<String> {
        let mut parts = Vec::new();
        if !self.tables.is_empty() {
            parts.push(format!("tables {} exist", self.tables.join(", ")));
        }
        if !self.absent_tables.is_empty() {
            parts.push(format!("tables {} are gone", self.absent_tables.join(", ")));
        }
        parts.extend(self.table.as_ref().map(|table| format!("table {table}")));
        let absent = |presence| if presence == Presence::Absent { " is gone" } else { "" };
        for column in &self.columns {
            let mut text = format!("column {}{}", column.name, absent(column.presence));
            if !column.types.is_empty() {
                let _ = write!(text, " {}", column.types.join(" or "));
            }
            text.push_str(match column.nullable {
                Some(Nullability::Nullable) => " nullable",
                Some(Nullability::Required) => " not null",
                None => "",
            });
            if let Some(default) = &column.default {
                let _ = write!(text, " default {default}");
            }
            parts.push(text);
        }
        for index in &self.indexes {
            let unique = if index.uniqueness == Uniqueness::Unique { "unique " } else { "" };
            let mut text = format!("{unique}index {}{}", index.name, absent(index.presence));
            if !index.columns.is_empty() {
                let _ = write!(text, " ({})", index.columns.join(", "));
            }
            if let Some(method) = &index.method {
                let _ = write!(text, " using {method}");
            }
            if let Some(predicate) = &index.predicate {
                let _ = write!(text, " where {predicate}");
            }
            if let Some(serves) = &index.serves {
                let _ = write!(text, ", serves {serves}");
            }
            parts.push(text);
        }
        for constraint in &self.constraints {
            let mut text = format!("constraint {}{}", constraint.name, absent(constraint.presence));
            if let Some(contains) = &constraint.contains {
                let _ = write!(text, " with {contains}");
            }
            parts.push(text);
        }
        for key in &self.foreign_keys {
            let mut text = format!("foreign key {} to {}{}", key.column, key.references, absent(key.presence));
            for (when, action) in [("delete", &key.on_delete), ("update", &key.on_update)] {
                if let Some(action) = action {
                    let _ = write!(text, ", on {when} {action}");
                }
            }
            parts.push(text);
        }
        parts.extend(self.at_least_indexes.map(|count| format!("at least {count} indexes")));
        parts
    }
}
