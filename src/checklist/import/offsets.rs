//! T-offsets in titles: `(T-10 minutes)`, `T+5`, `T−24h to T−0`.

use crate::checklist::offset::Offset;
use regex::Regex;
use std::sync::LazyLock;

/// Words for units, by their beginnings. Any other word leaves an offset to be read by people.
const UNIT: &str = r"w(?:eeks?)?|d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?|wochen?|tagen?|tage|stunden?|std|minuten?|sekunden?|semaines?|jours?|heures?|secondes?|semanas?|d[ií]as?|horas?|minutos?|segundos?|недел\p{L}*|дн\p{L}*|день|час\p{L}*|ч|мин\p{L}*|сек\p{L}*|周|週|天|日|小时|小時|時間|时|分钟|分鐘|分|秒|주|일|시간|분|초";

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?ix) (?:^|[^\p{{L}}\p{{N}}_]) t \s? ([-−–+]) \s?
        (?: (\d{{1,3}}):(\d{{2}})(?::(\d{{2}}))? | (\d{{1,6}}(?:\.\d+)?) [\s-]? ({UNIT})? ) (?P<end>[^\p{{L}}\p{{N}}_]|$)"
    ))
    .ok()
});

/// The end of a range, whose unit is that of its beginning too: `T-5 to T-1 days`.
static RANGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?ix) ^\s* (?: to | till | until | through | bis | a | à | до | [-–—~/] | \.\. ) \s* (?:t\s?)? [-−–+]? \s? (\d{{1,6}}(?:\.\d+)?)
        [\s-]? ({UNIT})? (?:[^\p{{L}}\p{{N}}_]|$)"
    ))
    .ok()
});

/// Words behind a number that make it something else than minutes.
static OTHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = "business|working|work|calendar|week-?days?|months?|years?|quarters?|sprints?|nights?|fortnights?";
    Regex::new(&format!(r"(?i)^\s*-?(?:(?:{words})\b|[\p{{L}}&&[^\p{{ASCII}}]]|\.\d)")).ok()
});

/// The first offset that a title names. A number without a unit is minutes; `T-1:30` is an hour and a half. An offset
/// in a unit that is not known is none.
#[must_use]
pub fn find(title: &str) -> Option<Offset> {
    if !title.contains(['T', 't', 'Ｔ', 'ｔ']) || !title.contains(['-', '−', '–', '+', '－', '＋']) {
        return None;
    }
    let title = narrow(title);
    let captures = SHAPE.as_ref()?.captures(&title)?;
    let group = |number: usize| captures.get(number).map(|found| found.as_str());
    let whole = |number: usize| group(number).map_or(Some(0), |digits| digits.parse::<i64>().ok());
    let millis = if group(2).is_some() {
        (whole(2)? * 3_600 + whole(3)? * 60 + whole(4)?) * 1_000
    } else {
        let number: f64 = group(5)?.parse().ok()?;
        let after = &title[captures.name("end")?.start()..];
        let unit = match group(6) {
            Some(unit) => Some(unit.to_owned()),
            None if OTHER.as_ref()?.is_match(after) => return None,
            None => match RANGE.as_ref()?.captures(after) {
                Some(range) => {
                    let end = range.get(2).or_else(|| range.get(1))?.end();
                    if range.get(2).is_none() && OTHER.as_ref()?.is_match(&after[end..]) {
                        return None;
                    }
                    range.get(2).map(|unit| unit.as_str().to_owned())
                }
                None => None,
            },
        };
        whole_millis(number * scale(unit.as_deref().unwrap_or("m"))?)?
    };
    Some(Offset::from_millis(if group(1) == Some("+") { millis } else { -millis }))
}

/// Full-width characters as their narrow ones.
fn narrow(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    };
    text.chars().map(narrow).collect()
}

/// Milliseconds of a unit.
fn scale(unit: &str) -> Option<f64> {
    let unit = unit.to_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| unit.starts_with(word));
    if starts(&["week", "woche", "sema", "недел", "周", "週", "주"]) || unit == "w" {
        Some(604_800_000.0)
    } else if starts(&["d", "tag", "jour", "дн", "ден", "天", "日", "일"]) {
        Some(86_400_000.0)
    } else if starts(&["h", "st", "час", "ч", "小", "時", "时", "시"]) {
        Some(3_600_000.0)
    } else if starts(&["m", "мин", "分", "분"]) {
        Some(60_000.0)
    } else if starts(&["s", "сек", "秒", "초"]) {
        Some(1_000.0)
    } else {
        None
    }
}

/// `Hour 4`, `Day 3`: a time counted from something that only people know; none of the headings above says it better.
#[must_use]
pub fn counts_for_itself(title: &str) -> bool {
    let mut words = title.split_whitespace();
    let unit = words.next().unwrap_or_default().to_lowercase();
    let number = words.next().unwrap_or_default().trim_end_matches([':', '.', ')']);
    let known = ["minute", "hour", "day", "week", "month", "stunde", "tag", "woche", "jour", "heure", "hora", "día"];
    known.contains(&unit.trim_end_matches('s')) && number.starts_with(|c: char| c.is_ascii_digit())
}

/// No window is planned a century ahead.
fn whole_millis(millis: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the number was just held against a century")]
    (millis.is_finite() && millis.abs() < 3.1e12).then_some(millis.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_found_in_titles() {
        for (title, wanted) in [
            ("Step 1: Pre-Deployment (T-10 minutes)", Some(-600_000)),
            ("T+0", Some(0)),
            ("Step 2 (T+1 minute)", Some(60_000)),
            ("T+5", Some(300_000)),
            ("0. Pre-flight (T−24h to T−0)", Some(-86_400_000)),
            ("T-1 Week", Some(-604_800_000)),
            ("T-24 Hours: Final Validation", Some(-86_400_000)),
            ("T+00:05", Some(300_000)),
            ("T-1:30:00", Some(-5_400_000)),
            ("T-shirt sizes", None),
            ("AT-10 connector", None),
            ("Test-1", None),
            ("T-999999 weeks", None),
            ("Ready (T-6 to T-2 days)", Some(-518_400_000)),
            ("T-3–1 hours", Some(-10_800_000)),
            ("T+2 Hours to T+48 Hours", Some(7_200_000)),
            ("检查（T-12小时）", Some(-43_200_000)),
            ("Ｔ－３０分", Some(-1_800_000)),
            ("T-2 Tage", Some(-172_800_000)),
            ("T-3 months", None),
            ("T-2 business days", None),
            ("T-4 to T-2 months", None),
            ("T-5 суток", None),
            ("T+5 Freeze writes", Some(300_000)),
        ] {
            assert_eq!(find(title).map(Offset::millis), wanted, "{title}");
        }
    }
}
