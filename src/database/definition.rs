//! Reads what SQLite's catalog does not tell out of the stored definitions: constraints with their names, and what an
//! index is over.

use super::catalog::{Constraint, ConstraintKind};
use crate::checklist::sql::{Token, TokenKind, tokens};

/// The constraints written in a `CREATE TABLE`, in their order.
pub(crate) fn constraints(create: &str) -> Vec<Constraint> {
    let all = tokens(create);
    let body = body(&all);
    let mut found = Vec::new();
    let mut name: Option<String> = None;
    // A column's own name comes first in its definition and may look like anything.
    let mut at_start = true;
    let mut index = 0;
    while index < body.len() {
        let token = &body[index];
        if token.kind == TokenKind::Comma && token.depth == 1 {
            at_start = true;
            name = None;
            index += 1;
            continue;
        }
        let starts_definition = token.is_any(&["constraint", "primary", "unique", "check", "foreign"]);
        let is_column_name = at_start && !starts_definition;
        at_start = false;
        if is_column_name || token.depth != 1 {
            index += 1;
            continue;
        }
        if token.is("constraint") {
            name = body.get(index + 1).and_then(Token::name);
            index += 2;
            continue;
        }
        let Some(kind) = kind_at(body, index) else {
            index += 1;
            continue;
        };
        let end = end_of(body, index, kind);
        let span = token.span.start..body.get(end.saturating_sub(1)).map_or(create.len(), |last| last.span.end);
        found.push(Constraint { name: name.take(), kind, definition: create[span].to_owned() });
        index = end;
    }
    found
}

/// What is in the parentheses of a `CREATE INDEX`, part by part, and its condition.
pub(crate) fn index(create: &str) -> (Vec<String>, Option<String>) {
    let all = tokens(create);
    let inside: Vec<&Token> = body(&all).iter().collect();
    let mut parts = Vec::new();
    for part in inside.split(|token| token.kind == TokenKind::Comma && token.depth == 1) {
        if let (Some(first), Some(last)) = (part.first(), part.last()) {
            parts.push(create[first.span.start..last.span.end].to_owned());
        }
    }
    let condition = all.iter().find(|token| token.depth == 0 && token.is("where"));
    (parts, condition.map(|token| create[token.span.end..].trim().trim_end_matches(';').trim_end().to_owned()))
}

/// Whether `name` occurs in `expression` as a name, not as a part of another or inside a string.
pub(crate) fn mentions(expression: &str, name: &str) -> bool {
    let found = tokens(expression);
    let mut names = found.iter().filter(|token| token.kind != TokenKind::Text).filter_map(Token::name);
    names.any(|found| found.eq_ignore_ascii_case(name))
}

/// White space folded and letters lowered outside strings, so that two spellings of one definition compare equal.
pub(crate) fn folded(sql: &str) -> String {
    let lowered = tokens(sql).into_iter().map(|token| match token.kind {
        TokenKind::Text => token.text.to_owned(),
        TokenKind::Quoted => token.name().unwrap_or_default().to_lowercase(),
        _ => token.text.to_lowercase(),
    });
    lowered.collect::<Vec<_>>().join(" ")
}

/// The tokens between the first opening parenthesis and its closing one.
fn body<'t, 's>(all: &'t [Token<'s>]) -> &'t [Token<'s>] {
    let Some(open) = all.iter().position(|token| token.kind == TokenKind::Open) else { return &[] };
    let rest = &all[open + 1..];
    let close = rest.iter().position(|token| token.kind == TokenKind::Close && token.depth == 0);
    &rest[..close.unwrap_or(rest.len())]
}

fn kind_at(body: &[Token], index: usize) -> Option<ConstraintKind> {
    let token = &body[index];
    let next = body.get(index + 1);
    if token.is("check") {
        Some(ConstraintKind::Check)
    } else if token.is("unique") {
        Some(ConstraintKind::Unique)
    } else if token.is("primary") && next.is_some_and(|next| next.is("key")) {
        Some(ConstraintKind::PrimaryKey)
    } else if token.is("references") || (token.is("foreign") && next.is_some_and(|next| next.is("key"))) {
        Some(ConstraintKind::ForeignKey)
    } else if token.is("not") && next.is_some_and(|next| next.is("null")) {
        Some(ConstraintKind::NotNull)
    } else {
        None
    }
}

/// Just after the last token of the constraint that begins at `index`.
fn end_of(body: &[Token], index: usize, kind: ConstraintKind) -> usize {
    let after_group = |from: usize| {
        let close = body[from..].iter().position(|token| token.kind == TokenKind::Close && token.depth == 1);
        close.map_or(body.len(), |at| from + at + 1)
    };
    let is_open = |at: usize| body.get(at).is_some_and(|token| token.kind == TokenKind::Open);
    match kind {
        ConstraintKind::Check => after_group(index),
        ConstraintKind::Unique if is_open(index + 1) => after_group(index),
        ConstraintKind::PrimaryKey if is_open(index + 2) => after_group(index),
        ConstraintKind::Unique => index + 1,
        ConstraintKind::PrimaryKey | ConstraintKind::NotNull => index + 2,
        ConstraintKind::ForeignKey => {
            let rest = body.iter().enumerate().skip(index + 1);
            let mut rest = rest.filter(|(_, token)| token.depth == 1);
            let end = rest.find(|(at, token)| {
                let other =
                    token.is_any(&["constraint", "check", "unique", "primary", "foreign", "default", "collate"]);
                let not_null = token.is("not") && body.get(at + 1).is_some_and(|next| next.is("null"));
                // `SET DEFAULT` is an action of the key, a `DEFAULT` elsewhere the column's.
                let action = *at > 0 && body[at - 1].is("set");
                token.kind == TokenKind::Comma || (other && !action) || not_null
            });
            end.map_or(body.len(), |(at, _)| at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConstraintKind::{Check, ForeignKey, NotNull, PrimaryKey, Unique};

    const CREATE: &str = r#"CREATE TABLE "process data" ( -- CONSTRAINT not_me CHECK (1)
        id INTEGER PRIMARY KEY,
        "check" TEXT NOT NULL DEFAULT 'CONSTRAINT nor_me CHECK (x)' CONSTRAINT chk_word CHECK ("check" <> ')' AND (length("check") > (1))),
        lot_id INTEGER NOT NULL REFERENCES lots (id) ON DELETE SET DEFAULT ON UPDATE CASCADE DEFAULT 1,
        level TEXT CHECK (level IN ('LOT', 'WIP')) /* CHECK (y) */ UNIQUE,
        CONSTRAINT "chk ""odd"" name" CHECK (id > 0),
        CONSTRAINT [fk_lot] FOREIGN KEY (lot_id) REFERENCES lots (id) ON DELETE RESTRICT
        CONSTRAINT uq UNIQUE (lot_id, level) ON CONFLICT ABORT,
        CHECK (id <> 7)
    )"#;

    #[test]
    fn finds_every_constraint_with_its_name() {
        let found = constraints(CREATE);
        let named: Vec<_> = found.iter().map(|c| (c.name.as_deref(), c.kind, c.definition.as_str())).collect();
        let expected = [
            (None, PrimaryKey, "PRIMARY KEY"),
            (None, NotNull, "NOT NULL"),
            (Some("chk_word"), Check, r#"CHECK ("check" <> ')' AND (length("check") > (1)))"#),
            (None, NotNull, "NOT NULL"),
            (None, ForeignKey, "REFERENCES lots (id) ON DELETE SET DEFAULT ON UPDATE CASCADE"),
            (None, Check, "CHECK (level IN ('LOT', 'WIP'))"),
            (None, Unique, "UNIQUE"),
            (Some("chk \"odd\" name"), Check, "CHECK (id > 0)"),
            (Some("fk_lot"), ForeignKey, "FOREIGN KEY (lot_id) REFERENCES lots (id) ON DELETE RESTRICT"),
            (Some("uq"), Unique, "UNIQUE (lot_id, level)"),
            (None, Check, "CHECK (id <> 7)"),
        ];
        assert_eq!(named, expected);
    }

    #[test]
    fn reads_the_parts_and_the_condition_of_an_index() {
        let (parts, condition) =
            index("CREATE UNIQUE INDEX i ON t (wip_id, json_extract(m, '$.a,b') DESC) WHERE wip_id IS NOT NULL;");
        assert_eq!(parts, ["wip_id", "json_extract(m, '$.a,b') DESC"]);
        assert_eq!(condition.as_deref(), Some("wip_id IS NOT NULL"));
        assert!(mentions(&parts[1], "m"));
        assert!(!mentions(&parts[1], "a"));
        assert!(!mentions("lower(measurements)", "m"));
    }

    #[test]
    fn folding_keeps_strings() {
        assert_eq!(folded("Level\n IN('LOT','wip')"), folded("level in ( 'LOT' , 'wip' )"));
        assert_ne!(folded("level IN ('LOT')"), folded("level IN ('lot')"));
    }
}
