//! Whether a target is harder or easier to meet than before.

use crate::checklist::target::Bound;
use crate::checklist::{Item, ItemId, Target};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A target that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retarget {
    pub item: ItemId,
    pub measure: String,
    /// In words: `≤ 5 rows`, `no target`.
    pub before: String,
    pub after: String,
    pub ease: Ease,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "kebab-case")]
pub enum Ease {
    /// Whatever meets it now would have met it before.
    Tightened,
    /// Whatever met it before meets it now, and more does.
    Loosened,
    /// Neither: something meets it now that did not, and the other way round.
    Moved,
}

impl Ease {
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Whether something meets the target now that did not before.
    pub fn lets_more_pass(self) -> bool {
        match self {
            Ease::Loosened | Ease::Moved => true,
            Ease::Tightened => false,
        }
    }
}

impl Retarget {
    /// `rows: ≤ 5 rows → ≤ 9 rows`.
    pub fn words(&self) -> String {
        format!("{}: {} → {}", self.measure, self.before, self.after)
    }
}

impl fmt::Display for Retarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "target {} ({})", self.ease.word(), self.words())
    }
}

/// The targets of an item that differ, by what they measure.
pub(super) fn retargets(before: &Item, after: &Item) -> Vec<Retarget> {
    let mut measures: Vec<&str> = Vec::new();
    for target in before.targets.iter().chain(&after.targets) {
        if !measures.contains(&target.measure.as_str()) {
            measures.push(&target.measure);
        }
    }
    let differing = measures.into_iter().filter_map(|measure| {
        let of = |item: &Item| -> Vec<Target> {
            item.targets.iter().filter(|target| target.measure == measure).cloned().collect()
        };
        let (old, new) = (of(before), of(after));
        if old == new {
            return None;
        }
        let implied = |bounds: &[Target], by: &[Target]| {
            bounds.iter().all(|bound| by.iter().any(|by| by.unit == bound.unit && implies(by.bound, bound.bound)))
        };
        // As hard as before where every old bound follows from a new one; as easy where every new one follows from an old.
        let ease = match (implied(&old, &new), implied(&new, &old)) {
            (true, true) => return None,
            (true, false) => Ease::Tightened,
            (false, true) => Ease::Loosened,
            (false, false) => Ease::Moved,
        };
        let (item, measure) = (after.id.clone(), measure.to_owned());
        Some(Retarget { item, measure, before: shown(&old), after: shown(&new), ease })
    });
    differing.collect()
}

/// How a bound of a metric differs from another one; nothing where it lets the same pass.
pub(super) fn ease(before: Option<Bound>, after: Option<Bound>) -> Option<Ease> {
    let implied = |new: Option<Bound>, old: Option<Bound>| match (new, old) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(new), Some(old)) => implies(new, old),
    };
    match (implied(after, before), implied(before, after)) {
        (true, true) => None,
        (true, false) => Some(Ease::Tightened),
        (false, true) => Some(Ease::Loosened),
        (false, false) => Some(Ease::Moved),
    }
}

fn shown(targets: &[Target]) -> String {
    let shown: Vec<String> = targets.iter().map(ToString::to_string).collect();
    if shown.is_empty() { "no target".to_owned() } else { shown.join(" and ") }
}

/// Whether what meets `new` always meets `old`.
fn implies(new: Bound, old: Bound) -> bool {
    let (n, o) = (new.number(), old.number());
    match (new, old) {
        (Bound::Equals(_), old) => old.holds(n),
        (Bound::Below(_), Bound::Below(_) | Bound::AtMost(_)) | (Bound::AtMost(_), Bound::AtMost(_)) => n <= o,
        (Bound::AtMost(_), Bound::Below(_)) => n < o,
        (Bound::AtLeast(_), Bound::AtLeast(_)) => n >= o,
        (Bound::Below(_) | Bound::AtMost(_), Bound::AtLeast(_) | Bound::Equals(_))
        | (Bound::AtLeast(_), Bound::Below(_) | Bound::AtMost(_) | Bound::Equals(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_looser_when_something_new_would_meet_it() {
        assert!(implies(Bound::Below(10.0), Bound::Below(10.0)));
        assert!(implies(Bound::Below(9.0), Bound::AtMost(10.0)));
        assert!(implies(Bound::Equals(3.0), Bound::AtMost(4.0)));
        assert!(implies(Bound::AtLeast(8.0), Bound::AtLeast(7.0)));
        assert!(!implies(Bound::AtMost(10.0), Bound::Below(10.0)));
        assert!(!implies(Bound::Below(11.0), Bound::Below(10.0)));
        assert!(!implies(Bound::AtLeast(6.0), Bound::AtLeast(7.0)));
        assert!(!implies(Bound::AtMost(4.0), Bound::Equals(4.0)));
        assert!(!implies(Bound::Equals(5.0), Bound::Below(5.0)));
    }
}
