//! The chains of sqlx, dbmate and Flyway, which are plain SQL in files.
//!
//! | migrator | a revision | its rollback | runs in a transaction |
//! |---|---|---|---|
//! | sqlx | `1_title.sql`, `1_title.up.sql` | `1_title.down.sql` | unless the first line is `-- no-transaction` |
//! | dbmate | `1_title.sql` from `-- migrate:up` on | from `-- migrate:down` on | unless `transaction:false` stands behind it |
//! | Flyway | `V1.2__title.sql` | `U1.2__title.sql` | unless a statement in it cannot |

pub(super) mod refusals;
pub(super) mod settings;

use super::chain::{Chain, Range};
use super::migrator::Host;
use super::position::Position;
use crate::checklist::environment::{Migrator, MigratorKind};
use crate::commands::Failure;
use crate::migration::preflight::back::{Downgrade, Step};
use crate::migration::preflight::{Finding, Severity, Statement, Wrapping, read_from};
use std::path::{Path, PathBuf};

/// Its parts as numbers; compared from the first on.
type Version = Vec<u64>;

/// One revision.
#[derive(Debug, PartialEq, Eq)]
struct File {
    version: Version,
    revision: String,
    up: Option<Part>,
    down: Option<Part>,
    /// Other files of the same version and way.
    again: Vec<String>,
}

/// Where the SQL of one way stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    path: PathBuf,
    lines: Lines,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    All,
    /// Of a file that holds both ways.
    Up,
    Down,
}

/// Reads the revisions of a range from their files.
///
/// # Errors
/// When they are on another host, or cannot be read.
pub(crate) async fn load(host: &Host<'_>, migrator: &Migrator, range: &Range<'_>) -> Result<Chain, Failure> {
    let folder = host.folder().ok_or_else(|| {
        Failure::refused(
            "the migrations are files, and this environment's folder is on another host; run gonogo there, or point the \
             environment at a copy",
        )
    })?;
    let mut files = Vec::new();
    let mut repeatable = Vec::new();
    let mut notes = settings::unread(host, migrator);
    let places = settings::places(host, migrator);
    for place in &places {
        if let Err(why) = collect(&folder.join(place), migrator.kind, &mut files, &mut repeatable, &mut notes) {
            // Flyway warns of a place that is not there and goes on without it.
            let severity =
                if migrator.kind == MigratorKind::Flyway { Severity::Inconclusive } else { Severity::WillFail };
            notes.push(Finding::new(severity, why.message));
        }
    }
    if host.lacks(&migrator.command).await {
        let what = format!("the migrator `{}` was not found on PATH, or in the folder", migrator.command);
        notes.push(Finding::new(Severity::WillFail, what));
    }
    if files.is_empty() {
        let what = format!("no migration was found in {}; nothing was evaluated", places.join(", "));
        notes.push(Finding::new(Severity::Inconclusive, what));
    }
    files.sort_by(|a: &File, b: &File| a.version.cmp(&b.version));
    let of_version = |name: &str| version(name).is_some_and(|version| files.iter().any(|file| file.version == version));
    range.named.check_files(files.iter().map(|file| file.revision.as_str()), of_version)?;
    let position = range.position;
    // Somebody who names where it starts means all that comes before.
    let after =
        if position.applied.is_empty() { position.now.revisions().first().and_then(|now| version(now)) } else { None };
    let is_applied =
        |file: &File| position.applied.iter().any(|own| version(&own.version).as_ref() == Some(&file.version));
    let until = if matches!(range.to, "head" | "heads") { None } else { version(range.to) };
    let wanted = files.iter().filter(|file| !is_applied(file) && !is_below_baseline(position, file));
    let wanted = wanted.filter(|file| after.as_ref().is_none_or(|after| file.version > *after));
    let wanted: Vec<&File> = wanted.filter(|file| until.as_ref().is_none_or(|until| file.version <= *until)).collect();
    notes.extend(refusals::find(host, migrator, position, &files));
    for file in &files {
        // Of those that are applied only Flyway minds.
        if !file.again.is_empty() && (migrator.kind == MigratorKind::Flyway || !is_applied(file)) {
            let what = format!(
                "{} and {} are of one version; the migrator refuses the second of them",
                file.revision,
                file.again.join(", ")
            );
            notes.push(Finding { revision: Some(file.revision.clone()), ..Finding::new(Severity::WillFail, what) });
        }
    }
    let mut found = Chain { notes, ..Chain::default() };
    let mut transactions = 0;
    for file in wanted {
        found.revisions.push(file.revision.clone());
        let Some(up) = &file.up else { continue };
        if up.lines == Lines::Up && has_way_up(up).is_ok_and(|has| !has) {
            let what = format!("{} has no line `-- migrate:up`; dbmate refuses it", file.revision);
            found
                .notes
                .push(Finding { revision: Some(file.revision.clone()), ..Finding::new(Severity::WillFail, what) });
        }
        let mut statements = match statements(up, &file.revision, migrator.kind) {
            Ok(statements) => statements,
            // The migrator reads the same file as the same user.
            Err(why) => {
                found.statements.push(Statement::refused(
                    &file.revision,
                    0,
                    format!("{}; the migrator ends there", why.message),
                ));
                break;
            }
        };
        for statement in &mut statements {
            statement.transaction = statement.transaction.map(|own| own + transactions);
        }
        transactions += statements.iter().filter_map(|statement| statement.transaction).max().map_or(0, |own| own + 1);
        found.statements.extend(statements);
        let downgrade = match &file.down {
            Some(down) => match self::statements(down, &file.revision, migrator.kind) {
                Ok(statements) => Downgrade::Statements(statements),
                Err(why) => Downgrade::Failed(why.message),
            },
            None => Downgrade::Statements(Vec::new()),
        };
        found.steps.push(Step { revision: file.revision.clone(), downgrade });
    }
    for name in repeatable {
        let what = format!(
            "{name} runs again whenever it has changed, which only Flyway knows; it was not evaluated, and comes after all others"
        );
        found.statements.push(Statement::missing(&name, 0, what));
    }
    Ok(found)
}

/// Flyway takes what is below its baseline for done.
fn is_below_baseline(position: &Position, file: &File) -> bool {
    let baseline = position.applied.iter().filter(|applied| applied.kind.as_deref() == Some("BASELINE"));
    baseline.filter_map(|applied| version(&applied.version)).any(|baseline| file.version <= baseline)
}

fn text(part: &Part) -> Result<String, Failure> {
    crate::input::read_text(&part.path, crate::input::DOCUMENT)
        .map_err(|error| Failure::not_fine(format!("{} cannot be read: {error}", part.path.display())))
}

fn has_way_up(part: &Part) -> Result<bool, Failure> {
    Ok(text(part)?.lines().any(|line| mark(line) == Some(Lines::Up)))
}

/// What a line of dbmate's begins: `-- migrate:up`, with or without the blank.
fn mark(line: &str) -> Option<Lines> {
    match line.strip_prefix("--")?.trim_start() {
        rest if rest.starts_with("migrate:up") => Some(Lines::Up),
        rest if rest.starts_with("migrate:down") => Some(Lines::Down),
        _ => None,
    }
}

fn statements(part: &Part, revision: &str, kind: MigratorKind) -> Result<Vec<Statement>, Failure> {
    let text = text(part)?;
    let text = cut(&text, part.lines);
    let mut found = read_from(&text, Some(revision), wrapping(kind, &text));
    // Only what is running says whether Flyway may wrap it.
    if kind == MigratorKind::Flyway && found.iter().any(|statement| is_apart(&statement.text)) {
        found = read_from(&text, Some(revision), Wrapping::AsWritten);
    }
    Ok(found)
}

/// The part of a file for one way; other lines are emptied, so that those that stay keep their numbers.
fn cut(text: &str, lines: Lines) -> String {
    if lines == Lines::All {
        return text.to_owned();
    }
    let mut at = None;
    let cut = text.lines().map(|line| {
        at = mark(line).or(at);
        if at == Some(lines) { line } else { "" }
    });
    cut.collect::<Vec<_>>().join("\n")
}

fn wrapping(kind: MigratorKind, text: &str) -> Wrapping {
    let apart = match kind {
        MigratorKind::Dbmate => text.lines().any(|line| mark(line).is_some() && line.contains("transaction:false")),
        _ => text.starts_with("-- no-transaction"),
    };
    if apart { Wrapping::AsWritten } else { Wrapping::EachRevision }
}

/// Whether PostgreSQL runs a statement outside of transactions only.
fn is_apart(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let words: Vec<&str> = upper.split_whitespace().take(6).collect();
    words.first() == Some(&"VACUUM") || (words.contains(&"CONCURRENTLY") && words.contains(&"INDEX"))
}

/// The migrations in a folder, and for Flyway in those below it. What may be one and is not understood is reported.
fn collect(
    folder: &Path,
    kind: MigratorKind,
    files: &mut Vec<File>,
    repeatable: &mut Vec<String>,
    notes: &mut Vec<Finding>,
) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::not_fine(format!("{} cannot be read: {error}; the migrations stand there", folder.display()))
    };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?.collect::<Result<Vec<_>, _>>();
    let mut paths: Vec<PathBuf> = entries.map_err(unreadable)?.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if kind == MigratorKind::Flyway {
                collect(&path, kind, files, repeatable, notes)?;
            }
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let stem = name.strip_suffix(".sql");
        if kind == MigratorKind::Flyway && stem.is_some_and(|stem| stem.starts_with("R__")) {
            repeatable.push(name);
            continue;
        }
        let understood =
            stem.and_then(|stem| named(kind, stem)).and_then(|(stem, way)| Some((stem, way, version(stem)?)));
        let Some((stem, way, version)) = understood else {
            if may_be_run(kind, &name) {
                let what = format!("{name} stands among the migrations and is not read: the migrator may run it");
                notes.push(Finding::new(Severity::Inconclusive, what));
            }
            continue;
        };
        let at = files.iter().position(|file| file.version == version).unwrap_or_else(|| {
            files.push(File { version, revision: stem.to_owned(), up: None, down: None, again: Vec::new() });
            files.len() - 1
        });
        let part = |lines| Some(Part { path: path.clone(), lines });
        let file = &mut files[at];
        let taken = if way == Way::Down { file.down.is_some() } else { file.up.is_some() };
        match way {
            _ if taken => file.again.push(stem.to_owned()),
            Way::Up => (file.up, file.revision) = (part(Lines::All), stem.to_owned()),
            Way::Down => file.down = part(Lines::All),
            Way::Both => (file.up, file.down) = (part(Lines::Up), part(Lines::Down)),
        }
    }
    repeatable.sort();
    Ok(())
}

/// Whether a migrator may take a file of this name for one to run: callbacks, programs, other ways to name one.
fn may_be_run(kind: MigratorKind, name: &str) -> bool {
    let lower = name.to_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_prose = lower.starts_with('.') || lower.starts_with("readme") || matches!(ending, "md" | "txt");
    match kind {
        MigratorKind::Flyway => !is_prose,
        // dbmate takes whatever begins with a digit and ends so; sqlx what begins with a number and `_`.
        _ => ending == "sql" && lower.starts_with(|c: char| c.is_ascii_digit()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    Both,
}

/// What a file's name without its ending says: the revision with its title, and which way it leads.
fn named(kind: MigratorKind, stem: &str) -> Option<(&str, Way)> {
    match kind {
        MigratorKind::Dbmate => Some((stem, Way::Both)),
        MigratorKind::Flyway => {
            let (way, rest) = match stem.split_at_checked(1)? {
                ("V", rest) => (Way::Up, rest),
                ("U", rest) => (Way::Down, rest),
                _ => return None,
            };
            rest.contains("__").then_some((rest, way))
        }
        _ => Some(match stem.strip_suffix(".down") {
            Some(stem) => (stem, Way::Down),
            None => (stem.strip_suffix(".up").unwrap_or(stem), Way::Up),
        }),
    }
}

/// `1_title`, `20260101120000_title`, `1.2__title`, `1_2__title`.
fn version(text: &str) -> Option<Version> {
    let number = match text.split_once("__") {
        Some((number, _)) => number,
        None => text.split('_').next()?,
    };
    number.split(['.', '_']).map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use MigratorKind::{Dbmate, Flyway, Sqlx};

    #[test]
    fn names_tell_version_and_way() {
        assert_eq!(named(Sqlx, "1_a.down"), Some(("1_a", Way::Down)));
        assert_eq!(named(Flyway, "U1.2__a"), Some(("1.2__a", Way::Down)));
        assert_eq!(named(Flyway, "notes"), None);
        assert_eq!(named(Dbmate, "20260101_a"), Some(("20260101_a", Way::Both)));
        assert_eq!(version("1.10__a"), Some(vec![1, 10]));
        assert_eq!(version("1_2__a"), Some(vec![1, 2]));
        assert_eq!(version("20260101120000_a_b"), Some(vec![20_260_101_120_000]));
        assert_eq!(version("1"), Some(vec![1]));
        assert_eq!(version("x_1"), None);
        assert!(version("1.9__a") < version("1.10__a"));
    }

    #[test]
    fn a_file_with_both_ways_is_cut_and_its_lines_keep_their_numbers() {
        let text = "-- a title\n--migrate:up transaction:false\nSELECT 1;\n\n-- migrate:down\nSELECT 2;\n";
        let up = cut(text, Lines::Up);
        assert_eq!(read_from(&up, Some("1"), wrapping(Dbmate, &up))[0].line, 3);
        assert!(up.contains("SELECT 1") && !up.contains("SELECT 2"));
        let down = cut(text, Lines::Down);
        assert_eq!((wrapping(Dbmate, &up), wrapping(Dbmate, &down)), (Wrapping::AsWritten, Wrapping::EachRevision));
        assert_eq!(read_from(&down, Some("1"), Wrapping::EachRevision)[0].line, 6);
    }

    #[test]
    fn statements_that_stand_alone_are_known() {
        assert!(
            is_apart("CREATE INDEX CONCURRENTLY i ON t (a)") && is_apart("create unique index concurrently i on t (a)")
        );
        assert!(is_apart("VACUUM t") && !is_apart("CREATE INDEX i ON t (a)"));
    }
}
