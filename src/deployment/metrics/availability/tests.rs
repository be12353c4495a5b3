use super::*;

const OBJECTIVE: Objective = Objective { percent: 99.9, over: Span::from_millis(7 * 24 * 3_600_000) };

/// Probed every ten seconds for so many minutes, and looked at when the last probe has stood for its ten.
fn probed(minutes: i64, at: impl Fn(i64) -> Result<bool, &'static str>) -> (Series, i64) {
    let mut series = Series::new(10_000);
    for second in (0..minutes * 60).step_by(10) {
        let value = at(second).map(|up| if up { 100.0 } else { 0.0 });
        series.push(second * 1_000, value.map_err(ToOwned::to_owned));
    }
    (series, minutes * 60_000 - 1)
}

fn evaluated(minutes: i64, at: impl Fn(i64) -> Result<bool, &'static str>) -> (PaneVerdict, Availability, String) {
    let (series, now) = probed(minutes, at);
    let found = availability(&series, OBJECTIVE, now).unwrap();
    (found.verdict(), found.clone(), found.sentence(OBJECTIVE))
}

#[test]
fn a_day_without_a_failure_keeps_all_of_its_budget() {
    let (verdict, found, sentence) = evaluated(24 * 60, |_| Ok(true));
    assert_eq!((verdict, found.percent, found.budget_left), (PaneVerdict::Ok, 100.0, 1.0));
    assert_eq!(sentence, "100 % of 1d, asked every 10s; objective ≥ 99.9 % over 7d; 100 % of the error budget left");
}

#[test]
fn what_was_down_is_taken_from_the_budget_of_the_whole_period() {
    // One minute of the 10 min 4.8 s that 99.9 % of a week allow, twenty hours ago.
    let (verdict, found, sentence) = evaluated(24 * 60, |second| Ok(!(14_400..14_460).contains(&second)));
    assert_eq!(verdict, PaneVerdict::Ok, "{sentence}");
    assert!((found.budget_left - (1.0 - 60.0 / 604.8)).abs() < 1e-6, "{found:?}");
    assert!((found.percent - (1.0 - 60.0 / 86_400.0) * 100.0).abs() < 1e-6, "{found:?}");
    assert!(sentence.contains("90 % of the error budget left"), "{sentence}");
    let (verdict, found, _) = evaluated(24 * 60, |second| Ok(second >= 700));
    assert!(found.budget_left < 0.0 && verdict == PaneVerdict::OverTarget);
}

#[test]
fn a_gap_is_neither_up_nor_down_and_is_reported() {
    let gap = |second: i64| if (3_600..14_400).contains(&second) { Err("no collector ran") } else { Ok(true) };
    let (verdict, found, sentence) = evaluated(24 * 60, gap);
    assert_eq!((verdict, found.percent, found.budget_left), (PaneVerdict::Inconclusive, 100.0, 1.0));
    assert!((found.covered - 21.0 / 24.0).abs() < 0.01, "{found:?}");
    assert!(sentence.ends_with("only 87 % of the time has data"), "{sentence}");
    let never: (Series, i64) = probed(60, |_| Err("no collector ran"));
    assert_eq!(availability(&never.0, OBJECTIVE, never.1), None);
}

#[test]
fn the_three_alarms_of_the_workbook_go_off_and_stop() {
    // Down for all of the last three minutes: 50 times too fast over an hour.
    let (verdict, found, sentence) = evaluated(24 * 60, |second| Ok(second < 86_400 - 180));
    assert_eq!(verdict, PaneVerdict::OverTarget, "{sentence}");
    assert!((found.burns[0].rate - 50.0).abs() < 1.0 && found.burns[0].alarms(), "{found:?}");
    assert!(sentence.contains("times too fast over 1h and 600 over 5m (limit 14.4)"), "{sentence}");
    // Most of an hour later it burns no more, though the hour still shows it.
    let over = evaluated(24 * 60, |second| Ok(!(83_000..83_180).contains(&second)));
    assert!(over.1.burns[0].rate > 14.4 && !over.1.burns[0].alarms(), "{:?}", over.1);
    assert!(!over.1.burns[1].alarms(), "8 times too fast over 6 h, and 0 lately: {:?}", over.1);
    // Every 90th probe for a day: 11 times too fast, which five minutes alone would not show.
    let (verdict, found, _) = evaluated(24 * 60, |second| Ok(second % 900 != 0));
    assert!(found.burns[1].rate > 6.0 && verdict == PaneVerdict::OverTarget, "{found:?}");
    // Twice too fast for three days.
    let (_, found, _) = evaluated(72 * 60, |second| Ok(second % 5_000 != 0));
    assert!(found.burns[2].alarms() && !found.burns[0].alarms() && !found.burns[1].alarms(), "{found:?}");
}

#[test]
fn a_part_has_the_budget_of_its_own_length_and_says_how_much_is_known() {
    let (series, now) = probed(2 * 24 * 60, |second| Ok(!(3_600..3_660).contains(&second)));
    let day = 24 * HOUR;
    let first = part(&series, OBJECTIVE, (0, day), now).unwrap();
    assert!((first.down_ms - 60_000.0).abs() < 1e-6 && (first.covered - 1.0).abs() < 1e-9, "{first:?}");
    // 86.4 s are allowed a day.
    assert!((first.budget_left - (1.0 - 60.0 / 86.4)).abs() < 1e-6, "{first:?}");
    assert!((part(&series, OBJECTIVE, (day, 2 * day), now).unwrap().percent - 100.0).abs() < 1e-9);
    // Of a week two days have passed.
    let week = part(&series, OBJECTIVE, (0, 7 * day), now).unwrap();
    assert!(week.covered > 0.99 && (week.budget_left - (1.0 - 60.0 / 604.8)).abs() < 1e-6, "{week:?}");
    assert_eq!(part(&series, OBJECTIVE, (3 * day, 4 * day), now), None);
    let (_, found, _) = evaluated(24 * 60, |second| Ok(second < 86_400 - 180));
    assert_eq!(found.rates(), "burn rate 50 over 1h, 8.33 over 6h, 2.08 over 3d (of 1d)");
}

#[test]
fn a_single_failure_in_the_first_minutes_is_no_alarm() {
    let (verdict, found, sentence) = evaluated(4, |second| Ok(second != 60));
    assert_eq!(verdict, PaneVerdict::Inconclusive, "{sentence}");
    assert!(found.percent < 99.9 && found.burns.iter().all(|burn| !burn.alarms()), "{found:?}");
}
#[test]
fn budget_and_burn_rate_agree() {
    // Ten seconds of 3.6 s that 99.9 % of an hour allow, in the first four minutes.
    let objective = Objective { percent: 99.9, over: Span::from_millis(3_600_000) };
    let (series, now) = probed(4, |second| Ok(second != 60));
    let found = availability(&series, objective, now).unwrap();
    let used = 1.0 - found.budget_left;
    assert!((used - 10.0 / 3.6).abs() < 1e-6, "{found:?}");
    let (hour, measured) = (found.burns[0], found.burns[0].measured_ms);
    assert!((hour.rate * measured as f64 / 3_600_000.0 - used).abs() < 1e-3, "{found:?}");
    // 10 s of 240 s: 4.2 % where 0.1 % may be.
    assert!((hour.rate - 10.0 / 240.0 / 0.001).abs() < 0.1 && (hour.rate - hour.lately).abs() < 1e-9, "{found:?}");
    assert_eq!(found.rates(), "burn rate 41.67 over 1h (of 4m), 41.67 over 6h (of 4m), 41.67 over 3d (of 4m)");
    // Over more than a window, the window's rate is that of its own time.
    let (_, found, _) = evaluated(24 * 60, |second| Ok(!(14_400..14_460).contains(&second)));
    let three_days = found.burns[2];
    let used = three_days.rate * three_days.measured_ms as f64 / (7.0 * 86_400_000.0);
    assert!((used - (1.0 - found.budget_left)).abs() < 1e-6, "{found:?}");
}

#[test]
fn every_sample_counts_once_by_the_time_it_stands_for() {
    // A second too long for one answer, and what is not asked is not measured.
    let mut series = Series::new(2_000);
    for (at, up) in [(0, true), (2_000, true), (4_000, false), (6_000, true), (8_000, true), (10_000, true)] {
        series.push(at, Ok(if up { 100.0 } else { 0.0 }));
    }
    let whole = part(&series, OBJECTIVE, (0, 12_000), 11_999).unwrap();
    assert!((whole.down_ms - 2_000.0).abs() < 1e-9 && (whole.percent - 100.0 * 10.0 / 12.0).abs() < 1e-9, "{whole:?}");
    // A failure stands for no longer than its interval where the next sample stays away.
    series.push(12_000, Ok(0.0));
    series.push(42_000, Ok(100.0));
    let gap = part(&series, OBJECTIVE, (0, 44_000), 43_999).unwrap();
    assert!((gap.down_ms - 4_000.0).abs() < 1e-9 && (gap.covered - 16.0 / 44.0).abs() < 1e-9, "{gap:?}");
    // As minutes it comes to the same.
    let up = |second: i64| !(600..613).contains(&second) && !(1_000..1_001).contains(&second);
    let mut series = Series::new(2_000);
    (0..3 * 3_600).step_by(2).for_each(|second| series.push(second * 1_000, Ok(if up(second) { 100.0 } else { 0.0 })));
    let hours = part(&series, OBJECTIVE, (0, 3 * HOUR), 3 * HOUR - 1).unwrap();
    assert!((hours.down_ms - 16_000.0).abs() < 1e-6 && (hours.covered - 1.0).abs() < 1e-9, "{hours:?}");
}
