//! What is in Grafana's charts of a deployment: when it began, what changed something, holds, rollbacks, endings,
//! and alerts.

use super::events;
use super::fact::{AlertRaised, Approval, Fact};
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
#[must_use]
pub fn annotation(plan: &Plan, record: &Record) -> Option<Annotation> {
    let by = &record.by;
    let mut began: Option<DateTime<Utc>> = None;
    let mut more: Vec<String> = Vec::new();
    let (tag, text) = match &record.fact {
        Fact::ClockStarted { from, .. } => ("start", format!("clock started at {from} by {by}")),
        Fact::ClockHeld { reason } => ("hold", format!("HOLD by {by}: {reason}")),
        Fact::ClockResumed { .. } => ("hold", format!("clock resumed by {by}")),
        // Reported when it is over, with the time it lasted.
        Fact::AttemptFinished { environment, item, outcome, .. } => {
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
        Fact::Decided(decided) => {
            let word = if decided.decision == Approval::Go { "GO" } else { "NO-GO" };
            ("end", format!("{word} by {by}"))
        }
        Fact::Aborted { reason } => ("end", format!("aborted by {by}: {reason}")),
        Fact::Failed { reason } => ("end", format!("failed, recorded by {by}: {reason}")),
        Fact::Closed { .. } => ("end", format!("closed by {by}")),
        Fact::RollbackBegun { reason } => ("rollback", format!("rollback started by {by}: {reason}")),
        Fact::RolledBack(_) => ("rollback", "rolled back".to_owned()),
        // What is expected would only cover the stop that it comes of.
        Fact::AlertRaised(AlertRaised { alert, pane, environment, seen }) if seen.expected.is_none() => {
            began = Some(seen.since);
            more.extend([environment.to_string(), pane.to_string()]);
            ("alert", format!("alert {alert} {}: {}", seen.verdict.word(), seen.sentence))
        }
        Fact::AlertChanged { alert, pane, seen } if seen.expected.is_none() => {
            more.push(pane.to_string());
            ("alert", format!("alert {alert} {}: {}", seen.verdict.word(), seen.sentence))
        }
        Fact::AlertCleared { alert, pane, sentence, .. } => {
            more.extend([pane.to_string(), "cleared".to_owned()]);
            ("alert", format!("alert {alert} cleared: {sentence}"))
        }
        Fact::LedgerOpened(_)
        | Fact::ChecklistAmended(_)
        | Fact::EnvironmentReached { .. }
        | Fact::ItemChecked { .. }
        | Fact::ItemUnchecked { .. }
        | Fact::ItemWaived { .. }
        | Fact::WaiverWithdrawn { .. }
        | Fact::ValueFilled { .. }
        | Fact::ItemEvaluated { .. }
        | Fact::CommandArmed { .. }
        | Fact::CommandDisarmed { .. }
        | Fact::AttemptStarted { .. }
        | Fact::AttemptLost { .. }
        | Fact::AttemptResolved { .. }
        | Fact::CancelRequested { .. }
        | Fact::BlockerCancelled { .. }
        | Fact::MigrationPreflighted(_)
        | Fact::NoteAdded { .. }
        | Fact::IssueOpened { .. }
        | Fact::IssueUpdated { .. }
        | Fact::LessonAdded { .. }
        | Fact::Signed(_)
        | Fact::SignoffWithdrawn { .. }
        | Fact::SignersRecorded(_)
        | Fact::Anchored(_)
        | Fact::DecisionReopened { .. }
        | Fact::SeatTaken { .. }
        | Fact::SeatHandedOver { .. }
        | Fact::SeatTakenOver { .. }
        | Fact::SeatLeft { .. }
        | Fact::SeatFoundEmpty { .. }
        | Fact::WindowPlanned { .. }
        | Fact::ClockPaced { .. }
        | Fact::EstimatesAdopted(_)
        | Fact::RoleAssigned { .. }
        | Fact::RoleReleased { .. }
        | Fact::OverrideRequested(_)
        | Fact::OverrideConfirmed { .. }
        | Fact::PollOpened { .. }
        | Fact::PollAnswered { .. }
        | Fact::ItemRegressed { .. }
        | Fact::ItemRecovered { .. }
        | Fact::Acknowledged { .. }
        | Fact::AlertRaised(_)
        | Fact::AlertChanged { .. }
        | Fact::AlertAcknowledged { .. }
        | Fact::AlertSilenced { .. }
        | Fact::SilenceEnded { .. }
        | Fact::ItemsDue { .. }
        | Fact::HandoverRecorded { .. }
        | Fact::NotificationFailed { .. }
        | Fact::LedgerRepaired { .. } => return None,
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
