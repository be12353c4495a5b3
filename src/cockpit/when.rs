//! Moments as people type them.

use crate::checklist::offset::Span;
use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta, Utc};

const LONG: [&str; 4] = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
const SHORT: [&str; 2] = ["%H:%M", "%H:%M:%S"];

/// Why a text is no moment, with how one is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotAMoment {
    #[error("`{0}` is no time; write 02:00, tomorrow 02:00, 2026-11-23 02:00 (all UTC) or +30m")]
    Unread(String),
    #[error("{0}")]
    Length(String),
}

/// Reads `2026-11-23 02:00`, `02:00` (the next one from `from` on), `tomorrow 02:00`, `+30m` (from `from` on) and `now`. Times are UTC and
/// nothing else: the night in which clocks are set is a night for deployments too.
pub(crate) fn parse(text: &str, from: DateTime<Utc>) -> Result<DateTime<Utc>, NotAMoment> {
    let refuse = || NotAMoment::Unread(text.trim().to_owned());
    // Nobody plans fractions of a second.
    let from = from.trunc_subsecs(0);
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Ok(from);
    }
    if let Some(span) = text.strip_prefix('+') {
        let span = Span::parse(span).map_err(|why| NotAMoment::Length(why.to_string()))?;
        let span = TimeDelta::from_std(span.duration()).map_err(|_| refuse())?;
        return from.checked_add_signed(span).ok_or_else(refuse);
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    let day = text.split_once(' ').and_then(|(day, time)| {
        let days = [("today", 0), ("tomorrow", 1)].into_iter().find(|(word, _)| day.eq_ignore_ascii_case(word))?.1;
        Some((days, time.trim()))
    });
    if let Some((days, time)) = day {
        let time = time.strip_suffix(['Z', 'z']).unwrap_or(time);
        let time = SHORT.iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok()).ok_or_else(refuse)?;
        let date = from.date_naive().checked_add_days(Days::new(days)).ok_or_else(refuse)?;
        return Ok(date.and_time(time).and_utc());
    }
    let plain = match text.rsplit_once(' ') {
        Some((plain, word)) if word.eq_ignore_ascii_case("utc") => plain.trim_end(),
        _ => text.strip_suffix(['Z', 'z']).unwrap_or(text),
    };
    let long = LONG.iter().find_map(|form| NaiveDateTime::parse_from_str(plain, form).ok());
    if let Some(at) = long {
        return Ok(at.and_utc());
    }
    let time = SHORT.iter().find_map(|form| NaiveTime::parse_from_str(plain, form).ok()).ok_or_else(refuse)?;
    let today = from.date_naive().and_time(time).and_utc();
    if today >= from {
        return Ok(today);
    }
    today.checked_add_signed(TimeDelta::days(1)).ok_or_else(refuse)
}

/// As the form writes it: `2026-11-23 02:00`, with seconds where there are any.
pub(crate) fn text(at: DateTime<Utc>) -> String {
    let form = if at.timestamp() % 60 == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
    at.format(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn moments_read_as_people_type_them() {
        let now = at("2026-11-22T23:10:30Z");
        let read = |text: &str| parse(text, now);
        assert_eq!(read("now"), Ok(now));
        assert_eq!(read("+30m"), Ok(at("2026-11-22T23:40:30Z")));
        assert_eq!(read("23:30"), Ok(at("2026-11-22T23:30:00Z")));
        assert_eq!(read(" 02:00 "), Ok(at("2026-11-23T02:00:00Z")));
        assert_eq!(read("02:00 UTC"), read("02:00"));
        assert_eq!(read("tomorrow 23:30"), Ok(at("2026-11-23T23:30:00Z")));
        assert_eq!(read("Today 23:30Z"), Ok(at("2026-11-22T23:30:00Z")));
        assert_eq!(read("2026-12-01T02:00:00+01:00"), Ok(at("2026-12-01T01:00:00Z")));
        assert_eq!(read("2026-12-01 02:00:05"), Ok(at("2026-12-01T02:00:05Z")));
        assert_eq!(read("2026-12-01T02:00Z"), Ok(at("2026-12-01T02:00:00Z")));
        for wrong in ["", "2", "25:00", "2026-13-01 02:00", "+soon", "tomorrow", "02:00 CET", "+99999999999d"] {
            assert!(read(wrong).is_err(), "{wrong} was accepted");
        }
    }

    #[test]
    fn what_the_form_writes_reads_back() {
        let now = at("2026-11-22T00:00:00Z");
        for moment in [at("2026-11-23T02:00:00Z"), at("2026-11-23T02:00:07Z")] {
            assert_eq!(parse(&text(moment), now), Ok(moment));
        }
    }
}
