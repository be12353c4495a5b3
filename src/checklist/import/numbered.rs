//! Steps that are numbered or marked in ways that are no list to Markdown.

use super::account::BoxState;
use super::boxes;
use regex::Regex;
use std::sync::LazyLock;

/// `Step 3`, `Schritt 3`, `手順 3`: a step by its name.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:step|schritt|étape|etape|paso|passo|шаг|krok|stap|steg|adım|步骤|步驟|手順|ステップ|단계|第)\s?(?:\d{1,3}|(?-i:[A-Z])|[一二三四五六七八九十])(?:步|단계)?\s*(?:[.:)–—：、-]|\s|$)")
        .ok()
});

/// `a)`, `(1)`, `①`, `1.-`, `1.1`: a number that is no list to Markdown.
static COUNTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:[a-zA-Z][.)]|\((?:\d{1,2}|[a-z])\)|\d{1,2}(?:\.\d{1,2})+\.|\d{1,2}\.?-|[①-⑳])\s+").ok()
});

/// Whether a text begins as a step does that is called one.
#[must_use]
pub fn is_named_step(text: &str) -> bool {
    NAMED.as_ref().is_some_and(|named| named.is_match(text))
}

/// The step that a line of plain text is, why, and whether it is done.
#[must_use]
pub fn step(line: &str) -> Option<(String, &'static str, BoxState)> {
    let bare = line.trim().trim_start_matches(['>', ' ']);
    let (listed, text) = match boxes::strip_marker(bare) {
        Some((boxes::Marker::Bullet | boxes::Marker::Number | boxes::Marker::Sign, rest)) => (true, rest.trim_start()),
        _ => (false, bare),
    };
    if let Some((state, rest)) = keyword(text.trim_start_matches('*').trim_start()) {
        return Some((rest.to_owned(), "a task by its keyword, as Org has them", state));
    }
    if let Some((state, rest)) = shortcode(text) {
        return Some((rest.to_owned(), "a picture instead of a box", state));
    }
    if let Some(rest) = text.strip_prefix("( ) ").filter(|_| listed) {
        return Some((rest.to_owned(), "a round box", BoxState::Open));
    }
    if let Some(rest) = text.strip_prefix("(x) ").or_else(|| text.strip_prefix("(X) ")).filter(|_| listed) {
        return Some((rest.to_owned(), "a round box", BoxState::Checked));
    }
    if listed || line.starts_with([' ', '\t']) {
        return None;
    }
    let plain = text.replace("**", "").replace("__", "");
    let counted = COUNTED.as_ref().and_then(|counted| counted.find(&plain)).map(|found| found.end());
    let bold = text.starts_with("**") && plain.starts_with(|c: char| c.is_ascii_digit());
    let title = match counted {
        Some(end) if plain[end..].starts_with(char::is_alphabetic) => plain[end..].to_owned(),
        _ if is_named_step(&plain) => plain,
        _ if bold && boxes::strip_marker(&plain).is_some_and(|(marker, _)| marker == boxes::Marker::Number) => plain,
        _ => return None,
    };
    Some((title, "a numbered step that is no list to Markdown", BoxState::Open))
}

fn keyword(text: &str) -> Option<(BoxState, &str)> {
    let (word, rest) = text.split_once(' ')?;
    let state = match word {
        "TODO" | "DOING" | "NEXT" | "WAITING" | "IN-PROGRESS" | "STARTED" => BoxState::Open,
        "DONE" => BoxState::Checked,
        _ => return None,
    };
    Some((state, rest.trim())).filter(|(_, rest)| !rest.is_empty())
}

fn shortcode(text: &str) -> Option<(BoxState, &str)> {
    if let Some(rest) = text.strip_prefix(['✔', '✓']) {
        let rest = rest.trim_start_matches('\u{fe0f}');
        return rest.starts_with(' ').then(|| (BoxState::Checked, rest.trim())).filter(|(_, rest)| !rest.is_empty());
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
    Some((state, rest.trim())).filter(|(_, rest)| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_from_text() {
        for (line, title) in [
            ("Step 1: Turn off", "Step 1: Turn off"),
            ("a) first", "first"),
            ("(2) second", "second"),
            ("② zwei", "zwei"),
            ("**1. Bold step**", "1. Bold step"),
            ("**Step 4:** take a look", "Step 4: take a look"),
            ("手順1：止める", "手順1：止める"),
            ("2.1. Stop it", "Stop it"),
            ("* TODO write it", "write it"),
            ("** DONE Org", "Org"),
            (":white_check_mark: Sent", "Sent"),
            ("✔ Sent", "Sent"),
            ("- (x) Sent", "Sent"),
        ] {
            assert_eq!(step(line).map(|(title, ..)| title), Some(title.to_owned()), "{line}");
        }
        for line in
            ["Steps are below", "A long day", "2.1", ":smile: hi", "(see above)", "TODO", "- text", "1.5 GB is free"]
        {
            assert_eq!(step(line), None, "{line}");
        }
    }
}
