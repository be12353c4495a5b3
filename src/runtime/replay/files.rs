//! The evidence of a replay, read from the ledger's folder.

use crate::attempts::files::AttemptFiles;
use crate::attempts::follow::{self, SpoolReader};
use crate::attempts::sanitize;
use crate::checklist::environment::Migrator;
use crate::checklist::{Check, EnvironmentName, PaneId};
use crate::cockpit::replay::{Evidence, History, Mark, Sampled};
use crate::deployment::Plan;
use crate::deployment::attempt::{Attempt, AttemptNumber};
use crate::deployment::progress::{Progress, StageTook};
use crate::metrics::store::{Store, StoreError};
use crate::migration::patterns::Reader;
use crate::migration::track::Track;
use chrono::DateTime;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Bytes of a migrator's output in which is looked for how far it was.
const READ: u64 = 4 * 1024 * 1024;

/// Files of attempts, and what the panes showed.
pub(crate) struct Files {
    evidence: PathBuf,
    samples: BTreeMap<(EnvironmentName, PaneId), Vec<Sampled>>,
    /// What was worked out last: of which attempt, and while it ran up to which byte.
    progress: Option<Reported>,
}

type Reported = ((AttemptNumber, Option<u64>), Option<Progress>);

impl Files {
    /// Reads what was kept of every pane that the history's checklists watch; gives a sentence where that failed.
    pub(crate) async fn open(evidence: &Path, history: &History) -> (Self, Option<String>) {
        let mut files = Self { evidence: evidence.to_owned(), samples: BTreeMap::new(), progress: None };
        let read = files.read_samples(history).await;
        let trouble = read.err().map(|error| format!("metrics are left out: {error}"));
        (files, trouble)
    }

    async fn read_samples(&mut self, history: &History) -> Result<(), StoreError> {
        let Some(store) = Store::past(&self.evidence).await? else { return Ok(()) };
        let span = history.moment(1).timestamp_millis()..history.end().timestamp_millis().saturating_add(1);
        for plan in history.plans() {
            for pane in &plan.checklist().panes {
                let Some((environment, _)) = plan.environment_in(&pane.slot) else { continue };
                let key = (environment.clone(), pane.id.clone());
                if self.samples.contains_key(&key) {
                    continue;
                }
                let points = store.known(environment, &pane.id, span.clone()).await?;
                let sampled = points.into_iter().filter_map(|point| {
                    let at = DateTime::from_timestamp_millis(point.at_ms)?;
                    Some(Sampled { at, value: point.value.map_err(|gap| gap.reason) })
                });
                self.samples.insert(key, sampled.collect());
            }
        }
        store.close().await;
        Ok(())
    }

    fn of(&self, attempt: AttemptNumber) -> AttemptFiles {
        AttemptFiles::new(&self.evidence, attempt)
    }
}

impl Evidence for Files {
    fn marks(&mut self, attempt: AttemptNumber) -> Vec<Mark> {
        let text = crate::input::read_text(&self.of(attempt).times(), u64::MAX).unwrap_or_default();
        marks(&text)
    }

    fn length(&mut self, attempt: AttemptNumber) -> u64 {
        std::fs::metadata(self.of(attempt).log()).map_or(0, |log| log.len())
    }

    fn output(&mut self, attempt: AttemptNumber, from: u64, until: u64) -> Vec<u8> {
        let most = usize::try_from(until.saturating_sub(from)).unwrap_or(usize::MAX);
        SpoolReader::from_offset(&self.of(attempt), from).read_new(most).unwrap_or_default()
    }

    fn progress(&mut self, plan: &Plan, attempt: &Attempt, until: u64) -> Option<Progress> {
        let key = (attempt.number, attempt.is_running().then_some(until));
        if let Some((_, progress)) = self.progress.as_ref().filter(|(known, _)| *known == key) {
            return progress.clone();
        }
        let progress = if attempt.is_running() {
            // Only the last account of itself is kept, so that what it reported while it ran is read from its output again.
            let migrator = plan.environment(&attempt.environment).and_then(|environment| environment.migrator.as_ref());
            let migrates = plan.item(&attempt.item).is_some_and(|item| matches!(item.check, Check::Migration(_)));
            let migrator = migrator.filter(|_| migrates);
            migrator.and_then(|migrator| {
                let log = self.output(attempt.number, 0, until.min(READ));
                followed(migrator, &log, &self.marks(attempt.number))
            })
        } else {
            follow::progress(&self.of(attempt.number))
        };
        self.progress = Some((key, progress.clone()));
        progress
    }

    fn samples(&self, environment: &EnvironmentName, pane: &PaneId) -> &[Sampled] {
        self.samples.get(&(environment.clone(), pane.clone())).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What a migrator's lines tell of how far it was, with the times at which they came.
fn followed(migrator: &Migrator, log: &[u8], marks: &[Mark]) -> Option<Progress> {
    let reader = Reader::of(migrator);
    let mut track = Track::new(&migrator.revisions);
    let mut reported: Option<Progress> = None;
    let mut end = 0_u64;
    for line in log.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
        end += line.len() as u64;
        let Some(line) = reader.read(sanitize::plain(line).trim()) else { continue };
        let Some(progress) = track.feed(line) else { continue };
        let elapsed_ms = marks.iter().find(|mark| mark.bytes >= end).map_or(0, |mark| mark.elapsed_ms);
        let mut next = Progress { elapsed_ms, stage_began_ms: elapsed_ms, ..progress.clone() };
        if let Some(before) = reported.take() {
            next.finished = before.finished;
            if (&before.stage, before.step) == (&next.stage, next.step) {
                next.stage_began_ms = before.stage_began_ms;
            } else {
                let took_ms = elapsed_ms.saturating_sub(before.stage_began_ms);
                next.finished.push(StageTook { stage: before.stage, took_ms, done: before.done });
            }
        }
        reported = Some(next);
    }
    reported
}

/// Reads `ELAPSED_MS BYTES` lines, where each reports so many more bytes. A line cut short is the last one read.
fn marks(text: &str) -> Vec<Mark> {
    let mut bytes = 0_u64;
    let mark = |line: &str| {
        let (elapsed, more) = line.split_once(' ')?;
        bytes = bytes.saturating_add(more.trim().parse().ok()?);
        Some(Mark { elapsed_ms: elapsed.parse().ok()?, bytes })
    };
    text.lines().map_while(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_add_up_to_bytes_of_the_log() {
        let read: Vec<(u64, u64)> =
            marks("0 5\n20 7\n1500 1\n16").iter().map(|mark| (mark.elapsed_ms, mark.bytes)).collect();
        assert_eq!(read, [(0, 5), (20, 12), (1_500, 13)]);
        assert_eq!(marks(""), []);
    }
}
