use super::*;
use crate::checklist::offset::Span;
use crate::metrics::series::bucket::Many;
use chrono::TimeDelta;
use proptest::prelude::*;

const DOWN: &str = "connection refused";
const EVERY: i64 = 5_000;
const DAY: i64 = 86_400_000;

fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_040_000 + ms).unwrap()
}

fn ms(ms: i64) -> i64 {
    at(ms).timestamp_millis()
}

fn period(length: i64) -> Period {
    Period { from: at(0), until: at(length), over: Span::from_millis(u64::try_from(length).unwrap()) }
}

fn target(measure: &str, bound: Bound, unit: &str) -> Target {
    Target { measure: measure.into(), bound, unit: unit.into() }
}

/// Samples one by one, `EVERY` apart; none where the time was missed, a reason where there was no number.
fn raw(samples: &[Option<Result<f64, &str>>]) -> Parts {
    let parts = samples.iter().enumerate().filter_map(|(index, sample)| {
        let at_ms = ms(i64::try_from(index).unwrap() * EVERY);
        Some(match (*sample)? {
            Ok(value) => Part::Number { at_ms, value },
            Err(reason) => Part::Gap { at_ms, reason: reason.to_owned(), down: reason == DOWN },
        })
    });
    Parts { parts: parts.collect(), before: None, every_ms: EVERY }
}

/// The same put together by the minute.
fn by_the_minute(samples: &[Option<Result<f64, &str>>]) -> Parts {
    let minutes = samples.chunks(12).enumerate().map(|(index, minute)| {
        let numbers: Vec<f64> = minute.iter().filter_map(|sample| (*sample)?.ok()).collect();
        let mut sketch = Sketch::new();
        for number in &numbers {
            sketch.record(*number);
        }
        Part::Many(Many {
            start_ms: ms(i64::try_from(index).unwrap() * 60_000),
            width_ms: 60_000,
            count: numbers.len() as u64,
            min: numbers.iter().copied().fold(f64::INFINITY, f64::min),
            max: numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            sum: numbers.iter().sum(),
            gap: minute.iter().rev().find_map(|sample| (*sample)?.err()).map(ToOwned::to_owned),
            down: minute.iter().rev().find_map(|sample| (*sample)?.err()) == Some(DOWN),
            sketch: sketch.to_bytes(),
        })
    });
    Parts { parts: minutes.collect(), before: None, every_ms: EVERY }
}

fn read(stored: &Parts, targets: &[Target], length: i64, now: i64) -> Reading {
    let (period, now) = (period(length), at(now));
    let wanted = Some(Bound::Below(200.0));
    evaluate(&Seen::of(stored, &period, now), targets, ("ms", wanted), &period, now)
}

fn good(count: usize) -> Vec<Option<Result<f64, &'static str>>> {
    (0..count).map(|n| Some(Ok(100.0 + (n % 7) as f64))).collect()
}

#[test]
fn a_day_passes_in_a_moment_and_is_watched_until_it_is_over() {
    let p95 = [target("p95", Bound::Below(200.0), "ms")];
    for stored in [raw(&good(17_280)), by_the_minute(&good(17_280))] {
        let after = |hours: i64| read(&stored, &p95, DAY, hours * 3_600_000);
        let early = after(6);
        assert_eq!((early.verdict, early.lost), (None, None));
        assert!(early.detail.starts_with("watching, 6 h of 24 h, 100.0 % covered; so far p95 106"), "{}", early.detail);
        let over = after(24);
        assert_eq!(over.verdict, Some(Verdict::Pass), "{}", over.detail);
        assert!(over.detail.starts_with("over 24 h, 100.0 % covered: p95 106"), "{}", over.detail);
    }
}

#[test]
fn what_can_not_hold_any_more_fails_at_once_and_not_before() {
    let mut samples = good(17_280);
    // A day has 17,280 samples: 864 of them may be over a p95.
    samples[2_000..2_865].fill(Some(Ok(400.0)));
    let stored = raw(&samples);
    let p95 = [target("p95", Bound::Below(200.0), "ms")];
    assert_eq!(read(&stored, &p95, DAY, 2_860 * EVERY).verdict, None);
    let lost = read(&raw(&samples[..2_866]), &p95, DAY, 2_866 * EVERY);
    assert_eq!(lost.verdict, Some(Verdict::Fail));
    assert!(
        lost.detail.starts_with("865 samples do not meet p95 < 200 ms: too many for the rest of"),
        "{}",
        lost.detail
    );
    let max = [target("max", Bound::AtMost(0.0), "errors")];
    let errors: Vec<_> = (0..100).map(|n| Some(Ok(f64::from(u8::from(n >= 50))))).collect();
    assert_eq!(read(&raw(&errors[..50]), &max, DAY, 50 * EVERY).verdict, None);
    let lost = read(&raw(&errors[..51]), &max, DAY, 51 * EVERY);
    assert_eq!((lost.verdict, lost.lost.as_deref()), (Some(Verdict::Fail), Some("max is 1 (≤ 0 errors)")));
}

#[test]
fn a_gap_is_never_a_pass() {
    let p95 = [target("p95", Bound::Below(200.0), "ms")];
    let mut samples = good(17_280);
    samples[10_000..10_870].fill(None);
    for stored in [raw(&samples), by_the_minute(&samples)] {
        let over = read(&stored, &p95, DAY, DAY);
        assert_eq!(over.verdict, Some(Verdict::Inconclusive), "{}", over.detail);
        assert!(over.detail.contains("of 24 h, 95 % are needed: p95 106"), "{}", over.detail);
    }
    assert_eq!(nothing(&period(DAY), at(DAY)).verdict, Some(Verdict::Inconclusive));
    assert_eq!(nothing(&period(DAY), at(DAY - 1)).verdict, None);
    // A failure needs no coverage.
    samples[..2_000].fill(Some(Ok(400.0)));
    assert_eq!(read(&raw(&samples), &p95, DAY, DAY).verdict, Some(Verdict::Fail));
}

#[test]
fn a_source_that_is_down_is_unavailable_and_a_collector_that_is_down_is_not() {
    let availability = [target("availability", Bound::AtLeast(99.9), "%")];
    let mut samples = good(17_280);
    samples[100..117].fill(Some(Err(DOWN)));
    let over = read(&raw(&samples), &availability, DAY, DAY);
    assert_eq!(over.verdict, Some(Verdict::Pass), "{}", over.detail);
    samples[200..202].fill(Some(Err(DOWN)));
    let lost = read(&raw(&samples[..300]), &availability, DAY, 300 * EVERY);
    assert_eq!(lost.verdict, Some(Verdict::Fail), "{}", lost.detail);
    let mut samples = good(17_280);
    samples[100] = Some(Err("no collector ran for 500 s"));
    samples[101..200].fill(None);
    let over = read(&raw(&samples), &availability, DAY, DAY);
    assert_eq!(over.verdict, Some(Verdict::Pass), "{}", over.detail);
    // Nothing was asked: nobody knows.
    samples[101..1_100].fill(None);
    assert_eq!(read(&raw(&samples), &availability, DAY, DAY).verdict, Some(Verdict::Inconclusive));
}

#[test]
fn memory_that_creeps_grows_and_one_that_swings_does_not() {
    let growth = [target("growth", Bound::AtMost(10.0), "%")];
    let of = |value: &dyn Fn(f64) -> f64| {
        let samples: Vec<_> = (0..17_280_u32).map(|n| Some(Ok(value(f64::from(n) / 17_280.0)))).collect();
        read(&raw(&samples), &growth, DAY, DAY)
    };
    assert_eq!(of(&|share| 500.0 + 100.0 * share).verdict, Some(Verdict::Fail));
    assert_eq!(of(&|share| 500.0 + 10.0 * (share * 60.0).sin()).verdict, Some(Verdict::Pass));
    // Nobody can tell a wide swing from growth of as much.
    assert_ne!(of(&|share| 500.0 + 40.0 * (share * 60.0).sin()).verdict, Some(Verdict::Fail));
    assert_eq!(of(&|share| if share > 0.95 { 900.0 } else { 500.0 }).verdict, Some(Verdict::Pass), "one late peak");
    assert_eq!(read(&raw(&good(20)), &growth, DAY, DAY).verdict, Some(Verdict::Inconclusive));
}

#[test]
fn a_rehearsal_says_that_its_period_is_shorter() {
    let period = Period { until: at(120_000), ..period(DAY) };
    let now = at(30_000);
    let seen = Seen::of(&raw(&good(6)), &period, now);
    let reading = evaluate(&seen, &[target("max", Bound::Below(200.0), "ms")], ("ms", None), &period, now);
    let says =
        "watching, 6 h of 24 h (rehearsal: 2 min by the wall, samples as usual), 100.0 % covered; so far max 105";
    assert!(reading.detail.starts_with(says), "{}", reading.detail);
    assert_eq!(period.length(), TimeDelta::minutes(2));
}

/// What one sample is: three of four are numbers.
fn samples() -> impl Strategy<Value = Vec<Option<Result<f64, &'static str>>>> {
    let one = prop_oneof![
        12 => (1.0..400.0_f64).prop_map(|value| Some(Ok(value))),
        1 => Just(Some(Err(DOWN))),
        1 => Just(Some(Err("no collector ran for 5 s"))),
        1 => Just(None),
    ];
    proptest::collection::vec(one, 1..400)
}

proptest! {
    #[test]
    fn what_is_put_together_is_what_a_naive_reader_finds(samples in samples(), unknown in 1_usize..100) {
        let length = i64::try_from(samples.len() + unknown).unwrap() * EVERY;
        let now = i64::try_from(samples.len()).unwrap() * EVERY;
        let seen = Seen::of(&raw(&samples), &period(length), at(now));
        let mut numbers: Vec<f64> = samples.iter().filter_map(|sample| (*sample)?.ok()).collect();
        numbers.sort_unstable_by(f64::total_cmp);
        prop_assert_eq!(seen.count, numbers.len() as u64);
        // Step by step: what was known last, for at most three intervals.
        let (mut covered, mut down) = (0, 0);
        for index in 0..samples.len() {
            let before = (0..=index).rev().find(|at| samples[*at].is_some());
            let later = (index + 1..samples.len()).find(|at| samples[*at].is_some());
            let next = later.unwrap_or(samples.len());
            match before.map(|at| (at, samples[at].unwrap())) {
                // Before the first sample, where there is one.
                None => covered += if later.is_some_and(|first| first <= 3) { EVERY } else { 0 },
                Some((at, Ok(_))) => covered += if next - at <= 3 || index == at { EVERY } else { 0 },
                Some((at, Err(DOWN))) => down += if next - at <= 3 || index == at { EVERY } else { 0 },
                Some((_, Err(_))) => {}
            }
        }
        prop_assert_eq!((seen.covered_ms, seen.down_ms), (covered, down));
        if let Some((p95, margin)) = seen.quantile(0.95) {
            let exact = numbers[(numbers.len() * 95).div_ceil(100).max(1) - 1];
            prop_assert!((p95 - exact).abs() <= margin + 1e-9, "{} {} {}", p95, exact, margin);
        }
    }

    #[test]
    fn what_is_lost_stays_lost(samples in samples(), more in samples(), bound in 50.0..400.0_f64) {
        let all: Vec<_> = samples.iter().chain(&more).copied().collect();
        let [now, length] = [samples.len(), all.len()].map(|count| i64::try_from(count).unwrap() * EVERY);
        for target in [
            target("p95", Bound::Below(bound), "ms"),
            target("median", Bound::AtMost(bound), "ms"),
            target("max", Bound::Below(bound), "ms"),
            target("min", Bound::AtLeast(bound), "ms"),
            target("within", Bound::AtLeast(bound / 4.0), "%"),
            target("availability", Bound::AtLeast(bound / 4.0), "%"),
        ] {
            let then = read(&raw(&samples), std::slice::from_ref(&target), length, now);
            if then.verdict == Some(Verdict::Fail) && now < length {
                let over = read(&raw(&all), std::slice::from_ref(&target), length, length);
                prop_assert_eq!(over.verdict, Some(Verdict::Fail), "{} then {}", then.detail, over.detail);
            }
        }
    }

    #[test]
    fn minutes_tell_the_same_as_samples(samples in samples(), bound in 50.0..400.0_f64) {
        let whole = samples.len() / 12 * 12;
        prop_assume!(whole > 0);
        let length = i64::try_from(whole).unwrap() * EVERY;
        let target = [target("p95", Bound::Below(bound), "ms")];
        let [one, many] = [raw(&samples[..whole]), by_the_minute(&samples[..whole])]
            .map(|stored| read(&stored, &target, length, length));
        let measure = |reading: &Reading, name: &str| reading.measured.iter().find(|m| m.name == name).map(|m| m.value);
        for name in ["p95", "max", "min", "samples"] {
            let (one, many) = (measure(&one, name), measure(&many, name));
            prop_assert_eq!(one.is_some(), many.is_some(), "{}", name);
            prop_assert!(one.zip(many).is_none_or(|(one, many)| (one - many).abs() < 1e-9), "{}", name);
        }
        // Never a pass where the samples themselves give none.
        if many.verdict == Some(Verdict::Pass) {
            prop_assert_eq!(one.verdict, Some(Verdict::Pass), "{} / {}", one.detail, many.detail);
        }
    }
}
