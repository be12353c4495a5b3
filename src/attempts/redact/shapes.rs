//! Secrets that are known by their look, whoever wrote them: tokens with the mark of who issued them, private keys.

use super::assigned::{End, ends};
use super::needles::Needles;

/// How a token begins, and how many characters of it there are at least.
const TOKENS: [(&str, usize); 27] = [
    // A JSON object in base64: the head of a JWT.
    ("eyJ", 20),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("xoxa-", 15),
    ("xoxb-", 15),
    ("xoxe-", 15),
    ("xoxp-", 15),
    ("xoxr-", 15),
    ("xoxs-", 15),
    ("xapp-", 15),
    ("AKIA", 20),
    ("ASIA", 20),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("sk-", 24),
    ("npm_", 30),
    ("pypi-", 30),
    ("AIza", 35),
    ("ya29.", 20),
    ("hvs.", 20),
    ("dop_v1_", 30),
];
const BEARER: [&[u8]; 3] = [b"Bearer ", b"bearer ", b"BEARER "];
/// Shorter ones are words.
const LEAST_BEARER: usize = 8;
const BEGIN: &[u8] = b"-----BEGIN ";
const PRIVATE: &[u8] = b"PRIVATE KEY";
/// The last line of a private key.
pub(crate) const BLOCK_ENDS: &[u8] = b"-----END";
/// The longest first line of a private key.
const LONGEST_TITLE: usize = 64;
/// Looked at of a token before it is decided on.
const LOOKED_AT: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    None,
    /// So many bytes, and then a secret until a token ends.
    Token(usize),
    /// The first line of a private key.
    Block(usize),
    Open,
}

pub(crate) fn mark(needles: &mut Needles) {
    for (begins, _) in TOKENS {
        needles.mark_start(begins.as_bytes());
    }
    for begins in BEARER.into_iter().chain([BEGIN]) {
        needles.mark_start(begins);
    }
}

/// What begins with the first of `bytes`, behind the byte `before`.
pub(crate) fn at(bytes: &[u8], before: u8, last: bool) -> Shape {
    let open = if last { Shape::None } else { Shape::Open };
    if bytes[0] == b'-' {
        return block(bytes, last);
    }
    if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-' | b'.') {
        return Shape::None;
    }
    let begun = |begins: &[u8]| begins.iter().zip(bytes).all(|(a, b)| a == b);
    let run = |bytes: &[u8]| bytes.iter().take(LOOKED_AT).take_while(|byte| !ends(End::Token, **byte)).count();
    if let Some(bearer) = BEARER.into_iter().find(|bearer| begun(bearer)) {
        let Some(rest) = bytes.strip_prefix(bearer) else { return open };
        let length = run(rest);
        if length == rest.len() && length < LEAST_BEARER.max(20) && !last {
            return Shape::Open;
        }
        // `Bearer authentication` is none.
        let mixed = rest[..length].iter().any(u8::is_ascii_digit) || length >= 24;
        return if length >= LEAST_BEARER && mixed { Shape::Token(bearer.len()) } else { Shape::None };
    }
    for (begins, least) in TOKENS.into_iter().filter(|(begins, _)| begun(begins.as_bytes())) {
        let length = run(bytes);
        if length >= least && bytes.len() >= begins.len() {
            return if is_token(begins, &bytes[..length]) { Shape::Token(0) } else { Shape::None };
        }
        if length == bytes.len() {
            return open;
        }
    }
    Shape::None
}

/// Words with a hyphen begin like some tokens: `sk-` alone says little.
fn is_token(begins: &str, token: &[u8]) -> bool {
    match begins {
        "AKIA" | "ASIA" => token[4..20].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
        "sk-" | "npm_" | "pypi-" | "hvs." => token.iter().filter(|byte| byte.is_ascii_digit()).count() >= 2,
        _ => true,
    }
}

fn block(bytes: &[u8], last: bool) -> Shape {
    let title = &bytes[..bytes.len().min(LONGEST_TITLE)];
    if !BEGIN.iter().zip(title).all(|(a, b)| a == b) {
        return Shape::None;
    }
    let at = |part: &[u8]| title.windows(part.len()).position(|window| window == part);
    match (at(PRIVATE), at(b"KEY-----").or(at(b"KEY BLOCK-----"))) {
        (Some(_), Some(end)) => {
            let length = title[end..].iter().position(|byte| *byte == b'-').map_or(end, |dashes| end + dashes + 5);
            Shape::Block(length)
        }
        (None, Some(_)) => Shape::None,
        (_, None) if title.iter().any(|byte| matches!(byte, b'\n' | b'\r')) || title.len() == LONGEST_TITLE || last => {
            Shape::None
        }
        (_, None) => Shape::Open,
    }
}
