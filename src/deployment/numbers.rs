//! Numbers and times as people read them.

use crate::checklist::target::Bound;
use crate::deployment::measurement::{Number, beside};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// A clock that counts: `00:12`, `1:02:03`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes:02}:{seconds:02}") }
}

/// A length of time that is over: `350 ms`, `18.2 s`, `2 min 03 s`, `1 h 02 min`.
pub(crate) fn took(millis: u64) -> String {
    let seconds = millis / 1_000;
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", seconds, millis % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
    }
}

/// A number with its unit: bytes in the largest fitting unit, long whole numbers in groups of three.
pub(crate) fn quantity(value: f64, unit: &str) -> String {
    if !value.is_finite() {
        return "no number".to_owned();
    }
    if matches!(unit, "bytes" | "B") {
        return bytes(value);
    }
    if unit == "ms" && value >= 1_000.0 {
        return format!("{} s", rounded(value / 1_000.0));
    }
    let number = grouped(&rounded(value));
    match unit {
        "" => number,
        _ if number == "1" => format!("1 {}", singular(unit)),
        _ => format!("{number} {unit}"),
    }
}

/// A unit that is an English word in the plural, for one of it: `query` of `queries`.
fn singular(unit: &str) -> String {
    let is_plural = unit.len() > 3 && unit.bytes().all(|b| b.is_ascii_lowercase()) && unit.ends_with('s');
    if !is_plural || unit.ends_with("ss") || unit.ends_with("us") {
        return unit.to_owned();
    }
    unit.strip_suffix("ies").map_or_else(|| unit.trim_end_matches('s').to_owned(), |stem| format!("{stem}y"))
}

/// A number with its unit beside the bound it is compared with: where rounding would make the comparison read false, it has
/// as many digits as it takes, in the unit of the bound.
pub(crate) fn quantity_beside(value: f64, unit: &str, bound: Option<Bound>) -> String {
    let plain = quantity(value, unit);
    let Some(bound) = bound.filter(|_| value.is_finite()) else { return plain };
    let mark = bound.number();
    let (number, suffix) = plain.split_once(' ').unwrap_or((&plain, ""));
    let scale = match (unit, suffix) {
        ("bytes" | "B", "kB") | ("ms", "s") => 1e3,
        ("bytes" | "B", "MB") => 1e6,
        ("bytes" | "B", "GB") => 1e9,
        ("bytes" | "B", "TB") => 1e12,
        _ => 1.0,
    };
    // Whole numbers that are scaled stand on the mark when they say the same as the mark does.
    let shown = number.replace(',', "").parse::<f64>().map(|number| number * scale);
    let as_mark = plain == quantity(mark, unit);
    let is_true = shown.is_ok_and(|shown| shown.partial_cmp(&mark) == value.partial_cmp(&mark));
    if is_true || (as_mark && value.partial_cmp(&mark) == Some(std::cmp::Ordering::Equal)) {
        return plain;
    }
    let number = beside(value, bound);
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

/// A length of time in seconds, in one decimal where that says something: `12.3 s`, `0.04 s`.
pub(crate) fn seconds(value: f64) -> String {
    if value >= 0.05 { format!("{value:.1} s") } else { format!("{} s", Number(value)) }
}

/// Three digits that matter are enough on a screen.
fn rounded(value: f64) -> String {
    let size = value.abs();
    if (1.0..10.0).contains(&size) && value.fract() != 0.0 {
        return format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    if (10.0..1_000.0).contains(&size) && value.fract() != 0.0 {
        return format!("{value:.1}").trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    Number(value).to_string()
}

fn bytes(value: f64) -> String {
    let mut value = value;
    for unit in ["B", "kB", "MB", "GB", "TB"] {
        if value.abs() < 1_000.0 || unit == "TB" {
            return if unit == "B" { format!("{value:.0} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1_000.0;
    }
    String::new()
}

/// `360000` as `360,000`.
pub(crate) fn grouped(number: &str) -> String {
    let digits = number.trim_start_matches('-');
    if digits.len() < 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if number.starts_with('-') { format!("-{grouped}") } else { grouped }
}

pub(crate) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// Percent of something that still goes on: never 100.
pub(crate) fn percent(share: f64) -> u32 {
    let percent = (share.clamp(0.0, 1.0) * 100.0).floor();
    (0..=99).rev().find(|step| f64::from(*step) <= percent).unwrap_or(0)
}

/// How long ago: `12 s`, `5 min`, `3 h`, `2 d`.
pub(crate) fn age(now: DateTime<Utc>, then: DateTime<Utc>) -> String {
    let seconds = (now - then).max(TimeDelta::zero()).num_seconds();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Time of day, UTC.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%S").to_string()
}

pub(crate) fn date_time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        assert_eq!(clock(Duration::from_secs(12)), "00:12");
        assert_eq!(clock(Duration::from_secs(3_723)), "1:02:03");
        assert_eq!(took(350), "350 ms");
        assert_eq!(took(18_204), "18.2 s");
        assert_eq!(took(123_000), "2 min 03 s");
        assert_eq!(took(3_720_000), "1 h 02 min");
    }

    #[test]
    fn quantities_keep_three_digits_that_matter() {
        assert_eq!(quantity(182.37, "ms"), "182.4 ms");
        assert_eq!(quantity(12.34, "ms"), "12.3 ms");
        assert_eq!(quantity(2.516, "s"), "2.52 s");
        assert_eq!(quantity(201.0, "queries"), "201 queries");
        assert_eq!(quantity(1.0, "queries"), "1 query");
        assert_eq!(quantity(1.0, "connections"), "1 connection");
        assert_eq!(quantity(1.0, "queries/s"), "1 queries/s");
        assert_eq!(quantity(1.0, "status"), "1 status");
        assert_eq!(quantity(360_000.0, "rows"), "360,000 rows");
        assert_eq!(quantity(45_234_176.0, "bytes"), "45.2 MB");
        assert_eq!(quantity(f64::NAN, "ms"), "no number");
        assert_eq!(quantity(18_204.0, "ms"), "18.2 s");
    }

    #[test]
    fn a_quantity_beside_its_bound_reads_as_it_compares() {
        let of = |value: f64, unit: &str, bound: Bound| quantity_beside(value, unit, Some(bound));
        assert_eq!(of(199.96, "ms", Bound::Below(200.0)), "199.96 ms");
        assert_eq!(of(182.37, "ms", Bound::Below(200.0)), "182.4 ms");
        assert_eq!(of(2_000.4, "ms", Bound::AtMost(2_000.0)), "2000.4 ms");
        assert_eq!(of(18_204.0, "ms", Bound::AtMost(20_000.0)), "18.2 s");
        assert_eq!(of(1_073_741_825.0, "bytes", Bound::AtMost(1_073_741_824.0)), "1.1 GB");
        assert_eq!(of(1_073_741_824.0, "bytes", Bound::AtMost(1_073_741_824.0)), "1.1 GB");
        assert_eq!(of(999_960_000.0, "bytes", Bound::Below(1e9)), "999960000 bytes");
        assert_eq!(of(99.96, "%", Bound::AtLeast(100.0)), "99.96 %");
        assert_eq!(of(360_000.0, "rows", Bound::AtLeast(1.0)), "360,000 rows");
        assert_eq!([seconds(0.04), seconds(0.06), seconds(12.34)], ["0.04 s", "0.1 s", "12.3 s"]);
    }

    #[test]
    fn what_runs_is_never_complete() {
        assert_eq!(percent(0.999), 99);
        assert_eq!(percent(1.0), 99);
        assert_eq!(percent(0.679), 67);
        assert_eq!(percent(-1.0), 0);
        assert_eq!(percent(f64::NAN), 0);
    }
}
