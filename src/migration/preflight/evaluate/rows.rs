//! Statements that change rows.

use super::super::act::{Change, Formula, Mode};
use super::super::finding::Severity;
use super::super::name::Name;
use super::super::question::{Purpose, Question};
use super::super::world::Key;
use super::{Evaluate, WorkKind, unsafe_function};

const BATCHES: &str = "change them in batches, each in a transaction of its own, before the window";

impl Evaluate<'_> {
    pub(super) fn insert(&mut self, table: &Name, columns: &[String]) {
        let Some(key) = self.table(table) else { return };
        if !columns.iter().all(|column| self.has_column(&key, column)) {
            return;
        }
        self.needs_right(&key, "INSERT");
        self.work(&key, Mode::RowExclusive, WorkKind::Instant, format!("puts rows into {}", key.1), None);
        self.inserted_unheld(&key);
        let line = self.line();
        if let Some(relation) = self.world.get_mut(&key) {
            relation.fill(line);
        }
        self.rows_change(&key);
    }

    pub(super) fn update(&mut self, change: &Change) {
        let Some(key) = self.table(&change.table) else { return };
        if !change.sets.iter().all(|(column, _)| self.has_column(&key, column)) {
            return;
        }
        self.needs_right(&key, "UPDATE");
        self.work(&key, Mode::RowExclusive, WorkKind::Change, format!("updates rows of {}", key.1), Some(BATCHES));
        self.updated_unheld(&key, change);
        let line = self.line();
        let formulas = change.sets.iter().map(|(_, value)| value).chain(&change.condition);
        let unsafe_one = formulas.into_iter().any(|formula| unsafe_function(self.world.catalog, formula).is_some());
        if !unsafe_one {
            self.ask_for_matches(&key, change);
        }
        self.overwrites(&key, change, !unsafe_one);
        if unsafe_one || change.opaque {
            if let Some(relation) = self.world.get_mut(&key) {
                relation.overwrite(line, |column| change.opaque || change.sets.iter().any(|(set, _)| set == column));
            }
        } else {
            self.world.update(&key, change, line);
        }
        self.rows_change(&key);
    }

    /// How many rows an update changes: its time depends on that.
    fn ask_for_matches(&mut self, key: &Key, change: &Change) {
        let Some((from, condition)) = self.matching(key, change) else { return };
        let sql = format!("{from} WHERE {condition}");
        self.out.questions.push(Question { sql, purpose: Purpose::Matches { statement: self.at }, count: None });
    }

    /// `SELECT count(*) FROM …` over the rows that an update sees, and its condition.
    pub(super) fn matching(&self, key: &Key, change: &Change) -> Option<(String, String)> {
        let alias = change.alias.as_deref().unwrap_or(&key.1);
        let mut tables = change.from_tables.clone();
        tables.extend(change.condition.iter().flat_map(|condition| condition.tables.clone()));
        let with = self.world.with(&tables)?;
        let source = self.world.source(key, alias)?;
        let mut sources = vec![source];
        sources.extend(change.from.iter().cloned());
        let condition = change.condition.as_ref().map_or_else(|| "true".to_owned(), |condition| condition.text.clone());
        Some((format!("{with}SELECT count(*) FROM {}", sources.join(" CROSS JOIN ")), format!("({condition})")))
    }

    pub(super) fn delete(
        &mut self,
        table: &Name,
        alias: Option<&str>,
        using: Option<&str>,
        condition: Option<&Formula>,
    ) {
        let Some(key) = self.table(table) else { return };
        self.needs_right(&key, "DELETE");
        self.work(&key, Mode::RowExclusive, WorkKind::Change, format!("deletes rows of {}", key.1), Some(BATCHES));
        self.deleted_unheld(&key, condition);
        let line = self.line();
        let safe = condition.is_none_or(|formula| unsafe_function(self.world.catalog, formula).is_none());
        self.loses_matching(&key, alias, using, condition.filter(|_| safe));
        if safe {
            self.world.delete(&key, alias, using, condition, line);
        } else if let Some(relation) = self.world.get_mut(&key) {
            relation.touch_all(line);
        }
        self.rows_change(&key);
    }

    pub(super) fn truncate(&mut self, tables: &[Name], cascade: bool) {
        for table in tables {
            let Some(key) = self.table(table) else { continue };
            self.needs_right(&key, "TRUNCATE");
            self.work(&key, Mode::AccessExclusive, WorkKind::Instant, format!("empties {}", key.1), None);
            self.loses_rows(&key, format!("every row of {} is deleted", key.1));
            let listed: Vec<String> = tables.iter().map(|table| self.world.key(table).1).collect();
            let referring: Vec<String> = self
                .world
                .relations()
                .filter(|(other, _)| **other != key && !listed.contains(&other.1))
                .filter(|(_, relation)| {
                    relation.constraints.iter().any(|rule| {
                        rule.references.as_deref() == Some(key.1.as_str())
                            && rule.references_schema.as_deref() == Some(key.0.as_str())
                    })
                })
                .map(|(other, _)| other.1.clone())
                .collect();
            if !referring.is_empty() && cascade {
                let line = self.line();
                for other in &referring {
                    if let Some(relation) = self.world.get_mut(&(key.0.clone(), other.clone())) {
                        relation.touch_all(line);
                    }
                }
                let text = format!("CASCADE empties {} too", referring.join(", "));
                let finding = self.finding(Severity::Irreversible, Some(&key.1), text);
                self.out.findings.push(finding);
            } else if !referring.is_empty() {
                let text = format!("{} cannot be emptied: {} refers to it", key.1, referring.join(", "));
                self.fails(Some(&key.1), self.world.named(&key), text, "DELETE, or name all of them");
            }
            let line = self.line();
            self.world.delete(&key, None, None, None, line);
            self.rows_change(&key);
        }
    }
}
