//! Values that a name beside them calls secret: `DB_PASSWORD=…`, `password: …`, `"apiKey": "…"`, `--token …`, `-p…` of a
//! database's client, `curl -u user:…`, `PASSWORD '…'` of SQL.

use super::names::{Weight, weight};
use super::needles::Needles;
use super::secrets::SHORTEST;

/// A value is looked at as far as this before it is decided on.
const LOOKED_AT: usize = 64;
/// Blanks between a separator and its value.
const MOST_BLANKS: usize = 64;
/// From this length on a value may be a token where the name alone does not say so.
const LEAST_TOKEN: usize = 12;
/// Numbers with fewer digits are counts, and no secrets of a name that only may be one.
const LEAST_DIGITS: usize = 8;

/// Words that stand behind such a name and are no value.
const WORDS: &str = "|none|null|nil|undefined|true|false|yes|no|on|off|ok|set|unset|empty|missing|required|optional|\
invalid|expired|valid|redacted|hidden|masked|changed|unchanged|string|str|text|int|bytes|bool|bearer|basic|must|should|is|was|\
not|the|a|an|for|field|value|cannot|could|has|have|incorrect|wrong|authentication|input|expected|unexpected|error|failed|\
passed|varchar|secretstr|optional[str]|auto|always|never|enabled|disabled|default|scram-sha-256|md5|trust|peer|";

/// Programs that take a password behind this letter, on its heels.
const CLIENTS: [(&str, u8); 4] = [("mysql", b'p'), ("mariadb", b'p'), ("sshpass", b'p'), ("mongo", b'p')];
/// After a blank.
const CLIENTS_APART: [(&str, u8); 3] = [("sshpass", b'p'), ("mongo", b'p'), ("redis-cli", b'a')];

/// Where a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Line,
    Quote(u8),
    /// At a blank: in a shell, in a file of variables.
    Blank,
    /// At a blank, or at what parts fields of a sentence or an address.
    Field,
    /// Behind the last character that tokens are made of.
    Token,
}

/// A separator was read; what comes may be a secret.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pending {
    weight: Weight,
    quote: Option<u8>,
    /// How many blanks may still come before the value.
    blanks: usize,
    /// Where a value without quotes ends.
    bare: End,
}

/// What one byte is to a value that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Byte {
    Before,
    First,
    /// There is no value.
    Other,
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// It is a secret, up to there.
    Mask(End),
    Leave,
    /// What opens it: `[` of a list, `b` of bytes in Python.
    Skip,
    /// More of it must come.
    Open,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Assigned {
    None,
    /// So many bytes up to where the value may begin.
    Pending(usize, Pending),
    Open,
}

pub(crate) fn mark(needles: &mut Needles) {
    for next in 0..=u8::MAX {
        needles.mark(b'=', next);
        needles.mark(b':', next);
        needles.mark(b'>', next);
    }
    for next in [b' ', b'\'', b'"'] {
        needles.mark(b',', next);
    }
    for first in [b'p', b'a', b'-'] {
        needles.mark(b'-', first);
    }
    for next in b' '..=b'~' {
        needles.mark(b'\'', next);
    }
}

/// Whether a value may begin behind the first of `bytes`; `line` is what stands before them on their line, `above` the line
/// before that.
pub(crate) fn at(bytes: &[u8], line: &[u8], above: &[u8], last: bool) -> Assigned {
    let open = if last { Assigned::None } else { Assigned::Open };
    match bytes {
        [b'=' | b':'] => open,
        // An option of one letter shows with what comes behind it.
        [b'-'] | [b'-', b'p' | b'a'] if line.last().is_none_or(u8::is_ascii_whitespace) => open,
        [b':', b'/' | b'\\' | b':', ..] | [b'=', b'=' | b'~', ..] => Assigned::None,
        [b':', b'=', ..] => of_separator(line, above, 2, true),
        [b'=', next, ..] => of_separator(line, above, 1 + usize::from(*next == b'>'), true),
        [b':', ..] => of_separator(line, above, 1, false),
        [b',', ..] => of_pair(line),
        [b'>', ..] => of_element(line),
        [b'-', b'-', rest @ ..] if !line.last().is_some_and(|byte| is_name(*byte)) => {
            let length = rest.iter().take_while(|byte| is_name(**byte)).count();
            match rest.get(length) {
                None => {
                    if length < LOOKED_AT {
                        open
                    } else {
                        Assigned::None
                    }
                }
                Some(b' ') => weight(&String::from_utf8_lossy(&rest[..length]))
                    .filter(|weight| *weight != Weight::Maybe)
                    .map_or(Assigned::None, |weight| {
                        Assigned::Pending(length + 2, Pending { weight, quote: None, blanks: 4, bare: End::Blank })
                    }),
                Some(_) => Assigned::None,
            }
        }
        [b'-', b'p' | b'a', first, ..] if line.last().is_none_or(u8::is_ascii_whitespace) => {
            let before = String::from_utf8_lossy(line);
            let apart = usize::from(*first == b' ');
            let clients = if apart == 1 { &CLIENTS_APART[..] } else { &CLIENTS[..] };
            let client = clients.iter().any(|(client, flag)| bytes[1] == *flag && before.contains(client));
            let pending = Pending { weight: Weight::Password, quote: None, blanks: apart, bare: End::Blank };
            if client { Assigned::Pending(2, pending) } else { Assigned::None }
        }
        [b'\'', ..] => {
            let before = String::from_utf8_lossy(line).to_ascii_lowercase();
            let sql = [" password ", " identified by "].iter().any(|words| before.ends_with(words));
            let pending = Pending { weight: Weight::Password, quote: None, blanks: 0, bare: End::Blank };
            if sql { Assigned::Pending(0, pending) } else { Assigned::None }
        }
        _ => Assigned::None,
    }
}

/// What the name at the end of a line says, where `opening` stands before it.
fn opened(line: &[u8], opening: &[u8]) -> Option<Weight> {
    let begins = line.iter().rposition(|byte| !is_name(*byte)).map_or(0, |at| at + 1);
    line[..begins].ends_with(opening).then(|| weight(&String::from_utf8_lossy(&line[begins..]))).flatten()
}

/// `('password', 'X')`.
fn of_pair(line: &[u8]) -> Assigned {
    let Some((quote @ (b'\'' | b'"'), name)) = line.split_last() else { return Assigned::None };
    let pending = |weight| Pending { weight, quote: None, blanks: MOST_BLANKS, bare: End::Field };
    opened(name, &[b'(', *quote]).map_or(Assigned::None, |weight| Assigned::Pending(1, pending(weight)))
}

/// `<password>X</password>`.
fn of_element(line: &[u8]) -> Assigned {
    let pending = |weight| Pending { weight, quote: None, blanks: 0, bare: End::Quote(b'<') };
    opened(line, b"<").map_or(Assigned::None, |weight| Assigned::Pending(1, pending(weight)))
}

/// What a field called `value` is of: of the name beside it, as in `{"name": "DB_PASSWORD", "value": …`, around it, as in
/// `"password": {"value": …`, or on the line above.
fn of_value(before: &str, above: &[u8]) -> Option<Weight> {
    let quotes = |c: char| matches!(c, '"' | '\'' | '\\');
    let before = before.trim_end().trim_end_matches(quotes).trim_end();
    let above = String::from_utf8_lossy(above);
    let before = if matches!(before, "" | "-" | "{" | "- {") { above.trim_end() } else { before };
    let inside = before.strip_suffix('{').map(str::trim_end);
    if let Some(outer) = inside.and_then(|before| before.strip_suffix([':', '='])) {
        let outer = outer.trim_end().trim_end_matches(quotes);
        return weight(outer.rsplit(|c: char| !(c.is_ascii() && is_name(c as u8))).next().unwrap_or_default());
    }
    let beside = before.trim_end_matches(|c: char| quotes(c) || matches!(c, ',' | ';') || c.is_whitespace());
    let (rest, name) = beside.rsplit_once(|c: char| !(c.is_ascii() && is_name(c as u8)))?;
    let end = rest.trim_end_matches(|c: char| quotes(c) || c.is_whitespace() || matches!(c, ':' | '='));
    let key = end.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
    matches!(key.as_str(), "name" | "key").then(|| weight(name)).flatten()
}

/// The password in a line of a `.pgpass` file: `host:port:database:user:password`.
fn of_pgpass(line: &[u8]) -> Option<Weight> {
    let text = str::from_utf8(line).ok().filter(|text| !text.contains(char::is_whitespace))?;
    let fields: Vec<&str> = text.split(':').collect();
    let [host, port, _, _] = fields[..] else { return None };
    let is_port = port == "*" || (4..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && !host.bytes().all(|byte| byte.is_ascii_digit())).then_some(Weight::Password)
}

/// The name before a separator, and what it says of the value behind it.
fn of_separator(line: &[u8], above: &[u8], length: usize, equals: bool) -> Assigned {
    let trimmed = line.trim_ascii_end();
    let apart = trimmed.len() < line.len();
    let mut name = trimmed;
    let inside = |name: &[u8]| {
        name.strip_suffix(b"]").filter(|rest| rest.ends_with(b"'") || rest.ends_with(b"\"")).map(<[u8]>::len)
    };
    if let Some(length) = inside(name) {
        name = &name[..length];
    }
    let quoted = matches!(name.last(), Some(b'"' | b'\''));
    if quoted {
        name = &name[..name.len() - 1];
        name = name.strip_suffix(b"\\").unwrap_or(name);
    }
    let begins = name.iter().rposition(|byte| !is_name(*byte)).map_or(0, |at| at + 1);
    let (before, name) = name.split_at(begins);
    let of_user = || {
        // `curl -u user:password`.
        let before = String::from_utf8_lossy(before);
        let flag = [" -u ", " --user ", " -u '", " -u \"", " --user=", " --user '", " --user \""];
        (!equals && !apart && !quoted && before.contains("curl") && flag.iter().any(|flag| before.ends_with(flag)))
            .then_some(Weight::Password)
    };
    let words = String::from_utf8_lossy(before);
    let words = words.trim();
    let alone = matches!(words, "" | "export" | "set" | "env" | "declare -x" | "-" | "setenv");
    let named = || match name {
        // `PASS: test_login` is a test's result.
        b"pass" | b"PASS" | b"Pass" if equals || quoted || (name == b"pass" && alone) => Some(Weight::Secret),
        b"value" | b"Value" => of_value(&String::from_utf8_lossy(before), above),
        name => weight(&String::from_utf8_lossy(name)),
    };
    let pgpass = || (!equals && !apart && !quoted).then(|| of_pgpass(line)).flatten();
    let Some(weight) = of_user().or_else(named).or_else(pgpass) else { return Assigned::None };
    let phrase = String::from_utf8_lossy(name).to_ascii_lowercase().contains("passphrase");
    let bare = match () {
        () if phrase && alone => End::Line,
        () if equals && (alone || name.starts_with(b"-")) => End::Blank,
        () if !equals && alone && !quoted => End::Blank,
        () => End::Field,
    };
    // A shell's `NAME= command` has no value.
    let blanks = if equals && !apart && length == 1 { 0 } else { MOST_BLANKS };
    Assigned::Pending(length, Pending { weight, quote: None, blanks, bare })
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

impl Pending {
    /// Takes the next byte.
    pub(crate) fn step(&mut self, byte: u8) -> Byte {
        match byte {
            b' ' | b'\t' if self.quote.is_none() && self.blanks > 0 => {
                self.blanks -= 1;
                Byte::Before
            }
            b'"' | b'\'' | b'`' if self.quote.is_none() => {
                self.quote = Some(byte);
                Byte::Before
            }
            // `\"` inside of a text that is quoted itself.
            b'\\' if self.quote.is_none() => Byte::Before,
            b'\n' | b'\r' => Byte::Other,
            b' ' | b'\t' if self.quote.is_none() => Byte::Other,
            _ => Byte::First,
        }
    }

    /// What to do about the value that begins with the first of `bytes`.
    pub(super) fn decide(&self, bytes: &[u8], last: bool) -> Decision {
        if self.quote.is_none() && matches!(bytes[0], b'[' | b'(' | b'b' | b'r' | b'u' | b'f') {
            match bytes.get(1) {
                Some(b'"' | b'\'') => return Decision::Skip,
                None if !last => return Decision::Open,
                _ => {}
            }
        }
        let end = self.quote.map_or(self.bare, End::Quote);
        let mut escaped = false;
        let length = bytes.iter().take(LOOKED_AT).position(|byte| {
            let quoted = matches!(end, End::Quote(_)) && escaped;
            escaped = *byte == b'\\' && !escaped;
            (ends(end, *byte) && !quoted) || end == End::Line && *byte == b' '
        });
        let length = match length {
            Some(length) => length,
            None if last || bytes.len() >= LOOKED_AT => bytes.len().min(LOOKED_AT),
            None => return Decision::Open,
        };
        if self.is_value(&bytes[..length]) { Decision::Mask(end) } else { Decision::Leave }
    }

    fn is_value(&self, value: &[u8]) -> bool {
        let text = String::from_utf8_lossy(value);
        let text = text.trim_end_matches([',', ';', '.', ':']);
        // Variables, places to fill in, what is masked already, and what opens a block, a list or a table.
        let reference = text
            .strip_prefix('$')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase() || matches!(c, '_' | '{' | '(')));
        let place = text.starts_with('<') && (text.len() == 1 || text.contains('>')) || text.starts_with("{{");
        let opens = self.quote.is_none() && matches!(text, "|" | "|-" | ">" | ">-" | "{" | "[" | "(");
        if text.is_empty() || reference || place || opens || text.bytes().all(|byte| byte == b'*') {
            return false;
        }
        let word = format!("|{}|", text.to_ascii_lowercase());
        if WORDS.contains(&word) && (self.quote.is_none() || text.len() <= SHORTEST) {
            return false;
        }
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let number = digits > 0
            && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'-' | b'%' | b':'));
        match self.weight {
            Weight::Password => true,
            Weight::Secret => text.len() >= SHORTEST && !(number && digits < LEAST_DIGITS),
            Weight::Maybe => {
                let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
                text.len() >= LEAST_TOKEN && digits > 1 && letters && !text.contains(['/', ' ', ':'])
            }
        }
    }
}

/// Whether a byte ends a value that ends so; what escapes a quote is looked at elsewhere.
pub(crate) fn ends(end: End, byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
        || match end {
            End::Line => false,
            End::Quote(quote) => byte == quote,
            End::Blank => byte.is_ascii_whitespace(),
            End::Field => byte.is_ascii_whitespace() || b"&;,\"'`<>(){}[]|".contains(&byte),
            End::Token => !(byte.is_ascii_alphanumeric() || b"_-.=+/~%".contains(&byte)),
        }
}
