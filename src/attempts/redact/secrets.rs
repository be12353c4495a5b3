//! The secrets of one attempt, gathered from named values.

use super::header;
use super::names::{is_secret_name, is_setting};
use super::needles::Needles;
use super::remembered::Remembered;
use super::rows::Pieces;
use super::{MASK, Redactor, assigned, forms, shapes};
use percent_encoding::percent_decode_str;
use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Values shorter than this are left alone: masking every `1` would hide the output and protect nothing.
pub(super) const SHORTEST: usize = 4;

/// So many secrets that came up during the attempt are remembered; of more, the latest.
const MOST_LEARNED: usize = 256;
/// So much of a secret's beginning is masked where a text was cut off within it.
const CUT_FROM: usize = 4;
/// What stands where a text was cut off.
const CUT: char = '…';
/// Parts of a token are secrets of their own from this length on: what signs it, what it holds.
const LEAST_PART: usize = 8;

/// What stands before a password in a connection string, in lower case.
const KEYS: [&str; 6] = ["password=", "pwd=", "passwd=", "secret=", "accountkey=", "sharedaccesskey="];

/// The first letters of a text, with the mark that shows [`Secrets::mask`] that more came.
pub fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        text.to_owned()
    } else {
        text.chars().take(longest - 1).chain([CUT]).collect()
    }
}

/// The passwords written into URLs and connection strings of `text`, as written there and decoded.
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
pub struct Secrets {
    given: Arc<Known>,
    learned: Mutex<Learned>,
    unmasked: Vec<String>,
}

/// What is looked for.
pub(super) struct Known {
    pub needles: Needles,
    pub pieces: Pieces,
    /// Tokens of earlier attempts.
    pub remembered: Arc<Remembered>,
}

/// What came up while the attempt ran: tokens and cookies of a login.
#[derive(Default)]
struct Learned {
    values: VecDeque<Vec<u8>>,
    /// With the given ones; made when it is needed.
    known: Option<Arc<Known>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.known().needles.len())
    }
}

impl Default for Secrets {
    fn default() -> Self {
        Self::gather([], &[])
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
        let unmasked = unmasked.into_iter().collect();
        Self { given: Arc::new(Known::new(needles, pieces, Arc::default())), learned: Mutex::default(), unmasked }
    }

    /// Masks what logins of earlier attempts handed out, too: what is known of them in the ledger's folder.
    pub(crate) fn remembering(mut self, evidence: &Path) -> Self {
        if let Some(given) = Arc::get_mut(&mut self.given) {
            given.remembered = Arc::new(Remembered::of(evidence));
        }
        self
    }

    /// Masks a value from here on that came up during the attempt: a token, a cookie, a password that was asked for.
    pub fn learn(&self, value: &str) {
        let decoded = percent_decode_str(value).decode_utf8_lossy();
        let parts = decoded.split(['.', ':', '=', '&', '|']).filter(|part| part.len() >= LEAST_PART);
        let mut learned = self.held();
        for value in [value, decoded.as_ref()].into_iter().chain(parts).map(|value| value.trim().as_bytes()) {
            let known = learned.values.iter().any(|known| known == value);
            if value.len() < SHORTEST || known || is_setting(value) {
                continue;
            }
            if learned.values.len() == MOST_LEARNED {
                learned.values.pop_front();
            }
            learned.values.push_back(value.to_vec());
            learned.known = None;
        }
    }

    fn held(&self) -> MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is looked for now.
    pub(super) fn known(&self) -> Arc<Known> {
        let mut learned = self.held();
        if learned.values.is_empty() {
            return Arc::clone(&self.given);
        }
        let Learned { values, known } = &mut *learned;
        Arc::clone(known.get_or_insert_with(|| {
            let mut needles: BTreeSet<Vec<u8>> = self.given.needles.sorted().iter().cloned().collect();
            let mut pieces = self.given.pieces.clone();
            for value in values.iter() {
                needles.append(&mut forms::of(value));
                pieces.add(value);
            }
            Arc::new(Known::new(needles, pieces, Arc::clone(&self.given.remembered)))
        }))
    }

    /// The names of secrets whose values are too short to be masked.
    pub fn unmasked(&self) -> &[String] {
        &self.unmasked
    }

    /// What to tell of secrets that cannot be masked; nothing when there are none.
    pub fn warning(&self) -> Option<String> {
        let names = (!self.unmasked.is_empty()).then(|| self.unmasked.join(", "))?;
        let one = self.unmasked.len() == 1;
        Some(format!(
            "not masked: {names}: {} shorter than {SHORTEST} characters; set {}",
            if one { "the value is" } else { "the values are" },
            if one { "a longer one" } else { "longer ones" }
        ))
    }

    /// A whole text with its secrets masked, for sentences that go into the ledger. Where the text was cut off within a
    /// secret, which an ellipsis shows, the secret's beginning is masked too.
    pub fn mask(&self, text: &str) -> String {
        let known = self.known();
        let mut redactor = Redactor::knowing(Arc::clone(&known));
        let mut out = Vec::new();
        redactor.text(text.as_bytes(), &mut out);
        redactor.end(&mut out);
        let masked = String::from_utf8_lossy(&out).into_owned();
        let mut parts = masked.split(CUT).peekable();
        let mut whole = String::with_capacity(masked.len());
        while let Some(part) = parts.next() {
            let cut = parts.peek().is_some();
            let begun = if cut { known.needles.begun_at_the_end(part.as_bytes(), CUT_FROM) } else { 0 };
            match part.get(..part.len() - begun).filter(|_| begun > 0) {
                Some(before) => whole.extend([before, MASK]),
                None => whole.push_str(part),
            }
            whole.extend(cut.then_some(CUT));
        }
        whole
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known({})", self.needles.len())
    }
}

impl Known {
    fn new(needles: BTreeSet<Vec<u8>>, pieces: Pieces, remembered: Arc<Remembered>) -> Self {
        let mut needles = Needles::new(needles);
        header::mark(&mut needles);
        assigned::mark(&mut needles);
        shapes::mark(&mut needles);
        Self { needles, pieces, remembered }
    }
}
