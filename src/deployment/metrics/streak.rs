//! What looks in a row amount to: one that is bad is noise, several are a change that somebody has to hear of.

use super::verdict::{Assessment, PaneVerdict};
use crate::checklist::pane::{Pane, Patience};
use crate::checklist::{EnvironmentName, PaneId};
use chrono::{DateTime, TimeDelta, Utc};
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

/// How long a metric has to be without any number before it is without data: a restart is none of anybody's business.
const NO_DATA_AFTER: TimeDelta = TimeDelta::seconds(30);

/// Where a metric stands by its looks so far.
///
/// Bad numbers in a row raise it, whichever kind of bad they are; good ones in a row clear it. An inconclusive look counts
/// for neither and ends no row: it shows nothing. A look without a number is no number: it ends a row of good ones, and is none
/// of the bad ones. A metric is without data once as many looks in a row as raise it had no number, and none has come for
/// `NO_DATA_AFTER`; it has data again with as many as clear it, whatever they show.
#[derive(Debug, Clone, PartialEq)]
pub struct Streak {
    pane: PaneId,
    environment: EnvironmentName,
    patience: Patience,
    standing: PaneVerdict,
    /// Of a number that counts kinds of trouble: how many are known.
    kinds: Option<f64>,
    row: Option<Row>,
    /// Looks in a row without a number, with the first.
    silence: Option<(DateTime<Utc>, u32)>,
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
        Self::resume(pane, environment, PaneVerdict::Inconclusive, None)
    }

    /// Of a metric whose last change is on record, with its number then: looks go on from there.
    #[must_use]
    pub fn resume(pane: &Pane, environment: EnvironmentName, standing: PaneVerdict, value: Option<f64>) -> Self {
        let (patience, row, silence) = (pane.patience, None, None);
        let kinds = pane.source.counts_kinds().then(|| value.unwrap_or(f64::NEG_INFINITY));
        Self { pane: pane.id.clone(), environment, patience, standing, kinds, row, silence }
    }

    /// How it stands, after as many looks as it takes.
    pub fn standing(&self) -> PaneVerdict {
        self.standing
    }

    /// Takes one look in. `number_at` is when the newest number came. Gives the change that the look made, if any; that a
    /// metric turns out to be well after nothing was known of it is no change.
    pub fn look(
        &mut self,
        at: DateTime<Utc>,
        seen: &Assessment,
        number_at: Option<DateTime<Utc>>,
    ) -> Option<Transition> {
        if seen.verdict == PaneVerdict::NoData {
            return self.silent(at, seen, number_at);
        }
        self.silence = None;
        if seen.verdict == self.standing && seen.verdict.is_bad() && self.has_another_kind(seen) {
            return self.change(at, at, seen);
        }
        let Some(side) = self.side(seen.verdict) else {
            // What stands already ends what speaks against it; what shows nothing does not.
            if seen.verdict == self.standing && seen.verdict != PaneVerdict::Inconclusive {
                self.row = None;
            }
            return None;
        };
        let row = self.row.filter(|row| row.side == side).unwrap_or(Row { side, since: at, count: 0 });
        let row = Row { count: row.count.saturating_add(1), ..row };
        let needed = if side == Side::Good { self.patience.clear_after } else { self.patience.raise_after };
        if row.count < needed {
            self.row = Some(row);
            return None;
        }
        self.change(at, row.since, seen)
    }

    /// A look without a number.
    fn silent(&mut self, at: DateTime<Utc>, seen: &Assessment, number_at: Option<DateTime<Utc>>) -> Option<Transition> {
        self.row = self.row.filter(|row| row.side != Side::Good);
        let (first, count) = self.silence.map_or((at, 1), |(first, count)| (first, count.saturating_add(1)));
        self.silence = Some((first, count));
        if self.standing == PaneVerdict::NoData {
            return None;
        }
        let since = number_at.unwrap_or(first).min(first);
        if count < self.patience.raise_after || at - since < NO_DATA_AFTER {
            return None;
        }
        self.change(at, since, seen)
    }

    fn has_another_kind(&self, seen: &Assessment) -> bool {
        self.kinds.zip(seen.value).is_some_and(|(known, count)| count > known)
    }

    fn change(&mut self, at: DateTime<Utc>, since: DateTime<Utc>, seen: &Assessment) -> Option<Transition> {
        self.row = None;
        if self.kinds.is_some() {
            self.kinds = seen.value.or(self.kinds);
        }
        let from = std::mem::replace(&mut self.standing, seen.verdict);
        if from == PaneVerdict::Inconclusive && seen.verdict == PaneVerdict::Ok {
            return None;
        }
        Some(Transition {
            pane: self.pane.clone(),
            environment: self.environment.clone(),
            from,
            to: seen.verdict,
            at,
            since,
            value: seen.value,
            unit: seen.unit.clone(),
            target: seen.target.clone(),
            sentence: seen.sentence.clone(),
        })
    }

    /// What a look with a number speaks for; nothing where it shows what stands already, or nothing.
    fn side(&self, seen: PaneVerdict) -> Option<Side> {
        if self.standing == PaneVerdict::NoData && !seen.is_bad() {
            // Any number ends the silence, also of a metric that nothing is expected of.
            return Some(Side::Good);
        }
        if seen == self.standing || seen == PaneVerdict::Inconclusive {
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
    use crate::checklist::pane::{LogNumber, Source};
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

    /// The changes of looks taken every so many seconds: when, since when, from and to.
    fn taken(every: usize, looks: &[PaneVerdict]) -> Vec<(i64, i64, PaneVerdict, PaneVerdict)> {
        let mut streak = Streak::new(&pane(), "production".into());
        let (mut changes, mut number_at) = (Vec::new(), None);
        for (turn, verdict) in looks.iter().enumerate() {
            let at = second(turn * every);
            number_at = if *verdict == NoData { number_at } else { Some(at) };
            let seen = Assessment::new(*verdict, "ms", "as seen");
            if let Some(change) = streak.look(at, &seen, number_at) {
                changes.push((change.at.timestamp(), change.since.timestamp(), change.from, change.to));
            }
        }
        changes
    }

    fn changes(looks: &[PaneVerdict]) -> Vec<(i64, i64, PaneVerdict, PaneVerdict)> {
        taken(1, looks)
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
    fn bad_numbers_count_together_and_a_missing_one_among_them_is_none() {
        let looks = [Good, Good, OverTarget, NoData, WorseThanBaseline, NoData, OverTarget, WorseThanBaseline];
        assert_eq!(changes(&looks), [(6, 2, Good, OverTarget)]);
        let looks = [OverTarget, OverTarget, OverTarget, Good, NoData, Good, Good];
        assert_eq!(changes(&looks), [(2, 0, Inconclusive, OverTarget), (6, 5, OverTarget, Good)]);
    }

    #[test]
    fn data_is_missing_once_none_has_come_for_half_a_minute() {
        let silent = |count: usize| vec![NoData; count];
        // The last number came at 2 s; 30 s later nothing has come since.
        let looks = [vec![Good, Good], silent(20), vec![Good, Good]].concat();
        assert_eq!(taken(2, &looks), [(32, 2, Good, NoData), (46, 44, NoData, Good)]);
        // Without any number ever, from the first look on.
        assert_eq!(taken(2, &silent(17)), [(30, 0, Inconclusive, NoData)]);
        // As many looks as it takes, where they are rarer.
        assert_eq!(taken(20, &[Good, NoData, NoData, NoData]), [(60, 0, Inconclusive, NoData)]);
        // Half of the looks without a number are no silence, whatever the others show.
        for other in [Good, Inconclusive] {
            let looks: Vec<_> = (0..60).map(|turn| if turn % 2 == 0 { other } else { NoData }).collect();
            assert_eq!(taken(2, &looks), [], "{other:?}");
        }
        // A silence at the beginning and another much later do not add up.
        let looks = [silent(1), vec![Inconclusive; 34], silent(3), vec![Inconclusive; 5]].concat();
        assert_eq!(taken(2, &looks), []);
    }

    #[test]
    fn a_metric_without_a_target_has_data_again_as_soon_as_numbers_come() {
        let looks = [vec![Inconclusive; 2], vec![NoData; 16], vec![Inconclusive; 10]].concat();
        assert_eq!(taken(2, &looks), [(32, 2, Inconclusive, NoData), (38, 36, NoData, Inconclusive)]);
    }

    #[test]
    fn a_silence_counts_from_the_last_number_across_collectors() {
        let mut streak = Streak::new(&pane(), "production".into());
        let seen = Assessment::no_data("ms", "connection refused");
        let looks: Vec<_> = (600..610).filter_map(|at| streak.look(second(at), &seen, Some(second(100)))).collect();
        assert_eq!(
            looks.iter().map(|change| (change.at, change.since)).collect::<Vec<_>>(),
            [(second(602), second(100))]
        );
    }

    #[test]
    fn what_is_inconclusive_shows_nothing_either_way() {
        let looks = [WorseThanBaseline, Inconclusive, WorseThanBaseline, Inconclusive, WorseThanBaseline];
        assert_eq!(changes(&looks), [(4, 0, Inconclusive, WorseThanBaseline)]);
        let looks = [OverTarget, OverTarget, OverTarget, Inconclusive, Inconclusive, Good, Inconclusive, Good];
        assert_eq!(changes(&looks), [(2, 0, Inconclusive, OverTarget), (7, 5, OverTarget, Good)]);
    }

    #[test]
    fn every_further_kind_of_error_is_a_change() {
        let number = LogNumber::NewErrors { pattern: None };
        let pane = Pane { source: Source::Log { path: None, number }, ..pane() };
        let mut streak = Streak::new(&pane, "production".into());
        let seen = |count: f64| Assessment { value: Some(count), ..Assessment::new(OverTarget, "errors", "new") };
        let counts = [1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 6.0];
        let looks = (0..).zip(counts).filter_map(|(at, count)| streak.look(second(at), &seen(count), Some(second(at))));
        let changes: Vec<_> = looks.map(|change| (change.at, change.since, change.value.unwrap())).collect();
        let [raised, more, most] =
            [(2, 0, 1.0), (4, 4, 3.0), (6, 6, 6.0)].map(|(at, since, count)| (second(at), second(since), count));
        assert_eq!(changes, [raised, more, most]);
        // Another collector knows how many there were.
        let mut streak = Streak::resume(&pane, "production".into(), OverTarget, Some(6.0));
        assert!(streak.look(second(7), &seen(6.0), None).is_none());
        assert!(streak.look(second(8), &seen(7.0), None).is_some());
    }

    #[test]
    fn looks_go_on_from_what_is_on_record() {
        let mut streak = Streak::resume(&pane(), "production".into(), OverTarget, None);
        let over = Assessment::new(OverTarget, "ms", "still");
        assert!((0..9).all(|at| streak.look(second(at), &over, None).is_none()), "it is known already");
        let good = Assessment { value: Some(24.0), ..Assessment::new(Good, "ms", "24 ms (< 200 ms)") };
        assert!(streak.look(second(9), &good, None).is_none());
        let change = streak.look(second(10), &good, None).unwrap();
        assert_eq!((change.to, change.value, change.sentence.as_str()), (Good, Some(24.0), "24 ms (< 200 ms)"));
        assert_eq!(streak.standing(), Good);
    }
}
