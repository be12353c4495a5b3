//! Whether one place of an answer, in its JSON or its headers, is as expected. Pure.

use crate::attempts::redact::cut;
use crate::checklist::check::Want;
use crate::metrics::probe::Answer;
use regex::Regex;
use serde_json::Value as Json;

/// Letters of a value that are shown.
const SHOWN: usize = 80;

/// An expectation with its pattern compiled.
#[derive(Debug)]
pub(super) struct Expectation {
    want: Want,
    matches: Option<Regex>,
}

impl Expectation {
    /// # Errors
    /// A sentence when the pattern is no regular expression.
    pub(super) fn new(want: &Want) -> Result<Self, String> {
        let compile =
            |pattern: &String| Regex::new(pattern).map_err(|_| format!("`{pattern}` is no regular expression"));
        Ok(Self { want: want.clone(), matches: want.matches.as_ref().map(compile).transpose()? })
    }

    /// Holds the expectation against the answer's JSON.
    ///
    /// # Errors
    /// What is not as expected; it quotes the answer.
    pub(super) fn json(&self, body: &Json, mask: &dyn Fn(String) -> String) -> Result<(), String> {
        self.held("", body.pointer(&self.want.at), mask)
    }

    /// Holds the expectation against a header of the answer.
    ///
    /// # Errors
    /// What is not as expected; it quotes the answer.
    pub(super) fn header(&self, answer: &Answer, mask: &dyn Fn(String) -> String) -> Result<(), String> {
        let values: Vec<String> = answer
            .headers
            .get_all(self.want.at.as_str())
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        let value = (!values.is_empty()).then(|| Json::String(values.join(", ")));
        self.held("the header ", value.as_ref(), mask)
    }

    fn held(&self, noun: &str, found: Option<&Json>, mask: &dyn Fn(String) -> String) -> Result<(), String> {
        let short = |value: &Json| cut(&mask(value.to_string()), SHOWN);
        let Want { at, equals, exists, at_least, at_most, .. } = &self.want;
        let place = format!("{noun}{}", if at.is_empty() { "the whole answer" } else { at });
        let Some(found) = found else {
            return if *exists == Some(false) { Ok(()) } else { Err(format!("{place} is not there")) };
        };
        if *exists == Some(false) {
            return Err(format!("{place} is there: {}", short(found)));
        }
        if let Some(wanted) = equals.as_ref().filter(|wanted| !same(wanted, found)) {
            return Err(format!("{place} is {} instead of {}", short(found), short(wanted)));
        }
        if let Some(regex) = self.matches.as_ref().filter(|regex| !regex.is_match(&text(found))) {
            return Err(format!("{place} is {}, which does not match {regex}", short(found)));
        }
        if at_least.is_some() || at_most.is_some() {
            let amount = match found {
                Json::Array(array) => Some(array.len() as f64),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => found.as_f64(),
            };
            let Some(amount) = amount else { return Err(format!("{place} is {}, no number", short(found))) };
            if let Some(least) = at_least.filter(|least| amount < *least) {
                return Err(format!("{place} is {amount}, less than {least}"));
            }
            if let Some(most) = at_most.filter(|most| amount > *most) {
                return Err(format!("{place} is {amount}, more than {most}"));
            }
        }
        Ok(())
    }
}

/// Equal as JSON, and 3 equals 3.0.
fn same(wanted: &Json, found: &Json) -> bool {
    match (wanted, found) {
        (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn held(want: &Want) -> Result<(), String> {
        let body = json!({"items": [{"id": 7, "name": "a/b"}, {"id": 8}], "total": 2.0, "none": null});
        Expectation::new(want).unwrap().json(&body, &|text| text)
    }

    fn at(pointer: &str) -> Want {
        Want { at: pointer.into(), ..Want::default() }
    }

    #[test]
    fn every_expectation_can_hold_and_fail() {
        for (want, wrong) in [
            (Want { equals: Some(json!(7)), ..at("/items/0/id") }, None),
            (Want { equals: Some(json!(2)), ..at("/total") }, None),
            (Want { equals: Some(json!("7")), ..at("/items/0/id") }, Some("/items/0/id is 7 instead of \"7\"")),
            (Want { matches: Some("^a/".into()), ..at("/items/0/name") }, None),
            (
                Want { matches: Some("^b".into()), ..at("/items/0/name") },
                Some("/items/0/name is \"a/b\", which does not match ^b"),
            ),
            (Want { exists: Some(true), ..at("/none") }, None),
            (Want { exists: Some(true), ..at("/items/2") }, Some("/items/2 is not there")),
            (Want { exists: Some(false), ..at("/items/2") }, None),
            (Want { exists: Some(false), ..at("/total") }, Some("/total is there: 2.0")),
            (Want { at_least: Some(2.0), at_most: Some(2.0), ..at("/items") }, None),
            (Want { at_least: Some(3.0), ..at("/items") }, Some("/items is 2, less than 3")),
            (Want { at_most: Some(1.0), ..at("/total") }, Some("/total is 2, more than 1")),
            (Want { at_most: Some(1.0), ..at("/items/0/name") }, Some("/items/0/name is \"a/b\", no number")),
        ] {
            assert_eq!(held(&want).err().as_deref(), wrong, "{want:?}");
        }
    }
}
