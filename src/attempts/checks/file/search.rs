//! Looks for patterns in files and keeps where they were found.

use super::super::account::Trouble;
use super::beat::Beat;
use super::{PLACES, lines, times};
use crate::attempts::redact::cut;
use crate::checklist::check::Zone;
use crate::input;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use regex::bytes::Regex;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The furthest that a local time lies from UTC.
const ANY_ZONE: TimeDelta = TimeDelta::hours(14);
/// Found lines shown in the attempt's output.
const SHOWN: usize = 20;
/// Letters of one that are shown.
const LONGEST_SHOWN: usize = 200;
/// Bytes read between two looks at whether to go on.
const BYTES_A_LOOK: usize = 1 << 20;
/// A file that says it is empty may still hold something, as those of `/proc` do; not more than this of it is read.
const UNREPORTED: u64 = 1 << 20;

/// What was found of one pattern.
#[derive(Debug)]
pub(super) struct Found {
    pattern: Regex,
    /// As the checklist writes it.
    pub written: String,
    pub matches: u64,
    /// Lines with at least one match.
    pub lines: usize,
    /// The first places, `path:line`.
    pub places: Vec<String>,
    /// Matches of each file that has any, in the order they were searched.
    pub files: Vec<(String, u64)>,
    pub shown: Vec<String>,
}

impl Found {
    pub(super) fn of(pattern: Regex, written: String) -> Self {
        Self { pattern, written, matches: 0, lines: 0, places: Vec::new(), files: Vec::new(), shown: Vec::new() }
    }
}

/// From when on lines count, and where JSON lines keep their time.
#[derive(Debug, Clone)]
pub(super) struct Since {
    pub at: DateTime<Utc>,
    pub field: Option<String>,
    pub now: DateTime<Utc>,
    /// The zone of times that name none; UTC is assumed where it is not given.
    pub zone: Option<Zone>,
}

/// What the times of the lines were like.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub read: u64,
    /// Lines after the first one with a time that had none of their own.
    pub without: u64,
    /// Bytes before the first line with a time.
    pub bytes_before: u64,
    pub zone_assumed: bool,
    /// Some line named no zone, and the check does.
    pub zone_given: bool,
    pub year_assumed: bool,
}

#[derive(Debug)]
pub(super) struct Search {
    pub contains: Vec<Found>,
    pub lacks: Vec<Found>,
    since: Option<Since>,
    /// Bytes of the part that was searched.
    pub bytes: u64,
    pub times: Times,
    pub unreadable: usize,
    /// Matches of what must not be there, on lines that only an assumption puts before `since`.
    pub unsure: Vec<String>,
    /// The same where only the zone was assumed.
    pub unsure_of_zone: Vec<String>,
    /// Matches on lines that only an assumed zone puts behind `since`.
    pub guessed: Vec<String>,
    /// The times of the first and the last line that have one.
    pub first: Option<DateTime<Utc>>,
    pub last: Option<DateTime<Utc>>,
}

impl Search {
    pub(super) fn new(contains: Vec<Found>, lacks: Vec<Found>, since: Option<Since>) -> Self {
        Self {
            contains,
            lacks,
            since,
            bytes: 0,
            times: Times::default(),
            unreadable: 0,
            unsure: Vec::new(),
            unsure_of_zone: Vec::new(),
            guessed: Vec::new(),
            first: None,
            last: None,
        }
    }

    /// Whether the file only has to be there.
    pub(super) fn asks_nothing(&self) -> bool {
        self.contains.is_empty() && self.lacks.is_empty()
    }

    /// Searches one file of a tree.
    pub(super) fn file(&mut self, path: &Path, name: &str, beat: &Beat) -> Result<(), Trouble> {
        if self.asks_nothing() {
            return beat.pass();
        }
        self.single(path, name, None, beat)
    }

    /// Searches one file and counts its bytes. A file that cannot be read is counted. `old` is how many of its bytes were in
    /// it at `since`, where that is known: no time of a line proves as much.
    pub(super) fn single(&mut self, path: &Path, name: &str, old: Option<u64>, beat: &Beat) -> Result<(), Trouble> {
        let read = match open(path) {
            Ok((file, length)) => self.read(file.take(length), name, old, beat)?,
            Err(error) => Err(error),
        };
        self.unreadable += usize::from(read.is_err());
        Ok(())
    }

    fn read(
        &mut self,
        file: io::Take<File>,
        name: &str,
        old: Option<u64>,
        beat: &Beat,
    ) -> Result<io::Result<()>, Trouble> {
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let mut line = Vec::new();
        let (mut number, mut unseen) = (0_u64, 0);
        let (mut end, mut was_new) = (0_u64, false);
        // Without `since` every line is wanted; with it, none before the first one that is late enough.
        let mut wanted = self.since.is_none();
        // Whether the line that was read is certainly not wanted: an assumption may only take lines in, never out.
        let (mut zone_known, mut has_time) = (true, true);
        // Whether only an assumed zone makes the line wanted.
        let mut guessed = false;
        loop {
            let taken = match lines::next(&mut reader, &mut line) {
                Ok(taken) => taken,
                Err(error) => return Ok(Err(error)),
            };
            unseen += taken;
            if taken == 0 || unseen >= BYTES_A_LOOK {
                unseen = 0;
                beat.pass()?;
            }
            if taken == 0 {
                return Ok(Ok(()));
            }
            number += 1;
            end += taken as u64;
            if let Some(since) = &self.since {
                let is_new = old.map(|old| end > old);
                // A line without a time, such as one of a stack trace, belongs to the one before it.
                match times::read(&line, since.field.as_deref(), since.now, since.zone) {
                    Some(written) => {
                        self.times.read += 1;
                        self.times.zone_assumed |= written.zone_assumed && is_new.is_none();
                        self.times.zone_given |= written.zone_given;
                        self.times.year_assumed |= written.year_assumed;
                        // Where it stands is certain, what a zone that was assumed makes of its time is not.
                        wanted = not_before(written.at, since.at) || is_new == Some(true) && written.zone_assumed;
                        (zone_known, has_time) = (!written.zone_assumed || written.at < since.at - ANY_ZONE, true);
                        guessed = is_new.is_none() && written.zone_assumed && written.at - ANY_ZONE < since.at;
                        self.first.get_or_insert(written.at);
                        self.last = Some(written.at);
                    }
                    None if is_new == Some(true) && !was_new => wanted = true,
                    None if self.times.read == 0 => self.times.bytes_before += taken as u64,
                    None if line.is_empty() => {}
                    None => {
                        self.times.without += 1;
                        // What goes on is indented; what stands at the margin may be a line of its own, in another form.
                        has_time &= line.first().is_some_and(u8::is_ascii_whitespace) || goes_on(&line);
                    }
                }
                was_new = is_new == Some(true);
                if is_new == Some(false) {
                    (wanted, zone_known, has_time) = (false, true, true);
                }
                if wanted && guessed && self.guessed.len() < PLACES {
                    let found = self.contains.iter().chain(&self.lacks).any(|found| found.pattern.is_match(&line));
                    self.guessed.extend(found.then(|| format!("{name}:{number}")));
                }
                let unsure = if has_time { &mut self.unsure_of_zone } else { &mut self.unsure };
                let certain = wanted || (zone_known && has_time);
                if !certain && unsure.len() < PLACES {
                    let found = self.lacks.iter().any(|lacked| lacked.pattern.is_match(&line));
                    unsure.extend(found.then(|| format!("{name}:{number}")));
                }
            }
            if wanted {
                self.bytes += taken as u64;
                for found in self.contains.iter_mut().chain(&mut self.lacks) {
                    found.look(&line, name, number);
                }
            }
        }
    }
}

/// Whether a line at the margin belongs to a stack trace: `Traceback …`, `Caused by: …`, `...`.
fn goes_on(line: &[u8]) -> bool {
    let starts: [&[u8]; 5] = [b"Traceback", b"Caused by", b"During handling", b"The above exception", b"..."];
    starts.iter().any(|start| line.starts_with(start))
}

/// Opens a regular file, and shows how much of it there is now: what is added meanwhile is not waited for.
fn open(path: &Path) -> io::Result<(File, u64)> {
    // It may have become a FIFO since it was looked at, and opening one waits for a writer.
    let file = OpenOptions::new().read(true).custom_flags(input::without_waiting()).open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::other("no regular file"));
    }
    let length = if about.len() == 0 { UNREPORTED } else { about.len() };
    Ok((file, length))
}

impl Found {
    fn look(&mut self, line: &[u8], name: &str, number: u64) {
        let matches = self.pattern.find_iter(line).count() as u64;
        if matches == 0 {
            return;
        }
        self.matches += matches;
        self.lines += 1;
        match self.files.last_mut() {
            Some((file, count)) if file == name => *count += matches,
            _ => self.files.push((name.to_owned(), matches)),
        }
        if self.places.len() < PLACES {
            self.places.push(format!("{name}:{number}"));
        }
        if self.shown.len() < SHOWN {
            let text = cut(String::from_utf8_lossy(line).trim(), LONGEST_SHOWN);
            self.shown.push(format!("{name}:{number}: {text}"));
        }
    }
}

/// Whether a line's time is not before `since`, as exactly as the line shows it: a log that writes whole seconds may
/// have written at the end of the second in which the attempt began.
fn not_before(at: DateTime<Utc>, since: DateTime<Utc>) -> bool {
    let since = if at.nanosecond() == 0 { since.with_nanosecond(0).unwrap_or(since) } else { since };
    at >= since
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_second_counts_from_its_beginning() {
        let since: DateTime<Utc> = "2026-11-22T14:00:07.400Z".parse().unwrap();
        assert!(not_before("2026-11-22T14:00:07Z".parse().unwrap(), since));
        assert!(!not_before("2026-11-22T14:00:07.399Z".parse().unwrap(), since));
        assert!(!not_before("2026-11-22T14:00:06Z".parse().unwrap(), since));
    }
}
