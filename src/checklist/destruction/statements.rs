//! What statements of SQL take away.

use super::{Destroyed, Loss, among};
use crate::checklist::sql::{Token, TokenKind, tokens};

/// Statements that hold others without carrying them out, by their second or third word.
const DEFINED: [&str; 6] = ["function", "procedure", "trigger", "rule", "policy", "event"];
/// Words that a text of SQL begins with.
const BEGINNINGS: &str = "select|insert|update|delete|create|alter|drop|truncate|grant|revoke|vacuum|analyze|explain|with|begin|\
    commit|rollback|start|reindex|show|refresh|set|merge|lock|cluster|copy";
/// What may be dropped.
const THINGS: &str = "table|database|schema|sequence|index|view|materialized|role|user|constraint|column|type|domain|extension|owned|trigger|\
    function|procedure|routine|aggregate|policy|rule|publication|subscription|server|foreign|tablespace|temporary|keyspace|event|partition|group";

/// Whether a text is SQL, told by how it begins.
pub fn is_sql(text: &str) -> bool {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("--"));
    let Some(line) = line else { return false };
    let word: String = line.chars().take_while(char::is_ascii_alphabetic).collect();
    let rest = line[word.len()..].trim_start();
    let known = among(BEGINNINGS, word.to_ascii_lowercase().as_str());
    let spaced = line[word.len()..].starts_with([' ', '\t', ';']) || rest.is_empty();
    let shouted = word.chars().all(|c| c.is_ascii_uppercase());
    // A program may have the same name, and a sentence begin with the same word.
    known && spaced && !rest.starts_with('-') && (shouted || text.contains(';'))
}

/// What a text of SQL takes away, statement by statement, with the words that do and where they stand.
pub fn destroyed(sql: &str) -> Vec<(usize, Destroyed)> {
    if sql.len() > 200_000 {
        return Vec::new();
    }
    let tokens = tokens(sql);
    tokens.split(|token| token.kind == TokenKind::Semicolon).flat_map(of_statement).collect()
}

fn of_statement(tokens: &[Token<'_>]) -> Vec<(usize, Destroyed)> {
    let is = |at: usize, words: &[&str]| tokens.get(at).is_some_and(|token| token.is_any(words));
    let defines = is(0, &["create"]) && tokens.iter().take(6).any(|token| token.is_any(&DEFINED));
    let explains = is(0, &["explain"]) && !tokens.iter().take(6).any(|token| token.is("analyze"));
    let asks = is(0, &["comment", "grant", "revoke", "show", "describe"]);
    if tokens.is_empty() || defines || explains || asks {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        // Statements begin the text, or stand in parentheses of a WITH.
        let begins = at == 0 || tokens[at - 1].kind == TokenKind::Open || tokens[at - 1].kind == TokenKind::Close;
        let begins = begins || (is(0, &["explain", "begin", "do", "if", "call"]) && at > 0);
        let everything = !is_narrowed(&tokens[at..], token.depth);
        let thing = tokens.get(at + 1).is_some_and(|thing| among(THINGS, &thing.text.to_ascii_lowercase()));
        let drops = thing && (at == 0 || is(0, &["alter", "begin", "do", "if"]));
        let told = if token.is("drop") && drops {
            let database = is(at + 1, &["table", "database", "schema", "owned", "keyspace"]) || is(at + 1, &["column"]);
            Some(("drops what it names", if database { Loss::Data } else { Loss::Other }))
        } else if token.is("truncate") && begins && tokens.len() > at + 1 {
            Some(("empties tables", Loss::Data))
        } else if token.is("delete") && begins && deletes_from(&tokens[at..]) {
            if everything { Some(("empties tables", Loss::Data)) } else { Some(("deletes rows", Loss::Other)) }
        } else if token.is("update") && begins && tokens[at..].iter().take(8).any(|token| token.is("set")) {
            if everything { Some(("changes every row", Loss::Data)) } else { Some(("changes rows", Loss::Other)) }
        } else {
            None
        };
        found.extend(told.map(|(words, loss)| (token.span.start, Destroyed { words, loss })));
    }
    found
}

/// Whether a DELETE goes on as one of SQL does, and is no method of HTTP.
fn deletes_from(tokens: &[Token<'_>]) -> bool {
    let named = |token: &Token<'_>| matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
    tokens.get(1).is_some_and(named) && tokens.iter().any(|token| token.is("from"))
}

/// Whether a statement names the rows it means, in a condition that is not always true.
fn is_narrowed(tokens: &[Token<'_>], depth: usize) -> bool {
    let own = tokens.iter().take_while(|token| token.depth >= depth);
    let own: Vec<&Token<'_>> = own.filter(|token| token.depth == depth).collect();
    let Some(at) = own.iter().position(|token| token.is("where")) else { return false };
    let condition: Vec<&str> = own[at + 1..].iter().map(|token| token.text).collect();
    !matches!(condition[..], [] | ["1" | "true" | "TRUE"] | ["1", "=", "1"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sql: &str) -> Vec<&'static str> {
        destroyed(sql).into_iter().map(|(_, destroyed)| destroyed.words).collect()
    }

    #[test]
    fn statements_are_told_by_what_they_do() {
        for (sql, wanted) in [
            ("DROP TABLE a; SELECT 1", "drops what it names"),
            ("drop sequence if exists s", "drops what it names"),
            ("ALTER TABLE a DROP COLUMN b", "drops what it names"),
            ("truncate a, b", "empties tables"),
            ("DELETE FROM a", "empties tables"),
            ("DELETE FROM a WHERE 1 = 1", "empties tables"),
            ("DELETE FROM a WHERE id = 1", "deletes rows"),
            ("UPDATE a SET b = 1", "changes every row"),
            ("UPDATE a SET b = (SELECT c FROM d WHERE e)", "changes every row"),
            ("UPDATE a AS x SET b = 1 WHERE x.id = 2", "changes rows"),
            ("WITH gone AS (DELETE FROM a RETURNING *) SELECT count(*) FROM gone", "empties tables"),
            ("EXPLAIN ANALYZE DELETE FROM a", "empties tables"),
        ] {
            assert_eq!(told(sql), [wanted], "{sql}");
        }
        for sql in [
            "",
            "SELECT 'DROP TABLE a'",
            "-- DROP TABLE a\nSELECT 1",
            "/* DELETE FROM a */ SELECT 1",
            "SELECT * FROM a FOR UPDATE",
            "CREATE TABLE a (b int REFERENCES c ON DELETE CASCADE ON UPDATE SET NULL)",
            "INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET b = 1",
            "GRANT DELETE ON a TO b",
            "DELETE /api/users/5",
            "DELETE (all)",
            "EXPLAIN DELETE FROM a",
            "COMMENT ON TABLE a IS 'drop table'",
            "CREATE TRIGGER t AFTER DELETE ON a",
            "select \"drop\" from a",
        ] {
            assert_eq!(told(sql), [] as [&str; 0], "{sql}");
        }
    }
}
