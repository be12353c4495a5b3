//! What is in Grafana's charts of a deployment: when it began, what changed something, holds, rollbacks, endings,
//! and alerts.

use super::about::{About, News};
use super::alerts::fact::AlertFact;
use super::events;
use super::fact::{AlertRaised, Approval};
use super::measurement::Verdict;
use super::plan::Plan;
use super::record::Record;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// As `POST /api/annotations` takes it: times in milliseconds, with an end where it lasted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotation {
    pub time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_end: Option<i64>,
    pub tags: Vec<String>,
    pub text: String,
}

/// What a record is annotated with; nothing for the most of them.
pub fn annotation(plan: &Plan, record: &Record) -> Option<Annotation> {
    let by = &record.by;
    let mut began: Option<DateTime<Utc>> = None;
    let mut more: Vec<String> = Vec::new();
    let (tag, text) = match About::of(&record.fact).news? {
        News::ClockStarted { from } => ("start", format!("clock started at {from} by {by}")),
        News::ClockHeld { reason } => ("hold", format!("HOLD by {by}: {reason}")),
        News::ClockResumed => ("hold", format!("clock resumed by {by}")),
        // Reported when it is over, with the time it lasted.
        News::AttemptFinished { environment, item, outcome } => {
            let item = plan.item(item)?;
            let (kind, _) = events::changes(plan, item)?;
            let took = i64::try_from(outcome.took_ms).ok().and_then(TimeDelta::try_milliseconds)?;
            began = record.at.checked_sub_signed(took);
            more.push(environment.to_string());
            if outcome.verdict == Verdict::Fail {
                more.push("failed".to_owned());
            }
            let tag = if kind == events::Kind::Migration { "migration" } else { "release" };
            (tag, format!("{}: {}", item.title, outcome.verdict.word()))
        }
        News::Decided(decided) => {
            let word = if decided.decision == Approval::Go { "GO" } else { "NO-GO" };
            ("end", format!("{word} by {by}"))
        }
        News::Aborted { reason } => ("end", format!("aborted by {by}: {reason}")),
        News::Failed { reason } => ("end", format!("failed, recorded by {by}: {reason}")),
        News::Closed => ("end", format!("closed by {by}")),
        News::RollbackBegun { reason } => ("rollback", format!("rollback started by {by}: {reason}")),
        News::RolledBack(_) => ("rollback", "rolled back".to_owned()),
        // What is expected would only cover the stop that it comes of.
        News::Alert(AlertFact::Raised(AlertRaised { alert, pane, environment, seen })) if seen.expected.is_none() => {
            began = Some(seen.since);
            more.extend([environment.to_string(), pane.to_string()]);
            ("alert", format!("alert {alert} {}: {}", seen.verdict.word(), seen.sentence))
        }
        News::Alert(AlertFact::Changed { alert, pane, seen }) if seen.expected.is_none() => {
            more.push(pane.to_string());
            ("alert", format!("alert {alert} {}: {}", seen.verdict.word(), seen.sentence))
        }
        News::Alert(AlertFact::Cleared { alert, pane, sentence, .. }) => {
            more.extend([pane.to_string(), "cleared".to_owned()]);
            ("alert", format!("alert {alert} cleared: {sentence}"))
        }
        News::Alert(
            AlertFact::Raised(_)
            | AlertFact::Changed { .. }
            | AlertFact::Acknowledged { .. }
            | AlertFact::Silenced { .. }
            | AlertFact::SilenceEnded { .. },
        )
        | News::AttemptStarted { .. }
        | News::AttemptLost { .. }
        | News::ItemRegressed { .. }
        | News::ItemRecovered { .. }
        | News::ItemsDue { .. }
        | News::PollOpened { .. }
        | News::PollAnswered { .. }
        | News::OverrideRequested(_)
        | News::Signed(_)
        | News::SeatTakenOver { .. }
        | News::Handover { .. }
        | News::Anchored(_) => return None,
    };
    let mut tags = vec!["gonogo".to_owned(), tag.to_owned()];
    tags.append(&mut more);
    if plan.is_rehearsal() {
        tags.push("rehearsal".to_owned());
    }
    let at = record.at.timestamp_millis();
    let (time, time_end) = began.map_or((at, None), |began| (began.timestamp_millis(), Some(at)));
    Some(Annotation { time, time_end, tags, text: format!("{}: {text}", plan.checklist().title) })
}
