//! Tables, types, schemas and the rest by name: what is there already, and what is not.
//!
//! Longer than 400 lines because each kind of statement about a relation is one rule, and they are read side by side.

use super::super::act::{Mode, NewTable, RelationKind};
use super::super::finding::Severity;
use super::super::name::Name;
use super::super::world::{Column, Key, Relation, TEMPORARY};
use super::{Evaluate, WorkKind};

const BRIEF: &str = "set lock_timeout and try again rather than wait";

impl Evaluate<'_> {
    /// Whether a name is free for a relation or a type. Says so when it is not.
    fn is_free(&mut self, key: &Key, what: &str, if_absent: bool) -> bool {
        let taken = match self.world.get(key) {
            Some(relation) => Some(kind_word(&relation.kind)),
            None if self.world.types.contains(key) => Some("type"),
            None => None,
        };
        let Some(taken) = taken else { return true };
        if if_absent {
            let text = format!("{taken} {} is there already and stays as it is; nobody compares it", key.1);
            let finding = self.finding(Severity::Note, Some(&key.1), text);
            self.out.findings.push(finding);
        } else {
            let safer = "find out how it came there; the database may be ahead of its version table";
            let text =
                format!("{what} {} cannot be made: {} of this name is there already", key.1, with_article(taken));
            self.fails(Some(&key.1), self.world.named(key), text, safer);
        }
        false
    }

    /// The full name of something to be made.
    pub(super) fn to_make(&self, name: &Name) -> Key {
        let schema = name.schema.clone().unwrap_or_else(|| self.world.default_schema().to_owned());
        (schema, name.name.clone())
    }

    fn schema_is_there(&mut self, key: &Key) {
        if !self.world.schemas.contains(&key.0) {
            self.fails(None, self.world.mentioned(&key.0), format!("there is no schema {}", key.0), "");
        }
    }

    pub(super) fn create_table(&mut self, table: &NewTable) {
        let key = if table.temporary {
            // One of another session or transaction may have had the name.
            (TEMPORARY.to_owned(), table.name.name.clone())
        } else {
            let key = self.to_make(&table.name);
            if !self.is_free(&key, "table", table.if_absent) {
                return;
            }
            self.schema_is_there(&key);
            self.needs_create(&key.0);
            key
        };
        for column in &table.columns {
            self.needs_type(&column.type_name);
        }
        let line = self.line();
        let column = |column: &super::super::act::NewColumn| Column {
            name: column.name.clone(),
            type_name: column.type_name.clone(),
            not_null: column.not_null,
            has_default: column.default.is_some() || column.numbered,
            touched: Some(line),
            made: true,
            unseen: None,
        };
        let filled = (table.filled || table.columns_from_elsewhere).then_some(line);
        let columns = table.columns.iter().map(column).collect();
        let relation = Relation { columns, rows_touched: filled, unseen: filled, ..Relation::made("r") };
        self.world.insert(key.clone(), relation, line);
        if !table.columns_from_elsewhere {
            self.world.make_empty(&key);
        }
        for constraint in &table.constraints {
            self.constrain(&key, constraint, true);
        }
    }

    pub(super) fn create_relation(&mut self, name: &Name, kind: RelationKind, if_absent: bool, replace: bool) {
        let key = self.to_make(name);
        let line = self.line();
        if let Some(view) = self.world.get_mut(&key).filter(|relation| replace && relation.kind == "v") {
            view.touch_all(line);
            view.lost = true;
            self.left_open(format!("{name} is there already; whether its columns stay as they are is not asked"));
            return;
        }
        if !self.is_free(&key, kind.word(), if_absent) {
            return;
        }
        self.schema_is_there(&key);
        self.needs_create(&key.0);
        let code = match kind {
            RelationKind::Table => "r",
            RelationKind::View => "v",
            RelationKind::MaterializedView => "m",
            RelationKind::Sequence => "S",
        };
        self.world.insert(key, Relation { rows_touched: Some(line), ..Relation::made(code) }, line);
    }

    pub(super) fn drop_relation(&mut self, name: &Name, kind: RelationKind, if_present: bool, cascade: bool) {
        let key = self.world.key(name);
        let Some(relation) = self.world.get(&key) else {
            if !if_present {
                let text = format!("there is no {} {name}", kind.word());
                self.fails(Some(&key.1), self.world.named(&key), text, "");
            }
            return;
        };
        let fits = match kind {
            RelationKind::Table => relation.is_table(),
            RelationKind::View => relation.kind == "v",
            RelationKind::MaterializedView => relation.kind == "m",
            RelationKind::Sequence => relation.kind == "S",
        };
        if !fits {
            let text = format!("{name} is no {}, but {}", kind.word(), with_article(kind_word(&relation.kind)));
            self.fails(Some(&key.1), self.world.named(&key), text, "");
            return;
        }
        if cascade {
            self.drop_dependents(&key, None);
        } else {
            self.refuse_dependents(&key);
        }
        if kind == RelationKind::Sequence && !cascade {
            self.drops_what_is_used("sequence", &key.1);
        }
        self.work(&key, Mode::AccessExclusive, WorkKind::Instant, format!("drops {}", key.1), Some(BRIEF));
        if kind == RelationKind::Table {
            self.lock_partners(&key);
            self.loses_rows(&key, format!("{} goes with its rows", key.1));
        }
        let line = self.line();
        let indexes: Vec<Key> = self.world.indexes_of(&key).map(|(index, _)| index.clone()).collect();
        for index in indexes {
            self.world.remove(&index, line);
        }
        self.world.remove(&key, line);
    }

    /// What rests on a table keeps it from being dropped.
    fn refuse_dependents(&mut self, key: &Key) {
        let mut dependents: Vec<String> = Vec::new();
        for (other, relation) in self.world.relations().filter(|(other, _)| *other != key) {
            let refers = |constraint: &&super::super::catalog::Constraint| {
                constraint.references_schema.as_deref() == Some(key.0.as_str())
                    && constraint.references.as_deref() == Some(key.1.as_str())
            };
            if let Some(constraint) = relation.constraints.iter().find(refers) {
                dependents.push(format!("foreign key {} of {}", constraint.name, other.1));
            }
        }
        let views = self.world.catalog.views.iter().filter(|view| (&view.schema, &view.table) == (&key.0, &key.1));
        let mut names: Vec<String> = views.map(|view| view.view.clone()).collect();
        names.sort();
        names.dedup();
        let standing = |name: &String| self.world.relations().any(|(other, _)| other.1 == *name);
        dependents.extend(names.into_iter().filter(standing).map(|view| format!("view {view}")));
        if !dependents.is_empty() {
            let text = format!("{} cannot be dropped: {} rests on it", key.1, dependents.join(", "));
            self.fails(
                Some(&key.1),
                self.world.named(key),
                text,
                "drop what rests on it first; CASCADE drops it unseen",
            );
        }
    }

    /// A foreign key is a lock on the other table too.
    pub(super) fn lock_partners(&mut self, key: &Key) {
        let Some(relation) = self.world.get(key) else { return };
        let partners: Vec<Key> = relation
            .constraints
            .iter()
            .filter_map(|constraint| Some((constraint.references_schema.clone()?, constraint.references.clone()?)))
            .filter(|partner| partner != key)
            .collect();
        for partner in partners {
            let words = format!("takes a foreign key of {} away", key.1);
            self.work(&partner, Mode::AccessExclusive, WorkKind::Instant, words, Some(BRIEF));
        }
    }

    pub(super) fn rename_table(&mut self, table: &Name, to: &str) {
        let key = self.world.key(table);
        let Some(relation) = self.world.get(&key).cloned() else {
            self.fails(Some(&key.1), self.world.named(&key), format!("there is no table {table}"), "");
            return;
        };
        self.needs_create(&key.0);
        let new = (key.0.clone(), to.to_owned());
        if !self.is_free(&new, "table", false) {
            return;
        }
        let words = format!("renames {} to {to}", key.1);
        let safer = "programs of the old release ask for the old name: keep a view of it until they are gone";
        self.work(&key, Mode::AccessExclusive, WorkKind::Instant, words, Some(safer));
        let line = self.line();
        self.world.remove(&key, line);
        let indexes: Vec<Key> = self.world.indexes_of(&key).map(|(index, _)| index.clone()).collect();
        for index in indexes {
            if let Some(index) = self.world.get_mut(&index).and_then(|relation| relation.index.as_mut()) {
                to.clone_into(&mut index.table);
            }
        }
        self.world.insert(new, relation, line);
    }

    pub(super) fn alter_table(&mut self, table: &Name, what: &str, lock: Mode, rewrites: bool) {
        let Some(key) = self.table(table) else { return };
        self.needs_owner(&key);
        let kind = if rewrites { WorkKind::Rewrite } else { WorkKind::Instant };
        self.work(&key, lock, kind, what.to_owned(), None);
        if what.ends_with("PARTITION") {
            self.rows_change(&key);
            let line = self.line();
            if let Some(relation) = self.world.get_mut(&key) {
                relation.touch_all(line);
            }
        }
    }

    pub(super) fn create_type(&mut self, name: &Name) {
        let key = self.to_make(name);
        if self.is_free(&key, "type", false) {
            self.schema_is_there(&key);
            self.needs_create(&key.0);
            let line = self.line();
            self.world.changed_types.entry(key.1.to_lowercase()).or_insert(line);
            self.world.types.insert(key);
        }
    }

    pub(super) fn need_type(&mut self, name: &Name) {
        let key = self.world.key(name);
        if !self.world.types.contains(&key) {
            self.fails(None, self.world.named(&key), format!("there is no type {name}"), "");
        }
    }

    pub(super) fn drop_type(&mut self, name: &Name, if_present: bool) {
        if !if_present {
            self.need_type(name);
        }
        self.needs_own_type(name);
        let key = self.world.key(name);
        let line = self.line();
        self.drops_what_is_used("type", &key.1);
        // The type of an array or a domain's own values ends with it.
        let of_it =
            |type_name: &str| type_name.trim_end_matches("[]").trim_matches('"').rsplit('.').next() == Some(&key.1);
        let user = self.world.relations().find_map(|(other, relation)| {
            let column = relation.columns.iter().find(|column| of_it(&column.type_name))?;
            (relation.is_table()).then(|| (other.clone(), column.name.clone()))
        });
        if let Some((table, column)) = user {
            let rests = self.world.get(&table).and_then(|relation| relation.column(&column)).and_then(|c| c.touched);
            let text = format!("type {name} cannot be dropped: {}.{column} is of it", table.1);
            self.fails(Some(&table.1), rests.or(self.world.named(&key)), text, "");
        }
        self.world.changed_types.entry(key.1.to_lowercase()).or_insert(line);
        self.world.types.remove(&key);
    }

    pub(super) fn add_enum_value(&mut self, name: &Name, value: &str, if_absent: bool) {
        self.need_type(name);
        self.needs_own_type(name);
        if !if_absent && self.has_label(name, value) == Some(true) {
            self.fails(None, None, format!("{name} has a value '{value}' already"), "ADD VALUE IF NOT EXISTS");
        }
        let line = self.line();
        self.world.changed_values.entry(value.to_owned()).or_insert(line);
        self.new_enum_values.insert(value.to_owned(), self.statements[self.at].transaction);
    }

    /// Whether an enum has a value; `None` when the chain has changed it, or nobody knows.
    pub(super) fn has_label(&self, name: &Name, value: &str) -> Option<bool> {
        let key = self.world.key(name);
        let is_as_now = !self.world.changed_types.contains_key(&key.1.to_lowercase());
        let is_enum = |(schema, of, _): &(String, String, String)| (schema, of) == (&key.0, &key.1);
        let known = &self.world.catalog.enum_labels;
        if !is_as_now || self.world.changed_values.contains_key(value) || !known.iter().any(is_enum) {
            return None;
        }
        Some(known.iter().any(|label| is_enum(label) && label.2 == value))
    }

    /// A value added to an enum cannot be used before its transaction is over.
    pub(super) fn used_enum_values(&mut self, text: &str) {
        let now = self.statements[self.at].transaction;
        let used = self.new_enum_values.iter().find(|(value, added)| {
            now.is_some() && **added == now && text.contains(&super::super::name::literal(value))
        });
        if let Some((value, _)) = used {
            let text = format!("uses '{value}', which the same transaction adds to an enum: unsafe use of new value");
            let mut finding = self.finding(Severity::MayFail, None, text);
            finding.safer = Some("add the value in an autocommit_block, before the revision that uses it".to_owned());
            self.out.findings.push(finding);
        }
    }

    pub(super) fn create_schema(&mut self, name: &str, if_absent: bool) {
        if self.world.schemas.insert(name.to_owned()) {
            self.needs_schemas();
        } else if !if_absent {
            self.fails(
                None,
                self.world.mentioned(name),
                format!("schema {name} is there already"),
                "CREATE SCHEMA IF NOT EXISTS",
            );
        }
    }

    pub(super) fn create_extension(&mut self, name: &str, if_absent: bool) {
        if self.world.extensions.contains(name) {
            if !if_absent {
                let rests = self.world.mentioned(name);
                self.fails(None, rests, format!("extension {name} is there already"), "CREATE EXTENSION IF NOT EXISTS");
            }
        } else if !self.world.catalog.available_extensions.contains(name) {
            let safer = "install its package on the server's host first";
            self.fails(None, None, format!("the server has no extension {name} to make"), safer);
        } else {
            self.needs_extension(name);
        }
        self.world.extensions.insert(name.to_owned());
    }

    pub(super) fn trigger(&mut self, table: &Name, comes: bool) {
        let Some(key) = self.table(table) else { return };
        self.work(&key, Mode::ShareRowExclusive, WorkKind::Instant, format!("changes a trigger of {}", key.1), None);
        if comes {
            self.needs_right(&key, "TRIGGER");
        }
        if comes && self.world.get(&key).is_some_and(|relation| relation.triggers && relation.origin.is_some()) {
            self.left_open(format!("{} has triggers already; whether one is of this name is not asked", key.1));
        }
        if let Some(relation) = self.world.get_mut(&key) {
            relation.triggers = true;
            relation.reaches |= comes;
        }
    }

    pub(super) fn outside_only(&mut self, what: &str, table: Option<&Name>, lock: Option<Mode>, rewrites: bool) {
        self.refuse_inside(what, table.map(|table| table.name.as_str()));
        if let (Some(table), Some(lock)) = (table, lock) {
            let key = self.world.key(table);
            let key = self.table_of_index(&key).unwrap_or(key);
            let kind = if rewrites { WorkKind::Rewrite } else { WorkKind::Scan };
            self.work(&key, lock, kind, what.to_owned(), None);
        }
    }

    pub(super) fn rebuild(&mut self, what: &str, relation: &Name, lock: Mode) {
        let key = self.world.key(relation);
        if self.world.get(&key).is_none() {
            self.fails(Some(&key.1), self.world.named(&key), format!("there is no {relation}"), "");
            return;
        }
        let table = self.table_of_index(&key).unwrap_or_else(|| key.clone());
        let safer = if what == "REINDEX" { Some("REINDEX … CONCURRENTLY, outside a transaction") } else { None };
        self.work(&table, lock, WorkKind::Rewrite, format!("{what} {}", key.1), safer);
        let line = self.line();
        // A materialised view holds something else from now on.
        if let Some(view) = self.world.get_mut(&key).filter(|relation| relation.kind == "m") {
            view.touch_all(line);
        }
    }

    fn table_of_index(&self, key: &Key) -> Option<Key> {
        let index = self.world.get(key)?.index.as_ref()?;
        Some((key.0.clone(), index.table.clone()))
    }

    pub(super) fn lock_tables(&mut self, tables: &[Name], mode: Mode) {
        for table in tables {
            if let Some(key) = self.table(table) {
                self.needs_lock(&key, mode);
                self.work(&key, mode, WorkKind::Instant, format!("locks {} outright", key.1), None);
            }
        }
    }

    pub(super) fn query(&mut self, functions: &[String], changes: bool) {
        let catalog = self.world.catalog;
        let changes_things = |name: &&String| {
            let own =
                catalog.own_functions.contains(name.as_str()) && catalog.volatile_functions.contains(name.as_str());
            own || self.world.changed_functions.contains_key(name.as_str())
        };
        if let Some(function) = functions.iter().find(changes_things).cloned() {
            self.not_evaluated(&format!("a query that calls {function}()"));
        } else if functions.iter().any(|name| name == "set_config") {
            self.set_config();
        } else if changes {
            self.not_evaluated("a query that writes on the side");
        } else {
            self.query_unheld(functions);
        }
    }

    /// Said of what was read and is not followed up.
    pub(super) fn not_evaluated(&mut self, what: &str) {
        let text = self.statements[self.at].text.clone();
        let line = self.line();
        self.world.blur(&text, line);
        if ["DROP SCHEMA", "DROP OWNED", "DROP TYPE"].iter().any(|drop| what.starts_with(drop)) {
            self.world.unknown.get_or_insert_with(|| format!("line {line} drops what is not listed there"));
        }
        let finding = self.finding(Severity::Inconclusive, None, format!("read, but not evaluated: {what}"));
        self.out.findings.push(finding);
    }
}

/// `a table`, `an index`.
pub(super) fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}

pub(super) fn kind_word(kind: &str) -> &'static str {
    match kind {
        "r" | "p" => "table",
        "v" => "view",
        "m" => "materialised view",
        "i" | "I" => "index",
        "S" => "sequence",
        "f" => "foreign table",
        _ => "type",
    }
}
