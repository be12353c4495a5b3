//! The generator itself.

use super::server::Server;
use gonogo::checklist::check::Statuses;
use gonogo::load::{ErrorKind, Pace, Plan, Report, Sample, Target, start};
use reqwest::Url;
use std::net::TcpListener;
use std::time::Duration;

fn plan(url: &str, pace: Pace, connections: u32) -> Plan {
    let sample = Sample::get(Url::parse(url).unwrap());
    Plan { sample, pace, connections, warmup: 0, timeout: Duration::from_secs(20) }
}

fn closed(requests: u64) -> Pace {
    Pace::Closed { requests }
}

async fn run(plan: Plan) -> Report {
    let mut running = start(plan).unwrap();
    running.finished().await.unwrap()
}

fn errors(report: &Report) -> Vec<(ErrorKind, u64)> {
    report.tally.errors.iter().map(|(kind, count)| (*kind, *count)).collect()
}

#[tokio::test]
async fn every_request_is_answered_over_connections_that_are_kept() {
    let server = Server::start();
    let report = run(Plan { warmup: 10, ..plan(&server.url("/ok"), closed(200), 4) }).await;
    assert!(report.is_clean(), "{}", report.summary());
    assert_eq!((report.tally.done, report.tally.latencies.count(), report.opened), (200, 200, 4));
    assert_eq!(report.tally.bytes, 200 * 17);
    assert_eq!((server.requests(), server.connections()), (210, 8), "warm-up requests are sent and not counted");
    let measured: Vec<String> = report.measures().into_iter().map(|measured| measured.name).collect();
    assert_eq!(
        measured[..6],
        ["latency-p50", "latency-p95", "latency-p99", "latency-max", "throughput", "errors"].map(str::to_owned)
    );
    let counted: u64 =
        report.json()["histogram"].as_array().unwrap().iter().map(|b| b["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, 200, "the histogram holds every request");
}

#[tokio::test]
async fn the_process_that_answers_is_looked_at() {
    let server = Server::start();
    let report = run(plan(&server.url("/slow?100"), closed(30), 2)).await;
    let Target::Measured(used) = &report.target else { panic!("{}", report.target) };
    assert!(used.process.contains(&format!("(pid {})", std::process::id())), "{used:?}");
    assert!(used.cpu.is_some() && used.memory_before > 0 && used.memory_peak >= used.memory_after, "{used:?}");
    assert!(used.connections >= Some(2), "{used:?}");
    assert!(report.tally.latencies.min() >= Duration::from_millis(100));
    assert!(report.throughput().unwrap() <= 2.0 / 0.1, "{}", report.summary());
}

#[tokio::test]
async fn a_wrong_status_is_an_error_and_its_time_counts() {
    let server = Server::start();
    let report = run(plan(&server.url("/sometimes"), closed(40), 1)).await;
    assert_eq!(errors(&report), [(ErrorKind::Status(503), 20)]);
    assert_eq!((report.tally.done, report.tally.latencies.count()), (40, 40));
    assert_eq!(report.tally.first_error.as_deref(), Some("answered 503 instead of 200"));
    let mut any = plan(&server.url("/sometimes"), closed(10), 1);
    any.sample.expected = Statuses::parse(["200", "5xx"]).unwrap();
    assert!(run(any).await.is_clean());
}

#[tokio::test]
async fn an_answer_cut_off_is_a_reset() {
    let server = Server::start();
    let report = run(plan(&server.url("/partly"), closed(12), 3)).await;
    assert_eq!((errors(&report), report.tally.latencies.count()), (vec![(ErrorKind::Reset, 12)], 0));
    assert!(!report.is_clean() && report.is_whole());
    assert_eq!(report.throughput(), Some(0.0));
}

#[tokio::test]
async fn a_service_that_closes_after_each_answer_is_no_error() {
    let server = Server::start();
    let report = run(plan(&server.url("/close"), closed(25), 3)).await;
    assert!(report.is_clean(), "{}", report.summary());
    assert_eq!((report.opened, server.connections()), (25, 25));
    assert!(
        report.caveats().iter().any(|reported| reported.contains("25 connections opened")),
        "{:?}",
        report.caveats()
    );
}

#[tokio::test]
async fn a_closed_port_refuses_and_nothing_is_timed() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let report = run(plan(&format!("http://{port}/"), closed(7), 2)).await;
    assert_eq!((errors(&report), report.tally.latencies.count()), (vec![(ErrorKind::Refused, 7)], 0));
    let names: Vec<String> = report.measures().into_iter().map(|measured| measured.name).collect();
    assert_eq!(names, ["throughput", "errors"]);
    assert!(
        matches!(&report.target, Target::NotMeasured(why) if why.contains("no process listens")),
        "{}",
        report.target
    );
}

#[tokio::test]
async fn no_answer_counts_with_the_time_it_was_waited_for() {
    let server = Server::start();
    let plan = Plan { timeout: Duration::from_millis(300), ..plan(&server.url("/never"), closed(6), 3) };
    let report = run(plan).await;
    assert_eq!(errors(&report), [(ErrorKind::TimedOut, 6)]);
    assert_eq!(report.tally.latencies.count(), 6);
    assert!(report.tally.latencies.min() >= Duration::from_millis(299), "{:?}", report.tally.latencies.min());
}

#[tokio::test]
async fn an_open_loop_sends_at_its_rate() {
    let server = Server::start();
    let pace = Pace::Open { rate: 100.0, lasts: Duration::from_millis(600) };
    let report = run(plan(&server.url("/ok"), pace, 4)).await;
    assert!(report.is_clean(), "{}", report.summary());
    assert_eq!((report.tally.done, server.requests()), (60, 60));
    assert!(report.over >= Duration::from_millis(590), "the last is due after 590 ms: {:?}", report.over);
}

/// A service that stops for half a second keeps everybody waiting who would have asked meanwhile. Counted from when each
/// request was sent, only those under way would show it.
#[tokio::test]
async fn an_open_loop_omits_nobody_who_had_to_wait() {
    let server = Server::start();
    let pace = Pace::Open { rate: 200.0, lasts: Duration::from_secs(1) };
    let report = run(plan(&server.url("/stall?500"), pace, 4)).await;
    assert!(report.is_clean(), "{}", report.summary());
    let slow = report.tally.latencies.between(Duration::from_millis(100), Duration::from_secs(100));
    assert!(slow >= 70, "80 requests were due in the first 400 ms of the stall, {slow} waited");
    let late = report.tally.late;
    assert!(late.requests >= 70 && late.most >= Duration::from_millis(300), "{late:?}");
    assert!(report.caveats().iter().any(|reported| reported.contains("sent late, by up to")), "{:?}", report.caveats());
}

#[tokio::test]
async fn what_never_got_a_connection_is_not_sent_and_counts() {
    let server = Server::start();
    let pace = Pace::Open { rate: 50.0, lasts: Duration::from_millis(200) };
    let plan = Plan { timeout: Duration::from_millis(250), ..plan(&server.url("/never"), pace, 1) };
    let report = run(plan).await;
    let found = errors(&report);
    assert_eq!(report.tally.failed(), 10, "{found:?}");
    assert!(found.iter().any(|(kind, count)| *kind == ErrorKind::NotSent && *count >= 7), "{found:?}");
    assert_eq!(report.tally.latencies.count(), 10, "they waited too");
}

#[tokio::test]
async fn a_test_that_is_stopped_reports_what_there_was() {
    let server = Server::start();
    let mut running = start(plan(&server.url("/slow?20"), closed(1_000_000), 3)).unwrap();
    let mut progress = running.progress.clone();
    progress.wait_for(|progress| progress.done > 5).await.unwrap();
    running.stop();
    let report = running.finished().await.unwrap();
    assert!(report.stopped && !report.is_whole() && !report.is_clean());
    assert!(report.tally.done > 5 && report.summary().starts_with("stopped: "), "{}", report.summary());
}

#[tokio::test]
async fn a_test_that_nobody_waits_for_ends() {
    let server = Server::start();
    let running = start(plan(&server.url("/slow?1"), closed(1_000_000), 2)).unwrap();
    let mut progress = running.progress.clone();
    progress.wait_for(|progress| progress.done > 5).await.unwrap();
    drop(running);
    // The sender of the progress goes with the generator.
    while progress.changed().await.is_ok() {}
}

#[tokio::test]
async fn headers_and_body_arrive_as_given() {
    let server = Server::start();
    let mut plan = plan(&format!("http://me:p%40ss@{}/ok?a=b", server.address), closed(3), 1);
    plan.sample.method = reqwest::Method::POST;
    plan.sample.body = "{\"n\":1}".into();
    plan.sample.headers.insert("x-team", "night".parse().unwrap());
    assert!(!format!("{:?} {}", plan.sample, plan.sample).contains("p%40ss"));
    assert!(run(plan).await.is_clean());
    let (head, body) = server.last();
    assert!(head.starts_with("POST /ok?a=b HTTP/1.1"), "{head}");
    for line in ["x-team: night", "content-type: application/json", "authorization: Basic bWU6cEBzcw=="] {
        assert!(head.contains(line), "{head}");
    }
    assert!(head.contains(&format!("host: {}", server.address)), "{head}");
    assert_eq!(body, "{\"n\":1}");
}

#[tokio::test]
async fn an_address_that_is_none_is_said_to_be_so() {
    let mut running = start(plan("http://no-such-host.invalid/", closed(3), 1)).unwrap();
    let why = running.finished().await.unwrap_err();
    assert!(why.to_string().contains("no-such-host.invalid could not be resolved"), "{why}");
}
