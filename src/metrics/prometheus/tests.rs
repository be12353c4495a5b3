use super::counter::Growth;
use super::*;
use proptest::prelude::*;

fn sample(text: &str) -> Sample {
    let mut exposition = parse(text.as_bytes()).unwrap();
    assert_eq!(exposition.samples.len(), 1, "{text}");
    exposition.samples.remove(0)
}

fn refused(text: &str) -> ParseError {
    match parse(text.as_bytes()) {
        Err(error) => error,
        Ok(read) => panic!("{text:?} was read as {read:?}"),
    }
}

#[test]
fn a_scrape_gives_families_and_samples() {
    let text = "\
# HELP http_requests_total Answers,\\nby \\\\ status.
# TYPE http_requests_total counter
http_requests_total{path=\"/a\\\"b\\\\c\\nd\",status=\"200\",} 1027 1395066363000
# just a word
  bare\t-1.5e-3
up{} NaN
low -Inf
high +inf
";
    let read = parse(text.as_bytes()).unwrap();
    let family = read.family("http_requests_total").unwrap();
    assert_eq!(family.kind, Some(Kind::Counter));
    assert_eq!(family.help.as_deref(), Some("Answers,\nby \\ status."));
    assert_eq!(read.samples[0].labels[0], ("path".to_owned(), "/a\"b\\c\nd".to_owned()));
    assert_eq!(read.samples[0].timestamp, Some(1_395_066_363.0));
    assert!((read.samples[1].value + 0.0015).abs() < 1e-12);
    assert!(read.samples[2].value.is_nan());
    assert!(read.samples[3].value.is_infinite() && read.samples[3].value < 0.0);
    assert!(read.samples[4].value.is_infinite() && read.samples[4].value > 0.0);
}

#[test]
fn open_metrics_ends_and_ignores_exemplars() {
    let text = "# TYPE a counter\n# UNIT a seconds\na_total{x=\"b\\z # \"} 17 1.5 # {trace=\"k\"} 0.6 2\n# EOF\n";
    assert_eq!(Dialect::of(text.as_bytes()), Dialect::OpenMetrics);
    let read = sample(text);
    assert_eq!(read.labels, [("x".to_owned(), "b\\z # ".to_owned())]);
    assert_eq!((read.value, read.timestamp), (17.0, Some(1.5)));
    assert_eq!(refused("a 1\n# EOF\na 2\n").line, 3);
    assert_eq!(refused("a 1\n# EOFblah").line, 2);
    assert_eq!(refused("a 1\n\n# EOF\n").line, 2);
    assert_eq!(refused("a{x=\"1\",} 1\n# EOF").line, 1);
    assert_eq!(refused("a  1\n# EOF").line, 1);
    assert_eq!(refused("a 1 # {x=\"1\"} 1 Inf\n# EOF").line, 1);
}

#[test]
fn names_in_quotes_are_read() {
    let read = sample("{\"process.cpu\", \"host.name\"=\"db 1\"} 3");
    assert_eq!(read.name, "process.cpu");
    assert_eq!(read.labels, [("host.name".to_owned(), "db 1".to_owned())]);
    assert_eq!(refused("{host=\"a\"} 3").what, "labels without a metric name");
}

#[test]
fn bad_lines_are_named() {
    for (text, line) in [
        ("good 1\nbad", 2),
        ("bad 1 2.72", 1),
        ("bad 1 2 3", 1),
        ("bad 0x1p3", 1),
        ("bad 1_000", 1),
        ("bad{@=\"b\"} 1", 1),
        ("bad{a=b} 1", 1),
        ("bad{a=\"b} 1", 1),
        ("bad{a=\"\\t\"} 1", 1),
        ("bad{a=\"1\",a=\"2\"} 1", 1),
        ("bad{a=\"1\" b=\"2\"} 1", 1),
        ("b.ad 1", 1),
        ("1bad 1", 1),
        ("# TYPE a bla", 1),
        ("# TYPE a gauge\n# TYPE a gauge", 2),
        ("a 1\n# TYPE a gauge", 2),
    ] {
        assert_eq!(refused(text).line, line, "{text}");
    }
    assert_eq!(parse(b"good 1\nbad \xff 1").unwrap_err().what, "not UTF-8");
}

#[test]
fn what_is_wrong_is_named_with_its_column() {
    for (text, column) in [
        ("  bad{a=b} 1", 9),
        ("bad 0x1p3", 5),
        ("bad{ä=\"1\"} 1", 5),
        ("bad{a=\"ä\"} x", 12),
        ("bad 1 2.72", 7),
        ("# TYPE a bla", 10),
        ("# TYPE a gauge\n# TYPE a gauge", 1),
        ("a 1 # {x=\"1\"} 1 Inf\n# EOF", 17),
        ("# TIPE a gauge\n# EOF", 3),
        ("bad", 4),
    ] {
        assert_eq!(refused(text).column, column, "{text}: {}", refused(text));
    }
    assert_eq!(parse("ää \u{ff} 1".as_bytes()).unwrap_err().column, 1);
    assert_eq!(parse(b"ab{c=\"\xff\"} 1").unwrap_err().to_string(), "line 1, column 7: not UTF-8");
}

#[test]
fn lenient_reading_keeps_the_good_lines() {
    let read = parse_lenient(b"a 1\nb\nc \xff\nd 4\n");
    let names: Vec<_> = read.exposition.samples.iter().map(|sample| sample.name.as_str()).collect();
    assert_eq!(names, ["a", "d"]);
    assert_eq!(read.bad, 2);
    assert_eq!(read.first.unwrap().to_string(), "line 2, column 2: a value is missing");
}

const REQUESTS: &str = "\
r{status=\"200\",path=\"/a\"} 5
r{status=\"500\",path=\"/a\"} 2
r{status=\"503\",path=\"/b\"} 1
other{status=\"500\"} 9
";

#[test]
fn selectors_sum_over_matching_series() {
    let read = parse(REQUESTS.as_bytes()).unwrap();
    let sum = |text: &str| Selector::parse(text).unwrap().sum(&read);
    assert_eq!(sum("r"), Some(8.0));
    assert_eq!(sum("r{status=\"500\"}"), Some(2.0));
    assert_eq!(sum("r{ status =~ \"5\\d\\d\" , }"), Some(3.0));
    assert_eq!(sum("r{status=~\"0\"}"), None, "a pattern matches the whole value");
    assert_eq!(sum("r{status!=\"200\",path!~\"/b|/c\"}"), Some(2.0));
    assert_eq!(sum("r{host=\"\"}"), Some(8.0), "a label that is not there is empty");
    for wrong in ["", "r{", "r{a}", "r{a=1}", "r{a=~\"(\"}", "r{} x", "r{a==\"1\"}"] {
        assert!(Selector::parse(wrong).is_err(), "{wrong} was accepted");
    }
}

#[test]
fn counters_grow_and_begin_anew() {
    let selector = Selector::parse("r").unwrap();
    let take = |text: &str| Reading::take(&parse(text.as_bytes()).unwrap(), &selector).unwrap();
    let before = take("r{a=\"1\",b=\"2\"} 10\nr{a=\"2\"} 5");
    assert_eq!(take("r{b=\"2\",a=\"1\"} 12\nr{a=\"2\"} 5\nr{a=\"3\"} 4").since(&before), Growth::By(6.0));
    assert_eq!(take("r{a=\"1\",b=\"2\"} 3\nr{a=\"2\"} 6").since(&before), Growth::Reset(4.0));
    assert_eq!(Reading::take(&parse(b"r NaN").unwrap(), &selector), None);
}

proptest! {
    #[test]
    fn any_bytes_give_samples_or_a_line(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let lines = bytes.split(|byte| *byte == b'\n').count();
        let lenient = parse_lenient(&bytes);
        match parse(&bytes) {
            Ok(read) => prop_assert_eq!(read, lenient.exposition),
            Err(error) => {
                prop_assert!(error.line >= 1 && error.line <= lines);
                prop_assert_eq!(Some(error), lenient.first);
            }
        }
    }

    #[test]
    fn nearly_right_text_never_panics(text in "([ab_:]{0,2}(\\{([a\"=,\\\\}] ?){0,8}\\})?[ \t]{0,2}[0-9.eNInf#{}+-]{0,6}\n?|# (TYPE|HELP|EOF|UNIT) ?[a\" ]{0,3}\n){0,6}") {
        let _ = parse(text.as_bytes());
        let _ = parse_lenient(text.as_bytes());
        let _ = Selector::parse(&text);
    }

    #[test]
    fn what_is_written_is_read_again(
        name in "[a-zA-Z_:][a-zA-Z0-9_:]{0,8}",
        labels in proptest::collection::btree_map("[a-zA-Z_][a-zA-Z0-9_]{0,4}", any::<String>(), 0..4),
        value in any::<f64>(),
        is_open in any::<bool>(),
    ) {
        let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let written: Vec<String> = labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escape(text))).collect();
        let end = if is_open { "\n# EOF\n" } else { "\n" };
        let text = format!("{name}{{{}}} {value}{end}", written.join(","));
        let read = sample(&text);
        prop_assert_eq!(read.name, name);
        prop_assert_eq!(read.labels, labels.into_iter().collect::<Vec<_>>());
        prop_assert!(read.value.to_bits() == value.to_bits() || (read.value.is_nan() && value.is_nan()));
    }
}
