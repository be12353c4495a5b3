//! Cutting a script into statements: quotes, dollar quotes, comments, `COPY` data and psql's own lines.

/// One piece of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Line of its first character that is no comment, from 1.
    pub line: usize,
    /// Without the comments before it and without the semicolon.
    pub text: String,
    pub kind: PieceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceKind {
    Statement,
    /// A `--` comment on its own between statements, without the dashes.
    Comment,
    /// A line for psql, such as `\connect`.
    Meta,
    /// The script ends inside a quote, a comment or a statement that no semicolon closes.
    Torn,
}

/// Cuts a script up. Nothing is lost: what cannot be distinguished comes as [`PieceKind::Torn`].
pub(crate) fn cut(sql: &str) -> Vec<Piece> {
    let mut cutter = Cutter { sql, at: 0, line: 1, pieces: Vec::new() };
    cutter.run();
    cutter.pieces
}

struct Cutter<'a> {
    sql: &'a str,
    at: usize,
    line: usize,
    pieces: Vec<Piece>,
}

impl Cutter<'_> {
    fn run(&mut self) {
        loop {
            self.skip_space();
            let rest = self.rest();
            if rest.is_empty() {
                return;
            }
            let line = self.line;
            if let Some(comment) = rest.strip_prefix("--") {
                let text = comment.lines().next().unwrap_or_default().trim().to_owned();
                self.advance(line_length(rest));
                self.push(line, text, PieceKind::Comment);
            } else if rest.starts_with("/*") {
                let length = block_comment(rest);
                self.advance(length.unwrap_or(rest.len()));
                if length.is_none() {
                    self.push(line, "a comment that is not closed".to_owned(), PieceKind::Torn);
                }
            } else if rest.starts_with('\\') {
                let text = rest.lines().next().unwrap_or_default().trim().to_owned();
                self.advance(line_length(rest));
                self.push(line, text, PieceKind::Meta);
            } else {
                self.statement();
            }
        }
    }

    fn statement(&mut self) {
        let (line, start) = (self.line, self.at);
        loop {
            let rest = self.rest();
            let Some(first) = rest.chars().next() else {
                let text = self.sql[start..].trim().to_owned();
                // A last statement without a semicolon is one all the same.
                self.push(line, text, PieceKind::Statement);
                return;
            };
            if first == ';' {
                let text = self.sql[start..self.at].trim().to_owned();
                self.advance(1);
                let data = is_copy_from_stdin(&text);
                if !text.is_empty() {
                    self.push(line, text, PieceKind::Statement);
                }
                if data {
                    self.skip_copy_data();
                }
                return;
            }
            let Some(length) = self.token_length(rest, first) else {
                let text = self.sql[start..].trim().to_owned();
                self.advance(rest.len());
                self.push(line, text, PieceKind::Torn);
                return;
            };
            self.advance(length);
        }
    }

    /// How long the token at the cursor is; `None` when it is not closed.
    fn token_length(&self, rest: &str, first: char) -> Option<usize> {
        match first {
            '\'' => quoted(rest, '\'', self.after_escape_prefix()),
            '"' => quoted(rest, '"', false),
            '-' if rest.starts_with("--") => Some(line_length(rest)),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '$' if !self.after_word() => match dollar_tag(rest) {
                Some(tag) => rest[tag.len()..].find(tag).map(|end| end + 2 * tag.len()),
                None => Some(1),
            },
            other => Some(other.len_utf8()),
        }
    }

    fn after_word(&self) -> bool {
        self.sql[..self.at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$')
    }

    fn after_escape_prefix(&self) -> bool {
        let mut before = self.sql[..self.at].chars().rev();
        before.next().is_some_and(|c| c == 'e' || c == 'E')
            && before.next().is_none_or(|c| !(c.is_alphanumeric() || c == '_'))
    }

    fn skip_copy_data(&mut self) {
        // The rows begin on the line after the statement and end with `\.` on one of its own.
        self.advance(line_length(self.rest()));
        while !self.rest().is_empty() {
            let end = self.rest().lines().next().is_some_and(|line| line.trim_end() == "\\.");
            self.advance(line_length(self.rest()));
            if end {
                return;
            }
        }
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
        self.advance(length);
    }

    fn rest(&self) -> &str {
        &self.sql[self.at..]
    }

    fn advance(&mut self, length: usize) {
        self.line += self.sql[self.at..self.at + length].matches('\n').count();
        self.at += length;
    }

    fn push(&mut self, line: usize, text: String, kind: PieceKind) {
        self.pieces.push(Piece { line, text, kind });
    }
}

fn line_length(rest: &str) -> usize {
    rest.find('\n').map_or(rest.len(), |end| end + 1)
}

/// Block comments nest in PostgreSQL.
fn block_comment(rest: &str) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    let bytes = rest.as_bytes();
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

fn quoted(rest: &str, quote: char, escapes: bool) -> Option<usize> {
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if escapes && character == '\\' {
            characters.next();
        } else if character == quote {
            if characters.peek().is_some_and(|(_, next)| *next == quote) {
                characters.next();
            } else {
                return Some(at + quote.len_utf8());
            }
        }
    }
    None
}

/// `$$` or `$name$` at the beginning.
fn dollar_tag(rest: &str) -> Option<&str> {
    let end = rest[1..].find('$')? + 1;
    let name = &rest[1..end];
    let begins = name.chars().next().is_none_or(|c| c.is_alphabetic() || c == '_');
    (begins && name.chars().all(|c| c.is_alphanumeric() || c == '_')).then(|| &rest[..=end])
}

fn is_copy_from_stdin(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.first() == Some(&"copy") && words.windows(2).any(|pair| pair == ["from", "stdin"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn statements(sql: &str) -> Vec<(usize, String)> {
        let pieces = cut(sql).into_iter().filter(|piece| piece.kind == PieceKind::Statement);
        pieces.map(|piece| (piece.line, piece.text)).collect()
    }

    #[rstest]
    #[case::plain("SELECT 1;\nSELECT 2;", &[(1, "SELECT 1"), (2, "SELECT 2")])]
    #[case::no_last_semicolon("SELECT 1", &[(1, "SELECT 1")])]
    #[case::semicolon_in_quotes("SELECT 'a;''b;';SELECT 2;", &[(1, "SELECT 'a;''b;'"), (1, "SELECT 2")])]
    #[case::escape_string("SELECT E'it\\';s'; SELECT 2;", &[(1, "SELECT E'it\\';s'"), (1, "SELECT 2")])]
    #[case::backslash_in_plain_string("SELECT 'a\\'; SELECT 2;", &[(1, "SELECT 'a\\'"), (1, "SELECT 2")])]
    #[case::quoted_name("SELECT \"a;b\";", &[(1, "SELECT \"a;b\"")])]
    #[case::dollar_quote("DO $$ BEGIN; END; $$;\nSELECT 2;", &[(1, "DO $$ BEGIN; END; $$"), (2, "SELECT 2")])]
    #[case::tagged_dollar_quote("DO $a$ x; $$ y; $a$;SELECT 2;", &[(1, "DO $a$ x; $$ y; $a$"), (1, "SELECT 2")])]
    #[case::parameter_is_no_dollar_quote("SELECT $1; SELECT $1;", &[(1, "SELECT $1"), (1, "SELECT $1")])]
    #[case::dollar_in_a_name("SELECT a$b$; SELECT 2;", &[(1, "SELECT a$b$"), (1, "SELECT 2")])]
    #[case::line_after_comments("-- a;\n/* b; /* c */ ; */\n\nSELECT 1;", &[(4, "SELECT 1")])]
    #[case::comment_inside("SELECT 1 -- ;\n , 2;SELECT 3;", &[(1, "SELECT 1 -- ;\n , 2"), (2, "SELECT 3")])]
    #[case::copy_data("COPY t (a) FROM stdin;\n1;\t'\n\\.\nSELECT 2;", &[(1, "COPY t (a) FROM stdin"), (4, "SELECT 2")])]
    #[case::crlf("SELECT 1;\r\nSELECT 2;\r\n", &[(1, "SELECT 1"), (2, "SELECT 2")])]
    #[case::empty_statements(";;\n;", &[])]
    fn statements_are_cut_where_the_server_cuts_them(#[case] sql: &str, #[case] expected: &[(usize, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(line, text)| (*line, (*text).to_owned())).collect();
        assert_eq!(statements(sql), expected);
    }

    #[rstest]
    #[case("SELECT 1;\nSELECT 'open", 2)]
    #[case("SELECT $x$ open", 1)]
    #[case("SELECT 1; /* open", 1)]
    #[case("SELECT \"open", 1)]
    fn what_is_not_closed_is_torn_and_not_lost(#[case] sql: &str, #[case] line: usize) {
        let last = cut(sql).pop().unwrap();
        assert_eq!((last.kind, last.line), (PieceKind::Torn, line));
    }

    #[test]
    fn comments_and_psql_lines_are_distinguished() {
        let pieces = cut("\\restrict abc\n-- Running upgrade 1 -> 2\nSELECT 1;");
        let kinds: Vec<_> = pieces.iter().map(|piece| (piece.kind, piece.text.as_str())).collect();
        assert_eq!(
            kinds,
            [
                (PieceKind::Meta, "\\restrict abc"),
                (PieceKind::Comment, "Running upgrade 1 -> 2"),
                (PieceKind::Statement, "SELECT 1"),
            ]
        );
    }
}
