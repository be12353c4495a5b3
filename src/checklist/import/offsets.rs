//! T-offsets in titles: `(T-10 minutes)`, `T+5`, `T−24h to T−0`.

use crate::checklist::offset::Offset;
use regex::Regex;
use std::sync::LazyLock;

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix) (?:^|[^\p{L}\p{N}_]) t \s? ([-−–+]) \s?
        (?: (\d{1,3}):(\d{2})(?::(\d{2}))? | (\d{1,6}(?:\.\d+)?) [\s-]?
            (w(?:eeks?)?|d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)? ) (?:[^\p{L}\p{N}_]|$)",
    )
    .ok()
});

/// The first offset that a title names. A number without a unit is minutes; `T-1:30` is an hour and a half.
#[must_use]
pub fn find(title: &str) -> Option<Offset> {
    if !title.contains(['T', 't']) || !title.contains(['-', '−', '–', '+']) {
        return None;
    }
    let captures = SHAPE.as_ref()?.captures(title)?;
    let group = |number: usize| captures.get(number).map(|found| found.as_str());
    let whole = |number: usize| group(number).map_or(Some(0), |digits| digits.parse::<i64>().ok());
    let millis = if group(2).is_some() {
        (whole(2)? * 3_600 + whole(3)? * 60 + whole(4)?) * 1_000
    } else {
        let number: f64 = group(5)?.parse().ok()?;
        let unit = group(6).and_then(|unit| unit.chars().next()).map_or('m', |unit| unit.to_ascii_lowercase());
        let scale = match unit {
            'w' => 604_800_000.0,
            'd' => 86_400_000.0,
            'h' => 3_600_000.0,
            's' => 1_000.0,
            _ => 60_000.0,
        };
        whole_millis(number * scale)?
    };
    Some(Offset::from_millis(if group(1) == Some("+") { millis } else { -millis }))
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
        ] {
            assert_eq!(find(title).map(Offset::millis), wanted, "{title}");
        }
    }
}
