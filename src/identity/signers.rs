//! `allowed_signers` as OpenSSH defines it (ssh-keygen(1), "ALLOWED SIGNERS"): who may sign as which principal.
//!
//! A line that cannot be read allows nobody and is reported; the lines beside it count, as they do for `ssh-keygen`.

use super::signature::Signer;
use super::{Certificate, NAMESPACE, pattern};
use chrono::{DateTime, Local, NaiveDateTime, TimeZone as _, Utc};
use ssh_key::PublicKey;
use std::fmt;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedSigners {
    lines: Vec<Line>,
    /// What is wrong with lines that allow nobody: `line 3: …`.
    pub problems: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    number: usize,
    principals: String,
    authority: bool,
    namespaces: Option<String>,
    after: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
    key: PublicKey,
}

/// Why a signer may not sign: of several lines that fail, the one that comes nearest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotAllowed {
    /// No line names the principal.
    PrincipalUnknown,
    /// Lines name the principal, and none has this key.
    KeyNotListed,
    /// The line's namespaces do not name ours.
    Namespace {
        line: usize,
    },
    NotYetValid {
        line: usize,
        from: String,
    },
    Expired {
        line: usize,
        until: String,
    },
    Certificate {
        line: usize,
        why: String,
    },
}

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrincipalUnknown => write!(f, "no line of the allowed signers names this principal"),
            Self::KeyNotListed => write!(f, "the key is not listed for this principal"),
            Self::Namespace { line } => write!(f, "line {line} allows the key for other namespaces than {NAMESPACE}"),
            Self::NotYetValid { line, from } => write!(f, "line {line} allows the key from {from} on"),
            Self::Expired { line, until } => write!(f, "line {line} allowed the key until {until}"),
            Self::Certificate { line, why } => write!(f, "its certificate does not count for line {line}: {why}"),
        }
    }
}

impl AllowedSigners {
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut signers = Self::default();
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let line = line.trim_matches([' ', '\t', '\r']);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match read_line(number, line) {
                Ok(line) => signers.lines.push(line),
                Err(why) => signers.problems.push(format!("line {number}: {why}")),
            }
        }
        signers
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The numbers of the lines that name a principal.
    pub fn naming(&self, principal: &str) -> Vec<usize> {
        let named = self.lines.iter().filter(|line| pattern::names(&line.principals, principal));
        named.map(|line| line.number).collect()
    }

    /// The numbers of all lines.
    pub fn numbers(&self) -> impl Iterator<Item = usize> {
        self.lines.iter().map(|line| line.number)
    }

    /// Whether a signer may sign as `principal` at a time.
    pub fn permit(&self, signer: &Signer, principal: &str, at: DateTime<Utc>) -> Result<(), NotAllowed> {
        let mut nearest = NotAllowed::PrincipalUnknown;
        for line in self.lines.iter().filter(|line| pattern::names(&line.principals, principal)) {
            match line.permit(signer, principal, at) {
                Ok(()) => return Ok(()),
                Err(why) => nearest = nearest.max(why),
            }
        }
        Err(nearest)
    }
}

impl Line {
    fn permit(&self, signer: &Signer, principal: &str, at: DateTime<Utc>) -> Result<(), NotAllowed> {
        let line = self.number;
        let own = match (&signer.certificate, self.authority) {
            (None, false) => signer.key.key_data() == self.key.key_data(),
            (Some(certificate), true) => certificate.authority.key_data() == self.key.key_data(),
            // A key that comes with a certificate counts by it alone, and a plain key is no authority.
            _ => false,
        };
        if !own {
            return Err(NotAllowed::KeyNotListed);
        }
        if self.namespaces.as_ref().is_some_and(|list| !pattern::names(list, NAMESPACE)) {
            return Err(NotAllowed::Namespace { line });
        }
        let shown = |time: &DateTime<Utc>| time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
        if let Some(from) = self.after.as_ref().filter(|from| at < **from) {
            return Err(NotAllowed::NotYetValid { line, from: shown(from) });
        }
        if let Some(until) = self.before.as_ref().filter(|until| at > **until) {
            return Err(NotAllowed::Expired { line, until: shown(until) });
        }
        match &signer.certificate {
            None => Ok(()),
            Some(certificate) => {
                vouches(certificate, principal, at).map_err(|why| NotAllowed::Certificate { line, why })
            }
        }
    }
}

/// Why a certificate does not stand for a principal at a time.
fn vouches(certificate: &Certificate, principal: &str, at: DateTime<Utc>) -> Result<(), String> {
    if !certificate.for_user {
        return Err("it is no user certificate".to_owned());
    }
    // OpenSSH refuses certificates that are for everybody when it checks a signature.
    if !certificate.principals.iter().any(|named| named == principal) {
        return Err(format!("it does not name {principal}"));
    }
    let now = u64::try_from(at.timestamp()).unwrap_or(0);
    if now < certificate.after {
        return Err("it was not valid yet".to_owned());
    }
    if now >= certificate.before {
        return Err("it had expired".to_owned());
    }
    Ok(())
}

fn read_line(number: usize, line: &str) -> Result<Line, String> {
    let (principals, rest) = word(line).ok_or("it holds no key")?;
    let bare = |key| {
        let principals = principals.trim_matches('"').to_owned();
        Line { number, principals, authority: false, namespaces: None, after: None, before: None, key }
    };
    if let Ok(key) = PublicKey::from_openssh(rest) {
        return Ok(bare(key));
    }
    let unreadable = || "it holds no key that can be read".to_owned();
    let (options, key) = word(rest).ok_or_else(unreadable)?;
    let mut read = bare(PublicKey::from_openssh(key).map_err(|_| unreadable())?);
    for option in split_options(options) {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name.to_ascii_lowercase(), Some(value.trim_matches('"'))),
            None => (option.to_ascii_lowercase(), None),
        };
        match (name.as_str(), value) {
            ("cert-authority", None) => read.authority = true,
            ("namespaces", Some(list)) if read.namespaces.is_none() => read.namespaces = Some(list.to_owned()),
            ("valid-after", Some(time)) if read.after.is_none() => read.after = Some(instant(time)?),
            ("valid-before", Some(time)) if read.before.is_none() => read.before = Some(instant(time)?),
            _ => return Err(format!("its option `{option}` is unknown or there twice")),
        }
    }
    if read.after.zip(read.before).is_some_and(|(after, before)| before <= after) {
        return Err("valid-before is not after valid-after".to_owned());
    }
    Ok(read)
}

/// The text up to white space outside quotes, and what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => return Some((&text[..at], text[at..].trim_start_matches([' ', '\t']))),
            _ => {}
        }
    }
    None
}

/// Options separated by commas outside quotes.
fn split_options(options: &str) -> Vec<&str> {
    let mut quoted = false;
    let apart = move |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    };
    options.split(apart).collect()
}

/// `YYYYMMDD` or `YYYYMMDDHHMM[SS]`, in this host's time zone, or in UTC with a `Z` behind it.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let refuse = || format!("`{text}` is no time such as 20261231 or 20261231235959Z");
    let (digits, utc) = text.strip_suffix(['Z', 'z']).map_or((text, false), |digits| (digits, true));
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refuse());
    }
    let whole = match digits.len() {
        8 => format!("{digits}000000"),
        12 => format!("{digits}00"),
        14 => digits.to_owned(),
        _ => return Err(refuse()),
    };
    let time = NaiveDateTime::parse_from_str(&whole, "%Y%m%d%H%M%S").map_err(|_| refuse())?;
    if utc {
        return Ok(time.and_utc());
    }
    Local.from_local_datetime(&time).earliest().map(|time| time.to_utc()).ok_or_else(refuse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFcqBDWCzt76QSIVGEAJSjwyVkxxsNyww/aGnl/7YB7Q";

    #[rstest]
    #[case("qa@small KEY comment with words", None)]
    #[case("  qa@small,*@team\tnamespaces=\"gonogo@v1,git\",valid-before=\"20300101\" KEY", None)]
    #[case("\"qa@small\" cert-authority KEY", None)]
    #[case("# qa@small KEY", None)]
    #[case("qa@small", Some("it holds no key"))]
    #[case("qa@small KE Y", Some("it holds no key that can be read"))]
    #[case("qa@small no-touch KEY", Some("its option `no-touch` is unknown or there twice"))]
    #[case("qa@small cert-authority,namespaces=\"a\",namespaces=\"b\" KEY", Some("is unknown or there twice"))]
    #[case("qa@small valid-after=\"tomorrow\" KEY", Some("`tomorrow` is no time"))]
    #[case("qa@small valid-after=\"20300101Z\",valid-before=\"20290101Z\" KEY", Some("valid-before is not after"))]
    fn a_line_is_read_as_openssh_reads_it(#[case] line: &str, #[case] problem: Option<&str>) {
        let signers = AllowedSigners::read(&format!("\n{}\r\n", line.replace("KEY", KEY)));
        match problem {
            None => assert_eq!(signers.problems, [""; 0]),
            Some(why) => {
                let said = signers.problems.join("; ");
                assert!(said.starts_with("line 2: ") && said.contains(why) && signers.is_empty(), "{said}");
            }
        }
    }

    #[test]
    fn times_are_read_as_openssh_reads_them() {
        let utc = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(instant("20261231Z"), Ok(utc("2026-12-31T00:00:00Z")));
        assert_eq!(instant("202612312359z"), Ok(utc("2026-12-31T23:59:00Z")));
        assert_eq!(instant("20261231235958Z"), Ok(utc("2026-12-31T23:59:58Z")));
        for text in ["2026", "20261331Z", "2026-12-31", "", "Z", "２０２６１２３１"] {
            assert!(instant(text).is_err(), "{text}");
        }
    }
}
