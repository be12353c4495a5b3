//! `latency`, `header` and `http`: one request, and what of its answer is the number.

use super::service::{Service, succeeded};
use super::{Missing, Reach, SourceError, Take, Taking};
use crate::checklist::pane::{self, HttpNumber};
use crate::metrics::probe::{Answer, Request};
use regex::Regex;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

pub(super) struct Latency(Service);

impl Latency {
    pub(super) fn new(service: Service) -> Self {
        Self(service)
    }
}

impl Take for Latency {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(async { Ok(milliseconds(&self.0.get().await?)) })
    }
}

fn milliseconds(answer: &Answer) -> f64 {
    answer.took.as_secs_f64() * 1_000.0
}

pub(super) struct Header {
    service: Service,
    name: String,
}

impl Header {
    pub(super) fn new(service: Service, name: String) -> Self {
        Self { service, name }
    }
}

impl Take for Header {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(async {
            let name = &self.name;
            let answer = self.service.get().await?;
            let text = answer.header(name);
            let text = text.ok_or_else(|| Missing::Unusable(format!("the answer has no header {name}")))?;
            text.trim().parse().map_err(|_| Missing::Unusable(format!("the header {name} holds no number")))
        })
    }
}

/// A request as written, and the number in its answer.
pub(super) struct Http {
    service: Service,
    request: Request,
    number: Number,
}

enum Number {
    Latency,
    Status,
    Contains(String),
    Pattern(Regex),
    Json(String),
}

impl Http {
    /// # Errors
    /// When a variable is not set, or what is written makes no request.
    pub(super) fn new(source: &pane::Http, reach: &Reach<'_>) -> Result<Self, SourceError> {
        let written = |why: &str| SourceError::Written(why.to_owned());
        let mut service = Service::of(reach, &source.path)?;
        service.follow_redirects();
        let mut request = Request::get(service.url.clone());
        request.method = Method::from_bytes(source.method.as_bytes()).map_err(|_| written("the method is none"))?;
        request.body = source.body.as_deref().map(reach.expand).transpose()?.map(String::into_bytes);
        let mut headers = HeaderMap::new();
        for (name, value) in &source.headers {
            // What a value holds may be a secret: a sentence names the header alone.
            let refused = || SourceError::Written(format!("the header {name} cannot be sent"));
            let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
            let mut value = HeaderValue::from_str(&(reach.expand)(value)?).map_err(|_| refused())?;
            value.set_sensitive(true);
            headers.insert(known, value);
        }
        request.headers = headers;
        let number = match &source.number {
            HttpNumber::Latency => Number::Latency,
            HttpNumber::Status => Number::Status,
            HttpNumber::Contains(text) => Number::Contains(text.clone()),
            HttpNumber::Pattern(pattern) => {
                Number::Pattern(Regex::new(pattern).map_err(|_| written("the pattern is no regular expression"))?)
            }
            HttpNumber::Json(pointer) => Number::Json(pointer.clone()),
        };
        Ok(Self { service, request, number })
    }
}

impl Take for Http {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(async {
            let answer = self.service.send(self.request.clone()).await?;
            draw(&self.number, answer)
        })
    }
}

fn draw(number: &Number, answer: Answer) -> Result<f64, Missing> {
    if matches!(number, Number::Status) {
        return Ok(f64::from(answer.status));
    }
    let answer = succeeded(answer)?;
    let body = || String::from_utf8_lossy(&answer.body);
    match number {
        Number::Latency => Ok(milliseconds(&answer)),
        Number::Status => Ok(f64::from(answer.status)),
        Number::Contains(text) => Ok(f64::from(u8::from(body().contains(text.as_str())))),
        Number::Pattern(pattern) => super::first_group(pattern, &body(), "the answer"),
        Number::Json(pointer) => json(&answer.body, pointer),
    }
}

fn json(body: &[u8], pointer: &str) -> Result<f64, Missing> {
    let value: Value =
        serde_json::from_slice(body).map_err(|_| Missing::Unusable("the answer is no JSON".to_owned()))?;
    let none = || Missing::Unusable(format!("the answer has no number at `{pointer}`"));
    match value.pointer(pointer) {
        Some(Value::Number(number)) => number.as_f64().ok_or_else(none),
        Some(Value::String(text)) => text.trim().parse().map_err(|_| none()),
        Some(Value::Bool(is)) => Ok(f64::from(u8::from(*is))),
        Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => Err(none()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: HeaderMap::new(), body: body.into(), took: Duration::from_millis(30) }
    }

    fn drawn(number: &Number, status: u16, body: &str) -> Result<f64, String> {
        draw(number, answer(status, body)).map_err(|missing| missing.gap().reason)
    }

    #[test]
    fn a_number_is_drawn_from_the_answer_or_it_says_what_is_missing() {
        let pattern = Number::Pattern(Regex::new("free=([0-9.]+)").unwrap());
        assert_eq!(drawn(&pattern, 200, "used=1 free=7.5"), Ok(7.5));
        assert_eq!(drawn(&pattern, 200, "used=1").unwrap_err(), "the answer does not match `free=([0-9.]+)`");
        let json = |pointer: &str| Number::Json(pointer.into());
        let body = r#"{"pool": {"free": 3, "ok": true, "text": "4.5", "none": null}}"#;
        assert_eq!(drawn(&json("/pool/free"), 200, body), Ok(3.0));
        assert_eq!(drawn(&json("/pool/ok"), 200, body), Ok(1.0));
        assert_eq!(drawn(&json("/pool/text"), 200, body), Ok(4.5));
        assert_eq!(drawn(&json("/pool/none"), 200, body).unwrap_err(), "the answer has no number at `/pool/none`");
        assert_eq!(drawn(&json("/pool"), 200, "<html>").unwrap_err(), "the answer is no JSON");
        assert_eq!(drawn(&Number::Contains("ok".into()), 200, "all ok"), Ok(1.0));
        assert_eq!(drawn(&Number::Contains("ok".into()), 200, "all bad"), Ok(0.0));
        assert_eq!(drawn(&Number::Contains("ok".into()), 503, "all ok").unwrap_err(), "answered 503");
        assert_eq!(drawn(&Number::Status, 503, ""), Ok(503.0));
        assert_eq!(drawn(&Number::Latency, 200, ""), Ok(30.0));
    }
}
