//! Passwords written out in a text.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What is in place of a password.
pub(crate) const MASK: &str = "***";

/// A password that is in a text as itself, rather than as `${VAR}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    /// The whole of it, from the scheme or the name of the setting on.
    pub whole: Range<usize>,
    /// The password alone.
    pub password: Range<usize>,
}

/// The ways a password is written into a text, each with the password as group 1. A database password may hold a
/// slash that nobody encoded; in other URLs a slash ends the authority.
static SHAPES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r#"(?i)\b(?:postgres|postgresql|mysql|mariadb)(?:\+[a-z0-9]+)?://[^\s/:@"'`]*:([^\s"'`]+)@"#,
        r#"(?i)\b[a-z][a-z0-9+.-]*://[^\s/:@"'`]*:([^\s/"'`]+)@"#,
        r#"(?i)://[^\s"'`]*[?&]password=([^\s&"'`\\]+)"#,
        r#"\bPGPASSWORD=\\?["']?([^\s"'`;\\]+)"#,
        r#"(?i)\bauthorization\\?["']?\s*[:=]\s*\\?["']?(?:bearer|basic|token|apikey)\s+([A-Za-z]*[^A-Za-z\s"'`\\][^\s"'`\\]{2,}|[A-Za-z]{4,}={1,2})"#,
        r#"(?i)\b(?:x-[a-z-]*(?:token|key)|private-token|job-token|api-?key):\s*([A-Za-z._~+/=-]*[0-9][^\s"'`\\]{5,})"#,
        r#"(?i)["']\s*cookie:\s*[^=\s"']+=([^\s"'`;\\]{6,})"#,
        r#"\bcurl\s[^|;&\n]*?\s(?:-u|--user)[ =]?\\?["']?[^\s:"'$]+:([^\s"'`\\]+)"#,
    ]
    .iter()
    .filter_map(|shape| Regex::new(shape).ok())
    .collect()
});

/// Text that is nothing but variables, filled in when the environment is reached, or what another command prints; and
/// marks that somebody else put in a password's place.
static VARIABLES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$[A-Za-z_][A-Za-z0-9_]*)+$|^\$\(|^[*.…•x]+$|^[<\[{]").ok()
});

/// Every password in `text`, in order, each once.
pub(crate) fn find(text: &str) -> Vec<Secret> {
    let mut found: Vec<Secret> = Vec::new();
    for captures in SHAPES.iter().flat_map(|shape| shape.captures_iter(text)) {
        let (Some(whole), Some(password)) = (captures.get(0), captures.get(1)) else { continue };
        let secret = Secret { whole: whole.range(), password: password.range() };
        let known = |other: &Secret| other.whole.start < secret.whole.end && secret.whole.start < other.whole.end;
        let variable = VARIABLES.as_ref().is_some_and(|shape| shape.is_match(password.as_str()));
        if !variable && !found.iter().any(known) {
            found.push(secret);
        }
    }
    found.sort_by_key(|secret| secret.whole.start);
    found
}

/// The text with every password in it masked.
pub(crate) fn mask(text: &str) -> String {
    let mut masked = text.to_owned();
    for secret in find(text).into_iter().rev() {
        masked.replace_range(secret.password, MASK);
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_found_wherever_they_stand() {
        for (text, masked) in [
            ("postgresql://app:hunter2@db/x", "postgresql://app:***@db/x"),
            ("postgresql+asyncpg://app:hun/ter@2@db/x", "postgresql+asyncpg://app:***@db/x"),
            ("psql postgres://:pw@db; curl https://u:p@h/", "psql postgres://:***@db; curl https://u:***@h/"),
            ("postgresql://db/x?user=app&password=pw&a=b", "postgresql://db/x?user=app&password=***&a=b"),
            ("PGPASSWORD=pw pg_dump", "PGPASSWORD=*** pg_dump"),
            ("curl -H 'Authorization: Bearer live.tok/en==' x", "curl -H 'Authorization: Bearer ***' x"),
            (r#"-H \"authorization: basic dXNlcjpwdw==\""#, r#"-H \"authorization: basic ***\""#),
            ("headers = { Authorization = \"Token abcdef123\" }", "headers = { Authorization = \"Token ***\" }"),
            ("curl -H 'PRIVATE-TOKEN: glpat-1234567'", "curl -H 'PRIVATE-TOKEN: ***'"),
            ("curl -H \"Cookie: sid=abcdef123; a=b\"", "curl -H \"Cookie: sid=***; a=b\""),
            ("curl -s -u app:hunter2 https://h/", "curl -s -u app:*** https://h/"),
            ("postgresql://app:${PW:-pw}@db/x", "postgresql://app:***@db/x"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn variables_ports_and_addresses_are_no_passwords() {
        for text in [
            "postgresql://app:${PASSWORD}@db/x",
            "postgresql://${USER}:${PASSWORD}@db:5432/x",
            "PGPASSWORD=$PW pg_dump",
            r#"PGPASSWORD=\"$PW\" pg_dump"#,
            "PGPASSWORD=$(cat key) pg_dump",
            "curl -H 'Authorization: Bearer $TOKEN' -H \"Authorization: Bearer ${API_TOKEN}\"",
            "curl -H 'Authorization: Bearer <token>' -u \"$USER:$PASSWORD\" x; docker exec -u 1000:1000 x",
            "Authorization: obtain it from the owner; the X-Api-Key: header",
            "postgresql://app:***@db/x",
            "http://localhost:8080/mail?to=a@b",
            "sqlite:${REHEARSAL}/neurohub.db",
            "postgresql://app@db:5432/x",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }
}
