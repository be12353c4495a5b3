//! What on-call is notified of an alert: metric, value, target, since when, and what to press.

use super::fact::AlertFact;
use super::{AlertNumber, Trouble};
use crate::checklist::PaneId;
use crate::checklist::target::Bound;
use crate::deployment::fact::{AlertRaised, Observed};
use crate::deployment::numbers;
use crate::deployment::plan::Plan;
use crate::deployment::record::Record;
use chrono::SecondsFormat;
use serde_json::{Value, json};

/// The event and the words of a record about alerts; nothing for all others.
pub(crate) fn words(plan: &Plan, record: &Record) -> Option<(&'static str, String)> {
    let title = |pane: &PaneId| title(plan, pane);
    let by = &record.by;
    Some(match AlertFact::of(&record.fact)? {
        AlertFact::Raised(AlertRaised { alert, pane, environment, seen }) => {
            ("alert-raised", format!("ALERT {alert} {} ({environment}): {}", title(pane), trouble(*alert, seen)))
        }
        AlertFact::Changed { alert, pane, seen } => {
            ("alert-changed", format!("ALERT {alert} {}: now {}", title(pane), trouble(alert, seen)))
        }
        AlertFact::Cleared { alert, pane, since, sentence, .. } => {
            let text = format!("CLEARED alert {alert} {} at {} UTC: {sentence}", title(pane), numbers::time(since));
            ("alert-cleared", text)
        }
        AlertFact::Acknowledged { alert, pane, note } => {
            let note = note.map(|note| format!(": {note}")).unwrap_or_default();
            ("alert-acknowledged", format!("{by} acknowledged alert {alert} {}{note}", title(pane)))
        }
        AlertFact::Silenced { pane, until, reason } => {
            let what = pane.map_or_else(|| "all metrics".to_owned(), title);
            ("alert-silenced", format!("{by} silenced {what} until {} UTC: {reason}", numbers::date_time(until)))
        }
        AlertFact::SilenceEnded { pane } => {
            let what = pane.map_or_else(|| "all metrics".to_owned(), title);
            ("silence-ended", format!("{by} ended the silence of {what}"))
        }
    })
}

/// The title of a metric, its id where the checklist has it no more.
pub(crate) fn title(plan: &Plan, pane: &PaneId) -> String {
    let known = plan.checklist().panes.iter().find(|known| known.id == *pane);
    known.map_or_else(|| pane.to_string(), |known| known.title.clone())
}

/// `over target 412 ms, target < 200 ms, since 02:13:04 UTC. …`
fn trouble(alert: AlertNumber, seen: &Observed) -> String {
    let why = if seen.verdict == Trouble::OverTarget { String::new() } else { format!(" ({})", seen.sentence) };
    let words = state(seen);
    let since = numbers::time(seen.since);
    format!("{words}{why}, since {since} UTC. Acknowledge: press 7, then K; or `gonogo ack LEDGER {alert} --note …`")
}

/// `over target, 412 ms, target < 200 ms`
pub(crate) fn state(seen: &Observed) -> String {
    let mut parts = vec![seen.verdict.word().to_owned()];
    let bound = seen.target.as_deref().and_then(Bound::of);
    parts.extend(seen.value.map(|value| numbers::quantity_beside(value, &seen.unit, bound)));
    parts.extend(seen.target.as_ref().map(|target| format!("target {target}")));
    parts.join(", ")
}

/// What programs are notified of an alert beside the words.
pub(crate) fn payload(record: &Record) -> Option<Value> {
    let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let seen = |alert: AlertNumber, pane: &PaneId, seen: &Observed| {
        json!({
            "number": alert.0,
            "metric": pane.as_str(),
            "verdict": seen.verdict,
            "value": seen.value,
            "unit": seen.unit,
            "target": seen.target,
            "since": time(seen.since),
            "sentence": seen.sentence,
        })
    };
    Some(match AlertFact::of(&record.fact)? {
        AlertFact::Raised(raised) => {
            let mut payload = seen(raised.alert, &raised.pane, &raised.seen);
            payload["environment"] = raised.environment.as_str().into();
            payload
        }
        AlertFact::Changed { alert, pane, seen: now } => seen(alert, pane, now),
        AlertFact::Cleared { alert, pane, since, value, sentence } => json!({
            "number": alert.0,
            "metric": pane.as_str(),
            "value": value,
            "cleared": time(since),
            "sentence": sentence,
        }),
        AlertFact::Acknowledged { alert, pane, note } => {
            json!({ "number": alert.0, "metric": pane.as_str(), "note": note })
        }
        AlertFact::Silenced { pane, until, reason } => {
            json!({ "metric": pane.map(PaneId::as_str), "until": time(until), "reason": reason })
        }
        AlertFact::SilenceEnded { pane } => json!({ "metric": pane.map(PaneId::as_str) }),
    })
}
