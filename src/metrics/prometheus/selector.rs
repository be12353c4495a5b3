//! Choosing series of a scrape: `http_requests_total{status="500",path=~"/api/.*"}`.

use super::cursor::{Cursor, Escapes};
use super::{Exposition, Sample};
use crate::checklist::pane::Aggregate;
use crate::metrics::sources::SourceError;
use regex::Regex;
use std::fmt;

/// A metric name and conditions on its labels. A label that a series does not have counts as empty.
#[derive(Debug, Clone)]
pub struct Selector {
    text: String,
    name: String,
    matchers: Vec<(String, Matcher)>,
}

#[derive(Debug, Clone)]
enum Matcher {
    Equal(String),
    Differs(String),
    Matches(Regex),
    MatchesNot(Regex),
}

impl Selector {
    /// Reads `name`, or `name{label="value", …}` with `=`, `!=`, `=~` and `!~`. A pattern must match the whole value.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let refuse = |why: String| SourceError::Selector { text: text.to_owned(), why };
        let mut cursor = Cursor::new(text.trim());
        let name = cursor.metric_name().map_err(refuse)?.to_owned();
        let mut matchers = Vec::new();
        cursor.skip_blanks();
        if cursor.eat('{') {
            loop {
                cursor.skip_blanks();
                if cursor.peek() == Some('}') {
                    break;
                }
                matchers.push(matcher(&mut cursor).map_err(refuse)?);
                cursor.skip_blanks();
                if !cursor.eat(',') {
                    break;
                }
            }
            cursor.expect('}').map_err(refuse)?;
        }
        if !cursor.is_at_end() {
            return Err(refuse(format!("nothing may follow {}", cursor.here())));
        }
        Ok(Self { text: text.trim().to_owned(), name, matchers })
    }

    pub fn selects(&self, sample: &Sample) -> bool {
        sample.name == self.name
            && self.matchers.iter().all(|(label, matcher)| {
                let found = sample.labels.iter().find(|(name, _)| name == label);
                matcher.accepts(found.map_or("", |(_, value)| value.as_str()))
            })
    }

    /// The sum over the chosen series; `None` when there is none.
    pub fn sum(&self, exposition: &Exposition) -> Option<f64> {
        let mut chosen = exposition.samples.iter().filter(|sample| self.selects(sample)).peekable();
        chosen.peek()?;
        Some(chosen.map(|sample| sample.value).sum())
    }
}

impl Selector {
    /// What the chosen series come to; `None` when there is none.
    pub fn aggregate(&self, exposition: &Exposition, over_series: Aggregate) -> Option<f64> {
        let chosen = exposition.samples.iter().filter(|sample| self.selects(sample)).map(|sample| sample.value);
        match over_series {
            Aggregate::Sum => self.sum(exposition),
            Aggregate::Average => {
                let count = chosen.count();
                self.sum(exposition).map(|sum| sum / count as f64)
            }
            // A series that is no number makes the most of them none.
            Aggregate::Max => chosen.reduce(|a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }),
        }
    }

    /// The same conditions on the metric with this behind its name, unless it stands there.
    #[must_use]
    pub fn with_suffix(mut self, suffix: &str) -> Self {
        if !self.name.ends_with(suffix) {
            self.text = self.text.replacen(&self.name, &format!("{}{suffix}", self.name), 1);
            self.name.push_str(suffix);
        }
        self
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Matcher {
    fn accepts(&self, value: &str) -> bool {
        match self {
            Matcher::Equal(wanted) => value == wanted,
            Matcher::Differs(unwanted) => value != unwanted,
            Matcher::Matches(pattern) => pattern.is_match(value),
            Matcher::MatchesNot(pattern) => !pattern.is_match(value),
        }
    }
}

fn matcher(cursor: &mut Cursor<'_>) -> Result<(String, Matcher), String> {
    let label = cursor.label_name()?.to_owned();
    cursor.skip_blanks();
    let sign = if cursor.eat('!') {
        if cursor.eat('~') {
            "!~"
        } else {
            cursor.expect('=')?;
            "!="
        }
    } else {
        cursor.expect('=')?;
        if cursor.eat('~') { "=~" } else { "=" }
    };
    cursor.skip_blanks();
    // Patterns are full of backslashes that are no escapes of the quotes.
    let escapes = if sign.ends_with('~') { Escapes::Any } else { Escapes::Known };
    let text = cursor.quoted(escapes)?;
    let pattern = || Regex::new(&format!("^(?:{text})$")).map_err(|_| format!("`{text}` is no regular expression"));
    let matcher = match sign {
        "=" => Matcher::Equal(text),
        "!=" => Matcher::Differs(text),
        "=~" => Matcher::Matches(pattern()?),
        _ => Matcher::MatchesNot(pattern()?),
    };
    Ok((label, matcher))
}
