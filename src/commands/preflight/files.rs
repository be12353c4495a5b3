//! The chains of sqlx, dbmate and Flyway, which are plain SQL in files.
//!
//! | migrator | a revision | its way back | runs in a transaction |
//! |---|---|---|---|
//! | sqlx | `1_title.sql`, `1_title.up.sql` | `1_title.down.sql` | unless the first line is `-- no-transaction` |
//! | dbmate | `1_title.sql` from `-- migrate:up` on | from `-- migrate:down` on | unless `transaction:false` stands behind it |
//! | Flyway | `V1.2__title.sql` | `U1.2__title.sql` | unless a statement in it cannot |

pub(super) mod refusals;

use super::chain::{Chain, Range};
use super::migrator::Host;
use super::position::Position;
use crate::checklist::environment::{Migrator, MigratorKind};
use crate::commands::Failure;
use crate::migration::preflight::back::{Downgrade, Step};
use crate::migration::preflight::{Statement, Wrapping, read_from};
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
pub fn load(host: &Host<'_>, migrator: &Migrator, range: &Range<'_>) -> Result<Chain, Failure> {
    let folder = host.folder().ok_or_else(|| {
        Failure::refused(
            "the migrations are files, and this environment's folder is on another host; run gonogo there, or point the \
             environment at a copy",
        )
    })?;
    let mut files = Vec::new();
    let mut repeatable = Vec::new();
    for place in places(migrator.kind, &migrator.command) {
        collect(&folder.join(place), migrator.kind, &mut files, &mut repeatable)?;
    }
    files.sort_by(|a: &File, b: &File| a.version.cmp(&b.version));
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
    let mut found = Chain { statements: Vec::new(), revisions: Vec::new(), steps: Vec::new(), notes: Vec::new() };
    found.notes = refusals::find(host, migrator, position, &files)?;
    let mut transactions = 0;
    for file in wanted {
        found.revisions.push(file.revision.clone());
        let Some(up) = &file.up else { continue };
        let mut statements = statements(up, &file.revision, migrator.kind)?;
        for statement in &mut statements {
            statement.transaction = statement.transaction.map(|own| own + transactions);
        }
        transactions += statements.iter().filter_map(|statement| statement.transaction).max().map_or(0, |own| own + 1);
        found.statements.extend(statements);
        let downgrade = match &file.down {
            Some(down) => Downgrade::Statements(self::statements(down, &file.revision, migrator.kind)?),
            None => Downgrade::Statements(Vec::new()),
        };
        found.steps.push(Step { revision: file.revision.clone(), downgrade });
    }
    for name in repeatable {
        let what = format!(
            "{name} runs again whenever it has changed, which only Flyway knows; it was not judged, and comes after all others"
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

fn statements(part: &Part, revision: &str, kind: MigratorKind) -> Result<Vec<Statement>, Failure> {
    let text = std::fs::read_to_string(&part.path)
        .map_err(|error| Failure::not_fine(format!("{} cannot be read: {error}", part.path.display())))?;
    let text = cut(&text, part.lines);
    let mut found = read_from(&text, Some(revision), wrapping(kind, &text));
    // Only what runs says whether Flyway may wrap it.
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
        if line.starts_with("-- migrate:up") {
            at = Some(Lines::Up);
        } else if line.starts_with("-- migrate:down") {
            at = Some(Lines::Down);
        }
        if at == Some(lines) { line } else { "" }
    });
    cut.collect::<Vec<_>>().join("\n")
}

fn wrapping(kind: MigratorKind, text: &str) -> Wrapping {
    let apart = match kind {
        MigratorKind::Dbmate => {
            text.lines().any(|line| line.starts_with("-- migrate:") && line.contains("transaction:false"))
        }
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

/// The folders that a migrator's command names, or those it looks in by itself.
fn places(kind: MigratorKind, command: &str) -> Vec<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let named = |names: &[&str]| {
        words.iter().enumerate().find_map(|(at, word)| {
            names.iter().find_map(|name| match word.strip_prefix(name)? {
                "" => words.get(at + 1).map(|next| (*next).to_owned()),
                rest => rest.strip_prefix('=').map(ToOwned::to_owned),
            })
        })
    };
    match kind {
        MigratorKind::Dbmate => vec![named(&["--migrations-dir", "-d"]).unwrap_or_else(|| "db/migrations".to_owned())],
        MigratorKind::Flyway => {
            let places = named(&["-locations", "--locations"]).unwrap_or_else(|| "filesystem:sql".to_owned());
            let folders = places.split(',').filter(|place| !place.starts_with("classpath:"));
            folders.map(|place| place.strip_prefix("filesystem:").unwrap_or(place).to_owned()).collect()
        }
        _ => vec![named(&["--source"]).unwrap_or_else(|| "migrations".to_owned())],
    }
}

fn collect(
    folder: &Path,
    kind: MigratorKind,
    files: &mut Vec<File>,
    repeatable: &mut Vec<String>,
) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::not_fine(format!("{} cannot be read: {error}; the migrations stand there", folder.display()))
    };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let Some(stem) = name.strip_suffix(".sql") else { continue };
        if kind == MigratorKind::Flyway && stem.starts_with("R__") {
            repeatable.push(name.to_owned());
            continue;
        }
        let Some((stem, way)) = named(kind, stem) else { continue };
        let Some(version) = version(stem) else { continue };
        let at = files.iter().position(|file| file.version == version).unwrap_or_else(|| {
            files.push(File { version, revision: stem.to_owned(), up: None, down: None });
            files.len() - 1
        });
        let part = |lines| Some(Part { path: path.clone(), lines });
        match way {
            Way::Up => (files[at].up, files[at].revision) = (part(Lines::All), stem.to_owned()),
            Way::Down => files[at].down = part(Lines::All),
            Way::Both => (files[at].up, files[at].down) = (part(Lines::Up), part(Lines::Down)),
        }
    }
    repeatable.sort();
    Ok(())
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
    fn the_folders_are_found() {
        for (kind, command, expected) in [
            (Sqlx, "sqlx migrate run --source db/migrations", "db/migrations"),
            (Sqlx, "sqlx migrate --source=x run", "x"),
            (Sqlx, "sqlx migrate run", "migrations"),
            (Dbmate, "dbmate -d sql --no-dump-schema", "sql"),
            (Dbmate, "dbmate --migrations-dir=sql", "sql"),
            (Dbmate, "dbmate --wait", "db/migrations"),
            (Flyway, "flyway -url=x -locations=filesystem:a,b,classpath:c", "a b"),
            (Flyway, "flyway", "sql"),
        ] {
            assert_eq!(places(kind, command).join(" "), expected, "{command}");
        }
    }

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
        let text = "-- a title\n-- migrate:up transaction:false\nSELECT 1;\n\n-- migrate:down\nSELECT 2;\n";
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
