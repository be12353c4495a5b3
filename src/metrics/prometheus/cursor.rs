//! Reading one line from left to right.

/// What is left of a line.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a str,
}

/// What a backslash may stand before in a quoted text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// `\\`, `\"` and `\n`; anything else is an error.
    Known,
    /// Others stand for themselves, backslash and all.
    Any,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let found = self.rest.strip_prefix(wanted);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    pub(super) fn expect(&mut self, wanted: char) -> Result<(), String> {
        match (self.eat(wanted), wanted) {
            (true, _) => Ok(()),
            (false, ' ') => Err(format!("expected a blank {}", self.here())),
            (false, _) => Err(format!("expected `{wanted}` {}", self.here())),
        }
    }

    pub(super) fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Everything up to a blank or the end; may be empty.
    pub(super) fn token(&mut self) -> &'a str {
        let end = self.rest.find([' ', '\t']).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        token
    }

    /// A metric's name: letters, digits, `_` and `:`, no digit first.
    pub(super) fn metric_name(&mut self) -> Result<&'a str, String> {
        self.name(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':', "a metric name")
    }

    /// A label's name: letters, digits and `_`, no digit first.
    pub(super) fn label_name(&mut self) -> Result<&'a str, String> {
        self.name(|c| c.is_ascii_alphanumeric() || c == '_', "a label name")
    }

    fn name(&mut self, belongs: fn(char) -> bool, what: &str) -> Result<&'a str, String> {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(format!("expected {what} {}", self.here()));
        }
        self.rest = rest;
        Ok(name)
    }

    /// A text in double quotes, with its escapes resolved.
    pub(super) fn quoted(&mut self, escapes: Escapes) -> Result<String, String> {
        self.expect('"')?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, itself @ ('\\' | '"'))) => text.push(itself),
                    Some((_, other)) if escapes == Escapes::Any => text.extend(['\\', other]),
                    Some((_, other)) => return Err(format!("`\\{}` is no escape here", other.escape_debug())),
                    None => break,
                },
                other => text.push(other),
            }
        }
        Err("a quoted text that does not end".to_owned())
    }

    /// Where the reading stands, for messages; short, and safe to show.
    pub(super) fn here(&self) -> String {
        if self.rest.is_empty() {
            return "at the end of the line".to_owned();
        }
        let start: String = self.rest.chars().take(20).flat_map(char::escape_debug).collect();
        format!("at `{start}`")
    }
}
