use super::*;
use crate::checklist::offset::Span;
use crate::checklist::pane::{Baseline, Source, Statistic};
use crate::checklist::target::Bound;
use crate::deployment::metrics::reference::Reference;
use chrono::TimeDelta;

const LATENCY: fn() -> Source = || Source::Latency { path: "/lots".into() };

fn pane(source: Source, bound: Option<Bound>) -> Pane {
    let target = bound.map(|bound| Target { measure: "lots".into(), bound, unit: "ms".into() });
    Pane { target, ..Pane::new("lots", "production", source, "ms") }
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_000_000 + second, 0).unwrap()
}

/// Sampled every two seconds up to now.
fn watched(pane: Pane, values: &[Result<f64, &str>]) -> (Watched, DateTime<Utc>) {
    let mut watched = Watched::new(pane, "production".into());
    for (turn, value) in (0..).zip(values) {
        watched.push(at(2 * turn), value.map_err(ToOwned::to_owned));
    }
    (watched, at(2 * (i64::try_from(values.len()).unwrap() - 1).max(0)))
}

fn evaluated(pane: Pane, values: &[Result<f64, &str>]) -> (PaneVerdict, String) {
    let (watched, now) = watched(pane, values);
    let seen = evaluate(&watched, now);
    (seen.verdict, seen.sentence)
}

#[test]
fn a_number_is_held_against_its_target() {
    let of = |value, bound| evaluated(pane(Source::DatabaseSize, Some(bound)), &[Ok(value)]);
    assert_eq!(of(4.0, Bound::AtMost(4.0)), (PaneVerdict::Ok, "4 ms (≤ 4 ms)".into()));
    assert_eq!(of(5.0, Bound::AtMost(4.0)).0, PaneVerdict::OverTarget);
    assert_eq!(of(0.0, Bound::Equals(0.0)).0, PaneVerdict::Ok);
    let (verdict, sentence) = evaluated(pane(Source::DatabaseSize, None), &[Ok(5.0)]);
    assert_eq!((verdict, sentence.as_str()), (PaneVerdict::Inconclusive, "5 ms, no target"));
}

#[test]
fn one_slow_request_in_twenty_is_no_breach_and_two_are() {
    let below = || pane(LATENCY(), Some(Bound::Below(200.0)));
    let mut values = vec![Ok(24.0); 39];
    values.push(Ok(900.0));
    values.push(Ok(900.0));
    assert_eq!(evaluated(below(), &values).0, PaneVerdict::Ok, "2 of 41");
    values.push(Ok(900.0));
    let (verdict, sentence) = evaluated(below(), &values);
    assert_eq!((verdict, sentence.as_str()), (PaneVerdict::OverTarget, "p95 900 ms, target < 200 ms, of 42 samples"));
}

#[test]
fn a_p95_of_few_samples_is_inconclusive_unless_half_of_them_are_beyond() {
    let below = || pane(LATENCY(), Some(Bound::Below(200.0)));
    let few = evaluated(below(), &[Ok(24.0); 19]);
    assert_eq!(few, (PaneVerdict::Inconclusive, "19 of 20 samples for a p95 (< 200 ms)".into()));
    assert_eq!(evaluated(below(), &[Ok(24.0); 20]).0, PaneVerdict::Ok);
    assert_eq!(evaluated(below(), &[Ok(950.0); 2]).0, PaneVerdict::Inconclusive);
    assert_eq!(evaluated(below(), &[Ok(950.0); 3]).0, PaneVerdict::OverTarget);
}

#[test]
fn what_is_missing_or_old_is_no_data_with_its_reason() {
    let below = || pane(LATENCY(), Some(Bound::Below(200.0)));
    assert_eq!(evaluated(below(), &[]), (PaneVerdict::NoData, "nothing measured yet".into()));
    let gap = evaluated(below(), &[Ok(5.0), Err("connection refused")]);
    assert_eq!(gap, (PaneVerdict::NoData, "connection refused".into()));
    let (watched, now) = watched(below(), &[Ok(5.0); 30]);
    assert_eq!(evaluate(&watched, now + TimeDelta::seconds(9)).verdict, PaneVerdict::Ok);
    let late = evaluate(&watched, now + TimeDelta::seconds(11));
    assert_eq!((late.verdict, late.value, late.sentence.as_str()), (PaneVerdict::NoData, None, "no sample for 11 s"));
}

#[test]
fn the_release_before_does_not_speak_for_the_one_that_is_there() {
    let mut values = vec![Ok(1_130.0); 40];
    values.extend([Ok(29.0); 25]);
    let (mut watched, now) = watched(pane(LATENCY(), Some(Bound::Below(200.0))), &values);
    assert_eq!(evaluate(&watched, now).verdict, PaneVerdict::OverTarget);
    let released = |second| Reference { released_ms: Some(at(second).timestamp_millis()), ..Reference::default() };
    watched.compared_with(released(80));
    let seen = evaluate(&watched, now);
    assert_eq!((seen.verdict, seen.sentence.as_str()), (PaneVerdict::Ok, "p95 29 ms (< 200 ms), of 25 samples"));
    watched.compared_with(released(100));
    assert_eq!(evaluate(&watched, now).sentence, "15 of 20 samples for a p95 (< 200 ms)");
}

/// A wave around a level.
fn around(level: f64, count: usize) -> Vec<Result<f64, &'static str>> {
    (0..count).map(|turn| Ok(level + (turn as f64 * 2.4).sin() * level / 10.0)).collect()
}

fn compared(bound: Option<Bound>, before: f64, after: &[Result<f64, &'static str>]) -> Assessment {
    let mut pane = pane(Source::DatabaseSize, bound);
    pane.baseline = Some(Baseline::Before { before: Span::from_millis(3_600_000), of: None });
    let (mut watched, now) = watched(pane, after);
    let values: Vec<f64> = around(before, 200).into_iter().map(Result::unwrap).collect();
    let known = Some(Known::of(Sample::of(&values), Statistic::Median));
    watched.compared_with(Reference { known, ..Reference::default() });
    evaluate(&watched, now)
}

#[test]
fn worse_than_the_baseline_says_by_how_much_and_how_that_was_found() {
    let seen = compared(None, 100.0, &around(122.0, 120));
    assert_eq!(seen.verdict, PaneVerdict::WorseThanBaseline, "{}", seen.sentence);
    let change = seen.change.unwrap();
    assert!((change.percent - 22.0).abs() < 2.0 && change.low > 10.0 && change.high < 34.0, "{change:?}");
    assert!(seen.sentence.starts_with("baseline 100.1 ms: +2"), "{}", seen.sentence);
    assert!(seen.sentence.ends_with("medians of 200 and 120 samples, bootstrap 99 %"), "{}", seen.sentence);
}

#[test]
fn what_is_sure_and_small_is_no_change_and_less_is_better() {
    assert_eq!(compared(None, 100.0, &around(106.0, 200)).verdict, PaneVerdict::Ok);
    let seen = compared(None, 2_600.0, &around(24.0, 120));
    assert_eq!((seen.verdict, seen.change.unwrap().percent.round()), (PaneVerdict::Ok, -99.0));
    let fewer = compared(Some(Bound::AtLeast(10.0)), 100.0, &around(70.0, 120));
    assert_eq!(fewer.verdict, PaneVerdict::WorseThanBaseline, "throughput that fell: {}", fewer.sentence);
}

#[test]
fn too_few_samples_are_named_and_a_target_that_holds_is_enough() {
    let few = compared(None, 100.0, &around(500.0, 13));
    assert_eq!(few.verdict, PaneVerdict::Inconclusive);
    assert_eq!(few.sentence, "baseline 100.1 ms: 7 more samples needed");
    assert_eq!(compared(Some(Bound::Below(900.0)), 100.0, &around(500.0, 13)).verdict, PaneVerdict::Ok);
    let worse = compared(Some(Bound::Below(900.0)), 100.0, &around(500.0, 60));
    assert_eq!(worse.verdict, PaneVerdict::WorseThanBaseline);
    assert_eq!(compared(Some(Bound::Below(200.0)), 100.0, &around(500.0, 60)).verdict, PaneVerdict::OverTarget);
}

/// Sampled every minute for so long.
fn memory(minutes: i64, value: impl Fn(f64) -> Option<f64>) -> (PaneVerdict, String) {
    let mut pane = pane(Source::DatabaseSize, None);
    pane.every = Span::from_millis(60_000);
    pane.stable = Some(Stable { percent: 5.0, over: Stable::OVER });
    let mut watched = Watched::new(pane, "production".into());
    for minute in 0..=minutes {
        let wave = (minute as f64 * 2.4).sin() * 0.5;
        let value = value(minute as f64 / 60.0).map(|value| value + wave);
        watched.push(at(minute * 60), value.ok_or_else(|| "down".to_owned()));
    }
    let seen = evaluate(&watched, at(minutes * 60));
    (seen.verdict, seen.sentence)
}

#[test]
fn memory_is_stable_when_hours_say_so_and_not_before() {
    assert_eq!(memory(60, |_| Some(100.0)), (PaneVerdict::Inconclusive, "stability: 1h of 2h so far".into()));
    let (verdict, sentence) = memory(300, |_| Some(100.0));
    assert_eq!(verdict, PaneVerdict::Ok, "{sentence}");
    assert!(sentence.ends_with("(≤ 5 %/h over 2h), Theil-Sen 99 %"), "{sentence}");
    let (verdict, sentence) = memory(300, |hour| Some(100.0 + 20.0 * hour));
    assert_eq!(verdict, PaneVerdict::OverTarget, "{sentence}");
    let (verdict, sentence) = memory(300, |hour| (!(3.2..4.8).contains(&hour)).then_some(100.0));
    assert_eq!(verdict, PaneVerdict::Inconclusive);
    assert!(sentence.ends_with("of 2h with gaps"), "{sentence}");
}
