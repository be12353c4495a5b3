//! The forms in which a secret is looked for that no byte of it shows in: base64, base32 and hexadecimal. What escapes single
//! bytes is read by [`spelling`](super::spelling) and needs no form of its own.

use crate::attempts::sanitize;
use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use std::collections::BTreeSet;

/// Shorter forms would mask ordinary text.
const SHORTEST: usize = 4;
/// A longer secret is looked for in parts, so that one that was cut off is masked too, and memory stays small.
const LONGEST_PART: usize = 64;

/// Every byte string to look for so that `value` is found in whatever form.
pub(super) fn of(value: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut forms = BTreeSet::new();
    // A terminal turns the line ends of a key file into others, so every line is a secret of its own.
    for line in value.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii) {
        for part in parts(line) {
            add(part, &mut forms);
        }
    }
    // How far a match goes bounds how deep the search for it goes.
    forms.iter().flat_map(|form| parts(form)).map(<[u8]>::to_vec).collect()
}

/// The parts of equal size that a longer text is looked for in; no character is cut in two.
fn parts(text: &[u8]) -> Vec<&[u8]> {
    let count = text.len().div_ceil(LONGEST_PART).max(1);
    let size = text.len().div_ceil(count);
    let mut parts = Vec::with_capacity(count);
    let mut rest = text;
    while !rest.is_empty() {
        let mut at = size.min(rest.len());
        while rest.get(at).is_some_and(|byte| (0x80..0xc0).contains(byte)) {
            at += 1;
        }
        let (part, after) = rest.split_at(at);
        parts.push(part.trim_ascii());
        rest = after;
    }
    parts.retain(|part| part.len() >= SHORTEST);
    parts
}

fn add(part: &[u8], forms: &mut BTreeSet<Vec<u8>>) {
    for shown in shown(part) {
        let plain = binary(&shown);
        // Encoded twice: the same once more over the outcome.
        forms.extend(plain.iter().flat_map(|form| binary(form)));
        forms.extend(plain);
        forms.extend(base32(&shown));
        forms.extend(wide(&shown));
        forms.extend(listed(&shown));
        // UTF-7.
        if shown.contains(&b'+') {
            forms.insert(replaced(&shown, b'+', "+-"));
        }
        forms.extend(escaped(&shown).iter().flat_map(|form| binary(form)));
        forms.insert(shown);
    }
}

/// The bytes themselves, and what is left of them when they have become harmless text. Bytes at the ends that are no
/// characters alone may become one with their neighbours.
fn shown(part: &[u8]) -> Vec<Vec<u8>> {
    let from = part.iter().position(|byte| !(0x80..0xc0).contains(byte)).unwrap_or(0);
    let last = part.iter().rposition(|byte| !(0x80..0xc0).contains(byte)).unwrap_or(0);
    let cut = str::from_utf8(&part[last..]).is_err();
    let inner = if cut && last > from { &part[from..last] } else { &part[from..] };
    let lossy = String::from_utf8_lossy(part).into_owned();
    // JSON writes out the lower control characters alone, and the others are dropped then.
    let lower = lossy.replace(|c: char| c.is_control() && c >= '\u{7f}', "");
    let plain = [part, inner].map(sanitize::plain);
    let mut shown = vec![part.to_vec(), lossy.into_bytes(), lower.into_bytes()];
    shown.extend(plain.map(String::into_bytes));
    shown.retain(|shown| shown.len() >= SHORTEST);
    shown.sort();
    shown.dedup();
    shown
}

/// As query strings write it.
pub(super) const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// As programs write text before it is encoded as a whole.
fn escaped(part: &[u8]) -> BTreeSet<Vec<u8>> {
    const PATH: &AsciiSet = &QUOTED.remove(b'/');
    let text = String::from_utf8_lossy(part);
    let json = serde_json::to_string(&text).unwrap_or_default();
    let ascii: String = json.chars().map(|c| if matches!(c, ' '..='~') { c.to_string() } else { units(c) }).collect();
    let url = percent_encode(part, QUOTED).to_string();
    let html = [(b'&', "&amp;"), (b'<', "&lt;"), (b'>', "&gt;"), (b'"', "&quot;")];
    let html = html.into_iter().fold(part.to_vec(), |html, (byte, entity)| replaced(&html, byte, entity));
    let texts = [
        json.trim_matches('"').to_owned(),
        ascii.trim_matches('"').to_owned(),
        url.replace("%20", "+"),
        lower_escapes(&url),
        percent_encode(part, PATH).to_string(),
        text.escape_debug().to_string(),
        part.escape_ascii().to_string(),
        url,
    ];
    let mut forms = BTreeSet::from([
        replaced(&html, b'\'', "&#39;"),
        replaced(&html, b'\'', "&#x27;"),
        replaced(part, b'\'', r"'\''"),
        replaced(part, b'\'', "''"),
        html,
    ]);
    forms.extend(texts.map(String::into_bytes));
    forms.remove(part);
    forms
}

fn replaced(bytes: &[u8], byte: u8, with: &str) -> Vec<u8> {
    bytes.split(|other| *other == byte).collect::<Vec<_>>().join(with.as_bytes())
}

fn lower_escapes(url: &str) -> String {
    let mut parts = url.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |url, part| {
        let (digits, rest) = part.split_at(part.len().min(2));
        url + "%" + &digits.to_ascii_lowercase() + rest
    })
}

fn units(character: char) -> String {
    use std::fmt::Write as _;
    character.encode_utf16(&mut [0; 2]).iter().fold(String::new(), |mut text, unit| {
        let _ = write!(text, "\\u{unit:04x}");
        text
    })
}

/// What encodes bytes as a whole: base64 wherever in a longer text they stand, and hexadecimal as dumps write it.
fn binary(part: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut forms: BTreeSet<String> = BTreeSet::new();
    for before in 0..3_usize {
        // Only digits that stand for bits of the secret alone are the same whatever its neighbours are.
        let bytes = [&vec![0; before][..], part].concat();
        let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for encoding in [&BASE64_NOPAD, &BASE64URL_NOPAD] {
            forms.insert(encoding.encode(&bytes)[from..to].to_owned());
        }
    }
    for encoding in [&HEXLOWER, &HEXUPPER] {
        let digits = encoding.encode(part);
        for separator in [" ", ":"] {
            forms.insert(grouped(&digits, 2, separator));
        }
        // As xxd writes them, wherever its groups begin.
        forms.insert(grouped(&digits, 4, " "));
        forms.insert(format!("{} {}", &digits[..2], grouped(&digits[2..], 4, " ")));
        forms.insert(digits);
    }
    forms.into_iter().map(String::into_bytes).filter(|form| form.len() >= SHORTEST).collect()
}

/// Base64 of UTF-16, as PowerShell takes commands.
fn wide(part: &[u8]) -> BTreeSet<Vec<u8>> {
    let text = String::from_utf8_lossy(part);
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let forms = (0..3_usize).map(|before| {
        let bytes = [&vec![0; before][..], &bytes].concat();
        // The last byte is a zero of its own in ASCII, so that nothing is lost without it.
        let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        BASE64_NOPAD.encode(&bytes)[from..to].to_owned()
    });
    forms.map(String::into_bytes).filter(|form| form.len() >= SHORTEST).collect()
}

/// Bytes as a list of numbers, as Rust, Python and Go print them.
fn listed(part: &[u8]) -> [Vec<u8>; 3] {
    [", ", ",", " "].map(|between| part.iter().map(ToString::to_string).collect::<Vec<_>>().join(between).into_bytes())
}

/// Base32, wherever in a longer text it stands, as one-time passwords and some tokens are written.
fn base32(part: &[u8]) -> BTreeSet<Vec<u8>> {
    let encoded = (0..5_usize).map(|before| {
        let bytes = [&vec![0; before][..], part].concat();
        let (from, to) = ((before * 8).div_ceil(5), bytes.len() * 8 / 5);
        BASE32_NOPAD.encode(&bytes)[from..to].to_owned()
    });
    let both = encoded.flat_map(|text| [text.to_ascii_lowercase(), text]);
    both.map(String::into_bytes).filter(|form| form.len() >= SHORTEST).collect()
}

fn grouped(digits: &str, size: usize, separator: &str) -> String {
    let groups = digits.as_bytes().chunks(size).filter_map(|group| str::from_utf8(group).ok());
    groups.collect::<Vec<_>>().join(separator)
}
