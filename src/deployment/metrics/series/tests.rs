use super::*;

fn count(series: &Series) -> u64 {
    series.pieces(i64::MIN..i64::MAX).map(|piece| piece.count()).sum()
}

#[test]
fn a_week_is_held_in_bounded_memory_and_nothing_of_it_is_lost() {
    let mut series = Series::new(5_000);
    for at in 0..WEEK / 5_000 {
        series.push(at * 5_000, Ok(if at == 40_000 { 1e6 } else { 10.0 }));
    }
    assert!(series.held() < 3_000, "{} are held", series.held());
    assert_eq!(count(&series), u64::try_from(WEEK / 5_000).unwrap());
    let extents = series.pieces(0..WEEK).filter_map(|piece| piece.extent());
    assert!(extents.map(|(_, most)| most).fold(0.0, f64::max) >= 1e6, "a crest was averaged away");
    assert_eq!(series.from_ms(), Some(0));
    for at in WEEK / 5_000..(3 * WEEK) / 5_000 {
        series.push(at * 5_000, Ok(1.0));
    }
    assert!(series.held() < 3_000, "{} are held", series.held());
    assert!(series.from_ms().unwrap() > WEEK);
}

#[test]
fn a_gap_stays_a_gap_in_a_minute_and_in_ten() {
    let mut series = Series::new(1_000);
    for second in 0..2 * DAY / 1_000 {
        // One second without an answer, and five that nobody looked.
        match second {
            90 => series.push(second * 1_000, Err("down".into())),
            700..705 => {}
            _ => series.push(second * 1_000, Ok(1.0)),
        }
    }
    let gaps: Vec<(i64, &str)> =
        series.pieces(0..2 * DAY).filter_map(|piece| Some((piece.start_ms(), piece.gap()?))).collect();
    assert_eq!(gaps, [(0, "down"), (TEN_MINUTES, NOT_SAMPLED)]);
}

#[test]
fn a_bucket_reports_median_and_p95_of_its_points() {
    let points: Vec<Point> = (1..=100).rev().map(|n| Point { at_ms: n * 10, value: Ok(n as f64) }).collect();
    let bucket = Bucket::of(0, MINUTE, &points, None, i64::MAX);
    assert_eq!((bucket.count, bucket.min, bucket.max, bucket.sum), (100, 1.0, 100.0, 5_050.0));
    assert_eq!((bucket.median, bucket.p95, bucket.gap), (Some(50.5), Some(95.0), None));
    let none = Bucket::of(0, MINUTE, &[Point { at_ms: 1, value: Err("down".into()) }], None, i64::MAX);
    assert_eq!((none.count, none.median, none.gap.as_deref()), (0, None, Some("down")));
}

#[test]
fn points_out_of_order_find_their_place_and_twice_is_once() {
    let mut series = Series::new(1_000);
    for at_ms in [3_000, 1_000, 2_000, 2_000] {
        series.push(at_ms, Ok(at_ms as f64));
    }
    let at: Vec<i64> = series.pieces(0..9_000).map(|piece| piece.start_ms()).collect();
    assert_eq!(at, [1_000, 2_000, 3_000]);
    // One that comes after its minute was summed up is counted there.
    series.push(HOUR, Ok(1.0));
    series.push(2_500, Ok(7_000.0));
    assert_eq!(count(&series), 5);
    assert_eq!(series.pieces(0..MINUTE).next().unwrap().extent(), Some((1_000.0, 7_000.0)));
}

#[test]
fn buckets_fill_in_what_was_before_and_change_nothing_that_is_held() {
    let mut series = Series::new(5_000);
    for at in 0..10 {
        series.push(DAY + 30_000 + at * 5_000, Ok(2.0));
    }
    let older = |width: i64| {
        let points = |start: i64| (0..width / 5_000).map(move |n| Point { at_ms: start + n * 5_000, value: Ok(1.0) });
        let bucket = |start| Bucket::of(start, width, &points(start).collect::<Vec<_>>(), None, i64::MAX);
        (0..=DAY / width).map(|at| bucket(at * width)).collect()
    };
    series.fill(older(TEN_MINUTES));
    assert_eq!(series.from_ms(), Some(0));
    assert_eq!(series.finely_from_ms(), Some(DAY + 30_000));
    let coarse = series.held();
    series.fill(older(MINUTE));
    assert_eq!((series.from_ms(), series.finely_from_ms()), (Some(0), Some(0)));
    assert!(series.held() > coarse);
    let mut end = 0;
    for piece in series.pieces(0..2 * DAY) {
        assert!(piece.start_ms() >= end, "two tell of the same time");
        end = piece.end_ms();
    }
    let last = series.pieces(DAY + 30_000..2 * DAY).map(|piece| piece.extent());
    assert!(last.into_iter().all(|extent| extent == Some((2.0, 2.0))));
    series.fill(Vec::new());
    assert_eq!(series.from_ms(), Some(0));
}

#[test]
fn times_at_the_ends_of_the_world_are_survived() {
    let mut series = Series::new(i64::MAX);
    for at_ms in [i64::MIN, 0, i64::MAX, -1] {
        series.push(at_ms, Ok(1.0));
    }
    series.fill(vec![Bucket::of(i64::MIN, i64::MAX, &[], None, 0)]);
    // What lies a week behind the newest is let go.
    assert_eq!(series.pieces(0..i64::MAX).count(), 0);
    assert_eq!(series.held(), 1);
}

#[test]
fn a_bucket_that_reaches_into_what_is_held_counts_nothing_twice() {
    let mut series = Series::new(5_000);
    for at in 0..60 {
        series.push(TEN_MINUTES / 2 + at * 5_000, Ok(2.0));
    }
    let points: Vec<Point> = (0..120).map(|at| Point { at_ms: at * 5_000, value: Ok(1.0) }).collect();
    series.fill(vec![Bucket::of(0, TEN_MINUTES, &points, None, i64::MAX)]);
    assert_eq!(count(&series), 120);
}
