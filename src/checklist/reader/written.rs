//! A document as TOML again: what an overlay was laid over becomes a checklist of its own.

use super::overlay::is_part;
use super::value::Value;
use std::fmt::Write as _;
use toml::de::{DeTable, DeValue};

/// The text of a document, its keys in the order in which they were read.
pub(crate) fn write(document: &DeTable<'_>) -> String {
    let mut out = String::new();
    table(&mut out, document, "");
    out
}

/// Plain values, then tables below headers, then lists of parts.
fn table(out: &mut String, table_: &DeTable<'_>, path: &str) {
    let mut entries: Vec<_> = table_.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let rank = |name: &str, value: &Value<'_>| match value.get_ref() {
        DeValue::Array(array) if is_part(name) && array.iter().all(|part| part.get_ref().is_table()) => 2,
        DeValue::Table(_) if path.is_empty() || path.starts_with("environments") => 1,
        _ => 0,
    };
    entries.sort_by_key(|(key, value)| rank(key.get_ref(), value));
    for (key, value) in entries {
        let name = quoted(key.get_ref());
        let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match (rank(key.get_ref(), value), value.get_ref()) {
            (1, DeValue::Table(below)) => {
                let _ = writeln!(out, "\n[{inner}]");
                table(out, below, &inner);
            }
            (2, DeValue::Array(parts)) => {
                for part in parts.iter().filter_map(|part| part.get_ref().as_table()) {
                    let _ = writeln!(out, "\n[[{inner}]]");
                    table(out, part, &inner);
                }
            }
            _ => {
                let _ = writeln!(out, "{name} = {}", inline(value));
            }
        }
    }
}

/// One value, on a line of its own unless it holds line ends.
pub(crate) fn inline(value: &Value<'_>) -> String {
    match value.get_ref() {
        DeValue::String(text) => toml_edit::Value::from(text.as_ref()).to_string(),
        DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(decimal) => decimal.to_string(),
            Err(_) => number.to_string(),
        },
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(array) => {
            let parts: Vec<String> = array.iter().map(inline).collect();
            format!("[{}]", parts.join(", "))
        }
        DeValue::Table(table) => {
            let mut entries: Vec<_> = table.iter().collect();
            entries.sort_by_key(|(key, _)| key.span().start);
            let parts: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| format!("{} = {}", quoted(key.get_ref()), inline(value)))
                .collect();
            format!("{{ {} }}", parts.join(", "))
        }
    }
}

/// A key, in quotes where it needs them.
fn quoted(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if bare { key.to_owned() } else { toml_edit::Value::from(key).to_string() }
}
