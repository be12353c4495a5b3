//! What is looked for in files: a regular expression, or a word as programs write it.

use crate::checklist::reader::table::TableReader;
use crate::checklist::reader::value;
use serde::{Serialize, Serializer};
use std::fmt;
use toml::de::DeValue;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// A whole identifier, maybe dotted, however it is called or passed on: `datetime.utcnow`.
    Word(String),
    /// A regular expression.
    #[serde(untagged)]
    Regex(String),
}

impl Pattern {
    /// The regular expression that it means.
    pub fn regex(&self) -> String {
        match self {
            Pattern::Regex(text) => text.clone(),
            Pattern::Word(word) => {
                let parts: Vec<_> = word.split('.').map(|part| regex::escape(part.trim())).collect();
                let edge =
                    |c: Option<char>| if c.is_some_and(|c| c.is_alphanumeric() || c == '_') { r"\b" } else { "" };
                let (first, last) = (word.trim().chars().next(), word.trim().chars().next_back());
                format!("{}{}{}", edge(first), parts.join(r"\s*\.\s*"), edge(last))
            }
        }
    }

    /// One pattern or a list of them; each a regular expression or `{ word = "…" }`.
    pub(super) fn read(table: &mut TableReader<'_>, key: &'static str) -> Vec<Self> {
        let Some(written) = table.value(key) else { return Vec::new() };
        let report = table.report();
        let one = |found: &value::Value<'_>| {
            if let DeValue::Table(inner) = found.get_ref() {
                let mut inner = TableReader::new(report, inner, found.span().into(), "a pattern");
                let word = inner.required_text("word");
                inner.finish();
                return word.map(|word| Pattern::Word(word.value));
            }
            let text = value::text(report, key, found)?;
            value::pattern(report, key, &text)?;
            Some(Pattern::Regex(text.value))
        };
        match written.get_ref().as_array() {
            Some(array) => array.iter().filter_map(one).collect(),
            None => one(written).into_iter().collect(),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Pattern::Regex(text) | Pattern::Word(text)) = self;
        f.write_str(text)
    }
}

/// None and a single one are written as before there were several, so that digests of older checklists stay.
pub(super) fn serialize<S: Serializer>(patterns: &[Pattern], serializer: S) -> Result<S::Ok, S::Error> {
    match patterns {
        [] => serializer.serialize_none(),
        [one] => serializer.serialize_some(one),
        more => serializer.collect_seq(more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn a_word_is_found_however_it_is_used_and_only_whole() {
        let regex = Regex::new(&Pattern::Word("datetime.utcnow".into()).regex()).unwrap();
        for line in [
            "x = datetime.utcnow()",
            "created = Column(default=datetime.utcnow)",
            "field(default_factory=datetime.utcnow, kw_only=True)",
            "datetime.datetime.utcnow",
            "f(datetime . utcnow)",
        ] {
            assert!(regex.is_match(line), "{line}");
        }
        for line in ["datetime.utcnow_aware()", "mydatetime.utcnow", "datetime_utcnow", "datetimeXutcnow"] {
            assert!(!regex.is_match(line), "{line}");
        }
        assert!(Regex::new(&Pattern::Word("$x(".into()).regex()).unwrap().is_match("a $x( b"));
    }
}
