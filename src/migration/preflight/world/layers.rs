//! The rows of a table as the chain will have left them, as a query over the tables as they are now; and how much such a
//! query may ask of the server.

use super::{Key, World};
use crate::migration::preflight::name::{Name, quoted};
use std::collections::{BTreeMap, BTreeSet};

/// A question works through so many statements of the chain at most, and is no longer than so many bytes. Every layer is
/// fenced (`OFFSET 0`), so that the server does not put the expressions of one into those of the next: twenty `UPDATE`s of
/// one column would make a million copies of it.
const MOST_LAYERS: usize = 32;
const LONGEST_LAYER: usize = 64 * 1024;
/// A question reads tables of the database so many times at most. A subquery on a table that the chain has changed reads
/// again all that its rows rest on: twenty `DELETE`s that each look into their own table would read it a million times,
/// every time with memory of its own.
const MOST_READS: usize = 16;
/// Values become so many times as long as they are at most: thirty `UPDATE`s that each double a text would fill any memory.
const MOST_GROWTH: usize = 1024;

impl World<'_> {
    /// Where a question reads a table's rows: the table itself, or its layer; named `alias`. `None` when that cannot be
    /// worked out.
    pub(crate) fn source(&self, key: &Key, alias: &str) -> Option<String> {
        let relation = self.get(key).filter(|relation| !relation.lost && !self.is_stale(key, relation))?;
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
    pub(crate) fn with(&self, tables: &[Name]) -> Option<String> {
        self.bind(tables, None)
    }

    /// As [`Self::with`]. A layer is put into others, whose own tables would stand in for those it names: it binds them all,
    /// as `as_now` gives the columns of those that are as they are now.
    fn bind(&self, tables: &[Name], as_now: Option<&str>) -> Option<String> {
        if self.reads(tables) > MOST_READS {
            return None;
        }
        let mut seen = BTreeSet::new();
        let mut parts = Vec::new();
        for name in tables {
            let key = self.key(name);
            let Some(relation) = self.get(&key) else { continue };
            let elsewhere = name.schema.is_none() && self.path != self.catalog.server.search_path;
            let moved = elsewhere || relation.origin.as_ref().is_none_or(|origin| *origin != key);
            let changed = relation.layer.is_some() || moved;
            if relation.lost || self.is_stale(&key, relation) || (changed && name.schema.is_some()) {
                return None;
            }
            if (changed || (as_now.is_some() && name.schema.is_none())) && seen.insert(key.clone()) {
                let columns = as_now.filter(|_| !changed && relation.is_table()).unwrap_or("*");
                let rows = match (&relation.layer, &relation.origin) {
                    (Some(layer), _) => layer.clone(),
                    (None, Some(origin)) => {
                        format!("SELECT {columns} FROM {}.{}", quoted(&origin.0), quoted(&origin.1))
                    }
                    // The server knows at most another one of this name.
                    (None, None) => return None,
                };
                parts.push(format!("{} AS NOT MATERIALIZED ({rows})", quoted(&key.1)));
            }
        }
        Some(if parts.is_empty() { String::new() } else { format!("WITH {} ", parts.join(", ")) })
    }

    /// How many tables of the database are read for these, each as often as it is named.
    fn reads(&self, tables: &[Name]) -> usize {
        tables.iter().map(|name| self.get(&self.key(name)).map_or(1, |relation| relation.reads)).sum()
    }

    /// Puts one more layer on a table: each column as `put` says, the rest as they are.
    pub(super) fn layer(
        &mut self,
        key: &Key,
        alias: &str,
        tables: &[Name],
        put: &BTreeMap<String, String>,
        tail: &str,
    ) {
        if self.get(key).is_none_or(|relation| relation.layer.is_none() && relation.origin.is_none()) {
            return;
        }
        // Rows that are distinguished by their place in the table need it.
        let by_place = tail.contains("ctid") || put.values().any(|value| value.contains("ctid"));
        let parts = self.source(key, alias).zip(self.bind(tables, Some(if by_place { "ctid, *" } else { "*" })));
        let reads = self.reads(tables);
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
        relation.reads += reads;
        relation.lost = relation.depth > MOST_LAYERS
            || layer.len() > LONGEST_LAYER
            || relation.reads > MOST_READS
            || relation.growth > MOST_GROWTH;
        relation.layer = Some(layer);
    }

    /// The values of a table become longer.
    pub(super) fn grow(&mut self, key: &Key, by: usize) {
        if let Some(relation) = self.relations.get_mut(key) {
            relation.growth = relation.growth.saturating_mul(by.max(1));
        }
    }

    /// Whether the values of a column may be of any length: not numbers, times or texts with a limit.
    pub(super) fn is_boundless(&self, key: &Key, column: &str) -> bool {
        let known = self.get(key).and_then(|relation| relation.column(column));
        known.is_none_or(|known| {
            let type_name = known.type_name.to_lowercase();
            ["text", "character varying", "varchar", "bytea", "json", "jsonb", "xml", "hstore", "bit varying"]
                .contains(&type_name.as_str())
                || type_name.ends_with("[]")
        })
    }
}
