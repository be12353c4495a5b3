//! Makes the output of an untrusted command harmless before it is kept or shown.
//!
//! What passes: text, newline, carriage return, tab, backspace, colours (`ESC [ … m`), erasing in a line (`ESC [ … K`)
//! and moves relative to where the cursor stands (`ESC [ … A` to `G`), which progress bars need. Everything else that
//! begins with an escape is dropped: titles, clipboard, mode switches, queries that make a terminal answer, graphics.

use crate::harmless;

/// The longest parameter part of a control sequence that is still believed.
const LONGEST_PARAMETERS: usize = 64;
/// A control string that has not ended after this many characters is taken for text that lost its way.
const LONGEST_STRING: usize = 64 * 1024;

/// A part of the output that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Valid UTF-8 without escapes; characters are never split over two pieces.
    Text(&'a str),
    /// One whole control sequence of the allowed grammar.
    Escape(&'a str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Ground,
    /// After ESC.
    Escape,
    /// After ESC and at least one intermediate.
    Intermediate,
    /// Inside `ESC [`.
    Sequence,
    /// Inside a control string (title, clipboard, graphics, …).
    Text,
    /// After an ESC inside a control string.
    TextEscape,
}

/// Reads bytes in chunks of any size; what comes out does not depend on where they were cut.
#[derive(Debug)]
pub(crate) struct Sanitizer {
    place: Place,
    parameters: String,
    swallowed: usize,
    decoder: Decoder,
}

impl Default for Sanitizer {
    fn default() -> Self {
        Self { place: Place::Ground, parameters: String::new(), swallowed: 0, decoder: Decoder::default() }
    }
}

impl Sanitizer {
    /// Takes the next bytes and hands on what passes.
    pub(crate) fn feed(&mut self, bytes: &[u8], sink: &mut impl FnMut(Piece<'_>)) {
        let mut rest = bytes;
        while let Some(&byte) = rest.first() {
            if self.place == Place::Ground && self.decoder.is_idle() {
                let plain = rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len());
                if let Ok(text) = str::from_utf8(&rest[..plain])
                    && plain > 0
                {
                    sink(Piece::Text(text));
                    rest = &rest[plain..];
                    continue;
                }
            }
            match self.decoder.push(byte) {
                Decoded::More => rest = &rest[1..],
                Decoded::Character(character) => {
                    self.take(character, sink);
                    rest = &rest[1..];
                }
                Decoded::Broken => {
                    self.take(char::REPLACEMENT_CHARACTER, sink);
                    rest = &rest[1..];
                }
                // The byte may begin something of its own, so it is looked at again.
                Decoded::BrokenBefore => self.take(char::REPLACEMENT_CHARACTER, sink),
            }
        }
    }

    /// No more bytes come for now: a character cut short becomes U+FFFD, an unfinished escape is dropped.
    pub(crate) fn end(&mut self, sink: &mut impl FnMut(Piece<'_>)) {
        if !self.decoder.is_idle() {
            self.decoder = Decoder::default();
            self.take(char::REPLACEMENT_CHARACTER, sink);
        }
        self.place = Place::Ground;
        self.parameters.clear();
    }

    fn take(&mut self, character: char, sink: &mut impl FnMut(Piece<'_>)) {
        match self.place {
            Place::Ground => self.ground(character, sink),
            Place::Escape => match character {
                '[' => {
                    self.parameters.clear();
                    self.place = Place::Sequence;
                }
                ']' | 'P' | 'X' | '^' | '_' | 'k' => {
                    self.swallowed = 0;
                    self.place = Place::Text;
                }
                ' '..='/' => self.place = Place::Intermediate,
                '0'..='~' => self.place = Place::Ground,
                _ => self.ground(character, sink),
            },
            Place::Intermediate => match character {
                ' '..='/' => {}
                '0'..='~' => self.place = Place::Ground,
                _ => self.ground(character, sink),
            },
            Place::Sequence => self.sequence(character, sink),
            Place::Text => self.string(character, sink),
            Place::TextEscape => {
                if character == '\\' {
                    self.place = Place::Ground;
                } else {
                    self.place = Place::Escape;
                    self.take(character, sink);
                }
            }
        }
    }

    fn ground(&mut self, character: char, sink: &mut impl FnMut(Piece<'_>)) {
        self.place = Place::Ground;
        match character {
            '\u{1b}' => self.place = Place::Escape,
            '\n' | '\r' | '\t' | '\u{8}' => emit(character, sink),
            // The mark at the beginning of a file says nothing, wherever files were put together.
            '\u{feff}' => {}
            _ if character.is_control() => {}
            _ if harmless::is_hidden(character) => emit(char::REPLACEMENT_CHARACTER, sink),
            _ => emit(character, sink),
        }
    }

    fn sequence(&mut self, character: char, sink: &mut impl FnMut(Piece<'_>)) {
        match character {
            ' '..='?' if self.parameters.len() <= LONGEST_PARAMETERS => self.parameters.push(character),
            ' '..='?' => {}
            '@'..='~' => {
                self.place = Place::Ground;
                if is_allowed(&self.parameters, character) {
                    let sequence = format!("\u{1b}[{}{character}", self.parameters);
                    sink(Piece::Escape(&sequence));
                }
                self.parameters.clear();
            }
            _ => self.ground(character, sink),
        }
    }

    fn string(&mut self, character: char, sink: &mut impl FnMut(Piece<'_>)) {
        self.swallowed += 1;
        match character {
            '\u{7}' | '\u{18}' | '\u{1a}' => self.place = Place::Ground,
            '\u{1b}' => self.place = Place::TextEscape,
            // A terminal would go on swallowing; evidence must not disappear behind one stray byte.
            '\n' => self.ground(character, sink),
            _ if self.swallowed > LONGEST_STRING => self.ground(character, sink),
            _ => {}
        }
    }
}

/// Text of `bytes` without any escape, for matching and for sentences.
pub(crate) fn plain(bytes: &[u8]) -> String {
    let mut sanitizer = Sanitizer::default();
    let mut text = String::with_capacity(bytes.len());
    let mut sink = |piece: Piece<'_>| {
        if let Piece::Text(part) = piece {
            text.push_str(part);
        }
    };
    sanitizer.feed(bytes, &mut sink);
    sanitizer.end(&mut sink);
    text
}

fn emit(character: char, sink: &mut impl FnMut(Piece<'_>)) {
    let mut buffer = [0; 4];
    sink(Piece::Text(character.encode_utf8(&mut buffer)));
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t' | 8)
}

fn is_allowed(parameters: &str, end: char) -> bool {
    if parameters.len() > LONGEST_PARAMETERS {
        return false;
    }
    match end {
        'm' => parameters.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b':')),
        'A'..='G' | 'K' => parameters.len() <= 3 && parameters.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}

enum Decoded {
    More,
    Character(char),
    /// The byte itself can begin nothing.
    Broken,
    /// What came before the byte broke off.
    BrokenBefore,
}

/// UTF-8 byte by byte; what is not valid becomes one U+FFFD for each broken part, as in `String::from_utf8_lossy`.
#[derive(Debug, Default)]
struct Decoder {
    bytes: [u8; 4],
    have: usize,
    need: usize,
}

impl Decoder {
    fn is_idle(&self) -> bool {
        self.have == 0
    }

    fn push(&mut self, byte: u8) -> Decoded {
        if self.have == 0 {
            self.need = match byte {
                0..=0x7f => return Decoded::Character(char::from(byte)),
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => return Decoded::Broken,
            };
        } else {
            // The second byte is narrower for some leaders: no overlong forms, no surrogates, nothing above U+10FFFF.
            let range = match (self.have, self.bytes[0]) {
                (1, 0xe0) => 0xa0..=0xbf,
                (1, 0xed) => 0x80..=0x9f,
                (1, 0xf0) => 0x90..=0xbf,
                (1, 0xf4) => 0x80..=0x8f,
                _ => 0x80..=0xbf,
            };
            if !range.contains(&byte) {
                self.have = 0;
                return Decoded::BrokenBefore;
            }
        }
        self.bytes[self.have] = byte;
        self.have += 1;
        if self.have < self.need {
            return Decoded::More;
        }
        let have = std::mem::take(&mut self.have);
        let character = str::from_utf8(&self.bytes[..have]).ok().and_then(|text| text.chars().next());
        character.map_or(Decoded::Broken, Decoded::Character)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(chunks: &[&[u8]]) -> String {
        let mut sanitizer = Sanitizer::default();
        let mut out = String::new();
        let mut sink = |piece: Piece<'_>| match piece {
            Piece::Text(text) | Piece::Escape(text) => out.push_str(text),
        };
        for chunk in chunks {
            sanitizer.feed(chunk, &mut sink);
        }
        sanitizer.end(&mut sink);
        out
    }

    #[test]
    fn colours_and_progress_bars_pass() {
        let bar = "\u{1b}[1;32m 50%\u{1b}[0m\r\u{1b}[2K\u{1b}[1A\u{1b}[38;2;1;2;3mdone\u{1b}[m\tök ✔\n";
        assert_eq!(run(&[bar.as_bytes()]), bar);
    }

    #[test]
    fn tricks_are_dropped_and_the_text_around_them_stays() {
        let tricks = [
            "\u{1b}]0;title\u{7}",
            "\u{1b}]52;c;ZXZpbA==\u{1b}\\",
            "\u{1b}P1$r0m\u{1b}\\",
            "\u{1b}_app\u{1b}\\",
            "\u{1b}^pm\u{1b}\\",
            "\u{1b}ktitle\u{1b}\\",
            "\u{1b}[?1049h",
            "\u{1b}[?1000h",
            "\u{1b}[6n",
            "\u{1b}[c",
            "\u{1b}[>c",
            "\u{1b}[2J",
            "\u{1b}[1;1H",
            "\u{1b}[99999A",
            "\u{1b}[20t",
            "\u{1b}c",
            "\u{1b}(0",
            "\u{1b}#8",
            "\u{9b}",
            "\u{7}",
            "\u{0}",
            "\u{7f}",
            "\u{1b}[!p",
            "\u{1b}[0 q",
        ];
        for trick in tricks {
            let text = format!("before{trick}after\n");
            assert_eq!(run(&[text.as_bytes()]), "beforeafter\n", "{trick:?}");
        }
    }

    #[test]
    fn a_string_that_never_ends_hides_no_later_line() {
        assert_eq!(run(&[b"a\x1b]0;hidden\nvisible\n"]), "a\nvisible\n");
    }

    #[test]
    fn invalid_bytes_are_shown_as_such() {
        for bytes in [&b"a\xffb"[..], b"\xe2\x82", b"\xe2\x82x", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"\xc0\x80"] {
            assert_eq!(run(&[bytes]), String::from_utf8_lossy(bytes));
        }
        assert_eq!(run(&[b"safe\xe2\x80\xaeevil"]), "safe\u{fffd}evil");
    }

    /// Bytes in which escapes, their parts and broken characters are common.
    fn nasty() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            3 => any::<u8>(),
            3 => Just(0x1b),
            2 => prop::sample::select(b"[]P_^Xk\\?;:0123456789mKAHJhlnc\x07\n\r \xe2\x80\xae\xf0\x9f".to_vec()),
            2 => b' '..=b'~',
        ];
        prop::collection::vec(byte, 0..300)
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_changes_nothing(bytes in nasty(), cuts in prop::collection::vec(0usize..300, 0..12)) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut chunks = Vec::new();
            let mut from = 0;
            for cut in cuts {
                chunks.push(&bytes[from..cut]);
                from = cut;
            }
            chunks.push(&bytes[from..]);
            prop_assert_eq!(run(&chunks), run(&[&bytes]));
        }

        #[test]
        fn no_escape_outside_the_grammar_survives(bytes in nasty()) {
            let out = run(&[&bytes]);
            let allowed = regex::Regex::new("\u{1b}\\[(?:[0-9;:]{0,64}m|[0-9]{0,3}[A-GK])").unwrap();
            let rest = allowed.replace_all(&out, "");
            prop_assert!(
                rest.chars().all(|c| !harmless::is_hidden(c) || matches!(c, '\n' | '\r' | '\t' | '\u{8}')),
                "{rest:?} survived"
            );
            // Passing through once more changes nothing: the output is already harmless.
            prop_assert_eq!(run(&[out.as_bytes()]), out);
        }
    }
}
