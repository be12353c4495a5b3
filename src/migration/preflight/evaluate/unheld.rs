//! Rows that a statement writes or reads and that no question compares with keys, checks and expressions: whether the
//! server will take them is not known, and not said to be.

use super::super::act::{Change, Formula};
use super::super::catalog::Constraint;
use super::super::finding::Severity;
use super::super::world::Key;
use super::Evaluate;

/// Signs of an expression that may fail on a row: division, remainder, a cast.
const MAY_FAIL: [&str; 4] = ["/", "%", "::", "cast("];
/// Functions of the server whose outcome depends on more than their arguments.
const STATEFUL: [&str; 3] = ["setval", "nextval", "currval"];

impl Evaluate<'_> {
    /// Says what was not evaluated.
    fn unheld(&mut self, key: Option<&Key>, what: String) {
        let mut finding = self.finding(Severity::Inconclusive, key.map(|key| key.1.as_str()), what);
        finding.safer = Some("try it on a copy of the data, or look at those rows yourself".to_owned());
        self.out.findings.push(finding);
    }

    pub(super) fn inserted_unheld(&mut self, key: &Key) {
        // What the chain made itself and nothing but its own rows are in may be refused all the same: its rules are new.
        // What was there before has types and a shape that values may not fit, too.
        let rules = self
            .world
            .get(key)
            .is_some_and(|relation| !relation.constraints.is_empty() || relation.triggers || relation.origin.is_some());
        if rules || self.is_unique_somewhere(key, None) {
            let what = format!("the rows put into {} are not compared with its keys, checks and triggers", key.1);
            self.unheld(Some(key), what);
        }
    }

    pub(super) fn updated_unheld(&mut self, key: &Key, change: &Change) {
        let formulas = || change.sets.iter().map(|(_, value)| value).chain(&change.condition);
        if formulas().any(may_fail) {
            self.unheld(Some(key), format!("an expression of this update may fail on a row of {}", key.1));
            return;
        }
        let sets = |column: &String| change.sets.iter().any(|(set, _)| set == column);
        // A key that is copied from a column of the same name, or of the one it refers to, is one already.
        let copied = |rule: &Constraint| {
            rule.kind == "f"
                && change.sets.iter().filter(|(set, _)| rule.columns.contains(set)).all(|(set, value)| {
                    let bare = value.bare.as_deref().map(|bare| bare.rsplit('.').next().unwrap_or(bare));
                    bare.is_some_and(|bare| bare == set || rule.referred.iter().any(|own| own == bare))
                })
        };
        let held = self.world.get(key).and_then(|relation| {
            let over = |rule: &&Constraint| rule.columns.iter().any(sets) && !copied(rule);
            relation.constraints.iter().find(over).map(|rule| rule.name.clone())
        });
        let referred = self.refers_to(key, &|columns: &[String]| columns.iter().any(sets));
        let unique = self.is_unique_somewhere(key, Some(change));
        if let Some(rule) = held.or(referred).or(unique.then(|| "a unique index".to_owned())) {
            self.unheld(Some(key), format!("the new values of {} are not compared with {rule}", key.1));
        }
    }

    pub(super) fn deleted_unheld(&mut self, key: &Key, condition: Option<&Formula>) {
        if condition.is_some_and(may_fail) {
            self.unheld(Some(key), format!("the condition of this delete may fail on a row of {}", key.1));
        } else if let Some(rule) = self.refers_to(key, &|_: &[String]| true) {
            self.unheld(Some(key), format!("whether {rule} lets the rows of {} go is not asked", key.1));
        }
    }

    /// A query whose expressions may fail on a row, or that moves a sequence.
    pub(super) fn query_unheld(&mut self, functions: &[String]) {
        let text = self.statements[self.at].text.to_lowercase();
        if let Some(function) = functions.iter().find(|name| STATEFUL.contains(&name.as_str())) {
            self.unheld(None, format!("what {function}() is given is not evaluated"));
        } else if text.contains(" from ") && MAY_FAIL.iter().any(|sign| text.contains(sign)) {
            self.unheld(None, "an expression of this query may fail on a row".to_owned());
        }
    }

    /// A table or view that is filled by a query.
    pub(super) fn filled_unheld(&mut self) {
        let text = self.statements[self.at].text.to_lowercase();
        if MAY_FAIL.iter().any(|sign| text.contains(sign)) {
            self.unheld(None, "an expression of the query that fills it may fail on a row".to_owned());
        }
    }

    /// The foreign key of another table that refers to this one and does not act by itself.
    fn refers_to(&self, key: &Key, wanted: &dyn Fn(&[String]) -> bool) -> Option<String> {
        let mut rules = self.world.relations().flat_map(|(_, relation)| &relation.constraints);
        let found = rules.find(|rule| {
            !rule.acts
                && rule.references.as_deref() == Some(key.1.as_str())
                && rule.references_schema.as_deref() == Some(key.0.as_str())
                && wanted(&rule.referred)
        });
        found.map(|rule| rule.name.clone())
    }

    /// Whether a unique index lies over the table, over one of the columns that a change sets.
    fn is_unique_somewhere(&self, key: &Key, change: Option<&Change>) -> bool {
        let sets = |column: &String| change.is_none_or(|change| change.sets.iter().any(|(set, _)| set == column));
        self.world.relations().any(|(_, relation)| {
            relation.index.as_ref().is_some_and(|index| {
                index.unique && index.table == key.1 && index.columns.iter().any(|c| c.as_ref().is_none_or(&sets))
            })
        })
    }
}

fn may_fail(formula: &Formula) -> bool {
    let text = formula.text.to_lowercase();
    MAY_FAIL.iter().any(|sign| text.contains(sign))
}
