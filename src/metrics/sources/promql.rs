//! `promql`: an expression that a Prometheus server evaluates now.

use super::{Missing, Reach, Take, Taking};
use crate::metrics::probe::{Probe, Request, address};
use crate::metrics::sampler::LIMIT;
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;

/// Letters of a server's own words that are told.
const LONGEST: usize = 160;

pub struct Promql {
    url: Url,
    probe: Probe,
}

impl Promql {
    /// # Errors
    /// When a variable is not set, or the server's address is none.
    pub fn new(server: &str, query: &str, reach: &Reach<'_>) -> Result<Self, String> {
        let server = (reach.expand)(server)?;
        let mut url = address(&server, "/api/v1/query")
            .map_err(|_| "`server` is no address of a Prometheus server; write http://HOST:PORT".to_owned())?;
        url.query_pairs_mut().append_pair("query", query).append_pair("timeout", "1s");
        Ok(Self { url, probe: reach.probe.clone() })
    }
}

impl Take for Promql {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(async {
            let answer = self.probe.send(Request::get(self.url.clone()).within(LIMIT)).await?;
            // A refused expression is 400 with the reason in the same form.
            read(&answer.body).map_err(|why| match answer.status {
                200 | 400 | 422 => Missing::Unusable(why),
                status => Missing::Down(format!("the Prometheus server answered {status}")),
            })
        })
    }
}

#[derive(Deserialize)]
struct Answer {
    status: String,
    error: Option<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    kind: String,
    result: Value,
}

/// The one number of an answer to an instant query.
pub fn read(body: &[u8]) -> Result<f64, String> {
    let answer: Answer =
        serde_json::from_slice(body).map_err(|_| "that is no answer of a Prometheus server".to_owned())?;
    let data = match (answer.status.as_str(), answer.data) {
        ("success", Some(data)) => data,
        (_, _) => {
            let why: String =
                answer.error.unwrap_or_default().chars().filter(|c| !c.is_control()).take(LONGEST).collect();
            return Err(format!("the Prometheus server refused the expression: {why}"));
        }
    };
    let pair = match (data.kind.as_str(), &data.result) {
        ("scalar", pair) => pair,
        ("vector", Value::Array(series)) => match series.as_slice() {
            [] => return Err("the expression gives no series".to_owned()),
            [one] => one.get("value").ok_or("the series has no value")?,
            many => {
                let count = many.len();
                return Err(format!("the expression gives {count} series; put sum(), avg() or max() around it"));
            }
        },
        (kind, _) => {
            let kind: String = kind.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
            return Err(format!("the expression gives a {kind}, and a pane needs one number"));
        }
    };
    let text = pair.get(1).and_then(Value::as_str).ok_or("the answer holds no number")?;
    text.parse().map_err(|_| "the answer holds no number".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        assert_eq!(read(refused).unwrap_err(), "the Prometheus server refused the expression: 1:1: parse error");
        let matrix = br#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
        assert_eq!(read(matrix).unwrap_err(), "the expression gives a matrix, and a pane needs one number");
        assert!(read(b"<html>").is_err());
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_refused(
            kind in "vector|scalar|matrix|string|",
            result in prop::sample::select(vec!["null", "[]", "[1]", "[1,2]", "[{}]", "[{\"value\":[]}]", "{}", "[[1,\"x\"]]"]),
            bytes in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let _ = read(&bytes);
            let text = format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#);
            prop_assert!(read(text.as_bytes()).is_err());
        }
    }
}
