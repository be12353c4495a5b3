//! A metric shows what was measured of the same thing, and not of something that looks like it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::deployment::{Deployment, measured};
use gonogo::deployment::account::metrics::{Metric, metrics};
use std::fmt::Write as _;

/// A checklist whose one metric has this source and unit, and whose items are these.
fn deployment(source: &str, unit: &str, more: &str, items: &[(&str, &str)]) -> Deployment {
    let mut text = format!(
        r#"
format = 1
id = "shop"
title = "Shop"
[[slot]]
id = "live"
title = "Live"
[[slot]]
id = "test"
title = "Test"
[environments.live]
writes = "allowed"
slot = "live"
url = "http://127.0.0.1:1"
database = "sqlite:live.db"
[environments.test]
slot = "test"
url = "http://127.0.0.1:2"
database = "sqlite:test.db"
[[pane]]
id = "m"
title = "M"
slot = "live"
source = {source}
unit = "{unit}"
every = "2s"
target = {{ below = 200 }}
{more}
[[phase]]
id = "p"
title = "P"
slot = "live"
[[phase.section]]
id = "s"
title = "S"
"#
    );
    for (id, fields) in items {
        let _ = writeln!(text, "[[phase.section.item]]\nid = \"{id}\"\ntitle = \"{id}\"\n{fields}");
    }
    Deployment::open(&text, &[("live", "live"), ("test", "test")])
}

fn seen(deployment: &Deployment) -> Metric {
    metrics(&deployment.plan, &deployment.state).remove(0)
}

#[test]
fn a_check_that_only_shares_the_path_is_another_thing() {
    let own = ("own", r#"check = { kind = "http", path = "/orders" }"#);
    for (what, other) in [
        (
            "method",
            r#"writes = true
check = { kind = "http", method = "POST", path = "/orders", body = "{}", status = 201 }"#,
        ),
        ("environment", "slot = \"test\"\ncheck = { kind = \"http\", path = \"/orders\" }"),
        ("refusal", r#"check = { kind = "http", path = "/orders", status = 422 }"#),
        ("login", r#"check = { kind = "http", path = "/orders", anonymous = true }"#),
        ("headers", r#"check = { kind = "http", path = "/orders", headers = { Accept = "text/csv" } }"#),
        ("body", r#"check = { kind = "http", path = "/orders", body = "{}" }"#),
        ("query", r#"check = { kind = "http", path = "/orders?limit=1" }"#),
    ] {
        let source = r#"{ kind = "latency", path = "/orders" }"#;
        let mut deployment = deployment(source, "ms", "", &[own, ("other", other)]);
        deployment.attempt("p/s/other", measured("latency-p95", 7.0, "ms"));
        assert_eq!(seen(&deployment).value, None, "{what}");
        deployment.attempt("p/s/own", measured("latency-p95", 50.0, "ms"));
        deployment.attempt("p/s/other", measured("latency-p95", 7.0, "ms"));
        assert_eq!(seen(&deployment).value, Some(50.0), "{what}");
    }
}

#[test]
fn a_header_is_known_by_its_name_and_a_number_by_its_unit() {
    let source = r#"{ kind = "header", path = "/orders", header = "X-Rows" }"#;
    let counts =
        |name: &str| format!(r#"check = {{ kind = "http", path = "/orders", queries = {{ header = "{name}" }} }}"#);
    let (own, other) = (counts("x-rows"), counts("X-Query-Count"));
    let items = [("own", own.as_str()), ("other", other.as_str())];
    let mut deployment = deployment(source, "queries", "", &items);
    deployment.attempt("p/s/other", measured("queries", 7.0, "queries"));
    assert_eq!(seen(&deployment).value, None);
    deployment.attempt("p/s/own", measured("queries", 3.0, "rows"));
    assert_eq!(seen(&deployment).value, None);
    deployment.attempt("p/s/own", measured("queries", 4.0, "queries"));
    assert_eq!(seen(&deployment).value, Some(4.0));
}

#[test]
fn a_request_with_a_method_and_a_body_is_known_by_them() {
    let source = r#"{ kind = "http", method = "POST", path = "/search", body = "a", number = "latency" }"#;
    let post =
        |body: &str| format!(r#"check = {{ kind = "http", method = "POST", path = "/search", body = "{body}" }}"#);
    let (own, other) = (post("a"), post("b"));
    let mut deployment = deployment(source, "ms", "", &[("own", own.as_str()), ("other", other.as_str())]);
    deployment.attempt("p/s/other", measured("latency-p95", 7.0, "ms"));
    assert_eq!(seen(&deployment).value, None);
    deployment.attempt("p/s/own", measured("latency-p95", 4.0, "ms"));
    assert_eq!(seen(&deployment).value, Some(4.0));
}

#[test]
fn a_baseline_of_another_environment_is_none() {
    let source = r#"{ kind = "latency", path = "/orders" }"#;
    let baseline = r#"baseline = { item = "p/s/base", measure = "latency-p95" }"#;
    for (slot, value) in [("live", Some(90.0)), ("test", None)] {
        let item = format!("slot = \"{slot}\"\ncheck = {{ kind = \"http\", path = \"/orders\" }}");
        let mut deployment = deployment(source, "ms", baseline, &[("base", &item)]);
        deployment.attempt("p/s/base", measured("latency-p95", 90.0, "ms"));
        assert_eq!(seen(&deployment).baseline, value, "{slot}");
    }
}
