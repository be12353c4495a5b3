//! Where a pane's numbers come from, as written.

use super::path;
use crate::checklist::check::Query;
use crate::checklist::ids::PaneId;
use crate::checklist::pane::{
    Aggregate, Host, HostNumber, Http, HttpNumber, LogNumber, Objective, PostgresNumber, Prometheus, PrometheusReading,
    Source,
};
use crate::checklist::reader::document;
use crate::checklist::reader::marks::{Holder, Marks, Wanted};
use crate::checklist::reader::table::{TableReader, words_of};
use regex::Regex;
use std::collections::BTreeMap;

const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "PUT", "OPTIONS"];

#[derive(Clone, Copy)]
enum Kind {
    Latency,
    Header,
    Http,
    Prometheus,
    Promql,
    Sql,
    DatabaseSize,
    Postgres,
    Command,
    Log,
    Host,
    Availability,
}

const KINDS: [(&str, Kind); 12] = [
    ("latency", Kind::Latency),
    ("header", Kind::Header),
    ("http", Kind::Http),
    ("prometheus", Kind::Prometheus),
    ("promql", Kind::Promql),
    ("sql", Kind::Sql),
    ("database-size", Kind::DatabaseSize),
    ("postgres", Kind::Postgres),
    ("command", Kind::Command),
    ("log", Kind::Log),
    ("host", Kind::Host),
    ("availability", Kind::Availability),
];

pub(super) fn read(mut table: TableReader<'_>, marks: &mut Marks) -> Option<Source> {
    if !table.require("kind", "\"latency\"") {
        return None;
    }
    let source = match table.word("kind", &KINDS)?.value {
        Kind::Latency => Source::Latency { path: path(&mut table) },
        Kind::Header => {
            Source::Header { path: path(&mut table), header: document::or_empty(table.required_text("header")) }
        }
        Kind::Http => Source::Http(http(&mut table)),
        Kind::Prometheus => Source::Prometheus(prometheus(&mut table)),
        Kind::Promql => Source::Promql {
            server: document::or_empty(table.required_text("server")),
            query: document::or_empty(table.required_text("query")),
        },
        Kind::Sql => Source::Sql { query: Query::read(&mut table, "query") },
        Kind::DatabaseSize => Source::DatabaseSize,
        Kind::Postgres => postgres(&mut table),
        Kind::Command => {
            let run = document::or_empty(table.required_text("run"));
            let pattern = group(&mut table, "pattern");
            Source::Command { run, pattern, timeout: table.time("timeout").map(|timeout| timeout.value) }
        }
        Kind::Log => log(&mut table),
        Kind::Host => Source::Host(host(&mut table)),
        Kind::Availability => availability(&mut table, marks),
    };
    table.finish();
    Some(source)
}

/// A regular expression whose first group is the number.
fn group(table: &mut TableReader<'_>, key: &'static str) -> Option<String> {
    let pattern = table.pattern(key)?;
    if Regex::new(&pattern.value).is_ok_and(|pattern| pattern.captures_len() < 2) {
        let suggestion = "put the number in round brackets, such as `free: ([0-9.]+)`";
        table.report().error(pattern.at, "the pattern has no group for the number", suggestion);
    }
    Some(pattern.value)
}

fn http(table: &mut TableReader<'_>) -> Http {
    let path = path(table);
    let method = table.word("method", &METHODS.map(|method| (method, method))).map_or("GET", |method| method.value);
    let body = table.text("body").map(|body| body.value);
    let headers = table.table("headers", "the headers").map(|table| {
        let named = table.named_texts().into_iter();
        named.map(|(name, value)| (name.value, value.value)).collect::<BTreeMap<_, _>>()
    });
    let words = ["latency", "status"].map(|word| (word, word));
    let word = table.word("number", &words).map(|word| word.value);
    let contains = table.text("contains").map(|text| HttpNumber::Contains(text.value));
    let pattern = group(table, "pattern").map(HttpNumber::Pattern);
    let json = table.text("json").map(|pointer| {
        if !pointer.value.is_empty() && !pointer.value.starts_with('/') {
            let suggestion = "write a JSON pointer, such as `/pool/free`";
            table.report().error(pointer.at, format!("`{}` is no JSON pointer", pointer.value), suggestion);
        }
        HttpNumber::Json(pointer.value)
    });
    let word = word.map(|word| if word == "status" { HttpNumber::Status } else { HttpNumber::Latency });
    let mut numbers = [word, contains, pattern, json].into_iter().flatten();
    let number = numbers.next().unwrap_or(HttpNumber::Latency);
    if numbers.next().is_some() {
        let message = "the source has more than one of `number`, `contains`, `pattern` and `json`";
        table.report().error(table.at(), message, "keep one of them: a pane shows one number");
    }
    Http { path, method: method.to_owned(), body, headers: headers.unwrap_or_default(), number }
}

#[derive(Clone, Copy)]
enum Word {
    Value,
    Rate,
    Quantile,
}

fn prometheus(table: &mut TableReader<'_>) -> Prometheus {
    let metric = document::or_empty(table.required_text("metric"));
    let words = [("value", Word::Value), ("rate", Word::Rate), ("quantile", Word::Quantile)];
    let word = table.word("reading", &words).map(|word| word.value);
    let quantile = table.number("quantile");
    if let Some(quantile) = &quantile
        && !(quantile.value > 0.0 && quantile.value < 1.0)
    {
        let message = format!("the quantile {} does not lie between 0 and 1", quantile.value);
        table.report().error(quantile.at, message, "write for example `quantile = 0.95`");
    }
    let reading = match (word, quantile) {
        (None | Some(Word::Quantile), Some(quantile)) => PrometheusReading::Quantile(quantile.value),
        (Some(Word::Quantile), None) => PrometheusReading::Quantile(0.95),
        (Some(Word::Value | Word::Rate), Some(quantile)) => {
            let message = "`quantile` goes with `reading = \"quantile\"`";
            table.report().error(quantile.at, message, "remove one of the two");
            PrometheusReading::Value
        }
        (Some(Word::Rate), None) => PrometheusReading::Rate,
        (Some(Word::Value) | None, None) => PrometheusReading::Value,
    };
    let path = if table.value("path").is_some() { path(table) } else { "/metrics".to_owned() };
    let words = [("sum", Aggregate::Sum), ("avg", Aggregate::Average), ("max", Aggregate::Max)];
    let over_series = table.word("over_series", &words).map(|word| word.value).unwrap_or_default();
    Prometheus { metric, reading, path, over_series }
}

fn postgres(table: &mut TableReader<'_>) -> Source {
    table.require("number", "\"connections-used\"");
    let number =
        table.word("number", &words_of::<PostgresNumber>()).map_or(PostgresNumber::Calls, |number| number.value);
    let found = table.text("table");
    match (number, &found) {
        (PostgresNumber::DeadTuples, None) => table.missing("table", "\"public.lots\""),
        (PostgresNumber::DeadTuples, Some(_)) | (_, None) => {}
        (_, Some(found)) => {
            table.report().error(found.at, "`table` goes with `dead-tuples` alone", "remove it");
        }
    }
    Source::Postgres { number, table: found.map(|found| found.value) }
}

fn log(table: &mut TableReader<'_>) -> Source {
    let path = table.text("path").map(|path| path.value);
    let word = table.word("number", &[("lines", false), ("new-errors", true)]).is_some_and(|word| word.value);
    let pattern = table.pattern("pattern").map(|pattern| pattern.value);
    let number = if word { LogNumber::NewErrors { pattern } } else { LogNumber::Lines { pattern } };
    Source::Log { path, number }
}

fn host(table: &mut TableReader<'_>) -> Host {
    let words = [
        ("processor", HostNumber::Processor),
        ("memory", HostNumber::Memory),
        ("disk-free", HostNumber::DiskFree),
        ("disk-used", HostNumber::DiskUsed),
        ("load", HostNumber::Load),
    ];
    table.require("number", "\"memory\"");
    let number = table.word("number", &words).map_or(HostNumber::Load, |number| number.value);
    let [process, pid_file, path] = ["process", "pid_file", "path"].map(|key| table.text(key).map(|text| text.value));
    match number {
        HostNumber::Processor | HostNumber::Memory if process.is_none() && pid_file.is_none() => {
            table.missing("process", "\"uvicorn\"");
        }
        HostNumber::DiskFree | HostNumber::DiskUsed if path.is_none() => table.missing("path", "\"/var/lib\""),
        HostNumber::Processor | HostNumber::Memory | HostNumber::DiskFree | HostNumber::DiskUsed | HostNumber::Load => {
        }
    }
    Host { number, process, pid_file, path }
}

fn availability(table: &mut TableReader<'_>, marks: &mut Marks) -> Source {
    let of = table.required_text("of");
    if let Some(of) = &of {
        marks.mention(&Holder::Aside, "of", Wanted::Service, &of.value, of.at);
    }
    table.require("objective", "99.9");
    let percent = table.number("objective").map_or(99.9, |objective| {
        if !(objective.value > 0.0 && objective.value < 100.0) {
            let message = format!("the objective {} does not lie between 0 and 100 percent", objective.value);
            table.report().error(objective.at, message, "write for example `objective = 99.9`");
        }
        objective.value
    });
    let over = table.time("over").map_or(Objective::OVER, |over| over.value);
    Source::Availability { of: PaneId::new(document::or_empty(of)), objective: Objective { percent, over } }
}

#[cfg(test)]
mod tests {
    use crate::checklist::lint::lint;
    use rstest::rstest;

    fn problems(source: &str) -> String {
        let text = format!(
            "format = 1\nid = \"a\"\ntitle = \"A\"\n[[slot]]\nid = \"s\"\ntitle = \"S\"\n[environments.here]\nslot = \"s\"\n\
             url = \"http://h\"\ndatabase = \"sqlite:a.db\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\nslot = \"s\"\n\
             [[phase.section]]\nid = \"t\"\ntitle = \"T\"\n[[phase.section.item]]\nid = \"i\"\ntitle = \"I\"\n\
             [[pane]]\nid = \"x\"\ntitle = \"X\"\nslot = \"s\"\nunit = \"ms\"\nsource = {{ {source} }}\n"
        );
        let (_, problems) = lint("c.toml", &text);
        problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join("; ")
    }

    #[rstest]
    #[case(r#"kind = "http", path = "/health", json = "/pool/free", headers = { A = "Bearer ${T}" }"#)]
    #[case(r#"kind = "http", path = "/health", number = "status", method = "HEAD""#)]
    #[case(r#"kind = "http", path = "/health", pattern = "free ([0-9]+)", body = "x", method = "POST""#)]
    #[case(r#"kind = "prometheus", metric = "h", quantile = 0.99, path = "/internal/metrics""#)]
    #[case(r#"kind = "prometheus", metric = "h{a=~\"b\"}", reading = "rate", over_series = "max""#)]
    #[case(r#"kind = "promql", server = "${PROMETHEUS}", query = "sum(up)""#)]
    #[case(r#"kind = "postgres", number = "connections-used""#)]
    #[case(r#"kind = "postgres", number = "dead-tuples", table = "public.lots""#)]
    #[case(r#"kind = "command", run = "df", pattern = "([0-9]+)%", timeout = "5s""#)]
    #[case(r#"kind = "log", path = "/var/log/app.log", pattern = "ERROR""#)]
    #[case(r#"kind = "log", number = "new-errors""#)]
    #[case(r#"kind = "host", number = "memory", process = "uvicorn""#)]
    fn what_is_well_written_is_read(#[case] source: &str) {
        assert_eq!(problems(source), "");
    }

    #[test]
    fn availability_is_that_of_a_pane_that_asks_a_service() {
        let with = |source: &str| {
            let latency = "kind = \"latency\", path = \"/lots\" }\n[[pane]]\nid = \"up\"\ntitle = \"Up\"\nslot = \"s\"\nunit = \"%\"\n";
            problems(&format!("{latency}source = {{ kind = \"availability\", {source}"))
        };
        assert_eq!(with("of = \"x\", objective = 99.9"), "");
        assert_eq!(with("of = \"x\", objective = 99.9, over = \"30d\""), "");
        assert!(with("of = \"up\", objective = 99.9").contains("names the pane of a service `up`, which is not there"));
        assert!(with("of = \"x\", objective = 100.0").contains("does not lie between 0 and 100"));
        assert!(with("of = \"x\"").contains("objective"));
    }

    #[rstest]
    #[case("below = 2e9, stable = \"5 %/h\", over = \"6h\"", "")]
    #[case("stable = \"20%/d\"", "")]
    #[case("stable = \"5\"", "no limit of growth")]
    #[case("below = 1, over = \"6h\"", "goes with `stable`")]
    #[case("over = \"6h\"", "has no bound")]
    fn a_target_is_a_bound_or_stability_or_both(#[case] target: &str, #[case] reported: &str) {
        let problems = problems(&format!("kind = \"database-size\" }}\ntarget = {{ {target}"));
        assert!(problems.contains(reported) && (!reported.is_empty() || problems.is_empty()), "{problems}");
    }

    #[rstest]
    #[case("before = \"1h\"", "")]
    #[case("before = \"90m\", of = \"p95\"", "")]
    #[case("before = \"1h\", item = \"p/t/i\"", "both `before` and what an item measures")]
    #[case("of = \"p95\", measure = \"m\"", "`of` goes with `before`")]
    fn a_baseline_is_an_item_or_a_time(#[case] baseline: &str, #[case] reported: &str) {
        let problems = problems(&format!("kind = \"database-size\" }}\nraise_after = 2\nbaseline = {{ {baseline}"));
        assert!(problems.contains(reported) && (!reported.is_empty() || problems.is_empty()), "{problems}");
    }

    #[rstest]
    #[case(r#"kind = "http", path = "/h", json = "/a", number = "status""#, "more than one of")]
    #[case(r#"kind = "http", path = "/h", json = "a""#, "`a` is no JSON pointer")]
    #[case(r#"kind = "http", path = "/h", pattern = "free""#, "no group for the number")]
    #[case(r#"kind = "prometheus", metric = "h", quantile = 95.0"#, "does not lie between 0 and 1")]
    #[case(r#"kind = "prometheus", metric = "h", quantile = 0.9, reading = "rate""#, "goes with")]
    #[case(r#"kind = "postgres", number = "dead-tuples""#, "table")]
    #[case(r#"kind = "postgres", number = "calls", table = "a""#, "`dead-tuples` alone")]
    #[case(r#"kind = "host", number = "processor""#, "process")]
    #[case(r#"kind = "host", number = "disk-free""#, "path")]
    fn what_makes_no_number_is_an_error(#[case] source: &str, #[case] reported: &str) {
        let problems = problems(source);
        assert!(problems.contains(reported), "{problems}");
    }
}
