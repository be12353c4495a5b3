//! T-offsets in titles: `(T-10 minutes)`, `T+5`, `T−24h to T−0`.

use crate::checklist::offset::Offset;
use regex::Regex;
use std::sync::LazyLock;

/// Words for units. Any other word leaves an offset to be read by people.
const UNIT: &str = concat!(
    r"w(?:eeks?)?|d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?|wochen?|tag(?:en?)?|stunden?|std|minuten?|sekunden?",
    r"|semaines?|j(?:ours?)?|heures?|secondes?|semanas?|d[ií]as?|horas?|minutos?|segundos?|ore|ora|minut[oi]|giorn[oi]|settiman[ae]|secondi",
    r"|dagen|dag|uren|uur|weken|dni|dzień|godz\p{L}*|minut\p{L}*|tygodni\p{L}*|dagar|timmar|timer|gün|saat|dakika|hafta",
    r"|недел\p{L}*|дн\p{L}*|день|час\p{L}*|ч|мин\p{L}*|сек\p{L}*|周|週間?|天|日間?|小时|小時|時間|时|分钟|分鐘|分|秒|주|일|시간|분|초",
);

/// What stands before the number of an offset.
static PREFIX: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?:^|[^\p{L}\p{N}_])t\s?(?:([-−–‐‑+])|(minus|plus)\s)\s?").ok());

static CLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(\d{1,3}):(\d{2})(?::(\d{2}))?(?:\s?(?:h|hrs?|hours?)\b|[^\p{L}\p{N}_:]|:?\s|:?$)").ok()
});

/// A number and its unit; what a language adds to say before or after is no part of it.
static QUANTITY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?ix)^ (\d{{1,6}}(?:[.,]\d+)?) (?: [\s-]? ({UNIT}) (?:前|後|后|전|후)? (?P<end>[^\p{{L}}_]|$) )?"
    ))
    .ok()
});

/// What joins the beginning of a range or list to the next part, whose unit is that of its beginning too: `T-5 to T-1 days`.
static NEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?ix) ^(?P<joint> \s* (?: to | till | until | through | bis (?:\s+ zu)? | a | à | до | and | und | or | oder | et ",
        r"| [-–—~〜/,&→] | \.{2,3} | … ) \s* ) (?P<sign> (?:t\s?)? [-−–+]? \s? ) (?P<end>\d)",
    ))
    .ok()
});

/// What joins the parts of one length of time: `1 hour and 30 minutes`.
static PLUS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^[\s,]*(?:(?:and|und|et|y|e|i)\s|[&+])?\s*(?P<end>\d)").ok());

/// Words in capitals behind a number that is no time, and things that are counted.
const COUNTS: &str = "mb|gb|tb|kb|mib|gib|mhz|ghz|uhr|am|pm|tickets|users|hosts|nodes|pods|servers|items|issues|bugs|errors|rows|tables|q";

/// Words behind a number that make it something else than minutes.
static OTHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = "business|working|work|calendar|week-?days?|months?|monate?n?|werktagen?|werktage?|arbeitstagen?|arbeitstage?\
                 |quartale?|jahre?n?|years?|quarters?|sprints?|nights?|fortnights?";
    Regex::new(&format!(r"(?i)^\s*-?(?:(?:{words})\b|[\p{{L}}&&[^\p{{ASCII}}]]|\.\d)")).ok()
});

/// The first offset that a title names. A number without a unit is minutes; `T-1:30` is an hour and a half. An offset
/// in a unit that is not known is none.
pub(super) fn find(title: &str) -> Option<Offset> {
    let may = |c: char| matches!(c, 'T' | 't' | 'Ｔ' | 'ｔ');
    if !title.contains(may) {
        return None;
    }
    let title = narrow(title);
    for prefix in PREFIX.as_ref()?.captures_iter(&title) {
        let rest = &title[prefix.get(0)?.end()..];
        if !rest.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let sign = prefix.get(1).or_else(|| prefix.get(2))?.as_str().to_lowercase();
        let millis = read(rest)?;
        return Some(Offset::from_millis(if matches!(sign.as_str(), "+" | "plus") { millis } else { -millis }));
    }
    None
}

/// The offset of an item: its title begins with one, or has one in brackets or at its end behind a dash. One in the middle
/// of a sentence reports something else.
pub(super) fn of_item(title: &str) -> Option<Offset> {
    let begins = |text: &str| {
        let narrow = narrow(text);
        let prefix = PREFIX.as_ref()?.find(&narrow)?;
        (prefix.start() == 0).then(|| find(text)).flatten()
    };
    if let Some(offset) = begins(title.trim_start_matches(['*', '_', ' '])) {
        return Some(offset);
    }
    let bracketed = title.char_indices().filter(|(_, c)| matches!(c, '(' | '[' | '（' | '【'));
    let inside = bracketed.filter_map(|(at, c)| {
        let inside = &title[at + c.len_utf8()..];
        let end = inside.find([')', ']', '）', '】'])?;
        begins(inside[..end].trim())
    });
    let behind = || {
        let (_, last) = title.rsplit_once([',', '—', '–', '@', '·']).or_else(|| title.rsplit_once(" - "))?;
        begins(last.trim()).filter(|_| last.split_whitespace().count() <= 3)
    };
    inside.into_iter().next().or_else(behind)
}

/// The length of time that a text begins with, in milliseconds.
fn read(text: &str) -> Option<i64> {
    if let Some(clock) = CLOCK.as_ref()?.captures(text) {
        let field = |number: usize| clock.get(number).map_or(Some(0), |digits| digits.as_str().parse::<i64>().ok());
        return Some((field(1)? * 3_600 + field(2)? * 60 + field(3)?) * 1_000);
    }
    let (number, unit, mut after) = quantity(text)?;
    let Some(mut last) = unit else { return whole_millis(number * scale_behind(number, after)?) };
    let mut millis = number * last;
    // `1h30m`, `1 day 12 hours`, `1 hour and 30 minutes`, `2h 30`.
    while let Some(at) = PLUS.as_ref()?.captures(after).and_then(|plus| plus.name("end")).map(|end| end.start())
        && let Some((more, unit, behind)) = quantity(&after[at..])
    {
        let closed = behind.trim_start().chars().next().is_none_or(|c| matches!(c, ')' | ']' | ':' | ',' | '.'));
        let bare = (at == 0 || closed) && (MINUTE..=HOUR).contains(&last) && last > MINUTE;
        let Some(unit) = unit.or(bare.then_some(MINUTE)).filter(|unit| *unit < last) else { break };
        millis += more * unit;
        (last, after) = (unit, behind);
    }
    whole_millis(millis)
}

/// The milliseconds that a number without a unit of its own counts: minutes, or the unit at the end of its range, list or
/// behind it in brackets. None where something else may be meant.
fn scale_behind(number: f64, after: &str) -> Option<f64> {
    if let Some(next) = NEXT.as_ref()?.captures(after) {
        let (joint, sign) = (next.name("joint")?.as_str(), next.name("sign")?.as_str());
        let named = sign.to_lowercase().starts_with('t');
        // `3/4 h` is a part of an hour, and `5, 3 of them` no list of times.
        if !named && (joint == "/" || joint.trim().chars().any(|c| matches!(c, ',' | '&')) || joint.trim() == "and") {
            return None;
        }
        let (_, unit, behind) = quantity(&after[next.name("end")?.start()..])?;
        return unit.map_or_else(|| scale_behind(number, behind), Some);
    }
    let rest = after.trim_start();
    let version = after.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if rest.starts_with(['%', '€', '$', '°', '×', '#', '½', '¼', '¾']) || number >= 1_000.0 || version {
        return None;
    }
    if let Some(inside) = rest.strip_prefix(['(', '[']) {
        let unit: String = inside.chars().take_while(|c| c.is_alphabetic()).collect();
        let whole = inside[unit.len()..].starts_with([')', ']', '.']);
        let known = quantity(&format!("1 {unit}")).and_then(|(_, scale, _)| scale).filter(|_| whole);
        let other = OTHER.as_ref().is_some_and(|other| other.is_match(&unit));
        return known.or((!other && !whole).then_some(MINUTE));
    }
    let between: String = rest.chars().take_while(|c| !c.is_alphanumeric()).collect();
    let word: String = rest[between.len()..].chars().take_while(|c| c.is_alphanumeric()).collect();
    let behind = &rest[between.len() + word.len()..];
    let Some(first) = word.chars().next() else { return Some(MINUTE) };
    let (closed, parted) = (between.contains([')', ']']), !between.trim().is_empty());
    let unit = quantity(&format!("1 {word}")).is_some_and(|(_, unit, _)| unit.is_some());
    let other = OTHER.as_ref().is_some_and(|other| other.is_match(&word));
    let counted = COUNTS.split('|').any(|count| count == word.to_lowercase());
    let short = word.chars().count() == 1 || (word.chars().count() <= 4 && behind.starts_with('.'));
    let reported = if closed {
        true
    } else if unit || other || counted || (!parted && short) {
        false
    } else if parted {
        true
    } else {
        // What begins with a capital is what to do; any other word may be a unit that is not known.
        JOINING.contains(&word.as_str()) || (first.is_ascii() && first.is_uppercase())
    };
    reported.then_some(MINUTE)
}

const JOINING: [&str; 13] =
    ["to", "till", "until", "through", "bis", "and", "before", "after", "or", "from", "on", "in", "at"];
const HOUR: f64 = 3_600_000.0;
const MINUTE: f64 = 60_000.0;

/// A number, the milliseconds of its unit, and what follows.
fn quantity(text: &str) -> Option<(f64, Option<f64>, &str)> {
    let found = QUANTITY.as_ref()?.captures(text)?;
    let number: f64 = found.get(1)?.as_str().replace(',', ".").parse().ok()?;
    let unit = match found.get(2) {
        Some(unit) => Some(scale(unit.as_str())?),
        None => None,
    };
    let end = found.name("end").map_or_else(|| found.get(0).map_or(0, |all| all.end()), |end| end.start());
    let after = &text[end..];
    // A number that something is glued to is another word.
    let glued = unit.is_none() && after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    (!glued).then_some((number, unit, after))
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
    // Months or minutes.
    if unit == "M" {
        return None;
    }
    let unit = unit.to_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| unit.starts_with(word));
    if starts(&["week", "woche", "weken", "sema", "settiman", "tygodni", "hafta", "недел", "周", "週", "주"])
        || unit == "w"
    {
        Some(604_800_000.0)
    } else if starts(&["dakika"]) {
        Some(60_000.0)
    } else if starts(&["d", "tag", "j", "giorn", "gün", "дн", "ден", "天", "日", "일"]) {
        Some(86_400_000.0)
    } else if starts(&["h", "st", "or", "u", "godz", "tim", "saat", "час", "ч", "小", "時", "时", "시"]) {
        Some(3_600_000.0)
    } else if starts(&["m", "мин", "分", "분"]) {
        Some(60_000.0)
    } else if starts(&["s", "сек", "秒", "초"]) {
        Some(1_000.0)
    } else {
        None
    }
}

/// `Hour 4`, `D-2`, `24 hours before`: a time counted from something that only people know; none of the headings above
/// says it better.
static COUNTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^\W*(?:minute|hour|day|week|month|stunde|tag|woche|monat|jour|heure|semaine|hora|día|dia|semana|день|час)s?n?\s+[-+]?\d",
        r"|^\W*[dhjg]\s?[-−–‐‑+]\s?\d{1,3}\b|^\W*第?\s?\d{1,3}\s?(?:天|日目|日|週目|周|小时|時間|일차)",
        r"|\b\d{1,3}\s?(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?)\s+(?:before|after|prior|pre|post|ahead|earlier|later)\b",
        r"|\bt\s?[-−–‐‑+]\s?\d",
    ))
    .ok()
});

/// Whether a title names a time of its own, be it one that cannot be read as an offset.
pub(super) fn counts_for_itself(title: &str) -> bool {
    COUNTED.as_ref().is_some_and(|counted| counted.is_match(&narrow(title)))
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
            ("T-1d 12h", Some(-129_600_000)),
            ("T-1h30m", Some(-5_400_000)),
            ("T-1h30", Some(-5_400_000)),
            ("T+1 hr 30 min", Some(5_400_000)),
            ("T-1 mo", None),
            ("T-1 Tag bis T-2 Stunden", Some(-86_400_000)),
            ("T-1,5 h", Some(-5_400_000)),
            ("T-2 ore", Some(-7_200_000)),
            ("T-5 godzin", Some(-18_000_000)),
            ("T-5 hodin", None),
            ("T\u{2011}15 min", Some(-900_000)),
            ("T minus 30 minutes", Some(-1_800_000)),
            ("T plus 2 hours", Some(7_200_000)),
            ("T-2時間前", Some(-7_200_000)),
            ("T-1 Monat", None),
            ("T+10-20 min", Some(600_000)),
            ("T-3 jours", Some(-259_200_000)),
            ("T-30 dakika", Some(-1_800_000)),
            ("T-1½ h", None),
            ("T+\u{663}\u{660} min", None),
            ("T-4〜T-2日", Some(-345_600_000)),
            ("T-3 (days)", Some(-259_200_000)),
            ("T-3 [days]", Some(-259_200_000)),
            ("T-3 — days", None),
            ("T-3: days before", None),
            ("T-5, T-3, T-1 days", Some(-432_000_000)),
            ("T-5 & T-3 days", Some(-432_000_000)),
            ("T-5 / T-3 / T-1 days", Some(-432_000_000)),
            ("T-5...T-1 (days)", Some(-432_000_000)),
            ("T-6 → T-1 weeks", Some(-3_628_800_000)),
            ("T-4 bis zu T-2 Tage", Some(-345_600_000)),
            ("T-3 Tg.", None),
            ("T-3 Wo.", None),
            ("T-3 St.", None),
            ("T-2 Q", None),
            ("T-6 Uhr", None),
            ("T-8 a.m.", None),
            ("T-1 ½ hours", None),
            ("T-1 1/2 hours", None),
            ("T-2:30h", Some(-9_000_000)),
            ("T-1 hour and 30 minutes", Some(-5_400_000)),
            ("T-1 hour + 30 minutes", Some(-5_400_000)),
            ("T-1h & 15m", Some(-4_500_000)),
            ("T-2 heures 30", Some(-9_000_000)),
            ("T-2h 30", Some(-9_000_000)),
            ("T-2h 30 hosts", Some(-7_200_000)),
            ("T-3/4 h", None),
            ("T-10 % traffic", None),
            ("T-5 MB left", None),
            ("T-5 Tickets closed", None),
            ("Ticket T-1234", None),
            ("T-1M", None),
            ("T-60: stop it", Some(-3_600_000)),
            ("(T-30) days off", Some(-1_800_000)),
            ("T-5", Some(-300_000)),
        ] {
            assert_eq!(find(title).map(Offset::millis), wanted, "{title}");
        }
    }

    #[test]
    fn items_have_the_offset_that_is_theirs() {
        for (title, wanted) in [
            ("Tell the crew (T-30 min)", Some(-1_800_000)),
            ("Pause it (T-0)", Some(0)),
            ("Run it (T+5) twice", Some(300_000)),
            ("Freeze [T-1h]", Some(-3_600_000)),
            ("**T-5** Freeze", Some(-300_000)),
            ("Freeze, T-10 min", Some(-600_000)),
            ("Freeze — T-1h", Some(-3_600_000)),
            ("Dump it（T-2時間）", Some(-7_200_000)),
            ("The dump of T-24h is there", None),
            ("Check (see T-24h above)", None),
            ("Ticket T-1234", None),
        ] {
            assert_eq!(of_item(title).map(Offset::millis), wanted, "{title}");
        }
    }

    #[test]
    fn times_of_their_own_are_known() {
        for title in ["Hour 4", "Day 3:", "D-2", "J-2", "24 hours before", "第3天", "T-5 months", "Tag 2"] {
            assert!(counts_for_itself(title), "{title}");
        }
        for title in ["Daytime", "Hours of work", "Step 3", "T-shirts", "3 servers after the move", "D-Bus"] {
            assert!(!counts_for_itself(title), "{title}");
        }
    }
}
