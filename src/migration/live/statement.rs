//! Statements as the server shows them: made fit to be seen, and known by what they rewrite.

use regex::Regex;
use std::sync::LazyLock;

/// Characters of a statement that are kept.
const LONGEST: usize = 200;

/// What a statement writes anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rewrite {
    /// The table and its indexes.
    Table,
    /// A new version of every row.
    EveryRow,
}

static LITERAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // Strings, dollar-quoted texts and long numbers; the end of one may have been cut off by the server.
    Regex::new(r"(?s)[eEbBxXnN]?'(?:[^'\\]|''|\\.)*(?:'|$)|\$(\w*)\$.*?(?:\$\w*\$|$)|\b\d{5,}\b|\b\d+\.\d+\b").ok()
});
static BLANK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?s)(?:--[^\n]*(?:\n|$)|/\*.*?\*/|\s)+").ok());
static ALTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?ix)^\s*ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?:"?public"?\.)?"?([\w.]+)"?\s+.*
        \b(?:(?:SET\s+DATA\s+)?TYPE\b|SET\s+(?:LOGGED|UNLOGGED|ACCESS\s+METHOD)\b)"#,
    )
    .ok()
});
static UPDATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?is)^\s*UPDATE\s+(?:ONLY\s+)?(?:"?public"?\.)?"?([\w.]+)"?\s+(?:(?:AS\s+)?\w+\s+)?SET\b"#).ok()
});
static LIMITED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\b(?:WHERE|FROM)\b").ok());

/// A statement on one line, without what may be somebody's data, and shortened.
pub(crate) fn shown(statement: &str) -> String {
    let masked =
        LITERAL.as_ref().map_or_else(String::new, |literal| literal.replace_all(statement, "'…'").into_owned());
    let line = BLANK.as_ref().map_or_else(String::new, |blank| blank.replace_all(&masked, " ").into_owned());
    let line: String = line.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut short: String = line.chars().take(LONGEST).collect();
    if line.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

/// What a statement rewrites, and of which table; `None` when it rewrites nothing whole, or nobody can tell.
pub(crate) fn rewrite(statement: &str) -> Option<(Rewrite, String)> {
    let line = BLANK.as_ref()?.replace_all(statement, " ");
    if let Some(found) = ALTER.as_ref()?.captures(&line) {
        return Some((Rewrite::Table, found[1].to_owned()));
    }
    let found = UPDATE.as_ref()?.captures(&line)?;
    // What is left out cannot be known from the statement alone.
    (!LIMITED.as_ref()?.is_match(&line)).then(|| (Rewrite::EveryRow, found[1].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_somebodys_data_is_masked_even_where_it_is_cut_off() {
        assert_eq!(
            shown("UPDATE users\n  SET name = 'O''Brien', id = 1234567 -- why\nWHERE x = 12"),
            "UPDATE users SET name = '…', id = '…' WHERE x = 12"
        );
        assert_eq!(shown("SELECT $body$secret$body$, E'a\\'b'"), "SELECT '…', '…'");
        assert_eq!(shown("INSERT INTO t VALUES ('half a sec"), "INSERT INTO t VALUES ('…'");
        assert_eq!(shown("SELECT \u{1b}[2J"), "SELECT  [2J");
        assert_eq!(shown(&"x".repeat(500)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn rewrites_are_known_from_what_only_looks_at_rows() {
        let table = |text: &str| rewrite(text);
        assert_eq!(
            table(
                "ALTER TABLE process_data ALTER COLUMN created_at TYPE TIMESTAMP WITH TIME ZONE USING created_at AT TIME ZONE 'UTC'"
            ),
            Some((Rewrite::Table, "process_data".into()))
        );
        assert_eq!(table("alter table only public.\"lots\" set unlogged"), Some((Rewrite::Table, "lots".into())));
        assert_eq!(table("UPDATE lots SET a = 1"), Some((Rewrite::EveryRow, "lots".into())));
        for not in [
            "UPDATE lots SET a = 1 WHERE b",
            "UPDATE lots SET a = s.a FROM s",
            "ALTER TABLE lots ALTER COLUMN a SET NOT NULL",
            "ALTER TABLE lots ADD COLUMN typed int",
            "CREATE INDEX i ON lots (a)",
        ] {
            assert_eq!(table(not), None, "{not}");
        }
    }
}
