//! One line of a scrape.

use super::cursor::{Cursor, Escapes};
use super::{Dialect, Kind, Sample};

pub(super) enum Line {
    /// A comment or nothing at all.
    Nothing,
    Sample(Sample),
    Kind(String, Kind),
    Help(String, String),
    Unit(String, String),
    /// `# EOF`.
    End,
}

/// What is wrong with a line, and in which column, from 1, it could be read no further.
#[derive(Debug)]
pub(super) struct Wrong {
    pub column: usize,
    pub what: String,
}

/// Reads a line without its line end.
pub(super) fn read(line: &str, dialect: Dialect) -> Result<Line, Wrong> {
    let text = match dialect {
        Dialect::OpenMetrics => line,
        // Services on Windows end their lines with a carriage return too.
        Dialect::Prometheus => line.strip_suffix('\r').unwrap_or(line).trim_end_matches([' ', '\t']),
    };
    let mut cursor = Cursor::new(text);
    let found = match dialect {
        Dialect::OpenMetrics if text.starts_with('#') => strict_metadata(&mut cursor),
        Dialect::OpenMetrics => sample(&mut cursor, dialect).map(Line::Sample),
        Dialect::Prometheus => {
            cursor.skip_blanks();
            match cursor.peek() {
                None => Ok(Line::Nothing),
                Some('#') => metadata(&mut cursor),
                Some(_) => sample(&mut cursor, dialect).map(Line::Sample),
            }
        }
    };
    found.map_err(|what| {
        let read = text.len() - cursor.rest().len();
        Wrong { column: text.get(..read).map_or(0, |read| read.chars().count()) + 1, what }
    })
}

/// What stands after `#` in the older format: metadata when it begins like metadata, else a comment.
fn metadata(cursor: &mut Cursor<'_>) -> Result<Line, String> {
    cursor.expect('#')?;
    cursor.skip_blanks();
    let word = cursor.token();
    cursor.skip_blanks();
    if cursor.is_at_end() || !matches!(word, "HELP" | "TYPE") {
        return Ok(Line::Nothing);
    }
    let name = family_name(cursor)?;
    if !cursor.is_at_end() && !cursor.rest().starts_with([' ', '\t']) {
        return Err(format!("expected a blank after the metric name {}", cursor.here()));
    }
    cursor.skip_blanks();
    // A name that nothing is said about is passed over, as Prometheus itself does.
    if cursor.is_at_end() {
        return Ok(Line::Nothing);
    }
    if word == "HELP" {
        return Ok(Line::Help(name, help(cursor.rest())));
    }
    let kind = read_token(cursor, kind)?;
    cursor.skip_blanks();
    if cursor.is_at_end() { Ok(Line::Kind(name, kind)) } else { Err(format!("more than a type {}", cursor.here())) }
}

/// `OpenMetrics`: `# HELP name text`, `# TYPE name kind`, `# UNIT name unit` or `# EOF`, nothing else.
fn strict_metadata(cursor: &mut Cursor<'_>) -> Result<Line, String> {
    if cursor.rest() == "# EOF" {
        return Ok(Line::End);
    }
    let refuse = || "expected HELP, TYPE, UNIT or EOF after `# `".to_owned();
    if !(cursor.eat('#') && cursor.eat(' ')) {
        return Err(refuse());
    }
    let word =
        read_token(cursor, |word| if matches!(word, "HELP" | "TYPE" | "UNIT") { Ok(word) } else { Err(refuse()) })?;
    if !cursor.eat(' ') {
        return Err(refuse());
    }
    let name = family_name(cursor)?;
    cursor.expect(' ')?;
    match word {
        "HELP" => Ok(Line::Help(name, help(cursor.rest()))),
        "UNIT" if cursor.rest().chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':') => {
            Ok(Line::Unit(name, cursor.rest().to_owned()))
        }
        "UNIT" => Err(format!("expected a unit {}", cursor.here())),
        _ if cursor.rest() == "untyped" => Err("`untyped` is written `unknown` here".to_owned()),
        _ => Ok(Line::Kind(name, kind(cursor.rest())?)),
    }
}

/// What is made of the next token; where nothing can be, the cursor stays before it.
fn read_token<'a, T>(cursor: &mut Cursor<'a>, make: impl FnOnce(&'a str) -> Result<T, String>) -> Result<T, String> {
    let before = *cursor;
    make(cursor.token()).inspect_err(|_| *cursor = before)
}

fn family_name(cursor: &mut Cursor<'_>) -> Result<String, String> {
    if cursor.peek() == Some('"') { cursor.quoted(Escapes::Known) } else { cursor.metric_name().map(str::to_owned) }
}

fn kind(word: &str) -> Result<Kind, String> {
    Ok(match word.to_ascii_lowercase().as_str() {
        "counter" => Kind::Counter,
        "gauge" => Kind::Gauge,
        "histogram" => Kind::Histogram,
        "gaugehistogram" => Kind::GaugeHistogram,
        "summary" => Kind::Summary,
        "info" => Kind::Info,
        "stateset" => Kind::StateSet,
        "untyped" | "unknown" => Kind::Unknown,
        _ => return Err(format!("`{}` is no metric type", word.escape_debug())),
    })
}

/// Help text with its escapes resolved; unknown ones stand for themselves.
fn help(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some(escaped @ ('\\' | '"')) => out.push(escaped),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

fn sample(cursor: &mut Cursor<'_>, dialect: Dialect) -> Result<Sample, String> {
    let text = cursor.rest();
    let mut blanks = Blanks { dialect };
    let mut labels = Vec::new();
    // A name outside the classic letters is in quotes inside the braces.
    let name = if cursor.peek() == Some('{') {
        let name = braces(cursor, &blanks, &mut labels)?;
        name.ok_or_else(|| "labels without a metric name".to_owned())?
    } else {
        let name = cursor.metric_name()?.to_owned();
        blanks.optional(cursor);
        if cursor.peek() == Some('{') && braces(cursor, &blanks, &mut labels)?.is_some() {
            return Err(format!("a second metric name after {name}"));
        }
        name
    };
    // The older format lets the value follow a brace at once.
    if dialect == Dialect::OpenMetrics || !text[..text.len() - cursor.rest().len()].ends_with('}') {
        blanks.between(cursor, text)?;
    }
    blanks.optional(cursor);
    let value = read_token(cursor, |token| number(token, "a value"))?;
    let mut timestamp = None;
    if blanks.more(cursor)? && !cursor.rest().starts_with('#') {
        timestamp = Some(read_token(cursor, |token| time(token, dialect))?);
        blanks.more(cursor)?;
    }
    if !cursor.is_at_end() {
        exemplar(cursor, &mut blanks)?;
    }
    Ok(Sample { name, labels, value, timestamp })
}

/// ` # {labels} value [timestamp]`: read so that what is wrong is found, and forgotten.
fn exemplar(cursor: &mut Cursor<'_>, blanks: &mut Blanks) -> Result<(), String> {
    cursor.expect('#')?;
    cursor.expect(' ')?;
    if cursor.peek() != Some('{') || braces(cursor, blanks, &mut Vec::new())?.is_some() {
        return Err("an exemplar begins with labels in braces".to_owned());
    }
    cursor.expect(' ')?;
    blanks.optional(cursor);
    read_token(cursor, |token| number(token, "an exemplar's value"))?;
    if blanks.more(cursor)? {
        read_token(cursor, |token| time(token, Dialect::OpenMetrics))?;
    }
    if cursor.is_at_end() { Ok(()) } else { Err(format!("nothing may follow {}", cursor.here())) }
}

/// Labels in braces, with the metric's name if it stands there. The cursor is at `{`.
fn braces(
    cursor: &mut Cursor<'_>,
    blanks: &Blanks,
    labels: &mut Vec<(String, String)>,
) -> Result<Option<String>, String> {
    let escapes = if blanks.dialect == Dialect::OpenMetrics { Escapes::Any } else { Escapes::Known };
    cursor.expect('{')?;
    let mut metric = None;
    let mut first = true;
    loop {
        blanks.optional(cursor);
        if cursor.peek() == Some('}') && (first || blanks.dialect == Dialect::Prometheus) {
            break;
        }
        let is_quoted = cursor.peek() == Some('"');
        let name = if is_quoted { cursor.quoted(escapes)? } else { cursor.label_name()?.to_owned() };
        blanks.optional(cursor);
        if is_quoted && first && cursor.peek() != Some('=') {
            metric = Some(name);
        } else {
            cursor.expect('=')?;
            blanks.optional(cursor);
            let value = cursor.quoted(escapes)?;
            if labels.iter().any(|(other, _)| *other == name) {
                return Err(format!("label {} twice", name.escape_debug()));
            }
            labels.push((name, value));
        }
        first = false;
        blanks.optional(cursor);
        if !cursor.eat(',') {
            break;
        }
    }
    cursor.expect('}')?;
    Ok(metric)
}

/// How blanks may stand between the parts of a line.
struct Blanks {
    dialect: Dialect,
}

impl Blanks {
    fn optional(&self, cursor: &mut Cursor<'_>) {
        if self.dialect == Dialect::Prometheus {
            cursor.skip_blanks();
        }
    }

    /// Needs a blank before the next part; in the older format it may have been skipped already.
    fn between(&self, cursor: &mut Cursor<'_>, line: &str) -> Result<(), String> {
        if cursor.is_at_end() {
            return Err("a value is missing".to_owned());
        }
        match self.dialect {
            Dialect::OpenMetrics => cursor.expect(' '),
            Dialect::Prometheus => {
                let before = &line[..line.len() - cursor.rest().len()];
                let blank = before.ends_with([' ', '\t']) || cursor.rest().starts_with([' ', '\t']);
                if blank { Ok(()) } else { Err(format!("expected a blank {}", cursor.here())) }
            }
        }
    }

    /// Whether another part follows; steps over the blank before it.
    fn more(&mut self, cursor: &mut Cursor<'_>) -> Result<bool, String> {
        if cursor.is_at_end() {
            return Ok(false);
        }
        cursor.expect(' ').or_else(|why| if cursor.eat('\t') { Ok(()) } else { Err(why) })?;
        self.optional(cursor);
        match (self.dialect, cursor.is_at_end()) {
            (Dialect::OpenMetrics, true) => Err("a blank at the end of the line".to_owned()),
            (_, at_end) => Ok(!at_end),
        }
    }
}

/// Decimal numbers, `NaN` and `Inf` with any sign and case.
fn number(token: &str, what: &str) -> Result<f64, String> {
    let refuse = || match token {
        "" => format!("{what} is missing"),
        _ => format!(
            "`{}` is no number for {what}",
            token.chars().take(40).flat_map(char::escape_debug).collect::<String>()
        ),
    };
    token.parse().map_err(|_| refuse())
}

fn time(token: &str, dialect: Dialect) -> Result<f64, String> {
    if dialect == Dialect::Prometheus {
        let millis: Result<i64, _> = token.parse();
        return millis
            .map(|millis| millis as f64 / 1_000.0)
            .map_err(|_| format!("`{}` is no timestamp in whole milliseconds", token.escape_debug()));
    }
    match number(token, "a timestamp")? {
        seconds if seconds.is_finite() => Ok(seconds),
        _ => Err("a timestamp must be finite".to_owned()),
    }
}
