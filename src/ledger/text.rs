//! A record as text, and the text as a record.

use super::Mask;
use super::line::{push_key, push_string, push_value};
use crate::checklist::Digest;
use crate::deployment::fact::FORMER_KINDS;
use crate::deployment::{Fact, Operator, Record, Seq};
use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::sync::Arc;
use strum::VariantNames as _;
use toml::{Table, Value};

/// What stands at the top of every ledger.
pub(super) const HEADER: &str = "# gonogo ledger: append only. `sum` is the SHA-256 of the record's bytes before its `sum` line; \
     `prev` is the `sum` before.\nformat = 1\n";

/// The line a record begins with.
pub(super) const OPENING: &str = "[[record]]\n";

/// Renders one record, with the empty line before it, and gives its sum.
///
/// # Errors
/// A sentence, when a fact holds something TOML cannot: a count beyond 63 bits.
pub(super) fn render(
    seq: Seq,
    at: DateTime<Utc>,
    by: &Operator,
    fact: &Fact,
    prev: &Digest,
    mask: &Mask,
) -> Result<(String, Digest), String> {
    let mut body = String::from(OPENING);
    let at = at.trunc_subsecs(3).format("%Y-%m-%dT%H:%M:%S%.3fZ");
    let _ = write!(body, "seq = {}\nat = {at}\nby = ", seq.0);
    push_value(&mut body, &value_of(by)?);
    body.push('\n');
    let toml_edit::Value::InlineTable(fields) = value_of(fact)? else {
        return Err("a fact is a table".to_owned());
    };
    for (key, value) in &fields {
        let mut value = value.clone();
        masked(key, &mut value, mask);
        let value = &value;
        push_key(&mut body, key);
        body.push_str(" = ");
        match value.as_str().and_then(|text| as_time(key, text)) {
            Some(time) => body.push_str(&time),
            None => push_value(&mut body, value),
        }
        body.push('\n');
    }
    body.push_str("prev = ");
    push_string(&mut body, &prev.to_string());
    body.push('\n');
    let sum = Digest::of(body.as_bytes());
    Ok((format!("\n{body}sum = \"{sum}\"\n"), sum))
}

/// What people write in their own words; names, paths and measurements are left as they are.
const WORDS: [&str; 11] =
    ["reason", "note", "text", "value", "word", "comment", "resolution", "impact", "mitigation", "title", "detail"];

/// Takes secrets out of the words in a field, however deep they stand.
fn masked(key: &str, value: &mut toml_edit::Value, mask: &Mask) {
    match value {
        toml_edit::Value::String(text) if WORDS.contains(&key) => {
            let shown = mask(text.value());
            if shown != *text.value() {
                *value = shown.into();
            }
        }
        toml_edit::Value::InlineTable(fields) => {
            for (key, value) in fields.iter_mut() {
                masked(key.get(), value, mask);
            }
        }
        toml_edit::Value::Array(values) => values.iter_mut().for_each(|value| masked(key, value, mask)),
        _ => {}
    }
}

fn value_of(of: &impl Serialize) -> Result<toml_edit::Value, String> {
    of.serialize(toml_edit::ser::ValueSerializer::new()).map_err(|error| error.to_string())
}

/// The fields that are times or dates are written as TOML's own, where they read back as the same text.
fn as_time(key: &str, text: &str) -> Option<String> {
    let time: toml::value::Datetime = matches!(key, "until" | "date" | "zero" | "end").then(|| text.parse().ok())??;
    (time.to_string() == text).then(|| time.to_string())
}

/// What every record carries, whatever its kind, with the fields of its fact still as they stand.
pub(super) struct Envelope {
    pub seq: Seq,
    pub prev: Digest,
    pub kind: String,
    at: DateTime<Utc>,
    by: Operator,
    fields: Table,
}

impl Envelope {
    /// Reads the text between a record's opening line and its `sum` line.
    ///
    /// # Errors
    /// A sentence that names what is missing.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut fields: Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
        let seq = fields.remove("seq").and_then(|seq| u64::try_from(seq.as_integer()?).ok());
        let at = fields.remove("at").and_then(|at| at.as_datetime()?.to_string().parse().ok());
        let by = fields.remove("by").and_then(|by| Operator::deserialize(by).ok());
        let prev = fields.remove("prev").and_then(|prev| prev.as_str().map(Digest::read));
        if let Some(kind) = fields.get_mut("kind")
            && let Some((_, today)) = FORMER_KINDS.iter().find(|(former, _)| kind.as_str() == Some(former))
        {
            *kind = Value::from(*today);
        }
        let kind = fields.get("kind").and_then(|kind| kind.as_str().map(ToOwned::to_owned));
        let missing = |name: &str| format!("its `{name}` is missing or not what it should be");
        Ok(Self {
            seq: Seq(seq.ok_or_else(|| missing("seq"))?),
            at: at.ok_or_else(|| missing("at"))?,
            by: by.ok_or_else(|| missing("by"))?,
            prev: prev.ok_or_else(|| missing("prev"))?,
            kind: kind.ok_or_else(|| missing("kind"))?,
            fields,
        })
    }

    pub(super) fn is_known(&self) -> bool {
        Fact::VARIANTS.contains(&self.kind.as_str())
    }

    /// # Errors
    /// A sentence that says which field is not what it should be.
    pub(super) fn into_record(self, sum: Digest) -> Result<Record, String> {
        let mut fields = self.fields;
        for (_, value) in &mut fields {
            if let Value::Datetime(time) = value {
                *value = Value::String(time.to_string());
            }
        }
        let fact =
            Fact::deserialize(Value::Table(fields)).map_err(|error| error.message().trim().replace('\n', " "))?;
        Ok(Record { seq: self.seq, at: self.at, by: Arc::new(self.by), fact, sum })
    }
}

#[cfg(test)]
mod tests;
