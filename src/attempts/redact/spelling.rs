//! Reads a byte however programs write it: as itself, or escaped as JSON, Python, Rust, C, shell, URL, HTML or SQL do,
//! and escapes within escapes.

use std::cell::Cell;

/// Escapes are read through this many layers, such as JSON within a URL within HTML.
pub(super) const LAYERS: u8 = 3;
/// The longest number of an HTML entity or a braced escape that is read.
const LONGEST_NUMBER: u8 = 8;
/// The longest line end with indentation within an escape.
const LONGEST_BREAK: usize = 80;

/// Text in which spellings are read. It notes whether more text could have reported more.
pub(super) struct Spelled<'a> {
    bytes: &'a [u8],
    ended: Cell<bool>,
}

/// Takes the bytes that one spelling stands for, and where the next one begins.
type Take<'f> = &'f mut dyn FnMut(&[u8], usize);

/// Whether a byte may begin a spelling that is not the byte itself.
pub(super) fn is_introducer(byte: u8) -> bool {
    matches!(byte, b'\\' | b'%' | b'&' | b'+' | b'\'' | b'"' | b'$')
}

impl<'a> Spelled<'a> {
    #[must_use]
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, ended: Cell::new(false) }
    }

    /// Whether a reading came to the end of the text.
    pub(super) fn ended(&self) -> bool {
        self.ended.get()
    }

    /// Whether these bytes stand `at`, as themselves.
    pub(super) fn has(&self, at: usize, wanted: &[u8]) -> bool {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let is_begun = rest.iter().zip(wanted).all(|(byte, wanted)| byte == wanted);
        if is_begun && rest.len() < wanted.len() && !rest.is_empty() {
            self.ended.set(true);
        }
        is_begun && rest.len() >= wanted.len()
    }

    /// Notes that more text could strike the last letter once more, where letters before `at` were.
    pub(super) fn may_be_struck(&self, at: usize) {
        if at >= self.bytes.len() && self.bytes.contains(&8) {
            self.ended.set(true);
        }
    }

    /// Every reading of what begins `at`.
    pub(super) fn each(&self, at: usize, take: Take<'_>) {
        match self.bytes.get(at) {
            Some(byte) if !is_introducer(*byte) => take(&[*byte], at + 1),
            _ => self.layer(LAYERS, at, take),
        }
    }

    fn layer(&self, layer: u8, at: usize, take: Take<'_>) {
        let Some(below) = layer.checked_sub(1) else {
            match self.bytes.get(at) {
                Some(byte) => take(&[*byte], at + 1),
                None => self.ended.set(true),
            }
            return;
        };
        self.layer(below, at, &mut |read, next| {
            take(read, next);
            let &[first] = read else { return };
            match first {
                b'\\' => self.backslash(below, next, take),
                b'%' => {
                    self.number(below, next, (16, 2, 2), &mut |value, next| take(&[low_byte(value)], next));
                    self.literal(below, next, b"%", &mut |next| take(b"%", next));
                }
                b'&' => self.entity(below, next, take),
                b'+' => take(b" ", next),
                b'$' => self.literal(below, next, b"$", &mut |next| take(b"$", next)),
                // A quote within quotes: doubled, or the quotes ended and begun again around it.
                b'\'' => {
                    for rest in [&b"'"[..], br"\''", b"\"'\"'"] {
                        self.literal(below, next, rest, &mut |next| take(b"'", next));
                    }
                }
                b'"' => {
                    for rest in [&b"\""[..], b"'\"'\""] {
                        self.literal(below, next, rest, &mut |next| take(b"\"", next));
                    }
                }
                _ => {}
            }
        });
    }

    /// What goes on with an escape that has begun; it may be wrapped over lines.
    fn inside(&self, layer: u8, at: usize, take: Take<'_>) {
        if matches!(self.bytes.get(at), Some(b'\n' | b'\r')) {
            let blanks =
                self.bytes[at..].iter().take(LONGEST_BREAK).take_while(|byte| byte.is_ascii_whitespace()).count();
            self.layer(layer, at + blanks, take);
        }
        self.layer(layer, at, take);
    }

    fn backslash(&self, layer: u8, at: usize, take: Take<'_>) {
        self.inside(layer, at, &mut |read, next| {
            let &[letter] = read else { return };
            let control = match letter {
                b'n' => Some(b'\n'),
                b'r' => Some(b'\r'),
                b't' => Some(b'\t'),
                b'b' => Some(8),
                b'f' => Some(12),
                b'v' => Some(11),
                b'a' => Some(7),
                b'e' | b'E' => Some(27),
                _ => None,
            };
            match letter {
                b'x' => self.number(layer, next, (16, 2, 2), &mut |value, next| {
                    take(&[low_byte(value)], next);
                    if value >= 0x80 {
                        character(value, next, take);
                    }
                }),
                b'u' => {
                    self.number(layer, next, (16, 4, 4), &mut |value, next| self.unit(layer, value, next, take));
                    self.literal(layer, next, b"{", &mut |next| {
                        self.number(layer, next, (16, 1, LONGEST_NUMBER), &mut |value, next| {
                            self.literal(layer, next, b"}", &mut |next| character(value, next, take));
                        });
                    });
                }
                b'U' => self.number(layer, next, (16, 8, 8), &mut |value, next| character(value, next, take)),
                b'0'..=b'7' => {
                    self.number(layer, at, (8, 1, 3), &mut |value, next| take(&[low_byte(value)], next));
                }
                _ if control.is_none() => take(&[letter], next),
                _ => {}
            }
            if let Some(control) = control {
                take(&[control], next);
            }
        });
    }

    /// What `\uXXXX` stands for: a character, half of one whose other half follows, or a byte that was no UTF-8 and that
    /// Python keeps as a lone surrogate.
    fn unit(&self, layer: u8, value: u32, at: usize, take: Take<'_>) {
        match value {
            0xdc80..=0xdcff => take(&[low_byte(value)], at),
            0xd800..=0xdbff => self.literal(layer, at, br"\u", &mut |next| {
                self.number(layer, next, (16, 4, 4), &mut |low, next| {
                    if (0xdc00..0xe000).contains(&low) {
                        character(0x1_0000 + ((value - 0xd800) << 10) + (low - 0xdc00), next, take);
                    }
                });
            }),
            _ => character(value, at, take),
        }
    }

    fn entity(&self, layer: u8, at: usize, take: Take<'_>) {
        for (name, value) in [(&b"amp;"[..], b"&"), (b"lt;", b"<"), (b"gt;", b">"), (b"quot;", b"\""), (b"apos;", b"'")]
        {
            self.literal(layer, at, name, &mut |next| take(value, next));
        }
        self.literal(layer, at, b"#", &mut |next| {
            let mut ended = |value: u32, next: usize| {
                self.literal(layer, next, b";", &mut |next| character(value, next, take));
            };
            self.number(layer, next, (10, 1, LONGEST_NUMBER), &mut ended);
            for x in [b"x", b"X"] {
                self.literal(layer, next, x, &mut |next| self.number(layer, next, (16, 1, LONGEST_NUMBER), &mut ended));
            }
        });
    }

    fn literal(&self, layer: u8, at: usize, wanted: &[u8], found: &mut dyn FnMut(usize)) {
        let Some((first, rest)) = wanted.split_first() else { return found(at) };
        self.inside(layer, at, &mut |read, next| {
            if read == [*first] {
                self.literal(layer, next, rest, found);
            }
        });
    }

    /// A number to a base, of at least and at most so many digits.
    fn number(&self, layer: u8, at: usize, form: (u32, u8, u8), found: &mut dyn FnMut(u32, usize)) {
        self.digits(layer, at, form, 0, found);
    }

    fn digits(
        &self,
        layer: u8,
        at: usize,
        (base, least, most): (u32, u8, u8),
        value: u32,
        found: &mut dyn FnMut(u32, usize),
    ) {
        if most == 0 {
            return found(value, at);
        }
        if least == 0 {
            found(value, at);
        }
        self.inside(layer, at, &mut |read, next| {
            let &[digit] = read else { return };
            if let Some(digit) = char::from(digit).to_digit(base) {
                let value = value.wrapping_mul(base).wrapping_add(digit);
                self.digits(layer, next, (base, least.saturating_sub(1), most - 1), value, found);
            }
        });
    }
}

fn low_byte(value: u32) -> u8 {
    value.to_le_bytes()[0]
}

fn character(value: u32, next: usize, take: Take<'_>) {
    if let Some(character) = char::from_u32(value) {
        take(character.encode_utf8(&mut [0; 4]).as_bytes(), next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str, wanted: &str) -> bool {
        fn walk(spelled: &Spelled<'_>, at: usize, wanted: &[u8]) -> bool {
            if wanted.is_empty() {
                return true;
            }
            let mut found = false;
            spelled.each(at, &mut |read, next| {
                found = found || wanted.strip_prefix(read).is_some_and(|rest| walk(spelled, next, rest));
            });
            found
        }
        walk(&Spelled::new(text.as_bytes()), 0, wanted.as_bytes())
    }

    #[test]
    fn every_spelling_of_a_byte_is_read() {
        for (text, wanted) in [
            (r#"a\"b\\c\n"#, "a\"b\\c\n"),
            (r"\u00e9\ud83d\ude80\xe9", "é🚀é"),
            (r"\xc3\xa9\303\251\u{1f680}\U0001f680", "éé🚀🚀"),
            ("a%40b%2fc+d%25", "a@b/c d%"),
            ("&quot;&#39;&#x27;&amp;&lt;", "\"''&<"),
            (r#"it'\''s it'"'"'s it''s"#, "it's it's it's"),
            ("%2540", "@"),
            (r#"\\\""#, "\""),
            (r"\&quot;", "\""),
            ("%5C%22", "\""),
        ] {
            assert!(reads(text, wanted), "{text}");
        }
        assert!(!reads("a%4", "a@"));
    }
}
