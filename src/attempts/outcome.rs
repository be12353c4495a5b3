//! Building the outcome of an attempt.

use super::pty::Ended;
use crate::checklist::Target;
use crate::deployment::attempt::{End, Outcome};
use crate::deployment::measurement::{Measurement, Verdict, evaluate};
use std::time::Duration;

/// An outcome of a check that ran to its end, without output and times: the supervisor adds these.
pub(crate) fn completed(verdict: Verdict, detail: impl Into<String>, measured: Vec<Measurement>) -> Outcome {
    Outcome {
        exit: None,
        signal: None,
        took_ms: 0,
        end: End::Completed,
        verdict,
        detail: detail.into(),
        measured,
        tables: Vec::new(),
        output: None,
        made: None,
        revision: None,
        left: Vec::new(),
        attested: None,
    }
}

/// An attempt that could not be carried out at all.
pub(crate) fn not_started(detail: impl Into<String>) -> Outcome {
    Outcome { end: End::NotStarted, ..completed(Verdict::Inconclusive, detail, Vec::new()) }
}

/// An attempt that was ended before its time. What took too long failed; what was cancelled says nothing.
pub(crate) fn ended_early(end: End, detail: impl Into<String>) -> Outcome {
    let verdict = if end == End::TimedOut { Verdict::Fail } else { Verdict::Inconclusive };
    Outcome { end, ..completed(verdict, detail, Vec::new()) }
}

/// The verdict of the targets on top of what was found so far; their sentence is added where there is one.
pub(crate) fn evaluate_targets(outcome: &mut Outcome, targets: &[Target]) {
    if targets.is_empty() {
        return;
    }
    let (verdict, sentence) = evaluate(targets, &outcome.measured);
    if outcome.verdict == Verdict::Pass {
        outcome.verdict = verdict;
        outcome.detail = if outcome.detail.is_empty() { sentence } else { format!("{}; {sentence}", outcome.detail) };
    }
}

/// Seconds with the precision people read.
pub(crate) fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000.0).round() / 1_000.0
}

/// What lives on of a command, and what was ended with it, to be put behind a sentence.
pub(crate) fn company(ended: &Ended) -> String {
    let reported = |words: &str, who: &[String]| match who {
        [] => String::new(),
        who => format!("; {words}: {}", who.join(", ")),
    };
    reported("left running", &ended.left) + &reported("ended with it", &ended.ended_too)
}

/// `exit 3`, `SIGKILL`, for sentences.
pub(crate) fn ending(ended: &Ended) -> String {
    match (ended.exit, ended.signal) {
        (Some(exit), _) => format!("exit {exit}"),
        (None, Some(signal)) => {
            let name = match signal {
                1 => "SIGHUP",
                2 => "SIGINT",
                6 => "SIGABRT",
                9 => "SIGKILL",
                11 => "SIGSEGV",
                13 => "SIGPIPE",
                15 => "SIGTERM",
                other => return format!("ended by signal {other}"),
            };
            format!("ended by {name}")
        }
        (None, None) => "ended without an exit status".to_owned(),
    }
}
