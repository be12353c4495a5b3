//! How far a migration has come, followed line by line.

use super::lines::{Line, Way};
use crate::checklist::environment::Revision;
use crate::deployment::progress::Progress;
use crate::deployment::standing;

/// Follows one run. The console that takes the progress adds the times and keeps the stages finished.
#[derive(Debug)]
pub(crate) struct Track {
    revisions: Vec<Revision>,
    progress: Progress,
    /// The revision that runs, until it is done or another begins.
    running: Option<String>,
    /// Which way the run goes, as its last line said.
    way: Option<Way>,
    started: u32,
    completed: Vec<Completed>,
    error: Option<String>,
}

/// One revision as its DONE line shows it. Times in seconds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Completed {
    pub revision: String,
    pub rows: Option<u64>,
    pub locked: Option<f64>,
    pub took: Option<f64>,
}

impl Track {
    #[must_use]
    pub(crate) fn new(revisions: &[Revision]) -> Self {
        Self {
            revisions: revisions.to_vec(),
            progress: Progress { stage: "migrator starts".into(), unit: "rows".into(), ..Progress::default() },
            running: None,
            way: None,
            started: 0,
            completed: Vec::new(),
            error: None,
        }
    }

    /// Takes one line in. Gives the progress when it changed.
    pub(crate) fn feed(&mut self, line: Line) -> Option<&Progress> {
        match line {
            Line::Running { way, from, to, words } => {
                let base = "base";
                let names = format!("{} → {}", from.as_deref().unwrap_or(base), to.as_deref().unwrap_or(base));
                let revision = match way {
                    Way::Up => to,
                    Way::Down => from,
                };
                self.begin(way, revision.as_deref(), &format!("{names} {words}"));
            }
            Line::Applying { way, revision, words } => {
                let undo = if way == Way::Down { "undoing " } else { "" };
                self.begin(way, Some(&revision), &format!("{undo}{revision} {words}"));
            }
            Line::Progress { revision, done, total, words } => {
                // A line that comes late must not move the stage that runs now.
                let other = |running: &String| !revision.is_empty() && !standing::same(running, &revision);
                if self.running.as_ref().is_some_and(other) {
                    return None;
                }
                self.progress.done = done.min(total);
                self.progress.total = Some(total);
                self.progress.words = words;
            }
            Line::Done { revision, rows, locked, took } => {
                if let Some(rows) = rows {
                    self.progress.done = rows;
                    self.progress.total = self.progress.total.map(|total| total.max(rows));
                }
                // Some tell of a revision only when it is complete.
                if self.running.is_none() {
                    self.begin(Way::Up, Some(&revision), &format!("{revision} applied"));
                }
                self.running = None;
                self.completed.push(Completed { revision, rows, locked, took });
            }
            Line::Error(text) => {
                self.error = Some(text);
                return None;
            }
        }
        Some(&self.progress)
    }

    /// How many revisions are complete. Without DONE lines only the end shows about the last one.
    pub(crate) fn revisions(&self, succeeded: bool) -> u32 {
        if self.completed.is_empty() {
            if succeeded { self.started } else { self.started.saturating_sub(1) }
        } else {
            u32::try_from(self.completed.len()).unwrap_or(u32::MAX)
        }
    }

    /// The revision that is being applied now; nothing on the way down.
    pub(crate) fn applying(&self) -> Option<&str> {
        self.running.as_deref().filter(|_| self.way == Some(Way::Up))
    }

    pub(crate) fn completed(&self) -> &[Completed] {
        &self.completed
    }

    /// The last error the migrator named.
    pub(crate) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    fn begin(&mut self, way: Way, revision: Option<&str>, stage: &str) {
        self.started += 1;
        self.way = Some(way);
        self.running = revision.map(ToOwned::to_owned);
        let count = u32::try_from(self.revisions.len()).unwrap_or(u32::MAX);
        let place = revision.and_then(|revision| standing::place(&self.revisions, revision));
        let place = place.and_then(|place| u32::try_from(place).ok());
        self.progress.step = place.map(|place| match way {
            Way::Up => (place + 1, count),
            // Going down, the head is the first to be undone.
            Way::Down => (count.saturating_sub(place), count),
        });
        stage.trim_end().clone_into(&mut self.progress.stage);
        self.progress.done = 0;
        self.progress.total = None;
        self.progress.words.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::lines;

    fn track(text: &str) -> (Track, Vec<Progress>) {
        let chain = ["0001", "0002", "0003"].map(|id| Revision { id: id.into(), title: String::new() });
        let mut track = Track::new(&chain);
        let seen = text.lines().filter_map(lines::read).filter_map(|line| track.feed(line).cloned()).collect();
        (track, seen)
    }

    #[test]
    fn a_run_of_two_revisions_is_followed() {
        let (track, seen) = track(
            "INFO  Running upgrade 0001 -> 0002, add wip link\nPROGRESS 0002 50/100 lots\nPROGRESS 0002 120/100 lots\n\
             DONE 0002 rows=130 locked=1.5s took=2s\nINFO  Running upgrade 0002 -> 0003, add index\n\
             PROGRESS 0002 1/100 late\nPROGRESS 0003 0/0 building idx\nDONE 0003 rows=0 locked=0.2s took=0.3s",
        );
        assert_eq!(seen[0].step, Some((2, 3)));
        assert_eq!(seen[0].stage, "0001 → 0002 add wip link");
        assert_eq!(seen[0].share(), None);
        assert_eq!(seen[1].share(), Some(0.5));
        assert!(seen.iter().all(|p| p.total.is_none_or(|total| p.done <= total)), "{seen:?}");
        let last = seen.last().unwrap();
        assert_eq!(last.step, Some((3, 3)));
        assert_eq!(track.revisions(true), 2);
        assert_eq!(track.completed()[0].locked, Some(1.5));
    }

    #[test]
    fn alembic_without_counts_reports_steps_and_the_failed_one_is_not_complete() {
        let (track, seen) = track("Running downgrade 0003 -> 0002, x\nRunning downgrade 0002 -> 0001, y\nERROR no");
        assert_eq!(seen[0].step, Some((1, 3)));
        assert_eq!(seen[1].step, Some((2, 3)));
        assert_eq!((track.revisions(false), track.revisions(true)), (1, 2));
        assert_eq!(track.error(), Some("no"));
    }
}
