//! When a line of a log was written. Pure.
//!
//! Read are ISO 8601 and its relatives (`2026-11-26 18:30:36,123`, `2026/11/26 18:30:36`), the formats of Apache and nginx,
//! syslog old and new, seconds and milliseconds since 1970, and a field of a JSON line.

use crate::checklist::check::Zone;
use chrono::{DateTime, Datelike, Duration, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use regex::{Captures, Regex};
use serde_json::Value as Json;
use std::sync::LazyLock;

/// So much of a line is searched for its time; a JSON line is read whole.
const HEAD: usize = 400;
/// Where JSON lines keep their time, when the check does not say.
const FIELDS: [&str; 8] = ["time", "timestamp", "ts", "@timestamp", "asctime", "datetime", "date", "t"];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What a line says of its time, and what had to be assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub at: DateTime<Utc>,
    /// The line names no zone: UTC is assumed.
    pub zone_assumed: bool,
    /// The line names no zone, and is read in the one that is given.
    pub zone_given: bool,
    /// The line names no year: the latest one is assumed that does not lie ahead.
    pub year_assumed: bool,
}

/// The time of a line; `field` names where a JSON line keeps it, `now` shows which year a syslog line is of, `given` is the
/// zone of those that name none.
pub(crate) fn read(line: &[u8], field: Option<&str>, now: DateTime<Utc>, given: Option<Zone>) -> Option<Written> {
    let line = line.trim_ascii_start();
    if line.first() == Some(&b'{') {
        return in_json(line, field, given);
    }
    let text = String::from_utf8_lossy(line.get(..HEAD).unwrap_or(line));
    iso(&text, given)
        .or_else(|| access(&text, given))
        .or_else(|| syslog(&text, now, given))
        .or_else(|| apache_error(&text, given))
        .or_else(|| epoch(&text))
}

static SHAPES: LazyLock<[Option<Regex>; 5]> = LazyLock::new(|| {
    [
        r#"^(?:<\d{1,3}>\d{0,2} ?)?(?:[A-Za-z]{4,8}:? +)?[\["(]?(?P<y>\d{4})[-/](?P<mo>\d{2})[-/](?P<d>\d{2})[T ](?P<h>\d{2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?(?P<z>Z\b| ?(?:UTC|GMT)\b| ?[+-]\d{2}:?\d{2}\b|[+-]\d{2}\b)?"#,
        r"\[(?P<d>\d{2})/(?P<mo>[A-Za-z]{3})/(?P<y>\d{4}):(?P<h>\d{2}):(?P<mi>\d{2}):(?P<s>\d{2})(?: (?P<z>[+-]\d{4}))?\]",
        r"^(?:<\d{1,3}>)?(?P<mo>[A-Za-z]{3}) +(?P<d>\d{1,2}) (?P<h>\d{2}):(?P<mi>\d{2}):(?P<s>\d{2})(?:\.(?P<f>\d{1,9}))?\b",
        r"^\[(?:[A-Za-z]{3}) (?P<mo>[A-Za-z]{3}) +(?P<d>\d{1,2}) (?P<h>\d{2}):(?P<mi>\d{2}):(?P<s>\d{2})(?:\.(?P<f>\d{1,9}))? (?P<y>\d{4})\]",
        r#"^[\["(]?(?P<n>\d{10}(?:\d{3}){0,3})(?:[.,](?P<f>\d{1,9}))?(?:[^0-9.,]|$)"#,
    ]
    .map(|shape| Regex::new(shape).ok())
});

fn captures(shape: usize, text: &str) -> Option<Captures<'_>> {
    SHAPES.get(shape)?.as_ref()?.captures(text)
}

fn iso(text: &str, given: Option<Zone>) -> Option<Written> {
    let parts = captures(0, text)?;
    zoned(local(&parts, number(&parts, "y")?)?, parts.name("z").map(|zone| zone.as_str()), given)
}

fn access(text: &str, given: Option<Zone>) -> Option<Written> {
    let parts = captures(1, text)?;
    zoned(local(&parts, number(&parts, "y")?)?, parts.name("z").map(|zone| zone.as_str()), given)
}

fn syslog(text: &str, now: DateTime<Utc>, given: Option<Zone>) -> Option<Written> {
    let parts = captures(2, text)?;
    // A zone ahead of UTC and a clock that is a little off may both make it look like the future.
    let past = |year| zoned(local(&parts, year)?, None, given).filter(|written| written.at <= now + Duration::days(1));
    let written = past(now.year() + 1).or_else(|| past(now.year())).or_else(|| past(now.year() - 1))?;
    Some(Written { year_assumed: true, ..written })
}

fn apache_error(text: &str, given: Option<Zone>) -> Option<Written> {
    let parts = captures(3, text)?;
    zoned(local(&parts, number(&parts, "y")?)?, None, given)
}

fn epoch(text: &str) -> Option<Written> {
    let parts = captures(4, text)?;
    let whole = parts.name("n")?.as_str();
    let nanos = nanos_since(whole)? + if whole.len() == 10 { i64::from(fraction(&parts)) } else { 0 };
    let at = DateTime::from_timestamp_nanos(nanos);
    Some(Written { at, zone_assumed: false, zone_given: false, year_assumed: false })
}

/// Seconds, milli-, micro- or nanoseconds since 1970, by how many digits there are.
fn nanos_since(digits: &str) -> Option<i64> {
    let unit = match digits.len() {
        10 => 1_000_000_000,
        13 => 1_000_000,
        16 => 1_000,
        19 => 1,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(unit)
}

fn in_json(line: &[u8], field: Option<&str>, given: Option<Zone>) -> Option<Written> {
    let json: Json = serde_json::from_slice(line).ok()?;
    let value = match field {
        Some(field) if field.starts_with('/') => json.pointer(field),
        Some(field) => json.get(field),
        None => FIELDS.iter().find_map(|field| json.get(field)),
    }?;
    match value {
        Json::String(text) => iso(text, given).or_else(|| access(text, given)).or_else(|| epoch(text)),
        Json::Number(number) => epoch(&number.to_string()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

fn zoned(local: NaiveDateTime, zone: Option<&str>, given: Option<Zone>) -> Option<Written> {
    let at = match zone.map(str::trim) {
        None => within(local, given)?,
        Some("Z" | "UTC" | "GMT") => local.and_utc(),
        Some(offset) => offset_of(offset)?.from_local_datetime(&local).single()?.to_utc(),
    };
    let named = zone.is_some();
    let (zone_assumed, zone_given) = (!named && given.is_none(), !named && given.is_some());
    Some(Written { at, zone_assumed, zone_given, year_assumed: false })
}

/// A time in a zone. One that the clock showed twice is the later of both: nothing is taken for older than it may be.
fn within(local: NaiveDateTime, zone: Option<Zone>) -> Option<DateTime<Utc>> {
    match zone {
        None => Some(local.and_utc()),
        Some(Zone::East(minutes)) => {
            Some(FixedOffset::east_opt(minutes * 60)?.from_local_datetime(&local).single()?.to_utc())
        }
        Some(Zone::OfHost) => Local.from_local_datetime(&local).latest().map(|at| at.to_utc()),
    }
}

/// `+01:00`, `+0100` or `+01`.
fn offset_of(text: &str) -> Option<FixedOffset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..4).map_or(Some(0), |text| text.parse().ok())?;
    FixedOffset::east_opt(sign * (hours * 3_600 + minutes * 60))
}

fn local(parts: &Captures<'_>, year: i32) -> Option<NaiveDateTime> {
    let month = parts.name("mo")?.as_str();
    let month = match month.parse() {
        Ok(month) => month,
        Err(_) => u32::try_from(MONTHS.iter().position(|name| month.eq_ignore_ascii_case(name))? + 1).ok()?,
    };
    let part = |name| number::<u32>(parts, name);
    let date = NaiveDate::from_ymd_opt(year, month, part("d")?)?;
    let seconds = part("s").unwrap_or(0).min(59);
    Some(date.and_time(NaiveTime::from_hms_nano_opt(part("h")?, part("mi")?, seconds, fraction(parts))?))
}

fn number<N: std::str::FromStr>(parts: &Captures<'_>, name: &str) -> Option<N> {
    parts.name(name)?.as_str().parse().ok()
}

/// The digits after the point, as nanoseconds.
fn fraction(parts: &Captures<'_>) -> u32 {
    let digits = parts.name("f").map_or("", |digits| digits.as_str());
    format!("{digits:0<9}").get(..9).and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn written(line: &str, field: Option<&str>) -> Option<Written> {
        read(line.as_bytes(), field, at("2026-11-26T19:00:00Z"), None)
    }

    #[test]
    fn the_common_formats_are_read() {
        for line in [
            "2026-11-26T18:30:36Z INFO started",
            "2026-11-26T18:30:36+00:00 started",
            "2026-11-26T18:30:36+0000 started",
            "2026-11-26 19:30:36+01:00 started",
            "2026-11-26 19:30:36 +0100 started",
            "2026-11-26 19:30:36+01 started",
            "[2026-11-26T18:30:36Z] started",
            "[2026-11-26 18:30:36 +0000] [7] [INFO] Booting worker",
            "2026-11-26 18:30:36.000 UTC [71] LOG:  checkpoint",
            "INFO:     2026-11-26T18:30:36Z started",
            "<34>1 2026-11-26T18:30:36.000Z host app - - - started",
            r#"10.0.0.7 - ada [26/Nov/2026:18:30:36 +0000] "GET / HTTP/1.1" 200 2"#,
            r#"::1 - - [26/Nov/2026:13:30:36 -0500] "GET /[x] HTTP/1.1" 200 2"#,
            "1795717836 started",
            "1795717836.000 started",
            "[1795717836000] started",
            r#"{"time":"2026-11-26T18:30:36Z","msg":"started"}"#,
            r#"{"ts":1795717836.0,"msg":"started"}"#,
            r#"{"level":30,"time":1795717836000,"msg":"started"}"#,
        ] {
            let expected =
                Written { at: at("2026-11-26T18:30:36Z"), zone_assumed: false, zone_given: false, year_assumed: false };
            assert_eq!(written(line, None), Some(expected), "{line}");
        }
    }

    #[test]
    fn what_is_assumed_is_reported() {
        for line in [
            "2026-11-26 18:30:36,000 ERROR lost",
            "2026-11-26T18:30:36 lost",
            "2026/11/26 18:30:36 [error] 7#7: lost",
            "2026-11-26 18:30:36 -12 items are left",
            "[Thu Nov 26 18:30:36.000000 2026] [core:error] lost",
        ] {
            let expected =
                Written { at: at("2026-11-26T18:30:36Z"), zone_assumed: true, zone_given: false, year_assumed: false };
            assert_eq!(written(line, None), Some(expected), "{line}");
        }
        for (line, time) in [
            ("Nov 26 18:30:36 host app[7]: lost", "2026-11-26T18:30:36Z"),
            ("<13>Nov  6 18:30:36 host app: lost", "2026-11-06T18:30:36Z"),
            ("Dec 31 23:59:59 host app: lost", "2025-12-31T23:59:59Z"),
        ] {
            let expected = Written { at: at(time), zone_assumed: true, zone_given: false, year_assumed: true };
            assert_eq!(written(line, None), Some(expected), "{line}");
        }
    }

    #[test]
    fn a_zone_that_is_given_is_that_of_times_without_one_only() {
        let zone = Zone::parse("+09:00");
        let given = |line: &str| read(line.as_bytes(), None, at("2026-11-26T19:00:00Z"), zone).unwrap();
        for line in [
            "2026-11-27 03:30:36,000 ERROR lost",
            "Nov 27 03:30:36 host app[7]: lost",
            "[Fri Nov 27 03:30:36.000000 2026] [core:error] lost",
            r#"{"time":"2026-11-27 03:30:36","msg":"lost"}"#,
        ] {
            let written = given(line);
            assert_eq!(
                (written.at, written.zone_given, written.zone_assumed),
                (at("2026-11-26T18:30:36Z"), true, false),
                "{line}"
            );
        }
        for line in ["2026-11-26T18:30:36Z lost", "2026-11-26 19:30:36 +0100 lost", "1795717836 lost"] {
            let written = given(line);
            assert_eq!((written.at, written.zone_given), (at("2026-11-26T18:30:36Z"), false), "{line}");
        }
        // A year that only this zone reaches: UTC has not come so far.
        let new_year = read(b"Jan  1 03:00:00 host x", None, at("2026-12-31T18:30:00Z"), zone).unwrap();
        assert_eq!(new_year.at, at("2026-12-31T18:00:00Z"));
    }

    #[test]
    fn fractions_and_named_fields() {
        assert_eq!(written("2026-11-26 18:30:36,125 x", None).unwrap().at, at("2026-11-26T18:30:36.125Z"));
        assert_eq!(written("1795717836123 x", None).unwrap().at, at("2026-11-26T18:30:36.123Z"));
        let line = r#"{"time":"2020-01-01T00:00:00Z","when":{"at":"2026-11-26T18:30:36Z"}}"#;
        assert_eq!(written(line, Some("/when/at")).unwrap().at, at("2026-11-26T18:30:36Z"));
        assert_eq!(written(line, Some("nothing")), None);
    }

    #[test]
    fn what_is_no_time_is_none() {
        for line in [
            "",
            "ERROR",
            "  File \"x.py\", line 7",
            "12345 x",
            "20261126 x",
            "2026-13-26 18:30:36 x",
            "Foo 26 18:30:36 x",
            "123456789012 x",
            "{\"time\":\"soon\"}",
            "{",
            "10.0.0.7 - - nothing",
            "2026-11-26",
        ] {
            assert_eq!(written(line, None), None, "{line}");
        }
    }
}
