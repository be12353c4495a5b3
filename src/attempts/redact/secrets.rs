//! The secrets of one attempt, gathered from named values.

use super::header;
use super::names::{is_secret_name, is_setting};
use super::needles::Needles;
use super::rows::Pieces;
use super::{Redactor, forms};
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Values shorter than this are left alone: masking every `1` would hide the output and protect nothing.
pub const SHORTEST: usize = 4;

/// What stands before a password in a connection string, in lower case.
const KEYS: [&str; 6] = ["password=", "pwd=", "passwd=", "secret=", "accountkey=", "sharedaccesskey="];

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
            found.push(password);
        }
    }
    // Only ASCII letters change their case, so that places stay the same.
    let lower = text.to_ascii_lowercase();
    for (at, key) in KEYS.iter().flat_map(|key| lower.match_indices(key)) {
        let rest = text[at + key.len()..].trim_start_matches(' ');
        if let Some(quote) = rest.chars().next().filter(|first| matches!(first, '\'' | '"' | '{')) {
            let close = if quote == '{' { '}' } else { quote };
            found.extend(rest[1..].split(close).next());
            continue;
        }
        // libpq ends a value at white space, a URL at `&`, ODBC and ADO at `;`: which one it is nobody says.
        let value = rest.split(|c: char| c.is_whitespace() || c == '&').next().unwrap_or_default();
        found.extend([value, value.split(';').next().unwrap_or_default()]);
    }
    let decoded = |password: &str| percent_decode_str(password).decode_utf8_lossy().into_owned();
    let both = found.into_iter().flat_map(|password| [password.to_owned(), decoded(password)]);
    both.filter(|password| password.len() >= SHORTEST).collect()
}

/// The secrets of one attempt. Its `Debug` form shows only how many byte strings are looked for.
#[derive(Clone)]
pub struct Secrets {
    needles: Arc<Needles>,
    pieces: Arc<Pieces>,
    unmasked: Vec<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.needles.len())
    }
}

impl Secrets {
    /// Gathers the secrets among named values: whole values of secret names and of those `listed` as secret, and
    /// passwords inside any value.
    #[must_use]
    pub fn gather<'a>(named: impl IntoIterator<Item = (&'a str, &'a [u8])>, listed: &[String]) -> Self {
        let mut needles = BTreeSet::new();
        let mut unmasked = BTreeSet::new();
        let mut pieces = Pieces::default();
        for (name, value) in named {
            for password in passwords_in(&String::from_utf8_lossy(value)) {
                needles.append(&mut forms::of(password.as_bytes()));
                pieces.add(password.as_bytes());
            }
            let known = listed.iter().any(|listed| listed == name);
            if known || is_secret_name(name) && !is_setting(value) {
                if (1..SHORTEST).contains(&value.trim_ascii().len()) {
                    unmasked.insert(name.to_owned());
                }
                needles.append(&mut forms::of(value));
                pieces.add(value);
            }
        }
        let mut needles = Needles::new(needles);
        header::mark(&mut needles);
        needles.mark(b':', b'/');
        needles.mark(b':', b'\\');
        let unmasked = unmasked.into_iter().collect();
        Self { needles: Arc::new(needles), pieces: Arc::new(pieces), unmasked }
    }

    /// The names of secrets whose values are too short to be masked.
    #[must_use]
    pub fn unmasked(&self) -> &[String] {
        &self.unmasked
    }

    /// What to tell of secrets that cannot be masked; nothing when there are none.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let names = (!self.unmasked.is_empty()).then(|| self.unmasked.join(", "))?;
        let one = self.unmasked.len() == 1;
        Some(format!(
            "not masked: {names}: {} shorter than {SHORTEST} characters; set {}",
            if one { "the value is" } else { "the values are" },
            if one { "a longer one" } else { "longer ones" }
        ))
    }

    pub(super) fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    pub(super) fn needles(&self) -> &Needles {
        &self.needles
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
