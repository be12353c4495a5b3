//! What is different between two attempts of one step.

use crate::deployment::attempt::{Attempt, Outcome};
use crate::deployment::numbers;

/// Changes of a duration below this share, or these milliseconds, are noise.
const NOISE: f64 = 0.2;
const BRIEF: u64 = 500;

/// One thing that is not the same: what, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub what: String,
    pub before: String,
    pub after: String,
}

/// The attempt before this one that ended, the latest that passed rather than the latest of all.
pub(crate) fn earlier<'a>(attempts: impl DoubleEndedIterator<Item = &'a Attempt>, of: &Attempt) -> Option<&'a Attempt> {
    let ended: Vec<&Attempt> =
        attempts.rev().filter(|attempt| attempt.number < of.number && attempt.outcome().is_some()).collect();
    let passed = ended
        .iter()
        .find(|attempt| attempt.outcome().is_some_and(|outcome| outcome.verdict == crate::deployment::Verdict::Pass));
    passed.or(ended.first()).copied()
}

/// What changed from one outcome to another: verdict, exit status, numbers, duration, and the sentence when nothing else
/// shows.
pub(crate) fn difference(before: &Outcome, after: &Outcome) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut note = |what: &str, before: String, after: String| {
        if before != after {
            changes.push(Change { what: what.to_owned(), before, after });
        }
    };
    note("verdict", before.verdict.word().to_owned(), after.verdict.word().to_owned());
    let status = |outcome: &Outcome| match (outcome.exit, outcome.signal) {
        (Some(exit), _) => format!("exit {exit}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "none".to_owned(),
    };
    note("status", status(before), status(after));
    note("revision", before.revision.clone().unwrap_or_default(), after.revision.clone().unwrap_or_default());
    for measured in &after.measured {
        let same = |other: &&crate::deployment::Measurement| other.name == measured.name && other.of == measured.of;
        if let Some(known) = before.measured.iter().find(same) {
            let name = match &measured.of {
                Some(of) => format!("{} {of}", measured.name),
                None => measured.name.clone(),
            };
            note(&name, numbers::quantity(known.value, &known.unit), numbers::quantity(measured.value, &measured.unit));
        }
    }
    let apart = before.took_ms.abs_diff(after.took_ms);
    if apart > BRIEF && apart as f64 > before.took_ms as f64 * NOISE {
        note("took", numbers::took(before.took_ms), numbers::took(after.took_ms));
    }
    if changes.is_empty() && before.detail != after.detail {
        changes.push(Change { what: "detail".to_owned(), before: before.detail.clone(), after: after.detail.clone() });
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::attempt::End;
    use crate::deployment::{Measurement, Verdict};

    fn outcome(verdict: Verdict, took_ms: u64, lock: f64) -> Outcome {
        Outcome {
            exit: Some(i32::from(verdict != Verdict::Pass)),
            signal: None,
            took_ms,
            end: End::Completed,
            verdict,
            detail: String::new(),
            measured: vec![Measurement::new("lock", lock, "s")],
            tables: Vec::new(),
            output: None,
            made: None,
            revision: None,
            left: Vec::new(),
            attested: None,
        }
    }

    #[test]
    fn what_changed_is_reported_and_what_did_not_is_left_out() {
        let before = outcome(Verdict::Pass, 2_200, 1.4);
        let after = outcome(Verdict::Fail, 9_000, 6.2);
        let reported: Vec<String> =
            difference(&before, &after).iter().map(|c| format!("{} {} {}", c.what, c.before, c.after)).collect();
        assert_eq!(reported, ["verdict pass fail", "status exit 0 exit 1", "lock 1.4 s 6.2 s", "took 2.2 s 9.0 s"]);
        assert_eq!(difference(&before, &outcome(Verdict::Pass, 2_300, 1.4)), []);
    }
}
