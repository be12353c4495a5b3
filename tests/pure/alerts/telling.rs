//! Who is notified when: once a metric in five minutes, its last state always, nobody in a silence.

use super::*;
use gonogo::deployment::alerts::limiter::{Due, Limiter};

/// Changes to `true` (raised) or `false` (cleared) at these seconds; gives when something is reported, and how many were not.
fn reported(changes: &[(i64, bool)], until: i64, quiet: impl Fn(i64) -> bool) -> Vec<(i64, bool, usize)> {
    let mut night = Night::new();
    let mut limiter = Limiter::default();
    let mut reported = Vec::new();
    for second in 0..until {
        night.now = start_of_night() + TimeDelta::seconds(second);
        let from = night.records.len();
        for (_, raised) in changes.iter().filter(|(at, _)| *at == second) {
            let made = if *raised { night.raise("lots", Trouble::OverTarget) } else { night.clear("lots") };
            assert_eq!(made, 1);
        }
        night.records[from..].iter().for_each(|record| limiter.offer(record));
        for Due { seq, suppressed } in limiter.due(night.now, |_| quiet(second)) {
            let record = night.records.iter().find(|record| record.seq == seq).unwrap();
            reported.push((second, matches!(record.fact, Fact::AlertRaised(_)), suppressed));
        }
    }
    reported
}

#[test]
fn a_metric_is_reported_once_in_five_minutes_and_its_last_state_always() {
    assert_eq!(reported(&[(0, true)], 2_000, |_| false), [(0, true, 0)]);
    assert_eq!(reported(&[(0, true), (60, false)], 2_000, |_| false), [(0, true, 0), (300, false, 0)]);
    let flapping = [(0, true), (20, false), (40, true), (60, false), (80, true), (400, false)];
    assert_eq!(reported(&flapping, 2_000, |_| false), [(0, true, 0), (300, true, 3), (600, false, 0)]);
}

#[test]
fn what_came_and_went_in_a_silence_is_not_reported_and_what_is_left_is() {
    let silent = |second| second < 100;
    assert_eq!(reported(&[(10, true), (50, false)], 2_000, silent), []);
    assert_eq!(reported(&[(10, true)], 2_000, silent), [(100, true, 0)]);
    assert_eq!(reported(&[(10, true), (50, false), (90, true)], 2_000, silent), [(100, true, 2)]);
    let later = reported(&[(10, true), (50, false), (500, true)], 2_000, silent);
    assert_eq!(later, [(500, true, 2)], "with the next one");
}

#[test]
fn a_collector_that_follows_a_killed_one_does_not_tell_everything_again() {
    let mut night = Night::new();
    night.raise("lots", Trouble::OverTarget);
    night.pass(100);
    night.clear("lots");
    night.pass(60);
    let mut limiter = Limiter::resume(&night.records, night.now);
    assert_eq!(limiter.due(night.now, |_| false), [], "the five minutes count on");
    night.pass(140);
    let due = limiter.due(night.now, |_| false);
    assert_eq!(due.iter().map(|due| due.seq).collect::<Vec<_>>(), [night.records.last().unwrap().seq]);
    night.pass(7_200);
    assert_eq!(Limiter::resume(&night.records, night.now).due(night.now, |_| false), [], "hours old, it is no news");
}

#[test]
fn nobody_is_called_for_what_somebody_knows_and_its_end_is_reported() {
    let mut night = Night::new();
    night.raise("lots", Trouble::OverTarget);
    night.pass(5);
    night.ask(Intent::AcknowledgeAlert { alert: AlertNumber(1), note: None }).unwrap();
    // The collector was killed when it had just recorded it.
    let mut limiter = Limiter::resume(&night.records, night.now);
    let due = |limiter: &mut Limiter, night: &Night| {
        limiter.due(night.now, |pane| night.state.alerts.is_quiet(pane, night.now))
    };
    assert_eq!(due(&mut limiter, &night), []);
    night.pass(5);
    night.clear("lots");
    limiter.offer(night.records.last().unwrap());
    assert_eq!(due(&mut limiter, &night).len(), 1);
}
