//! Saying that something was seen: an alert, a breach, somebody who could not be reported; and silencing a metric.

use super::{forms, moves};
use crate::checklist::offset::Span;
use crate::cockpit::alerts::Entry;
use crate::cockpit::dialog::Purpose;
use crate::cockpit::effect::Effect;
use crate::cockpit::form::{Field, Form};
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::screens::Screen;
use crate::cockpit::sentence::sentence;
use crate::deployment::Intent;
use crate::deployment::alerts::notice::{self, title};
use crate::deployment::alerts::{AlertNumber, Standing};
use crate::deployment::numbers;
use chrono::{SubsecRound as _, TimeDelta};

/// The alert in hand or the worst one; where none asks for it, the oldest record that does.
pub(super) fn acknowledge(model: &mut Model) {
    let in_hand = match model.alert_entry().filter(|_| model.screen == Screen::Alerts) {
        Some(Entry::Alert(Standing::Cleared, number)) => {
            model.say(Tone::Plain, format!("alert {number} is over and needs no acknowledgement"));
            return;
        }
        Some(Entry::Alert(_, number)) => Some(number),
        Some(Entry::Silence(_)) | None => None,
    };
    if let Some(number) = in_hand.or_else(|| model.summary.alerts.asking.first().copied()) {
        alert(model, number);
        return;
    }
    let waiting: Vec<_> = model.unseen_alerts().collect();
    let Some(first) = waiting.first().copied() else {
        model.say(Tone::Plain, "Nothing to acknowledge");
        return;
    };
    let mut intro = Vec::new();
    if let Some(record) = model.record(first) {
        intro.push(sentence(&model.plan, record).text);
        intro.push(format!("{} by {}, {} UTC", record.seq, record.by, record.at.format("%Y-%m-%d %H:%M")));
    }
    if waiting.len() > 1 {
        intro.push(format!("{} more wait after it.", waiting.len() - 1));
    }
    let form = Form::new("Acknowledge", "I have seen it", vec![Field::lines("note", "", "optional")]);
    forms::open(model, Purpose::Acknowledge(first), form.with_intro(intro));
}

fn alert(model: &mut Model, number: AlertNumber) {
    let Some(alert) = model.state.alerts.alert(number) else { return };
    let name = title(&model.plan, &alert.pane);
    let mut intro = vec![
        format!("{name} ({}): {}", alert.environment, notice::state(&alert.seen)),
        format!("since {} UTC; {}", numbers::date_time(alert.since()), alert.seen.sentence),
    ];
    if let Some((stamp, _)) = alert.acknowledged() {
        intro.push(format!("Acknowledged by {} at {} UTC; a note is added.", stamp.by.says, numbers::time(stamp.at)));
    }
    let fields = vec![Field::lines("note", "", "optional: what you know, or do about it")];
    let form = Form::new(format!("Acknowledge alert {number}"), "Acknowledge", fields);
    forms::open(model, Purpose::AcknowledgeAlert(number), form.with_intro(intro));
}

const SCOPES: [&str; 2] = ["this metric", "all metrics"];

/// Silences the metric in hand, or all of them.
pub(super) fn silence(model: &mut Model) {
    let Some(pane) = model.metric_in_hand().or_else(|| model.panes.first().map(|view| view.pane.id.clone())) else {
        model.say(Tone::Plain, "no metrics are watched here, so there is nothing to silence");
        return;
    };
    let fields = vec![
        Field::text("for", "2h", "30m, 2h, 1d; 7d at most"),
        Field::lines("reason", "", "why nobody needs to be notified"),
        Field::choice("what", &SCOPES, 0),
    ];
    let intro =
        vec![format!("{}: alerts are still recorded and shown; nobody is notified.", title(&model.plan, &pane))];
    let form = Form::new("Silence alerts", "Silence", fields).with_intro(intro);
    forms::open(model, Purpose::Silence(pane), form);
}

/// The intent of a filled form, or the field that is wrong and why.
pub(super) fn silencing(model: &Model, form: &Form, pane: crate::checklist::PaneId) -> Result<Intent, (usize, String)> {
    let span = Span::parse(form.text(0).trim()).map_err(|why| (0, why.to_string()))?;
    let span = TimeDelta::from_std(span.duration()).ok();
    let until = span.and_then(|span| model.now.trunc_subsecs(3).checked_add_signed(span));
    let until = until.ok_or_else(|| (0, "too long; write a time such as 30m or 2h".to_owned()))?;
    let pane = (form.choice(2) == 0).then_some(pane);
    Ok(Intent::SilenceAlerts { pane, until, reason: form.text(1).trim().to_owned() })
}

/// Does what a key asks for on the alerts screen, where it means something there.
pub(super) fn open_chart(model: &mut Model) {
    let Some(pane) = model.metric_in_hand() else {
        model.say(Tone::Plain, "no alert here to open");
        return;
    };
    if !model.panes.iter().any(|view| view.pane.id == pane) {
        model.say(Tone::Plain, format!("the checklist does not define {pane} any more, so it has no chart"));
        return;
    }
    moves::show(model, Screen::Panes);
    model.charts.opened = Some(pane);
    model.charts.cursor_ms = None;
    model.settle();
}

/// Ends the silence in hand.
pub(super) fn end_silence(model: &mut Model) -> Vec<Effect> {
    let Some(Entry::Silence(at)) = model.alert_entry() else {
        model.say(Tone::Plain, "nothing to undo here; on a silence this key ends it");
        return Vec::new();
    };
    let Some(pane) = model.silence_at(at).map(|silence| silence.pane.clone()) else { return Vec::new() };
    let ticket = model.ticket();
    vec![Effect::AppendRecord { ticket, intent: Intent::EndSilence { pane }, simulated: None }]
}
