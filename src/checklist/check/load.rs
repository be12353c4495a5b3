//! Many requests to the environment's service: how fast are they answered, and how many fail?

use super::http::Http;
use super::kind::{Hollow, Kind, Measure, Measures, Need, Precondition, Sabotage, Title};
use crate::checklist::offset::Span;
use crate::checklist::reader::checks::Written;
use crate::checklist::target::Target;
use serde::Serialize;
use std::time::Duration;

/// The measures of a load test, each with its unit. Percentiles need requests enough: 20 for the 95th, 100 for the 99th.
/// Those of the target are measured where its process runs on this machine.
pub(crate) const MEASURES: [(&str, &str); 9] = [
    ("latency-p50", "ms"),
    ("latency-p95", "ms"),
    ("latency-p99", "ms"),
    ("latency-max", "ms"),
    ("throughput", "requests/s"),
    ("errors", "errors"),
    ("target-cpu", "%"),
    ("target-memory", "MB"),
    ("target-connections", "connections"),
];

/// Requests and connections unless a check says otherwise.
const REQUESTS: u32 = 1_000;
const CONCURRENCY: u32 = 10;

/// Measures [`MEASURES`], and `records` where a least number of them is asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Load {
    /// The request and what is expected of each answer.
    #[serde(flatten)]
    pub http: Http,
    /// Requests a second, for an open loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// How long an open loop lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Span>,
}

impl Load {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let table = &mut written.table;
        table.call("a load check");
        let mut http = Http::read_request(table);
        if !table.has("requests") {
            http.requests = REQUESTS;
        }
        if !table.has("concurrency") {
            http.concurrency = CONCURRENCY;
        }
        let rate = table.number("rate");
        if let Some(rate) = rate.as_ref().filter(|rate| !(0.001..=1_000_000.0).contains(&rate.value)) {
            let message = format!("`rate` is {}: no rate of requests", rate.value);
            table.report().error(rate.at, message, "write requests a second, 0.001 to 1000000");
        }
        let duration = table.time("duration").map(|time| time.value);
        match (table.has("rate"), table.has("duration"), table.has("requests")) {
            (true, false, _) => table.missing("duration", "\"30s\""),
            (false, true, _) => table.missing("rate", "50"),
            (true, true, true) => {
                let (at, message) = (table.key_at("requests"), "the check has both `requests` and `rate`");
                table.report().error(at, message, "keep `requests`, or `rate` and `duration`");
            }
            (true, true, false) | (false, false, _) => {}
        }
        Some(Self { http, rate: rate.map(|rate| rate.value), duration })
    }
}

impl Kind for Load {
    fn needs(&self) -> Vec<Need<'_>> {
        self.http.needs()
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        let records = self.http.at_least_records.map(|_| Measure::unitless("records"));
        MEASURES.iter().map(|(name, unit)| Measure::of(name, unit)).chain(records).collect()
    }

    fn describe(&self, title: Title<'_>) -> Vec<String> {
        let single = Http { requests: 1, ..self.http.clone() };
        let mut parts = single.describe(title);
        let warmup = self.http.warmup;
        let warmup = if warmup > 0 { format!(" after {warmup} to warm up") } else { String::new() };
        let connections = self.http.concurrency;
        parts.insert(
            1,
            match (self.rate, self.duration) {
                (Some(rate), Some(time)) => {
                    format!("{rate} requests/s for {time}{warmup}, over at most {connections} connections")
                }
                _ => format!("{} requests{warmup}, {connections} at once", self.http.requests),
            },
        );
        parts
    }

    fn timeout(&self) -> Option<Duration> {
        let usual = Duration::from_mins(10);
        Some(self.duration.map_or(usual, |time| usual + time.duration()))
    }

    /// Anything else at the same time would be measured too, or suffer.
    fn runs_alone(&self) -> bool {
        true
    }

    /// Again and again, it would be an attack.
    fn only_looks(&self) -> bool {
        false
    }

    fn strains(&self) -> bool {
        true
    }

    fn precondition(&self) -> Precondition<'_> {
        self.http.precondition()
    }

    fn hollow(&self, targets: &[Target]) -> Option<Hollow> {
        self.http.hollow(targets)
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        vec![Sabotage::BadService]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_loops_tell_how_they_are_measured() {
        let http = Http { requests: 1_000, concurrency: 10, warmup: 5, ..Http::get("/lots") };
        let closed = Load { http, rate: None, duration: None };
        let reported = |load: &Load| load.describe(&ToString::to_string).join("; ");
        assert_eq!(reported(&closed), "GET /lots answers 200; 1000 requests after 5 to warm up, 10 at once");
        let open = Load { rate: Some(50.0), duration: Some(Span::from_millis(30_000)), ..closed };
        assert_eq!(
            reported(&open),
            "GET /lots answers 200; 50 requests/s for 30s after 5 to warm up, over at most 10 connections"
        );
        assert_eq!(open.timeout(), Some(Duration::from_secs(630)));
    }
}
