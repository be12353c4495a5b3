//! Availability over its period, with the error budget and how fast it burns: in status, handover, report and as numbers for
//! Prometheus, all from the same samples.

use crate::common::{program, small};
use chrono::{DateTime, Utc};
use gonogo::metrics::Store;
use gonogo::metrics::sampler::Sample;
use gonogo::metrics::series::Gap;
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const LEDGER: &str = "small.ledger.toml";

const PANES: &str = r#"
[[phase.section.item]]
id = "first"
title = "The first line"
[[pane]]
id = "health"
title = "GET /health p95"
slot = "here"
source = { kind = "latency", path = "/health" }
unit = "ms"
every = "10s"
target = { below = 500 }
[[pane]]
id = "up"
title = "Availability of \"shop\""
slot = "here"
source = { kind = "availability", of = "health", objective = 99.9 }
unit = "%"
every = "10s"
"#;

/// The small deployment with a service that two panes look at.
fn folder() -> TempDir {
    let folder = small::folder(PANES);
    let file = folder.path().join("small.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let with = text.replace("[environments.here]\n", "[environments.here]\nurl = \"http://127.0.0.1:1\"\n");
    assert_ne!(text, with);
    std::fs::write(&file, with).unwrap();
    folder
}

/// Three hours of probes until now: down for a minute two hours ago.
async fn probed(evidence: &Path) {
    let store = Store::open(evidence).await.unwrap();
    let now = Utc::now().timestamp_millis();
    let sample = |pane: &str, ago: i64, value: Result<f64, Gap>| Sample {
        pane: pane.into(),
        environment: "here".into(),
        at: std::time::Instant::now(),
        time: DateTime::from_timestamp_millis(now - ago * 1_000).unwrap(),
        value,
    };
    for (pane, unit) in [("health", "ms"), ("up", "%")] {
        store.describe(&"here".into(), &pane.into(), unit, Duration::from_secs(10)).await.unwrap();
    }
    let mut samples = Vec::new();
    for ago in (0..1_080).rev().map(|step| step * 10) {
        let down = (7_200..7_260).contains(&ago);
        let latency = if down { Err(Gap::down("connection refused")) } else { Ok(12.0) };
        samples.push(sample("health", ago, latency));
        samples.push(sample("up", ago, Ok(if down { 0.0 } else { 100.0 })));
    }
    store.append(&samples).await.unwrap();
    store.close().await;
}

fn fine(folder: &Path, arguments: &[&str]) -> String {
    let (status, said) = program::gonogo(folder, arguments);
    assert_eq!(status, 0, "{arguments:?}: {said}");
    said
}

/// Whether `promtool` takes a text, and its words.
fn promtool(arguments: &[&str], text: &str) -> (bool, String) {
    let mut child = Command::new("promtool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("promtool: {error}; bash tests/run.sh installs what is missing"));
    // One that reads a file closes its input.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn availability_is_reported_wherever_somebody_asks_how_it_went() {
    let folder = folder();
    let place = folder.path();
    fine(place, &["open", "small.toml", "--no-screen"]);
    probed(&place.join("small.ledger.d")).await;

    // A minute of 10 min 4.8 s that 99.9 % of a week allow.
    let wanted = "; objective ≥ 99.9 % over 7d; 90 % of the error budget left; burn rate 0 over 1h, ";
    let status = fine(place, &["status", LEDGER]);
    let line = status.lines().find(|line| line.contains("Availability of")).unwrap_or_else(|| panic!("{status}"));
    assert!(line.contains(wanted) && line.contains("99.44"), "{line}");
    let json: Value = serde_json::from_str(&fine(place, &["status", LEDGER, "--json"])).unwrap();
    let reported = &json["availability"][0];
    assert_eq!((&reported["metric"], &reported["environment"]), (&Value::from("up"), &Value::from("here")));
    assert!((reported["found"]["budget_left"].as_f64().unwrap() - (1.0 - 60.0 / 604.8)).abs() < 1e-3, "{reported}");
    assert_eq!(reported["found"]["burns"].as_array().unwrap().len(), 3, "{reported}");

    let handover = fine(place, &["handover", LEDGER, "--print"]);
    assert!(handover.contains("\n\nAvailability\n  Availability of \"shop\": "), "{handover}");
    let parts = wanted.split("; burn").all(|part| handover.contains(part));
    assert!(parts, "{handover}");
    assert!(fine(place, &["report", LEDGER]).contains("### Availability"), "without a handover there is none to tell");
    fine(place, &["handover", LEDGER, "--to", "Kim", "--note", "watch the <b>pool</b>"]);
    let page = fine(place, &["report", LEDGER, "--format", "html"]);
    assert!(page.contains("Last handover") && page.contains("to Kim: watch the &#60;b&#62;pool"), "{page}");
    let text = fine(place, &["report", LEDGER]);
    assert!(text.contains("### Last handover") && text.contains(" to Kim: watch the &lt;b&gt;pool"), "{text}");
    assert!(text.contains("90 % of the error budget left"), "{text}");
    let json: Value = serde_json::from_str(&fine(place, &["report", LEDGER, "--format", "json"])).unwrap();
    assert_eq!(json["handover"]["to"], "Kim");
    assert!((json["availability"][0]["budget_left"].as_f64().unwrap() - 90.08).abs() < 0.1, "{}", json["availability"]);
}

#[tokio::test]
async fn verdicts_alerts_and_availability_are_numbers_that_promtool_takes() {
    let folder = folder();
    let place = folder.path();
    fine(place, &["open", "small.toml", "--no-screen"]);
    probed(&place.join("small.ledger.d")).await;
    let (file, blocks) = (place.join("backfill.om"), place.join("blocks"));
    let import = ["tsdb", "create-blocks-from", "openmetrics", file.to_str().unwrap(), blocks.to_str().unwrap()];
    let forms = [
        (&["status", LEDGER, "--openmetrics"][..], &["check", "metrics"][..]),
        (&["metrics", LEDGER, "--since", "3h", "--format", "openmetrics"], &import),
    ];
    for (form, reader) in forms {
        let text = fine(place, form);
        std::fs::write(&file, &text).unwrap();
        let (valid, said) = promtool(reader, &text);
        assert!(valid, "{form:?}: {said}\n{text}");
        let read = gonogo::metrics::prometheus::parse(text.as_bytes()).unwrap();
        let number = |name: &str, labels: &[(&str, &str)]| {
            let has = |sample: &&gonogo::metrics::prometheus::Sample| {
                let label = |(key, value): &(&str, &str)| sample.labels.contains(&((*key).into(), (*value).into()));
                sample.name == name && labels.iter().all(label)
            };
            read.samples.iter().find(has).unwrap_or_else(|| panic!("{form:?}: {name} in\n{text}")).value
        };
        let is = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-3, "{found} is not {wanted}");
        is(number("gonogo_metric_verdict", &[("metric", "health"), ("verdict", "ok")]), 1.0);
        is(number("gonogo_metric_verdict", &[("metric", "health"), ("verdict", "no data")]), 0.0);
        is(number("gonogo_metric_value", &[("metric", "health"), ("unit", "ms")]), 12.0);
        is(number("gonogo_availability_ratio", &[("metric", "up")]), 1.0 - 60.0 / 10_800.0);
        is(number("gonogo_error_budget_left_ratio", &[("metric", "up")]), 1.0 - 60.0 / 604.8);
        is(number("gonogo_error_budget_burn_rate", &[("metric", "up"), ("window_seconds", "3600")]), 0.0);
        is(number("gonogo_alerts_asking", &[]), 0.0);
    }
}
