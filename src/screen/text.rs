//! Text as it is in cells: cleaned, measured, cut and wrapped at grapheme boundaries.

use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns that a text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// A text that cannot do anything to the terminal: control characters become spaces, and the characters that turn the
/// direction of everything after them are left out.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c.is_control() || turns(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect())
}

fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// At most `columns` columns of a text; `more` marks that something was cut off.
pub fn cut<'a>(text: &'a str, columns: usize, more: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let room = columns.saturating_sub(width(more));
    if room == 0 {
        return Cow::Owned(head(more, columns).to_owned());
    }
    Cow::Owned(format!("{}{more}", head(text, room).trim_end()))
}

/// The longest beginning that takes at most `columns` columns.
fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// Lines of at most `columns` columns, broken between words where that is possible.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let text = clean(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let wide = width(word);
        if used > 0 && used + 1 + wide <= columns {
            line.push(' ');
            line.push_str(word);
            used += 1 + wide;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while width(rest) > columns {
            let mut taken = head(rest, columns);
            if taken.is_empty() {
                // One grapheme is wider than the line; it goes alone and is cut when it is drawn.
                taken = rest.graphemes(true).next().unwrap_or(rest);
            }
            lines.push(taken.to_owned());
            rest = &rest[taken.len()..];
        }
        rest.clone_into(&mut line);
        used = width(rest);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A line of code in pieces of at most `columns` columns, its spaces kept.
pub fn pieces(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let expanded = text.replace('\t', "    ");
    let text = clean(&expanded);
    let mut rest = text.trim_end();
    let mut pieces = Vec::new();
    while width(rest) > columns {
        let mut taken = head(rest, columns);
        if taken.is_empty() {
            taken = rest.graphemes(true).next().unwrap_or(rest);
        }
        pieces.push(taken.to_owned());
        rest = &rest[taken.len()..];
    }
    pieces.push(rest.to_owned());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_never_splits_what_belongs_together() {
        assert_eq!(cut("마이그레이션 실행", 9, "…"), "마이그레…");
        assert_eq!(cut("データ移行の検証", 6, "…"), "デー…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}e\u{301}", 3, "…"), "e\u{301}e\u{301}…");
        assert_eq!(cut("👩‍🚀👩‍🚀👩‍🚀", 4, "…"), "👩‍🚀…");
        assert_eq!(cut("short", 5, "…"), "short");
        assert_eq!(cut("longer than that", 8, "..."), "longe...");
        assert_eq!(cut("longer", 2, "..."), "..");
        assert_eq!(cut("longer", 0, "…"), "");
    }

    #[test]
    fn what_is_cut_fits() {
        for text in ["마이그레이션 실행", "نشر قاعدة البيانات", "plain words", "a👩‍🚀b界c"]
        {
            for columns in 0..20 {
                assert!(width(&cut(text, columns, "…")) <= columns, "{text} in {columns}");
                assert!(columns < 2 || wrap(text, columns).iter().all(|line| width(line) <= columns));
            }
        }
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a verylongword b", 5), ["a", "veryl", "ongwo", "rd b"]);
        assert_eq!(wrap("  ", 5), Vec::<String>::new());
    }

    #[test]
    fn code_keeps_its_spaces() {
        assert_eq!(pieces("  a  bcd", 5), ["  a  ", "bcd"]);
        assert_eq!(pieces("\tx\x1b", 9), ["    x"]);
        assert_eq!(pieces("", 9), [""]);
    }

    #[test]
    fn nothing_that_commands_the_terminal_is_left() {
        assert_eq!(clean("a\x1b[31mb\u{9b}c\td\u{202e}e"), "a [31mb c de");
    }
}
