//! Foreign keys: both tables are locked, and every row must find its partner.

use super::super::act::Mode;
use super::super::act::NewConstraint;
use super::super::name::{Name, listed, quoted};
use super::super::question::Broken;
use super::super::world::Key;
use super::constraints::THEN_VALIDATE;
use super::{Evaluate, WorkKind};

impl Evaluate<'_> {
    pub(super) fn foreign_key(
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
        self.needs_right(&target, "REFERENCES");
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

    pub(super) fn ask_for_orphans(
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
        let read = self.world.source(key, alias).zip(self.world.source(target, partner));
        let Some((own, other)) = read else {
            self.not_worked_out(key);
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
}
