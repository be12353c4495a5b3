//! Single values of the source and what may be wrong with them.

use super::facts;
use super::report::Report;
use crate::checklist::span::Span;
use regex::Regex;
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::DeValue;

pub(crate) type Value<'t> = Spanned<DeValue<'t>>;

/// A value and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<T> {
    pub value: T,
    pub at: Span,
}

impl<T> Found<T> {
    /// Another value at the same place.
    pub(crate) fn with<U>(&self, value: U) -> Found<U> {
        Found { value, at: self.at }
    }
}

/// The value's type with its article.
pub(crate) fn type_of(value: &Value<'_>) -> &'static str {
    match value.get_ref() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

pub(crate) fn expected(report: &Report<'_>, key: &str, what: &str, value: &Value<'_>, example: &str) {
    let message = format!("`{key}`: expected {what}, found {}", type_of(value));
    report.error(value.span().into(), message, format!("write `{key} = {example}`"));
}

pub(crate) fn text(report: &Report<'_>, key: &str, value: &Value<'_>) -> Option<Found<String>> {
    let Some(text) = value.get_ref().as_str() else {
        if let Some(text) = facts::as_text(report, value) {
            return Some(Found { value: text, at: value.span().into() });
        }
        let example = match value.get_ref() {
            DeValue::Integer(number) => format!("\"{number}\""),
            DeValue::Float(number) => format!("\"{number}\""),
            DeValue::Boolean(flag) => format!("\"{flag}\""),
            _ => "\"…\"".to_owned(),
        };
        expected(report, key, "a string", value, &example);
        return None;
    };
    Some(Found { value: text.to_owned(), at: value.span().into() })
}

pub(crate) fn whole(
    report: &Report<'_>,
    key: &str,
    value: &Value<'_>,
    within: &RangeInclusive<u32>,
) -> Option<Found<u32>> {
    let Some(integer) = value.get_ref().as_integer() else {
        expected(report, key, "a whole number", value, &within.start().to_string());
        return None;
    };
    let number = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
    let number = number.and_then(|number| u32::try_from(number).ok()).filter(|number| within.contains(number));
    if number.is_none() {
        let (from, to) = (within.start(), within.end());
        let bounds = if *to == u32::MAX { format!("{from} or more") } else { format!("from {from} to {to}") };
        report.error(
            value.span().into(),
            format!("`{key}` is {integer}, out of range"),
            format!("write a number {bounds}"),
        );
    }
    Some(Found { value: number?, at: value.span().into() })
}

pub(crate) fn number(report: &Report<'_>, key: &str, value: &Value<'_>) -> Option<Found<f64>> {
    let number = match value.get_ref() {
        DeValue::Integer(integer) => i128::from_str_radix(integer.as_str(), integer.radix()).ok().map(|n| n as f64),
        DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
        _ => {
            expected(report, key, "a number", value, "30");
            return None;
        }
    };
    let number = number.filter(|number| number.is_finite());
    if number.is_none() {
        report.error(value.span().into(), format!("`{key}` is no finite number"), "write a number such as 30 or 0.5");
    }
    Some(Found { value: number?, at: value.span().into() })
}

/// Compiles a regular expression and gives how many groups it captures.
pub(crate) fn pattern(report: &Report<'_>, key: &str, text: &Found<String>) -> Option<usize> {
    match Regex::new(&text.value) {
        // Group 0 is the whole match.
        Ok(regex) => Some(regex.captures_len() - 1),
        Err(why) => {
            let why = why.to_string();
            let why = why.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
            let message = format!("`{key}` is no regular expression: {why}");
            report.error(
                text.at,
                message,
                "mend the expression; a backslash before a special character takes it as itself",
            );
            None
        }
    }
}

/// Whether a character may stand in an id.
fn is_id_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.')
}

/// Notes an id that is empty or has other characters than ids may have.
pub(crate) fn check_id(report: &Report<'_>, id: &str, at: Span) {
    let rule = "lower-case letters, digits, `-`, `_` and `.` only";
    if id.is_empty() {
        report.error(at, "the id is empty", format!("write {rule}"));
    } else if let Some(wrong) = id.chars().find(|c| !is_id_char(*c)) {
        let mended: String = id.to_lowercase().chars().map(|c| if is_id_char(c) { c } else { '-' }).collect();
        report.error(at, format!("the id `{id}` may not have `{wrong}` in it"), format!("write `{mended}`: {rule}"));
    } else if id.chars().all(|c| c == '.') {
        report.error(at, format!("the id `{id}` is only dots"), format!("write {rule}, and not dots alone"));
    }
}
