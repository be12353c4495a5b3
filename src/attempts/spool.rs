//! Keeps the output of an attempt on disk as it comes, made harmless and with its secrets masked.

use super::console::Console;
use super::files::{AttemptFiles, Durability};
use super::redact::{Redactor, Secrets};
use super::sanitize::{self, Piece, Sanitizer};
use crate::checklist::Digest;
use crate::deployment::attempt::Output;
use crate::deployment::live::Live;
use crate::deployment::progress::{Progress, StageTook};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Progress is written at most this often.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// Output that comes closer together than this shares a line of the times.
const TIMES_EVERY: Duration = Duration::from_millis(20);

/// The spool of one attempt. Memory stays flat however much comes.
#[derive(Debug)]
pub struct Spool {
    output: Mutex<OutputFile>,
    progress: Mutex<ProgressFile>,
}

impl Spool {
    /// Begins the files of a new attempt; times are counted from now.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn create(files: &AttemptFiles, secrets: Arc<Secrets>) -> io::Result<Self> {
        let began = Instant::now();
        let output = OutputFile {
            log: files.create(&files.log())?,
            times: files.create(&files.times())?,
            name: files.log_name(),
            sanitizer: Sanitizer::default(),
            redactor: Redactor::new(Arc::clone(&secrets)),
            secrets,
            sum: Sha256::new(),
            bytes: 0,
            untimed: 0,
            began,
            timed: None,
            column: Column::Start,
            dropped: 0,
            trouble: None,
        };
        let progress = ProgressFile {
            files: files.clone(),
            began,
            written: None,
            waiting: None,
            stage: None,
            stage_began: 0,
            finished: Vec::new(),
            last: Progress::default(),
            live: None,
        };
        Ok(Self { output: Mutex::new(output), progress: Mutex::new(progress) })
    }

    /// Writes what waits for its turn; called a few times a second while the attempt runs.
    pub fn tick(&self) {
        held(&self.output).write_times();
        held(&self.progress).write(Instant::now(), PROGRESS_EVERY);
    }

    /// Ends the output and syncs it. The output tells what was really written; `trouble` tells what was not.
    pub fn finish(&self) -> (Output, Option<String>) {
        held(&self.progress).write(Instant::now(), Duration::ZERO);
        held(&self.output).finish()
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere leaves counts that are still right: every step here is complete or not begun.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Console for Spool {
    fn line(&self, text: &str) {
        held(&self.output).line(text);
    }

    fn output(&self, bytes: &[u8]) {
        held(&self.output).take(bytes);
    }

    fn progress(&self, progress: &Progress) {
        held(&self.progress).take(progress);
    }

    fn live(&self, live: Option<&Live>) {
        held(&self.progress).watch(live);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Start,
    Within,
}

#[derive(Debug)]
struct OutputFile {
    log: File,
    times: File,
    name: String,
    sanitizer: Sanitizer,
    redactor: Redactor,
    secrets: Arc<Secrets>,
    sum: Sha256,
    bytes: u64,
    untimed: u64,
    began: Instant,
    timed: Option<Instant>,
    column: Column,
    /// Bytes that could not be written since the last that could.
    dropped: u64,
    trouble: Option<String>,
}

impl OutputFile {
    fn take(&mut self, bytes: &[u8]) {
        let mut out = Vec::with_capacity(bytes.len() + 64);
        let Self { sanitizer, redactor, .. } = self;
        sanitizer.feed(bytes, &mut |piece| match piece {
            Piece::Text(text) => redactor.text(text.as_bytes(), &mut out),
            Piece::Escape(sequence) => redactor.escape(sequence.as_bytes(), &mut out),
        });
        self.write(&out);
    }

    /// A line of the program's own. What the redactor still holds back stays held: it may be half a secret.
    fn line(&mut self, text: &str) {
        let text = self.secrets.mask(&sanitize::plain(text.as_bytes()));
        let before = if self.column == Column::Within { "\n" } else { "" };
        self.write(format!("{before}{text}\n").as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.dropped > 0 {
            let gap = format!("\n[{} bytes of output could not be kept here]\n", self.dropped);
            if self.put(gap.as_bytes()) == gap.len() {
                self.dropped = 0;
            }
        }
        if self.dropped == 0 {
            let written = self.put(bytes);
            self.dropped = (bytes.len() - written) as u64;
        } else {
            self.dropped += bytes.len() as u64;
        }
        self.column = if bytes.ends_with(b"\n") { Column::Start } else { Column::Within };
        let due = self.timed.is_none_or(|timed| timed.elapsed() >= TIMES_EVERY);
        if due {
            self.write_times();
        }
    }

    /// Writes as much as fits and says how much that was.
    fn put(&mut self, bytes: &[u8]) -> usize {
        let mut written = 0;
        while written < bytes.len() {
            match self.log.write(&bytes[written..]) {
                Ok(0) => break,
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.trouble.get_or_insert_with(|| error.to_string());
                    break;
                }
            }
        }
        self.sum.update(&bytes[..written]);
        self.bytes += written as u64;
        self.untimed += written as u64;
        written
    }

    fn write_times(&mut self) {
        if self.untimed == 0 {
            return;
        }
        let line = format!("{} {}\n", self.began.elapsed().as_millis(), self.untimed);
        match self.times.write_all(line.as_bytes()) {
            Ok(()) => self.untimed = 0,
            Err(error) => _ = self.trouble.get_or_insert_with(|| error.to_string()),
        }
        self.timed = Some(Instant::now());
    }

    fn finish(&mut self) -> (Output, Option<String>) {
        let mut out = Vec::new();
        let Self { sanitizer, redactor, .. } = self;
        sanitizer.end(&mut |piece| match piece {
            Piece::Text(text) => redactor.text(text.as_bytes(), &mut out),
            Piece::Escape(sequence) => redactor.escape(sequence.as_bytes(), &mut out),
        });
        redactor.end(&mut out);
        self.write(&out);
        self.write_times();
        if let Err(error) = self.log.sync_data() {
            self.trouble.get_or_insert_with(|| error.to_string());
        }
        let sha256 = Digest::read(HEXLOWER.encode(&self.sum.clone().finalize()));
        (Output { file: self.name.clone(), bytes: self.bytes, sha256 }, self.trouble.clone())
    }
}

/// The stage that runs.
#[derive(Debug)]
struct Stage {
    name: String,
    step: Option<(u32, u32)>,
    done: u64,
}

#[derive(Debug)]
struct ProgressFile {
    files: AttemptFiles,
    began: Instant,
    written: Option<Instant>,
    waiting: Option<Progress>,
    stage: Option<Stage>,
    stage_began: u64,
    finished: Vec<StageTook>,
    last: Progress,
    live: Option<Box<Live>>,
}

impl ProgressFile {
    /// The server's account goes with whatever the attempt tells of itself.
    fn watch(&mut self, live: Option<&Live>) {
        self.live = live.map(|live| Box::new(live.clone()));
        let last = self.last.clone();
        self.take(&last);
    }

    /// Times are counted and finished stages kept here, so that every check's progress has them.
    fn take(&mut self, progress: &Progress) {
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
        let live = self.live.clone();
        self.last.clone_from(progress);
        self.waiting =
            Some(Progress { elapsed_ms: now, stage_began_ms: self.stage_began, finished, live, ..progress.clone() });
        self.write(Instant::now(), PROGRESS_EVERY);
    }

    fn write(&mut self, now: Instant, every: Duration) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::attempt::AttemptNumber;

    fn spool(folder: &std::path::Path) -> (AttemptFiles, Spool) {
        let files = AttemptFiles::new(folder, AttemptNumber(7));
        std::fs::create_dir_all(folder.join("attempts")).unwrap();
        let secrets = Arc::new(Secrets::gather([("DB_PASSWORD", &b"swordfish"[..])], &[]));
        let spool = Spool::create(&files, secrets).unwrap();
        (files, spool)
    }

    #[test]
    fn the_log_is_harmless_masked_summed_and_timed() {
        let folder = tempfile::tempdir().unwrap();
        let (files, spool) = spool(folder.path());
        spool.output(b"pass sword");
        spool.output(b"fish\x1b]0;x\x07 done.");
        spool.line("said swordfish \u{1b}[2J");
        spool.output(b"end\xe2\x9c");
        let (output, trouble) = spool.finish();
        let log = std::fs::read(files.log()).unwrap();
        assert_eq!(String::from_utf8_lossy(&log), "pass **** done.\nsaid **** \nend\u{fffd}");
        assert_eq!(trouble, None);
        assert_eq!(output.bytes, log.len() as u64);
        assert_eq!(output.sha256, Digest::of(&log));
        assert_eq!(output.file, "attempts/0007.log");
        let times = std::fs::read_to_string(files.times()).unwrap();
        let sum: u64 = times.lines().map(|line| line.split_once(' ').unwrap().1.parse::<u64>().unwrap()).sum();
        assert_eq!(sum, output.bytes);
    }

    #[test]
    fn progress_is_written_at_once_and_then_at_most_ten_times_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let (files, spool) = spool(folder.path());
        let read = || serde_json::from_slice::<Progress>(&std::fs::read(files.progress()).unwrap()).unwrap();
        let mut progress =
            Progress { stage: "a".into(), total: Some(10_000), unit: "rows".into(), ..Progress::default() };
        spool.progress(&progress);
        assert_eq!(read().done, 0);
        let began = Instant::now();
        let mut writes = 0;
        let mut seen = 0;
        while began.elapsed() < Duration::from_millis(350) {
            progress.done += 1;
            spool.progress(&progress);
            let now = read().done;
            writes += u32::from(now != seen);
            seen = now;
        }
        assert!((1..=4).contains(&writes), "{writes} writes in {:?}", began.elapsed());
        spool.progress(&Progress { stage: "b".into(), ..progress.clone() });
        spool.finish();
        assert_eq!(read().stage, "b");
        assert_eq!(read().finished.len(), 1);
        assert_eq!(read().finished[0].done, progress.done);
    }
}
