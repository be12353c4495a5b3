//! Cuts SQL text into tokens, well enough to read definitions and to tell what a statement is.
//!
//! Knows quoted names in all four manners, strings, comments of both kinds and parentheses. Anything else is a word or
//! a single sign. No text makes it fail: what is left open ends with the text.

mod effects;

pub(crate) use effects::{Effect, effect};

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A keyword, an unquoted name or a number.
    Word,
    /// A name in double quotes, back ticks or brackets.
    Quoted,
    /// A string in single quotes.
    Text,
    Open,
    Close,
    Comma,
    Semicolon,
    /// Any other sign.
    Sign,
}

/// One token and where it is in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub kind: TokenKind,
    /// As written, quotes included.
    pub text: &'a str,
    pub span: Range<usize>,
    /// How many parentheses are open around it; an opening and its closing one have the same depth.
    pub depth: usize,
}

impl Token<'_> {
    /// Whether this is the keyword, in any case of letters. A quoted name is never a keyword.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether this is one of the keywords.
    pub(crate) fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    /// The name it stands for, without its quotes; SQLite also takes a string for a name.
    pub(crate) fn name(&self) -> Option<String> {
        let inner = || self.text.get(1..self.text.len().saturating_sub(1)).unwrap_or_default();
        match self.kind {
            TokenKind::Word => Some(self.text.to_owned()),
            TokenKind::Quoted if self.text.starts_with('[') => Some(inner().to_owned()),
            TokenKind::Quoted | TokenKind::Text => {
                let quote = &self.text[..1];
                Some(inner().replace(&quote.repeat(2), quote))
            }
            _ => None,
        }
    }
}

/// How a text is read where databases differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    /// `[a b]` is a name, as in SQLite; else `[` is a sign, as in PostgreSQL's arrays.
    brackets: bool,
    /// A name may stand in back ticks.
    ticks: bool,
    /// A comment ends with a carriage return too.
    returns: bool,
}

impl Reading {
    const USUAL: Self = Self { brackets: true, ticks: true, returns: false };

    /// Every way in which some database may read the text. What one of them would carry out must not be hidden by another.
    fn all(sql: &str) -> impl Iterator<Item = Self> {
        let both = |differs: bool| if differs { &[true, false][..] } else { &[true][..] };
        let (brackets, ticks, returns) = (both(sql.contains('[')), both(sql.contains('`')), both(sql.contains('\r')));
        let readings = brackets.iter().flat_map(move |b| ticks.iter().map(move |t| (*b, *t)));
        readings.flat_map(move |(brackets, ticks)| returns.iter().map(move |r| Self { brackets, ticks, returns: *r }))
    }
}

/// All tokens of `sql`, without comments and white space.
pub(crate) fn tokens(sql: &str) -> Vec<Token<'_>> {
    tokens_as(sql, Reading::USUAL)
}

fn tokens_as(sql: &str, reading: Reading) -> Vec<Token<'_>> {
    let bytes = sql.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            // PostgreSQL counts the vertical tab among white space too.
            byte if byte.is_ascii_whitespace() || byte == 0x0b => {
                at += 1;
                continue;
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                let ends = |byte: &u8| *byte == b'\n' || (reading.returns && *byte == b'\r');
                at = bytes[at..].iter().position(ends).map_or(bytes.len(), |length| at + length + 1);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = after(bytes, at + 2, b"*/");
                continue;
            }
            quote @ (b'"' | b'`') if quote == b'"' || reading.ticks => {
                at = closing(bytes, at, quote);
                TokenKind::Quoted
            }
            b'[' if reading.brackets => {
                at = after(bytes, at, b"]");
                TokenKind::Quoted
            }
            b'\'' => {
                at = closing(bytes, at, b'\'');
                TokenKind::Text
            }
            byte if is_word(byte) => {
                at = bytes[at..].iter().position(|byte| !is_word(*byte)).map_or(bytes.len(), |length| at + length);
                TokenKind::Word
            }
            byte => {
                at += 1;
                match byte {
                    b'(' => TokenKind::Open,
                    b')' => TokenKind::Close,
                    b',' => TokenKind::Comma,
                    b';' => TokenKind::Semicolon,
                    _ => TokenKind::Sign,
                }
            }
        };
        if kind == TokenKind::Close {
            depth = depth.saturating_sub(1);
        }
        found.push(Token { kind, text: &sql[start..at], span: start..at, depth });
        if kind == TokenKind::Open {
            depth += 1;
        }
    }
    found
}

/// What keeps a text from being one statement of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("the statement is empty")]
    Empty,
    #[error("the statement begins with `{word}`, which is not {wanted}")]
    Begins { word: String, wanted: &'static str },
    #[error("there is more than one statement")]
    Several,
    #[error("the query {0}")]
    Does(Effect),
    #[error("the statement {0}, which no rollback undoes")]
    Stays(Effect),
}

/// Whether `sql` is one reading statement.
///
/// # Errors
/// When there is more than one statement, it does not begin as a query does, or it may do more than read.
pub(crate) fn one_query(sql: &str) -> Result<(), Unfit> {
    one_statement(sql, &["select", "with", "values", "explain", "pragma"], "a query")?;
    effect(sql, &[]).map_or(Ok(()), |effect| Err(Unfit::Does(effect)))
}

/// Whether `sql` is one statement that changes rows.
///
/// # Errors
/// When there is more than one statement, or it is of another kind: a `COMMIT` would make the change stay.
pub(crate) fn one_change(sql: &str) -> Result<(), Unfit> {
    one_statement(sql, &["insert", "update", "delete", "replace", "with"], "a change of rows")?;
    // A number taken from a sequence is the one thing that an insert that is rolled back may leave.
    effect(sql, &["nextval"]).map_or(Ok(()), |effect| Err(Unfit::Stays(effect)))
}

fn one_statement(sql: &str, beginnings: &[&str], wanted: &'static str) -> Result<(), Unfit> {
    Reading::all(sql).try_for_each(|reading| one_statement_in(&tokens_as(sql, reading), beginnings, wanted))
}

fn one_statement_in(found: &[Token<'_>], beginnings: &[&str], wanted: &'static str) -> Result<(), Unfit> {
    let Some(first) = found.first() else { return Err(Unfit::Empty) };
    if !first.is_any(beginnings) {
        return Err(Unfit::Begins { word: first.text.chars().take(20).collect(), wanted });
    }
    let end = found.iter().position(|token| token.kind == TokenKind::Semicolon).unwrap_or(found.len());
    if found[end..].iter().any(|token| token.kind != TokenKind::Semicolon) {
        return Err(Unfit::Several);
    }
    Ok(())
}

/// Bytes outside ASCII belong to words, so that every cut falls between characters.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.') || byte >= 0x80
}

/// Just after the next `end`, or the end of the text.
fn after(bytes: &[u8], from: usize, end: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(end.len()).position(|window| window == end).map_or(bytes.len(), |at| from + at + end.len())
}

/// Just after the quote that closes the one at `from`; a doubled quote does not close.
fn closing(bytes: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from + 1;
    while at < bytes.len() {
        if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_comments_and_depth() {
        let found = tokens("a /* ( */ (\"b\"\"c\", 'd''(') -- )\n [e f] `g`");
        let texts: Vec<_> = found.iter().map(|token| (token.text, token.depth)).collect();
        let expected =
            [("a", 0), ("(", 0), ("\"b\"\"c\"", 1), (",", 1), ("'d''('", 1), (")", 0), ("[e f]", 0), ("`g`", 0)];
        assert_eq!(texts, expected);
        assert_eq!(found[2].name().as_deref(), Some("b\"c"));
        assert_eq!(found[6].name().as_deref(), Some("e f"));
    }

    #[test]
    fn only_one_reading_statement_is_a_query() {
        assert!(one_query("SELECT ';' ; -- done").is_ok());
        assert!(one_query("with a as (select 1) select * from a").is_ok());
        for wrong in
            ["", "-- nothing", "DELETE FROM a", "select 1; delete from a", "ATTACH 'x' AS y", "VACUUM INTO 'x'"]
        {
            assert!(one_query(wrong).is_err(), "{wrong}");
        }
        assert!(one_change("insert into a values (1)").is_ok());
        for wrong in ["insert into a values (1); COMMIT", "COMMIT", "DROP TABLE a", "PRAGMA foreign_keys=OFF"] {
            assert!(one_change(wrong).is_err(), "{wrong}");
        }
        assert_eq!(one_change("insert into a values (nextval('s'))"), Ok(()));
        let beside = one_change("insert into a values (nextval('s'), pg_terminate_backend(1))");
        assert_eq!(beside, Err(Unfit::Stays(Effect::Calls("pg_terminate_backend".to_owned()))));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(sql in "\\PC*") {
            for token in tokens(&sql) {
                prop_assert_eq!(&sql[token.span.clone()], token.text);
                let _ = token.name();
            }
            let _ = one_query(&sql);
        }

        #[test]
        fn no_mix_of_signs_makes_it_fail(sql in "[-'\"`\\[\\]()/*;,a é\n]*") {
            let _ = tokens(&sql).iter().map(Token::name).collect::<Vec<_>>();
        }
    }
}
