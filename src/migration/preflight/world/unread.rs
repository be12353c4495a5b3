//! What was not followed, and what may be something else because of it.

use super::{Key, Relation, World};
use crate::migration::preflight::act::Formula;
use crate::migration::preflight::name::Name;
use std::collections::BTreeSet;

impl World<'_> {
    /// Line of a statement that was not followed and names this.
    pub(crate) fn mentioned(&self, name: &str) -> Option<usize> {
        let name = name.to_lowercase();
        self.unread.iter().find(|(words, _)| words.contains(&name)).map(|(_, line)| *line)
    }

    /// What a statement names that is not followed may be anything afterwards: relations, types and functions. One that
    /// builds statements or calls a function may do anything.
    pub(crate) fn blur(&mut self, text: &str, line: usize) {
        let lower = text.to_lowercase();
        let words: BTreeSet<String> =
            lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(ToOwned::to_owned).collect();
        let has = |name: &str| words.contains(&name.to_lowercase());
        let calls =
            self.catalog.own_functions.iter().chain(self.changed_functions.keys()).find(|name| has(name.as_str()));
        let why = match calls {
            Some(function) => Some(format!("line {line} may call {function}(), which may do anything")),
            None if has("execute") => Some(format!("line {line} builds its statements while it runs")),
            None if has("search_path") => Some(format!("line {line} changes where names are looked up")),
            None => None,
        };
        if let Some(why) = why {
            self.unknown.get_or_insert(why);
            self.reach.get_or_insert(line);
        }
        for (key, relation) in self.relations.iter_mut().filter(|(key, _)| has(&key.1)) {
            self.named.insert(key.clone(), line);
            relation.touch_all(line);
            let makes_one = has("rule") || has("trigger");
            (relation.triggers, relation.reaches) = (relation.triggers || makes_one, relation.reaches || makes_one);
        }
        for (_, name) in self.types.iter().filter(|(_, name)| has(name)) {
            self.changed_types.entry(name.to_lowercase()).or_insert(line);
        }
        self.unread.push((words, line));
    }

    /// Whether a view shows something else than now, as what it rests on does.
    fn is_stale_view(&self, name: &str) -> bool {
        let (mut seen, mut todo) = (BTreeSet::new(), vec![name.to_owned()]);
        while let Some(name) = todo.pop() {
            for base in self.catalog.views.iter().filter(|view| view.view == name) {
                match self.get(&(base.schema.clone(), base.table.clone())) {
                    Some(relation) if !relation.is_changed() => {}
                    _ => return true,
                }
                if seen.insert(base.table.clone()) {
                    todo.push(base.table.clone());
                }
            }
        }
        false
    }

    /// Whether the chain has changed rows of anything.
    pub(crate) fn has_changed_rows(&self) -> bool {
        self.reach.is_some() || self.relations.values().any(Relation::is_changed)
    }

    /// Whether some question does not see all of these tables, or of the columns of one.
    pub(super) fn dim(&self, key: &Key, tables: &[Name], columns: &[&Formula]) -> bool {
        let own = self.get(key);
        let of_columns = columns
            .iter()
            .flat_map(|formula| &formula.columns)
            .any(|name| own.and_then(|own| own.column(name)).is_some_and(|column| column.unseen.is_some()));
        of_columns || tables.iter().filter_map(|name| self.get(&self.key(name))).any(Relation::is_dim)
    }

    pub(super) fn is_stale(&self, key: &Key, relation: &Relation) -> bool {
        relation.kind == "v" && self.is_stale_view(&key.1)
    }
}
