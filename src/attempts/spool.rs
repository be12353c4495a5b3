//! Keeps the output of an attempt on disk as it comes, made harmless and with its secrets masked: its beginning and its end
//! where it is very long.

mod bounded;
mod progress;

use super::console::Console;
use super::files::AttemptFiles;
use super::redact::{Redactor, Secrets};
use super::sanitize::{self, Piece, Sanitizer};
use crate::checklist::Digest;
use crate::deployment::attempt::Output;
use crate::deployment::live::Live;
use crate::deployment::progress::Progress;
use bounded::{Bounds, Ring, Room};
use data_encoding::HEXLOWER;
use progress::{PROGRESS_EVERY, ProgressFile};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Output that comes closer together than this shares a line of the times.
const TIMES_EVERY: Duration = Duration::from_millis(20);
/// While only the end is kept, whoever watches is reported this often how much there is.
const REPORTED_EVERY: Duration = Duration::from_secs(5);

/// The spool of one attempt. Memory stays flat however much comes.
#[derive(Debug)]
pub struct Spool {
    output: Mutex<OutputFile>,
    progress: Mutex<ProgressFile>,
}

impl Spool {
    /// Begins the files of a new attempt; times are counted from now.
    pub fn create(files: &AttemptFiles, secrets: Arc<Secrets>) -> io::Result<Self> {
        Self::create_within(files, secrets, Bounds::from_environment())
    }

    fn create_within(files: &AttemptFiles, secrets: Arc<Secrets>, bounds: Bounds) -> io::Result<Self> {
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
            bounds,
            room: Room::default(),
            tail: files.log().with_extension("tail"),
            ring: None,
            reported: began,
        };
        let progress = ProgressFile::begin(files, began);
        Ok(Self { output: Mutex::new(output), progress: Mutex::new(progress) })
    }

    /// Writes what waits for its turn; called a few times a second while the attempt runs.
    pub fn tick(&self) {
        held(&self.output).write_times();
        held(&self.progress).write(Instant::now(), PROGRESS_EVERY);
    }

    /// Ends the output and syncs it. The output shows what was really written; `trouble` shows what was not.
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

    fn output_ends(&self) {
        held(&self.output).rest();
    }

    fn progress(&self, progress: &Progress) {
        held(&self.progress).take(progress);
    }

    fn silent(&self, since: Option<Instant>) {
        held(&self.progress).silent(since);
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
    bounds: Bounds,
    room: Room,
    /// Where the ring is.
    tail: PathBuf,
    /// The end of the output, once its beginning is full.
    ring: Option<Ring>,
    reported: Instant,
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
        self.append(format!("{before}{text}\n").as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(ring) = &mut self.ring {
            if !self.room.is_there_for(bytes.len(), &self.log) {
                self.trouble.get_or_insert_with(almost_full);
            } else if let Err(error) = ring.push(bytes) {
                self.trouble.get_or_insert_with(|| error.to_string());
            }
            if self.reported.elapsed() >= REPORTED_EVERY {
                self.reported = Instant::now();
                let megabytes = ring.written() >> 20;
                self.append(format!("[{megabytes} MB more so far]\n").as_bytes());
            }
            return;
        }
        let room = usize::try_from(self.bounds.head.saturating_sub(self.bytes)).unwrap_or(usize::MAX);
        if bytes.len() <= room {
            return self.append(bytes);
        }
        let (head, rest) = bytes.split_at(room);
        self.append(head);
        match Ring::create(&self.tail, self.bounds.tail) {
            Ok(ring) => {
                self.ring = Some(ring);
                let (head, tail) = (self.bounds.head >> 20, self.bounds.tail >> 20);
                let said = format!(
                    "more than {head} MB of output: from here on only the last {tail} MB are kept, and shown at the end"
                );
                self.line(&format!("[{said}]"));
                self.write(rest);
            }
            Err(error) => {
                self.trouble.get_or_insert_with(|| error.to_string());
                self.dropped += rest.len() as u64;
            }
        }
    }

    /// Puts the end of the output behind its beginning, with what lies between reported.
    fn join(&mut self) {
        let Some(ring) = self.ring.take() else { return };
        let lost = ring.lost();
        if lost > 0 {
            self.line(&format!("[{lost} bytes of output are left out here]"));
        }
        if let Err(error) = ring.read_back(&mut |bytes| self.append(bytes)) {
            self.trouble.get_or_insert_with(|| error.to_string());
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.dropped > 0 {
            let gap = gap(self.dropped);
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
        if !self.room.is_there_for(bytes.len(), &self.log) {
            self.trouble.get_or_insert_with(almost_full);
            return 0;
        }
        self.put_at_once(bytes)
    }

    fn put_at_once(&mut self, bytes: &[u8]) -> usize {
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

    /// Writes what was held back of a command that has ended.
    fn rest(&mut self) {
        let mut out = Vec::new();
        let Self { sanitizer, redactor, .. } = self;
        sanitizer.end(&mut |piece| match piece {
            Piece::Text(text) => redactor.text(text.as_bytes(), &mut out),
            Piece::Escape(sequence) => redactor.escape(sequence.as_bytes(), &mut out),
        });
        redactor.end(&mut out);
        self.write(&out);
    }

    fn finish(&mut self) -> (Output, Option<String>) {
        self.rest();
        self.join();
        if self.dropped > 0 {
            self.put_at_once(gap(self.dropped).as_bytes());
        }
        self.write_times();
        if let Err(error) = self.log.sync_data() {
            self.trouble.get_or_insert_with(|| error.to_string());
        }
        let sha256 = Digest::read(&HEXLOWER.encode(&self.sum.clone().finalize()));
        (Output { file: self.name.clone(), bytes: self.bytes, sha256 }, self.trouble.clone())
    }
}

fn gap(bytes: u64) -> String {
    format!("\n[{bytes} bytes of output could not be kept here]\n")
}

fn almost_full() -> String {
    "the disk is almost full, and what is left is for the ledger".to_owned()
}

#[cfg(test)]
mod tests;
