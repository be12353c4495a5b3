//! What a command would destroy, told by its effect: one table for what is imported, armed and checked.
//!
//! ```text
//! text ── shell ──> commands ── running ──> the command that is really run ── table ──> what it destroys
//!    └── statements: SQL
//! ```
//!
//! What only prints, searches, comments, asks or tries (`echo`, `grep`, `#`, `SELECT`, `--dry-run`) destroys nothing.

mod command;
mod quotes;
mod running;
mod shell;
mod statements;
mod table;

/// What a command takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destroyed {
    /// The predicate of a sentence whose subject is the command.
    pub words: &'static str,
    pub loss: Loss,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The contents of a database, or a part that nothing but a backup brings back.
    Data,
    Other,
}

/// A command that destroys something, in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destroying {
    /// The line of the text, counted from 0.
    pub line: usize,
    /// The command itself, on one line.
    pub text: String,
    pub destroyed: Destroyed,
}

/// Whether a word is one of a list that is parted by `|`.
fn among(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split('|').any(|known| known == word)
}

/// The longest text that is looked through; one that is longer is no command.
const LONGEST: usize = 400_000;

/// Every command in a text that destroys something, in order: a command, a script or SQL.
#[must_use]
pub fn all(text: &str) -> Vec<Destroying> {
    if text.len() > LONGEST {
        return Vec::new();
    }
    if statements::is_sql(text) {
        let found = statements::destroyed(text).into_iter();
        let found: Vec<_> = found.map(|(at, destroyed)| destroying(text, at..text.len(), "", destroyed)).collect();
        if !found.is_empty() {
            return found;
        }
    }
    let commands = shell::commands(text);
    let mut all: Vec<Destroying> = Vec::new();
    for (at, command) in commands.iter().enumerate() {
        let range = command.start..command.end.max(command.start);
        let found = running::of(&commands, at).into_iter();
        let mut found: Vec<_> = found.map(|f| destroying(text, range.clone(), &f.evidence, f.destroyed)).collect();
        let begins = text[..command.start].rsplit('\n').next().unwrap_or_default().trim().is_empty();
        if found.is_empty() && begins && running::is_unknown(command) {
            let line = text[command.start..].lines().next().unwrap_or_default();
            found.extend(running::of_line(line).map(|destroyed| destroying(text, range, "", destroyed)));
        }
        for one in found {
            // One command may destroy in several ways on the same line.
            if !all.iter().rev().take(8).any(|known| *known == one) {
                all.push(one);
            }
        }
    }
    all
}

/// What a text destroys: data of a database before anything else, else what comes first.
#[must_use]
pub fn of(text: &str) -> Option<Destroyed> {
    let all = all(text);
    let heaviest = all.iter().find(|one| one.destroyed.loss == Loss::Data).or_else(|| all.first());
    heaviest.map(|one| one.destroyed)
}

/// Whether a text takes away what a database holds.
#[must_use]
pub fn takes_data(text: &str) -> bool {
    all(text).iter().any(|one| one.destroyed.loss == Loss::Data)
}

/// Whether one command of a text runs although the one before it failed: several stand below each other or behind a
/// semicolon, and the first does not say what a failure means (`set -e`, `set +e`).
#[must_use]
pub fn runs_on(text: &str) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    let commands = shell::commands(text);
    let says = commands.first().is_some_and(|first| {
        let mut words = first.words.iter().map(String::as_str);
        words.next() == Some("set")
            && words.any(|word| word == "errexit" || (word.starts_with(['-', '+']) && word.contains('e')))
    });
    let parted = |pair: &[command::Command]| {
        let between = text.get(pair[0].end..pair[1].start).unwrap_or_default().trim_start();
        !between.starts_with("&&") && !between.starts_with('|') && between.len() < text.len()
    };
    !says && commands.windows(2).any(parted)
}

fn destroying(text: &str, range: std::ops::Range<usize>, evidence: &str, destroyed: Destroyed) -> Destroying {
    let own = &text[range.clone()];
    // A line that goes on is one line; of a command with a text in it the line that tells.
    let within = if evidence.is_empty() { 0 } else { own.find(evidence).unwrap_or(0) };
    let at = range.start + within;
    let begins = |at: usize| text[..at].rfind('\n').map_or(0, |end| end + 1);
    let mut start = begins(at);
    while start > 0 && text[..start - 1].trim_end_matches('\r').ends_with('\\') {
        start = begins(start - 1);
    }
    let mut shown = String::new();
    for line in text[start..].lines() {
        let line = line.trim_end();
        let goes_on = line.strip_suffix('\\');
        shown.push_str(goes_on.unwrap_or(line).trim());
        if goes_on.is_none() {
            break;
        }
        shown.push(' ');
    }
    let line = text[..start].matches('\n').count();
    Destroying { line, text: shown.trim().to_owned(), destroyed }
}

#[cfg(test)]
mod tests;
