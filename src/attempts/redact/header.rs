//! Header lines of HTTP whose value is a secret whatever it is.

use super::needles::Needles;

/// In lower case; `_` counts as `-`.
const NAMES: &[&[u8]] = &[
    b"authorization",
    b"proxy-authorization",
    b"cookie",
    b"set-cookie",
    b"x-api-key",
    b"x-auth-token",
    b"x-csrf-token",
    b"x-amz-security-token",
    b"api-key",
    b"apikey",
    b"x-access-token",
    b"x-consul-token",
    b"x-functions-key",
    b"x-github-token",
    b"x-gitlab-token",
    b"x-goog-api-key",
    b"x-vault-token",
    b"x-xsrf-token",
    b"private-token",
    b"job-token",
    b"deploy-token",
    b"ocp-apim-subscription-key",
];

/// What stands at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    None,
    /// The name and what separates it from the value, in bytes, and the quote that the value ends with.
    Value(usize, Option<u8>),
    /// It depends on what comes.
    Open,
}

pub(super) fn mark(needles: &mut Needles) {
    for name in NAMES {
        for first in [name[0], name[0].to_ascii_uppercase()] {
            for next in [name[1], name[1].to_ascii_uppercase()] {
                needles.mark(first, next);
                if next == b'-' {
                    needles.mark(first, b'_');
                }
            }
        }
    }
}

/// Whether a header begins with the first of `bytes`, after the two bytes `before`.
#[must_use]
pub(super) fn at(bytes: &[u8], before: [u8; 2], last: bool) -> Header {
    // An escaped line end ends with a letter: `\r\nCookie: …`.
    if before[1].is_ascii_alphanumeric() && before[0] != b'\\' {
        return Header::None;
    }
    let tidy = |byte: &u8| if *byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    let same = |(name, byte): (&u8, &u8)| *name == tidy(byte);
    let Some(name) = NAMES.iter().find(|name| name.iter().zip(bytes).all(same)) else { return Header::None };
    let open = if last { Header::None } else { Header::Open };
    if bytes.len() <= name.len() {
        return open;
    }
    let mut rest = &bytes[name.len()..];
    let mut quote = Some(before[1]).filter(|byte| matches!(byte, b'"' | b'\''));
    let skip = |rest: &mut &[u8], wanted: &[u8]| {
        let count = rest.iter().take_while(|byte| wanted.contains(byte)).count();
        let skipped = &rest[..count];
        *rest = &rest[count..];
        skipped.last().copied()
    };
    if skip(&mut rest, b"\\\"'").is_some() {
        // The quotes were around the name alone.
        quote = None;
    }
    skip(&mut rest, b" ");
    match rest {
        [b':', after @ ..] | [b'=', b'>', after @ ..] => rest = after,
        [b'=', after @ ..] if !after.is_empty() => rest = after,
        [] | [b'='] => return open,
        _ => return Header::None,
    }
    skip(&mut rest, b" \t");
    if let Some(mark) = skip(&mut rest, b"\\\"'") {
        quote = Some(mark);
    }
    if rest.is_empty() && !last {
        return Header::Open;
    }
    Header::Value(bytes.len() - rest.len(), quote)
}
