//! The store against a naive reference that keeps every sample.

use super::*;
use crate::metrics::series::bucket::{Bucket, NO_SAMPLE};
use crate::metrics::series::{Gap, sketch};
use chrono::DateTime;
use proptest::prelude::*;
use std::ops::Range;
use std::time::Instant;

const HOUR_MS: i64 = 3_600_000;
/// A whole ten minutes.
const START_MS: i64 = 1_700_000_400_000;

fn sample(pane: &str, at_ms: i64, value: Result<f64, &str>) -> Sample {
    Sample {
        pane: pane.into(),
        environment: "production".into(),
        at: Instant::now(),
        time: DateTime::from_timestamp_millis(at_ms).unwrap(),
        value: value.map_err(Gap::new),
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(work)
}

async fn buckets(store: &Store, span: Range<i64>, columns: usize) -> Vec<Bucket> {
    store.buckets(&"production".into(), &"lots".into(), span, columns).await.unwrap()
}

/// What a bucket must be, from all samples.
fn check(bucket: &Bucket, samples: &[Sample]) -> Result<(), TestCaseError> {
    let within = bucket.start_ms..bucket.start_ms + bucket.width_ms;
    let inside: Vec<&Sample> =
        samples.iter().filter(|sample| within.contains(&sample.time.timestamp_millis())).collect();
    let mut numbers: Vec<f64> = inside.iter().filter_map(|sample| sample.value.as_ref().ok().copied()).collect();
    numbers.sort_unstable_by(f64::total_cmp);
    prop_assert_eq!(bucket.count, numbers.len() as u64, "{:?}", bucket);
    if inside.iter().any(|sample| sample.value.is_err()) {
        prop_assert_eq!(bucket.gap.as_deref(), Some("down"), "a gap is never averaged away: {:?}", bucket);
    }
    let (Some(min), Some(max)) = (numbers.first(), numbers.last()) else {
        prop_assert_eq!((bucket.median, bucket.p95), (None, None));
        return Ok(());
    };
    prop_assert_eq!((bucket.min, bucket.max), (*min, *max));
    let sum: f64 = numbers.iter().sum();
    prop_assert!((bucket.sum - sum).abs() <= 1e-9 * numbers.iter().map(|n| n.abs()).sum::<f64>().max(1.0));
    for (percent, reported) in [(50, bucket.median), (95, bucket.p95)] {
        let should = numbers[(numbers.len() * percent).div_ceil(100).max(1) - 1];
        let is = reported.unwrap();
        let near = (should * sketch::ERROR).max(sketch::LEAST_ERROR);
        prop_assert!((is - should).abs() <= near, "{percent}: {is} for {should}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn buckets_are_what_all_samples_say(
        // Times jump forward and back, as those of a clock that is set, or of two collectors at once.
        steps in proptest::collection::vec((-30_000_i64..90_000, proptest::option::weighted(0.9, 0.0..1e7_f64)), 1..250),
        rolls in proptest::collection::vec(0_usize..250, 0..5),
        from in -2 * HOUR_MS..2 * HOUR_MS,
        length in 1_000_i64..30 * HOUR_MS,
        wanted in 1_usize..120,
    ) {
        run(async {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path()).await.unwrap();
            let (mut at_ms, mut samples) = (START_MS, Vec::new());
            for (index, (step, value)) in steps.iter().enumerate() {
                at_ms += step;
                let one = sample("lots", at_ms, value.ok_or("down"));
                store.append(&[one.clone(), sample("other", at_ms, Ok(1.0))]).await.unwrap();
                samples.push(one);
                if rolls.contains(&index) {
                    store.roll().await.unwrap();
                }
            }
            let shown = buckets(&store, START_MS + from..START_MS + from + length, wanted).await;
            prop_assert!((1..=wanted).contains(&shown.len()));
            for pair in shown.windows(2) {
                prop_assert_eq!(pair[0].start_ms + pair[0].width_ms, pair[1].start_ms);
            }
            for bucket in &shown {
                check(bucket, &samples)?;
            }
            Ok(())
        })?;
    }
}

#[test]
fn what_is_old_is_kept_in_coarser_buckets_and_a_hole_stays_one() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        store.describe(&"production".into(), &"lots".into(), "ms", Duration::from_secs(30)).await.unwrap();
        let days = 5 * 24 * HOUR_MS;
        let hole = START_MS + 40 * HOUR_MS..START_MS + 44 * HOUR_MS;
        let times = (0..days / 30_000).map(|n| START_MS + n * 30_000).filter(|at| !hole.contains(at));
        let samples: Vec<Sample> = times.map(|at| sample("lots", at, Ok((at % 97_000) as f64 / 100.0))).collect();
        // As a collector does it, ten minutes after ten minutes.
        for ten_minutes in samples.chunk_by(|a, b| {
            let of = |sample: &Sample| sample.time.timestamp_millis().div_euclid(TEN_MINUTES_MS);
            of(a) == of(b)
        }) {
            store.append(ten_minutes).await.unwrap();
            let now_ms = ten_minutes.last().unwrap().time.timestamp_millis();
            store.let_go(now_ms, TEN_MINUTES_MS).await.unwrap();
        }
        let end = START_MS + days;
        store.let_go(end, TEN_MINUTES_MS).await.unwrap();
        let count = "SELECT count(*) FROM bucket WHERE width_ms = 60000";
        let minutes: i64 = sqlx::query_scalar(count).fetch_one(&store.pool).await.unwrap();
        assert_eq!(minutes, 72 * 60, "minutes are let go too");

        let all = buckets(&store, START_MS..end, 240).await;
        assert_eq!(all[0].width_ms % TEN_MINUTES_MS, 0, "{:?}", all[0]);
        let counted: u64 = all.iter().map(|bucket| bucket.count).sum();
        assert_eq!(counted, samples.len() as u64, "nothing is lost by getting older");
        for bucket in &all {
            check(bucket, &samples).unwrap();
            let gone = hole.contains(&bucket.start_ms) && hole.contains(&(bucket.start_ms + bucket.width_ms - 1));
            assert_eq!(bucket.gap.as_deref(), gone.then_some(NO_SAMPLE), "{bucket:?}");
        }
        let one_hour = |from: i64| from..from + HOUR_MS;
        let fine = buckets(&store, one_hour(end - 2 * HOUR_MS), 100).await;
        assert!(fine[0].width_ms < MINUTE_MS, "of the last day every sample is there");
        let minutes = buckets(&store, one_hour(end - 50 * HOUR_MS), 100).await;
        assert_eq!(minutes[0].width_ms, MINUTE_MS);
        let tens = buckets(&store, one_hour(START_MS + HOUR_MS), 100).await;
        assert_eq!(tens[0].width_ms, TEN_MINUTES_MS);
        for bucket in fine.iter().chain(&minutes).chain(&tens) {
            check(bucket, &samples).unwrap();
        }
        let raw = store.since(0, u32::MAX).await.unwrap();
        assert_eq!(raw.first().unwrap().point.at_ms, end - RAW_MS);
        store.let_go(end + 60 * 24 * HOUR_MS, HOUR_MS).await.unwrap();
        let left = store.since(0, u32::MAX).await.unwrap();
        assert!(left.len() * 10 > raw.len() * 8, "a clock that jumped lets go of hours, not of everything");
    });
}

#[test]
fn a_file_from_before_there_were_buckets_is_taken_over() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let before = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let old = "CREATE TABLE samples (environment TEXT NOT NULL, pane TEXT NOT NULL, at_ms INTEGER NOT NULL, \
            value REAL, reason TEXT, CHECK ((value IS NULL) = (reason IS NOT NULL)));\
            CREATE INDEX idx_samples_pane ON samples (environment, pane, at_ms);\
            INSERT INTO samples VALUES ('production', 'lots', 5, 1.5, NULL), ('production', 'lots', 6, NULL, 'away'),\
            ('staging', 'lots', 7, 9.0, NULL);";
        sqlx::raw_sql(old).execute(&before).await.unwrap();
        before.close().await;
        assert!(Store::look(folder.path()).await.unwrap().is_none(), "who only looks takes nothing over");
        let store = Store::open(folder.path()).await.unwrap();
        let last = store.last(&"production".into(), &"lots".into(), 9).await.unwrap();
        let values: Vec<_> = last.iter().map(|point| (point.at_ms, point.value.clone())).collect();
        assert_eq!(values, [(5, Ok(1.5)), (6, Err(Gap::new("away")))]);
        let shown = buckets(&store, 0..600_000, 1).await;
        assert_eq!((shown[0].count, shown[0].gap.as_deref()), (1, Some("away")));
        store.close().await;
        let store = Store::open(folder.path()).await.unwrap();
        assert_eq!(store.newest().await.unwrap(), 3, "once");
        sqlx::raw_sql("PRAGMA user_version = 9").execute(&store.pool).await.unwrap();
        store.close().await;
        let newer = Store::open(folder.path()).await.unwrap_err();
        assert!(newer.to_string().contains("format 9"), "{newer}");
    });
}

#[test]
fn a_full_disk_is_reported_and_nothing_that_was_kept_is_lost() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        store.append(&[sample("lots", START_MS, Ok(1.0))]).await.unwrap();
        // The database may not grow any more: to it that is a full disk.
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&store.pool).await.unwrap();
        let capped = format!("PRAGMA max_page_count = {pages}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(capped)).execute(&store.pool).await.unwrap();
        let writer = Writer::start(store.clone());
        let mut trouble = writer.trouble();
        for n in 1..3_000 {
            let kept = writer.push(sample("lots", START_MS + n * 1_000, Ok(2.0)));
            assert!(kept.is_ok(), "{n}");
        }
        let soon = std::time::Duration::from_mins(1);
        tokio::time::timeout(soon, trouble.wait_for(Option::is_some)).await.unwrap().unwrap();
        let reported = trouble.borrow().clone().unwrap();
        assert!(
            reported.starts_with("the disk is full: ") && reported.contains("2999 samples wait in memory"),
            "{reported}"
        );
        // The connection was let go after the failure, and a new one knows of no cap.
        assert_eq!(store.newest().await.unwrap(), 1);
        writer.push(sample("lots", START_MS + 3_000_000, Ok(3.0))).unwrap();
        tokio::time::timeout(soon, trouble.wait_for(Option::is_none)).await.unwrap().unwrap();
        assert_eq!(store.since(0, u32::MAX).await.unwrap().len(), 3_001, "all that waited is there");
        writer.finish().await.unwrap();
    });
}

/// By hand: `cargo test --release --lib what_a_week_takes -- --ignored --nocapture`.
#[test]
#[ignore = "measures size and time"]
#[expect(clippy::print_stdout, reason = "it says what it measured")]
fn what_a_week_takes() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let (mut random, panes) = (42_u64, 30);
        let mut next = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) as f64 / f64::from(u32::MAX >> 1)
        };
        let names: Vec<String> = (0..panes).map(|n| format!("pane-{n}")).collect();
        for hour in 0..7 * 24 {
            let mut samples = Vec::new();
            for n in 0..720 {
                for name in &names {
                    let at = START_MS + hour * HOUR_MS + n * 5_000;
                    samples.push(sample(name, at, Ok(20.0 + 400.0 * next().powi(4))));
                }
            }
            for batch in samples.chunks(6 * 60) {
                store.append(batch).await.unwrap();
            }
            store.let_go(START_MS + hour * HOUR_MS + HOUR_MS, HOUR_MS).await.unwrap();
        }
        let end = START_MS + 7 * 24 * HOUR_MS;
        let bytes = std::fs::metadata(folder.path().join(FILE)).unwrap().len();
        println!("{} MB for {panes} panes, 7 days at 5 s", bytes as f64 / 1e6);
        store.close().await;
        for (span, columns) in [(24, 200), (24, 80), (1, 200), (6, 200), (168, 200)] {
            let began = Instant::now();
            let store = Store::look(folder.path()).await.unwrap().unwrap();
            for name in &names[..20] {
                let pane = name.as_str().into();
                store.buckets(&"production".into(), &pane, end - span * HOUR_MS..end, columns).await.unwrap();
            }
            println!("20 panes, {span} h in {columns} columns: {} ms", began.elapsed().as_millis());
        }
    });
}

#[test]
fn samples_that_find_no_room_wait_and_are_written_once_there_is_some() {
    let folder = tempfile::tempdir().unwrap();
    let reported = run(async {
        let store = Store::open(folder.path()).await.unwrap();
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&store.pool).await.unwrap();
        let limit = |pages: i64| sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}")));
        limit(pages).execute(&store.pool).await.unwrap();
        let pool = store.pool.clone();
        let writer = Writer::start(store);
        let mut trouble = writer.trouble();
        for at in 0..3_000 {
            writer.push(sample("lots", START_MS + at * 1_000, Ok(at as f64))).unwrap();
        }
        let soon = std::time::Duration::from_mins(1);
        tokio::time::timeout(soon, trouble.wait_for(Option::is_some)).await.unwrap().unwrap();
        let reported = trouble.borrow().clone().unwrap();
        limit(1 << 30).execute(&pool).await.unwrap();
        // It is tried again with the next sample.
        writer.push(sample("lots", START_MS + 3_000_000, Ok(1.0))).unwrap();
        tokio::time::timeout(soon, trouble.wait_for(Option::is_none)).await.unwrap().unwrap();
        writer.finish().await.unwrap();
        reported
    });
    assert!(reported.contains("the disk is full") && reported.contains("3000 samples wait in memory"), "{reported}");
    run(async {
        let store = Store::open(folder.path()).await.unwrap();
        let all = buckets(&store, START_MS..START_MS + HOUR_MS, 1).await;
        assert_eq!(all.iter().map(|bucket| bucket.count).sum::<u64>(), 3_001);
    });
}
