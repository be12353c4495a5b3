//! How fast a running attempt goes, and when it may end.

use crate::checklist::Item;
use crate::deployment::attempt::Attempt;
use crate::deployment::progress::Progress;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// Below this share, or before this much time, the rate says nothing yet.
const LEAST_SHARE: f64 = 0.01;
const LEAST_TIME_MS: u64 = 500;

/// Where an attempt is in time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pace {
    /// Since the attempt began; of one that has ended, how long it lasted.
    pub elapsed: Duration,
    /// Of the stage in hand; `None` when its end is not known.
    pub share: Option<f64>,
    /// Until the stage in hand ends.
    pub eta: Eta,
}

/// An estimate with its basis, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Eta {
    AtThisRate(Duration),
    /// The total is not known.
    NoTotal,
    /// Nothing was done yet that a rate could be taken from.
    TooEarly,
    /// It still runs although by its rate it should have ended: nothing is due before it has happened.
    Overrun,
    Ended,
}

/// Works out the pace of an attempt at `now`.
pub(crate) fn pace(attempt: &Attempt, progress: Option<&Progress>, now: DateTime<Utc>) -> Pace {
    if let Some(outcome) = attempt.outcome() {
        return Pace { elapsed: Duration::from_millis(outcome.took_ms), share: None, eta: Eta::Ended };
    }
    let since = (now - attempt.started).max(TimeDelta::zero()).to_std().unwrap_or_default();
    let reported = Duration::from_millis(progress.map_or(0, |progress| progress.elapsed_ms));
    let elapsed = since.max(reported);
    let Some(progress) = progress.filter(|_| attempt.is_running()) else {
        let eta = if attempt.is_running() { Eta::NoTotal } else { Eta::Ended };
        return Pace { elapsed, share: None, eta };
    };
    let since_reported = elapsed.saturating_sub(Duration::from_millis(progress.elapsed_ms));
    let share = progress.share();
    let statement = progress.statement().filter(|_| share.is_none());
    match statement.and_then(|statement| Some((statement.percent? / 100.0, statement.elapsed_ms))) {
        Some((share, in_hand)) => Pace { elapsed, share: Some(share), eta: at_rate(share, in_hand, since_reported) },
        None => Pace { elapsed, share, eta: eta(progress, share, since_reported) },
    }
}

fn eta(progress: &Progress, share: Option<f64>, since_reported: Duration) -> Eta {
    let Some(share) = share else { return Eta::NoTotal };
    at_rate(share, progress.elapsed_ms.saturating_sub(progress.stage_began_ms), since_reported)
}

/// What is left of something of which `share` took `in_stage` milliseconds. The account may be a moment old; what passed
/// since then is no longer ahead.
fn at_rate(share: f64, in_stage: u64, since_reported: Duration) -> Eta {
    if share < LEAST_SHARE || in_stage < LEAST_TIME_MS {
        return Eta::TooEarly;
    }
    let left = in_stage as f64 * (1.0 - share) / share;
    match Duration::try_from_secs_f64(left / 1_000.0).map(|left| left.checked_sub(since_reported)) {
        Err(_) => Eta::TooEarly,
        Ok(Some(left)) if left >= Duration::from_secs(1) || share < 1.0 => Eta::AtThisRate(left),
        Ok(_) => Eta::Overrun,
    }
}

/// Which stage of an attempt is in hand, and of how many if that can be known: each stage has a bar of its own, which
/// begins anew with it.
pub(crate) fn stage(progress: &Progress) -> (usize, Option<usize>) {
    let number = progress.finished.len() + 1;
    // A migration is proven before its revisions and after them.
    let left = match (progress.step, progress.stage.as_str()) {
        (Some((step, of)), _) => Some(usize::try_from(of.saturating_sub(step)).unwrap_or(0) + 1),
        (None, "fingerprints after") => Some(0),
        _ => None,
    };
    (number, left.map(|left| number + left))
}

/// How long an item may take, from its target on `duration`.
pub(crate) fn budget(item: &Item) -> Option<Duration> {
    let target = item.targets.iter().find(|target| target.measure == "duration")?;
    let seconds = match target.unit.as_str() {
        "ms" => 0.001,
        "s" => 1.0,
        "min" | "m" => 60.0,
        "h" => 3_600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(target.bound.number() * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::attempt::{AttemptNumber, AttemptPhase};
    use crate::deployment::operator::Operator;
    use crate::deployment::progress::StageTook;

    fn attempt(started: DateTime<Utc>) -> Attempt {
        Attempt {
            number: AttemptNumber(1),
            item: "p/s/i".into(),
            environment: "production".into(),
            by: Operator { user: "u".into(), says: "u".into(), host: "h".into(), simulated: None }.into(),
            started,
            phase: AttemptPhase::Running { cancel: None },
        }
    }

    fn progress(done: u64, total: Option<u64>, elapsed_ms: u64, stage_began_ms: u64) -> Progress {
        Progress { done, total, elapsed_ms, stage_began_ms, ..Progress::default() }
    }

    #[test]
    fn the_estimate_goes_by_the_rate_of_its_stage() {
        let started = DateTime::from_timestamp(1_000, 0).unwrap();
        let now = started + TimeDelta::seconds(13);
        let reported = progress(60, Some(90), 12_000, 2_000);
        let pace = pace(&attempt(started), Some(&reported), now);
        assert_eq!(pace.elapsed, Duration::from_secs(13));
        // 60 took 10 s, so 30 take 5 s, one of which has passed since.
        let Eta::AtThisRate(left) = pace.eta else { panic!("{pace:?}") };
        assert_eq!(left.as_millis(), 4_000);
    }

    #[test]
    fn stages_are_counted_from_the_proofs_before_to_the_proofs_after() {
        let took = |stage: &str| StageTook { stage: stage.to_owned(), took_ms: 1, done: 1 };
        let mut reported = Progress { stage: "fingerprints before".into(), ..Progress::default() };
        assert_eq!(stage(&reported), (1, None));
        reported.finished.push(took("fingerprints before"));
        (reported.stage, reported.step) = ("0001 → 0002".into(), Some((2, 3)));
        assert_eq!(stage(&reported), (2, Some(4)));
        reported.finished.push(took("0001 → 0002"));
        reported.step = Some((3, 3));
        assert_eq!(stage(&reported), (3, Some(4)));
        reported.finished.push(took("0002 → 0003"));
        (reported.stage, reported.step) = ("fingerprints after".into(), None);
        assert_eq!(stage(&reported), (4, Some(4)));
    }

    #[test]
    fn what_still_runs_is_never_due() {
        let started = DateTime::from_timestamp(1_000, 0).unwrap();
        let reported = progress(60, Some(90), 12_000, 2_000);
        let of = |seconds| pace(&attempt(started), Some(&reported), started + TimeDelta::seconds(seconds)).eta;
        assert_eq!(of(16), Eta::AtThisRate(Duration::from_secs(1)));
        assert_eq!(of(60), Eta::Overrun);
        let whole = progress(90, Some(90), 12_000, 2_000);
        assert_eq!(pace(&attempt(started), Some(&whole), started + TimeDelta::seconds(12)).eta, Eta::Overrun);
    }

    #[test]
    fn a_statement_on_the_server_stands_in_where_the_output_counts_nothing() {
        use crate::deployment::live::{Live, Statement};
        let started = DateTime::from_timestamp(1_000, 0).unwrap();
        let mut reported = progress(0, None, 12_000, 2_000);
        let statement = Statement { percent: Some(25.0), elapsed_ms: 3_000, ..Statement::default() };
        reported.live = Some(Box::new(Live { statement: Some(statement), ..Live::default() }));
        let pace = pace(&attempt(started), Some(&reported), started + TimeDelta::seconds(12));
        assert_eq!((pace.share, pace.eta), (Some(0.25), Eta::AtThisRate(Duration::from_secs(9))));
    }

    #[test]
    fn without_a_total_or_a_rate_nothing_is_promised() {
        let started = DateTime::from_timestamp(1_000, 0).unwrap();
        let of = |reported: &Progress| pace(&attempt(started), Some(reported), started).eta;
        assert_eq!(of(&progress(60, None, 12_000, 0)), Eta::NoTotal);
        assert_eq!(of(&progress(0, Some(90), 12_000, 0)), Eta::TooEarly);
        assert_eq!(of(&progress(60, Some(90), 100, 0)), Eta::TooEarly);
        assert_eq!(pace(&attempt(started), None, started).eta, Eta::NoTotal);
    }
}
