//! Checks on the environment's service.

use super::table::TableReader;
use super::{document, panes};
use crate::checklist::check::{Http, QueryCount, Reachability};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

pub fn read(table: &mut TableReader<'_>) -> Http {
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
    Http {
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
