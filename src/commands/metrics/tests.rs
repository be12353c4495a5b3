use super::*;
use crate::metrics::prometheus::parse;
use crate::metrics::series::Gap;
use std::time::Duration;

fn shown(numbers: Numbers) -> Shown {
    let series = Described {
        environment: "production".into(),
        pane: "lots".into(),
        unit: "ms".into(),
        every: Duration::from_secs(2),
        last_ms: None,
    };
    Shown {
        series,
        title: "GET /lots, p95".into(),
        numbers,
        whole: Vec::new(),
        last: None,
        statistics: ["", ""],
        errors: Vec::new(),
        seen: None,
    }
}

fn samples() -> Shown {
    shown(Numbers::Samples(vec![
        Point { at_ms: 1_700_000_000_500, value: Ok(1.5) },
        Point { at_ms: 1_700_000_002_500, value: Err(Gap::new("refused, \"twice\"")) },
        Point { at_ms: 1_700_000_004_500, value: Ok(2.0) },
        Point { at_ms: 1_700_000_004_500, value: Ok(3.0) },
    ]))
}

fn buckets() -> Shown {
    let empty = Bucket {
        start_ms: 1_700_000_400_000,
        width_ms: 600_000,
        count: 0,
        min: 0.0,
        max: 0.0,
        sum: 0.0,
        median: None,
        p95: None,
        gap: None,
    };
    let full = Bucket { count: 2, min: 1.0, max: 3.0, sum: 4.0, median: Some(1.0), p95: Some(3.0), ..empty.clone() };
    let gap = Bucket { gap: Some("no sample".into()), ..empty.clone() };
    shown(Numbers::Buckets(vec![full, gap, empty]))
}

fn printed(form: impl Fn(&[Shown], &mut dyn Write) -> std::io::Result<()>, one: Shown) -> String {
    let mut out = Vec::new();
    form(&[one], &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn quantiles_are_those_of_the_samples_or_are_marked() {
    let text = printed(|shown, out| formats::table(shown, 0, out), Shown { whole: vec![whole()], ..samples() });
    assert!(text.lines().nth(1).unwrap().contains("       2 ms        3 ms         3"), "{text}");
    let text = printed(|shown, out| formats::table(shown, 0, out), Shown { whole: vec![whole()], ..buckets() });
    assert!(text.lines().nth(1).unwrap().contains("  ≈ 1.98 ms   ≈ 2.97 ms         3"), "{text}");
}

/// As it is put together: quantiles within the error of a histogram.
fn whole() -> Bucket {
    let (median, p95) = (Some(1.98), Some(2.97));
    Bucket { start_ms: 0, width_ms: 1, count: 3, min: 1.5, max: 3.0, sum: 6.5, median, p95, gap: None }
}

#[test]
fn csv_has_a_line_a_sample_or_bucket_and_gaps_without_numbers() {
    let text = printed(|shown, out| formats::csv(shown, out), samples());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "time,environment,metric,unit,seconds,count,min,mean,max,median,p95,gap");
    assert_eq!(lines[1], "2023-11-14T22:13:20.500Z,production,lots,ms,0,1,1.5,1.5,1.5,1.5,1.5,");
    assert_eq!(lines[2], "2023-11-14T22:13:22.500Z,production,lots,ms,0,0,,,,,,\"refused, \"\"twice\"\"\"");
    let text = printed(|shown, out| formats::csv(shown, out), buckets());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[1..],
        [
            "2023-11-14T22:20:00.000Z,production,lots,ms,600,2,1,2,3,1,3,",
            "2023-11-14T22:20:00.000Z,production,lots,ms,600,0,,,,,,no sample",
        ]
    );
}

#[test]
fn open_metrics_is_read_back_by_our_own_reader() {
    let text = printed(|shown, out| formats::open_metrics(shown, "", out), samples());
    let read = parse(text.as_bytes()).unwrap();
    let points: Vec<_> = read.samples.iter().map(|sample| (sample.timestamp, sample.value)).collect();
    assert_eq!(points, [(Some(1_700_000_000.5), 1.5), (Some(1_700_000_004.5), 2.0)], "a gap is no zero");
    assert_eq!(read.samples[0].labels[1], ("metric".to_owned(), "lots".to_owned()));
}

#[test]
fn json_reports_samples_from_gaps() {
    let text = printed(|shown, out| formats::json(shown, out), samples());
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let metric = &value["metrics"][0];
    assert_eq!(metric["samples"][1]["gap"], "refused, \"twice\"");
    assert!(metric["samples"][1].get("value").is_none());
    let value: serde_json::Value =
        serde_json::from_str(&printed(|shown, out| formats::json(shown, out), buckets())).unwrap();
    let buckets = value["metrics"][0]["buckets"].as_array().unwrap();
    assert_eq!((buckets.len(), &buckets[1]["min"], &buckets[0]["mean"]), (2, &serde_json::Value::Null, &2.0.into()));
}

#[test]
fn the_table_says_why_there_is_no_number_now() {
    let mut one = samples();
    one.last = Some(Point { at_ms: 1_700_000_002_500, value: Err(Gap::new("connection refused")) });
    one.errors = vec![Shape {
        text: "ERROR lot <n>".into(),
        known: false,
        count: 3,
        first_ms: 1_700_000_000_000,
        last_ms: 1_700_000_001_000,
        sample: "ERROR lot 7\nKeyError: 7".into(),
    }];
    let text = printed(|shown, out| formats::table(shown, 1_700_000_010_000, out), one);
    assert!(text.ends_with(
        "\nNEW ERRORS  GET /lots, p95\n  3 × ERROR lot <n>  (2023-11-14T22:13:20.000Z to 2023-11-14T22:13:21.000Z)\n    \
         ERROR lot 7\n    KeyError: 7\n"
    ), "{text}");
    assert!(text.lines().nth(1).unwrap().ends_with("7 s ago, no data: connection refused"), "{text}");
}
