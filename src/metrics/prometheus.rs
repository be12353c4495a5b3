//! The Prometheus text format 0.0.4 and `OpenMetrics` text, as services really write them.
//!
//! Syntax is checked, and so is metadata that contradicts itself (a second `TYPE`, a `TYPE` after its samples). The
//! rules about meaning are not: values a kind may take, order and completeness of buckets, grouping, suffixes, units,
//! where exemplars may stand.

pub(crate) mod counter;
mod cursor;
mod line;
mod quantile;
pub(crate) mod selector;

pub use counter::Reading;
pub use quantile::Quantile;
pub use selector::Selector;

use line::{Line, Wrong};
use std::collections::{HashMap, HashSet};
use std::fmt;
use thiserror::Error;

/// One scrape.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exposition {
    /// In the order of their first metadata; a sample without metadata has no family.
    pub families: Vec<Family>,
    /// In the order written.
    pub samples: Vec<Sample>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    pub name: String,
    pub kind: Option<Kind>,
    pub help: Option<String>,
    pub unit: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
    GaugeHistogram,
    Summary,
    Info,
    StateSet,
    Unknown,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub name: String,
    /// In the order written, each name once.
    pub labels: Vec<(String, String)>,
    /// May be NaN or infinite.
    pub value: f64,
    /// Seconds since 1970, when the service states one.
    pub timestamp: Option<f64>,
}

/// Which of the two formats a text is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Text format 0.0.4: free with blanks, comments and a last comma; timestamps are whole milliseconds.
    Prometheus,
    /// `OpenMetrics`: one blank between parts, nothing but metadata after `#`, ends with `# EOF`.
    OpenMetrics,
}

impl Dialect {
    /// `OpenMetrics` says where it ends; what does not say so is read as the older format.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let last = text.rsplit(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
        let marked = text.split(|byte| *byte == b'\n').any(|line| line == b"# EOF");
        let nearly = last.is_some_and(|line| line.starts_with(b"# EOF"));
        if marked || nearly { Dialect::OpenMetrics } else { Dialect::Prometheus }
    }
}

/// The first thing wrong with a text, and where. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {what}")]
pub struct ParseError {
    pub line: usize,
    /// In letters; where what is wrong is the line as a whole, 1.
    pub column: usize,
    pub what: String,
}

/// What could be read of a text that may have bad lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lenient {
    pub exposition: Exposition,
    /// How many lines were passed over.
    pub bad: usize,
    /// The first of them.
    pub first: Option<ParseError>,
}

impl Exposition {
    pub fn family(&self, name: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.name == name)
    }
}

/// Reads a whole scrape.
///
/// # Errors
/// The first bad line, and what was expected there.
pub fn parse(text: &[u8]) -> Result<Exposition, ParseError> {
    let lenient = read(text, Dialect::of(text), Tolerance::None);
    match lenient.first {
        Some(error) => Err(error),
        None => Ok(lenient.exposition),
    }
}

/// Reads what can be read: a bad line costs that line and nothing else.
pub fn parse_lenient(text: &[u8]) -> Lenient {
    read(text, Dialect::of(text), Tolerance::Lines)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tolerance {
    None,
    Lines,
}

fn read(text: &[u8], dialect: Dialect, tolerance: Tolerance) -> Lenient {
    let mut reader = Reader { dialect, ..Reader::default() };
    let mut lenient = Lenient::default();
    // A line end closes the last line rather than opening an empty one.
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    if text.is_empty() {
        return lenient;
    }
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if let Err(Wrong { column, what }) = reader.line(line) {
            lenient.bad += 1;
            lenient.first.get_or_insert(ParseError { line: index + 1, column, what });
            if tolerance == Tolerance::None {
                break;
            }
        }
    }
    lenient.exposition = reader.exposition;
    lenient
}

struct Reader {
    dialect: Dialect,
    exposition: Exposition,
    /// Names that samples have had so far.
    seen: HashSet<String>,
    /// Families by name, as indexes.
    known: HashMap<String, usize>,
    ended: bool,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            dialect: Dialect::Prometheus,
            exposition: Exposition::default(),
            seen: HashSet::new(),
            known: HashMap::new(),
            ended: false,
        }
    }
}

impl Reader {
    fn line(&mut self, bytes: &[u8]) -> Result<(), Wrong> {
        let whole = |what: String| Wrong { column: 1, what };
        if self.ended {
            return Err(whole("text after `# EOF`".to_owned()));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).chars().count();
            Wrong { column: good + 1, what: "not UTF-8".to_owned() }
        })?;
        self.take(line::read(text, self.dialect)?).map_err(whole)
    }

    fn take(&mut self, line: Line) -> Result<(), String> {
        match line {
            Line::Nothing => Ok(()),
            Line::End => {
                self.ended = true;
                Ok(())
            }
            Line::Sample(sample) => {
                if !self.seen.contains(&sample.name) {
                    self.seen.insert(sample.name.clone());
                }
                self.exposition.samples.push(sample);
                Ok(())
            }
            Line::Kind(name, kind) => {
                if self.seen.contains(&name) {
                    return Err(format!("TYPE of {name} after its samples"));
                }
                let family = self.family(name);
                set(&mut family.kind, kind, "TYPE", &family.name)
            }
            Line::Help(name, help) => {
                if self.dialect == Dialect::OpenMetrics && self.seen.contains(&name) {
                    return Err(format!("HELP of {name} after its samples"));
                }
                let family = self.family(name);
                set(&mut family.help, help, "HELP", &family.name)
            }
            Line::Unit(name, unit) => {
                let family = self.family(name);
                set(&mut family.unit, unit, "UNIT", &family.name)
            }
        }
    }

    fn family(&mut self, name: String) -> &mut Family {
        let families = &mut self.exposition.families;
        let index = *self.known.entry(name).or_insert_with_key(|name| {
            families.push(Family { name: name.clone(), kind: None, help: None, unit: None });
            families.len() - 1
        });
        &mut families[index]
    }
}

fn set<T>(slot: &mut Option<T>, value: T, word: &str, name: &str) -> Result<(), String> {
    if slot.is_some() {
        return Err(format!("a second {word} of {name}"));
    }
    *slot = Some(value);
    Ok(())
}

impl fmt::Display for Sample {
    /// Name and labels as they are written in a selector, without the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if self.labels.is_empty() {
            return Ok(());
        }
        let labels: Vec<String> = self.labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        write!(f, "{{{}}}", labels.join(","))
    }
}

#[cfg(test)]
mod tests;
