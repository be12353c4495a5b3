//! The http check against a real server in this process.

use super::service::{Collector, Service, assignment, get};
use gonogo::attempts::checks::http::carry_out;
use gonogo::checklist::Target;
use gonogo::checklist::check::{Http, QueryCount, Reachability, Statuses};
use gonogo::checklist::offset::Span;
use gonogo::checklist::target::Bound;
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{End, Outcome};
use std::time::{Duration, Instant};

fn target(measure: &str, bound: Bound, unit: &str) -> Target {
    Target { measure: measure.into(), bound, unit: unit.into() }
}

fn measured(outcome: &Outcome, name: &str) -> Option<f64> {
    outcome.measured.iter().find(|m| m.name == name).map(|m| m.value)
}

async fn visit(url: &str, http: &Http, targets: Vec<Target>) -> (Outcome, Collector) {
    let console = Collector::default();
    let outcome = carry_out(&assignment(url, http, targets).0, http, &console).await;
    (outcome, console)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn latencies_are_those_of_the_service() {
    let service = Service::start().await;
    let http = Http { requests: 40, warmup: 3, concurrency: 4, ..get("/sleep?ms=20") };
    let targets = vec![target("latency-p95", Bound::Below(1_000.0), "ms")];
    let (outcome, console) = visit(&service.url(), &http, targets).await;
    assert_eq!((outcome.verdict, outcome.end), (Verdict::Pass, End::Completed), "{outcome:?}");
    let [p50, p95, max] = ["latency-p50", "latency-p95", "latency-max"].map(|name| measured(&outcome, name).unwrap());
    assert!(p50 >= 20.0 && p50 <= p95 && p95 <= max && max < 5_000.0, "{outcome:?}");
    assert_eq!(measured(&outcome, "errors"), Some(0.0));
    let throughput = measured(&outcome, "throughput").unwrap();
    assert!(throughput > 5.0 && throughput <= 4.0 / 0.020, "{throughput}");
    assert_eq!(service.asked("/sleep"), 43, "warm-up requests are sent and not counted");
    assert_eq!(console.last_progress("requests"), Some((40, Some(40))));
    for m in &outcome.measured {
        assert!(((m.value * 1_000.0).round() / 1_000.0 - m.value).abs() < 1e-9, "{m:?} has more than three decimals");
    }
}

#[tokio::test]
async fn a_slow_endpoint_misses_its_target() {
    let service = Service::start().await;
    let http = Http { requests: 3, ..get("/sleep?ms=120") };
    let (outcome, _) = visit(&service.url(), &http, vec![target("latency-p95", Bound::AtMost(50.0), "ms")]).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(outcome.detail.contains("target ≤ 50 ms"), "{}", outcome.detail);
}

#[tokio::test]
async fn queries_come_from_the_header_the_worst_counts() {
    let service = Service::start().await;
    let queries = Some(QueryCount::Header("X-Query-Count".into()));
    let http = Http { requests: 5, queries, at_least_records: Some(100), ..get("/lots?limit=100") };
    let targets = vec![target("queries", Bound::AtMost(4.0), "queries")];
    let (outcome, _) = visit(&service.url(), &http, targets).await;
    // The service says 3, 4, 5, … one after the other.
    assert_eq!(measured(&outcome, "queries"), Some(7.0));
    assert_eq!(measured(&outcome, "records"), Some(100.0));
    assert_eq!(outcome.verdict, Verdict::Fail);
}

#[tokio::test]
async fn a_missing_header_is_no_pass() {
    let service = Service::start().await;
    let http = Http { queries: Some(QueryCount::Header("x-query-count".into())), ..get("/sleep?ms=0") };
    let (outcome, _) = visit(&service.url(), &http, vec![target("queries", Bound::AtMost(4.0), "queries")]).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert_eq!(measured(&outcome, "queries"), None);
    assert!(outcome.detail.contains("no header x-query-count"), "{}", outcome.detail);
}

#[tokio::test]
async fn too_few_records_make_the_numbers_mean_nothing() {
    let service = Service::start().await;
    let queries = Some(QueryCount::Header("x-query-count".into()));
    let http = Http { queries, at_least_records: Some(100), ..get("/lots?limit=7") };
    let (outcome, _) = visit(&service.url(), &http, vec![target("queries", Bound::AtMost(9.0), "queries")]).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert_eq!((measured(&outcome, "records"), measured(&outcome, "latency-p95")), (Some(7.0), None));
    assert!(outcome.detail.contains("7 records, fewer than the 100"), "{}", outcome.detail);
}

#[tokio::test]
async fn a_counter_is_read_before_and_after() {
    let service = Service::start().await;
    let counter = |metric: &str| Some(QueryCount::Counter(metric.into()));
    // Each request adds 5 to this series and 100 to another; warm-up does too, and is not counted.
    let http = Http {
        requests: 10,
        warmup: 2,
        concurrency: 8,
        queries: counter("db_queries_total{kind=\"read\"}"),
        ..get("/count")
    };
    let (outcome, _) = visit(&service.url(), &http, vec![target("queries", Bound::Equals(5.0), "queries")]).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    assert_eq!(service.most_at_once(), 1, "requests run one by one");

    let http = Http { queries: counter("no_such_total"), ..get("/count") };
    let (outcome, _) = visit(&service.url(), &http, vec![target("queries", Bound::AtMost(5.0), "queries")]).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert!(outcome.detail.contains("/metrics has no no_such_total"), "{}", outcome.detail);
}

#[tokio::test]
async fn a_counter_that_falls_back_is_not_believed() {
    let service = Service::start().await;
    let http = Http { queries: Some(QueryCount::Counter("db_queries_total".into())), requests: 2, ..get("/restart") };
    let (outcome, _) = visit(&service.url(), &http, vec![target("queries", Bound::AtMost(500.0), "queries")]).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{}", outcome.detail);
    assert!(outcome.detail.contains("began anew"), "{}", outcome.detail);
}

#[tokio::test]
async fn a_wrong_status_is_quoted_with_its_body() {
    let service = Service::start().await;
    let (outcome, console) = visit(&service.url(), &get("/broken"), Vec::new()).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert_eq!(outcome.detail, "answered 500 instead of 200: the lots [31mare gone");
    assert!(console.text().contains("answered 500"), "{}", console.text());

    let moved = visit(&service.url(), &get("/moved"), Vec::new()).await.0;
    assert!(moved.detail.starts_with("answered 307 to /count instead of 200"), "{}", moved.detail);
    assert_eq!(service.asked("/count"), 0, "redirects are not followed");

    let wanted = Http { contains: Some("all is well".into()), ..get("/health") };
    let (outcome, _) = visit(&service.url(), &wanted, Vec::new()).await;
    assert_eq!(outcome.detail, "answered 200 without `all is well`: {\"status\":\"ok\"}");
}

#[tokio::test]
async fn errors_fail_unless_a_target_speaks_of_them() {
    let service = Service::start().await;
    let http = Http { requests: 10, ..get("/sometimes") };
    let (outcome, _) = visit(&service.url(), &http, Vec::new()).await;
    assert_eq!((outcome.verdict, measured(&outcome, "errors")), (Verdict::Fail, Some(5.0)), "{}", outcome.detail);
    let (outcome, _) = visit(&service.url(), &http, vec![target("errors", Bound::AtMost(5.0), "errors")]).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    let (outcome, _) = visit(&service.url(), &http, vec![target("errors", Bound::AtMost(4.0), "errors")]).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
}

#[tokio::test]
async fn a_body_goes_out_as_json_and_doubled_signs_stay() {
    let service = Service::start().await;
    let body = r#"{"a": "$${HOME} $PATH"}"#;
    let http = Http {
        method: "POST".into(),
        body: Some(body.into()),
        status: Statuses::one(201),
        contains: Some(body.into()),
        ..get("/echo")
    };
    let (outcome, _) = visit(&service.url(), &http, Vec::new()).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
}

#[tokio::test]
async fn a_password_in_the_address_is_used_and_never_reported() {
    let service = Service::start().await;
    let url = service.url().replace("http://", "http://captain:s3cr3t@");
    let (outcome, console) = visit(&url, &get("/whoami"), Vec::new()).await;
    let reported = format!("{outcome:?}{}", console.text());
    // The service sends back what it was reported about the user.
    assert!(outcome.detail.contains("Basic ****"), "{reported}");
    assert!(!reported.contains("s3cr3t") && !reported.contains("Y2FwdGFpbjpzM2NyM3Q="), "{reported}");
    service.stop().await;
    let (outcome, console) = visit(&url, &get("/whoami"), Vec::new()).await;
    let reported = format!("{outcome:?}{}", console.text());
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(
        reported.contains("connection refused") && !reported.contains("s3cr3t") && !reported.contains("captain"),
        "{reported}"
    );
}

#[tokio::test]
async fn silence_is_a_refused_connection() {
    let service = Service::start().await;
    let silent = Http { expect: Reachability::Silent, ..get("/health") };
    let (outcome, _) = visit(&service.url(), &silent, Vec::new()).await;
    assert_eq!((outcome.verdict, outcome.detail.as_str()), (Verdict::Fail, "still answers, with 200"));
    let url = service.url();
    service.stop().await;
    let (outcome, _) = visit(&url, &silent, Vec::new()).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
}

#[tokio::test]
async fn a_socket_that_never_answers_is_inconclusive_as_silence() {
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", deaf.local_addr().unwrap());
    let http = Http { expect: Reachability::Silent, within: Some(Span::from_millis(300)), ..get("/health") };
    let (outcome, _) = visit(&url, &http, Vec::new()).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{}", outcome.detail);
}

#[tokio::test]
async fn within_waits_until_the_service_is_there() {
    let service = Service::start().await;
    let address = service.address();
    service.stop().await;
    let url = format!("http://{address}");
    let http = Http { within: Some(Span::from_millis(10_000)), ..get("/health") };
    let later = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(600)).await;
        Service::at(address).await
    });
    let (outcome, console) = visit(&url, &http, vec![target("waited", Bound::Below(10.0), "s")]).await;
    let service = later.await.unwrap();
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    let waited = measured(&outcome, "waited").unwrap();
    assert!(waited >= 0.5, "{waited}");
    assert!(console.last_progress("waiting for an answer").unwrap().0 > 1);
    assert_eq!(service.asked("/health"), 1, "the answer waited for is the one that counts");
}

#[tokio::test]
async fn within_ends_with_the_last_reason() {
    let service = Service::start().await;
    let http = Http { within: Some(Span::from_millis(500)), ..get("/broken") };
    let (outcome, _) = visit(&service.url(), &http, Vec::new()).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(outcome.detail.contains("answered 500 instead of 200"), "{}", outcome.detail);
    assert!(measured(&outcome, "waited").is_some_and(|waited| waited < 2.0), "{outcome:?}");
    assert!(service.asked("/broken") >= 2);
}

#[tokio::test]
async fn stopping_ends_it_at_once() {
    let service = Service::start().await;
    let http = Http { requests: 100, ..get("/sleep?ms=2000") };
    let (assignment, stop) = assignment(&service.url(), &http, Vec::new());
    let console = Collector::default();
    let began = Instant::now();
    let (outcome, ()) = tokio::join!(carry_out(&assignment, &http, &console), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stop.send(Some(End::Cancelled)).unwrap();
    });
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!((outcome.end, outcome.verdict), (End::Cancelled, Verdict::Inconclusive));
    // What was counted until then is reported, and none of it is a latency.
    assert_eq!(measured(&outcome, "latency-p95"), None, "{outcome:?}");
}

#[tokio::test]
async fn without_an_address_it_does_not_start() {
    let (outcome, _) = visit("nonsense", &get("/health"), Vec::new()).await;
    assert_eq!((outcome.end, outcome.verdict), (End::NotStarted, Verdict::Inconclusive));
    assert!(!outcome.detail.is_empty());
}
