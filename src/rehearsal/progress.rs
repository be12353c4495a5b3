//! What a running migration shows: rows as `SQLite`'s update hook counts them, and the step it is in.

use super::revision::Outline;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Takes the lines of a migrator, one a call, without the newline. Called from `SQLite`'s thread as well.
pub type Lines = Arc<Mutex<dyn FnMut(&str) + Send>>;

/// At most ten lines a second while rows change, two while only time passes.
const EVERY: Duration = Duration::from_millis(100);
const EVERY_UNCHANGED: Duration = Duration::from_millis(500);
/// The clock is looked at once in so many rows.
const ROWS_BETWEEN_LOOKS: u64 = 64;

/// Counts one revision's work and announces it.
pub struct Meter {
    lines: Lines,
    revision: &'static str,
    outline: Outline,
    total: u64,
    rows: u64,
    step: usize,
    reported_at: Instant,
    reported: (u64, usize),
    first_write: Option<Instant>,
}

impl Meter {
    pub fn new(lines: Lines, revision: &'static str, outline: Outline, total: u64) -> Self {
        Self {
            lines,
            revision,
            outline,
            total,
            rows: 0,
            step: 0,
            reported_at: Instant::now(),
            reported: (0, 0),
            first_write: None,
        }
    }

    /// One row of `table` in `database` was written.
    pub fn row(&mut self, database: &str, table: &str, rowid: i64) {
        self.first_write.get_or_insert_with(Instant::now);
        match (database, table) {
            ("temp", "step") => {
                self.step = usize::try_from(rowid).unwrap_or_default();
                self.tick();
            }
            ("main", table) if table != "_sqlx_migrations" => {
                self.rows += 1;
                if self.rows.is_multiple_of(ROWS_BETWEEN_LOOKS) {
                    self.tick();
                }
            }
            _ => {}
        }
    }

    /// The database is at work; a line is due if enough time has passed.
    pub fn tick(&mut self) {
        let due = if self.reported == (self.rows, self.step) { EVERY_UNCHANGED } else { EVERY };
        if self.reported_at.elapsed() >= due {
            self.announce();
        }
    }

    pub fn announce(&mut self) {
        self.reported_at = Instant::now();
        self.reported = (self.rows, self.step);
        let words = if self.step == 0 { "starting" } else { self.step_words() };
        let line = format!("PROGRESS {} {}/{} {words}", self.revision, self.rows, self.total);
        say(&self.lines, &line);
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The step it is in; empty before the first.
    pub fn step_words(&self) -> &str {
        self.step.checked_sub(1).and_then(|index| self.outline.steps.get(index)).map_or("", String::as_str)
    }

    /// How long other writers have been kept out: since the first write.
    pub fn locked(&self) -> Duration {
        self.first_write.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

/// Hands one line on. A sink that panicked once is still used: the migration goes before its words.
pub fn say(lines: &Lines, line: &str) {
    let mut sink = lines.lock().unwrap_or_else(PoisonError::into_inner);
    sink(line);
}

pub fn lock(meter: &Mutex<Meter>) -> MutexGuard<'_, Meter> {
    meter.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_applications_rows_and_names_the_step() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&said);
        let lines: Lines = Arc::new(Mutex::new(move |line: &str| sink.lock().unwrap().push(line.to_owned())));
        let outline = Outline { total: String::new(), steps: vec!["copying lots".to_owned()] };
        let mut meter = Meter::new(lines, "0002", outline, 3);
        meter.announce();
        meter.row("temp", "step", 1);
        meter.row("main", "new_lots", 7);
        meter.row("main", "new_lots", 8);
        meter.row("main", "_sqlx_migrations", 2);
        meter.row("temp", "guard", 1);
        meter.announce();
        assert_eq!(meter.rows(), 2);
        assert_eq!(*said.lock().unwrap(), ["PROGRESS 0002 0/3 starting", "PROGRESS 0002 2/3 copying lots"]);
    }
}
