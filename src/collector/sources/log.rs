//! `log`: lines of a file as they come, over renaming, truncation and copy-truncate; and errors of a shape that was not
//! there before the deployment.
//!
//! Where it is in the file is kept beside the ledger, so that what was written while no collector ran is read too.

mod shape;
mod tail;

pub(crate) use shape::Shape;

use super::Host;
use crate::attempts::redact::Secrets;
use crate::checklist::PaneId;
use crate::checklist::pane::{LogNumber, Pane};
use crate::metrics::sources::{Missing, Take, Taking};
use regex::Regex;
use serde::{Deserialize, Serialize};
use shape::Events;
use std::collections::VecDeque;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tail::{Place, Tail};

/// Shapes that are kept; a log in which no two lines are alike must not fill the disk.
const MOST: usize = 1_000;

const MINUTE_MS: i64 = 60_000;

/// Letters of an event that are kept as its sample.
const LONGEST: usize = 2_000;

/// What begins an error unless it is said.
const ERRORS: &str = r"\b(ERROR|CRITICAL|FATAL|PANIC|Traceback|Exception)\b";

/// What is kept of a log beside the ledger.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    place: Option<Place>,
    /// Shapes of errors, those of before the deployment first.
    pub shapes: Vec<Shape>,
    /// Shapes that there was no room for.
    pub beyond: u64,
    /// When the place was reached, and the matching lines of the last minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Lately::is_empty")]
    lately: Lately,
}

/// Matching lines of the last minutes, as they were read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Lately(VecDeque<Came>);

/// Lines that came after one look and up to the next.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Came {
    after_ms: i64,
    by_ms: i64,
    lines: u64,
}

impl Lately {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lines a minute over the last `window_ms`, with those that have just come. Of lines that came in a longer time than that
    /// nobody knows when, as many count as an even rate has in the window.
    fn rate(&mut self, came: Came, window_ms: i64) -> f64 {
        let from = came.by_ms.saturating_sub(window_ms);
        self.0.retain(|one| one.by_ms > from && one.by_ms <= came.by_ms);
        if came.lines > 0 {
            self.0.push_back(came);
        }
        let inside = |one: &Came| {
            let length = one.by_ms.saturating_sub(one.after_ms).max(window_ms) as f64;
            one.lines as f64 * window_ms as f64 / length
        };
        self.0.iter().map(inside).sum::<f64>() * MINUTE_MS as f64 / window_ms as f64
    }
}

impl Kept {
    fn path(evidence: &Path, pane: &PaneId) -> PathBuf {
        evidence.join(format!("log-{}.json", pane.as_str().replace('/', "_")))
    }

    /// What was kept of a pane's log; `None` when nothing was.
    #[must_use]
    pub(crate) fn read(evidence: &Path, pane: &PaneId) -> Option<Self> {
        serde_json::from_slice(&crate::input::read(&Self::path(evidence, pane), crate::input::DOCUMENT).ok()?).ok()
    }

    /// Replaces the file at once, so that a half-written one is never read.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        let beside = path.with_extension("json.new");
        let _ = std::fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(&serde_json::to_vec(self).map_err(std::io::Error::from)?)?;
        std::fs::rename(&beside, path)
    }

    fn new_shapes(&self) -> u64 {
        let new = self.shapes.iter().filter(|shape| !shape.known).count() as u64;
        new.saturating_add(self.beyond)
    }

    fn add(&mut self, event: &str, known: bool, at_ms: i64, secrets: &Secrets) {
        let event = secrets.mask(event);
        let masked = shape::of(&event);
        if let Some(shape) = self.shapes.iter_mut().find(|shape| shape.text == masked) {
            shape.count = shape.count.saturating_add(1);
            shape.last_ms = at_ms;
        } else if self.shapes.len() < MOST {
            let sample: String = event.chars().take(LONGEST).collect();
            self.shapes.push(Shape { text: masked, known, count: 1, first_ms: at_ms, last_ms: at_ms, sample });
        } else if !known {
            self.beyond = self.beyond.saturating_add(1);
        }
    }
}

pub(super) struct Log {
    tail: Tail,
    errors: Regex,
    counts: Counts,
    secrets: Arc<Secrets>,
    kept: Kept,
    file: PathBuf,
    /// An event whose last line may not have come.
    events: Events,
    /// Over how long lines are counted: a minute, or the interval of the pane where that is longer.
    window_ms: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Counts {
    Lines,
    NewErrors,
}

impl Log {
    /// # Errors
    /// When no file is named, or it is on another host.
    pub(super) fn new(path: Option<&str>, number: &LogNumber, pane: &Pane, host: &Host<'_>) -> Result<Self, String> {
        if host.environment.shell.as_deref().is_some_and(|shell| !shell.trim().is_empty()) {
            return Err("the log is on another host; read it with a `command` source, such as tail and grep".to_owned());
        }
        let path = path.map(str::to_owned).or_else(|| host.environment.log.clone());
        let path = path.ok_or("no log is named; add `path` to the source or `log` to the environment")?;
        let folder = host.environment.folder.as_ref().map_or_else(|| host.home.to_owned(), |f| host.home.join(f));
        let (counts, pattern) = match number {
            LogNumber::Lines { pattern } => (Counts::Lines, pattern),
            LogNumber::NewErrors { pattern } => (Counts::NewErrors, pattern),
        };
        let errors = Regex::new(pattern.as_deref().unwrap_or(ERRORS))
            .map_err(|_| "the pattern is no regular expression".to_owned())?;
        let kept = Kept::read(host.evidence, &pane.id).unwrap_or_default();
        let tail = Tail::new(folder.join(path), kept.place.clone());
        let file = Kept::path(host.evidence, &pane.id);
        let secrets = Arc::clone(&host.secrets);
        let every_ms = i64::try_from(pane.interval().duration().as_millis()).unwrap_or(i64::MAX);
        let window_ms = every_ms.max(MINUTE_MS);
        Ok(Self { tail, errors, counts, secrets, kept, file, events: Events::default(), window_ms })
    }

    fn read(&mut self, at_ms: i64) -> Result<f64, Missing> {
        let first = self.kept.place.is_none();
        let read = self.tail.read().map_err(Missing::Unusable)?;
        let number = match self.counts {
            Counts::Lines => {
                let matching = read.lines.iter().filter(|line| self.errors.is_match(line)).count() as u64;
                // What was there before it was first looked at came at an unknown time.
                let after_ms = self.kept.read_ms.filter(|_| !first);
                after_ms.map(|after_ms| {
                    let came = Came { after_ms, by_ms: at_ms, lines: matching };
                    self.kept.lately.rate(came, self.window_ms)
                })
            }
            Counts::NewErrors => {
                for event in self.events.of(&read.lines, &self.errors) {
                    self.kept.add(&event, first, at_ms, &self.secrets);
                }
                Some(self.kept.new_shapes() as f64)
            }
        };
        self.kept.read_ms = Some(at_ms);
        if self.kept.place.as_ref() != Some(&read.place) {
            self.kept.place = Some(read.place);
            // A full disk: it is read again from where it was kept last.
            let _ = self.kept.write(&self.file);
        }
        if let Some(lost) = read.lost {
            return Err(Missing::Unusable(lost));
        }
        number.ok_or_else(|| Missing::Unusable("waiting for a second sample".to_owned()))
    }
}

impl Take for Log {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(async { self.read(chrono::Utc::now().timestamp_millis()) })
    }
}

#[cfg(test)]
mod tests;
