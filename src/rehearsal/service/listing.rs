//! What the service lists, and how each release reads it.

mod new;
mod old;

use super::queries::{Queries, Record};
use crate::rehearsal::slot::Release;
use serde_json::Value;
use std::collections::HashMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    Lots,
    Serials,
    ProcessData,
    Equipment,
}

/// How much of what hangs on a record is read with it. Only the new release knows the difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Loading {
    Minimal,
    #[default]
    Standard,
    Full,
}

/// What a listing is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub limit: i64,
    pub loading: Loading,
}

impl Page {
    pub(super) const LIMIT: i64 = 100;
    pub(super) const MOST: i64 = 1_000;

    /// Reads `limit` and, for the new release, `eager_loading`. The error is what to tell the caller.
    pub(super) fn read(query: &HashMap<String, String>, release: Release) -> Result<Self, String> {
        let limit = match query.get("limit") {
            None => Self::LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=Self::MOST).contains(limit))
                .ok_or_else(|| format!("limit must be a whole number from 1 to {}, not `{text}`", Self::MOST))?,
        };
        let loading = match (release, query.get("eager_loading").map(String::as_str)) {
            (Release::Old, _) | (Release::New, None | Some("standard")) => Loading::Standard,
            (Release::New, Some("minimal")) => Loading::Minimal,
            (Release::New, Some("full")) => Loading::Full,
            (Release::New, Some(other)) => {
                return Err(format!("eager_loading must be minimal, standard or full, not `{other}`"));
            }
        };
        Ok(Self { limit, loading })
    }
}

/// The process whose result is a unit's in its lot: packing and inspection.
const LAST_PROCESS: i64 = 8;

/// The newest records, at most `page.limit`.
pub(super) async fn read(
    release: Release,
    listing: Listing,
    page: Page,
    queries: &mut Queries,
) -> Result<Vec<Record>, sqlx::Error> {
    let mut records = match release {
        Release::Old => old::read(listing, page, queries).await,
        Release::New => new::read(listing, page, queries).await,
    }?;
    for record in &mut records {
        stamp(record, release);
    }
    Ok(records)
}

/// Times are kept as UTC text. The old release hands them on without a zone; the new one says that it is UTC.
fn stamp(record: &mut Record, release: Release) {
    for (name, value) in record.iter_mut() {
        if let (true, Value::String(text)) = (name.ends_with("_at"), &mut *value) {
            let zone = if release == Release::New { "Z" } else { "" };
            *text = format!("{}{zone}", text.replacen(' ', "T", 1));
        }
    }
}

/// How often each result stands among rows of process data, as `{"FAIL": 1, "PASS": 7}`.
fn tally<'a>(rows: impl Iterator<Item = &'a Record>) -> Value {
    let mut counts = Record::new();
    for row in rows {
        if let Some(Value::String(result)) = row.get("result") {
            let before = counts.get(result).and_then(Value::as_i64).unwrap_or(0);
            counts.insert(result.clone(), (before + 1).into());
        }
    }
    Value::Object(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ask(pairs: &[(&str, &str)], release: Release) -> Result<Page, String> {
        let query = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Page::read(&query, release)
    }

    #[test]
    fn a_page_is_a_hundred_records_with_standard_loading_unless_asked() {
        assert_eq!(ask(&[], Release::New).unwrap(), Page { limit: 100, loading: Loading::Standard });
        assert_eq!(ask(&[("eager_loading", "full")], Release::New).unwrap().loading, Loading::Full);
        assert_eq!(ask(&[("eager_loading", "odd")], Release::Old).unwrap().loading, Loading::Standard);
        for wrong in ["0", "-1", "1001", "ten", "1; DROP TABLE lots", ""] {
            assert!(ask(&[("limit", wrong)], Release::New).is_err(), "{wrong}");
        }
        assert!(ask(&[("eager_loading", "odd")], Release::New).unwrap_err().contains("minimal, standard or full"));
    }

    #[test]
    fn only_the_new_release_says_the_zone() {
        let record = |value: Value| value.as_object().unwrap().clone();
        let mut naive = record(json!({"created_at": "2026-11-22 14:00:07", "completed_at": null, "at": "x y"}));
        let mut zoned = naive.clone();
        stamp(&mut naive, Release::Old);
        stamp(&mut zoned, Release::New);
        assert_eq!(naive, record(json!({"created_at": "2026-11-22T14:00:07", "completed_at": null, "at": "x y"})));
        assert_eq!(zoned["created_at"], "2026-11-22T14:00:07Z");
    }
}
