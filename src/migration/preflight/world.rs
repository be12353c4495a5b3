//! The schema as it will stand when a statement's turn comes: the catalog, and what earlier statements of the chain
//! have made of it.
//!
//! A table whose rows or columns the chain has touched keeps a *layer*: a query over the tables as they are now that
//! gives what the statements so far will have left. Questions about such a table are asked of its layer, so that a
//! backfill followed by `SET NOT NULL` is evaluated by the rows that the backfill will leave empty.

mod layers;
mod relation;
mod unread;

use super::act::{Change, Formula, NewColumn};
use super::catalog::{Catalog, Index};
use super::name::{Name, quoted};
pub(crate) use relation::{Column, Relation};
use std::collections::{BTreeMap, BTreeSet};

/// Schema and name.
pub(crate) type Key = (String, String);

/// The schema of temporary tables, whatever its name will be.
pub(crate) const TEMPORARY: &str = "pg_temp";

/// The schema at one point of the chain.
#[derive(Debug)]
pub(crate) struct World<'a> {
    pub catalog: &'a Catalog,
    relations: BTreeMap<Key, Relation>,
    pub types: BTreeSet<Key>,
    pub schemas: BTreeSet<String>,
    pub extensions: BTreeSet<String>,
    /// Schemas that names without one are looked up in now.
    pub path: Vec<String>,
    /// Types that are not what they are now, in lower case; values of enums, which the chain adds or renames; functions that
    /// it makes, replaces or drops, in lower case. Each with the line. The server as it is now knows none of that.
    pub changed_types: BTreeMap<String, usize>,
    pub changed_values: BTreeMap<String, usize>,
    pub changed_functions: BTreeMap<String, usize>,
    /// The words of each statement that was not followed, in lower case, with its line.
    unread: Vec<(BTreeSet<String>, usize)>,
    /// Line of the first statement that may have changed any table besides its own.
    pub reach: Option<usize>,
    /// Names that the chain has made, renamed or dropped, each with the line.
    named: BTreeMap<Key, usize>,
    /// Columns and constraints that the chain took away or renamed, each with the line.
    gone: BTreeMap<(Key, String), usize>,
    /// Why nothing is known for certain any more.
    pub unknown: Option<String>,
}

impl<'a> World<'a> {
    #[must_use]
    pub(crate) fn new(catalog: &'a Catalog) -> Self {
        let relations = catalog.relations.iter().map(Relation::of);
        let relations = relations.filter_map(|relation| Some((relation.origin.clone()?, relation)));
        Self {
            catalog,
            relations: relations.collect(),
            types: catalog.types.clone(),
            schemas: catalog.schemas.clone(),
            extensions: catalog.extensions.clone(),
            path: catalog.server.search_path.clone(),
            changed_types: BTreeMap::new(),
            changed_values: BTreeMap::new(),
            changed_functions: BTreeMap::new(),
            unread: Vec::new(),
            reach: None,
            named: BTreeMap::new(),
            gone: BTreeMap::new(),
            unknown: None,
        }
    }

    /// The full name that a statement means: of what is there, else of what would be made. Temporary tables come first.
    pub(crate) fn key(&self, name: &Name) -> Key {
        if let Some(schema) = &name.schema {
            return (schema.clone(), name.name.clone());
        }
        let path = std::iter::once(TEMPORARY).chain(self.path.iter().map(String::as_str));
        let mut found = path.map(|schema| (schema.to_owned(), name.name.clone()));
        let known = |key: &Key| self.relations.contains_key(key) || self.types.contains(key);
        found.find(known).unwrap_or_else(|| (self.default_schema().to_owned(), name.name.clone()))
    }

    /// Where names without a schema are made.
    pub(crate) fn default_schema(&self) -> &str {
        let there = self.path.iter().find(|schema| self.schemas.contains(schema.as_str())).or(self.path.first());
        there.map_or("public", String::as_str)
    }

    /// Looks names up elsewhere from now on; `DEFAULT` is where they are looked up now.
    pub(crate) fn set_path(&mut self, path: Option<Vec<String>>) {
        self.path = path.unwrap_or_else(|| self.catalog.server.search_path.clone());
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Relation> {
        self.relations.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &Key) -> Option<&mut Relation> {
        self.relations.get_mut(key)
    }

    pub(crate) fn insert(&mut self, key: Key, relation: Relation, line: usize) {
        self.named.insert(key.clone(), line);
        self.relations.insert(key, relation);
    }

    pub(crate) fn remove(&mut self, key: &Key, line: usize) -> Option<Relation> {
        self.named.insert(key.clone(), line);
        self.relations.remove(key)
    }

    /// Line of the statement that made, renamed or dropped something of this name, or that was not followed and names it.
    pub(crate) fn named(&self, key: &Key) -> Option<usize> {
        self.named.get(key).copied().or_else(|| self.mentioned(&key.1))
    }

    /// The structure of a relation may be another one from now on.
    pub(crate) fn rename(&mut self, key: &Key, line: usize) {
        self.named.entry(key.clone()).or_insert(line);
    }

    /// A column or constraint of a table goes, or goes by another name.
    pub(crate) fn forget(&mut self, table: &Key, name: &str, line: usize) {
        self.gone.insert((table.clone(), name.to_owned()), line);
    }

    /// Line of the statement that took a column or constraint away.
    pub(crate) fn gone(&self, table: &Key, name: &str) -> Option<usize> {
        self.gone.get(&(table.clone(), name.to_owned())).copied().or_else(|| self.mentioned(name))
    }

    /// Relations in their order.
    pub(crate) fn relations(&self) -> impl Iterator<Item = (&Key, &Relation)> {
        self.relations.iter()
    }

    /// Indexes of a table.
    pub(crate) fn indexes_of<'b>(&'b self, table: &'b Key) -> impl Iterator<Item = (&'b Key, &'b Index)> {
        self.relations.iter().filter_map(move |(key, relation)| {
            let index = relation.index.as_ref()?;
            (key.0 == table.0 && index.table == table.1).then_some((key, index))
        })
    }

    /// A column comes, with its default in every row.
    pub(crate) fn add_column(&mut self, key: &Key, column: &NewColumn, line: usize) {
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

    pub(crate) fn drop_column(&mut self, key: &Key, column: &str, line: usize) {
        self.forget(key, column, line);
        let Some(relation) = self.relations.get_mut(key) else { return };
        relation.columns.retain(|known| known.name != column);
        relation.constraints.retain(|constraint| !constraint.columns.iter().any(|known| known == column));
        // A layer is only needed where something else made one; it would name the column that is gone otherwise.
        if relation.layer.is_some() {
            self.layer(key, &key.1.clone(), &[], &BTreeMap::new(), "");
        }
    }

    pub(crate) fn rename_column(&mut self, key: &Key, column: &str, to: &str, line: usize) {
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
    pub(crate) fn retype(&mut self, key: &Key, column: &str, to: &str, using: Option<&Formula>, line: usize) {
        let value = using.map_or_else(|| quoted(column), |using| format!("({})", using.text));
        let tables = using.map(|using| using.tables.clone()).unwrap_or_default();
        let put = BTreeMap::from([(column.to_owned(), format!("CAST({value} AS {to})"))]);
        if let Some(using) = using {
            self.grow(key, using.growth);
        }
        self.layer(key, &key.1.clone(), &tables, &put, "");
        let Some(relation) = self.relations.get_mut(key) else { return };
        for known in relation.columns.iter_mut().filter(|known| known.name == column) {
            to.clone_into(&mut known.type_name);
            known.touched = Some(line);
        }
    }

    /// An `UPDATE` changes columns of the rows it matches.
    pub(crate) fn update(&mut self, key: &Key, change: &Change, line: usize) {
        let alias = change.alias.clone().unwrap_or_else(|| key.1.clone());
        let condition = change.condition.as_ref().map_or("true", |condition| condition.text.as_str());
        // The condition is in every column's value, and once more where rows are joined.
        let times = change.sets.len() + usize::from(!change.from.is_empty());
        let of_condition: Vec<Name> = change.condition.iter().flat_map(|condition| condition.tables.clone()).collect();
        let mut tables = vec![of_condition; times].concat();
        tables.extend(change.sets.iter().flat_map(|(_, value)| value.tables.clone()));
        tables.extend(change.from_tables.iter().cloned());
        let formulas: Vec<&Formula> = change.sets.iter().map(|(_, value)| value).chain(&change.condition).collect();
        let dim = self.dim(key, &tables, &formulas);
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
            let grows = change.sets.iter().filter(|(column, _)| self.is_boundless(key, column));
            self.grow(key, grows.map(|(_, value)| value.growth).max().unwrap_or(1));
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
        if dim {
            relation.overwrite(line, |column| change.sets.iter().any(|(set, _)| set == column));
        }
        for column in
            relation.columns.iter_mut().filter(|column| change.sets.iter().any(|(set, _)| *set == column.name))
        {
            column.touched = Some(line);
        }
    }

    /// Rows go: those that match, or all.
    pub(crate) fn delete(
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
        let dim = self.dim(key, &tables, condition.as_slice());
        self.layer(key, &alias, &tables, &BTreeMap::new(), &keep);
        if let Some(relation) = self.relations.get_mut(key) {
            relation.rows_touched = Some(line);
            if dim || relation.triggers {
                relation.unseen.get_or_insert(line);
            }
        }
    }

    /// A table that begins without rows.
    pub(crate) fn make_empty(&mut self, key: &Key) {
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
