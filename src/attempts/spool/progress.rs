//! How far an attempt has come, in a file that is replaced as it goes.

use crate::attempts::files::{AttemptFiles, Durability};
use crate::deployment::live::Live;
use crate::deployment::progress::{Progress, StageTook};
use std::time::{Duration, Instant};

/// Progress is written at most this often.
pub(super) const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// The stage that runs.
#[derive(Debug)]
struct Stage {
    name: String,
    step: Option<(u32, u32)>,
    done: u64,
}

#[derive(Debug)]
pub(super) struct ProgressFile {
    files: AttemptFiles,
    began: Instant,
    written: Option<Instant>,
    waiting: Option<Progress>,
    stage: Option<Stage>,
    stage_began: u64,
    finished: Vec<StageTook>,
    last: Progress,
    live: Option<Box<Live>>,
    silent_since_ms: Option<u64>,
}

impl ProgressFile {
    pub(super) fn begin(files: &AttemptFiles, began: Instant) -> Self {
        Self {
            files: files.clone(),
            began,
            written: None,
            waiting: None,
            stage: None,
            stage_began: 0,
            finished: Vec::new(),
            last: Progress::default(),
            live: None,
            silent_since_ms: None,
        }
    }

    /// The server's account goes with whatever the attempt reports itself.
    pub(super) fn watch(&mut self, live: Option<&Live>) {
        self.live = live.map(|live| Box::new(live.clone()));
        let last = self.last.clone();
        self.take(&last);
    }

    /// A silence goes with it too.
    pub(super) fn silent(&mut self, since: Option<Instant>) {
        let since = since.map(|since| since.saturating_duration_since(self.began).as_millis());
        let since = since.map(|ms| u64::try_from(ms).unwrap_or(u64::MAX));
        if self.silent_since_ms != since {
            self.silent_since_ms = since;
            let last = self.last.clone();
            self.take(&last);
        }
    }

    /// Times are counted and finished stages kept here, so that every check's progress has them.
    pub(super) fn take(&mut self, progress: &Progress) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &mut self.stage {
            Some(stage) if stage.name == progress.stage && stage.step == progress.step => stage.done = progress.done,
            before => {
                if let Some(Stage { name, done, .. }) = before.take() {
                    let took_ms = now.saturating_sub(self.stage_began);
                    self.finished.push(StageTook { stage: name, took_ms, done });
                }
                *before = Some(Stage { name: progress.stage.clone(), step: progress.step, done: progress.done });
                self.stage_began = now;
            }
        }
        let finished = self.finished.clone();
        let (live, silent_since_ms) = (self.live.clone(), self.silent_since_ms);
        self.last.clone_from(progress);
        let stage_began_ms = self.stage_began;
        let reported =
            Progress { elapsed_ms: now, stage_began_ms, finished, live, silent_since_ms, ..progress.clone() };
        self.waiting = Some(reported);
        self.write(Instant::now(), PROGRESS_EVERY);
    }

    pub(super) fn write(&mut self, now: Instant, every: Duration) {
        if self.written.is_some_and(|written| now.duration_since(written) < every) {
            return;
        }
        let Some(progress) = self.waiting.take() else { return };
        self.written = Some(now);
        // Progress is for those who watch; an attempt does not fail because nobody can.
        if let Ok(json) = serde_json::to_vec(&progress) {
            let _ = self.files.replace(&self.files.progress(), &json, Durability::Passing);
        }
    }
}
