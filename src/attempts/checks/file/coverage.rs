//! Whether a log still holds all that was written since a moment: it may have been rotated, emptied or begun anew.

use super::super::account::Trouble;
use super::beat::Beat;
use super::search::Search;
use super::{SAME_ZONE, SLACK, remembered};
use crate::grown::Print;
use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use std::path::{Path, PathBuf};

const COMPRESSED: [&str; 5] = [".gz", ".xz", ".bz2", ".zst", ".Z"];
/// Zones lie a quarter of an hour apart at least, and no further from UTC than this.
const QUARTER: i64 = 15 * 60;
const FURTHEST: i64 = 14 * 3_600;

/// What was rotated away since then.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// Rotated parts that were not read, and why.
    unread: Vec<String>,
}

/// Searches what was rotated away since then, the oldest first.
///
/// # Errors
/// When the search is to end.
pub(super) fn search_rotated(
    path: &Path,
    since: DateTime<Utc>,
    print: Option<&Print>,
    search: &mut Search,
    beat: &Beat,
) -> Result<Coverage, Trouble> {
    let mut coverage = Coverage::default();
    for (part, name) in rotated(path, since) {
        if COMPRESSED.iter().any(|ending| name.ends_with(ending)) {
            coverage.unread.push(format!("{name} is compressed"));
            continue;
        }
        let before = search.unreadable;
        search.single(&part, &name, old(print, &part), beat)?;
        if std::mem::replace(&mut search.unreadable, before) > before {
            coverage.unread.push(format!("{name} cannot be read"));
        } else {
            beat.say(format!("searched {name} too, which was rotated since then"));
        }
    }
    Ok(coverage)
}

/// How much of a file was in it when the step began, where it is the log of then: an empty one shows nothing.
pub(super) fn old(print: Option<&Print>, path: &Path) -> Option<u64> {
    let print = print.filter(|print| print.length() > 0)?;
    remembered::is_in(print, path).then(|| print.length())
}

/// The files beside a log that it was rotated into and that were written to since then, the oldest first.
fn rotated(path: &Path, since: DateTime<Utc>) -> Vec<(PathBuf, String)> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let mut parts: Vec<(DateTime<Utc>, PathBuf, String)> = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(other) = entry.file_name().into_string() else { continue };
        let Ok(about) = entry.metadata() else { continue };
        let changed = about.modified().map(DateTime::<Utc>::from);
        if let Ok(changed) = changed
            && about.is_file()
            && is_part_of(&other, name)
            && changed >= since - SLACK
        {
            parts.push((changed, entry.path(), other));
        }
    }
    parts.sort();
    parts.into_iter().map(|(_, path, name)| (path, name)).collect()
}

/// `app.log.1`, `app.log-20261127.gz`, `app.log.2026-11-27`, `app-20261127.log`, `app.1.log`, `app.log.old`.
fn is_part_of(other: &str, name: &str) -> bool {
    let begins = |rest: &str| {
        let rest = rest.strip_prefix(['.', '-', '_']);
        rest.is_some_and(|rest| {
            rest.starts_with(|c: char| c.is_ascii_digit()) || ["old", "bak", "prev"].contains(&rest)
        })
    };
    if let Some(rest) = other.strip_prefix(name) {
        return begins(rest);
    }
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let bare = COMPRESSED.iter().find_map(|compressed| other.strip_suffix(compressed)).unwrap_or(other);
    let middle = bare.strip_prefix(stem).and_then(|rest| rest.strip_suffix(ending)?.strip_suffix('.'));
    middle.is_some_and(begins)
}

impl Coverage {
    /// Why some of what was written since then may not be there any more; `changed` is when the file was written to last.
    pub(super) fn gap(
        &self,
        search: &Search,
        changed: Option<DateTime<Utc>>,
        since: DateTime<Utc>,
        title: &str,
        is_grown: bool,
    ) -> Option<String> {
        if !self.unread.is_empty() {
            let parts = self.unread.join(", ");
            return Some(format!("not all that was written since {title} began was read: {parts}"));
        }
        if is_grown {
            return None;
        }
        // Times without a zone are of the one that the last line shows, which was written when the file was.
        let shift = search.last.zip(changed).filter(|_| search.times.zone_assumed).map_or(TimeDelta::zero(), shift);
        let first = search.first? - shift;
        let begins_after = first > since.with_nanosecond(0).unwrap_or(since) + TimeDelta::seconds(1);
        begins_after.then(|| {
            format!(
                "the log begins at {}, after {title} began at {}: what was written between is not in it, if it was \
                 rotated or emptied",
                first.format("%Y-%m-%d %H:%M:%S UTC"),
                since.format("%H:%M:%S UTC")
            )
        })
    }
}

/// Why some of what was written since then may not be there: the log is not the one that was there then, grown, nor was
/// that one rotated. One that begins when the step did was begun anew by it, and holds all.
pub(super) fn written_over(
    path: &Path,
    print: &Print,
    search: &Search,
    since: DateTime<Utc>,
    title: &str,
) -> Option<String> {
    let began_then = search.first.is_some_and(|first| (first - since).abs() <= TimeDelta::seconds(1));
    let parts = || rotated(path, DateTime::<Utc>::MIN_UTC + SLACK).into_iter().map(|(part, _)| part);
    if began_then || std::iter::once(path.to_owned()).chain(parts()).any(|part| remembered::is_in(print, &part)) {
        return None;
    }
    Some(format!(
        "the log was emptied or written over since {title} began: what it held then is no longer in it, so what was \
         written between may be gone too"
    ))
}

/// How far the zone of a log lies from UTC.
fn shift((last, changed): (DateTime<Utc>, DateTime<Utc>)) -> TimeDelta {
    let apart = (last - changed).num_seconds();
    let zone = (apart + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
    let close = (apart - zone).abs() < SAME_ZONE.num_seconds() && zone.abs() <= FURTHEST;
    if close { TimeDelta::seconds(zone) } else { TimeDelta::zero() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotated_parts_are_known_by_their_names() {
        for other in [
            "app.log.1",
            "app.log.1.gz",
            "app.log-20261127",
            "app.log.2026-11-27",
            "app-20261127.log",
            "app-20261127.log.gz",
            "app.1.log",
            "app.log.old",
        ] {
            assert!(is_part_of(other, "app.log"), "{other}");
        }
        for other in ["app.log", "app.log.txt", "apple.log", "app-new.log", "other.log.1", "app.logger.1"] {
            assert!(!is_part_of(other, "app.log"), "{other}");
        }
    }

    #[test]
    fn the_zone_of_a_log_is_what_its_last_line_shows() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let reported = |last, changed| shift((at(last), at(changed))).num_minutes();
        assert_eq!(reported("2026-11-27T19:30:03Z", "2026-11-27T18:30:04Z"), 60);
        assert_eq!(reported("2026-11-27T13:00:00Z", "2026-11-27T18:30:04Z"), -330);
        assert_eq!(reported("2026-11-27T18:30:00Z", "2026-11-27T18:30:00Z"), 0);
    }
}
