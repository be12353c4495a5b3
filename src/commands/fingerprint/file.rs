//! The file that fingerprints are kept in.

use crate::commands::Failure;
use crate::database::ranges::{Range, Split};
use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The only one there is.
const FORMAT: u32 = 1;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    format: u32,
    /// When, in UTC.
    pub taken: String,
    /// What the database really was.
    pub identity: String,
    pub dialect: String,
    #[serde(rename = "table", default)]
    pub tables: Vec<Table>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Table {
    pub name: String,
    pub rows: i64,
    pub fingerprint: String,
    /// Those it covers, comma-separated.
    pub columns: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    #[serde(rename = "range", default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Range>,
}

impl Table {
    /// Not taken yet.
    pub(super) fn named(name: String, columns: String, split: Option<Split>) -> Self {
        Self { name, rows: 0, fingerprint: String::new(), columns, split, ranges: Vec::new() }
    }
}

impl Record {
    pub(super) fn new(identity: String, dialect: String, tables: Vec<Table>) -> Self {
        let taken = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        Self { format: FORMAT, taken, identity, dialect, tables }
    }
}

pub(super) fn read(path: &Path) -> Result<Record, Failure> {
    let text = crate::input::read_text(path, crate::input::DOCUMENT)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))?;
    let record: Record = toml::from_str(&text)
        .map_err(|error| Failure::usage(format!("{} holds no fingerprints: {}", path.display(), error.message())))?;
    if record.format != FORMAT {
        let text = format!("{} is of format {}; this version reads format {FORMAT}", path.display(), record.format);
        return Err(Failure::usage(text));
    }
    Ok(record)
}

pub(super) fn write(path: &Path, record: &Record) -> Result<(), Failure> {
    let text = toml::to_string(record).map_err(|error| Failure::not_fine(error.to_string()))?;
    std::fs::write(path, text).map_err(|error| Failure::usage(format!("{} cannot be written: {error}", path.display())))
}
