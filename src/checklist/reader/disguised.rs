//! Passwords that only show when the escapes of a string are read.

use super::report::Report;
use super::value::Value;
use crate::checklist::lint::{refuse_secret, secrets};
use crate::checklist::span::Span;
use toml::de::{DeTable, DeValue};

/// Notes and hides strings that hold a password which the text as written does not show.
pub(super) fn check(report: &Report<'_>, table: &DeTable<'_>) {
    for (key, value) in table {
        check_text(report, key.get_ref(), key.span().into());
        check_value(report, value);
    }
}

fn check_value(report: &Report<'_>, value: &Value<'_>) {
    match value.get_ref() {
        DeValue::String(text) => check_text(report, text, value.span().into()),
        DeValue::Array(array) => array.iter().for_each(|value| check_value(report, value)),
        DeValue::Table(table) => check(report, table),
        _ => {}
    }
}

fn check_text(report: &Report<'_>, text: &str, at: Span) {
    let as_written = report.text().get(at.start..at.end).unwrap_or_default();
    if !secrets::find(text).is_empty() && secrets::find(as_written).is_empty() {
        report.hide(at);
        refuse_secret(report, at);
    }
}
