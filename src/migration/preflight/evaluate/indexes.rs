//! Indexes: names that are taken, rows that repeat, and what building them costs.

use super::super::act::{Formula, Mode, NewIndex};
use super::super::catalog::Index;
use super::super::finding::Severity;
use super::super::name::{Name, listed};
use super::super::question::Broken;
use super::super::world::{Key, Relation};
use super::constraints::is_word_of_sql;
use super::relations::with_article;
use super::{Evaluate, WorkKind};

impl Evaluate<'_> {
    pub(super) fn ask_for_repeats(
        &mut self,
        key: &Key,
        parts: &[Formula],
        predicate: Option<&Formula>,
        nulls_equal: bool,
        by: &str,
    ) {
        let formulas: Vec<&Formula> = parts.iter().chain(predicate).collect();
        for formula in &formulas {
            if !self.is_safe(&key.1, formula) {
                return;
            }
        }
        let Some((with, source)) = self.reading(key, &formulas) else { return };
        let mut conditions: Vec<String> = predicate.iter().map(|predicate| format!("({})", predicate.text)).collect();
        if !nulls_equal {
            conditions.extend(parts.iter().map(|part| format!("({}) IS NOT NULL", part.text)));
        }
        let condition =
            if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        let group = parts.iter().map(|part| format!("({})", part.text)).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "{with}SELECT coalesce(sum(repeats.n), 0)::bigint FROM (SELECT count(*) AS n FROM {source}{condition} GROUP BY \
             {group} HAVING count(*) > 1) AS repeats"
        );
        let rests = self.rests(key, &formulas);
        let columns: Vec<String> =
            parts.iter().map(|part| part.bare.clone().unwrap_or_else(|| part.text.clone())).collect();
        self.ask(key, &rests, Broken::Repeats { columns: listed(&columns), by: by.to_owned() }, sql, None);
    }

    /// Whether an expression of an index can be computed for every row.
    fn ask_to_compute(&mut self, key: &Key, part: &Formula, name: &str) {
        if !self.is_safe(&key.1, part) {
            return;
        }
        let Some((with, source)) = self.reading(key, &[part]) else { return };
        let sql = format!("{with}SELECT count(({})) FROM {source}", part.text);
        let rests = self.rests(key, &[part]);
        self.ask(key, &rests, Broken::Computed { what: format!("{} of {name}", part.text) }, sql, None);
    }

    pub(super) fn index_name_is_free(&mut self, table: &Key, name: &str) -> bool {
        let key = (table.0.clone(), name.to_owned());
        let Some(taken) = self.world.get(&key) else { return true };
        let taken = super::relations::kind_word(&taken.kind);
        let text = format!("index {name} cannot be made: {} of this name is there already", with_article(taken));
        let safer = "look whether it is an invalid rest of an earlier try (pg_index.indisvalid); drop that first";
        self.fails(Some(&table.1), self.world.named(&key), text, safer);
        false
    }

    /// The name the server gives what has none: the usual one, with a number when that is taken.
    pub(super) fn free_name(&self, table: &Key, wanted: &str) -> String {
        let taken = |name: &str| self.world.get(&(table.0.clone(), name.to_owned())).is_some();
        if !taken(wanted) {
            return wanted.to_owned();
        }
        (1..1000)
            .map(|number| format!("{wanted}{number}"))
            .find(|name| !taken(name))
            .unwrap_or_else(|| wanted.to_owned())
    }

    pub(super) fn note_index(
        &mut self,
        table: &Key,
        name: &str,
        columns: Vec<Option<String>>,
        unique: bool,
        partial: bool,
        method: &str,
    ) {
        let line = self.line();
        let index = Index {
            table: table.1.clone(),
            columns,
            unique,
            primary: false,
            valid: true,
            partial,
            method: method.to_owned(),
        };
        let relation = Relation { index: Some(index), ..Relation::made("i") };
        self.world.insert((table.0.clone(), name.to_owned()), relation, line);
    }

    pub(super) fn create_index(&mut self, index: &NewIndex) {
        let Some(key) = self.table(&index.table) else { return };
        self.needs_create(&key.0);
        if index.concurrently {
            self.refuse_inside("CREATE INDEX CONCURRENTLY", Some(&key.1));
            self.refuse_partitioned(
                &key,
                "CREATE INDEX CONCURRENTLY",
                "build it on each partition, then on the table itself",
            );
        }
        let name = index.name.as_ref().map_or_else(|| "an index".to_owned(), |name| name.name.clone());
        let index_key = (key.0.clone(), name.clone());
        if index.if_absent && self.world.get(&index_key).is_some() {
            let valid =
                self.world.get(&index_key).and_then(|there| there.index.as_ref()).is_none_or(|there| there.valid);
            let text = if valid {
                format!("index {name} is there already and stays as it is; nobody compares it")
            } else {
                format!("index {name} is there already but invalid, and IF NOT EXISTS leaves it so")
            };
            let severity = if valid { Severity::Note } else { Severity::Hazard };
            let finding = self.finding(severity, Some(&key.1), text);
            self.out.findings.push(finding);
            return;
        }
        if !self.index_name_is_free(&key, &name) {
            return;
        }
        let parts = index.parts.iter().chain(&index.predicate);
        let needed: Vec<String> = parts
            .filter(|part| !part.has_subquery())
            .flat_map(|part| part.columns.iter().filter(|column| !is_word_of_sql(column)).cloned())
            .collect();
        if !needed.iter().all(|column| self.has_column(&key, column)) {
            return;
        }
        if index.unique {
            self.ask_for_repeats(&key, &index.parts, index.predicate.as_ref(), index.nulls_equal, &name);
        }
        for part in index.parts.iter().filter(|part| part.bare.is_none() && !index.unique) {
            self.ask_to_compute(&key, part, &name);
        }
        if let Some(predicate) = &index.predicate {
            self.ask_to_compute(&key, predicate, &name);
        }
        let gin = super::is_inverted(&index.method);
        let kind = WorkKind::BuildIndex { parts: index.parts.len(), gin };
        let (mode, safer) = if index.concurrently {
            (Mode::ShareUpdateExclusive, None)
        } else {
            (Mode::Share, Some("CREATE INDEX CONCURRENTLY in an autocommit_block: writers go on meanwhile"))
        };
        self.work(&key, mode, kind, format!("builds index {name}"), safer);
        let columns = index.parts.iter().map(|part| part.bare.clone()).collect();
        self.note_index(&key, &name, columns, index.unique, index.predicate.is_some(), &index.method);
    }

    pub(super) fn drop_index(&mut self, name: &Name, if_present: bool, concurrently: bool) {
        let key = self.world.key(name);
        if concurrently {
            self.refuse_inside("DROP INDEX CONCURRENTLY", None);
            self.refuse_partitioned(&key, "DROP INDEX CONCURRENTLY", "DROP INDEX, with a lock_timeout");
        }
        let Some(index) = self.world.get(&key).and_then(|relation| relation.index.clone()) else {
            if !if_present {
                self.fails(None, self.world.named(&key), format!("there is no index {name}"), "");
            }
            return;
        };
        let table = (key.0.clone(), index.table.clone());
        let owner = self.world.get(&table).and_then(|relation| {
            relation.constraints.iter().find(|rule| rule.name == key.1 && matches!(rule.kind.as_str(), "p" | "u" | "x"))
        });
        if let Some(owner) = owner {
            let text = format!("index {name} cannot be dropped: constraint {} of {} needs it", owner.name, table.1);
            let rests = self.world.named(&key);
            self.fails(Some(&table.1), rests, text, "ALTER TABLE … DROP CONSTRAINT");
            return;
        }
        let (mode, safer) = if concurrently {
            (Mode::ShareUpdateExclusive, None)
        } else {
            (Mode::AccessExclusive, Some("DROP INDEX CONCURRENTLY in an autocommit_block"))
        };
        self.work(&table, mode, WorkKind::Instant, format!("drops index {}", key.1), safer);
        let line = self.line();
        self.world.remove(&key, line);
    }

    pub(super) fn rename_index(&mut self, name: &Name, to: &str) {
        let key = self.world.key(name);
        if self.world.get(&key).is_none() {
            self.fails(None, self.world.named(&key), format!("there is no index {name}"), "");
            return;
        }
        self.needs_owner(&key);
        let table = (key.0.clone(), String::new());
        if !self.index_name_is_free(&table, to) {
            return;
        }
        let line = self.line();
        if let Some(relation) = self.world.remove(&key, line) {
            self.world.insert((key.0, to.to_owned()), relation, line);
        }
    }
}
