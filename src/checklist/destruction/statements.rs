//! What statements of SQL take away.

use super::{Destroyed, Loss, among};
use crate::checklist::sql::{Token, TokenKind, tokens};

/// Statements that hold others without carrying them out, by their second or third word.
const DEFINED: [&str; 6] = ["function", "procedure", "trigger", "rule", "policy", "event"];
/// Words that a text of SQL begins with.
const BEGINNINGS: &str = "select|insert|update|delete|create|alter|drop|truncate|grant|revoke|vacuum|analyze|explain|with|begin|\
    commit|rollback|start|reindex|show|refresh|set|merge|lock|cluster|copy|do|call|exec|execute|prepare|declare|use|reset|purge|restore|replace";
/// What may be dropped.
const THINGS: &str = "table|database|schema|sequence|index|view|materialized|role|user|constraint|column|type|domain|extension|owned|trigger|\
    function|procedure|routine|aggregate|policy|rule|publication|subscription|server|foreign|tablespace|temporary|keyspace|event|partition|group|\
    collation|operator|cast|language|statistics|text|access|warehouse|stage|stream|task|pipe|share|login|credential|synonym|package|\
    profile|pluggable|dictionary|measurement|series|retention|shard|catalog|collection|node|unique|primary";
/// Things that hold what a database holds.
const HOLDERS: [&str; 11] = [
    "table",
    "database",
    "schema",
    "owned",
    "keyspace",
    "column",
    "partition",
    "measurement",
    "series",
    "collection",
    "pluggable",
];
/// Statements that carry out a text.
const RUNS: [&str; 7] = ["execute", "exec", "immediate", "sp_executesql", "prepare", "dblink_exec", "dblink"];
/// Functions that take away or end something, whatever statement calls them.
const FUNCTIONS: &[(&str, &str, Loss)] = &[
    (
        "pg_drop_replication_slot|pg_replication_origin_drop|lo_unlink|pg_file_unlink",
        "drops what it names",
        Loss::Other,
    ),
    ("pg_terminate_backend|pg_cancel_backend", "ends sessions", Loss::Other),
];

/// Whether a text is SQL, reported by how it begins.
pub(super) fn is_sql(text: &str) -> bool {
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
pub(super) fn destroyed(sql: &str) -> Vec<(usize, Destroyed)> {
    if sql.len() > 200_000 {
        return Vec::new();
    }
    read(sql, 0)
}

fn read(sql: &str, depth: usize) -> Vec<(usize, Destroyed)> {
    let tokens = tokens(sql);
    let mut found = Vec::new();
    // The body of a function goes on behind its semicolons.
    let mut defining = false;
    let commits = tokens.iter().any(|token| token.is("commit"));
    let mut begun = usize::MAX;
    for statement in tokens.split(|token| token.kind == TokenKind::Semicolon) {
        let odd = statement.iter().filter(|token| is_dollar_quote(token.text)).count() % 2 == 1;
        let inside = defining;
        defining = if inside { !odd } else { odd && defines(statement) };
        let begins = |words: &[&str]| statement.first().is_some_and(|token| token.is_any(words));
        if begins(&["begin", "start"]) {
            begun = found.len();
        }
        // What is taken back at the end was only tried.
        if begins(&["rollback"]) && statement.len() < 3 && !commits {
            let mut at = 0;
            found.retain(|(_, one): &(usize, Destroyed)| {
                at += 1;
                at <= begun
                    || !matches!(one.words, "deletes rows" | "changes rows" | "changes every row" | "empties tables")
            });
        }
        if !inside {
            found.extend(of_statement(statement, depth));
        }
    }
    found
}

/// `$$` or `$name$`.
fn is_dollar_quote(text: &str) -> bool {
    text.len() > 1 && text.starts_with('$') && text.ends_with('$')
}

fn defines(tokens: &[Token<'_>]) -> bool {
    let create = tokens.first().is_some_and(|token| token.is("create"));
    create && tokens.iter().take(6).any(|token| token.is_any(&DEFINED))
}

fn of_statement(tokens: &[Token<'_>], depth: usize) -> Vec<(usize, Destroyed)> {
    let is = |at: usize, words: &[&str]| tokens.get(at).is_some_and(|token| token.is_any(words));
    let explains = is(0, &["explain"]) && !tokens.iter().take(6).any(|token| token.is("analyze"));
    let asks = is(0, &["comment", "grant", "revoke", "show", "describe"]);
    if tokens.is_empty() || defines(tokens) || explains || asks {
        return Vec::new();
    }
    let mut found: Vec<(usize, Destroyed)> =
        whole(tokens).into_iter().map(|destroyed| (tokens[0].span.start, destroyed)).collect();
    let runs = tokens.iter().position(|token| token.is_any(&RUNS));
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::Text && runs.is_some_and(|runs| runs < at) && depth < 3 {
            // More is put behind it: `'DROP TABLE ' || name`.
            let text = token.name().unwrap_or_default();
            let text = if text.ends_with(' ') { format!("{text}x") } else { text };
            let inner = read(&text, depth + 1);
            found.extend(inner.into_iter().map(|(_, destroyed)| (token.span.start, destroyed)));
        }
        let function = FUNCTIONS.iter().find(|(names, ..)| among(names, &token.text.to_ascii_lowercase()));
        if let Some((_, words, loss)) =
            function.filter(|_| tokens.get(at + 1).is_some_and(|next| next.kind == TokenKind::Open))
        {
            found.push((token.span.start, Destroyed { words, loss: *loss }));
        }
        // Statements begin the text, or stand in parentheses of a WITH.
        let begins = at == 0 || tokens[at - 1].kind == TokenKind::Open || tokens[at - 1].kind == TokenKind::Close;
        let begins = begins || (is(0, &["explain", "begin", "do", "if", "call"]) && at > 0);
        let everything = !is_narrowed(&tokens[at..], token.depth);
        let thing = tokens.get(at + 1).is_some_and(|thing| among(THINGS, &thing.text.to_ascii_lowercase()));
        let named = named_behind(tokens, at + 2);
        let drops = thing && named && (at == 0 || is(0, &["alter", "begin", "do", "if"]));
        let reported = if token.is("drop") && drops {
            let database = is(at + 1, &HOLDERS);
            Some(("drops what it names", if database { Loss::Data } else { Loss::Other }))
        } else if token.is("truncate") && (begins || is(0, &["alter"])) && named_behind(tokens, at + 1) {
            Some(("empties tables", Loss::Data))
        } else if token.is("delete") && is(0, &["alter"]) && is(at + 1, &["where"]) {
            // ClickHouse.
            if everything { Some(("empties tables", Loss::Data)) } else { Some(("deletes rows", Loss::Other)) }
        } else if token.is("delete") && begins && deletes_from(&tokens[at..]) {
            if everything { Some(("empties tables", Loss::Data)) } else { Some(("deletes rows", Loss::Other)) }
        } else if token.is("update") && begins && tokens[at..].iter().take(8).any(|token| token.is("set")) {
            if everything { Some(("changes every row", Loss::Data)) } else { Some(("changes rows", Loss::Other)) }
        } else {
            None
        };
        found.extend(reported.map(|(words, loss)| (token.span.start, Destroyed { words, loss })));
    }
    found
}

/// Statements that are recognised by how they begin.
fn whole(tokens: &[Token<'_>]) -> Option<Destroyed> {
    let words: Vec<String> = tokens.iter().take(5).map(|token| token.text.to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (words, loss) = match words[..] {
        ["reset", "master" | "slave" | "replica" | "binary", ..] | ["purge", "binary" | "master", "logs", ..] => {
            ("deletes stored data", Loss::Other)
        }
        ["restore", "database", ..] | ["insert", "overwrite", ..] | ["create", "or", "replace", "table", _] => {
            ("replaces what is there", Loss::Data)
        }
        ["shutdown"] | ["shutdown", "with" | "immediate" | "abort" | "normal", ..] => ("stops a service", Loss::Other),
        _ => return None,
    };
    Some(Destroyed { words, loss })
}

/// Whether a name follows, `IF EXISTS`, `TABLE` and their like aside.
fn named_behind(tokens: &[Token<'_>], from: usize) -> bool {
    let filler = [
        "if",
        "exists",
        "table",
        "only",
        "concurrently",
        "by",
        "view",
        "partition",
        "key",
        "temporary",
        "data",
        "wrapper",
    ];
    tokens[from.min(tokens.len())..].iter().any(|token| {
        matches!(token.kind, TokenKind::Word | TokenKind::Quoted | TokenKind::Text | TokenKind::Sign)
            && !token.is_any(&filler)
    })
}

/// Whether a DELETE goes on as one of SQL does, and is no method of HTTP.
fn deletes_from(tokens: &[Token<'_>]) -> bool {
    let named = |token: &Token<'_>| matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
    let from = tokens.iter().position(|token| token.is("from"));
    tokens.get(1).is_some_and(named) && from.is_some_and(|from| named_behind(tokens, from + 1))
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

    fn reported(sql: &str) -> Vec<&'static str> {
        destroyed(sql).into_iter().map(|(_, destroyed)| destroyed.words).collect()
    }

    #[test]
    fn statements_are_reported_by_what_they_do() {
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
            ("DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'a'; END $$", "drops what it names"),
            ("DO $$ BEGIN DROP TABLE a; END $$", "drops what it names"),
            ("EXECUTE IMMEDIATE 'TRUNCATE TABLE a'", "empties tables"),
            ("EXEC('DROP TABLE a')", "drops what it names"),
            ("EXEC sp_executesql N'DROP TABLE a'", "drops what it names"),
            ("ALTER TABLE a DELETE WHERE 1", "empties tables"),
            ("ALTER TABLE a TRUNCATE PARTITION p", "empties tables"),
            ("SELECT pg_drop_replication_slot('x')", "drops what it names"),
            ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity", "ends sessions"),
            ("RESET MASTER", "deletes stored data"),
            ("BEGIN; DELETE FROM a; COMMIT; -- or ROLLBACK;", "empties tables"),
            ("DELETE FROM a; ROLLBACK;", "empties tables"),
            ("PURGE BINARY LOGS TO 'x'", "deletes stored data"),
            ("RESTORE DATABASE shop FROM DISK = 'x' WITH REPLACE", "replaces what is there"),
        ] {
            assert_eq!(reported(sql), [wanted], "{sql}");
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
            "TRUNCATE TABLE",
            "DROP TABLE",
            "DROP TABLE IF EXISTS",
            "DELETE FROM",
            "CREATE FUNCTION f() RETURNS void AS $$ BEGIN DELETE FROM a; DELETE FROM b; END $$ LANGUAGE plpgsql; SELECT 1",
            "RESET search_path",
            "BEGIN; DELETE FROM a; ROLLBACK;",
            "DO $$ BEGIN RAISE NOTICE 'DROP TABLE a'; END $$",
            "EXPLAIN DELETE FROM a",
            "COMMENT ON TABLE a IS 'drop table'",
            "CREATE TRIGGER t AFTER DELETE ON a",
            "select \"drop\" from a",
        ] {
            assert_eq!(reported(sql), [] as [&str; 0], "{sql}");
        }
    }
}
