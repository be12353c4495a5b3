//! What is expected at one place of an answer: a value of its JSON, or a header.

use crate::checklist::reader::table::TableReader;
use crate::checklist::reader::value::{self, Value};
use serde::Serialize;
use serde_json::Value as Json;
use toml::de::DeValue;

/// Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Want {
    /// A JSON pointer such as `/items/0/id`, or a header's name.
    pub at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<Json>,
    /// A regular expression over the value as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// Whether anything stands there at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// Bounds of a number, or of the length of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}

impl Want {
    /// Reads one expectation on JSON.
    pub(super) fn json(mut table: TableReader<'_>) -> Self {
        let at = table.required_text("at");
        if let Some(at) = at.as_ref().filter(|at| !at.value.is_empty() && !at.value.starts_with('/')) {
            let message = format!("`{}` is no JSON pointer", at.value);
            table.report().error(at.at, message, format!("write `at = \"/{}\"`", at.value.replace('.', "/")));
        }
        let at_least = table.number("at_least").map(|number| number.value);
        let at_most = table.number("at_most").map(|number| number.value);
        let equals = table.value("equals").and_then(json);
        Self { equals, at_least, at_most, ..Self::rest(&mut table, at) }.finished(table)
    }

    /// Reads one expectation on a header of the answer.
    pub(super) fn header(mut table: TableReader<'_>) -> Self {
        let name = table.required_text("name");
        let equals = table.text("equals").map(|text| Json::String(text.value));
        Self { equals, ..Self::rest(&mut table, name) }.finished(table)
    }

    /// The text that is expected, where it is one.
    pub(super) fn texts(&self) -> Option<&str> {
        self.equals.as_ref()?.as_str()
    }

    pub(super) fn replace<E>(&mut self, text: &mut impl FnMut(&str) -> Result<String, E>) -> Result<(), E> {
        if let Some(Json::String(own)) = &mut self.equals {
            *own = text(own)?;
        }
        Ok(())
    }

    fn rest(table: &mut TableReader<'_>, at: Option<value::Found<String>>) -> Self {
        let matches = table.pattern("matches").map(|text| text.value);
        let exists = table.flag("exists").map(|flag| flag.value);
        let absent = table.flag("absent").map(|flag| !flag.value);
        Self { at: at.map(|at| at.value).unwrap_or_default(), matches, exists: exists.or(absent), ..Self::default() }
    }

    fn finished(self, table: TableReader<'_>) -> Self {
        let nothing = self.equals.is_none() && self.matches.is_none() && self.exists.is_none();
        if nothing && self.at_least.is_none() && self.at_most.is_none() {
            let written =
                ["equals", "matches", "exists", "absent", "at_least", "at_most"].iter().any(|key| table.has(key));
            if !written {
                let message = format!("nothing is expected at `{}`", self.at);
                table.report().error(table.at(), message, "add `equals = …`, `matches = \"…\"` or `exists = true`");
            }
        }
        table.finish();
        self
    }
}

impl std::fmt::Display for Want {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let exists = self.exists.map(|exists| if exists { "is there".to_owned() } else { "is absent".to_owned() });
        let equals = self.equals.as_ref().map(|value| format!("is {value}"));
        let matches = self.matches.as_ref().map(|pattern| format!("matches {pattern}"));
        let least = self.at_least.map(|bound| format!("is at least {bound}"));
        let most = self.at_most.map(|bound| format!("is at most {bound}"));
        let parts: Vec<_> = [exists, equals, matches, least, most].into_iter().flatten().collect();
        f.write_str(&parts.join(" and "))
    }
}

/// A TOML value as JSON. Dates and times are texts there.
fn json(value: &Value<'_>) -> Option<Json> {
    Some(match value.get_ref() {
        DeValue::String(text) => Json::String(text.to_string()),
        DeValue::Integer(integer) => Json::from(i64::from_str_radix(integer.as_str(), integer.radix()).ok()?),
        DeValue::Float(float) => Json::from(float.as_str().parse::<f64>().ok()?),
        DeValue::Boolean(flag) => Json::Bool(*flag),
        DeValue::Datetime(at) => Json::String(at.to_string()),
        DeValue::Array(array) => Json::Array(array.iter().map(json).collect::<Option<_>>()?),
        DeValue::Table(table) => {
            let entry = |(key, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &Value<'_>)| {
                Some((key.get_ref().to_string(), json(value)?))
            };
            Json::Object(table.iter().map(entry).collect::<Option<_>>()?)
        }
    })
}

/// One status or a list of them, each a number or a word such as `2xx`.
pub(super) fn statuses(table: &mut TableReader<'_>) -> Option<super::Statuses> {
    let written = table.value("status")?;
    let word = |value: &Value<'_>| match value.get_ref() {
        DeValue::Integer(integer) => Some(integer.as_str().to_owned()),
        DeValue::String(text) => Some(text.to_string()),
        _ => {
            value::expected(table.report(), "status", "a status", value, "200");
            None
        }
    };
    let words: Vec<String> = match written.get_ref().as_array() {
        Some(array) => array.iter().map(word).collect::<Option<_>>()?,
        None => vec![word(written)?],
    };
    let read = super::Statuses::parse(words.iter().map(String::as_str));
    read.map_err(|why| {
        table.report().error(
            written.span().into(),
            format!("`status`: {why}"),
            "write 200, [200, 204], \"2xx\" or \"200-204\"",
        );
    })
    .ok()
}
