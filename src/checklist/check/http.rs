//! Requests to the environment's service.

use super::kind::{Hollow, Kind, Measure, Measures, Need, Precondition, Sabotage, Switches, Title};
use crate::checklist::offset::Span as Duration;
use crate::checklist::reader::checks::Written;
use crate::checklist::reader::table::TableReader;
use crate::checklist::reader::{document, panes};
use crate::checklist::target::Target;
use serde::Serialize;
use std::fmt::Write as _;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Measures `latency-p50`, `latency-p95`, `latency-max` (ms), `queries` (a request, the worst seen), `records` (in the
/// body), `errors` (answers that were not as expected), each over the counted requests; warm-up requests are not counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Http {
    pub method: String,
    /// Path and query below the environment's `url`.
    pub path: String,
    pub body: Option<String>,
    /// Expected status; 200 unless given.
    pub status: u16,
    pub contains: Option<String>,
    /// Whether the service is expected to answer at all.
    pub expect: Reachability,
    pub requests: u32,
    pub warmup: u32,
    pub concurrency: u32,
    pub queries: Option<QueryCount>,
    /// Fewer records than this in the answer make latency and query counts inconclusive.
    pub at_least_records: Option<u32>,
    /// How long to keep trying until the service answers as expected.
    pub within: Option<Duration>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reachability {
    #[default]
    Answers,
    /// Nothing may listen any more: the service is stopped.
    Silent,
}

/// Where the number of database queries a request took is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueryCount {
    /// A response header that holds the number.
    Header(String),
    /// The difference of a Prometheus counter on the service's `/metrics`, divided by the requests; they run one by one.
    Counter(String),
}

impl Http {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let table = &mut written.table;
        table.call("an http check");
        let methods = METHODS.map(|method| (method, method));
        let method = table.word("method", &methods).map_or("GET", |method| method.value).to_owned();
        let path = panes::path(table);
        let body = table.text("body").map(|body| body.value);
        let status = table.whole("status", 100..=599).and_then(|status| u16::try_from(status.value).ok());
        let contains = table.text("contains").map(|text| text.value);
        let expect = table.word("expect", &[("answers", Reachability::Answers), ("silent", Reachability::Silent)]);
        let requests = table.whole("requests", 1..=1_000_000).map_or(1, |requests| requests.value);
        let warmup = table.whole("warmup", 0..=1_000_000).map_or(0, |warmup| warmup.value);
        let concurrency = table.whole("concurrency", 1..=1_000);
        let queries = table.table("queries", "where the number of queries is read").and_then(read_queries);
        if matches!(queries, Some(QueryCount::Counter(_)))
            && let Some(many) = concurrency.as_ref().filter(|concurrency| concurrency.value > 1)
        {
            let message = "a counter cannot tell requests at the same time apart";
            table.report().error(many.at, message, "remove `concurrency`, or count queries by a response header");
        }
        let at_least_records = table.whole("at_least_records", 0..=u32::MAX).map(|records| records.value);
        let within = table.time("within").map(|within| within.value);
        Some(Self {
            method,
            path,
            body,
            status: status.unwrap_or(200),
            contains,
            expect: expect.map(|expect| expect.value).unwrap_or_default(),
            requests,
            warmup,
            concurrency: concurrency.map_or(1, |concurrency| concurrency.value),
            queries,
            at_least_records,
            within,
        })
    }
}

fn read_queries(mut table: TableReader<'_>) -> Option<QueryCount> {
    let (header, counter) = (table.text("header"), table.text("counter"));
    match (table.has("header"), table.has("counter")) {
        (true, true) => {
            let at = table.key_at("header").max(table.key_at("counter"));
            table.report().error(at, "queries are read from both `header` and `counter`", "keep one of the two");
        }
        (false, false) => table.missing("header", "\"…\"` or `counter = \"…\""),
        _ => {}
    }
    for (key, text) in [("header", &header), ("counter", &counter)] {
        if let Some(text) = text {
            document::report_empty(table.report(), text, key);
        }
    }
    table.finish();
    let header = header.map(|header| QueryCount::Header(header.value));
    header.or(counter.map(|counter| QueryCount::Counter(counter.value)))
}

impl Http {
    /// Whether its status says that a rule of the application refused.
    fn claims_rule(&self) -> bool {
        self.expect == Reachability::Answers && matches!(self.status, 400 | 409 | 412 | 422)
    }

    /// Whether it looks at more of the answer than its status.
    fn tells_answers_apart(&self) -> bool {
        self.contains.is_some() || self.at_least_records.is_some()
    }
}

impl Kind for Http {
    fn needs(&self) -> Vec<Need<'_>> {
        vec![Need::Url]
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        let latencies = ["latency-p50", "latency-p95", "latency-max"].map(|name| Measure::of(name, "ms"));
        let queries = self.queries.as_ref().map(|_| Measure::unitless("queries"));
        latencies.into_iter().chain(queries).chain(["records", "errors"].map(Measure::unitless)).collect()
    }

    fn describe(&self, _: Title<'_>) -> Vec<String> {
        let mut first = format!("{} {}", self.method, self.path);
        match self.expect {
            Reachability::Answers => {
                let _ = write!(first, " answers {}", self.status);
            }
            Reachability::Silent => first.push_str(": nothing may answer"),
        }
        let mut parts = vec![first];
        if self.requests > 1 {
            let warmup = if self.warmup > 0 { format!(" after {} to warm up", self.warmup) } else { String::new() };
            let at_once = if self.concurrency > 1 { format!(", {} at once", self.concurrency) } else { String::new() };
            parts.push(format!("{} requests{warmup}{at_once}", self.requests));
        }
        parts.extend(self.contains.as_ref().map(|text| format!("the answer contains `{text}`")));
        parts.extend(self.queries.as_ref().map(|from| match from {
            QueryCount::Header(name) => format!("queries are read from {name}"),
            QueryCount::Counter(name) => format!("queries are counted by {name}"),
        }));
        parts.extend(self.at_least_records.map(|count| format!("at least {count} records, or it says nothing")));
        parts.extend(self.within.map(|span| format!("tried for up to {span}")));
        parts
    }

    /// A refusal by a rule must say which: a wrong address or a broken body is refused with the same status.
    fn precondition(&self) -> Precondition<'_> {
        if self.claims_rule() && !self.tells_answers_apart() {
            let status = self.status;
            return Precondition::Lacking(format!(
                "any {status} would pass, whatever was refused; name the field or the rule with `contains`"
            ));
        }
        Precondition::None
    }

    fn hollow(&self, _: &[Target]) -> Option<Hollow> {
        if self.expect == Reachability::Silent || self.tells_answers_apart() {
            return None;
        }
        Some(if (400..500).contains(&self.status) {
            Hollow {
                why: "any refusal with this status passes, whatever the reason",
                remedy: "name the field or the rule that refuses: `contains = \"…\"`",
            }
        } else {
            Hollow {
                why: "any service that answers with this status passes, whatever it says",
                remedy: "say what only the right answer holds: `contains = \"…\"` or `at_least_records = 1`",
            }
        })
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        vec![Sabotage::BadService]
    }

    fn switches(&self) -> Option<Switches> {
        match self.expect {
            Reachability::Silent => Some(Switches::Stop),
            Reachability::Answers => self.path.contains("health").then_some(Switches::Health),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measured_endpoint_tells_how_it_is_measured() {
        let http = Http {
            method: "GET".into(),
            path: "/api/v1/lots?limit=100".into(),
            body: None,
            status: 200,
            contains: None,
            expect: Reachability::Answers,
            requests: 30,
            warmup: 5,
            concurrency: 1,
            queries: Some(QueryCount::Header("x-query-count".into())),
            at_least_records: Some(100),
            within: None,
        };
        assert_eq!(
            http.describe(&ToString::to_string).join("; "),
            "GET /api/v1/lots?limit=100 answers 200; 30 requests after 5 to warm up; queries are read from \
             x-query-count; at least 100 records, or it says nothing"
        );
    }
}
