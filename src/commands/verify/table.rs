//! What `verify` found, one row for each thing it looks at.

use serde::Serialize;
use std::io::{self, Write};

/// One thing looked at, with its own word and exit status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    pub what: &'static str,
    pub word: &'static str,
    pub status: u8,
    pub details: Vec<String>,
}

impl Row {
    pub(super) fn new(what: &'static str, word: &'static str, status: u8, details: Vec<String>) -> Self {
        Self { what, word, status, details }
    }

    /// Fine without a finding, else `word`.
    pub(super) fn of(
        what: &'static str,
        fine: (&'static str, String),
        word: &'static str,
        status: u8,
        found: Vec<String>,
    ) -> Self {
        if found.is_empty() {
            return Self::new(what, fine.0, 0, vec![fine.1]);
        }
        Self::new(what, word, status, found)
    }

    /// It could not be looked at, so nobody can tell.
    pub(super) fn unknown(what: &'static str, why: String) -> Self {
        Self::new(what, "not checked", UNKNOWN, vec![why])
    }
}

/// Something could not be looked at: inconclusive.
pub(super) const UNKNOWN: u8 = 6;
pub(super) const ALTERED: u8 = 11;
pub(super) const TRUNCATED: u8 = 12;
pub(super) const BAD_SIGNATURE: u8 = 13;
pub(super) const NOT_ALLOWED: u8 = 14;
pub(super) const STALE: u8 = 15;
pub(super) const POLICY: u8 = 16;
/// The file that says what was acknowledged last is gone: nobody can tell whether records are.
pub(super) const NO_HEAD: u8 = 17;

/// The worst first.
const WORST: [u8; 9] = [ALTERED, TRUNCATED, 10, BAD_SIGNATURE, NOT_ALLOWED, STALE, POLICY, NO_HEAD, UNKNOWN];

#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub format: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ledger: String,
    /// What was found in the chain of records, or what an attestation states, for the first line.
    #[serde(skip)]
    pub about: String,
    /// The exit status: that of the worst row.
    pub status: u8,
    /// The word of the worst row; where all are fine `intact`, or of an attestation alone `signed`.
    pub word: &'static str,
    pub records: u64,
    pub head: String,
    pub rows: Vec<Row>,
    /// What is no damage, and worth knowing.
    pub notes: Vec<String>,
}

impl Table {
    /// Nothing looked at yet.
    pub(super) fn empty(ledger: String) -> Self {
        let (rows, notes) = (Vec::new(), Vec::new());
        Self {
            format: 1,
            ledger,
            about: String::new(),
            status: 0,
            word: "",
            records: 0,
            head: String::new(),
            rows,
            notes,
        }
    }

    /// Summed up and written, with the exit status.
    pub(super) fn finish(mut self, json: bool, out: &mut dyn Write) -> io::Result<u8> {
        self.settle();
        if json {
            return self.write_json(out);
        }
        writeln!(out, "{}", self.headline())?;
        self.write(out)?;
        Ok(self.status)
    }

    /// Sums the rows up.
    pub(super) fn settle(&mut self) {
        let worst = WORST.iter().find_map(|status| self.rows.iter().find(|row| row.status == *status));
        // Nothing is said of a ledger that was not looked at.
        let fine = self.rows.first().filter(|_| self.ledger.is_empty()).map_or("intact", |row| row.word);
        (self.status, self.word) = worst.map_or((0, fine), |row| (row.status, row.word));
    }

    /// As JSON, and the exit status.
    pub(super) fn write_json(&self, out: &mut dyn Write) -> io::Result<u8> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)?;
        Ok(self.status)
    }

    /// The verdict over all of it, with the rows that are not fine where those are others than the chain.
    pub(super) fn headline(&self) -> String {
        let bad: Vec<&str> = self.rows.iter().filter(|row| row.status != 0).map(|row| row.what).collect();
        let worst = self.rows.iter().find(|row| row.status == self.status && self.status != 0);
        let others = worst.filter(|row| row.what != "chain").map(|_| bad.join(", "));
        let about = Some(self.about.clone()).filter(|about| !about.is_empty());
        let more: Vec<String> = others.into_iter().chain(about).collect();
        if more.is_empty() { self.word.to_owned() } else { format!("{}: {}", self.word, more.join("; ")) }
    }

    /// One row a line, with what was found below it.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out)?;
        for row in &self.rows {
            let short = if row.status == 0 { row.details.join("; ") } else { String::new() };
            writeln!(out, "{}", format!("{:<11} {:<13} {short}", row.what, row.word).trim_end())?;
        }
        for row in self.rows.iter().filter(|row| row.status != 0) {
            row.details.iter().try_for_each(|detail| writeln!(out, "{}: {detail}", row.word))?;
        }
        self.notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))
    }
}
