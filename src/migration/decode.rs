//! Output in UTF-16, as some consoles and redirections write it, made UTF-8.

/// The most bytes held back while the encoding is not yet told.
const HELD: usize = 4;

/// Reads bytes in chunks of any size. What is no UTF-16 passes through as it is.
#[derive(Debug, Default)]
pub struct Decoder {
    encoding: Option<Encoding>,
    /// Bytes that wait for those after them.
    held: Vec<u8>,
    /// The first half of a character that takes two units.
    high: Option<u16>,
    after_return: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    Little,
    Big,
}

const RETURN: u16 = 0x0d;

impl Decoder {
    /// Takes the next bytes; gives what can be told of them so far.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut rest = std::mem::take(&mut self.held);
        rest.extend_from_slice(bytes);
        let mut out = Vec::with_capacity(rest.len());
        let mut at = 0;
        while at < rest.len() {
            let left = &rest[at..];
            match self.encoding {
                None => match told(left) {
                    Some((encoding, mark)) => {
                        self.encoding = Some(encoding);
                        at += mark;
                    }
                    None => break,
                },
                // Neither byte of a mark occurs in UTF-8, so one in the middle begins a part of another encoding.
                Some(Encoding::Plain) => {
                    let mark = left.iter().position(|byte| matches!(byte, 0xff | 0xfe));
                    let plain = mark.unwrap_or(left.len());
                    out.extend_from_slice(&left[..plain]);
                    at += plain;
                    match left.get(plain..) {
                        Some([0xff, 0xfe, ..] | [0xfe, 0xff, ..]) => self.encoding = None,
                        Some([_]) => break,
                        Some([byte, ..]) => {
                            out.push(*byte);
                            at += 1;
                        }
                        _ => {}
                    }
                }
                Some(encoding) => match self.unit(encoding, left, &mut out) {
                    0 => break,
                    used => at += used,
                },
            }
        }
        self.held = rest.split_off(at);
        out
    }

    /// No more bytes come: what was held back passes as it is.
    pub fn end(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }

    /// Takes one unit off `left`; gives how many bytes that were, none when there are too few.
    fn unit(&mut self, encoding: Encoding, left: &[u8], out: &mut Vec<u8>) -> usize {
        // A terminal puts a return byte before each newline byte and so shifts what follows by one.
        let shifted = match (encoding, left) {
            (Encoding::Little, [0x0d, 0x0a, ..]) => return 1,
            (Encoding::Big, [0x0a, ..]) => self.after_return,
            _ => false,
        };
        if shifted {
            self.after_return = false;
            out.push(b'\n');
            return 1;
        }
        let [a, b, ..] = left else { return 0 };
        let unit =
            if encoding == Encoding::Little { u16::from_le_bytes([*a, *b]) } else { u16::from_be_bytes([*a, *b]) };
        self.after_return = unit == RETURN;
        let units = [self.high.take().unwrap_or(unit), unit];
        let pair = if units[0] == unit { &units[1..] } else { &units[..] };
        if pair.len() == 1 && (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
            return 2;
        }
        for character in char::decode_utf16(pair.iter().copied()) {
            let mut buffer = [0; 4];
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        }
        2
    }
}

/// The encoding, and how many bytes its mark takes; `None` while there are too few bytes to tell.
fn told(bytes: &[u8]) -> Option<(Encoding, usize)> {
    match bytes {
        [0xff, 0xfe, ..] => Some((Encoding::Little, 2)),
        [0xfe, 0xff, ..] => Some((Encoding::Big, 2)),
        // Without a mark: letters of one byte with a zero beside each.
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some((Encoding::Little, 0)),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some((Encoding::Big, 0)),
        [_] | [_, 0] | [0, _] | [_, 0, _] | [0, _, 0] if bytes.len() < HELD => None,
        [] => None,
        _ => Some((Encoding::Plain, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "INFO  Running upgrade 0001 -> 0002, größer 語 🚀\r\nERROR no\r\n";

    fn little(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn big(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    /// What a terminal makes of it.
    fn through_a_terminal(bytes: &[u8]) -> Vec<u8> {
        bytes.iter().flat_map(|byte| if *byte == 0x0a { vec![0x0d, 0x0a] } else { vec![*byte] }).collect()
    }

    fn read(bytes: &[u8], cut: usize) -> String {
        let mut decoder = Decoder::default();
        let mut out: Vec<u8> = bytes.chunks(cut).flat_map(|chunk| decoder.feed(chunk)).collect();
        out.extend(decoder.end());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn utf16_is_read_with_and_without_its_mark_however_it_is_cut() {
        let marked = |mark: [u8; 2], bytes: Vec<u8>| [mark.to_vec(), bytes].concat();
        let written = [little(TEXT), big(TEXT), marked([0xff, 0xfe], little(TEXT)), marked([0xfe, 0xff], big(TEXT))];
        for (way, bytes) in written.iter().enumerate() {
            for cut in [1, 2, 3, 5, 64, 4_096] {
                assert_eq!(read(bytes, cut), TEXT, "way {way}, cut {cut}");
                let shown = read(&through_a_terminal(bytes), cut);
                assert_eq!(shown.replace('\r', ""), TEXT.replace('\r', ""), "way {way}, cut {cut}, terminal");
            }
        }
    }

    #[test]
    fn utf8_and_bytes_of_no_encoding_pass_as_they_are() {
        for text in [TEXT, "", "x", "ab", "\0", "a\0b"] {
            for cut in [1, 3, 64] {
                assert_eq!(read(text.as_bytes(), cut), text, "{text:?}, cut {cut}");
            }
        }
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"a\xffb\xc3"), b"a\xffb\xc3");
    }

    #[test]
    fn a_mark_in_the_middle_begins_another_encoding() {
        let mut bytes = b"type migrate.log\n".to_vec();
        bytes.extend([0xff, 0xfe]);
        bytes.extend(little("ERROR no"));
        assert_eq!(read(&bytes, 7), "type migrate.log\nERROR no");
    }
}
