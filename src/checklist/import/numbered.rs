//! Steps that are numbered or marked in ways that are no list to Markdown.

use super::account::BoxState;
use super::boxes;
use super::marking;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Why a numbered line is guessed to be a step.
pub(super) const WITHOUT_BOX: &str = "a numbered step without a box";
pub(super) const NO_LIST: &str = "a numbered step that is no list to Markdown";

/// `Step 3`, `Schritt 3`, `手順 3`: a step by its name.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:step|schritt|étape|etape|paso|passo|шаг|krok|stap|steg|adım|步骤|步驟|手順|ステップ|단계|第)\s?(?:\d{1,3}|(?-i:[A-Z])|[一二三四五六七八九十])(?:步|단계)?\s*(?:[.:)–—：、-]|\s|$)")
        .ok()
});

/// `a)`, `(1)`, `①`, `1.-`, `1.1`: a number that is no list to Markdown.
static COUNTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:[a-zA-Z][.)]|\((?:\d{1,2}|[a-z])\)|\d{1,2}(?:\.\d{1,2}){1,3}[.):]?|\d{1,2}\.?-|[①-⑳]|[IVX]{1,5}[.)]|\d{1,2}/|\[\d{1,2}\])\s+|^(?:[０-９]{1,2}[．.、)）]|[一二三四五六七八九十]{1,3}[、．.]|（[0-9０-９一二三四五六七八九十]{1,3}）)\s*").ok()
});

/// `T-60 …`, `T minus 5: …`, `D-2 …`, `Hour 4: …`, `02:00 …`: a line of a timetable.
static TIMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:[TＴ]\s?(?:[-−–‐‑+－＋]\s?|(?:minus|plus)\s)[\d０-９][\d０-９:.,]*",
        r"|[DHJ]\s?[-−–‐‑+]\s?\d{1,3}|(?:hour|day|week|minute|stunde|tag|jour|día|día|день)\s\d{1,3}",
        r"|\d{1,2}[:h]\d{2}(?::\d{2})?(?:\s?[-–]\s?\d{1,2}[:h]\d{2})?|\d{1,2}\.\d{2}\s?uhr)",
        r"(?P<unit>\s?(?:utc|gmt|ces?t|[ap]m|uhr|z|w(?:eeks?)?|d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?|tagen?|stunden?|分|時間?|小时|天|日)\b\.?)?",
        r"[:：)\]]?(?:\s+[-–—|:=>]+)?(?P<gap>[\s　]+)(?P<rest>\S)",
    ))
    .ok()
});

/// Words behind a number that make it a measure or a version, and no step.
const MEASURES: &str = "gb|gib|mb|mib|kb|tb|ms|s|sec|min|h|hr|hrs|hours|minutes|seconds|days|weeks|percent|times|million|billion|is|was|are|were|\
    and|or|to|of|has|will|must|should|can|x|users|rows|percentage|core|cores|cpu|cpus|vcpu|req|requests|release|released|lts";

/// Whether a text begins as a step does that is called one.
pub(super) fn is_named_step(text: &str) -> bool {
    NAMED.as_ref().is_some_and(|named| named.is_match(text))
}

/// `22:00 – 23:00`: whether a text begins with a time of the day.
pub(super) fn is_clock(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text[digits..].strip_prefix(':').unwrap_or_default();
    (1..=2).contains(&digits) && rest.bytes().take(2).filter(u8::is_ascii_digit).count() == 2
}

/// A step found in plain text.
#[derive(Debug)]
pub(super) struct Step {
    pub title: String,
    pub why: &'static str,
    pub state: BoxState,
    /// What says whether it is done, in bytes of the line, and what stands there once it is.
    pub mark: Option<(Range<usize>, String)>,
}

/// Whether a text begins with a time and says what is done then.
pub(super) fn is_timed(text: &str) -> bool {
    let Some(found) = TIMED.as_ref().and_then(|timed| timed.captures(text)) else { return false };
    let rest = found.name("rest").map_or("", |rest| &text[rest.start()..]);
    // `T-5 is when …` only reports one.
    let word: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let reported = !word.is_empty() && !MEASURES.split('|').any(|measure| measure == word);
    reported || rest.starts_with(['`', '*', '☐', '⬜', '_'])
}

/// The step that a line of plain text is. `round` says that `(x)` is a round box that is ticked.
pub(super) fn step(line: &str, round: bool) -> Option<Step> {
    let bare = line.trim().trim_start_matches(['>', ' ']);
    let (listed, text) = match boxes::strip_marker(bare) {
        Some((boxes::Marker::Bullet | boxes::Marker::Number | boxes::Marker::Sign, rest)) => (true, rest.trim_start()),
        _ => (false, bare),
    };
    let found = |title: &str, why, state, mark: Option<(&str, String)>| {
        let title = title.trim().to_owned();
        let mark = mark.and_then(|(raw, text)| line.find(raw).map(|at| (at..at + raw.len(), text)));
        (!title.is_empty()).then_some(Step { title, why, state, mark })
    };
    let starred = text.trim_start_matches('*').trim_start();
    if let Some((word, state, rest)) = keyword(starred) {
        let mark = (word, marking::ticked(word));
        return found(rest, "a task by its keyword, as Org has them", state, Some(mark));
    }
    if let Some((raw, state, rest)) = shortcode(text) {
        return found(rest, "a picture instead of a box", state, Some((raw, marking::ticked(raw))));
    }
    if let Some(rest) = text.strip_prefix("( ) ").filter(|_| listed) {
        return found(rest, "a round box", BoxState::Open, Some(("( )", "(x)".to_owned())));
    }
    if let Some((raw, state, why, rest)) = cross(text, round && listed) {
        let ticked = if round && listed { "(x)" } else { "(/)" };
        return found(rest, why, state, Some((raw, ticked.to_owned())));
    }
    let plain = text.replace("**", "").replace("__:__", "\u{1}").replace("__", "").replace('\u{1}', "__:__");
    if listed || line.starts_with([' ', '\t']) {
        return None;
    }
    if is_timed(&plain) {
        return found(&plain, "a line of a timetable", BoxState::Open, None);
    }
    let counted = COUNTED.as_ref().and_then(|counted| counted.find(&plain)).map(|found| found.end());
    let bold = text.starts_with("**") && plain.starts_with(|c: char| c.is_ascii_digit());
    let title = match counted {
        Some(end) if is_reported(&plain[..end], &plain[end..]) => plain[end..].to_owned(),
        _ if is_named_step(&plain) => plain,
        _ if bold && boxes::strip_marker(&plain).is_some_and(|(marker, _)| marker == boxes::Marker::Number) => plain,
        _ => return None,
    };
    found(&title, NO_LIST, BoxState::Open, None)
}

/// Whether what follows a number is something to do, and not what it counts: `1.2 Stop it`, `1.5 GB`.
fn is_reported(number: &str, rest: &str) -> bool {
    let dotted = number.trim_end().ends_with(|c: char| c.is_ascii_digit());
    let word: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let code = rest.starts_with('`');
    (code || rest.starts_with(char::is_alphabetic)) && !(dotted && MEASURES.split('|').any(|measure| measure == word))
}

fn keyword(text: &str) -> Option<(&str, BoxState, &str)> {
    let (word, rest) = text.split_once(' ')?;
    let state = match word.trim_end_matches(':') {
        "TODO" | "DOING" | "NEXT" | "WAITING" | "IN-PROGRESS" | "STARTED" => BoxState::Open,
        "DONE" => BoxState::Checked,
        _ => return None,
    };
    Some((word, state, rest.trim())).filter(|(.., rest)| !rest.is_empty())
}

/// `(/)` and `(x)` as Jira has them: done, and not done. Where boxes are round `(x)` is a ticked one.
fn cross(text: &str, round: bool) -> Option<(&str, BoxState, &'static str, &str)> {
    for (raw, done) in [("(/)", true), ("(x)", round), ("(X)", round), ("(!)", false), ("(-)", false)] {
        let Some(rest) = text.strip_prefix(raw).filter(|rest| rest.starts_with([' ', '\t'])) else { continue };
        let (state, why) = match (raw, done) {
            ("(/)", _) => (BoxState::Checked, "a tick as Jira has it"),
            (_, true) => (BoxState::Checked, "a round box"),
            ("(x)" | "(X)", _) => (BoxState::Open, "a cross as Jira has it: not done"),
            _ => (BoxState::Open, "a sign as Jira has it, taken as open"),
        };
        return Some((raw, state, why, rest));
    }
    None
}

fn shortcode(text: &str) -> Option<(&str, BoxState, &str)> {
    for (sign, state) in [
        ('✔', BoxState::Checked),
        ('✓', BoxState::Checked),
        ('❌', BoxState::Open),
        ('✗', BoxState::Open),
        ('✘', BoxState::Open),
    ] {
        let Some(rest) = text.strip_prefix(sign) else { continue };
        let rest = rest.trim_start_matches('\u{fe0f}');
        let raw = &text[..sign.len_utf8()];
        return rest.starts_with(' ').then(|| (raw, state, rest.trim())).filter(|(.., rest)| !rest.is_empty());
    }
    let (name, rest) = text.strip_prefix(':')?.split_once(':')?;
    let state = match name {
        "white_large_square"
        | "white_medium_square"
        | "white_square_button"
        | "black_square_button"
        | "black_large_square"
        | "white_small_square"
        | "hourglass"
        | "x" => BoxState::Open,
        "white_check_mark" | "heavy_check_mark" | "ballot_box_with_check" => BoxState::Checked,
        _ => return None,
    };
    Some((&text[..name.len() + 2], state, rest.trim())).filter(|(.., rest)| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_distinguished_from_text() {
        for (line, title) in [
            ("Step 1: Turn off", "Step 1: Turn off"),
            ("a) first", "first"),
            ("(2) second", "second"),
            ("② zwei", "zwei"),
            ("**1. Bold step**", "1. Bold step"),
            ("**Step 4:** take a look", "Step 4: take a look"),
            ("手順1：止める", "手順1：止める"),
            ("2.1. Stop it", "Stop it"),
            ("2.1 Stop it", "Stop it"),
            ("2.1.3 `stop.sh` it", "`stop.sh` it"),
            ("1.4) Look", "Look"),
            ("II. Close", "Close"),
            ("３．閉める", "閉める"),
            ("二、关闭", "关闭"),
            ("（2）閉める", "閉める"),
            ("2/ Close", "Close"),
            ("[2] Close", "Close"),
            ("T-60  Post the banner", "T-60  Post the banner"),
            ("T-45 min: `stop.sh`", "T-45 min: `stop.sh`"),
            ("**T-5** Freeze", "T-5 Freeze"),
            ("T minus 10: Freeze", "T minus 10: Freeze"),
            ("D-2 Tell the users", "D-2 Tell the users"),
            ("02:15 UTC – Switch the traffic", "02:15 UTC – Switch the traffic"),
            ("22:00-22:30 Take the dump", "22:00-22:30 Take the dump"),
            ("Day 3: Drop the old one", "Day 3: Drop the old one"),
            ("TODO: ask Ana", "ask Ana"),
            ("❌ Old pipeline", "Old pipeline"),
            ("(/) Told", "Told"),
            ("(x) Not told", "Not told"),
            ("* TODO write it", "write it"),
            ("** DONE Org", "Org"),
            (":white_check_mark: Sent", "Sent"),
            ("✔ Sent", "Sent"),
            ("- (x) Sent", "Sent"),
        ] {
            assert_eq!(step(line, false).map(|step| step.title), Some(title.to_owned()), "{line}");
        }
        for line in [
            "Steps are below",
            "A long day",
            "2.1",
            ":smile: hi",
            "(see above)",
            "TODO",
            "- text",
            "1.5 GB is free",
            "17.2 is required",
            "T-5 is when it is late",
            "10.25 million",
            "T-shirts for all",
        ] {
            assert!(step(line, false).is_none(), "{line}");
        }
    }

    #[test]
    fn crosses_are_as_their_document_has_them() {
        let state =
            |line: &str, round: bool| step(line, round).map(|step| (step.state, step.mark.map(|(_, text)| text)));
        assert_eq!(state("- (/) Told", false), Some((BoxState::Checked, Some("(/)".into()))));
        assert_eq!(state("- (x) Told", false), Some((BoxState::Open, Some("(/)".into()))));
        assert_eq!(state("- (x) Told", true), Some((BoxState::Checked, Some("(x)".into()))));
        assert_eq!(state("- ( ) Told", true), Some((BoxState::Open, Some("(x)".into()))));
    }
}
