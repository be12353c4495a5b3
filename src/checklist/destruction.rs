//! What a command would destroy, reported by its effect: one table for what is imported, armed and checked.
//!
//! ```text
//! text ── session ──> whose lines ┬─ shell ──> commands ── running ──> the command that is really run ── table ──> what it destroys
//!         (prompts, fences)       ├─ statements: SQL
//!                                 └─ code: programs of other languages
//! ```
//!
//! One rule: a command destroys when it **takes something away** that the same command run again does not bring back:
//! rows, files, disks, history, accounts, software, rules of the network; or when it **ends** a service, a process or a
//! machine until somebody starts it again. Restarting, reloading and rolling forward do not count. Two levels: [`Loss::Data`]
//! is what a database holds; everything else is [`Loss::Other`].
//!
//! What only prints, searches, comments, asks or tries (`echo`, `grep`, `#`, `SELECT`, `--dry-run`) destroys nothing.

mod clients;
mod code;
mod command;
mod programs;
mod quotes;
mod running;
mod session;
mod shell;
mod started;
mod statements;
mod table;
mod verbs;

pub(crate) use session::{Tongue, script};
pub(crate) use started::programs;

/// What a command takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Destroyed {
    /// The predicate of a sentence whose subject is the command.
    pub words: &'static str,
    pub loss: Loss,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The contents of a database, or a part that nothing but a backup brings back.
    Data,
    Other,
}

/// A command that destroys something, in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destroying {
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
pub(crate) fn all(text: &str) -> Vec<Destroying> {
    all_in(Tongue::Any, text)
}

/// Every command that destroys something in a text whose language is known.
pub(crate) fn all_in(tongue: Tongue, text: &str) -> Vec<Destroying> {
    // What is typed into a form to see it refused: `'; DROP TABLE a; --`.
    let tries = ["';", "\";", "')", "' OR", "' or"].iter().any(|begins| text.trim_start().starts_with(begins));
    if text.len() > LONGEST || (tongue == Tongue::Any && tries && !text.trim().contains('\n')) {
        return Vec::new();
    }
    let (text, parts) = session::parts(text, tongue);
    let mut all: Vec<Destroying> = Vec::new();
    for part in &parts {
        for hit in evaluated(part.tongue, &text[part.range.clone()]) {
            let area = part.range.start + hit.area.start..part.range.start + hit.area.end;
            let one = destroying(&text, area, &hit.evidence, hit.destroyed);
            // One command may destroy in several ways on the same line, and be evaluated in two languages.
            let known = |known: &Destroying| known.line == one.line && (known.text == one.text || parts.len() > 1);
            let same = |known: &Destroying| *known == one || (parts.len() > 1 && known.line == one.line);
            let twice = all.iter().rev().take(8).any(same) || (parts.len() > 1 && all.iter().any(known));
            if !twice {
                all.push(one);
            }
        }
    }
    all.sort_by_key(|one| one.line);
    all
}

/// What destroys in a part of a text: where to look for it, and a word that shows where.
struct Hit {
    area: std::ops::Range<usize>,
    evidence: String,
    destroyed: Destroyed,
}

fn evaluated(tongue: Tongue, text: &str) -> Vec<Hit> {
    let whole = |found: Vec<running::Found>| {
        let hit = |f: running::Found| Hit { area: 0..text.len(), evidence: f.evidence, destroyed: f.destroyed };
        found.into_iter().map(hit).collect::<Vec<_>>()
    };
    match tongue {
        Tongue::Sql => of_sql(text).unwrap_or_else(|| of_shell(tongue, text)),
        Tongue::Redis => whole(clients::of_redis(text)),
        Tongue::Client => {
            let sql = of_sql(text).unwrap_or_default();
            sql.into_iter().chain(whole(clients::of_redis(text))).chain(of_code(text)).collect()
        }
        Tongue::Code => of_code(text).into_iter().chain(of_shell(tongue, text)).collect(),
        Tongue::Any | Tongue::Shell | Tongue::Console | Tongue::Windows | Tongue::Yaml => {
            if statements::is_sql(text)
                && let Some(found) = of_sql(text).filter(|found| !found.is_empty())
            {
                return found;
            }
            of_shell(tongue, text)
        }
    }
}

fn of_code(text: &str) -> Vec<Hit> {
    let found = code::destroyed(text, 0).into_iter();
    found.map(|(at, destroyed)| Hit { area: at..text.len(), evidence: String::new(), destroyed }).collect()
}

/// What SQL destroys, and commands of its clients; nothing when no line of it is either.
fn of_sql(text: &str) -> Option<Vec<Hit>> {
    let found = statements::destroyed(text).into_iter();
    let mut found: Vec<Hit> =
        found.map(|(at, destroyed)| Hit { area: at..text.len(), evidence: String::new(), destroyed }).collect();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let area = at..at + line.len();
        at = area.end;
        let reported = clients::of_meta(line).into_iter();
        found.extend(reported.map(|f| Hit { area: area.clone(), evidence: String::new(), destroyed: f.destroyed }));
    }
    (!found.is_empty() || statements::is_sql(text)).then_some(found)
}

fn of_shell(tongue: Tongue, text: &str) -> Vec<Hit> {
    let commands = if tongue == Tongue::Windows { shell::commands_of_windows(text) } else { shell::commands(text) };
    let mut all = Vec::new();
    for (at, command) in commands.iter().enumerate() {
        let area = command.start..command.end.max(command.start);
        let found = running::of(&commands, at, tongue);
        let begins = text[..command.start].rsplit('\n').next().unwrap_or_default().trim().is_empty();
        let unknown = found.is_empty() && begins && tongue != Tongue::Code && running::is_unknown(command);
        let pipe = running::pipe(&commands, at);
        all.extend(found.into_iter().map(|f| {
            // The text that a command reads may stand with one before it in its pipe.
            let own = f.evidence.is_empty() || text[area.clone()].contains(&f.evidence);
            let area = if own { area.clone() } else { pipe.clone() };
            Hit { area, evidence: f.evidence, destroyed: f.destroyed }
        }));
        if unknown {
            let line = text[command.start..].lines().next().unwrap_or_default();
            let found = clients::of_line(line).into_iter();
            all.extend(found.map(|destroyed| Hit { area: area.clone(), evidence: String::new(), destroyed }));
        }
    }
    all
}

/// Whether a line begins with a program that is known here, and is no sentence.
pub(crate) fn reads_as_command(line: &str) -> bool {
    running::is_called(line)
}

/// What a text destroys: data of a database before anything else, else what comes first.
pub(crate) fn of(text: &str) -> Option<Destroyed> {
    let all = all(text);
    let heaviest = all.iter().find(|one| one.destroyed.loss == Loss::Data).or_else(|| all.first());
    heaviest.map(|one| one.destroyed)
}

/// Whether a text takes away what a database holds.
pub(crate) fn takes_data(text: &str) -> bool {
    all(text).iter().any(|one| one.destroyed.loss == Loss::Data)
}

/// Whether one command of a text runs although the one before it failed: several stand below each other or behind a
/// semicolon, and the first does not say what a failure means (`set -e`, `set +e`).
pub(crate) fn runs_on(text: &str) -> bool {
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
    // A line that goes on is one line; of a command with a text in it the line that shows.
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
