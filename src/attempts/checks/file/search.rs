//! Looks for patterns in files and keeps where they were found.

use super::super::account::Trouble;
use super::{PLACES, lines};
use crate::database::Interrupt;
use chrono::{DateTime, Timelike, Utc};
use regex::bytes::Regex;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

/// Found lines shown in the attempt's output.
const SHOWN: usize = 20;
/// Bytes read between two looks at whether to go on.
const BYTES_A_LOOK: usize = 1 << 20;

/// What was found of one pattern.
#[derive(Debug)]
pub struct Found {
    pattern: Regex,
    pub matches: u64,
    /// Lines with at least one match.
    pub lines: usize,
    /// The first places, `path:line`.
    pub places: Vec<String>,
    pub shown: Vec<String>,
}

#[derive(Debug)]
pub struct Search {
    pub contains: Option<Found>,
    pub lacks: Option<Found>,
    since: Option<DateTime<Utc>>,
    /// Bytes of the part that was searched.
    pub bytes: u64,
    /// Bytes before the first line with a time.
    pub bytes_without_time: u64,
    pub saw_time: bool,
    pub unreadable: usize,
}

impl Search {
    pub fn new(contains: Option<Regex>, lacks: Option<Regex>, since: Option<DateTime<Utc>>) -> Self {
        let found = |pattern| Found { pattern, matches: 0, lines: 0, places: Vec::new(), shown: Vec::new() };
        Self {
            contains: contains.map(found),
            lacks: lacks.map(found),
            since,
            bytes: 0,
            bytes_without_time: 0,
            saw_time: false,
            unreadable: 0,
        }
    }

    /// Whether the file only has to be there.
    pub fn asks_nothing(&self) -> bool {
        self.contains.is_none() && self.lacks.is_none()
    }

    /// Searches one file of a tree.
    pub async fn file(&mut self, path: &Path, name: &str, interrupt: &Interrupt) -> Result<(), Trouble> {
        if self.asks_nothing() {
            return Ok(());
        }
        self.single(path, name, interrupt).await
    }

    /// Searches one file and counts its bytes. A file that cannot be read is counted.
    pub async fn single(&mut self, path: &Path, name: &str, interrupt: &Interrupt) -> Result<(), Trouble> {
        let read = match File::open(path) {
            Ok(file) => self.read(file, name, interrupt).await?,
            Err(error) => Err(error),
        };
        self.unreadable += usize::from(read.is_err());
        Ok(())
    }

    async fn read(&mut self, file: File, name: &str, interrupt: &Interrupt) -> Result<io::Result<()>, Trouble> {
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let mut line = Vec::new();
        let (mut number, mut unseen) = (0_u64, 0);
        // Without `since` every line is wanted; with it, none before the first one that is late enough.
        let mut wanted = self.since.is_none();
        loop {
            let taken = match lines::next(&mut reader, &mut line) {
                Ok(taken) => taken,
                Err(error) => return Ok(Err(error)),
            };
            unseen += taken;
            if taken == 0 || unseen >= BYTES_A_LOOK {
                unseen = 0;
                if interrupt.is_set() {
                    return Err(Trouble::Interrupted);
                }
                tokio::task::yield_now().await;
            }
            if taken == 0 {
                return Ok(Ok(()));
            }
            number += 1;
            if let Some(since) = self.since {
                // A line without a time, such as one of a stack trace, belongs to the one before it.
                match time(&line) {
                    Some(at) => {
                        self.saw_time = true;
                        wanted = not_before(at, since);
                    }
                    None if !self.saw_time => self.bytes_without_time += taken as u64,
                    None => {}
                }
            }
            if wanted {
                self.bytes += taken as u64;
                for found in [&mut self.contains, &mut self.lacks].into_iter().flatten() {
                    found.look(&line, name, number);
                }
            }
        }
    }
}

impl Found {
    fn look(&mut self, line: &[u8], name: &str, number: u64) {
        let matches = self.pattern.find_iter(line).count();
        if matches == 0 {
            return;
        }
        self.matches += matches as u64;
        self.lines += 1;
        if self.places.len() < PLACES {
            self.places.push(format!("{name}:{number}"));
        }
        if self.shown.len() < SHOWN {
            let text: String = String::from_utf8_lossy(line).trim().chars().take(200).collect();
            self.shown.push(format!("{name}:{number}: {text}"));
        }
    }
}

/// The time at the start of a line, as RFC 3339 has it, maybe in brackets.
fn time(line: &[u8]) -> Option<DateTime<Utc>> {
    let line = line.strip_prefix(b"[").unwrap_or(line);
    if !line.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    // Date and time may be parted by a space, so the second word may belong to it.
    let text = String::from_utf8_lossy(line.get(..40).unwrap_or(line)).into_owned();
    let mut ends = text.match_indices([' ', ']', '\t']).map(|(at, _)| at).chain([text.len()]);
    ends.by_ref().take(3).find_map(|end| DateTime::parse_from_rfc3339(&text[..end]).ok()).map(|at| at.to_utc())
}

/// Whether a line's time is not before `since`, as exactly as the line tells it: a log that writes whole seconds may
/// have written at the end of the second in which the attempt began.
fn not_before(at: DateTime<Utc>, since: DateTime<Utc>) -> bool {
    let since = if at.nanosecond() == 0 { since.with_nanosecond(0).unwrap_or(since) } else { since };
    at >= since
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_at_the_start_of_lines() {
        let at: DateTime<Utc> = "2026-11-22T14:00:07Z".parse().unwrap();
        for line in [
            "2026-11-22T14:00:07Z INFO x",
            "[2026-11-22T14:00:07Z] INFO",
            "2026-11-22 15:00:07+01:00 INFO x",
            "2026-11-22T14:00:07.000Z",
        ] {
            assert_eq!(time(line.as_bytes()), Some(at), "{line}");
        }
        for line in ["INFO 2026-11-22T14:00:07Z", "2026-11-22 14:00:07,123 INFO", "2026", "", "5 é é é"] {
            assert_eq!(time(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_whole_second_counts_from_its_beginning() {
        let since: DateTime<Utc> = "2026-11-22T14:00:07.400Z".parse().unwrap();
        assert!(not_before("2026-11-22T14:00:07Z".parse().unwrap(), since));
        assert!(!not_before("2026-11-22T14:00:07.399Z".parse().unwrap(), since));
        assert!(!not_before("2026-11-22T14:00:06Z".parse().unwrap(), since));
    }
}
