//! `promql`: an expression that a Prometheus server evaluates now.

use super::{Missing, Past, Reach, SourceError, Take, Taking};
use crate::metrics::probe::{Probe, Request, address};
use crate::metrics::sampler::LIMIT;
use crate::metrics::series::Point;
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;
use std::ops::Range;
use std::time::Duration;

/// Letters of a server's own word that are reported.
const LONGEST: usize = 40;

/// A day of history takes longer to read than one number.
const PAST_LIMIT: Duration = Duration::from_secs(5);

pub(super) struct Promql {
    server: String,
    query: String,
    url: Url,
    probe: Probe,
}

impl Promql {
    /// # Errors
    /// When a variable is not set, or the server's address is none.
    pub(super) fn new(server: &str, query: &str, reach: &Reach<'_>) -> Result<Self, SourceError> {
        let server = (reach.expand)(server)?;
        let mut url = api(&server, "query")?;
        url.query_pairs_mut().append_pair("query", query).append_pair("timeout", "1s");
        Ok(Self { server, query: query.to_owned(), url, probe: reach.probe.clone() })
    }

    async fn ask(&self, url: Url, limit: Duration) -> Result<Data, Missing> {
        let answer = self.probe.send(Request::get(url).within(limit)).await?;
        // A refused expression is 400 with the reason in the same form.
        if answer.status == 206 {
            return Err(Missing::Unusable("the Prometheus server answered 206: only a part of the answer".to_owned()));
        }
        data(&answer.body).map_err(|why| match answer.status {
            200 | 400 | 422 => Missing::Unusable(why),
            status => Missing::Down(format!("the Prometheus server answered {status}")),
        })
    }

    async fn read_past(&self, span_ms: Range<i64>, step: Duration) -> Result<Vec<Point>, Missing> {
        let mut url = api(&self.server, "query_range").map_err(|why| Missing::Unusable(why.to_string()))?;
        let seconds = |ms: i64| format!("{}", ms as f64 / 1_000.0);
        url.query_pairs_mut()
            .append_pair("query", &self.query)
            .append_pair("start", &seconds(span_ms.start))
            .append_pair("end", &seconds(span_ms.end))
            .append_pair("step", &step.as_secs_f64().to_string());
        points(&self.ask(url, PAST_LIMIT).await?).map_err(Missing::Unusable)
    }
}

fn api(server: &str, what: &str) -> Result<Url, SourceError> {
    address(server, &format!("/api/v1/{what}")).map_err(|_| SourceError::Server)
}

impl Take for Promql {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(async { number(&self.ask(self.url.clone(), LIMIT).await?).map_err(Missing::Unusable) })
    }

    fn past(&mut self, span_ms: Range<i64>, step: Duration) -> Option<Past<'_>> {
        Some(Box::pin(self.read_past(span_ms, step)))
    }
}

#[derive(Deserialize)]
struct Answer {
    status: String,
    #[serde(rename = "errorType")]
    kind: Option<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    kind: String,
    result: Value,
}

fn data(body: &[u8]) -> Result<Data, String> {
    let answer: Answer =
        serde_json::from_slice(body).map_err(|_| "that is no answer of a Prometheus server".to_owned())?;
    if let ("success", Some(data)) = (answer.status.as_str(), answer.data) {
        return Ok(data);
    }
    // Its sentence may quote the expression or an address: only the kind of error is repeated.
    let kind: String = answer.kind.unwrap_or_default();
    let kind: String = kind.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(LONGEST).collect();
    Err(format!("the Prometheus server refused the expression: {}", if kind.is_empty() { "no reason" } else { &kind }))
}

/// The one series of an answer.
fn one(series: &[Value]) -> Result<&Value, String> {
    match series {
        [] => Err("the expression gives no series".to_owned()),
        [one] => Ok(one),
        many => {
            let count = many.len();
            Err(format!("the expression gives {count} series; put sum(), avg() or max() around it"))
        }
    }
}

/// The one number of an answer to an instant query.
fn number(data: &Data) -> Result<f64, String> {
    let pair = match (data.kind.as_str(), &data.result) {
        ("scalar", pair) => pair,
        ("vector", Value::Array(series)) => one(series)?.get("value").ok_or("the series has no value")?,
        (kind, _) => {
            let kind: String = kind.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
            return Err(format!("the expression gives a {kind}, and a pane needs one number"));
        }
    };
    value(pair).ok_or_else(|| "the answer holds no number".to_owned())
}

fn value(pair: &Value) -> Option<f64> {
    pair.get(1)?.as_str()?.parse().ok()
}

/// The points of an answer to a range query; what is no finite number is left out.
fn points(data: &Data) -> Result<Vec<Point>, String> {
    let ("matrix", Value::Array(series)) = (data.kind.as_str(), &data.result) else {
        return Err("the expression gives no series over time".to_owned());
    };
    let values = one(series)?.get("values").and_then(Value::as_array).ok_or("the series has no values")?;
    let point = |pair: &Value| {
        let seconds = pair.get(0)?.as_f64().filter(|seconds| seconds.abs() < 1e11)?;
        #[expect(clippy::cast_possible_truncation, reason = "bounded as just checked")]
        let at_ms = (seconds * 1_000.0).round() as i64;
        Some(Point { at_ms, value: Ok(value(pair).filter(|value| value.is_finite())?) })
    };
    Ok(values.iter().filter_map(point).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(body: &[u8]) -> Result<f64, String> {
        number(&data(body)?)
    }

    #[test]
    fn one_series_or_a_scalar_is_a_number_and_everything_else_says_why_not() {
        let vector = |series: &str| {
            read(format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{series}]}}}}"#).as_bytes())
        };
        let one = r#"{"metric":{"a":"b"},"value":[1700000000.1,"1.5e3"]}"#;
        assert_eq!(vector(one), Ok(1_500.0));
        assert_eq!(vector("").unwrap_err(), "the expression gives no series");
        assert!(vector(&format!("{one},{one}")).unwrap_err().contains("2 series"));
        let scalar = br#"{"status":"success","data":{"resultType":"scalar","result":[1,"-2"]}}"#;
        assert_eq!(read(scalar), Ok(-2.0));
        let refused = br#"{"status":"error","errorType":"bad_data","error":"1:1: parse error\u001b"}"#;
        assert_eq!(read(refused).unwrap_err(), "the Prometheus server refused the expression: bad_data");
        let matrix = br#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
        assert_eq!(read(matrix).unwrap_err(), "the expression gives a matrix, and a pane needs one number");
        assert!(read(b"<html>").is_err());
    }

    #[test]
    fn a_range_gives_points_and_leaves_out_what_is_no_number() {
        let series = r#"{"metric":{},"values":[[1700000000.5,"1"],[1700000001,"NaN"],[1700000002,"3"]]}"#;
        let answer =
            |series: &str| format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{series}]}}}}"#);
        let read = points(&data(answer(series).as_bytes()).unwrap()).unwrap();
        let reported: Vec<_> = read.iter().map(|point| (point.at_ms, point.value.clone().unwrap())).collect();
        assert_eq!(reported, [(1_700_000_000_500, 1.0), (1_700_000_002_000, 3.0)]);
        assert!(points(&data(answer("").as_bytes()).unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_refused(
            kind in "vector|scalar|matrix|string|",
            result in prop::sample::select(vec!["null", "[]", "[1]", "[1,2]", "[{}]", "[{\"value\":[]}]", "{}", "[[1,\"x\"]]"]),
            bytes in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let _ = read(&bytes);
            if let Ok(data) = data(&bytes) {
                let _ = points(&data);
            }
            let text = format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#);
            prop_assert!(read(text.as_bytes()).is_err());
            prop_assert!(points(&data(text.as_bytes()).unwrap()).is_err());
        }
    }
}
