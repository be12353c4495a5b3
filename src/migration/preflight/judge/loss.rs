//! What cannot be had back once a statement has run.

use super::super::act::Change;
use super::super::finding::Severity;
use super::super::types::{Type, loses};
use super::super::world::Key;
use super::Judge;

const KEEP: &str = "a verified backup is the only way back; or keep the old data beside the new until the release stands";

impl Judge<'_> {
    fn loses(&mut self, key: &Key, what: String) {
        // What the chain itself has made was not there before.
        if self.world.get(key).is_none_or(|relation| relation.origin.is_none()) {
            return;
        }
        let mut finding = self.finding(Severity::NoWayBack, Some(&key.1), what);
        finding.safer = Some(KEEP.to_owned());
        self.out.losing.push(finding.revision.clone());
        self.out.findings.push(finding);
    }

    pub(super) fn loses_table(&mut self, key: &Key) {
        self.loses(key, format!("{} goes with all its rows", key.1));
    }

    pub(super) fn loses_rows(&mut self, key: &Key, what: &str) {
        self.loses(key, format!("{what} in {}", key.1));
    }

    pub(super) fn loses_column(&mut self, key: &Key, column: &str) {
        let made = self.world.get(key).and_then(|relation| relation.column(column)).is_some_and(|known| known.made);
        if !made {
            self.loses(key, format!("the values of {}.{column} go", key.1));
        }
    }

    pub(super) fn loses_digits(&mut self, key: &Key, column: &str, from: &Type, to: &Type) {
        let made = self.world.get(key).and_then(|relation| relation.column(column)).is_some_and(|known| known.made);
        if let Some(lost) = loses(from, to).filter(|_| !made) {
            self.loses(key, format!("retyping {}.{column} loses {lost}", key.1));
        }
    }

    /// An `UPDATE` of columns that held something before.
    pub(super) fn overwrites(&mut self, key: &Key, change: &Change) {
        let Some(relation) = self.world.get(key) else { return };
        let condition = change.condition.as_ref().map(|formula| formula.text.to_lowercase()).unwrap_or_default();
        let fills_only = |column: &str| {
            let plain = condition.replace('"', "");
            plain.contains(&format!("{column} is null"))
        };
        let old: Vec<&str> = change
            .sets
            .iter()
            .filter(|(column, _)| relation.column(column).is_some_and(|known| !known.made) && !fills_only(column))
            .map(|(column, _)| column.as_str())
            .collect();
        if !old.is_empty() {
            let names = old.join(", ");
            self.loses(key, format!("the values that {}.{names} held are overwritten", key.1));
        }
    }
}
