//! Requests to the environment's service.

mod statuses;
mod want;

pub use statuses::Statuses;
pub use want::Want;

use super::kind::{Hollow, Kind, Measure, Measures, Need, Precondition, Sabotage, Switches, Title};
use crate::checklist::ids::ItemId;
use crate::checklist::offset::Span as Duration;
use crate::checklist::reader::checks::Written;
use crate::checklist::reader::table::TableReader;
use crate::checklist::reader::{document, panes};
use crate::checklist::target::Target;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How long a check that is to fail waits for an answer, in milliseconds.
const SPOILT_WAIT: u64 = 1_000;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Measures `latency-p50`, `latency-p95`, `latency-max` (ms), `queries` (a request, the worst seen), `records` (in the
/// body), `errors` (answers that were not as expected), each over the counted requests; warm-up requests are not counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Http {
    pub method: String,
    /// Path and query below the environment's `url`.
    pub path: String,
    pub body: Option<String>,
    /// The file that is sent as the body, below the environment's folder; instead of `body`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_file: Option<String>,
    /// Sent with every request; values may name `${VARIABLES}`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// A file of certificates that the service is trusted by; the environment's `ca` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// Sent without the environment's `auth`, to see what a stranger is answered.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub anonymous: bool,
    #[serde(skip_serializing_if = "Redirects::is_default")]
    pub redirects: Redirects,
    /// Expected status; 200 unless given.
    pub status: Statuses,
    pub contains: Option<String>,
    /// What the answer's JSON must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub json: Vec<Want>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response_headers: Vec<Want>,
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
    /// The step after whose beginning the process that answers has to have started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_since: Option<ItemId>,
    /// Whether the process that answers has to have the environment's database open.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own_database: bool,
}

/// Which redirects are followed: `none` unless given, or those that stay on the host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Redirects {
    /// A redirect is the answer.
    #[default]
    None,
    /// Those that stay on the host.
    SameHost,
}

impl Redirects {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_default(&self) -> bool {
        *self == Self::None
    }
}

/// `answers` unless given; `silent` when nothing may listen any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
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
    /// One `GET` that is answered with 200.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: "GET".to_owned(),
            path: path.into(),
            body: None,
            body_file: None,
            headers: BTreeMap::new(),
            ca: None,
            anonymous: false,
            redirects: Redirects::None,
            status: Statuses::default(),
            contains: None,
            json: Vec::new(),
            response_headers: Vec::new(),
            expect: Reachability::Answers,
            requests: 1,
            warmup: 0,
            concurrency: 1,
            queries: None,
            at_least_records: None,
            within: None,
            started_since: None,
            own_database: false,
        }
    }

    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let table = &mut written.table;
        table.call("an http check");
        let mut http = Self::read_request(table);
        let redirects = table.word("redirects", &[("none", Redirects::None), ("same-host", Redirects::SameHost)]);
        http.redirects = redirects.map(|word| word.value).unwrap_or_default();
        let expect = table.word("expect", &[("answers", Reachability::Answers), ("silent", Reachability::Silent)]);
        http.expect = expect.map(|expect| expect.value).unwrap_or_default();
        http.queries = table.table("queries", "where the number of queries is read").and_then(read_queries);
        if matches!(http.queries, Some(QueryCount::Counter(_))) && http.concurrency > 1 {
            let at = table.value("concurrency").map_or(table.at(), |value| value.span().into());
            let message = "a counter cannot tell requests at the same time apart";
            table.report().error(at, message, "remove `concurrency`, or count queries by a response header");
        }
        http.within = table.time("within").map(|within| within.value);
        http.own_database = table.flag("own_database").is_some_and(|flag| flag.value);
        http.started_since = written.item("started_since");
        Some(http)
    }

    /// What a load check reads the same way: the request, what is expected of its answer, and how often it is sent.
    pub(super) fn read_request(table: &mut TableReader<'_>) -> Self {
        let methods = METHODS.map(|method| (method, method));
        let method = table.word("method", &methods).map_or("GET", |method| method.value).to_owned();
        let path = panes::path(table);
        let body = table.text("body").map(|body| body.value);
        let body_file = table.text("body_file").map(|file| file.value);
        if table.has("body") && table.has("body_file") {
            let at = table.key_at("body_file");
            table.report().error(at, "the check has both `body` and `body_file`", "keep one of the two");
        }
        let headers = table.table("headers", "the headers").map(read_headers).unwrap_or_default();
        let ca = table.text("ca").map(|ca| ca.value);
        let anonymous = table.flag("anonymous").is_some_and(|flag| flag.value);
        let status = want::statuses(table);
        let json = table.tables("json", "an expectation").into_iter().map(Want::json).collect();
        let response_headers = table.tables("response_headers", "an expectation").into_iter();
        let response_headers = response_headers.map(Want::header).collect();
        let contains = table.text("contains").map(|text| text.value);
        let requests = table.whole("requests", 1..=1_000_000).map_or(1, |requests| requests.value);
        let warmup = table.whole("warmup", 0..=1_000_000).map_or(0, |warmup| warmup.value);
        let concurrency = table.whole("concurrency", 1..=1_000).map_or(1, |concurrency| concurrency.value);
        let at_least_records = table.whole("at_least_records", 0..=u32::MAX).map(|records| records.value);
        Self {
            method,
            body,
            body_file,
            headers,
            ca,
            anonymous,
            status: status.unwrap_or_default(),
            contains,
            json,
            response_headers,
            requests,
            warmup,
            concurrency,
            at_least_records,
            ..Self::get(path)
        }
    }
}

fn read_headers(table: TableReader<'_>) -> BTreeMap<String, String> {
    let report = table.report();
    let fits = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let entries = table.named_texts().into_iter();
    let keep = entries.map(|(name, text)| {
        if !fits(&name.value) {
            let message = format!("`{}` is no name of a header", name.value);
            report.error(name.at, message, "write letters, digits and `-`");
        }
        (name.value, text.value)
    });
    keep.collect()
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
    /// Every text that variables are put in place in: all that is sent, and all that is expected.
    fn texts(&self) -> Vec<&str> {
        let own = [&self.body, &self.body_file, &self.contains].into_iter().flatten().chain([&self.path]);
        let wants = self.json.iter().chain(&self.response_headers);
        own.chain(self.headers.values()).map(String::as_str).chain(wants.filter_map(Want::texts)).collect()
    }

    /// The same with each of these texts replaced; an error is that of the first one that cannot be.
    ///
    /// # Errors
    /// As `text` gives them.
    pub fn map<E>(&self, mut text: impl FnMut(&str) -> Result<String, E>) -> Result<Self, E> {
        let mut mapped = self.clone();
        mapped.path = text(&self.path)?;
        for own in [&mut mapped.body, &mut mapped.body_file, &mut mapped.contains].into_iter().flatten() {
            *own = text(own)?;
        }
        for value in mapped.headers.values_mut() {
            *value = text(value)?;
        }
        for want in mapped.json.iter_mut().chain(&mut mapped.response_headers) {
            want.replace(&mut text)?;
        }
        Ok(mapped)
    }

    /// Whether its status says that a rule of the application refused.
    fn claims_rule(&self) -> bool {
        let refuses = [400, 409, 412, 422].into_iter().any(|status| self.status.has(status));
        self.expect == Reachability::Answers && refuses && !(200..300).any(|status| self.status.has(status))
    }

    /// Whether it looks at more of the answer than its status.
    pub(crate) fn distinguishes_answers(&self) -> bool {
        let wants = !self.json.is_empty() || !self.response_headers.is_empty();
        self.contains.is_some() || self.at_least_records.is_some() || wants
    }
}

impl Kind for Http {
    fn needs(&self) -> Vec<Need<'_>> {
        let texts = self.texts().into_iter().map(Need::Text);
        let database = self.own_database.then_some(Need::Database);
        let folder = self.body_file.as_ref().map(|_| Need::Folder);
        [Need::Url].into_iter().chain(database).chain(folder).chain(texts).collect()
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        let latencies = ["latency-p50", "latency-p95", "latency-max"].map(|name| Measure::of(name, "ms"));
        let queries = self.queries.as_ref().map(|_| Measure::unitless("queries"));
        latencies.into_iter().chain(queries).chain(["records", "errors"].map(Measure::unitless)).collect()
    }

    fn describe(&self, title: Title<'_>) -> Vec<String> {
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
        parts.extend(
            (self.redirects == Redirects::SameHost).then(|| "redirects on the same host are followed".to_owned()),
        );
        parts.extend(self.anonymous.then(|| "sent without login".to_owned()));
        parts.extend(self.json.iter().map(|want| format!("its JSON at {} {want}", want.at)));
        parts.extend(self.response_headers.iter().map(|want| format!("its header {} {want}", want.at)));
        parts.extend(self.queries.as_ref().map(|from| match from {
            QueryCount::Header(name) => format!("queries are read from {name}"),
            QueryCount::Counter(name) => format!("queries are counted by {name}"),
        }));
        parts.extend(self.at_least_records.map(|count| format!("at least {count} records, or it says nothing")));
        parts.extend(self.within.map(|span| format!("tried for up to {span}")));
        let since = self.started_since.as_ref();
        parts.extend(since.map(|item| format!("the process that answers started after \"{}\" began", title(item))));
        parts.extend(self.own_database.then(|| "it has the environment's database open".to_owned()));
        parts
    }

    /// A refusal by a rule must say which: a wrong address or a broken body is refused with the same status.
    fn precondition(&self) -> Precondition<'_> {
        if self.claims_rule() && !self.distinguishes_answers() {
            let status = &self.status;
            return Precondition::Lacking(format!(
                "any {status} would pass, whatever was refused; name the field or the rule with `contains`"
            ));
        }
        Precondition::None
    }

    fn hollow(&self, _: &[Target]) -> Option<Hollow> {
        if self.expect == Reachability::Silent || self.distinguishes_answers() {
            return None;
        }
        Some(if (400..500).any(|status| self.status.has(status)) {
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

    fn spoil(&mut self) {
        self.within = self.within.map(|_| Duration::from_millis(SPOILT_WAIT));
    }

    fn switches(&self) -> Option<Switches> {
        match self.expect {
            Reachability::Silent => Some(Switches::Stop),
            Reachability::Answers => self.path.contains("health").then_some(Switches::Health),
        }
    }

    fn finds_silence(&self) -> bool {
        self.expect == Reachability::Silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measured_endpoint_reports_how_it_is_measured() {
        let http = Http {
            requests: 30,
            warmup: 5,
            queries: Some(QueryCount::Header("x-query-count".into())),
            at_least_records: Some(100),
            ..Http::get("/api/v1/lots?limit=100")
        };
        assert_eq!(
            http.describe(&ToString::to_string).join("; "),
            "GET /api/v1/lots?limit=100 answers 200; 30 requests after 5 to warm up; queries are read from \
             x-query-count; at least 100 records, or it says nothing"
        );
    }
}
