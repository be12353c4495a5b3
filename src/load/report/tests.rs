//! The report from figures that are known.

use super::*;
use crate::load::ErrorKind;
use crate::load::failure::Failure;
use crate::load::tally::{Ended, Waited};

fn report(millis: impl Iterator<Item = u64>, pace: Pace) -> Report {
    let mut tally = Tally::new().unwrap();
    for n in millis {
        let ended = Ended { latency: Some(Duration::from_millis(n)), bytes: 1_000, failure: None };
        tally.add(ended, Duration::from_millis(n));
    }
    let (opened, target) = (10, Target::NotMeasured("10.0.0.1 is not an address of this machine".into()));
    Report { pace, connections: 10, tally, over: Duration::from_secs(2), opened, stopped: false, target }
}

fn fail(report: &mut Report, kind: ErrorKind, times: u64) {
    for _ in 0..times {
        let failure = Some(Failure::new(kind, format!("first {kind}")));
        report.tally.add(Ended { latency: None, bytes: 0, failure }, Duration::ZERO);
    }
}

#[test]
fn a_report_reads_alike_wherever_it_is_reported() {
    let mut report = report(1..=96, Pace::Closed { requests: 100 });
    fail(&mut report, ErrorKind::TimedOut, 3);
    fail(&mut report, ErrorKind::Status(500), 1);
    assert_eq!(report.summary(), "100 requests in 2 s, 48/s, 0.048 MB/s, 4 errors (3 × timed out, 1 × status 500)");
    let lines = report.lines();
    for line in [
        "  p50       48.031 ms",
        "  p95       92.031 ms",
        "  p99      needs 100+",
        "Target: not measured: 10.0.0.1 is not an address of this machine",
        "First error: first timed out",
    ] {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(lines.iter().any(|reported| plain(reported) == plain(line)), "{line}: {lines:#?}");
    }
    assert!(report.is_whole() && !report.is_clean());
    let json = report.json();
    assert_eq!((&json["latency_ms"]["p50"], &json["latency_ms"]["p99"]), (&48.031.into(), &Json::Null));
    assert_eq!(json["errors"][0], json!({"kind": "timed out", "count": 3}));
    let measured: Vec<String> = report.measures().iter().map(|measured| measured.name.clone()).collect();
    assert_eq!(measured, ["latency-p50", "latency-p95", "latency-max", "throughput", "errors"]);
}

#[test]
fn every_request_is_in_one_bar_of_the_histogram() {
    for report in [
        report(1..=1_000, Pace::Closed { requests: 1_000 }),
        report(std::iter::repeat_n(7, 50), Pace::Closed { requests: 50 }),
        report([1, 100_000].into_iter(), Pace::Closed { requests: 2 }),
    ] {
        let buckets = report.buckets();
        assert_eq!(buckets.iter().map(|(_, count)| count).sum::<u64>(), report.tally.latencies.count());
        assert!(buckets.windows(2).all(|pair| pair[0].0 < pair[1].0) && buckets.len() <= 14, "{buckets:?}");
        assert_eq!(buckets.last().unwrap().0, report.tally.latencies.max());
    }
}

#[test]
fn nothing_answered_is_no_latency_and_no_success() {
    let mut report = report(std::iter::empty(), Pace::Closed { requests: 2 });
    fail(&mut report, ErrorKind::Refused, 2);
    assert!(report.lines().iter().all(|line| !line.contains("Latency")), "{:?}", report.lines());
    assert_eq!((report.throughput(), report.json()["latency_ms"]["max"].clone()), (Some(0.0), Json::Null));
    report.over = Duration::ZERO;
    assert_eq!(report.throughput(), None);
}

#[test]
fn what_weakens_the_figures_is_reported() {
    let mut report = report(1..=10, Pace::Open { rate: 5.0, lasts: Duration::from_secs(2) });
    assert_eq!(report.caveats(), Vec::<String>::new());
    assert!(report.is_clean());
    report.tally.began(Duration::from_millis(40), Waited::ForConnection);
    report.tally.began(Duration::from_millis(9), Waited::ForTurn);
    (report.opened, report.stopped) = (13, true);
    report.target = Target::Measured(Used { process: "app (pid 7)".into(), gone: true, ..Used::default() });
    let reported = report.caveats().join("\n");
    for part in [
        "1 request sent late, by up to 40 ms: all 10 connections were busy",
        "by up to 9 ms, because this machine was busy",
        "13 connections opened: the service closed 3",
        "ended during the test",
    ] {
        assert!(reported.contains(part), "{part}: {reported}");
    }
    assert!(!report.is_clean());
    assert_eq!(
        report.target.to_string(),
        "app (pid 7): CPU not measured (too short), memory 0 MB before, 0 MB peak, 0 MB after, connections not measured \
         (too short)"
    );
}
