use super::*;
use crate::cockpit::pane_view::series::{Bucket, HOUR, MINUTE, WEEK};

fn series(values: &[(i64, Option<f64>)]) -> Series {
    let mut series = Series::new(1_000);
    for (second, value) in values {
        series.push(second * 1_000, value.ok_or_else(|| "down".to_owned()));
    }
    series
}

fn seconds(seconds: i64, columns: usize) -> Lens {
    Lens { span: 0..seconds * 1_000, columns }
}

#[test]
fn a_column_has_two_points_at_most_and_loses_no_crest() {
    let values: Vec<(i64, Option<f64>)> =
        (0..600).map(|second| (second, Some(if second == 333 { 900.0 } else { (second % 7) as f64 }))).collect();
    let chart = Chart::new(&series(&values), seconds(600, 60), 600_000, Marks::default());
    let points: Vec<(f64, f64)> = chart.runs.concat();
    assert_eq!(chart.runs.len(), 1);
    assert!(points.len() <= 120, "{} points", points.len());
    assert!(points.contains(&(33.0, 900.0)), "{points:?}");
    assert!(chart.gaps.is_empty());
}

#[test]
fn a_gap_breaks_the_line_whether_reported_or_not() {
    // Down from 10 to 14, nobody looked from 25 to 29, and nothing has come since 39.
    let reported = (0..40).filter(|second| !(25..30).contains(second));
    let values: Vec<(i64, Option<f64>)> =
        reported.map(|second| (second, (!(10..15).contains(&second)).then_some(1.0))).collect();
    let chart = Chart::new(&series(&values), seconds(60, 60), 50_000, Marks::default());
    assert_eq!(chart.gaps, [10..15, 25..30, 40..51]);
    let ends: Vec<(f64, f64)> = chart.runs.iter().map(|run| (run[0].0, run[run.len() - 1].0)).collect();
    assert_eq!(ends, [(0.0, 9.0), (15.0, 24.0), (30.0, 39.0)]);
}

#[test]
fn a_gap_that_shares_its_column_with_numbers_shows_too() {
    let values: Vec<(i64, Option<f64>)> = (0..60).map(|second| (second, (second != 31).then_some(5.0))).collect();
    let chart = Chart::new(&series(&values), seconds(60, 6), 60_000, Marks::default());
    assert_eq!((chart.gaps.len(), &chart.gaps[0]), (1, &(3..4)));
    assert_eq!(chart.runs.len(), 2);
}

#[test]
fn before_the_first_point_there_is_no_gap() {
    let values: Vec<(i64, Option<f64>)> = (30..60).map(|second| (second, Some(1.0))).collect();
    let chart = Chart::new(&series(&values), seconds(60, 60), 60_000, Marks::default());
    assert!(chart.gaps.is_empty());
}

#[test]
fn a_bucket_is_drawn_where_its_samples_are() {
    // The first sample came five seconds before the minute was over.
    let mut first = Bucket::of(0, MINUTE, &[], None, 2_000);
    (first.count, first.min, first.max, first.sum) = (5, 200.0, 201.0, 1_003.0);
    let next = Bucket { start_ms: MINUTE, count: 60, sum: 240.0, min: 4.0, max: 4.0, ..first.clone() };
    let mut series = Series::new(1_000);
    series.fill(vec![first, next]);
    let chart = Chart::new(&series, seconds(120, 120), 120_000, Marks::default());
    assert!((chart.runs.concat()[0].0 - 55.0).abs() < 1e-9, "{:?}", chart.runs);
    assert!(chart.gaps.is_empty());
}

#[test]
fn quantiles_of_points_are_exact_and_of_buckets_close() {
    let values: Vec<(i64, Option<f64>)> = (0..100).map(|second| (second, Some((second + 1) as f64))).collect();
    let numbers = Chart::new(&series(&values), seconds(100, 50), 100_000, Marks::default()).numbers.unwrap();
    let wanted = Numbers { min: 1.0, median: 50.0, p95: 95.0, max: 100.0, count: 100, exact: true };
    assert_eq!(numbers, wanted);
    let long: Vec<(i64, Option<f64>)> = (0..7_200).map(|second| (second, Some((second % 100 + 1) as f64))).collect();
    let numbers = Chart::new(&series(&long), seconds(7_200, 50), 7_200_000, Marks::default()).numbers.unwrap();
    assert!(!numbers.exact && numbers.count == 7_200 && (numbers.max - 100.0).abs() < 1e-9);
    assert!((numbers.median - 50.0).abs() < 3.0 && (numbers.p95 - 95.0).abs() < 3.0, "{numbers:?}");
}

#[test]
fn medians_before_and_after_are_those_in_sight() {
    let values: Vec<(i64, Option<f64>)> =
        (0..60).map(|second| (second, Some(if second < 30 { 200.0 } else { 4.0 }))).collect();
    let marks = |zero| Marks { zero_ms: Some(zero), ..Marks::default() };
    let chart = Chart::new(&series(&values), seconds(60, 60), 60_000, marks(30_000));
    assert_eq!(chart.change, Some(Change { at_ms: 30_000, before: 200.0, after: 4.0, exact: true }));
    for out in [-1, 60_000, 90_000] {
        assert_eq!(Chart::new(&series(&values), seconds(60, 60), 60_000, marks(out)).change, None);
    }
}

#[test]
fn a_scale_begins_at_zero_and_always_holds_its_target() {
    let scale = |extent, target, baseline: Option<f64>| {
        let scale = Scale::of(extent, Marks { target, baseline: baseline.map(|value| (value, None)), zero_ms: None });
        (scale.low, scale.high)
    };
    assert_eq!(scale(Some((0.0, 0.0)), None, None), (0.0, 1.0));
    assert_eq!(scale(Some((20.0, 380.0)), Some(200.0), None), (0.0, 400.0));
    assert_eq!(scale(Some((20.0, 24.0)), Some(200.0), None), (0.0, 200.0));
    // A baseline ten times as high would squeeze the rest.
    assert_eq!(scale(Some((20.0, 24.0)), Some(200.0), Some(2_500.0)), (0.0, 200.0));
    assert_eq!(scale(Some((20.0, 24.0)), Some(200.0), Some(374.0)), (0.0, 400.0));
    assert_eq!(scale(None, Some(0.0), None), (0.0, 1.0));
    let (low, high) = scale(Some((45.2e6, 45.2e6 + 6.0)), None, None);
    assert!(low > 0.0 && high - low >= 4e6, "{low} {high}");
    let (low, high) = scale(Some((-5.0, 3.0)), None, None);
    assert!(low <= -5.0 && high >= 3.0);
    for extent in [(f64::MIN, f64::MAX), (f64::MAX, f64::MAX), (0.0, f64::MIN_POSITIVE), (-1e300, 1.0)] {
        let scale = Scale::of(Some(extent), Marks::default());
        assert!(scale.low < scale.high && scale.ticks().count() < 26, "{extent:?}: {scale:?}");
        assert!(scale.share(extent.1).is_finite());
    }
}

#[test]
fn a_week_in_few_columns_is_ready_at_once_and_reads_back_its_gap() {
    let mut series = Series::new(5_000);
    for at in 0..WEEK / 5_000 {
        let out = (HOUR..HOUR + 40 * MINUTE).contains(&(at * 5_000));
        series.push(at * 5_000, if out { Err("down".into()) } else { Ok(1.0) });
    }
    let lens = Lens { span: 0..WEEK, columns: 7 * 24 * 6 };
    let chart = Chart::new(&series, lens, WEEK, Marks::default());
    assert_eq!((chart.gaps.len(), &chart.gaps[0]), (1, &(6..10)));
    assert!(chart.runs.concat().len() <= 2 * 7 * 24 * 6);
}
