//! How many database queries a request took.

use super::Visit;
use crate::metrics::probe::{Answer, Request, address, origin};
use crate::metrics::prometheus::counter::Growth;
use crate::metrics::prometheus::{Reading, Selector, parse_lenient};

/// What a response header says.
pub(super) fn in_header(answer: &Answer, name: &str) -> Result<f64, String> {
    let text = answer.header(name).ok_or_else(|| format!("an answer has no header {name}"))?;
    let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| format!("the header {name} holds no number"))
}

/// What a counter of the service's own metrics grew by, a request.
pub(super) fn by_counter(before: &Reading, after: &Reading, requests: u32) -> Result<f64, String> {
    match after.since(before) {
        Growth::By(amount) => Ok(amount / f64::from(requests.max(1))),
        Growth::Reset(_) => Err("the counter fell back, so the service began anew in between".to_owned()),
    }
}

impl Visit<'_> {
    /// Reads a counter from `/metrics` beside the path that is being checked.
    pub(super) async fn read_counter(&self, base: &str, metric: &str) -> Result<Reading, String> {
        let selector = Selector::parse(metric).map_err(|why| why.to_string())?;
        let url = address(base, "/metrics").map_err(|why| why.to_string())?;
        let shown = origin(&url);
        let answer = self.session.send(&self.probe, Request::get(url)).await;
        let answer = answer.map_err(|failure| format!("/metrics of {shown} gave no answer: {}", failure.reason))?;
        if !answer.is_success() {
            return Err(format!("/metrics answered {}", answer.status));
        }
        let read = parse_lenient(&answer.body);
        if let Some(first) = &read.first {
            self.console.line(&format!("  /metrics has {} bad lines, the first at {first}", read.bad));
        }
        Reading::take(&read.exposition, &selector).ok_or_else(|| format!("/metrics has no {selector}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::prometheus::parse;

    #[test]
    fn a_counter_is_divided_by_the_requests() {
        let selector = Selector::parse("q").unwrap();
        let take = |text: &str| Reading::take(&parse(text.as_bytes()).unwrap(), &selector).unwrap();
        assert_eq!(by_counter(&take("q 100"), &take("q 140"), 10), Ok(4.0));
        assert!(by_counter(&take("q 100"), &take("q 3"), 10).unwrap_err().contains("anew"));
    }
}
