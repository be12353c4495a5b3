//! Constraints: what existing rows break, and what checking them costs.

use super::super::act::{Formula, Mode, NewConstraint, Rule};
use super::super::catalog::Constraint;
use super::super::finding::Severity;
use super::super::formula::bare;
use super::super::name::Name;
use super::super::question::Broken;
use super::super::world::{Key, Relation};
use super::{Evaluate, WorkKind};

pub(super) const THEN_VALIDATE: &str =
    "ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own, beside which writers go on";
const BY_INDEX: &str = "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX";

impl Evaluate<'_> {
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
                if constraint.not_valid && self.world.catalog.server.version < 180_000 {
                    let instead = "add it to each partition NOT VALID and validate it there, then to the table itself";
                    self.refuse_partitioned(key, "FOREIGN KEY … NOT VALID", instead);
                }
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
        let acts = matches!(constraint.rule, Rule::ForeignKey { acts: true, .. });
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
                acts,
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
pub(super) fn is_word_of_sql(word: &str) -> bool {
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
