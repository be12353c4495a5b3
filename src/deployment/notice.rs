//! What people elsewhere are notified of, and in which words.

use super::about::{About, News};
use super::alerts;
use super::attempt::End;
use super::clock;
use super::fact::Approval;
use super::measurement::Verdict;
use super::plan::Plan;
use super::poll::Answer;
use super::record::Record;
use crate::checklist::ItemId;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Something worth telling, as one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A word for programs: `clock-held`, `item-regressed`; the kind of the record.
    pub event: &'static str,
    pub text: String,
}

impl Notice {
    /// Whether the ledger's head is shown with it: after what nobody may be able to take back.
    pub fn is_anchor(&self) -> bool {
        ["decided", "aborted", "failed", "rolled-back", "closed", "anchored"].contains(&self.event)
    }
}

/// What a record is reported as; nothing for the most of them.
pub fn notice(plan: &Plan, record: &Record) -> Option<Notice> {
    let by = &record.by;
    let title = |item| plan.item(item).map_or_else(|| item.to_string(), |item| item.title.clone());
    let (event, reported) = match About::of(&record.fact).news? {
        News::ClockStarted { from } => {
            ("clock-started", format!("{by} started the clock at {}", clock::text(from.millis())))
        }
        News::ClockHeld { reason } => ("clock-held", format!("HOLD by {by}: {reason}")),
        News::PollOpened { stations } => {
            ("poll-opened", format!("{by} opened the poll, {stations} roles: go or no-go?"))
        }
        News::OverrideRequested(asked) => {
            let phase = plan.checklist().phase(&asked.phase).map_or(asked.phase.as_str(), |phase| &phase.title);
            (
                "override-requested",
                format!("{by} asks for a second person to open the gate of {phase}: {}", asked.reason),
            )
        }
        News::Signed(signed) => {
            let role = super::roles::title_of(plan, &(signed.group.clone(), signed.role.clone()));
            ("signed", format!("{} signs {role}: {}", signed.name, signed.decision.word().to_uppercase()))
        }
        News::AttemptFinished { item, outcome, .. }
            if outcome.verdict == Verdict::Fail && outcome.end != End::Cancelled =>
        {
            ("step-failed", format!("{} failed: {}", title(item), outcome.detail))
        }
        News::ClockResumed => ("clock-resumed", format!("{by} resumed the clock")),
        News::PollAnswered { station, answer: Answer::NoGo, reason } => {
            ("poll-answered", format!("{station} says NO-GO: {}", reason.unwrap_or_default()))
        }
        News::Decided(decided) => {
            let word = if decided.decision == Approval::Go { "GO" } else { "NO-GO" };
            let reason = if decided.reason.is_empty() { String::new() } else { format!(": {}", decided.reason) };
            ("decided", format!("{word} by {by}{reason}"))
        }
        News::ItemRegressed { item, reason } => {
            ("item-regressed", format!("{} does not hold any more: {reason}", title(item)))
        }
        News::ItemsDue { items, overdue } => {
            let titles: Vec<String> = items.iter().take(3).map(title).collect();
            let more = items.len().saturating_sub(titles.len());
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            ("items-due", format!("{} due, {overdue} overdue: {}{more}", items.len(), titles.join("; ")))
        }
        News::Handover { to, note } => {
            let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
            let note = note.map(|note| format!(": {note}")).unwrap_or_default();
            ("handover", format!("handover by {by}{to}{note}"))
        }
        News::ItemRecovered { item } => ("item-recovered", format!("{} holds again", title(item))),
        News::AttemptLost { item, reason } => {
            ("attempt-lost", format!("what {} did is unknown: {reason}", title(item)))
        }
        News::SeatTakenOver { from, reason } => {
            ("seat-taken-over", format!("{by} took the captain's seat over from {from}: {reason}"))
        }
        News::Aborted { reason } => ("aborted", format!("ABORTED by {by}: {reason}")),
        News::Failed { reason } => ("failed", format!("FAILED, says {by}: {reason}")),
        News::RollbackBegun { reason } => ("rollback-begun", format!("ROLLBACK begun by {by}: {reason}")),
        News::RolledBack(over) if over.unverified.is_empty() => {
            ("rolled-back", "rolled back; the old state is verified".to_owned())
        }
        News::RolledBack(over) => {
            ("rolled-back", format!("rolled back; {} things are not verified", over.unverified.len()))
        }
        News::Anchored(anchored) => ("anchored", format!("anchor of record {}", anchored.head)),
        News::Closed => ("closed", format!("closed by {by}")),
        News::Alert(_) => alerts::notice::words(plan, record)?,
        News::AttemptStarted { .. } | News::AttemptFinished { .. } | News::PollAnswered { .. } => return None,
    };
    let rehearsal = if plan.is_rehearsal() { "[rehearsal] " } else { "" };
    Some(Notice { event, text: format!("{rehearsal}{}: {reported}", plan.checklist().title) })
}

/// The body of a webhook: `text` is what Slack and its like show, `metadata` is for programs.
///
/// `anchor` is the ledger's head at this record, as one line: posted elsewhere it proves later what the ledger was.
pub fn body(notice: &Notice, record: &Record, anchor: &str) -> Value {
    let shown = if notice.is_anchor() { format!("{}\n{anchor}", notice.text) } else { notice.text.clone() };
    let mut body = json!({
        "text": escaped(&shown),
        "metadata": {
            "event_type": format!("gonogo_{}", notice.event.replace('-', "_")),
            "event_payload": {
                "event": notice.event,
                "seq": record.seq.0,
                "at": record.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
                "by": record.by.says,
                "anchor": anchor,
            },
        },
    });
    if let Some(alert) = alerts::notice::payload(record) {
        body["metadata"]["event_payload"]["alert"] = alert;
    }
    body
}

/// The body of a notice that a step of the checklist sends.
pub fn body_of_step(notice: &Notice, item: &ItemId, at: DateTime<Utc>) -> Value {
    json!({
        "text": escaped(&notice.text),
        "metadata": {
            "event_type": format!("gonogo_{}", notice.event.replace('-', "_")),
            "event_payload": {
                "event": notice.event,
                "item": item.as_str(),
                "at": at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            },
        },
    })
}

/// As Slack wants the three characters that would begin a link or a mention.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
