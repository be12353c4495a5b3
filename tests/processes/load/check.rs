//! The load check.

use super::server::Server;
use crate::metrics_live::service::{Collector, assignment, environment};
use gonogo::attempts::Assignment;
use gonogo::attempts::checks::load::carry_out;
use gonogo::checklist::check::{Check, Http, Load};
use gonogo::checklist::environment::Protection;
use gonogo::checklist::offset::Span;
use gonogo::checklist::target::Bound;
use gonogo::checklist::{Checklist, Target};
use gonogo::deployment::attempt::{End, Outcome};
use gonogo::deployment::{Plan, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;

fn load(path: &str, requests: u32) -> Load {
    let http = Http { requests, concurrency: 4, ..Http::get(path) };
    Load { http, rate: None, duration: None }
}

fn target(measure: &str, bound: Bound, unit: &str) -> Target {
    Target { measure: measure.into(), bound, unit: unit.into() }
}

fn assigned(url: &str, load: &Load, targets: Vec<Target>) -> (Assignment, tokio::sync::watch::Sender<Option<End>>) {
    let (mut assignment, stop) = assignment(url, &load.http, targets);
    assignment.item.check = Check::Load(load.clone());
    (assignment, stop)
}

async fn test(url: &str, load: &Load, targets: Vec<Target>) -> (Outcome, Collector) {
    let console = Collector::default();
    let (assignment, _stop) = assigned(url, load, targets);
    let outcome = carry_out(&assignment, load, &console).await;
    (outcome, console)
}

fn measured(outcome: &Outcome, name: &str) -> Option<f64> {
    outcome.measured.iter().find(|measured| measured.name == name).map(|measured| measured.value)
}

fn base(server: &Server) -> String {
    server.url("")
}

#[tokio::test]
async fn a_service_under_load_is_held_to_its_targets() {
    let server = Server::start();
    let targets =
        vec![target("latency-p95", Bound::Below(20_000.0), "ms"), target("errors", Bound::Equals(0.0), "errors")];
    let (outcome, console) = test(&base(&server), &load("/ok", 200), targets).await;
    assert_eq!((outcome.verdict, outcome.end), (Verdict::Pass, End::Completed), "{}", outcome.detail);
    assert_eq!(server.requests(), 201, "one is looked at before the many");
    for name in ["latency-p50", "latency-p95", "latency-p99", "latency-max", "throughput", "target-memory"] {
        assert!(measured(&outcome, name).is_some(), "{name}: {:?}", outcome.measured);
    }
    assert!(
        console.text().contains("Distribution") && outcome.detail.contains("200 requests in"),
        "{}",
        outcome.detail
    );
    assert_eq!(console.last_progress("requests"), Some((200, Some(200))));

    let (outcome, _) =
        test(&base(&server), &load("/slow?40", 40), vec![target("latency-p95", Bound::Below(30.0), "ms")]).await;
    assert_eq!(outcome.verdict, Verdict::Fail, "{}", outcome.detail);
}

#[tokio::test]
async fn errors_fail_unless_a_target_says_how_many_are_too_many() {
    let server = Server::start();
    let (outcome, _) = test(&base(&server), &load("/sometimes", 40), Vec::new()).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(outcome.detail.contains("20 errors (20 × status 503)"), "{}", outcome.detail);
    let server = Server::start();
    let few = vec![target("errors", Bound::AtMost(20.0), "errors")];
    let (outcome, _) = test(&base(&server), &load("/sometimes", 40), few).await;
    assert_eq!((outcome.verdict, measured(&outcome, "errors")), (Verdict::Pass, Some(20.0)), "{}", outcome.detail);
}

#[tokio::test]
async fn a_service_that_is_wrong_from_the_start_is_left_alone() {
    let server = Server::start();
    let (outcome, _) = test(&base(&server), &load("/missing", 500), Vec::new()).await;
    assert_eq!((outcome.verdict, server.requests()), (Verdict::Fail, 1));
    assert!(outcome.detail.contains("no load test: the first request answered 404"), "{}", outcome.detail);
}

#[tokio::test]
async fn too_few_requests_or_records_prove_nothing() {
    let server = Server::start();
    let p99 = || vec![target("latency-p99", Bound::Below(20_000.0), "ms")];
    let (outcome, _) = test(&base(&server), &load("/ok", 99), p99()).await;
    assert_eq!(
        (outcome.verdict, measured(&outcome, "latency-p99")),
        (Verdict::Inconclusive, None),
        "{}",
        outcome.detail
    );
    let of_records = |path, least| {
        let mut load = load(path, 100);
        load.http.at_least_records = Some(least);
        load
    };
    let (outcome, _) = test(&base(&server), &of_records("/ok", 3), p99()).await;
    assert_eq!((outcome.verdict, measured(&outcome, "records")), (Verdict::Pass, Some(3.0)), "{}", outcome.detail);
    // Answers that hold less later on count, not the first alone.
    let server = Server::start();
    let (outcome, _) = test(&base(&server), &of_records("/thins", 3), p99()).await;
    assert_eq!(
        (outcome.verdict, measured(&outcome, "latency-p95")),
        (Verdict::Inconclusive, None),
        "{}",
        outcome.detail
    );
    assert_eq!(measured(&outcome, "records"), Some(1.0));
}

#[tokio::test]
async fn every_answer_is_looked_at() {
    let server = Server::start();
    let mut load = load("/thins", 30);
    load.http.contains = Some("2,3".into());
    let (outcome, _) = test(&base(&server), &load, Vec::new()).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(outcome.detail.contains("× unexpected answer"), "{}", outcome.detail);
}

#[tokio::test]
async fn a_constant_rate_is_kept() {
    let server = Server::start();
    let open = Load { rate: Some(100.0), duration: Some(Span::from_millis(300)), ..load("/ok", 1) };
    let (outcome, _) = test(&base(&server), &open, Vec::new()).await;
    assert_eq!((outcome.verdict, server.requests()), (Verdict::Pass, 31), "{}", outcome.detail);
}

#[tokio::test]
async fn a_test_out_of_time_is_no_pass_and_reports_its_part() {
    let server = Server::start();
    let load = load("/slow?10", 1_000_000);
    let (assignment, stop) = assigned(&base(&server), &load, Vec::new());
    let console = Collector::default();
    let asks = async {
        // The many have begun, and some were answered.
        while console.last_progress("requests").is_none_or(|(done, _)| done < 8) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        stop.send(Some(End::TimedOut)).unwrap();
    };
    let (outcome, ()) = tokio::join!(carry_out(&assignment, &load, &console), asks);
    assert_eq!((outcome.verdict, outcome.end), (Verdict::Fail, End::TimedOut), "{}", outcome.detail);
    assert!(outcome.detail.contains("stopped: ") && measured(&outcome, "errors") == Some(0.0), "{}", outcome.detail);
}

/// Staging whose address turns out to be production's.
#[tokio::test]
async fn a_protected_service_under_another_name_is_refused() {
    let server = Server::start();
    let load = load("/ok", 100);
    let (mut assignment, _stop) = assigned(&base(&server), &load, Vec::new());
    let mut checklist: Checklist = (**assignment.plan.checklist()).clone();
    let mut live = environment(&format!("http://localhost:{}/", server.address.port()));
    live.protection = Protection::Protected;
    checklist.environments.insert("live".into(), live);
    assignment.plan = Arc::new(Plan::new(Arc::new(checklist), BTreeMap::new()));
    let outcome = carry_out(&assignment, &load, &Collector::default()).await;
    assert_eq!((outcome.verdict, outcome.end, server.requests()), (Verdict::Inconclusive, End::NotStarted, 0));
    assert!(outcome.detail.contains("has the address of live, which is protected"), "{}", outcome.detail);
}
