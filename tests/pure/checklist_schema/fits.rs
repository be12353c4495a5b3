//! As much of JSON schema as the checklist's schema uses. A keyword it does not know fails the test.

use regex::Regex;
use serde_json::{Map, Value};

/// Whether a value fits; if not, why and where.
pub(crate) fn fits(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let schema = schema.as_object().unwrap();
    for (keyword, rule) in schema {
        let right = match keyword.as_str() {
            "$schema" | "$id" | "title" | "description" | "definitions" | "$defs" | "properties" | "format" => true,
            "$ref" => {
                fits(root, referred(root, rule.as_str().unwrap()), value)?;
                true
            }
            "allOf" => {
                choices(rule).iter().try_for_each(|choice| fits(root, choice, value))?;
                true
            }
            "anyOf" => choices(rule).iter().any(|choice| fits(root, choice, value).is_ok()),
            "oneOf" => one_of(root, choices(rule), value)?,
            "type" => match rule {
                Value::Array(kinds) => kinds.iter().any(|kind| is_of(value, kind.as_str().unwrap())),
                kind => is_of(value, kind.as_str().unwrap()),
            },
            "const" => value == rule,
            "enum" => choices(rule).contains(value),
            "pattern" => value.as_str().is_none_or(|text| Regex::new(rule.as_str().unwrap()).unwrap().is_match(text)),
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
            "required" => value
                .as_object()
                .is_none_or(|table| choices(rule).iter().all(|k| table.contains_key(k.as_str().unwrap()))),
            "minProperties" => value.as_object().is_none_or(|table| table.len() as u64 >= rule.as_u64().unwrap()),
            "maxProperties" => value.as_object().is_none_or(|table| table.len() as u64 <= rule.as_u64().unwrap()),
            "additionalProperties" => {
                keys(root, schema, rule, value)?;
                true
            }
            "items" => {
                for (n, part) in value.as_array().into_iter().flatten().enumerate() {
                    fits(root, rule, part).map_err(|why| format!("[{n}] {why}"))?;
                }
                true
            }
            unknown => panic!("this test knows no `{unknown}`"),
        };
        if !right {
            return Err(format!("{:.200} is against {keyword} {rule}", value.to_string()));
        }
    }
    let takes_any_key = schema.contains_key("properties") && !schema.contains_key("additionalProperties");
    assert!(!takes_any_key, "a table that takes any key: {schema:?}");
    Ok(())
}

pub(crate) fn referred<'a>(root: &'a Value, reference: &str) -> &'a Value {
    root.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference} is not there"))
}

fn choices(rule: &Value) -> &Vec<Value> {
    rule.as_array().unwrap()
}

/// Exactly one must fit. Where all are of a kind, the one of the value's kind says what is wrong.
fn one_of(root: &Value, choices: &[Value], value: &Value) -> Result<bool, String> {
    let same =
        |choice: &&Value| choice.pointer("/properties/kind/const").is_some_and(|kind| Some(kind) == value.get("kind"));
    if let Some(choice) = choices.iter().find(same) {
        return fits(root, choice, value).map(|()| true);
    }
    Ok(choices.iter().filter(|choice| fits(root, choice, value).is_ok()).count() == 1)
}

fn keys(root: &Value, schema: &Map<String, Value>, others: &Value, value: &Value) -> Result<(), String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, value) in value.as_object().into_iter().flatten() {
        let rule = properties.and_then(|properties| properties.get(key)).unwrap_or(others);
        match rule {
            Value::Bool(true) => {}
            Value::Bool(false) => return Err(format!("`{key}` is no key here")),
            rule => fits(root, rule, value).map_err(|why| format!("{key} {why}"))?,
        }
    }
    Ok(())
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("this test knows no type `{other}`"),
    }
}
