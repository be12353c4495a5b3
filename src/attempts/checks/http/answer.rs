//! Looking at one answer.

use super::expected::Expectation;
use crate::attempts::redact::{Secrets, is_proof};
use crate::checklist::check::{Http, Statuses};
use crate::metrics::probe::{Answer, Failure, Learn, tell_fields, tell_headers};
use data_encoding::BASE64;
use reqwest::Url;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::sync::Arc;

/// So much of a body is quoted when it is not as expected.
const QUOTED: usize = 200;

/// What an answer must be, and what must not be repeated from it.
pub(crate) struct Expected {
    status: Statuses,
    contains: Option<String>,
    json: Vec<Expectation>,
    headers: Vec<Expectation>,
    /// With all that came up of the user's, in every form a service might send back.
    secrets: Arc<Secrets>,
}

impl Expected {
    /// # Errors
    /// A sentence when a pattern is no regular expression.
    pub(in crate::attempts) fn new(http: &Http, secrets: Arc<Secrets>) -> Result<Self, String> {
        Ok(Self {
            status: http.status.clone(),
            contains: http.contains.clone(),
            json: http.json.iter().map(Expectation::new).collect::<Result<_, _>>()?,
            headers: http.response_headers.iter().map(Expectation::new).collect::<Result<_, _>>()?,
            secrets,
        })
    }

    /// Whether the answer is as expected, else a sentence that quotes it.
    pub(in crate::attempts) fn check(&self, answer: &Result<Answer, Failure>) -> Result<(), String> {
        let answer = answer.as_ref().map_err(|failure| failure.reason.clone())?;
        if self.holds(answer) {
            return Ok(());
        }
        // What the answer hands out may be quoted as little as what was sent.
        let learn = learn(&self.secrets);
        tell_headers(&answer.headers, &learn);
        if let Ok(json) = serde_json::from_slice(&answer.body) {
            tell_fields(&json, &learn);
        }
        self.reported(answer)
    }

    fn holds(&self, answer: &Answer) -> bool {
        self.reported(answer).is_ok()
    }

    fn reported(&self, answer: &Answer) -> Result<(), String> {
        if !self.status.has(answer.status) {
            let target = answer.redirect().map(|target| format!(" to {}", self.shown(&target))).unwrap_or_default();
            return Err(format!(
                "answered {}{target} instead of {}{}",
                answer.status,
                self.status,
                self.quoted(answer)
            ));
        }
        if let Some(wanted) = &self.contains
            && !String::from_utf8_lossy(&answer.body).contains(wanted.as_str())
        {
            return Err(format!("answered {} without `{}`{}", answer.status, self.shown(wanted), self.quoted(answer)));
        }
        let reported = |why: String| format!("answered {}, but {}", answer.status, self.shown(&why));
        let mask = |text: String| self.secrets.mask(&text);
        self.headers.iter().try_for_each(|want| want.header(answer, &mask)).map_err(reported)?;
        if self.json.is_empty() {
            return Ok(());
        }
        let Ok(body) = serde_json::from_slice(&answer.body) else {
            return Err(format!("answered {} with no JSON{}", answer.status, self.quoted(answer)));
        };
        self.json.iter().try_for_each(|want| want.json(&body, &mask)).map_err(reported)
    }

    fn quoted(&self, answer: &Answer) -> String {
        let text = self.shown(&String::from_utf8_lossy(&answer.body));
        if text.is_empty() { ", with an empty body".to_owned() } else { format!(": {text}") }
    }

    /// The first characters of a text, on one line, with nothing in it that moves a cursor or shows a secret.
    fn shown(&self, text: &str) -> String {
        self.secrets
            .mask(text)
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .filter(|c| !c.is_control() && !reorders(*c))
            .take(QUOTED)
            .collect::<String>()
            .trim()
            .to_owned()
    }
}

/// Characters that show nothing themselves and make other text look different.
fn reorders(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// What hears of proofs that come up: values that are ones by their name, and long ones of cookies.
pub(crate) fn learn(secrets: &Arc<Secrets>) -> Learn {
    let secrets = Arc::clone(secrets);
    Arc::new(move |name, value| {
        if is_proof(name) {
            secrets.learn(value);
        }
    })
}

/// What an address holds of a user.
pub(crate) fn learn_address(url: &Url, secrets: &Secrets) {
    let (user, Some(password)) = (decoded(url.username()), url.password()) else { return };
    let plain = decoded(password);
    secrets.learn(&BASE64.encode(format!("{user}:{plain}").as_bytes()));
    secrets.learn(password);
    secrets.learn(&plain);
}

/// Resolves `%40` and its like; what is no UTF-8 afterwards stays as it was.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(value) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(value);
            rest = &after[2..];
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// How many records a body holds: the length of a JSON array, or of the array named `items`, `data`, `results` or
/// `records` in a JSON object, else the number that object calls `count`.
pub(crate) fn records(body: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Envelope {
        items: Option<Amount>,
        data: Option<Amount>,
        results: Option<Amount>,
        records: Option<Amount>,
        count: Option<Amount>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Amount {
        Array(Vec<IgnoredAny>),
        Number(u64),
        Neither(IgnoredAny),
    }
    if let Ok(array) = serde_json::from_slice::<Vec<IgnoredAny>>(body) {
        return u64::try_from(array.len()).ok();
    }
    let Envelope { items, data, results, records, count } = serde_json::from_slice(body).ok()?;
    let length = |amount| match amount {
        Some(Amount::Array(array)) => u64::try_from(array.len()).ok(),
        Some(Amount::Number(_) | Amount::Neither(_)) | None => None,
    };
    let counted = match count {
        Some(Amount::Number(number)) => Some(number),
        _ => None,
    };
    [items, data, results, records].into_iter().find_map(length).or(counted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderMap, HeaderValue, LOCATION};
    use std::time::Duration;

    fn expected(url: &str, contains: Option<&str>) -> Expected {
        let http = Http { contains: contains.map(str::to_owned), ..Http::get("/") };
        let secrets = Arc::default();
        learn_address(&Url::parse(url).unwrap(), &secrets);
        Expected::new(&http, secrets).unwrap()
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: HeaderMap::new(), body: body.into(), took: Duration::ZERO }
    }

    #[test]
    fn what_is_quoted_is_short_harmless_and_reports_no_secret() {
        let expected = expected("http://me:p%40ss@h/", Some("ok"));
        let body = format!("\u{1b}[2Jsorry\r\n p@ss p%40ss bWU6cEBzcw== \u{202e}{}", "x".repeat(500));
        let why = expected.check(&Ok(answer(500, &body))).unwrap_err();
        assert!(why.starts_with("answered 500 instead of 200: [2Jsorry   **** **** **** xxx"), "{why}");
        assert!(why.chars().count() < 240, "{why}");
        assert_eq!(expected.check(&Ok(answer(200, ""))).unwrap_err(), "answered 200 without `ok`, with an empty body");
        assert_eq!(expected.check(&Ok(answer(200, "it is ok"))), Ok(()));
    }

    #[test]
    fn a_redirect_is_an_answer_that_says_where_to() {
        let mut moved = answer(302, "");
        moved.headers.insert(LOCATION, HeaderValue::from_static("https://u:pw@login.example/in?token=abc"));
        let why = expected("http://h/", None).check(&Ok(moved)).unwrap_err();
        assert_eq!(why, "answered 302 to https://login.example/in instead of 200, with an empty body");
    }

    #[test]
    fn records_are_counted_where_they_stand() {
        assert_eq!(records(br#"{"count": 2, "items": [{"a": [1, 2, 3]}, {}]}"#), Some(2));
        assert_eq!(records(br#"{"total": 90, "data": [1]}"#), Some(1));
        assert_eq!(records(br#"{"records": 9, "data": {"a": 1}, "results": [1, 2]}"#), Some(2));
        assert_eq!(records(b"[1, 2, 3]"), Some(3));
        assert_eq!(records(br#"{"count": 7}"#), Some(7));
        assert_eq!(records(br#"{"status": "ok"}"#), None);
        assert_eq!(records(b"<html>"), None);
    }
}
