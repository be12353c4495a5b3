//! What lines and texts destroy that a client of a database, or a program of another language, carries out.

use super::code;
use super::command::Input;
use super::programs::REPLS;
use super::running::{Found, base, of_text};
use super::session::Tongue;
use super::shell::commands;
use super::{Destroyed, Loss, among, statements, table};
use regex::Regex;
use std::sync::LazyLock;

/// What lines of Redis destroy.
pub(super) fn of_redis(text: &str) -> Vec<Found> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let reported = lines.filter_map(|line| {
        let words = commands(line).into_iter().next()?.words;
        let destroyed = table::of_program("redis-cli", &words)?;
        Some(Found { destroyed, evidence: line.to_owned() })
    });
    reported.collect()
}

/// What a line that a client of SQL carries out itself destroys: `.restore a.db`, `\! rm x`, `\i drop.sql`.
pub(super) fn of_meta(line: &str) -> Vec<Found> {
    let line = line.trim();
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let found = match name {
        ".restore" if !rest.is_empty() => {
            let destroyed = Destroyed { words: "replaces what is there", loss: Loss::Data };
            return vec![Found { destroyed, evidence: line.to_owned() }];
        }
        ".shell" | ".system" | "\\!" | "system" | "!" | "!!" => of_text(rest, 1),
        ".read" | "\\i" | "\\ir" | "source" | "\\." => {
            let destroyed = table::of_program("psql", &["-f".to_owned(), rest.to_owned()]);
            destroyed.into_iter().map(|destroyed| Found { destroyed, evidence: line.to_owned() }).collect()
        }
        _ => Vec::new(),
    };
    found.into_iter().map(|found| Found { evidence: line.to_owned(), ..found }).collect()
}

/// Whether a line is one of a client: it would destroy something there.
pub(super) fn is_spoken(line: &str) -> bool {
    !statements::destroyed(line).is_empty() || !of_redis(line).is_empty() || !code::destroyed(line, 0).is_empty()
}

/// The language of the lines that follow one that starts a client, and shows it nothing.
pub(super) fn starts_client(line: &str) -> Option<Tongue> {
    let last = commands(line).pop().filter(|command| command.input == Input::Nothing && command.output.is_none())?;
    let reported = ["-c", "-e", "-f", "-q", "-Q", "-r", "-m", "--command", "--execute", "--eval", "--file", "--query"];
    if last.words.iter().any(|word| reported.contains(&word.as_str()) || word.contains(char::is_whitespace)) {
        return None;
    }
    last.words
        .iter()
        .find_map(|word| REPLS.iter().find(|(names, _)| among(names, base(word))))
        .map(|(_, tongue)| *tongue)
}

/// What a line of a program does, in any language.
pub(super) fn of_line(line: &str) -> Option<Destroyed> {
    static ABSENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let shape = r"^\s*(?:-\s+)?(?:(?:state|ensure)\s*(?::|=>)\s*['\x22]?absent\b|\w+\.(?:absent|purged|removed):?\s*$|ensure\s*=>\s*['\x22]?purged)";
        Regex::new(shape).ok()
    });
    if ABSENT.as_ref().is_some_and(|shape| shape.is_match(line)) {
        return Some(Destroyed { words: "removes what it names", loss: Loss::Other });
    }
    // Commands of Redis that nothing else is called like.
    let first = line.split_whitespace().next().unwrap_or_default();
    if among("FLUSHALL|FLUSHDB", first.trim_end_matches(';')) {
        return table::of_program("redis-cli", &[first.trim_end_matches(';').to_owned()]);
    }
    if statements::is_sql(line) { None } else { of_code(line, 0) }
}

fn of_code(text: &str, depth: usize) -> Option<Destroyed> {
    code::destroyed(text, depth).first().map(|(_, destroyed)| *destroyed)
}

/// What a text that a client of a database carries out destroys.
pub(super) fn of_sql(text: &str) -> Vec<Found> {
    let found = statements::destroyed(text).into_iter();
    let found = found.map(|(at, destroyed)| Found { destroyed, evidence: shown(&text[at..]) });
    let found: Vec<Found> = found.collect();
    if !found.is_empty() {
        return found;
    }
    let meta: Vec<Found> = text.lines().flat_map(of_meta).collect();
    if !meta.is_empty() || statements::is_sql(text) {
        return meta;
    }
    code::destroyed(text, 1)
        .into_iter()
        .take(1)
        .map(|(at, destroyed)| Found { destroyed, evidence: shown(&text[at..]) })
        .collect()
}

/// The beginning of a text, by which it is found again.
pub(super) fn shown(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(24).collect()
}
