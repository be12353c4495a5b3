//! What a statement changes beside the table it names, and what the server as it is now cannot know: triggers and rules,
//! partitions, foreign keys that act, views that go along, types and functions that the chain makes.

use super::super::finding::Severity;
use super::super::name::{Name, literal};
use super::super::world::Key;
use super::Evaluate;
use regex::Regex;
use std::collections::BTreeSet;

impl Evaluate<'_> {
    /// Rows of a table came, went or changed: so they may have elsewhere.
    pub(super) fn rows_change(&mut self, key: &Key) {
        let line = self.line();
        if self.world.get(key).is_some_and(|relation| relation.reaches) {
            self.world.reach.get_or_insert(line);
        }
        let (mut seen, mut todo) = (BTreeSet::from([key.clone()]), vec![key.clone()]);
        while let Some(next) = todo.pop() {
            let refers = self.world.relations().filter(|(_, relation)| {
                relation.constraints.iter().any(|rule| {
                    rule.acts
                        && rule.references.as_deref() == Some(next.1.as_str())
                        && rule.references_schema.as_deref() == Some(next.0.as_str())
                })
            });
            let near: Vec<Key> = refers.map(|(other, _)| other.clone()).chain(self.kin(&next)).collect();
            for other in near.into_iter().filter(|other| seen.insert(other.clone())) {
                if let Some(relation) = self.world.get_mut(&other) {
                    relation.touch_all(line);
                    if relation.reaches {
                        self.world.reach.get_or_insert(line);
                    }
                }
                todo.push(other);
            }
        }
    }

    /// The structure of a table changes: so does that of its partitions, or of the table it is one of.
    pub(super) fn kin_change(&mut self, key: &Key) {
        let line = self.line();
        for other in self.kin(key) {
            self.world.rename(&other, line);
        }
    }

    fn kin(&self, key: &Key) -> Vec<Key> {
        let origin = self.world.get(key).and_then(|relation| relation.origin.as_ref());
        origin
            .and_then(|(schema, name)| self.world.catalog.relation(schema, name))
            .map(|own| own.kin.clone())
            .unwrap_or_default()
    }

    /// What `CASCADE` takes along with a table or a column: views, and foreign keys of others.
    pub(super) fn drop_dependents(&mut self, key: &Key, column: Option<&str>) {
        let line = self.line();
        let mut todo = vec![(key.clone(), column.map(ToOwned::to_owned))];
        while let Some((base, column)) = todo.pop() {
            let rests = |view: &&super::super::catalog::ViewUse| {
                (&view.schema, &view.table) == (&base.0, &base.1) && (column.is_none() || view.column == column)
            };
            let views: Vec<String> =
                self.world.catalog.views.iter().filter(rests).map(|view| view.view.clone()).collect();
            let is_view = |(other, relation): &(&Key, &super::super::world::Relation)| {
                matches!(relation.kind.as_str(), "v" | "m") && relation.origin.is_some() && views.contains(&other.1)
            };
            let going: Vec<Key> = self.world.relations().filter(is_view).map(|(other, _)| other.clone()).collect();
            for view in going {
                self.world.remove(&view, line);
                todo.push((view, None));
            }
        }
        let others: Vec<Key> = self.world.relations().map(|(other, _)| other.clone()).collect();
        for other in others.into_iter().filter(|other| other != key) {
            let Some(relation) = self.world.get_mut(&other) else { continue };
            let before = relation.constraints.len();
            relation.constraints.retain(|rule| {
                let refers = rule.references.as_deref() == Some(key.1.as_str())
                    && rule.references_schema.as_deref() == Some(key.0.as_str());
                !(refers && column.is_none_or(|column| rule.referred.iter().any(|own| own == column)))
            });
            if relation.constraints.len() < before {
                self.world.rename(&other, line);
            }
        }
    }

    pub(super) fn rename_type(&mut self, name: &Name, to: &str) {
        self.need_type(name);
        self.needs_own_type(name);
        let (key, line) = (self.world.key(name), self.line());
        let new = (key.0.clone(), to.to_owned());
        self.world.rename(&key, line);
        self.world.rename(&new, line);
        for name in [&key.1, &new.1] {
            self.world.changed_types.entry(name.to_lowercase()).or_insert(line);
        }
        if self.world.types.remove(&key) {
            self.world.types.insert(new);
        }
    }

    /// Neither label means to the server now what it will mean then.
    pub(super) fn rename_enum_value(&mut self, name: &Name, value: &str, to: &str) {
        self.need_type(name);
        self.needs_own_type(name);
        let has = |label: &str| self.has_label(name, label);
        let wrong = match (has(value), has(to)) {
            (Some(false), _) => Some(format!("{name} has no value '{value}'")),
            (_, Some(true)) => Some(format!("{name} has a value '{to}' already")),
            _ => None,
        };
        if let Some(wrong) = wrong {
            self.fails(None, None, wrong, "");
        }
        let line = self.line();
        for value in [value, to] {
            self.world.changed_values.entry(value.to_owned()).or_insert(line);
        }
    }

    /// One that is there already keeps its arguments and what it gives back, or is another beside it.
    pub(super) fn create_function(&mut self, schema: Option<&str>, name: &str) {
        let made = self.world.changed_functions.contains_key(&name.to_lowercase());
        if self.world.catalog.own_functions.contains(name) && !made {
            self.needs_own_function(name, false);
            self.left_open(format!("a function {name} is there already; whether this one fits it is not asked"));
        }
        let schema = schema.unwrap_or_else(|| self.world.default_schema()).to_owned();
        self.needs_create(&schema);
        self.function_changes(name);
    }

    pub(super) fn calls_function(&mut self, name: &str) {
        let known = self.world.catalog.own_functions.contains(name)
            || self.world.changed_functions.contains_key(&name.to_lowercase())
            || ["suppress_redundant_updates_trigger", "tsvector_update_trigger", "lo_manage"].contains(&name);
        if !known {
            self.fails(None, self.world.mentioned(name), format!("there is no function {name}"), "");
        }
    }

    pub(super) fn function_changes(&mut self, name: &str) {
        let line = self.line();
        self.world.changed_functions.entry(name.to_lowercase()).or_insert(line);
    }

    pub(super) fn drop_function(&mut self, name: &str, if_present: bool) {
        let known = self.world.catalog.own_functions.contains(name)
            || self.world.changed_functions.contains_key(&name.to_lowercase());
        if !known && !if_present {
            self.fails(None, self.world.mentioned(name), format!("there is no function {name}"), "");
        }
        self.needs_own_function(name, true);
        self.drops_what_is_used("function", name);
        self.function_changes(name);
    }

    /// `search_path` changes: names without a schema mean other tables.
    pub(super) fn look_up_in(&mut self, value: &str, local: bool) {
        let parts: Vec<&str> = value.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        let plain = |part: &&str| {
            let name = part.trim_matches(['"', '\'']);
            name.is_empty() || name.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        let default = parts == ["default"];
        if !default && !parts.iter().all(plain) {
            let line = self.line();
            self.world.unknown.get_or_insert_with(|| format!("line {line} changes where names are looked up"));
            let text = "search_path becomes what cannot be distinguished from here: names without a schema may mean other tables";
            let finding = self.finding(Severity::Inconclusive, None, text.to_owned());
            self.out.findings.push(finding);
            return;
        }
        if local && self.local_path.is_none() {
            self.local_path = Some((self.statements[self.at].transaction, self.world.path.clone()));
        }
        let names = parts.iter().map(|part| part.trim_matches(['"', '\'']).to_owned()).filter(|name| !name.is_empty());
        self.world.set_path((!default).then(|| names.collect()));
    }

    /// `SET LOCAL` ends with its transaction.
    pub(super) fn end_local_path(&mut self, now: Option<usize>) {
        if let Some((_, path)) = self.local_path.take_if(|(transaction, _)| *transaction != now) {
            self.world.set_path(Some(path));
        }
    }

    /// `SELECT set_config('search_path', …)`, as dumps begin with.
    pub(super) fn set_config(&mut self) {
        let text = self.statements[self.at].text.to_lowercase();
        if let Some((_, rest)) = text.split_once("'search_path'") {
            let value = rest.split('\'').nth(1).unwrap_or("?").to_owned();
            self.look_up_in(&value, rest.contains("true"));
        }
    }

    /// What PostgreSQL does not do on a partitioned table, or on an index of one.
    pub(super) fn refuse_partitioned(&mut self, key: &Key, what: &str, instead: &str) {
        if self.world.get(key).is_some_and(|relation| matches!(relation.kind.as_str(), "p" | "I")) {
            let text = format!("{} is partitioned, and {what} does not work there", key.1);
            self.fails(Some(&key.1), self.world.named(key), text, instead);
        }
    }

    /// Why the server as it is now cannot answer a question: it rests on what only the chain makes, or calls a function
    /// that may look at what the chain changes.
    pub(super) fn made_for(&self, sql: &str) -> Option<String> {
        let world = &self.world;
        if let Some((value, line)) = world.changed_values.iter().find(|(value, _)| sql.contains(&literal(value))) {
            return Some(format!("line {line} makes the value '{value}' of an enum mean what it does not mean yet"));
        }
        let sql = sql.to_lowercase().replace('"', "");
        if let Some((name, line)) = world.changed_types.iter().find(|(name, _)| casts_to(&sql, name)) {
            return Some(format!("line {line} makes the type {name} another one than it is now"));
        }
        let calls = |name: &str| sql.contains(&format!("{name}("));
        if let Some((name, line)) = world.changed_functions.iter().find(|(name, _)| calls(name)) {
            return Some(format!("line {line} makes the function {name} another one than it is now"));
        }
        let looks = || world.catalog.looking_functions.iter().find(|name| calls(name));
        let looking = world.has_changed_rows().then(looks).flatten();
        looking.map(|name| format!("the function {name} may look at what the chain changes before"))
    }

    /// Why nothing of a table that is there now is certain.
    pub(super) fn reached(&self, key: &Key) -> Option<String> {
        self.world.get(key)?.origin.as_ref()?;
        let line = self.world.reach?;
        Some(format!(
            "what line {line} sets off (a trigger, a rule or a function) may change other tables, and was not read"
        ))
    }
}

/// Whether a question, in lower case and without quotes, turns something into a type.
fn casts_to(sql: &str, name: &str) -> bool {
    let name = regex::escape(name);
    let pattern = format!(r"::\s*(?:\w+\.)?{name}\b|\bas (?:\w+\.)?{name}(?:\[\])*\s*\)");
    Regex::new(&pattern).map_or(true, |pattern| pattern.is_match(sql))
}

#[cfg(test)]
mod tests {
    use super::casts_to;

    #[test]
    fn a_cast_is_distinguished_from_an_alias() {
        assert!(casts_to("select count(cast((state::text) as app.state)) from t", "state"));
        assert!(casts_to("select state::state", "state") && casts_to("select cast(x as state[])", "state"));
        assert!(!casts_to("select state as state from (select t.state as state, 1 as n from t) as t", "state"));
        assert!(!casts_to("select state::state_old", "state"));
    }
}
