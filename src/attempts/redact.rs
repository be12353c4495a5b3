//! Masks secrets in output, also when one is split over two reads or coloured in its middle.

use std::collections::VecDeque;
use std::sync::Arc;

/// What stands where a secret stood.
pub const MASK: &str = "****";
/// Values shorter than this are left alone: masking every `1` would hide the output and protect nothing.
const SHORTEST: usize = 4;
/// How far a URL's part before its path is followed in search of a password.
const LONGEST_AUTHORITY: usize = 1024;
/// Escapes kept back inside a possible secret before the wait is given up.
const MOST_ESCAPES: usize = 512;
const NAME_PARTS: [&str; 6] = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL"];

/// Whether a variable of this name holds a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    NAME_PARTS.iter().any(|part| name.contains(part))
}

/// The passwords written into URLs and connection strings of `text`, as written there and decoded.
#[must_use]
pub fn passwords_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let rest = &text[at + 3..];
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>')).unwrap_or(rest.len());
        // Generous on purpose: a raw `/` or `@` in a password is wrong, and people write it.
        let Some((user, _)) = rest[..end].rsplit_once('@') else { continue };
        if let Some((_, password)) = user.split_once(':') {
            found.push(password.to_owned());
            found.push(percent_decoded(password));
        }
    }
    for (at, key) in text.match_indices("password=") {
        let rest = &text[at + key.len()..];
        let value = match rest.strip_prefix('\'') {
            Some(quoted) => quoted.split('\'').next(),
            None => rest.split(|c: char| c.is_whitespace() || c == '&').next(),
        };
        found.extend(value.map(percent_decoded));
        found.extend(value.map(ToOwned::to_owned));
    }
    found.retain(|password| password.len() >= SHORTEST);
    found
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).and_then(|digits| str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                decoded.push(byte);
                at += 3;
            }
            _ => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// The secrets of one attempt. Its `Debug` form shows only how many there are.
#[derive(Clone)]
pub struct Secrets {
    /// Longest first, so that the longest of several matches is taken.
    values: Vec<Vec<u8>>,
    /// Whether a byte may begin something that is masked.
    begins: [bool; 256],
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.values.len())
    }
}

impl Secrets {
    /// Gathers the secrets among named values: whole values of secret names, and passwords inside any value.
    #[must_use]
    pub fn gather<'a>(named: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut values: Vec<String> = Vec::new();
        for (name, value) in named {
            values.extend(passwords_in(value));
            if is_secret_name(name) {
                // A terminal turns the line ends of a key file into others, so every line is a secret of its own.
                values.extend(value.lines().map(str::trim).map(ToOwned::to_owned));
            }
        }
        let encoded: Vec<String> = values.iter().map(|value| percent_encoded(value)).collect();
        values.extend(encoded);
        Self::new(values.into_iter().map(String::into_bytes))
    }

    fn new(values: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut values: Vec<Vec<u8>> = values.filter(|value| value.len() >= SHORTEST).collect();
        values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        values.dedup();
        let mut begins = [false; 256];
        begins[usize::from(b':')] = true;
        for value in &values {
            begins[usize::from(value[0])] = true;
        }
        Self { values, begins }
    }

    /// A whole text with its secrets masked, for sentences that go into the ledger.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let mut redactor = Redactor::new(Arc::new(self.clone()));
        let mut out = Vec::new();
        redactor.text(text.as_bytes(), &mut out);
        redactor.end(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

enum Step {
    Pass,
    Secret(usize),
    /// Bytes of a URL's password, counted from here.
    Password(std::ops::Range<usize>),
    /// More must come before this can be decided.
    Wait,
}

/// Masks a stream. Only what may still turn out to be the beginning of a secret is held back, so nothing needs a timer
/// and what comes out does not depend on where the stream was cut.
#[derive(Debug)]
pub struct Redactor {
    secrets: Arc<Secrets>,
    held: Vec<u8>,
    /// Escapes that came between held bytes: the index of the byte they stand before.
    escapes: VecDeque<(usize, Vec<u8>)>,
}

impl Redactor {
    #[must_use]
    pub fn new(secrets: Arc<Secrets>) -> Self {
        Self { secrets, held: Vec::new(), escapes: VecDeque::new() }
    }

    pub fn text(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.held.extend_from_slice(bytes);
        self.advance(false, out);
    }

    /// An escape changes how text looks, not what it says: it neither ends nor hides a secret.
    pub fn escape(&mut self, sequence: &[u8], out: &mut Vec<u8>) {
        if self.held.is_empty() {
            out.extend_from_slice(sequence);
            return;
        }
        self.escapes.push_back((self.held.len(), sequence.to_vec()));
        if self.escapes.len() > MOST_ESCAPES {
            self.advance(true, out);
        }
    }

    /// Nothing more comes: what was held back is no secret.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        self.advance(true, out);
    }

    fn advance(&mut self, last: bool, out: &mut Vec<u8>) {
        let mut at = 0;
        while at < self.held.len() {
            self.release_escapes(at, out);
            if self.escapes.is_empty() {
                let begins = |byte: &u8| self.secrets.begins[usize::from(*byte)];
                let plain = self.held[at..].iter().position(begins).unwrap_or(self.held.len() - at);
                out.extend_from_slice(&self.held[at..at + plain]);
                at += plain;
                if at == self.held.len() {
                    break;
                }
            }
            match self.decide(at, last) {
                Step::Wait => break,
                Step::Pass => {
                    out.push(self.held[at]);
                    at += 1;
                }
                Step::Secret(length) => {
                    out.extend_from_slice(MASK.as_bytes());
                    at += length;
                }
                Step::Password(range) => {
                    out.extend_from_slice(&self.held[at..at + 3]);
                    self.replace(at + range.start..at + range.end);
                    at += 3;
                }
            }
        }
        self.release_escapes(at, out);
        self.held.drain(..at);
        for (index, _) in &mut self.escapes {
            *index -= at;
        }
    }

    /// Puts the mask in place of held bytes that were not handed on yet.
    fn replace(&mut self, range: std::ops::Range<usize>) {
        for (index, _) in &mut self.escapes {
            if *index >= range.end {
                *index = *index - range.len() + MASK.len();
            } else if *index > range.start {
                *index = range.start;
            }
        }
        self.held.splice(range, MASK.bytes());
    }

    fn release_escapes(&mut self, at: usize, out: &mut Vec<u8>) {
        while self.escapes.front().is_some_and(|(index, _)| *index <= at) {
            if let Some((_, sequence)) = self.escapes.pop_front() {
                out.extend_from_slice(&sequence);
            }
        }
    }

    fn decide(&self, at: usize, last: bool) -> Step {
        let rest = &self.held[at..];
        for secret in &self.secrets.values {
            if rest.starts_with(secret) {
                return Step::Secret(secret.len());
            }
            if !last && rest.len() < secret.len() && secret.starts_with(rest) {
                return Step::Wait;
            }
        }
        if rest[0] != b':' {
            return Step::Pass;
        }
        let Some(authority) = rest.strip_prefix(b"://") else {
            return if !last && b"://".starts_with(rest) { Step::Wait } else { Step::Pass };
        };
        let ends = |byte: &u8| *byte <= b' ' || b"/?#\"'<>`\\".contains(byte);
        let Some(end) = authority.iter().take(LONGEST_AUTHORITY).position(ends).or_else(|| {
            (last || authority.len() >= LONGEST_AUTHORITY).then_some(authority.len().min(LONGEST_AUTHORITY))
        }) else {
            return Step::Wait;
        };
        let password = authority[..end].iter().rposition(|byte| *byte == b'@').and_then(|host| {
            let user = authority[..host].iter().position(|byte| *byte == b':')?;
            (host > user + 1).then_some(user + 4..host + 3)
        });
        password.map_or(Step::Pass, Step::Password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secrets() -> Secrets {
        Secrets::gather([
            ("DB_PASSWORD", "hunter2!"),
            ("API_TOKEN", "hunter2!longer"),
            ("X", "plain value"),
            ("URL", "postgresql://app:p%40ss-word@db/neurohub"),
        ])
    }

    fn run(chunks: &[&[u8]]) -> String {
        let mut redactor = Redactor::new(Arc::new(secrets()));
        let mut out = Vec::new();
        for chunk in chunks {
            redactor.text(chunk, &mut out);
        }
        redactor.end(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn secrets_and_url_passwords_are_masked() {
        assert_eq!(run(&[b"login hunter2! ok"]), "login **** ok");
        assert_eq!(run(&[b"the longest wins: hunter2!longer"]), "the longest wins: ****");
        assert_eq!(run(&[b"decoded p@ss-word, written p%40ss-word"]), "decoded ****, written ****");
        assert_eq!(run(&[b"see redis://me:unknown@host:6379/0 there"]), "see redis://me:****@host:6379/0 there");
        assert_eq!(run(&[b"http://127.0.0.1:8000/x plain value"]), "http://127.0.0.1:8000/x plain value");
        assert_eq!(run(&[b"a :: b: c :/ d"]), "a :: b: c :/ d");
    }

    #[test]
    fn a_secret_split_over_reads_is_masked_and_nothing_else_is_held_back() {
        assert_eq!(run(&[b"x hun", b"ter", b"2!", b" y"]), "x **** y");
        let mut redactor = Redactor::new(Arc::new(secrets()));
        let mut out = Vec::new();
        redactor.text(b"prompt> ", &mut out);
        assert_eq!(out, b"prompt> ");
        redactor.text(b"hunt", &mut out);
        assert_eq!(out, b"prompt> ");
        redactor.text(b"ing", &mut out);
        assert_eq!(out, b"prompt> hunting");
    }

    #[test]
    fn a_colour_inside_a_secret_does_not_save_it() {
        let mut redactor = Redactor::new(Arc::new(secrets()));
        let mut out = Vec::new();
        redactor.text(b"<hunt", &mut out);
        redactor.escape(b"\x1b[31m", &mut out);
        redactor.text(b"er2!>", &mut out);
        redactor.text(b"a://u:unk", &mut out);
        redactor.escape(b"\x1b[0m", &mut out);
        redactor.text(b"nown@h/", &mut out);
        redactor.end(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "<****\x1b[31m>a://u:\x1b[0m****@h/");
    }

    #[test]
    fn the_lines_of_a_key_are_masked_one_by_one() {
        let secrets = Secrets::gather([("SSH_KEY", "first line\nsecond line\n")]);
        assert_eq!(secrets.mask("a first line\r\nb second line\r\n"), "a ****\r\nb ****\r\n");
        assert_eq!(format!("{secrets:?}"), "Secrets(4)");
    }

    #[test]
    fn passwords_of_connection_strings_are_found() {
        assert_eq!(passwords_in("host=db user=a password='se cret' x=y"), ["se cret", "se cret"]);
        assert!(passwords_in("postgresql://u:a/b@c@host/db").contains(&"a/b@c".to_owned()));
    }

    proptest! {
        #[test]
        fn where_the_text_is_cut_changes_nothing(
            parts in prop::collection::vec(prop::sample::select(vec![
                "hunter2!", "hunter2!lon", "hunter2!longer", "hunt", "://", ":", "u:unknown@", "@", "a", " ", "/", "p%40ss-word", "\n",
            ]), 0..25),
            cuts in prop::collection::vec(0usize..200, 0..12),
        ) {
            let text = parts.concat();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.sort_unstable();
            let mut chunks: Vec<&[u8]> = Vec::new();
            let mut from = 0;
            for cut in cuts {
                chunks.push(&text.as_bytes()[from..cut]);
                from = cut;
            }
            chunks.push(&text.as_bytes()[from..]);
            let whole = run(&[text.as_bytes()]);
            prop_assert_eq!(run(&chunks), whole.clone());
            prop_assert!(!whole.contains("hunter2!"));
            prop_assert!(!whole.contains("p%40ss-word"));
        }
    }
}
