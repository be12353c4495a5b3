//! What the comparison promises, on pairs of sets that are made as services make them: at most one false alarm in a
//! hundred, and a shift of 20 % over 200 samples found in 95 of a hundred.

use super::*;
use crate::deployment::metrics::verdict::Change;
use crate::deployment::metrics::{PaneVerdict, compare};
use rstest::rstest;

/// How the samples of a service may be scattered around 100.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Normal,
    LogNormal,
    /// One in five misses a cache.
    Bimodal,
    /// Student's t with two degrees of freedom: no variance.
    HeavyTail,
    /// Each sample goes on from the one before, around the same level.
    Waves,
    /// Whole numbers, as queries are counted.
    Counts,
}

fn made(shape: Shape, count: usize, scale: f64, dice: &mut Chance) -> Vec<f64> {
    let mut before = dice.normal();
    let mut one = || match shape {
        Shape::Normal => 100.0 + 15.0 * dice.normal(),
        Shape::LogNormal => 100.0 * (0.25 * dice.normal()).exp(),
        Shape::Bimodal => {
            let level = if dice.share() < 0.2 { 250.0 } else { 100.0 };
            level * (0.1 * dice.normal()).exp()
        }
        Shape::HeavyTail => {
            let square = -dice.share().ln();
            (100.0 + 10.0 * dice.normal() / square.sqrt()).max(1.0)
        }
        Shape::Waves => {
            before = 0.6 * before + 0.8 * dice.normal();
            100.0 + 12.0 * before
        }
        Shape::Counts => (100.0 + 12.0 * dice.normal()).round(),
    };
    (0..count).map(|_| one() * scale).collect()
}

/// Of a hundred pairs, how many are evaluated worse.
fn worse(shape: Shape, scale: f64, pairs: usize) -> usize {
    let mut dice = Chance(7 + shape as u64);
    let one = |dice: &mut Chance| {
        let before = Sample::of(&made(shape, 200, 1.0, dice));
        let after = Sample::of(&made(shape, 200, scale, dice));
        compare::verdict(&difference(&before, &after, Statistic::Median).unwrap(), 1.0)
            == PaneVerdict::WorseThanBaseline
    };
    (0..pairs).filter(|_| one(&mut dice)).count()
}

#[rstest]
fn pairs_without_a_change_raise_one_false_alarm_in_a_hundred_at_most(
    #[values(Shape::Normal, Shape::LogNormal, Shape::Bimodal, Shape::HeavyTail, Shape::Waves, Shape::Counts)]
    shape: Shape,
) {
    let alarms = worse(shape, 1.0, 300);
    assert!(alarms <= 3, "{shape:?}: {alarms} of 300");
}

#[rstest]
fn a_shift_of_a_fifth_is_found_in_95_of_a_hundred_pairs(
    #[values(Shape::Normal, Shape::LogNormal, Shape::Bimodal, Shape::HeavyTail, Shape::Waves, Shape::Counts)]
    shape: Shape,
) {
    let found = worse(shape, 1.2, 100);
    assert!(found >= 95, "{shape:?}: {found} of 100");
}

#[test]
fn the_interval_of_a_known_shift_holds_it() {
    let mut dice = Chance(3);
    let held = (0..200).filter(|_| {
        let before = Sample::of(&made(Shape::LogNormal, 120, 1.0, &mut dice));
        let after = Sample::of(&made(Shape::LogNormal, 120, 0.5, &mut dice));
        let Change { low, high, .. } = difference(&before, &after, Statistic::Median).unwrap().change.unwrap();
        (low..=high).contains(&-50.0)
    });
    let held = held.count();
    assert!((194..=200).contains(&held), "{held} of 200 intervals of 99 % hold it");
}

#[test]
fn the_same_samples_give_the_same_interval() {
    let mut dice = Chance(5);
    let sets = [1.0, 1.3].map(|scale| Sample::of(&made(Shape::Normal, 200, scale, &mut dice)));
    let one = difference(&sets[0], &sets[1], Statistic::P95).unwrap();
    assert_eq!(one, difference(&sets[0], &sets[1], Statistic::P95).unwrap());
    let change = one.change.unwrap();
    assert!((20.0..40.0).contains(&change.percent) && change.low < change.percent && change.percent < change.high);
}

#[test]
fn two_hundred_and_one_queries_and_four_differ_by_98_percent() {
    let (before, after) = (Sample::of(&[201.0; 30]), Sample::of(&[4.0; 30]));
    let change = difference(&before, &after, Statistic::Median).unwrap().change.unwrap();
    let shown = [change.percent, change.low, change.high].map(|share| format!("{share:.1}"));
    assert_eq!(shown, ["-98.0"; 3]);
}

#[test]
fn from_zero_there_is_no_percent_and_a_difference_all_the_same() {
    let found = difference(&Sample::of(&[0.0; 40]), &Sample::of(&[3.0; 40]), Statistic::Median).unwrap();
    assert_eq!((found.low, found.high, found.change), (3.0, 3.0, None));
    assert_eq!(difference(&Sample::of(&[]), &Sample::of(&[1.0]), Statistic::Median), None);
}

#[test]
fn one_number_has_no_scatter_of_its_own() {
    let single = Sample::single(100.0);
    assert_eq!(single.interval(Statistic::Median), (100.0, 100.0));
    let mut dice = Chance(11);
    let after = Sample::of(&made(Shape::Normal, 200, 1.0, &mut dice));
    let change = difference(&single, &after, Statistic::Median).unwrap().change.unwrap();
    assert!(change.low < 0.0 && change.high > 0.0, "{change:?}");
}

#[test]
fn samples_that_follow_each_other_are_worth_fewer() {
    let mut dice = Chance(13);
    let alone: f64 =
        (0..50).map(|_| Sample::of(&made(Shape::Normal, 200, 1.0, &mut dice)).worth[0]).sum::<f64>() / 50.0;
    let waves: f64 = (0..50).map(|_| Sample::of(&made(Shape::Waves, 200, 1.0, &mut dice)).worth[0]).sum::<f64>() / 50.0;
    assert!(alone > 180.0, "{alone} of 200");
    // What lies above the median follows itself by 0.41, 0.23, 0.14 …: 200 samples are worth about 75.
    assert!((55.0..110.0).contains(&waves), "{waves} of 200");
}

#[test]
fn the_median_and_the_95th_percentile_are_those_of_the_samples() {
    let values: Vec<f64> = (1..=100).map(f64::from).collect();
    let sample = Sample::of(&values);
    assert_eq!((sample.at(Statistic::Median), sample.at(Statistic::P95)), (50.5, 95.5));
    assert!((Sample::of(&[7.0]).at(Statistic::P95) - 7.0).abs() < 1e-9);
    assert_eq!(Sample::of(&[f64::NAN, 2.0, f64::INFINITY]).count(), 1);
}
