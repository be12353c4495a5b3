//! Questions about rows: what they rest on, and what is not asked at all.

use super::super::act::Formula;
use super::super::catalog::Catalog;
use super::super::finding::Severity;
use super::super::name::Name;
use super::super::question::{Broken, Claim, Purpose, Question};
use super::super::world::Key;
use super::Evaluate;

impl Evaluate<'_> {
    /// Asks whether rows of a table stand in the way. `rests` are the columns, and other tables with columns, that the
    /// answer rests on.
    pub(super) fn ask(
        &mut self,
        key: &Key,
        rests: &[(Key, Vec<String>)],
        broken: Broken,
        sql: String,
        count: Option<String>,
    ) {
        let Some(relation) = self.world.get(key) else { return };
        // A table that the chain makes has no rows that were not put in by the chain.
        if relation.origin.is_none() && relation.rows_touched.is_none() {
            return;
        }
        let touched = rests.iter().filter_map(|(key, columns)| {
            let relation = self.world.get(key)?;
            relation.touched(columns).or(if relation.origin.is_none() { self.world.named(key) } else { None })
        });
        let (severity, because) = self.certainty(touched.min());
        let because = because.map(|why| format!("{why}; counted as that will leave it"));
        // Rows that come to another table only add to what may be referred to.
        let own = |other: &Key| other == key;
        let unseen = rests.iter().filter_map(|(key, columns)| self.world.get(key)?.unseen(columns, own(key))).min();
        let unseen = unseen.map(|line| format!("what line {line} puts in is not looked at"));
        let unseen = unseen.or_else(|| self.made_for(&sql)).or_else(|| self.reached(key));
        let claim = Claim { statement: self.at, severity, because, unseen, table: key.1.clone(), broken };
        self.out.questions.push(Question { sql, purpose: Purpose::Breaks(claim), count });
    }

    /// What a formula about a table rests on.
    pub(super) fn rests(&self, key: &Key, formulas: &[&Formula]) -> Vec<(Key, Vec<String>)> {
        let columns: Vec<String> = formulas.iter().flat_map(|formula| formula.columns.iter().cloned()).collect();
        let tables = formulas.iter().flat_map(|formula| formula.tables.iter());
        let mut rests: Vec<_> = tables.map(|name| (self.world.key(name), columns.clone())).collect();
        rests.push((key.clone(), columns));
        rests
    }

    /// Whether a formula may be tried: it calls nothing that may do more than read or fill the server's memory. Says so
    /// when it may not.
    pub(super) fn is_safe(&mut self, table: &str, formula: &Formula) -> bool {
        let Some(function) = unsafe_function(self.world.catalog, formula) else { return true };
        let text = match &formula.heavy {
            Some(heavy) => format!("not tried on the rows: {heavy} may fill the server's memory"),
            None => format!("not tried on the rows: it calls {function}(), which may do more than read"),
        };
        let finding = self.finding(Severity::Inconclusive, Some(table), text);
        self.out.findings.push(finding);
        false
    }

    /// `FROM`, with what has to stand before the `SELECT`. Says so when that cannot be worked out.
    pub(super) fn reading(&mut self, key: &Key, formulas: &[&Formula]) -> Option<(String, String)> {
        let tables: Vec<Name> = formulas.iter().flat_map(|formula| formula.tables.iter().cloned()).collect();
        let read = self.world.with(&tables).zip(self.world.source(key, &key.1));
        if read.is_none() {
            self.not_worked_out(key);
        }
        read
    }

    /// What a table will hold is not known, so nothing is asked of its rows. One that the chain makes and never fills has
    /// none to ask of.
    pub(super) fn not_worked_out(&mut self, key: &Key) {
        let known = self.world.get(key).is_none_or(|relation| relation.origin.is_none() && relation.unseen.is_none());
        if known {
            return;
        }
        let text =
            format!("the rows of {} are not asked: what the chain makes of them by then is not worked out", key.1);
        let finding = self.finding(Severity::Inconclusive, Some(&key.1), text);
        self.out.findings.push(finding);
    }
}

/// Functions that give something else every time and do nothing more.
const ONLY_READ: [&str; 9] = [
    "random",
    "gen_random_uuid",
    "clock_timestamp",
    "timeofday",
    "uuid_generate_v4",
    "uuid_generate_v1",
    "statement_timestamp",
    "now",
    "age",
];

/// What of the formula may do more than read, or fill the server's memory.
pub(super) fn unsafe_function(catalog: &Catalog, formula: &Formula) -> Option<String> {
    let suspect =
        |name: &&String| catalog.volatile_functions.contains(name.as_str()) && !ONLY_READ.contains(&name.as_str());
    formula.heavy.clone().or_else(|| formula.functions.iter().find(suspect).cloned())
}
