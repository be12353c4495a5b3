//! Quotes and parentheses in text of a shell.

pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The length of a text in parentheses, those included; of one that stays open all of it.
pub(super) fn closing(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// Where the quote closes that a text is in; what is substituted in it may hold quotes of its own.
pub(super) fn end_of_quote(text: &str, quote: char, expands: bool) -> Option<usize> {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let substitutes = expands && text[at..].starts_with("$(");
        let length = if substitutes { 1 + closing(&text[at + 1..]) } else { c.len_utf8() };
        match c {
            c if c == quote => return Some(at),
            '\\' if expands => at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
            _ if substitutes && at + length == text.len() => at += 1,
            _ => at += length,
        }
    }
    None
}

/// What stands between the parentheses of a text that begins with one.
pub(super) fn unwrapped(text: &str) -> String {
    let text = text.strip_prefix('(').unwrap_or(text);
    text.strip_suffix(')').unwrap_or(text).to_owned()
}
