//! The statements of a chain, each with its revision and its line.

use super::act::Act;
use super::script::{PieceKind, cut};
use super::{convert, unusual};
use crate::checklist::migrator::Book;
use crate::migration::lines::{self, Line, Way};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

/// Statements longer than this are not handed to the parser; they hold data, not schema.
const LONGEST: usize = 1 << 20;

/// One statement of a chain.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    /// The revision it belongs to; `None` before the first one.
    pub revision: Option<String>,
    /// Line of the script, from 1.
    pub line: usize,
    pub text: String,
    pub reading: Reading,
    /// Which transaction of the script it runs in, counted from 0; `None` when it runs on its own.
    pub transaction: Option<usize>,
}

/// How well a statement was understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reading {
    Read(Vec<Act>),
    /// Not understood, and why.
    Unread(String),
    /// A part of the chain that could not be had at all, in a sentence; what follows rests on nobody knows what.
    Missing(String),
    /// A part that the migrator itself cannot run, whatever the database holds, in a sentence.
    Refused(String),
}

impl Statement {
    /// Stands for what a revision does and nobody could read.
    #[must_use]
    pub(crate) fn missing(revision: &str, line: usize, what: String) -> Self {
        let reading = Reading::Missing(what);
        Self { revision: Some(revision.to_owned()), line, text: String::new(), reading, transaction: None }
    }

    /// Stands for a revision that fails before any of it reaches the database.
    #[must_use]
    pub(crate) fn refused(revision: &str, line: usize, what: String) -> Self {
        Self { reading: Reading::Refused(what), ..Self::missing(revision, line, String::new()) }
    }

    pub(crate) fn acts(&self) -> &[Act] {
        match &self.reading {
            Reading::Read(acts) => acts,
            Reading::Unread(_) | Reading::Missing(_) | Reading::Refused(_) => &[],
        }
    }

    /// Its first line, shortened, for people.
    pub(crate) fn short(&self) -> String {
        const WIDTH: usize = 100;
        let line = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= WIDTH {
            return line;
        }
        line.chars().take(WIDTH - 1).chain(['…']).collect()
    }
}

/// How a script is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    /// The script says itself where transactions begin and end.
    AsWritten,
    /// The migrator runs each revision in a transaction of its own.
    EachRevision,
}

/// Reads what `alembic upgrade A:B --sql` prints.
pub(crate) fn read(sql: &str) -> Vec<Statement> {
    read_from(sql, None, Wrapping::AsWritten)
}

/// Reads one file that is one revision.
pub(crate) fn read_from(sql: &str, revision: Option<&str>, wrapping: Wrapping) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut revision = revision.map(ToOwned::to_owned);
    let mut marked = revision.is_some();
    let mut transactions = Transactions { open: None, count: 0 };
    if wrapping == Wrapping::EachRevision {
        transactions.begin();
    }
    for piece in cut(sql) {
        let reading = match piece.kind {
            PieceKind::Comment => {
                if let Some(found) = revision_of(&piece.text) {
                    revision = Some(found);
                    marked = true;
                }
                continue;
            }
            PieceKind::Meta => Reading::Unread("a line for psql, which no server understands".to_owned()),
            PieceKind::Torn => Reading::Unread("a quote or comment is not closed".to_owned()),
            PieceKind::Statement => understand(&piece.text, piece.line),
        };
        let mut statement =
            Statement { revision: revision.clone(), line: piece.line, text: piece.text, reading, transaction: None };
        transactions.take(&mut statement);
        statements.push(statement);
    }
    if !marked {
        name_by_bookkeeping(&mut statements);
    }
    statements
}

struct Transactions {
    open: Option<usize>,
    count: usize,
}

impl Transactions {
    fn begin(&mut self) {
        if self.open.is_none() {
            self.open = Some(self.count);
            self.count += 1;
        }
    }

    fn take(&mut self, statement: &mut Statement) {
        let acts = statement.acts();
        if acts.contains(&Act::Begin) {
            self.begin();
        }
        let ends = acts.iter().any(|act| matches!(act, Act::Commit | Act::Rollback));
        statement.transaction = self.open;
        if ends {
            self.open = None;
        }
    }
}

/// The revision whose statements follow, from Alembic's comment. On the way down a step has the name of the revision
/// it undoes.
fn revision_of(comment: &str) -> Option<String> {
    match lines::read(comment)? {
        Line::Running { way: Way::Up, to, .. } => to,
        Line::Running { way: Way::Down, from, .. } => from,
        _ => None,
    }
}

/// Without comments a revision ends where the migrator writes its name down.
fn name_by_bookkeeping(statements: &mut [Statement]) {
    let mut name: Option<String> = None;
    for statement in statements.iter_mut().rev() {
        if let Some(found) = bookkeeping(&statement.text) {
            name = Some(found);
        }
        let outer = statement.acts().iter().any(|act| matches!(act, Act::Commit | Act::Rollback));
        statement.revision = if outer { None } else { name.clone() };
    }
}

/// The revision that a statement writes into Alembic's table.
fn bookkeeping(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if !lower.contains("alembic_version") {
        return None;
    }
    let value = if lower.starts_with("insert") {
        text.split('\'').nth(1)
    } else if lower.starts_with("update") {
        let set = lower.find("version_num")?;
        text[set..].split('\'').nth(1)
    } else {
        None
    };
    value.map(ToOwned::to_owned)
}

/// Whether a statement only keeps a migrator's own books.
pub(crate) fn is_bookkeeping(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words = lower.split_whitespace().take(12).collect::<Vec<_>>();
    let own = |word: &&str| {
        let word = word.rsplit('.').next().unwrap_or_default().trim_matches(|c: char| "\"(;".contains(c));
        // Alembic's may have any name; its column has one.
        Book::is_one(word) || lower.contains("version_num")
    };
    let place = match words.first() {
        Some(&"insert" | &"delete" | &"create" | &"drop") => 2,
        Some(&"update") => 1,
        _ => return false,
    };
    words.get(place).is_some_and(|word| own(&word.split('(').next().unwrap_or_default()))
}

fn understand(text: &str, line: usize) -> Reading {
    if text.len() > LONGEST {
        return Reading::Unread(format!("{} bytes long, which is data rather than schema", text.len()));
    }
    if let Some(acts) = unusual::read(text) {
        return Reading::Read(acts);
    }
    match Parser::parse_sql(&PostgreSqlDialect {}, text) {
        Ok(parsed) => {
            let mut acts = Vec::new();
            for statement in &parsed {
                match convert::acts(statement) {
                    Ok(found) => acts.extend(found),
                    Err(why) => return Reading::Unread(why),
                }
            }
            Reading::Read(acts)
        }
        Err(error) => Reading::Unread(place(&error.to_string(), line)),
    }
}

/// The parser's complaint with lines counted in the script rather than in the statement.
fn place(error: &str, line: usize) -> String {
    let error = error.trim_start_matches("sql parser error: ");
    let Some((said, place)) = error.rsplit_once(" at Line: ") else { return error.to_owned() };
    let mut parts = place.split(", Column: ");
    let own: Option<usize> = parts.next().and_then(|number| number.trim().parse().ok());
    let column = parts.next().unwrap_or("1");
    match own {
        Some(own) => format!("{said} (line {}, column {column})", line + own.saturating_sub(1)),
        None => error.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: &str = "BEGIN;\n\nCREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT NULL\n);\n\n\
        -- Running upgrade  -> 0001\n\nCREATE TABLE lots (id INTEGER);\n\n\
        INSERT INTO alembic_version (version_num) VALUES ('0001') RETURNING alembic_version.version_num;\n\n\
        -- Running upgrade 0001 -> 0002\n\nALTER TABLE lots ADD COLUMN a INT;\n\nCOMMIT;\n\n\
        CREATE INDEX CONCURRENTLY i ON lots (a);\n\nBEGIN;\n\n\
        UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001';\n\nCOMMIT;\n";

    #[test]
    fn revisions_lines_and_transactions_are_reported() {
        let statements = read(CHAIN);
        let of = |start: &str| statements.iter().find(|s| s.text.starts_with(start)).unwrap();
        let place = |start: &str| (of(start).revision.as_deref(), of(start).line, of(start).transaction);
        assert_eq!(place("CREATE TABLE alembic"), (None, 3, Some(0)));
        assert_eq!(place("CREATE TABLE lots"), (Some("0001"), 9, Some(0)));
        assert_eq!(place("ALTER TABLE lots"), (Some("0002"), 15, Some(0)));
        assert_eq!(place("CREATE INDEX"), (Some("0002"), 19, None));
        assert_eq!(place("UPDATE alembic"), (Some("0002"), 23, Some(1)));
        assert!(is_bookkeeping(&of("UPDATE alembic").text) && is_bookkeeping(&of("INSERT").text));
        assert!(is_bookkeeping(&of("CREATE TABLE alembic").text) && !is_bookkeeping(&of("ALTER TABLE").text));
    }

    #[test]
    fn without_comments_the_books_tell_the_revision() {
        let bare: String = CHAIN.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
        let statements = read(&bare);
        let of = |start: &str| statements.iter().find(|s| s.text.starts_with(start)).unwrap().revision.clone();
        assert_eq!(of("CREATE TABLE lots").as_deref(), Some("0001"));
        assert_eq!(of("ALTER TABLE lots").as_deref(), Some("0002"));
    }

    #[test]
    fn one_statement_that_nobody_understands_does_not_lose_the_rest() {
        let statements = read("CREATE TABLE a (id INT);\nFROBNICATE\n  the table;\nDROP TABLE a;");
        assert_eq!(statements.len(), 3);
        let Reading::Unread(why) = &statements[1].reading else { panic!("{:?}", statements[1]) };
        assert!(why.contains("line 2"), "{why}");
        assert!(matches!(statements[2].acts(), [Act::DropRelation { .. }]));
    }

    #[test]
    fn a_file_that_is_a_revision_runs_in_its_own_transaction() {
        let statements = read_from("CREATE TABLE a (id INT);\nSELECT 1", Some("7"), Wrapping::EachRevision);
        assert!(statements.iter().all(|s| s.transaction == Some(0) && s.revision.as_deref() == Some("7")));
        let loose = read_from("CREATE INDEX CONCURRENTLY i ON a (id)", Some("7"), Wrapping::AsWritten);
        assert_eq!(loose[0].transaction, None);
    }
}
