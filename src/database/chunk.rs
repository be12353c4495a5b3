//! Rows on their way from SQLite to a fingerprint, many in one value.
//!
//! Handing out every value by itself costs more than reading it: SQLite copies each under one lock for the whole
//! process. So SQLite writes a few hundred rows as one JSON array of arrays, and this takes it apart again. JSON holds
//! whole numbers, text and null exactly, but it rounds real numbers, and SQLite takes some blobs for JSON of its own
//! kind: a column that holds these is handed out raw beside it, row by row, and a `0` keeps its place.

use super::fingerprint::Fingerprint;
use super::sqlite::quoted;

/// Why a chunk was not taken. Nothing of it counts then.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The column with this index holds a real number, which plain JSON rounds.
    Rounds(usize),
    /// The text is not what SQLite writes.
    Unreadable,
}

/// How each column of a table is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    pub name: String,
    /// Handed out by itself, because JSON would not keep its values.
    pub raw: bool,
}

/// The query that gives a table in chunks of `size` rows, a chunk in the first column. `rowid` is a name of the hidden
/// key that no column hides; without one, or with columns to hand out raw, every row comes by itself and the raw values
/// follow in the other columns.
pub(crate) fn query(table: &str, columns: &[Form], rowid: Option<&str>, size: u64) -> String {
    let table = quoted(table);
    let plain = |column: &Form| if column.raw { "0".to_owned() } else { quoted(&column.name) };
    let row = format!("json_array({})", columns.iter().map(plain).collect::<Vec<_>>().join(", "));
    let raw: Vec<String> = columns.iter().filter(|column| column.raw).map(|column| quoted(&column.name)).collect();
    let Some(rowid) = rowid.filter(|_| raw.is_empty()) else {
        let values = [vec![format!("json_array({row})")], raw].concat();
        return format!("SELECT {} FROM {table}", values.join(", "));
    };
    // Each step of the recursion skips to where the next chunk begins: the row `size` rows further on.
    format!(
        "WITH RECURSIVE chunk(first) AS (SELECT min({rowid}) FROM {table} UNION ALL \
         SELECT (SELECT {rowid} FROM {table} WHERE {rowid} > chunk.first ORDER BY {rowid} LIMIT 1 OFFSET {}) \
         FROM chunk WHERE chunk.first IS NOT NULL) \
         SELECT (SELECT json_group_array({row}) FROM (SELECT * FROM {table} WHERE {rowid} >= chunk.first \
         ORDER BY {rowid} LIMIT {size})) FROM chunk WHERE chunk.first IS NOT NULL",
        size.max(1) - 1
    )
}

/// The query that shows whether any value of the table is a blob. Blobs sort after everything else, so that one
/// comparison a value is enough; the sign keeps indexes and affinities out of it.
pub(crate) fn any_blob(table: &str, columns: &[String]) -> String {
    let tests: Vec<String> = columns.iter().map(|name| format!("+{} >= x''", quoted(name))).collect();
    format!("SELECT EXISTS (SELECT 1 FROM {} WHERE {})", quoted(table), tests.join(" OR "))
}

/// Adds every row of a chunk to `print`; `raw` adds the raw value of the column with the index it is given. After a
/// refusal `print` holds a part of the chunk and must be thrown away.
///
/// # Errors
/// See [`Refused`].
pub(crate) fn add(
    print: &mut Fingerprint,
    chunk: &[u8],
    columns: &[Form],
    raw: &mut dyn FnMut(&mut Fingerprint, usize),
) -> Result<(), Refused> {
    let mut reader = Reader { rest: chunk, unescaped: Vec::new() };
    reader.take(b'[')?;
    if reader.next_is(b']') {
        return Ok(());
    }
    loop {
        reader.row(print, columns, raw)?;
        if !reader.another()? {
            return if reader.rest.is_empty() { Ok(()) } else { Err(Refused::Unreadable) };
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    unescaped: Vec<u8>,
}

impl<'a> Reader<'a> {
    fn row(
        &mut self,
        print: &mut Fingerprint,
        columns: &[Form],
        raw: &mut dyn FnMut(&mut Fingerprint, usize),
    ) -> Result<(), Refused> {
        self.take(b'[')?;
        let mut column = 0;
        if !self.next_is(b']') {
            loop {
                if columns.get(column).is_some_and(|form| form.raw) {
                    self.take(b'0')?;
                    raw(print, column);
                } else {
                    self.value(print, column)?;
                }
                column += 1;
                if !self.another()? {
                    break;
                }
            }
        }
        print.end_row();
        Ok(())
    }

    fn value(&mut self, print: &mut Fingerprint, column: usize) -> Result<(), Refused> {
        match self.rest.first() {
            Some(b'"') => print.text(self.string()?),
            Some(b'n') => {
                self.rest = self.rest.strip_prefix(b"null").ok_or(Refused::Unreadable)?;
                print.null();
            }
            _ => {
                let length =
                    self.rest.iter().position(|byte| matches!(byte, b',' | b']')).ok_or(Refused::Unreadable)?;
                let (number, rest) = self.rest.split_at(length);
                let digits = number.strip_prefix(b"-").unwrap_or(number);
                if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
                    return Err(Refused::Rounds(column));
                }
                // Its digits are what `Fingerprint::integer` would write.
                print.text(number);
                self.rest = rest;
            }
        }
        Ok(())
    }

    /// A string without its quotes and escapes.
    fn string(&mut self) -> Result<&[u8], Refused> {
        let inner = &self.rest[1..];
        let end = inner.iter().position(|byte| matches!(byte, b'"' | b'\\')).ok_or(Refused::Unreadable)?;
        if inner[end] == b'"' {
            self.rest = &inner[end + 1..];
            return Ok(&inner[..end]);
        }
        self.unescaped.clear();
        let mut rest = inner;
        loop {
            let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).ok_or(Refused::Unreadable)?;
            self.unescaped.extend_from_slice(&rest[..end]);
            if rest[end] == b'"' {
                self.rest = &rest[end + 1..];
                return Ok(&self.unescaped);
            }
            rest = self.escape(&rest[end + 1..])?;
        }
    }

    /// SQLite escapes quotes, backslashes and control characters, nothing else.
    fn escape(&mut self, after: &'a [u8]) -> Result<&'a [u8], Refused> {
        let (sign, rest) = after.split_first().ok_or(Refused::Unreadable)?;
        let byte = match sign {
            b'"' | b'\\' | b'/' => *sign,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let (digits, rest) = rest.split_at_checked(4).ok_or(Refused::Unreadable)?;
                let digits = std::str::from_utf8(digits).map_err(|_| Refused::Unreadable)?;
                let code = u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii).ok_or(Refused::Unreadable)?;
                self.unescaped.push(code);
                return Ok(rest);
            }
            _ => return Err(Refused::Unreadable),
        };
        self.unescaped.push(byte);
        Ok(rest)
    }

    fn take(&mut self, byte: u8) -> Result<(), Refused> {
        if self.next_is(byte) { Ok(()) } else { Err(Refused::Unreadable) }
    }

    fn next_is(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Whether a comma follows; a closing bracket otherwise.
    fn another(&mut self) -> Result<bool, Refused> {
        if self.next_is(b',') {
            return Ok(true);
        }
        self.take(b']').map(|()| false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form(name: &str, raw: bool) -> Form {
        Form { name: name.to_owned(), raw }
    }

    fn read(chunk: &str, columns: &[Form]) -> Result<Fingerprint, Refused> {
        let mut print = Fingerprint::new();
        add(&mut print, chunk.as_bytes(), columns, &mut |print, _| print.real(0.1)).map(|()| print)
    }

    #[test]
    fn takes_a_chunk_apart() {
        let columns = [form("a", false), form("b", true), form("c", false)];
        let print = read(r#"[[1,0,"a\"\\\n\u0001é"],[-2,0,null]]"#, &columns).unwrap();
        let mut expected = Fingerprint::new();
        expected.integer(1);
        expected.real(0.1);
        expected.text("a\"\\\n\u{1}é".as_bytes());
        expected.end_row();
        expected.integer(-2);
        expected.real(0.1);
        expected.null();
        expected.end_row();
        assert_eq!((print.finish(), print.rows()), (expected.finish(), 2));
        assert_eq!(read("[]", &columns).unwrap().rows(), 0);
    }

    #[test]
    fn a_real_number_is_sent_back_with_its_column() {
        assert_eq!(read("[[1,\"x\",0.5]]", &[]).unwrap_err(), Refused::Rounds(2));
        assert_eq!(read("[[9e999]]", &[]).unwrap_err(), Refused::Rounds(0));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(chunk in "[\\[\\]\",0-9nul\\\\\\-.é]*") {
            let _ = read(&chunk, &[form("a", false), form("b", true)]);
        }
    }
}
