//! Constraints and indexes: what existing rows break, and what building them costs.

use super::super::act::{Formula, Mode, NewConstraint, NewIndex, Rule};
use super::super::catalog::{Constraint, Index};
use super::super::finding::Severity;
use super::super::formula::bare;
use super::super::name::{Name, listed, quoted};
use super::super::question::Broken;
use super::super::world::{Key, Relation};
use super::relations::with_article;
use super::{Judge, WorkKind};

const THEN_VALIDATE: &str =
    "ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own, beside which writers go on";
const BY_INDEX: &str = "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX";

impl Judge<'_> {
    pub(super) fn add_constraint(&mut self, table: &Name, constraint: &NewConstraint) {
        if let Some(key) = self.table(table) {
            self.constrain(&key, constraint, false);
        }
    }

    /// A constraint comes to a table, which may be `fresh`: made by the same statement and empty.
    pub(super) fn constrain(&mut self, key: &Key, constraint: &NewConstraint, fresh: bool) {
        if let Some(name) = &constraint.name {
            let there =
                self.world.get(key).is_some_and(|relation| relation.constraints.iter().any(|c| c.name == *name));
            if there {
                let rests = self.world.named(key).or(self.world.named(&(key.0.clone(), name.clone())));
                self.fails(Some(&key.1), rests, format!("{} has a constraint {name} already", key.1), "");
                return;
            }
        }
        let columns = match &constraint.rule {
            Rule::Check(_) | Rule::UsingIndex { .. } | Rule::Exclusion => Vec::new(),
            Rule::Unique { columns, .. } | Rule::PrimaryKey { columns } | Rule::ForeignKey { columns, .. } => {
                columns.clone()
            }
        };
        let open = self.world.get(key).is_some_and(|relation| fresh && relation.rows_touched.is_some());
        if !open && !columns.iter().all(|column| self.has_column(key, column)) {
            return;
        }
        match &constraint.rule {
            Rule::Check(formula) => self.check(key, constraint, formula),
            Rule::Unique { nulls_equal, .. } => {
                let by = constraint.name.clone().unwrap_or_else(|| "a unique constraint".to_owned());
                self.unique_constraint(key, constraint, &columns, ("u", *nulls_equal), &by);
            }
            Rule::PrimaryKey { .. } => self.primary_key(key, constraint, &columns),
            Rule::ForeignKey { references, referred, full, .. } => {
                self.foreign_key(key, constraint, &columns, references, referred, *full);
            }
            Rule::UsingIndex { index } => {
                let index_key = (key.0.clone(), index.clone());
                if self.world.get(&index_key).is_none() {
                    let rests = self.world.named(&index_key);
                    self.fails(Some(&key.1), rests, format!("there is no index {index}"), "");
                }
                let words = format!("makes a constraint of index {index}");
                self.work(key, Mode::AccessExclusive, WorkKind::Instant, words, None);
            }
            Rule::Exclusion => {
                let words = "builds the index of an exclusion constraint".to_owned();
                self.work(key, Mode::AccessExclusive, WorkKind::BuildIndex { parts: 1, gin: true }, words, None);
                let text = "whether rows exclude each other is not asked".to_owned();
                let finding = self.finding(Severity::Inconclusive, Some(&key.1), text);
                self.out.findings.push(finding);
            }
        }
        self.note_constraint(key, constraint, &columns);
    }

    fn note_constraint(&mut self, key: &Key, constraint: &NewConstraint, columns: &[String]) {
        let (kind, references, referred) = match &constraint.rule {
            Rule::Check(_) => ("c", None, Vec::new()),
            Rule::Unique { .. } | Rule::UsingIndex { .. } => ("u", None, Vec::new()),
            Rule::PrimaryKey { .. } => ("p", None, Vec::new()),
            Rule::ForeignKey { references, referred, .. } => ("f", Some(self.world.key(references)), referred.clone()),
            Rule::Exclusion => ("x", None, Vec::new()),
        };
        let default = default_name(&key.1, columns, kind);
        let says_not_null = match &constraint.rule {
            Rule::Check(formula) if !constraint.not_valid => not_null_said(formula),
            _ => None,
        };
        if let Some(relation) = self.world.get_mut(key) {
            relation.constraints.push(Constraint {
                name: constraint.name.clone().unwrap_or(default),
                kind: kind.to_owned(),
                columns: columns.to_vec(),
                validated: !constraint.not_valid,
                references_schema: references.as_ref().map(|key| key.0.clone()),
                references: references.map(|key| key.1),
                referred,
                says_not_null,
            });
        }
    }

    fn check(&mut self, key: &Key, constraint: &NewConstraint, formula: &Formula) {
        let relation = self.world.get(key);
        let all_known = relation.is_some_and(|relation| {
            formula.has_subquery() || formula.columns.iter().all(|column| relation.column(column).is_some())
        });
        if !all_known {
            let unknown = formula.columns.iter().find(|column| {
                relation.is_none_or(|relation| relation.column(column).is_none()) && !is_word_of_sql(column)
            });
            if let Some(column) = unknown.cloned() {
                self.has_column(key, &column);
                return;
            }
        }
        let name = constraint.name.clone().unwrap_or_else(|| "a check".to_owned());
        if !constraint.not_valid && self.is_safe(&key.1, formula) {
            let Some((with, source)) = self.reading(key, &[formula]) else { return };
            let sql = format!("{with}SELECT count(*) FROM {source} WHERE ({}) IS FALSE", formula.text);
            let rests = self.rests(key, &[formula]);
            self.ask(key, &rests, Broken::Check { name: name.clone(), text: formula.text.clone() }, sql, None);
        }
        let (kind, safer) =
            if constraint.not_valid { (WorkKind::Instant, None) } else { (WorkKind::Scan, Some(THEN_VALIDATE)) };
        self.work(key, Mode::AccessExclusive, kind, format!("adds {name}"), safer);
    }

    fn unique_constraint(
        &mut self,
        key: &Key,
        constraint: &NewConstraint,
        columns: &[String],
        (kind, nulls_equal): (&str, bool),
        by: &str,
    ) {
        let name = match &constraint.name {
            Some(name) if !self.index_name_is_free(key, name) => return,
            Some(name) => name.clone(),
            None => self.free_name(key, &default_name(&key.1, columns, kind)),
        };
        let parts: Vec<Formula> = columns.iter().map(|column| bare(column)).collect();
        self.ask_for_repeats(key, &parts, None, nulls_equal, by);
        let kind = WorkKind::BuildIndex { parts: columns.len(), gin: false };
        self.work(key, Mode::AccessExclusive, kind, format!("builds the index of {by}"), Some(BY_INDEX));
        self.note_index(key, &name, columns.iter().cloned().map(Some).collect(), true, false, "btree");
    }

    fn primary_key(&mut self, key: &Key, constraint: &NewConstraint, columns: &[String]) {
        let has = |relation: &Relation| relation.constraints.iter().any(|rule| rule.kind == "p");
        if self.world.get(key).is_some_and(has) {
            let rests = self.world.named(key).or(self.world.get(key).and_then(|relation| relation.rows_touched));
            self.fails(Some(&key.1), rests, format!("{} has a primary key already", key.1), "");
            return;
        }
        for column in columns {
            self.require_value(key, column, "PRIMARY KEY");
        }
        let by = constraint.name.clone().unwrap_or_else(|| format!("{}_pkey", key.1));
        self.unique_constraint(key, constraint, columns, ("p", false), &by);
    }

    fn foreign_key(
        &mut self,
        key: &Key,
        constraint: &NewConstraint,
        columns: &[String],
        references: &Name,
        referred: &[String],
        full: bool,
    ) {
        let target = self.world.key(references);
        let Some(partner) = self.world.get(&target) else {
            self.fails(
                Some(&key.1),
                self.world.named(&target),
                format!("there is no table {references} to refer to"),
                "",
            );
            return;
        };
        let referred: Vec<String> = if referred.is_empty() {
            let primary = partner.constraints.iter().find(|rule| rule.kind == "p");
            primary.map(|rule| rule.columns.clone()).unwrap_or_default()
        } else {
            referred.to_vec()
        };
        if referred.len() != columns.len() || !self.is_unique(&target, &referred) {
            let rests = self.world.named(&target);
            let text = format!("no unique constraint of {references} fits ({})", listed(&referred));
            self.fails(Some(&key.1), rests, text, "add the unique constraint or primary key first");
            return;
        }
        if !constraint.not_valid {
            self.ask_for_orphans(key, columns, &target, references, &referred, full);
        }
        let by = constraint.name.clone().unwrap_or_else(|| "a foreign key".to_owned());
        let (kind, safer) =
            if constraint.not_valid { (WorkKind::Instant, None) } else { (WorkKind::Lookup, Some(THEN_VALIDATE)) };
        self.work(key, Mode::ShareRowExclusive, kind, format!("adds {by}"), safer);
        if target != *key {
            let words = format!("is referred to by {by} of {}", key.1);
            self.work(&target, Mode::ShareRowExclusive, WorkKind::Instant, words, None);
        }
    }

    /// Whether a unique index covers exactly these columns.
    fn is_unique(&self, key: &Key, columns: &[String]) -> bool {
        let same = |own: &[String]| own.len() == columns.len() && own.iter().all(|column| columns.contains(column));
        let by_constraint = self.world.get(key).is_some_and(|relation| {
            relation.constraints.iter().any(|rule| matches!(rule.kind.as_str(), "p" | "u") && same(&rule.columns))
        });
        by_constraint
            || self.world.indexes_of(key).any(|(_, index)| {
                let own: Option<Vec<String>> = index.columns.iter().cloned().collect();
                index.unique && !index.partial && own.is_some_and(|own| same(&own))
            })
    }

    fn ask_for_orphans(
        &mut self,
        key: &Key,
        columns: &[String],
        target: &Key,
        references: &Name,
        referred: &[String],
        full: bool,
    ) {
        let alias = if target.1 == "referring" { "referring_rows" } else { "referring" };
        let partner = if *target == *key { "referred" } else { target.1.as_str() };
        let (Some(own), Some(other)) = (self.world.source(key, alias), self.world.source(target, partner)) else {
            return;
        };
        let join = if full { " OR " } else { " AND " };
        let filled: Vec<String> =
            columns.iter().map(|column| format!("{}.{} IS NOT NULL", quoted(alias), quoted(column))).collect();
        let meets: Vec<String> = columns
            .iter()
            .zip(referred)
            .map(|(own, other)| format!("{}.{} = {}.{}", quoted(partner), quoted(other), quoted(alias), quoted(own)))
            .collect();
        let sql = format!(
            "SELECT count(*) FROM {own} WHERE ({}) AND NOT EXISTS (SELECT FROM {other} WHERE {})",
            filled.join(join),
            meets.join(" AND ")
        );
        let rests = [(key.clone(), columns.to_vec()), (target.clone(), referred.to_vec())];
        let broken = Broken::Orphans { columns: listed(columns), references: references.to_string() };
        self.ask(key, &rests, broken, sql, None);
    }

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

    fn index_name_is_free(&mut self, table: &Key, name: &str) -> bool {
        let key = (table.0.clone(), name.to_owned());
        let Some(taken) = self.world.get(&key) else { return true };
        let taken = super::relations::kind_word(&taken.kind);
        let text = format!("index {name} cannot be made: {} of this name is there already", with_article(taken));
        let safer = "look whether it is an invalid rest of an earlier try (pg_index.indisvalid); drop that first";
        self.fails(Some(&table.1), self.world.named(&key), text, safer);
        false
    }

    /// The name the server gives what has none: the usual one, with a number when that is taken.
    fn free_name(&self, table: &Key, wanted: &str) -> String {
        let taken = |name: &str| self.world.get(&(table.0.clone(), name.to_owned())).is_some();
        if !taken(wanted) {
            return wanted.to_owned();
        }
        (1..1000)
            .map(|number| format!("{wanted}{number}"))
            .find(|name| !taken(name))
            .unwrap_or_else(|| wanted.to_owned())
    }

    fn note_index(
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
        let relation = Relation {
            kind: "i".to_owned(),
            columns: Vec::new(),
            constraints: Vec::new(),
            index: Some(index),
            triggers: false,
            origin: None,
            rows_touched: None,
            layer: None,
        };
        self.world.insert((table.0.clone(), name.to_owned()), relation, line);
    }

    pub(super) fn create_index(&mut self, index: &NewIndex) {
        let Some(key) = self.table(&index.table) else { return };
        if index.concurrently {
            self.refuse_inside("CREATE INDEX CONCURRENTLY", Some(&key.1));
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
        if concurrently {
            self.refuse_inside("DROP INDEX CONCURRENTLY", None);
        }
        let key = self.world.key(name);
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
        let table = (key.0.clone(), String::new());
        if !self.index_name_is_free(&table, to) {
            return;
        }
        let line = self.line();
        if let Some(relation) = self.world.remove(&key, line) {
            self.world.insert((key.0, to.to_owned()), relation, line);
        }
    }

    pub(super) fn validate_constraint(&mut self, table: &Name, name: &str) {
        let Some(key) = self.table(table) else { return };
        let Some(constraint) = self.constraint(&key, name) else { return };
        let (kind, references) = (constraint.kind.clone(), constraint.references.clone());
        if kind == "f" {
            let target = (constraint.references_schema.clone().unwrap_or_default(), references.unwrap_or_default());
            let referred = constraint.referred.clone();
            let shown = Name::new(Some(&target.0), &target.1);
            self.ask_for_orphans(&key, &constraint.columns, &target, &shown, &referred, false);
        } else if !constraint.validated {
            let text = format!("whether rows break {name} is not asked: its text is not read without a lock");
            let finding = self.finding(Severity::Inconclusive, Some(&key.1), text);
            self.out.findings.push(finding);
        }
        let work = if kind == "f" { WorkKind::Lookup } else { WorkKind::Scan };
        self.work(&key, Mode::ShareUpdateExclusive, work, format!("validates {name}"), None);
    }

    pub(super) fn drop_constraint(&mut self, table: &Name, name: &str, if_present: bool) {
        let Some(key) = self.table(table) else { return };
        let known = self.world.get(&key).is_some_and(|relation| relation.constraints.iter().any(|c| c.name == name));
        if !known {
            if !if_present {
                self.constraint(&key, name);
            }
            return;
        }
        self.work(&key, Mode::AccessExclusive, WorkKind::Instant, format!("drops constraint {name}"), None);
        let line = self.line();
        self.world.forget(&key, name, line);
        let index = (key.0.clone(), name.to_owned());
        if self.world.get(&index).is_some_and(|relation| relation.index.is_some()) {
            self.world.remove(&index, line);
        }
        if let Some(relation) = self.world.get_mut(&key) {
            relation.constraints.retain(|constraint| constraint.name != name);
        }
    }

    pub(super) fn rename_constraint(&mut self, table: &Name, name: &str, to: &str) {
        let Some(key) = self.table(table) else { return };
        if self.constraint(&key, name).is_none() {
            return;
        }
        self.work(&key, Mode::AccessExclusive, WorkKind::Instant, format!("renames constraint {name}"), None);
        let line = self.line();
        self.world.forget(&key, name, line);
        if let Some(relation) = self.world.get_mut(&key) {
            for constraint in relation.constraints.iter_mut().filter(|constraint| constraint.name == name) {
                to.clone_into(&mut constraint.name);
            }
        }
    }

    /// A constraint by its name. Says so when there is none.
    fn constraint(&mut self, key: &Key, name: &str) -> Option<Constraint> {
        let relation = self.world.get(key)?;
        let found = relation.constraints.iter().find(|constraint| constraint.name == name).cloned();
        if found.is_none() {
            let rests = self.world.gone(key, name).or_else(|| self.world.named(key));
            let names: Vec<&str> = relation.constraints.iter().map(|rule| rule.name.as_str()).collect();
            let has = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let text = format!("{} has no constraint {name}; it has {has}", key.1);
            self.fails(Some(&key.1), rests, text, "");
        }
        found
    }
}

/// The name the server gives a constraint that has none.
fn default_name(table: &str, columns: &[String], kind: &str) -> String {
    match kind {
        "p" => format!("{table}_pkey"),
        "u" => format!("{table}_{}_key", columns.join("_")),
        "f" => format!("{table}_{}_fkey", columns.join("_")),
        _ => format!("{table}_check"),
    }
}

/// The column of `column IS NOT NULL`.
fn not_null_said(formula: &Formula) -> Option<String> {
    let text = formula.text.trim().trim_start_matches('(').trim_end_matches(')').trim().to_lowercase();
    let [column] = formula.columns.as_slice() else { return None };
    (text == format!("{column} is not null") || text == format!("\"{column}\" is not null")).then(|| column.clone())
}

/// Words that stand where a column might and are none.
fn is_word_of_sql(word: &str) -> bool {
    matches!(
        word,
        "current_date"
            | "current_time"
            | "current_timestamp"
            | "localtime"
            | "localtimestamp"
            | "current_user"
            | "session_user"
            | "user"
            | "value"
    )
}
