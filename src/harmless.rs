//! Text that cannot do anything to a terminal or to the eye of a reader.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is not seen as itself: it controls the terminal, turns the writing direction, or is invisible.
/// Joiners and the two variation selectors of emoji count as the part of a character that they are.
pub fn is_hidden(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    matches!(character,
        '\u{80}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Text in which newline and tab are themselves and every other hidden character is written out. JSON reads what is
/// written out as the character it was.
pub fn text(text: &str) -> Cow<'_, str> {
    shown(text, |character| matches!(character, '\n' | '\t'))
}

/// Text on one line: newlines and tabs are written out too.
pub fn line(text: &str) -> Cow<'_, str> {
    shown(text, |_| false)
}

/// Text that somebody gave as one line, on one line: the end of a line is a sign, a tab a space, all else as in [`line()`].
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace(['\n', '\u{85}', '\u{2028}', '\u{2029}'], "␊");
    Cow::Owned(line(&text.replace('\t', " ")).into_owned())
}

fn shown(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let hidden = |character: char| is_hidden(character) && !keep(character);
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            _ if !hidden(character) => shown.push(character),
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            // JSON has no way to write these with one escape.
            '\u{10000}'.. => shown.push(char::REPLACEMENT_CHARACTER),
            _ => _ = write!(shown, "\\u{:04x}", u32::from(character)),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_as_a_line_stays_one() {
        assert_eq!(one_line("Run it"), "Run it");
        assert_eq!(one_line("Run\nit\r\nnow\tor\u{2028}later\u{1b}[2J"), "Run␊it␊now or␊later\\u001b[2J");
    }

    #[test]
    fn what_hides_is_written_out_and_what_is_seen_stays() {
        let seen = "größer 語 ✔ 👩\u{200d}🚀 ⚠\u{fe0f} a\tb\n";
        assert_eq!(text(seen), seen);
        assert_eq!(line("a\tb\nc\r"), "a\\tb\\nc\\r");
        assert_eq!(
            text("a\u{1b}]0;x\u{7}b\u{9b}c\u{202e}d\u{e0041}e\u{200b}"),
            "a\\u001b]0;x\\u0007b\\u009bc\\u202ed\u{fffd}e\\u200b"
        );
        let value = "x\u{1b}\u{85}\u{2066}y";
        let json = text(&serde_json::to_string(value).unwrap()).into_owned();
        assert!(json.is_ascii(), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), value);
    }
}
