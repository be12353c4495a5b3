//! Shows a console how far a check has come, stage by stage.

use crate::attempts::Console;
use crate::database::proof::Reached;
use crate::deployment::progress::{Progress, StageTook};
use std::time::Instant;

/// The stages of one attempt. Dropping it says nothing; the outcome ends an attempt.
pub struct Stages<'a> {
    console: &'a dyn Console,
    began: Instant,
    progress: Progress,
}

impl<'a> Stages<'a> {
    #[must_use]
    pub fn new(console: &'a dyn Console, began: Instant) -> Self {
        Self { console, began, progress: Progress::default() }
    }

    /// Ends the stage before and begins one that counts `unit`.
    pub fn begin(&mut self, stage: &str, unit: &str, total: Option<u64>) {
        let now = self.elapsed();
        if !self.progress.stage.is_empty() {
            let took_ms = now.saturating_sub(self.progress.stage_began_ms);
            let stage = std::mem::take(&mut self.progress.stage);
            self.progress.finished.push(StageTook { stage, took_ms, done: self.progress.done });
        }
        stage.clone_into(&mut self.progress.stage);
        unit.clone_into(&mut self.progress.unit);
        self.progress.done = 0;
        self.progress.total = total;
        self.progress.words.clear();
        self.progress.stage_began_ms = now;
        self.tell();
    }

    /// Says how far the stage has come and what it is at.
    pub fn at(&mut self, done: u64, words: &str) {
        self.progress.done = done;
        if self.progress.words != words {
            words.clone_into(&mut self.progress.words);
        }
        self.tell();
    }

    /// Says how far a proof has come.
    pub fn reached(&mut self, reached: Reached<'_>) {
        self.progress.total = Some(reached.total);
        self.at(reached.done, reached.table);
    }

    fn tell(&mut self) {
        self.progress.elapsed_ms = self.elapsed();
        self.console.progress(&self.progress);
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
