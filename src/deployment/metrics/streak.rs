//! What looks in a row amount to: one that is bad is noise, several are a change that somebody has to hear of.

use super::verdict::{Assessment, PaneVerdict};
use crate::checklist::pane::{Pane, Patience};
use crate::checklist::{EnvironmentName, PaneId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A metric stands differently than before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    pub pane: PaneId,
    pub environment: EnvironmentName,
    pub from: PaneVerdict,
    pub to: PaneVerdict,
    /// When the deciding look was taken.
    pub at: DateTime<Utc>,
    /// When the first of the looks was taken that decided it together.
    pub since: DateTime<Utc>,
    pub value: Option<f64>,
    pub unit: String,
    /// As the checklist writes it: `< 200 ms`.
    pub target: Option<String>,
    pub sentence: String,
}

/// Where a metric stands by its looks so far.
///
/// Bad looks in a row raise it, whichever kind of bad they are; good ones in a row clear it. An inconclusive look counts
/// for neither and ends no row: it shows nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Streak {
    pane: PaneId,
    environment: EnvironmentName,
    patience: Patience,
    standing: PaneVerdict,
    row: Option<Row>,
}

/// Looks in a row that speak for something else than what stands.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    side: Side,
    since: DateTime<Utc>,
    count: u32,
}

/// What a row speaks for. While nothing is wrong all that is bad counts together; afterwards each kind by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Good,
    Bad,
    Kind(PaneVerdict),
}

impl Streak {
    /// Of a metric of which nothing is known yet.
    #[must_use]
    pub fn new(pane: &Pane, environment: EnvironmentName) -> Self {
        Self::resume(pane, environment, PaneVerdict::Inconclusive)
    }

    /// Of a metric whose last change is on record: looks go on from there.
    #[must_use]
    pub fn resume(pane: &Pane, environment: EnvironmentName, standing: PaneVerdict) -> Self {
        Self { pane: pane.id.clone(), environment, patience: pane.patience, standing, row: None }
    }

    /// How it stands, after as many looks as it takes.
    pub fn standing(&self) -> PaneVerdict {
        self.standing
    }

    /// Takes one look in. Gives the change that it made, if any; that a metric turns out to be well after nothing
    /// was known of it is no change.
    pub fn look(&mut self, at: DateTime<Utc>, seen: &Assessment) -> Option<Transition> {
        if seen.verdict == PaneVerdict::Inconclusive {
            return None;
        }
        let Some(side) = self.side(seen.verdict) else {
            self.row = None;
            return None;
        };
        let row = self.row.filter(|row| row.side == side).unwrap_or(Row { side, since: at, count: 0 });
        let row = Row { count: row.count.saturating_add(1), ..row };
        let needed = if side == Side::Good { self.patience.clear_after } else { self.patience.raise_after };
        if row.count < needed {
            self.row = Some(row);
            return None;
        }
        self.row = None;
        let from = std::mem::replace(&mut self.standing, seen.verdict);
        if from == PaneVerdict::Inconclusive && side == Side::Good {
            return None;
        }
        Some(Transition {
            pane: self.pane.clone(),
            environment: self.environment.clone(),
            from,
            to: seen.verdict,
            at,
            since: row.since,
            value: seen.value,
            unit: seen.unit.clone(),
            target: seen.target.clone(),
            sentence: seen.sentence.clone(),
        })
    }

    /// What a look speaks for; nothing where it shows what stands already.
    fn side(&self, seen: PaneVerdict) -> Option<Side> {
        if seen == self.standing {
            None
        } else if !seen.is_bad() {
            Some(Side::Good)
        } else if self.standing.is_bad() {
            Some(Side::Kind(seen))
        } else {
            Some(Side::Bad)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::pane::Source;
    use PaneVerdict::{Inconclusive, NoData, Ok as Good, OverTarget, WorseThanBaseline};

    fn pane() -> Pane {
        Pane {
            patience: Patience { raise_after: 3, clear_after: 2 },
            ..Pane::new("lots", "production", Source::DatabaseSize, "ms")
        }
    }

    fn second(second: usize) -> DateTime<Utc> {
        DateTime::from_timestamp(i64::try_from(second).unwrap(), 0).unwrap()
    }

    /// The changes of looks taken once a second: when, since when, from and to.
    fn changes(looks: &[PaneVerdict]) -> Vec<(i64, i64, PaneVerdict, PaneVerdict)> {
        let mut streak = Streak::new(&pane(), "production".into());
        let mut changes = Vec::new();
        for (at, verdict) in looks.iter().enumerate() {
            let seen = Assessment::new(*verdict, "ms", "as seen");
            if let Some(change) = streak.look(second(at), &seen) {
                changes.push((change.at.timestamp(), change.since.timestamp(), change.from, change.to));
            }
        }
        changes
    }

    #[test]
    fn three_bad_looks_raise_and_two_good_ones_clear() {
        let looks = [Good, Good, OverTarget, OverTarget, OverTarget, OverTarget, Good, OverTarget, Good, Good, Good];
        assert_eq!(changes(&looks), [(4, 2, Good, OverTarget), (9, 8, OverTarget, Good)]);
    }

    #[test]
    fn noise_raises_nothing() {
        let mut looks = vec![OverTarget, OverTarget];
        for _ in 0..20 {
            looks.extend([Good, OverTarget, NoData, Good]);
        }
        assert_eq!(changes(&looks), []);
    }

    #[test]
    fn every_kind_of_bad_counts_until_it_is_raised_and_then_each_by_itself() {
        let looks = [Good, Good, NoData, OverTarget, OverTarget, NoData, OverTarget, NoData, NoData, NoData];
        assert_eq!(changes(&looks), [(4, 2, Good, OverTarget), (9, 7, OverTarget, NoData)]);
    }

    #[test]
    fn what_is_inconclusive_shows_nothing_either_way() {
        let looks = [WorseThanBaseline, Inconclusive, WorseThanBaseline, Inconclusive, WorseThanBaseline];
        assert_eq!(changes(&looks), [(4, 0, Inconclusive, WorseThanBaseline)]);
        let looks = [OverTarget, OverTarget, OverTarget, Inconclusive, Inconclusive, Good, Inconclusive, Good];
        assert_eq!(changes(&looks), [(2, 0, Inconclusive, OverTarget), (7, 5, OverTarget, Good)]);
    }

    #[test]
    fn looks_go_on_from_what_is_on_record() {
        let mut streak = Streak::resume(&pane(), "production".into(), OverTarget);
        let over = Assessment::new(OverTarget, "ms", "still");
        assert!((0..9).all(|at| streak.look(second(at), &over).is_none()), "it is known already");
        let good = Assessment { value: Some(24.0), ..Assessment::new(Good, "ms", "24 ms (< 200 ms)") };
        assert!(streak.look(second(9), &good).is_none());
        let change = streak.look(second(10), &good).unwrap();
        assert_eq!((change.to, change.value, change.sentence.as_str()), (Good, Some(24.0), "24 ms (< 200 ms)"));
        assert_eq!(streak.standing(), Good);
    }
}
