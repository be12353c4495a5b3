//! How far a statement has come: from the server's counters where there are any, estimated from the write-ahead log where
//! that says something, not at all otherwise. What is reported never goes back, and reaches 100 only by ending.

use super::statement::{self, Rewrite};
use super::{Activity, Before, Counter, View};
use crate::deployment::live::{Basis, Statement};
use std::collections::HashMap;

/// What is running is never complete.
const MOST: f64 = 99.0;
/// Below this part of what a rewrite writes, nobody can tell it from a statement that writes nothing.
const LEAST_WRITTEN: f64 = 0.01;
/// An update of every row writes about this many times the table.
const UPDATE_WRITES: f64 = 3.2;
/// GIN's counter is full while a tenth of the time is still ahead.
const GIN_MOST: f64 = 92.0;

/// Which statement is meant: a process and when its statement began.
type Key = (i64, String);

#[derive(Debug, Default)]
pub(crate) struct Shares {
    reported: HashMap<Key, (f64, Basis)>,
    /// Where the log stood the last time anybody looked before a statement began.
    began_at: HashMap<Key, u64>,
    last_wal: u64,
}

impl Shares {
    /// What is notified of the statement in hand. `wal` is what was written since the run began.
    pub(crate) fn statement(&mut self, activity: &Activity, view: &View, before: &Before, wal: u64) -> Statement {
        let key = (activity.session.pid, activity.began.clone());
        let since = wal.saturating_sub(*self.began_at.entry(key.clone()).or_insert(self.last_wal));
        self.last_wal = wal;
        let counter = view.counters.iter().find(|counter| counter.pid == activity.session.pid);
        let (phase, found) = match counter {
            Some(counter) => (phase(counter), counted(counter, before).map(|share| (share, basis(counter)))),
            None if activity.waits => ("waits for a lock".to_owned(), None),
            None if !activity.session.is_at_work() => ("between statements".to_owned(), None),
            None => (String::new(), estimated(activity, view, before, since)),
        };
        let reported = self.reported.get(&key).cloned();
        let reported = match (reported, found) {
            (Some((old, basis)), Some((new, _))) if new <= old => Some((old, basis)),
            (_, Some((new, basis))) => Some((new.min(MOST), basis)),
            (reported, None) => reported,
        };
        if let Some(reported) = &reported {
            self.reported.insert(key, reported.clone());
        }
        let (percent, basis) = reported.map_or((None, Basis::None), |(percent, basis)| (Some(percent), basis));
        Statement {
            pid: activity.session.pid,
            text: statement::shown(&activity.statement),
            elapsed_ms: activity.elapsed_ms,
            phase,
            percent,
            basis,
        }
    }
}

fn phase(counter: &Counter) -> String {
    let (done, total) = counter.lockers;
    let waiting = if counter.phase.starts_with("waiting") && total > 0 {
        format!(", {done} of {total} sessions done")
    } else {
        String::new()
    };
    let command = counter.command.to_lowercase();
    let command = if counter.phase.starts_with("building index") || command.is_empty() {
        String::new()
    } else {
        format!("{command}: ")
    };
    let on = if counter.table.is_empty() { String::new() } else { format!(" of {}", counter.table) };
    format!("{command}{}{on}{waiting}", counter.phase)
}

fn basis(counter: &Counter) -> Basis {
    if counter.command.starts_with("COPY") && counter.blocks.1 == 0 {
        return Basis::Estimate("rows against the table's last statistics".to_owned());
    }
    Basis::Counted
}

fn ratio((done, total): (u64, u64)) -> f64 {
    if total == 0 { 0.0 } else { (done as f64 / total as f64).clamp(0.0, 1.0) }
}

/// Percent by the server's counters; `None` in phases that have none and follow nothing that was counted.
fn counted(counter: &Counter, before: &Before) -> Option<f64> {
    let concurrently = counter.command.contains("CONCURRENTLY");
    let (blocks, tuples) = (ratio(counter.blocks), ratio(counter.tuples));
    let rows = before.tables.get(&counter.table).map_or(0, |extent| extent.rows);
    let command = counter.command.as_str();
    if command.contains("INDEX") {
        // Shares of the time as they were measured on btrees.
        let [scan, load, validate, last] =
            if concurrently { [43.0, 53.0, 65.0, 85.0] } else { [55.0, 72.0, 100.0, 100.0] };
        return match counter.phase.as_str() {
            "building index" => Some((blocks.max(tuples) * 100.0).min(GIN_MOST)),
            "building index: scanning table" => Some(blocks * scan),
            phase if phase.starts_with("building index: sorting") => Some(scan),
            phase if phase.starts_with("building index: loading") => Some(load + tuples * (validate - load)),
            "index validation: scanning index" => Some(validate + blocks * 13.0),
            phase if phase.starts_with("index validation: sorting") => Some(validate + 13.0),
            "index validation: scanning table" => Some(last + blocks * (100.0 - last)),
            _ => None,
        };
    }
    if command.contains("VACUUM FULL") || command == "CLUSTER" {
        let indexes = before.tables.get(&counter.table).map_or(1, |extent| extent.indexes.max(1));
        return match counter.phase.as_str() {
            "seq scanning heap" => Some(blocks * 45.0),
            "index scanning heap" | "writing new heap" => Some(ratio((counter.tuples.0, rows)) * 45.0),
            "sorting tuples" => None,
            "rebuilding index" => Some(45.0 + ratio((counter.rebuilt, u64::from(indexes))) * 55.0),
            _ => Some(45.0),
        };
    }
    if command.starts_with("COPY") {
        let share = if counter.blocks.1 > 0 { blocks } else { ratio((counter.tuples.0, rows)) };
        return (counter.blocks.1 > 0 || rows > 0).then_some(share * 100.0);
    }
    (counter.blocks.1 > 0).then_some(blocks * 90.0)
}

/// Percent by what was written to the log, of statements that write about as much as can be foretold.
fn estimated(activity: &Activity, view: &View, before: &Before, written: u64) -> Option<(f64, Basis)> {
    let (rewrite, table) = statement::rewrite(&activity.statement)?;
    let extent = before.tables.get(&table).filter(|extent| extent.bytes > 0)?;
    let written = written as f64;
    let (share, basis) = match rewrite {
        Rewrite::Table => {
            let share = (written / extent.bytes as f64).min(1.0);
            if share < LEAST_WRITTEN {
                return None;
            }
            let started = view.rebuilding.get(&table).copied().unwrap_or_default();
            let indexes = if extent.indexes == 0 {
                0.0
            } else {
                ((f64::from(started) - 0.5).max(0.0) / f64::from(extent.indexes)).min(1.0)
            };
            (65.0 * share + 35.0 * indexes, "the log written, against table and indexes")
        }
        Rewrite::EveryRow => {
            let share = written / (extent.bytes as f64 * UPDATE_WRITES);
            if share < LEAST_WRITTEN {
                return None;
            }
            (share * 100.0, "the log written, against an update of every row")
        }
    };
    Some((share, Basis::Estimate(basis.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::live::Session;
    use crate::migration::live::Extent;
    use std::collections::BTreeMap;

    fn before() -> Before {
        let lots = Extent { bytes: 1_000, rows: 100, indexes: 2 };
        Before { tables: BTreeMap::from([("lots".to_owned(), lots)]), ..Before::default() }
    }

    fn activity(statement: &str) -> Activity {
        Activity {
            session: Session { pid: 7, state: "active".into(), ..Session::default() },
            statement: statement.into(),
            began: "t".into(),
            ..Activity::default()
        }
    }

    fn index(phase: &str, blocks: (u64, u64), tuples: (u64, u64)) -> View {
        let counter = Counter {
            pid: 7,
            command: "CREATE INDEX".into(),
            table: "lots".into(),
            phase: phase.into(),
            blocks,
            tuples,
            ..Counter::default()
        };
        View { counters: vec![counter], ..View::default() }
    }

    #[test]
    fn an_index_is_counted_through_its_phases_and_never_goes_back() {
        let mut shares = Shares::default();
        let activity = activity("CREATE INDEX i ON lots (id)");
        let mut last = -1.0;
        for (view, expected) in [
            (index("building index: scanning table", (0, 100), (0, 0)), 0.0),
            (index("building index: scanning table", (50, 100), (0, 0)), 27.5),
            (index("building index: sorting live tuples", (100, 100), (0, 0)), 55.0),
            (index("building index: loading tuples in tree", (0, 0), (50, 100)), 86.0),
            // A counter that is set back, as between the phases, changes nothing.
            (index("building index: scanning table", (1, 100), (0, 0)), 86.0),
            (index("building index: loading tuples in tree", (0, 0), (500, 100)), 99.0),
        ] {
            let reported = shares.statement(&activity, &view, &before(), 0);
            let percent = reported.percent.unwrap();
            assert!(percent >= last && (percent - expected).abs() < 1e-9, "{percent} after {last}, not {expected}");
            assert_eq!(reported.basis, Basis::Counted);
            last = percent;
        }
    }

    #[test]
    fn gin_stops_short_of_its_counter_and_waiting_phases_name_who_is_waited_for() {
        let reported =
            Shares::default().statement(&activity("x"), &index("building index", (100, 100), (0, 0)), &before(), 0);
        assert_eq!(reported.percent, Some(92.0));
        let mut view = index("waiting for writers before build", (0, 0), (0, 0));
        view.counters[0].lockers = (1, 3);
        view.counters[0].command = "CREATE INDEX CONCURRENTLY".into();
        let reported = Shares::default().statement(&activity("x"), &view, &before(), 0);
        assert_eq!(reported.percent, None);
        assert_eq!(
            reported.phase,
            "create index concurrently: waiting for writers before build of lots, 1 of 3 sessions done"
        );
    }

    #[test]
    fn a_rewrite_is_estimated_and_what_cannot_be_known_is_not_reported() {
        let mut shares = Shares::default();
        let mut other = activity("SELECT 1");
        other.began = "before".into();
        shares.statement(&other, &View::default(), &before(), 5_000);
        let alter = activity("ALTER TABLE lots ALTER COLUMN a TYPE bigint");
        let mut at = |wal, rebuilding: u32| {
            let rebuilding = BTreeMap::from([("lots".to_owned(), rebuilding)]);
            shares.statement(&alter, &View { rebuilding, ..View::default() }, &before(), wal).percent
        };
        assert_eq!(at(5_000, 0), None);
        assert_eq!(at(5_500, 0), Some(32.5));
        assert_eq!(at(7_000, 2), Some(91.25));
        assert_eq!(at(5_100, 0), Some(91.25));
        for unknown in
            ["ALTER TABLE lots ALTER COLUMN a SET NOT NULL", "ALTER TABLE lots VALIDATE CONSTRAINT c", "SELECT 1"]
        {
            let mut shares = Shares::default();
            shares.statement(&activity(unknown), &View::default(), &before(), 0);
            let reported = shares.statement(&activity(unknown), &View::default(), &before(), 900);
            assert_eq!((reported.percent, reported.basis), (None, Basis::None), "{unknown}");
        }
    }

    #[test]
    fn waiting_and_idling_are_reported_in_words() {
        let mut waiting = activity("ALTER TABLE lots ADD c int");
        waiting.waits = true;
        let reported = Shares::default().statement(&waiting, &View::default(), &before(), 0);
        assert_eq!((reported.phase.as_str(), reported.percent), ("waits for a lock", None));
        let mut idle = activity("SELECT 1");
        idle.session.state = "idle in transaction".into();
        assert_eq!(Shares::default().statement(&idle, &View::default(), &before(), 0).phase, "between statements");
    }
}
