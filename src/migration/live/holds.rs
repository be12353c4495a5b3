//! How long tables were held exclusively, from looks that may lie further apart than the holds they shall measure.
//!
//! A hold that was seen from one look to another lasted at least that long, and at most from the look before to the look
//! after: it is reported as the middle of both, give or take half of what lies between.

use super::Exclusive;
use crate::deployment::live::Hold;
use std::collections::BTreeMap;

/// A table, the session's process and its start, and its transaction: what is the same hold.
type Key = (String, i64, String, String);

#[derive(Debug, Clone, Copy)]
struct Span {
    /// The last look that did not see it yet.
    before: f64,
    first: f64,
    last: f64,
}

impl Span {
    fn until(self, after: f64) -> (f64, f64) {
        let (least, most) = (self.last - self.first, after - self.before);
        (f64::midpoint(least, most), ((most - least) / 2.0).max(0.0))
    }
}

#[derive(Debug)]
pub(crate) struct Holds {
    tag: String,
    now: BTreeMap<Key, Span>,
    /// The longest hold of each table by the migration that is over.
    over: BTreeMap<String, (f64, f64)>,
    looked: Option<f64>,
    widest: f64,
}

impl Holds {
    #[must_use]
    pub(crate) fn new(tag: String) -> Self {
        Self { tag, now: BTreeMap::new(), over: BTreeMap::new(), looked: None, widest: 0.0 }
    }

    /// Takes in what is held at `at`.
    pub(crate) fn look(&mut self, at: f64, found: &[Exclusive]) {
        let before = self.looked.unwrap_or(at);
        self.widest = self.widest.max(at - before);
        self.looked = Some(at);
        let mut now = BTreeMap::new();
        for lock in found.iter().filter(|lock| lock.granted) {
            let key = key(lock);
            let span = self.now.remove(&key).unwrap_or(Span { before, first: at, last: at });
            now.insert(key, Span { last: at, ..span });
        }
        for ((table, _, application, _), span) in std::mem::replace(&mut self.now, now) {
            if application == self.tag {
                let ended = span.until(at);
                let longest = self.over.entry(table).or_insert(ended);
                if ended.0 + ended.1 > longest.0 + longest.1 {
                    *longest = ended;
                }
            }
        }
    }

    /// How long a lock that is held now has been held, and how far that may be off.
    pub(crate) fn so_far(&self, lock: &Exclusive, at: f64) -> (f64, f64) {
        self.now.get(&key(lock)).map_or((0.0, 0.0), |span| {
            let (least, most) = (at - span.first, at - span.before);
            (f64::midpoint(least, most), (most - least) / 2.0)
        })
    }

    /// The longest hold of each table by the migration, those that still go on included; the longest first.
    pub(crate) fn longest(&self) -> Vec<Hold> {
        let mut all = self.over.clone();
        for ((table, _, application, _), span) in &self.now {
            if *application == self.tag {
                let so_far = span.until(span.last);
                let longest = all.entry(table.clone()).or_insert(so_far);
                if so_far.0 + so_far.1 > longest.0 + longest.1 {
                    *longest = so_far;
                }
            }
        }
        let mut holds: Vec<Hold> =
            all.into_iter().map(|(table, (ms, margin_ms))| Hold { table, ms, margin_ms }).collect();
        holds.sort_by(|a, b| (b.ms + b.margin_ms).total_cmp(&(a.ms + a.margin_ms)));
        holds
    }

    /// The longest time between two looks.
    pub(crate) fn widest(&self) -> f64 {
        self.widest
    }
}

fn key(lock: &Exclusive) -> Key {
    // The application is in the place of the session's start, which a process number and a transaction make up for.
    (lock.table.clone(), lock.session.pid, lock.session.application.clone(), lock.transaction.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::live::Session;

    fn lock(table: &str, transaction: &str) -> Exclusive {
        Exclusive {
            table: table.into(),
            session: Session { pid: 7, application: "tag".into(), ..Session::default() },
            transaction: transaction.into(),
            granted: true,
            waited_ms: None,
        }
    }

    fn reported(holds: &Holds) -> Vec<(String, f64, f64)> {
        holds.longest().into_iter().map(|hold| (hold.table, hold.ms, hold.margin_ms)).collect()
    }

    #[test]
    fn a_hold_lasted_between_what_was_seen_and_what_was_not() {
        let mut holds = Holds::new("tag".into());
        holds.look(0.0, &[]);
        holds.look(100.0, &[lock("lots", "a")]);
        holds.look(200.0, &[lock("lots", "a")]);
        assert_eq!(reported(&holds), [("lots".into(), 150.0, 50.0)]);
        holds.look(300.0, &[]);
        // At least 100, at most 300.
        assert_eq!(reported(&holds), [("lots".into(), 200.0, 100.0)]);
    }

    #[test]
    fn another_transaction_is_another_hold_and_the_longest_stays() {
        let mut holds = Holds::new("tag".into());
        holds.look(0.0, &[]);
        holds.look(10.0, &[lock("lots", "a")]);
        holds.look(110.0, &[lock("lots", "a"), lock("serials", "a")]);
        holds.look(120.0, &[lock("lots", "b")]);
        holds.look(130.0, &[]);
        let reported = reported(&holds);
        assert_eq!(reported[0], ("lots".into(), 110.0, 10.0));
        assert_eq!(reported[1].0, "serials");
        assert!((holds.widest() - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_gap_widens_the_margin_and_others_are_not_counted() {
        let mut holds = Holds::new("tag".into());
        holds.look(0.0, &[]);
        let mut other = lock("users", "a");
        other.session.application = "shop".into();
        holds.look(10.0, &[lock("lots", "a"), other.clone()]);
        holds.look(5_010.0, &[]);
        assert_eq!(reported(&holds), [("lots".into(), 2_505.0, 2_505.0)]);
        let mut wanted = lock("lots", "c");
        wanted.granted = false;
        holds.look(5_020.0, &[wanted]);
        holds.look(9_000.0, &[]);
        assert_eq!(reported(&holds).len(), 1);
    }
}
