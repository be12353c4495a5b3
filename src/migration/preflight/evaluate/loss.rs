//! What cannot be had back once a statement has run, and how many rows it is.

use super::super::act::{Change, Formula};
use super::super::finding::Severity;
use super::super::name::quoted;
use super::super::question::{Broken, Claim, Purpose, Question};
use super::super::types::{Type, loses};
use super::super::world::Key;
use super::{Evaluate, unsafe_function};

impl Evaluate<'_> {
    /// Whether a table was there before the chain; what the chain itself has made is no loss.
    fn is_old(&self, key: &Key) -> bool {
        self.world.get(key).is_some_and(|relation| relation.origin.is_some())
    }

    fn is_old_column(&self, key: &Key, column: &str) -> bool {
        self.is_old(key)
            && self.world.get(key).and_then(|relation| relation.column(column)).is_some_and(|known| !known.made)
    }

    /// Asks how many rows lose something. None is no finding; one that cannot be counted is.
    fn loses(&mut self, key: &Key, what: String, sql: Option<String>) {
        let Some(sql) = sql else {
            let mut finding = self.finding(Severity::Irreversible, Some(&key.1), what);
            finding.safer = Some("a verified backup is the only rollback".to_owned());
            self.out.findings.push(finding);
            return;
        };
        let claim = Claim {
            statement: self.at,
            severity: Severity::Irreversible,
            because: None,
            unseen: None,
            table: key.1.clone(),
            broken: Broken::Lost { what },
        };
        self.out.questions.push(Question { sql, purpose: Purpose::Breaks(claim), count: None });
    }

    pub(super) fn loses_rows(&mut self, key: &Key, what: String) {
        if self.is_old(key) {
            let sql = self.world.source(key, &key.1).map(|source| format!("SELECT count(*) FROM {source}"));
            self.loses(key, what, sql);
        }
    }

    /// A `DELETE`; without a `condition` that can be asked, all that is known is that rows go.
    pub(super) fn loses_matching(
        &mut self,
        key: &Key,
        alias: Option<&str>,
        using: Option<&str>,
        condition: Option<&Formula>,
    ) {
        if !self.is_old(key) {
            return;
        }
        let tables = condition.map(|condition| condition.tables.clone()).unwrap_or_default();
        let read = self.world.with(&tables).zip(self.world.source(key, alias.unwrap_or(&key.1)));
        let sql = read.map(|(with, source)| {
            let condition = condition.map_or("true", |condition| condition.text.as_str());
            match using {
                None => format!("{with}SELECT count(*) FROM {source} WHERE ({condition})"),
                Some(using) => {
                    format!("{with}SELECT count(*) FROM {source} WHERE EXISTS (SELECT FROM {using} WHERE {condition})")
                }
            }
        });
        self.loses(key, format!("rows of {} are deleted", key.1), sql);
    }

    pub(super) fn loses_column(&mut self, key: &Key, column: &str) {
        if self.is_old_column(key, column) {
            let sql = self
                .world
                .source(key, &key.1)
                .map(|source| format!("SELECT count({}.{}) FROM {source}", quoted(&key.1), quoted(column)));
            self.loses(key, format!("the values of {}.{column} go", key.1), sql);
        }
    }

    pub(super) fn loses_digits(&mut self, key: &Key, column: &str, from: &Type, to: &Type, using: Option<&Formula>) {
        let Some(lost) = loses(from, to).filter(|_| self.is_old_column(key, column)) else { return };
        // Without a USING the server refuses what is too long rather than cut it off.
        if to.is_text() && using.is_none() {
            return;
        }
        let what = format!("retyping {}.{column} loses {lost}", key.1);
        let own = quoted(column);
        let condition = if (from.base.as_str(), to.base.as_str()) == ("json", "jsonb") {
            // White space and the order of keys are no data; a key that comes twice is.
            format!(
                "json_typeof({own}) = 'object' AND (SELECT count(*) > count(DISTINCT keys.key) FROM \
                 json_object_keys(CASE WHEN json_typeof({own}) = 'object' THEN {own} END) AS keys (key))"
            )
        } else {
            if using.is_some_and(|using| unsafe_function(self.world.catalog, using).is_some()) {
                self.loses(key, what, None);
                return;
            }
            let value = using.map_or_else(|| own.clone(), |using| using.text.clone());
            let (old, new) = (spelled(from), spelled(to));
            format!("(({value})::{new})::{old}::text IS DISTINCT FROM {own}::text")
        };
        let what = if to.base == "jsonb" {
            format!("retyping {}.{column} keeps only the last of keys that come twice", key.1)
        } else {
            what
        };
        let sql =
            self.world.source(key, &key.1).map(|source| format!("SELECT count(*) FROM {source} WHERE {condition}"));
        self.loses(key, what, sql);
    }

    /// An `UPDATE` of columns that held something before.
    pub(super) fn overwrites(&mut self, key: &Key, change: &Change, ask: bool) {
        let old: Vec<String> = change
            .sets
            .iter()
            .filter(|(column, _)| self.is_old_column(key, column))
            .map(|(column, _)| column.clone())
            .collect();
        if old.is_empty() {
            return;
        }
        let alias = quoted(change.alias.as_deref().unwrap_or(&key.1));
        let held: Vec<String> = old.iter().map(|column| format!("{alias}.{} IS NOT NULL", quoted(column))).collect();
        let sql = self
            .matching(key, change)
            .filter(|_| ask)
            .map(|(from, condition)| format!("{from} WHERE {condition} AND ({})", held.join(" OR ")));
        self.loses(key, format!("values of {}.{} are overwritten", key.1, old.join(", ")), sql);
    }
}

/// A type as a cast names it.
fn spelled(type_name: &Type) -> String {
    let size: Vec<String> = type_name.size.iter().map(ToString::to_string).collect();
    let array = if type_name.array { "[]" } else { "" };
    match (size.is_empty(), type_name.base.split_once(' ')) {
        (true, _) => format!("{}{array}", type_name.base),
        // The size of a time stands after its first word.
        (false, Some((first, rest))) if first.starts_with("time") => {
            format!("{first}({}) {rest}{array}", size.join(","))
        }
        (false, _) => format!("{}({}){array}", type_name.base, size.join(",")),
    }
}
