//! The schema as it will stand when a statement's turn comes: the catalog, and what earlier statements of the chain
//! have made of it.
//!
//! A table whose rows or columns the chain has touched keeps a *layer*: a query over the tables as they are now that
//! gives what the statements so far will have left. Questions about such a table are asked of its layer, so that a
//! backfill followed by `SET NOT NULL` is judged by the rows that the backfill will leave empty.

mod relation;

use super::act::{Change, Formula, NewColumn};
use super::catalog::{Catalog, Index};
use super::name::{Name, quoted};
use std::collections::{BTreeMap, BTreeSet};

/// Schema and name.
pub type Key = (String, String);

/// A question works through so many statements of the chain at most, and is no longer than so many bytes. Every layer is
/// fenced (`OFFSET 0`), so that the server does not put the expressions of one into those of the next: twenty `UPDATE`s of
/// one column would make a million copies of it.
const MOST_LAYERS: usize = 32;
const LONGEST_LAYER: usize = 64 * 1024;

pub use relation::{Column, Relation};

/// The schema at one point of the chain.
#[derive(Debug)]
pub struct World<'a> {
    pub catalog: &'a Catalog,
    relations: BTreeMap<Key, Relation>,
    pub types: BTreeSet<Key>,
    pub schemas: BTreeSet<String>,
    pub extensions: BTreeSet<String>,
    /// Names that the chain has made, renamed or dropped, each with the line.
    named: BTreeMap<Key, usize>,
    /// Columns and constraints that the chain took away or renamed, each with the line.
    gone: BTreeMap<(Key, String), usize>,
    /// Why nothing is known for certain any more.
    pub unknown: Option<String>,
}

impl<'a> World<'a> {
    #[must_use]
    pub fn new(catalog: &'a Catalog) -> Self {
        let relations = catalog.relations.iter().map(|relation| {
            let key = (relation.schema.clone(), relation.name.clone());
            let column = |column: &super::catalog::Column| Column {
                name: column.name.clone(),
                type_name: column.type_name.clone(),
                not_null: column.not_null,
                has_default: column.has_default || column.generated,
                touched: None,
                made: false,
                unseen: None,
            };
            let relation = Relation {
                kind: relation.kind.clone(),
                columns: relation.columns.iter().map(column).collect(),
                constraints: relation.constraints.clone(),
                index: relation.index.clone(),
                triggers: relation.triggers,
                origin: Some(key.clone()),
                rows_touched: None,
                layer: None,
                depth: 0,
                lost: false,
                unseen: None,
            };
            (key, relation)
        });
        Self {
            catalog,
            relations: relations.collect(),
            types: catalog.types.clone(),
            schemas: catalog.schemas.clone(),
            extensions: catalog.extensions.clone(),
            named: BTreeMap::new(),
            gone: BTreeMap::new(),
            unknown: None,
        }
    }

    /// The full name that a statement means: of what is there, else of what would be made.
    #[must_use]
    pub fn key(&self, name: &Name) -> Key {
        if let Some(schema) = &name.schema {
            return (schema.clone(), name.name.clone());
        }
        let path = &self.catalog.server.search_path;
        let found = path.iter().map(|schema| (schema.clone(), name.name.clone()));
        let known = |key: &Key| self.relations.contains_key(key) || self.types.contains(key);
        found.into_iter().find(known).unwrap_or_else(|| (self.catalog.default_schema().to_owned(), name.name.clone()))
    }

    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Relation> {
        self.relations.get(key)
    }

    pub fn get_mut(&mut self, key: &Key) -> Option<&mut Relation> {
        self.relations.get_mut(key)
    }

    pub fn insert(&mut self, key: Key, relation: Relation, line: usize) {
        self.named.insert(key.clone(), line);
        self.relations.insert(key, relation);
    }

    pub fn remove(&mut self, key: &Key, line: usize) -> Option<Relation> {
        self.named.insert(key.clone(), line);
        self.relations.remove(key)
    }

    /// Line of the statement that made, renamed or dropped something of this name.
    #[must_use]
    pub fn named(&self, key: &Key) -> Option<usize> {
        self.named.get(key).copied()
    }

    /// A column or constraint of a table goes, or goes by another name.
    pub fn forget(&mut self, table: &Key, name: &str, line: usize) {
        self.gone.insert((table.clone(), name.to_owned()), line);
    }

    /// Line of the statement that took a column or constraint away.
    #[must_use]
    pub fn gone(&self, table: &Key, name: &str) -> Option<usize> {
        self.gone.get(&(table.clone(), name.to_owned())).copied()
    }

    /// A relation that an unread statement names may be anything afterwards.
    pub fn blur(&mut self, text: &str, line: usize) {
        let lower = text.to_lowercase();
        let words: BTreeSet<&str> = lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        if words.contains("execute") {
            self.unknown.get_or_insert_with(|| format!("line {line} builds its statements while it runs"));
        }
        let named: Vec<Key> =
            self.relations.keys().filter(|key| words.contains(key.1.to_lowercase().as_str())).cloned().collect();
        for key in named {
            self.named.insert(key.clone(), line);
            if let Some(relation) = self.relations.get_mut(&key) {
                relation.touch_all(line);
            }
        }
    }

    /// Relations in their order.
    pub fn relations(&self) -> impl Iterator<Item = (&Key, &Relation)> {
        self.relations.iter()
    }

    /// Indexes of a table.
    pub fn indexes_of<'b>(&'b self, table: &'b Key) -> impl Iterator<Item = (&'b Key, &'b Index)> {
        self.relations.iter().filter_map(move |(key, relation)| {
            let index = relation.index.as_ref()?;
            (key.0 == table.0 && index.table == table.1).then_some((key, index))
        })
    }

    /// Where a question reads a table's rows: the table itself, or its layer; named `alias`. `None` when that cannot be
    /// worked out.
    #[must_use]
    pub fn source(&self, key: &Key, alias: &str) -> Option<String> {
        let relation = self.get(key).filter(|relation| !relation.lost)?;
        let alias = quoted(alias);
        match (&relation.layer, &relation.origin) {
            (Some(layer), _) => Some(format!("({layer}) AS {alias}")),
            (None, Some(origin)) => Some(format!("{}.{} AS {alias}", quoted(&origin.0), quoted(&origin.1))),
            (None, None) => None,
        }
    }

    /// The tables of subqueries that are not as they are now, put before a question. Ends with a space when not empty.
    /// `None` when one of them cannot be put there: it is not worked out, or a name with its schema would mean the table
    /// as it is now.
    #[must_use]
    pub fn with(&self, tables: &[Name]) -> Option<String> {
        let mut seen = BTreeSet::new();
        let mut parts = Vec::new();
        for name in tables {
            let key = self.key(name);
            let Some(relation) = self.get(&key) else { continue };
            let moved = relation.origin.as_ref().is_some_and(|origin| *origin != key);
            let changed = relation.layer.is_some() || moved;
            if relation.lost || (changed && name.schema.is_some()) {
                return None;
            }
            if (relation.layer.is_some() || moved) && seen.insert(key.clone()) {
                let rows = match (&relation.layer, &relation.origin) {
                    (Some(layer), _) => layer.clone(),
                    (None, Some(origin)) => format!("SELECT * FROM {}.{}", quoted(&origin.0), quoted(&origin.1)),
                    (None, None) => continue,
                };
                parts.push(format!("{} AS NOT MATERIALIZED ({rows})", quoted(&key.1)));
            }
        }
        Some(if parts.is_empty() { String::new() } else { format!("WITH {} ", parts.join(", ")) })
    }

    /// Puts one more layer on a table: each column as `put` says, the rest as they are.
    fn layer(&mut self, key: &Key, alias: &str, tables: &[Name], put: &BTreeMap<String, String>, tail: &str) {
        if self.get(key).is_none_or(|relation| relation.layer.is_none() && relation.origin.is_none()) {
            return;
        }
        let parts = self.source(key, alias).zip(self.with(tables));
        let Some(relation) = self.relations.get_mut(key) else { return };
        let Some((source, with)) = parts else {
            relation.lost = true;
            return;
        };
        let alias = quoted(alias);
        let columns: Vec<String> = relation
            .columns
            .iter()
            .map(|column| {
                let own = quoted(&column.name);
                put.get(&column.name).map_or_else(|| format!("{alias}.{own}"), |value| format!("{value} AS {own}"))
            })
            .collect();
        let layer = format!("{with}SELECT {} FROM {source}{tail} OFFSET 0", columns.join(", "));
        relation.depth += 1;
        relation.lost = relation.depth > MOST_LAYERS || layer.len() > LONGEST_LAYER;
        relation.layer = Some(layer);
    }

    /// A column comes, with its default in every row.
    pub fn add_column(&mut self, key: &Key, column: &NewColumn, line: usize) {
        let value = match &column.default {
            Some(default) => format!("CAST(({}) AS {})", default.text, column.type_name),
            // Whatever number it will be, it will be one.
            None if column.numbered => format!("CAST(row_number() OVER () AS {})", column.type_name),
            None => format!("CAST(NULL AS {})", column.type_name),
        };
        let Some(relation) = self.relations.get_mut(key) else { return };
        relation.columns.push(Column {
            name: column.name.clone(),
            type_name: column.type_name.clone(),
            not_null: column.not_null,
            has_default: column.default.is_some() || column.numbered,
            touched: Some(line),
            made: true,
            unseen: None,
        });
        let tables = column.default.as_ref().map(|default| default.tables.clone()).unwrap_or_default();
        self.layer(key, &key.1.clone(), &tables, &BTreeMap::from([(column.name.clone(), value)]), "");
    }

    pub fn drop_column(&mut self, key: &Key, column: &str, line: usize) {
        self.forget(key, column, line);
        let Some(relation) = self.relations.get_mut(key) else { return };
        relation.columns.retain(|known| known.name != column);
        relation.constraints.retain(|constraint| !constraint.columns.iter().any(|known| known == column));
        // A layer is only needed where something else made one; it would name the column that is gone otherwise.
        if relation.layer.is_some() {
            self.layer(key, &key.1.clone(), &[], &BTreeMap::new(), "");
        }
    }

    pub fn rename_column(&mut self, key: &Key, column: &str, to: &str, line: usize) {
        self.forget(key, column, line);
        let Some(relation) = self.relations.get_mut(key) else { return };
        for known in relation.columns.iter_mut().filter(|known| known.name == column) {
            to.clone_into(&mut known.name);
            known.touched = Some(line);
        }
        for constraint in &mut relation.constraints {
            for known in constraint.columns.iter_mut().filter(|known| *known == column) {
                to.clone_into(known);
            }
        }
        let alias = key.1.clone();
        let value = format!("{}.{}", quoted(&alias), quoted(column));
        self.layer(key, &alias, &[], &BTreeMap::from([(to.to_owned(), value)]), "");
    }

    /// A column becomes another type.
    pub fn retype(&mut self, key: &Key, column: &str, to: &str, using: Option<&Formula>, line: usize) {
        let value = using.map_or_else(|| quoted(column), |using| format!("({})", using.text));
        let tables = using.map(|using| using.tables.clone()).unwrap_or_default();
        let put = BTreeMap::from([(column.to_owned(), format!("CAST({value} AS {to})"))]);
        self.layer(key, &key.1.clone(), &tables, &put, "");
        let Some(relation) = self.relations.get_mut(key) else { return };
        for known in relation.columns.iter_mut().filter(|known| known.name == column) {
            to.clone_into(&mut known.type_name);
            known.touched = Some(line);
        }
    }

    /// An `UPDATE` changes columns of the rows it matches.
    pub fn update(&mut self, key: &Key, change: &Change, line: usize) {
        let alias = change.alias.clone().unwrap_or_else(|| key.1.clone());
        let condition = change.condition.as_ref().map_or("true", |condition| condition.text.as_str());
        let mut tables: Vec<Name> = change.condition.iter().flat_map(|condition| condition.tables.clone()).collect();
        tables.extend(change.sets.iter().flat_map(|(_, value)| value.tables.clone()));
        tables.extend(change.from_tables.iter().cloned());
        let mut put = BTreeMap::new();
        if !change.opaque {
            for (column, value) in &change.sets {
                let own = format!("{}.{}", quoted(&alias), quoted(column));
                let type_name = self.get(key).and_then(|relation| relation.column(column)).map(|c| c.type_name.clone());
                let Some(type_name) = type_name else { continue };
                let value = value.text.trim();
                let value = if value.eq_ignore_ascii_case("default") { "NULL" } else { value };
                let case = format!("CASE WHEN {condition} THEN CAST(({value}) AS {type_name}) ELSE {own} END");
                put.insert(column.clone(), case);
            }
            // Joined rather than looked up row by row, so that the server can hash. A row that several rows of `FROM`
            // match is counted as often; the update itself takes any one of them.
            let join = match change.from.as_slice() {
                [] => String::new(),
                [one] => format!(" LEFT JOIN {one} ON {condition}"),
                from => format!(" LEFT JOIN ({}) ON {condition}", from.join(" CROSS JOIN ")),
            };
            self.layer(key, &alias, &tables, &put, &join);
        }
        let Some(relation) = self.relations.get_mut(key) else { return };
        if relation.triggers {
            relation.touch_all(line);
        }
        for column in
            relation.columns.iter_mut().filter(|column| change.sets.iter().any(|(set, _)| *set == column.name))
        {
            column.touched = Some(line);
        }
    }

    /// Rows go: those that match, or all.
    pub fn delete(
        &mut self,
        key: &Key,
        alias: Option<&str>,
        using: Option<&str>,
        condition: Option<&Formula>,
        line: usize,
    ) {
        let alias = alias.map_or_else(|| key.1.clone(), ToOwned::to_owned);
        let text = condition.map_or("true", |condition| condition.text.as_str());
        let keep = match using {
            None => format!(" WHERE ({text}) IS NOT TRUE"),
            Some(using) => format!(" WHERE NOT EXISTS (SELECT FROM {using} WHERE {text})"),
        };
        let tables = condition.map(|condition| condition.tables.clone()).unwrap_or_default();
        self.layer(key, &alias, &tables, &BTreeMap::new(), &keep);
        if let Some(relation) = self.relations.get_mut(key) {
            relation.rows_touched = Some(line);
        }
    }

    /// A table that begins without rows.
    pub fn make_empty(&mut self, key: &Key) {
        if let Some(relation) = self.relations.get_mut(key) {
            let columns: Vec<String> = relation
                .columns
                .iter()
                .map(|column| format!("CAST(NULL AS {}) AS {}", column.type_name, quoted(&column.name)))
                .collect();
            relation.layer = Some(format!("SELECT {} WHERE false", columns.join(", ")));
        }
    }
}
